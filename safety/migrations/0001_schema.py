import django.db.models.deletion
import records.items
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_schema'),
        ('eligibility', '0001_schema'),
        ('participants', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MeddraRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=10, unique=True)),
                ('counts', models.JSONField()),
                ('digests', models.JSONField()),
                ('chinese', models.BooleanField()),
                ('imported_at', models.DateTimeField()),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ProtocolDeviation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('SUBMITTED', 'Submitted')], default='DRAFT', max_length=9)),
                ('missing', models.JSONField(blank=True, default=dict)),
                ('confirmed', models.JSONField(blank=True, default=dict)),
                ('derived_by', models.CharField(blank=True, default='', max_length=20)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('entered_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('row_numbers', models.JSONField(blank=True, default=dict)),
                ('repeat', models.PositiveSmallIntegerField(default=1)),
                ('dvterm', records.items.TextItem(max_length=500, missing=())),
                ('dvdecod', records.items.CodeItem(codes=('CONSENT', 'ELIGIBILITY', 'DOSE', 'INTERVAL', 'VISITWINDOW', 'MISSEDTEST', 'PROHIBITED', 'SAELATE', 'OTHER'), missing=())),
                ('dvsev', records.items.CodeItem(codes=('MINOR', 'MAJOR'), missing=())),
                ('dvdtc', records.items.DateItem(missing=())),
                ('dvact', records.items.TextItem(max_length=500, missing=())),
                ('dvec', records.items.DateItem()),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'DRAFT'), ('submitted_at__isnull', True), ('submitted_by__isnull', True)), models.Q(('state', 'SUBMITTED'), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='safety_protocoldeviation_submitted_by_somebody'),
                    models.UniqueConstraint(fields=('visit', 'repeat'), name='safety_protocoldeviation_once_a_visit'),
                ],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DeviationDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=16)),
                ('form_code', models.CharField(max_length=8)),
                ('repeat', models.PositiveSmallIntegerField()),
                ('part', models.CharField(blank=True, default='', max_length=16)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('suggested', models.JSONField()),
                ('stands', models.BooleanField(default=True)),
                ('drafted_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('drafted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
                ('deviation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='drafts', to='safety.protocoldeviation')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('rule', 'visit', 'form_code', 'repeat', 'part'), name='deviation_drafted_once'),
                    models.CheckConstraint(condition=models.Q(('rule__in', ('CONSENT', 'ELIGIBILITY', 'FIRST_DAY', 'DOSE', 'INTERVAL', 'WINDOW', 'LABS', 'PROHIBITED', 'SAELATE', 'SECOND_Y90', 'CYCLES'))), name='deviation_rule_known'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ReportRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=11)),
                ('name_en', models.CharField(max_length=120)),
                ('name_zh', models.CharField(max_length=120)),
                ('contact', models.CharField(blank=True, default='', max_length=200)),
                ('added_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.site')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ('SPONSOR', 'INSTITUTION', 'ETHICS', 'AUTHORITY', 'OTHER'))), name='recipient_kind_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', True), ('retired_by__isnull', True)), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False)), _connector='OR'), name='recipient_retired_by_somebody'),
                ],
                'ordering': ['site_id', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RuleToJudge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=20)),
                ('since', models.DateTimeField()),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('participant', 'rule'), name='rule_to_judge_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SaeReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('number', models.PositiveSmallIntegerField()),
                ('revision', models.PositiveIntegerField()),
                ('snapshot', models.JSONField()),
                ('information', models.TextField(blank=True, default='')),
                ('reporter', models.CharField(max_length=120)),
                ('sent', models.DateTimeField()),
                ('filed_at', models.DateTimeField()),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='eligibility.adverseevent')),
                ('filed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('event', 'number'), name='sae_report_numbered_once'),
                    models.UniqueConstraint(condition=models.Q(('kind', 'INITIAL')), fields=('event',), name='sae_report_one_initial'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ('INITIAL', 'FOLLOWUP', 'FINAL'))), name='sae_report_kind_known'),
                    models.CheckConstraint(condition=models.Q(('kind', 'INITIAL'), models.Q(('information', ''), _negated=True), _connector='OR'), name='sae_report_brings_information'),
                    models.CheckConstraint(condition=models.Q(('reporter', ''), _negated=True), name='sae_report_has_a_reporter'),
                    models.CheckConstraint(condition=models.Q(('sent__lte', models.F('filed_at'))), name='sae_report_sent_before_filed'),
                ],
                'ordering': ['event_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='SaeDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='safety.reportrecipient')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='safety.saereport')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('report', 'recipient'), name='sae_delivery_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', True), ('acknowledged_by__isnull', True)), models.Q(('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False)), _connector='OR'), name='sae_delivery_acknowledged_by_somebody'),
                ],
                'ordering': ['report_id', 'recipient_id'],
            },
        ),
        migrations.CreateModel(
            name='ClockMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('aware', models.DateTimeField()),
                ('light', models.CharField(max_length=5)),
                ('crossed', models.DateTimeField()),
                ('noticed', models.DateTimeField()),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('participant', 'number', 'aware', 'light'), name='clock_mark_once'), models.CheckConstraint(condition=models.Q(('light__in', ('AMBER', 'RED'))), name='clock_mark_light_known')],
            },
        ),
        migrations.CreateModel(
            name='LaboratoryDismissal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('repeat', models.PositiveSmallIntegerField()),
                ('test', models.CharField(max_length=16)),
                ('grade', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(max_length=500)),
                ('dismissed_at', models.DateTimeField()),
                ('dismissed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('visit', 'repeat', 'test', 'grade'), name='laboratory_dismissed_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='laboratory_dismissed_with_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='MeddraPath',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pt', models.PositiveIntegerField()),
                ('hlt', models.PositiveIntegerField()),
                ('hlgt', models.PositiveIntegerField()),
                ('soc', models.PositiveIntegerField()),
                ('primary', models.BooleanField()),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paths', to='safety.meddrarelease')),
            ],
            options={
                'ordering': ['release_id', 'pt'],
                'constraints': [models.UniqueConstraint(fields=('release', 'pt', 'hlt', 'hlgt', 'soc'), name='meddra_path_once_a_release'), models.UniqueConstraint(condition=models.Q(('primary', True)), fields=('release', 'pt'), name='meddra_one_primary_path')],
            },
        ),
        migrations.CreateModel(
            name='EventCoding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('version', models.PositiveSmallIntegerField()),
                ('verbatim', models.CharField(max_length=200)),
                ('llt_code', models.PositiveIntegerField()),
                ('llt_name', models.CharField(max_length=250)),
                ('pt_code', models.PositiveIntegerField()),
                ('pt_name', models.CharField(max_length=250)),
                ('soc_code', models.PositiveIntegerField()),
                ('soc_name', models.CharField(max_length=250)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('coded_at', models.DateTimeField()),
                ('coded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='safety.meddrarelease')),
            ],
            options={
                'ordering': ['participant_id', 'number', 'version'],
                'constraints': [models.UniqueConstraint(fields=('participant', 'number', 'version'), name='event_coding_numbered_once'), models.CheckConstraint(condition=models.Q(('version', 1), models.Q(('reason', ''), _negated=True), _connector='OR'), name='event_recoded_with_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='MeddraTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(max_length=4)),
                ('code', models.PositiveIntegerField()),
                ('name_en', models.CharField(max_length=250)),
                ('name_zh', models.CharField(blank=True, default='', max_length=250)),
                ('searched', models.CharField(max_length=520)),
                ('current', models.BooleanField(default=True)),
                ('parent', models.PositiveIntegerField(null=True)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='safety.meddrarelease')),
            ],
            options={
                'ordering': ['release_id', 'level', 'code'],
                'constraints': [models.UniqueConstraint(fields=('release', 'level', 'code'), name='meddra_term_once_a_release'), models.CheckConstraint(condition=models.Q(('level__in', ('SOC', 'HLGT', 'HLT', 'PT', 'LLT'))), name='meddra_level_known')],
            },
        ),
    ]
