import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        # Exclusion constraints compare plain columns beside ranges.
        BtreeGistExtension(),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='user name')),
                ('full_name', models.CharField(max_length=120, verbose_name='name')),
                ('email', models.EmailField(max_length=254, verbose_name='mail address')),
                ('language', models.CharField(choices=[('zh-hans', '简体中文'), ('en', 'English')], default='zh-hans', max_length=10, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('must_change_password', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['username'],
                'constraints': [models.CheckConstraint(condition=models.Q(('username', django.db.models.functions.text.Lower('username'))), name='user_name_lower_case'), models.CheckConstraint(condition=models.Q(('language__in', ['zh-hans', 'en'])), name='user_language_known')],
            },
        ),
        migrations.CreateModel(
            name='PasswordUsed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passwords_used', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('address', models.GenericIPAddressField(null=True)),
                ('device', models.CharField(default='', max_length=200)),
                ('begun', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=2, unique=True)),
                ('name_en', models.CharField(max_length=120)),
                ('name_zh', models.CharField(max_length=120)),
                ('activated_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9]{2}$')), name='site_code_two_digits')],
            },
        ),
        migrations.CreateModel(
            name='RoleHeld',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('COORDINATOR', 'Site coordinator'), ('INVESTIGATOR', 'Investigator'), ('MONITOR', 'Monitor'), ('INSPECTOR', 'Inspector'), ('DATA_MANAGER', 'Trial administrator (data manager)'), ('SYSTEM_ADMINISTRATOR', 'System administrator')], max_length=20)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='accounts.site')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('role__in', ['COORDINATOR', 'INVESTIGATOR', 'MONITOR', 'INSPECTOR', 'DATA_MANAGER', 'SYSTEM_ADMINISTRATOR'])), name='role_known'),
                    models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='role_ends_after_start'),
                    models.CheckConstraint(condition=models.Q(('site__isnull', False), models.Q(('role__in', ['COORDINATOR', 'INVESTIGATOR']), _negated=True), _connector='OR'), name='site_staff_belong_to_a_site'),
                    models.CheckConstraint(condition=models.Q(('site__isnull', True), models.Q(('role', 'SYSTEM_ADMINISTRATOR'), _negated=True), _connector='OR'), name='system_administrator_has_no_site'),
                    django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('user', '='), ('role', '='), (django.db.models.functions.comparison.Coalesce('site', models.Value(0, models.BigIntegerField())), '='), (models.Func(models.F('starts_on'), models.F('ends_on'), django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True), function='DATERANGE', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='role_held_once_at_a_time'),
                    django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('user', '='), (django.db.models.functions.comparison.Cast(models.Case(models.When(role='SYSTEM_ADMINISTRATOR', then=models.Value(1)), default=models.Value(0)), models.IntegerField()), '<>'), (models.Func(models.F('starts_on'), models.F('ends_on'), django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True), function='DATERANGE', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='administrator_or_trial_never_both'),
                ],
                'ordering': ['user_id', 'starts_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AccessReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reviewed_at', models.DateTimeField()),
                ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_reviews', to='accounts.site')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('spent_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
                ('spent_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('person', 'code'), name='recovery_code_once'), models.CheckConstraint(condition=models.Q(models.Q(('spent_at', None), ('spent_by', None)), models.Q(('spent_at__isnull', False), ('spent_by__isnull', False)), _connector='OR'), name='recovery_code_spent_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='AccessReviewLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('CONFIRMED', 'to be kept'), ('TO_END', 'to be ended')], max_length=9)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='accounts.accessreview')),
                ('held', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='review_lines', to='accounts.roleheld')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('review', 'held'), name='role_reviewed_once_a_review'), models.CheckConstraint(condition=models.Q(('verdict__in', ['CONFIRMED', 'TO_END'])), name='verdict_known'), models.CheckConstraint(condition=models.Q(('verdict', 'CONFIRMED'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='ending_is_asked_with_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('TOTP', 'authenticator app'), ('PASSKEY', 'passkey')], max_length=7)),
                ('name', models.CharField(max_length=60)),
                ('secret', models.CharField(blank=True, default='', max_length=255)),
                ('last_step', models.BigIntegerField(default=0)),
                ('credential_id', models.BinaryField(null=True, unique=True)),
                ('public_key', models.BinaryField(null=True)),
                ('uses', models.BigIntegerField(default=0)),
                ('added_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='second_factors', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('credential_id', None), ('kind', 'TOTP'), ('public_key', None), models.Q(('secret', ''), _negated=True)), models.Q(('credential_id__isnull', False), ('kind', 'PASSKEY'), ('public_key__isnull', False), ('secret', '')), _connector='OR'), name='second_factor_has_its_secret'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='second_factor_ended_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='SignInEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('SIGNED_IN', 'signed in'), ('FAILED', 'sign-in failed'), ('REFUSED', 'sign-in tried while locked'), ('LOCKED', 'account locked'), ('ADDRESS_LOCKED', 'address locked'), ('UNLOCKED', 'account unlocked'), ('ADDRESS_UNLOCKED', 'address unlocked'), ('SIGNED_OUT', 'signed out'), ('SESSION_ENDED', 'session ended from elsewhere'), ('CONFIRMED', 'identity confirmed'), ('PASSWORD_CHANGED', 'password changed'), ('PASSWORD_GIVEN', 'new first password given'), ('FACTOR_ADDED', 'second factor added'), ('FACTOR_REMOVED', 'second factor removed'), ('CODES_MADE', 'recovery codes made'), ('CODE_USED', 'recovery code used')], max_length=16)),
                ('at', models.DateTimeField()),
                ('name_key', models.CharField(blank=True, default='', max_length=64)),
                ('address', models.GenericIPAddressField(blank=True, null=True)),
                ('device', models.CharField(blank=True, default='', max_length=200)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_in_events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['name_key', 'id'], name='sign_ins_by_name'), models.Index(fields=['address', 'id'], name='sign_ins_by_address'), models.Index(fields=['person', 'id'], name='sign_ins_by_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['SIGNED_IN', 'FAILED', 'REFUSED', 'LOCKED', 'ADDRESS_LOCKED', 'UNLOCKED', 'ADDRESS_UNLOCKED', 'SIGNED_OUT', 'SESSION_ENDED', 'CONFIRMED', 'PASSWORD_CHANGED', 'PASSWORD_GIVEN', 'FACTOR_ADDED', 'FACTOR_REMOVED', 'CODES_MADE', 'CODE_USED'])), name='sign_in_event_known')],
            },
        ),
    ]
