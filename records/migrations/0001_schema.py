import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TrailCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('seals', models.PositiveBigIntegerField()),
                ('entries', models.PositiveBigIntegerField()),
                ('unsealed', models.PositiveBigIntegerField()),
                ('broken', models.TextField()),
                ('database_ahead', models.DurationField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ('after_id', models.BigIntegerField(unique=True)),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField(unique=True)),
                ('count', models.PositiveIntegerField()),
                ('leaves', models.BinaryField()),
                ('digest', models.CharField(max_length=64)),
                ('previous_mac', models.CharField(max_length=64, unique=True)),
                ('sealed_at', models.DateTimeField()),
                ('key', models.CharField(max_length=16)),
                ('mac', models.CharField(max_length=64, unique=True)),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.CheckConstraint(condition=models.Q(('after_id__lt', models.F('first_id')), ('count__gte', 1), ('number__gte', 1), ('first_id__lte', models.F('last_id'))), name='seal_covers_something')],
            },
        ),
        migrations.CreateModel(
            name='TrailEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('transaction', models.BigIntegerField()),
                ('relation', models.CharField(max_length=63)),
                ('record_id', models.CharField(max_length=40)),
                ('operation', models.CharField(max_length=6)),
                ('changes', models.JSONField()),
                ('participant_id', models.BigIntegerField(null=True)),
                ('person_id', models.BigIntegerField(null=True)),
                ('role', models.CharField(max_length=20)),
                ('site_id', models.BigIntegerField(null=True)),
                ('reason', models.TextField()),
                ('request', models.CharField(max_length=32)),
                ('database_user', models.CharField(max_length=63)),
            ],
            options={
                'indexes': [models.Index(fields=['relation', 'record_id', 'id'], name='trail_of_a_record'), models.Index(fields=['participant_id', 'id'], name='trail_of_a_participant'), models.Index(fields=['relation', 'id'], name='trail_of_a_table'), models.Index(fields=['person_id', 'id'], name='trail_of_a_person'), models.Index(fields=['at'], name='trail_by_time')],
            },
        ),
        migrations.CreateModel(
            name='TrialClock',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('TRIAL', 'Trial'), ('DEMO', 'Demo'), ('TEST', 'Test')], default='TRIAL', max_length=5)),
                ('ahead', models.DurationField(default=datetime.timedelta(0))),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_clock'), models.CheckConstraint(condition=models.Q(('kind__in', ['TRIAL', 'DEMO', 'TEST'])), name='clock_kind_known'), models.CheckConstraint(condition=models.Q(('ahead', datetime.timedelta(0)), ('kind__in', ['DEMO', 'TEST']), _connector='OR'), name='trial_clock_never_moves')],
            },
        ),
        migrations.CreateModel(
            name='StudySetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60)),
                ('version', models.PositiveIntegerField()),
                ('value', models.JSONField()),
                ('effective_from', models.DateField()),
                ('reason', models.TextField()),
                ('set_at', models.DateTimeField()),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['key', 'version'],
                'constraints': [models.UniqueConstraint(fields=('key', 'version'), name='study_setting_version_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='study_setting_has_a_reason')],
            },
        ),
    ]
