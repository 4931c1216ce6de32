import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_schema'),
        ('participants', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=8)),
                ('uploaded_at', models.DateTimeField()),
                ('uploaded_as', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=32, unique=True)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('kind', models.CharField(max_length=4)),
                ('encoding', models.CharField(blank=True, default='', max_length=10)),
                ('delimiter', models.CharField(blank=True, default='', max_length=1)),
                ('headings', models.JSONField()),
                ('rows', models.PositiveIntegerField()),
                ('mapping', models.JSONField(null=True)),
                ('mapping_name', models.CharField(blank=True, default='', max_length=80)),
                ('status', models.CharField(default='MAPPING', max_length=9)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('asked', models.JSONField(blank=True, default=dict)),
                ('result_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('data_as_of', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('words', models.JSONField(blank=True, default=dict)),
                ('ordered_at', models.DateTimeField(null=True)),
                ('ordered_as', models.CharField(blank=True, default='', max_length=20)),
                ('finished_at', models.DateTimeField(null=True)),
                ('changed_row', models.PositiveIntegerField(null=True)),
                ('failure', models.CharField(blank=True, default='', max_length=8)),
                ('failure_detail', models.CharField(blank=True, default='', max_length=500)),
                ('file_removed', models.BooleanField(default=False)),
                ('finished_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ordered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='accounts.site')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__in', ['MAPPING', 'QUEUED', 'CHECKING', 'CHECKED', 'ORDERED', 'RUNNING', 'OUTDATED', 'DONE', 'FAILED', 'CANCELLED'])), name='import_status_known'),
                    models.CheckConstraint(condition=models.Q(('key__regex', '^[0-9a-f]{32}$')), name='import_key_form'),
                    models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='import_file_hash'),
                    models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('status__in', ['DONE', 'FAILED', 'CANCELLED'])), models.Q(models.Q(('status__in', ['DONE', 'FAILED', 'CANCELLED']), _negated=True), ('finished_at__isnull', True)), _connector='OR'), name='import_ended_at_some_time'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['ORDERED', 'RUNNING', 'DONE']), _negated=True), models.Q(('ordered_by__isnull', False), ('result_sha256__regex', '^[0-9a-f]{64}$'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='import_ordered_by_somebody_for_a_reason'),
                    models.CheckConstraint(condition=models.Q(models.Q(('failure__in', ['FILE', 'RIGHTS', 'ATTEMPTS']), ('status', 'FAILED')), models.Q(models.Q(('status', 'FAILED'), _negated=True), ('failure', '')), _connector='OR'), name='import_failed_for_a_reason'),
                ],
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ImportProgress',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='progress', serialize=False, to='imports.importjob')),
                ('touched', models.DateTimeField()),
                ('rows_done', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('outcome', models.CharField(max_length=7)),
                ('visit', models.CharField(blank=True, default='', max_length=10)),
                ('occurrence', models.PositiveSmallIntegerField(default=1)),
                ('begins_visit', models.BooleanField(default=False)),
                ('repeat', models.PositiveSmallIntegerField(default=1)),
                ('revision', models.PositiveIntegerField(null=True)),
                ('submits', models.BooleanField(default=False)),
                ('changes', models.JSONField(blank=True, default=list)),
                ('findings', models.JSONField(blank=True, default=list)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='imports.importjob')),
                ('participant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['job', 'outcome', 'number'], name='import_rows_by_outcome'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('job', 'number'), name='import_row_once'),
                    models.CheckConstraint(condition=models.Q(('outcome__in', ['NEW', 'CHANGED', 'SAME', 'REFUSED'])), name='import_row_outcome_known'),
                ],
                'ordering': ['job_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='SavedMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=8)),
                ('name', models.CharField(max_length=80)),
                ('fingerprint', models.CharField(max_length=64)),
                ('mapping', models.JSONField()),
                ('saved_at', models.DateTimeField()),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.site')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='import_mapping_has_a_name'),
                    models.CheckConstraint(condition=models.Q(('fingerprint__regex', '^[0-9a-f]{64}$')), name='import_mapping_fingerprint'),
                ],
                'ordering': ['-id'],
            },
        ),
    ]
