import django.contrib.postgres.fields
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
            name='ExportJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requested_at', models.DateTimeField()),
                ('requested_as', models.CharField(max_length=20)),
                ('scope', models.CharField(choices=[('ALL', 'All'), ('SITES', 'Sites')], max_length=5)),
                ('site_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('historical', models.BooleanField(default=False)),
                ('content', models.CharField(choices=[('DATA', 'Data'), ('TRAIL', 'Trail'), ('COPY', 'Copy')], default='DATA', max_length=5)),
                ('filters', models.JSONField(blank=True, default=dict)),
                ('asked', models.JSONField(blank=True, default=dict)),
                ('kept_days', models.PositiveSmallIntegerField(default=30)),
                ('status', models.CharField(default='QUEUED', max_length=9)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('data_as_of', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('rows', models.PositiveBigIntegerField(null=True)),
                ('size', models.PositiveBigIntegerField(null=True)),
                ('sha256', models.CharField(blank=True, default='', max_length=64)),
                ('file_name', models.CharField(blank=True, default='', max_length=80)),
                ('failure', models.CharField(blank=True, default='', max_length=8)),
                ('failure_detail', models.CharField(blank=True, default='', max_length=500)),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('scope', 'ALL'), ('site_ids', [])), models.Q(('scope', 'SITES'), models.Q(('site_ids', []), _negated=True)), _connector='OR'), name='export_scope_is_all_or_names_sites'),
                    models.CheckConstraint(condition=models.Q(('content', 'TRAIL'), models.Q(('content__in', ['DATA', 'COPY']), ('filters', {})), _connector='OR'), name='export_filters_the_trail'),
                    models.CheckConstraint(condition=models.Q(('kept_days__gte', 1), ('kept_days__lte', 366)), name='export_kept_a_while'),
                    models.CheckConstraint(condition=models.Q(('removed_at', None), models.Q(('status', 'DONE'), models.Q(('content', 'COPY'), _negated=True)), _connector='OR'), name='export_removed_once_written'),
                    models.CheckConstraint(condition=models.Q(models.Q(('content', 'COPY'), _negated=True), models.Q(('scope', 'SITES'), ('site_ids__len', 1)), _connector='OR'), name='export_copy_is_of_one_site'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'])), name='export_status_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('rows__isnull', False), ('size__isnull', False), ('status', 'DONE'), ('data_as_of__isnull', False), ('sha256__regex', '^[0-9a-f]{64}$'), models.Q(('file_name', ''), _negated=True)), models.Q(models.Q(('status', 'DONE'), _negated=True), ('file_name', ''), ('rows__isnull', True), ('sha256', ''), ('size__isnull', True)), _connector='OR'), name='export_done_has_its_file'),
                    models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('status__in', ['QUEUED', 'RUNNING'])), models.Q(('finished_at__isnull', False), ('status__in', ['DONE', 'FAILED', 'CANCELLED'])), _connector='OR'), name='export_ended_at_some_time'),
                    models.CheckConstraint(condition=models.Q(models.Q(('failure__in', ['STORAGE', 'ATTEMPTS', 'UNFIT']), ('status', 'FAILED')), models.Q(models.Q(('status', 'FAILED'), _negated=True), ('failure', '')), _connector='OR'), name='export_failed_for_a_reason'),
                ],
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ExportDefinition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('created_at', models.DateTimeField()),
                ('created_as', models.CharField(max_length=20)),
                ('scope', models.CharField(max_length=5)),
                ('site_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('historical', models.BooleanField(default=False)),
                ('asked', models.JSONField(blank=True, default=dict)),
                ('kept_days', models.PositiveSmallIntegerField(default=30)),
                ('schedule', models.CharField(default='NEVER', max_length=7)),
                ('scheduled_at', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('name',), name='export_definition_named_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('scope', 'ALL'), ('site_ids', [])), models.Q(('scope', 'SITES'), models.Q(('site_ids', []), _negated=True)), _connector='OR'), name='export_definition_scope'),
                    models.CheckConstraint(condition=models.Q(('schedule__in', ['NEVER', 'DAILY', 'WEEKLY', 'MONTHLY'])), name='export_definition_schedule_known'),
                    models.CheckConstraint(condition=models.Q(('kept_days__gte', 1), ('kept_days__lte', 366)), name='export_definition_kept_a_while'),
                    models.CheckConstraint(condition=models.Q(models.Q(('retired_at', None), ('retired_by', None)), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False)), _connector='OR'), name='export_definition_retired_by_somebody'),
                ],
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ExportProgress',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='progress', serialize=False, to='exports.exportjob')),
                ('touched', models.DateTimeField()),
                ('table', models.CharField(blank=True, default='', max_length=40)),
                ('rows_done', models.PositiveBigIntegerField(default=0)),
                ('rows_total', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='SiteCopy',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='copy', serialize=False, to='exports.exportjob')),
                ('casebooks', models.BooleanField()),
                ('manifest_sha256', models.CharField(blank=True, default='', max_length=64)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('manifest_sha256', ''), ('manifest_sha256__regex', '^[0-9a-f]{64}$'), _connector='OR'), name='site_copy_manifest_hash'),
                ],
            },
        ),
        migrations.AddField(
            model_name='exportjob',
            name='definition',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to='exports.exportdefinition'),
        ),
        migrations.AddField(
            model_name='exportjob',
            name='finished_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='exportjob',
            name='requested_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='ExportDownload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downloads', to='exports.exportjob')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddConstraint(
            model_name='exportjob',
            constraint=models.CheckConstraint(condition=models.Q(('content', 'DATA'), models.Q(('asked', {}), ('definition', None)), _connector='OR'), name='export_wishes_are_of_data'),
        ),
    ]
