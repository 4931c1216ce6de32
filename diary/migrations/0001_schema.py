import diary.workflow
import django.contrib.postgres.fields
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('participants', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given', models.BooleanField()),
                ('signed_on', models.DateField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_consents', to='participants.participant')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ContactDetails',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ciphertext', models.TextField()),
                ('kept_at', models.DateTimeField()),
                ('kept_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
        ),
        migrations.CreateModel(
            name='DiaryLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('device_hash', models.CharField(max_length=64, null=True, unique=True)),
                ('call', models.CharField(max_length=40)),
                ('handed_out_at', models.DateTimeField()),
                ('expires', models.DateTimeField()),
                ('opened', models.DateTimeField(null=True)),
                ('last_used', models.DateTimeField(null=True)),
                ('wrong_years', models.PositiveSmallIntegerField(default=0)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_why', models.CharField(blank=True, default='', max_length=200)),
                ('handed_out_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='diary_links', to='participants.participant')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('participant',), name='diary_link_one_in_force'),
                    models.CheckConstraint(condition=models.Q(('expires__gt', models.F('handed_out_at'))), name='diary_link_expires_later'),
                    models.CheckConstraint(condition=models.Q(models.Q(('device_hash', None), ('opened', None)), models.Q(('device_hash__isnull', False), ('opened__isnull', False)), _connector='OR'), name='diary_link_opened_on_a_phone'),
                    models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None), ('revoked_why', '')), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False), models.Q(('revoked_why', ''), _negated=True)), _connector='OR'), name='diary_link_revoked_by_somebody'),
                    models.CheckConstraint(condition=models.Q(('call', ''), _negated=True), name='diary_link_has_a_number_to_call'),
                ],
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='DiaryKnock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tried', models.DateTimeField()),
                ('origin', models.CharField(max_length=64)),
                ('outcome', models.CharField(max_length=10)),
                ('link', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='knocks', to='diary.diarylink')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['origin', 'tried'], name='diary_knocks_of_an_origin'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('outcome__in', ['OPENED', 'WRONG_YEAR', 'UNKNOWN', 'ENDED', 'TAKEN'])), name='diary_knock_outcome_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('link', None), ('outcome', 'UNKNOWN')), models.Q(('link__isnull', False), models.Q(('outcome', 'UNKNOWN'), _negated=True)), _connector='OR'), name='diary_knock_at_a_link'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='DiaryEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('stated', models.DateTimeField()),
                ('typed', models.DateTimeField()),
                ('received', models.DateTimeField()),
                ('sym_fatigue', models.PositiveSmallIntegerField(null=True)),
                ('sym_pain', models.PositiveSmallIntegerField(null=True)),
                ('sym_fever', models.PositiveSmallIntegerField(null=True)),
                ('sym_nausea', models.PositiveSmallIntegerField(null=True)),
                ('sym_vomiting', models.PositiveSmallIntegerField(null=True)),
                ('sym_appetite', models.PositiveSmallIntegerField(null=True)),
                ('sym_jaundice', models.PositiveSmallIntegerField(null=True)),
                ('sym_itching', models.PositiveSmallIntegerField(null=True)),
                ('sym_diarrhoea', models.PositiveSmallIntegerField(null=True)),
                ('sym_numbness', models.PositiveSmallIntegerField(null=True)),
                ('temperature', models.DecimalField(decimal_places=1, max_digits=3, null=True)),
                ('test', models.CharField(blank=True, default='', max_length=16)),
                ('test_words', models.CharField(blank=True, default='', max_length=100)),
                ('value', models.CharField(blank=True, default='', max_length=100)),
                ('unit', models.CharField(blank=True, default='', max_length=20)),
                ('note', models.TextField(blank=True, default='', max_length=1000)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='diary_entries', to='participants.participant')),
                ('photo', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.storedfile')),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='diary.diaryentry')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='diary.diarylink')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['participant', 'received'], name='diary_entries_received'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('sym_fatigue', None), ('sym_fatigue__lte', 10), _connector='OR'), name='diary_sym_fatigue_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_pain', None), ('sym_pain__lte', 10), _connector='OR'), name='diary_sym_pain_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_fever', None), ('sym_fever__lte', 10), _connector='OR'), name='diary_sym_fever_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_nausea', None), ('sym_nausea__lte', 10), _connector='OR'), name='diary_sym_nausea_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_vomiting', None), ('sym_vomiting__lte', 10), _connector='OR'), name='diary_sym_vomiting_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_appetite', None), ('sym_appetite__lte', 10), _connector='OR'), name='diary_sym_appetite_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_jaundice', None), ('sym_jaundice__lte', 10), _connector='OR'), name='diary_sym_jaundice_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_itching', None), ('sym_itching__lte', 10), _connector='OR'), name='diary_sym_itching_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_diarrhoea', None), ('sym_diarrhoea__lte', 10), _connector='OR'), name='diary_sym_diarrhoea_to_ten'),
                    models.CheckConstraint(condition=models.Q(('sym_numbness', None), ('sym_numbness__lte', 10), _connector='OR'), name='diary_sym_numbness_to_ten'),
                    models.CheckConstraint(condition=models.Q(('temperature', None), models.Q(('temperature__gte', Decimal('34')), ('temperature__lte', Decimal('43'))), _connector='OR'), name='diary_temperature_possible'),
                    models.CheckConstraint(condition=models.Q(('test', ''), ('test__in', ('CBC', 'LIVER', 'KIDNEY', 'COAG', 'AFP', 'PIVKA', 'HBVDNA', 'IMAGING', 'OTHER')), _connector='OR'), name='diary_test_known'),
                    models.CheckConstraint(condition=models.Q(('note', ''), ('photo', None), ('sym_appetite', None), ('sym_diarrhoea', None), ('sym_fatigue', None), ('sym_fever', None), ('sym_itching', None), ('sym_jaundice', None), ('sym_nausea', None), ('sym_numbness', None), ('sym_pain', None), ('sym_vomiting', None), ('temperature', None), ('test', ''), _negated=True), name='diary_entry_says_something'),
                ],
                'ordering': ['-stated', '-id'],
            },
        ),
        migrations.CreateModel(
            name='DiaryTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ('raised', models.DateTimeField()),
                ('state', models.CharField(default=diary.workflow.DiaryTaskState['OPEN'], max_length=4)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='task', to='diary.diaryentry')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='diary_tasks', to='participants.participant')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['state'], name='diary_tasks_by_state'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'SEEN', 'DONE'])), name='diary_task_state_known'),
                ],
                'ordering': ['raised', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DiaryTaskStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=4)),
                ('at', models.DateTimeField()),
                ('done', models.CharField(blank=True, default='', max_length=1000)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='diary.diarytask')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('by', None), ('done', ''), ('state', 'OPEN')), models.Q(('by__isnull', False), ('done', ''), ('state', 'SEEN')), models.Q(('by__isnull', False), ('state', 'DONE'), models.Q(('done', ''), _negated=True)), _connector='OR'), name='diary_task_step_by_somebody'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='EntryRemark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=7)),
                ('comment', models.CharField(blank=True, default='', max_length=1000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remarks', to='diary.diaryentry')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('comment', ''), ('kind', 'SEEN')), models.Q(('kind', 'COMMENT'), models.Q(('comment', ''), _negated=True)), _connector='OR'), name='diary_remark_says_something'),
                    models.UniqueConstraint(condition=models.Q(('kind', 'SEEN')), fields=('entry', 'by'), name='diary_entry_seen_once'),
                ],
                'ordering': ['id'],
            },
        ),
    ]
