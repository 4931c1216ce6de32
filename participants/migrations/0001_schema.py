import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import participants.workflow
import records.items
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Discrepancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('check_id', models.CharField(max_length=8)),
                ('form', models.CharField(max_length=8)),
                ('record_id', models.BigIntegerField()),
                ('repeat', models.PositiveSmallIntegerField()),
                ('item', models.CharField(max_length=80)),
                ('about', models.CharField(blank=True, default='', max_length=80)),
                ('message_en', models.TextField()),
                ('message_zh', models.TextField()),
                ('status', models.CharField(default=participants.workflow.DiscrepancyState['OPEN'], max_length=9)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['form', 'record_id'], name='discrepancies_of_a_record'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'CONFIRMED', 'CLOSED'])), name='discrepancy_status_known'),
                ],
                'ordering': ['participant_id', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveIntegerField()),
                ('number', models.CharField(max_length=6, unique=True)),
                ('initials', models.CharField(max_length=4)),
                ('status', models.CharField(default=participants.workflow.ParticipantState['SCREENING'], max_length=16)),
                ('arm', models.CharField(blank=True, max_length=4, null=True)),
                ('registered_at', models.DateTimeField()),
                ('registered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participants', to='accounts.site')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('site', 'sequence'), name='participant_sequence_once_a_site'),
                    models.CheckConstraint(condition=models.Q(('number__regex', '^[0-9]{2}-[0-9]{3}$')), name='participant_number_form'),
                    models.CheckConstraint(condition=models.Q(('initials__regex', '^[A-Z]{2,4}$')), name='participant_initials_only'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['SCREENING', 'ELIGIBLE', 'SCREEN_FAILURE', 'ASSIGNED', 'ON_TREATMENT', 'FOLLOW_UP', 'COMPLETED', 'WITHDRAWN', 'DIED'])), name='participant_status_known'),
                    models.CheckConstraint(condition=models.Q(('arm__isnull', True), ('arm__in', ['HAIC', 'Y90']), _connector='OR'), name='participant_arm_known'),
                ],
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='MedicalHistory',
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
                ('hccdxdtc', records.items.PartialDateItem()),
                ('hccdxm', records.items.CodeItem(codes=('HISTOLOGY', 'CLINICAL', 'LIRADS5'))),
                ('hcctype', records.items.CodeItem(codes=('HCC', 'ICC', 'CHCC_CCA', 'NOBIOPSY'))),
                ('etiol', records.items.MultiCodeItem(codes=('HBV', 'HCV', 'ALCOHOL', 'MASLD', 'OTHER', 'UNKNOWN'), missing=(), size=None)),
                ('cirrh', records.items.CodeItem(codes=('Y', 'N'))),
                ('varices', records.items.CodeItem(codes=('NONE', 'MILD', 'MODERATE', 'SEVERE', 'NOTEXAM'))),
                ('portht', records.items.CodeItem(codes=('Y', 'N'))),
                ('priortx', records.items.CodeItem(codes=('Y', 'N'))),
                ('priorifn', records.items.CodeItem(codes=('N', 'HEP', 'TUM'))),
                ('maligoth', records.items.CodeItem(codes=('Y', 'N'))),
                ('maligtyp', records.items.TextItem(max_length=200)),
                ('maligdtc', records.items.PartialDateItem()),
                ('transpl', records.items.CodeItem(codes=('Y', 'N'))),
                ('transplo', records.items.MultiCodeItem(codes=('LIVER', 'KIDNEY', 'HEART', 'LUNG', 'PANCREAS', 'BONEMARROW', 'CORNEA', 'OTHER'), size=None)),
                ('allergy', records.items.MultiCodeItem(codes=('NONE', 'CONTRAST', 'PLATINUM', 'FLUOROURACIL', 'FOLINATE', 'ALBUMIN', 'MICROSPHERE', 'OTHER'), size=None)),
                ('allergys', records.items.TextItem(max_length=200)),
                ('allergyr', records.items.TextItem(max_length=200)),
                ('subabuse', records.items.CodeItem(codes=('Y', 'N'))),
                ('gibyn', records.items.CodeItem(codes=('Y', 'N'))),
                ('gibdtc', records.items.PartialDateItem()),
                ('cvyn', records.items.CodeItem(codes=('Y', 'N'))),
                ('cvdtc', records.items.PartialDateItem()),
                ('cvtype', records.items.CodeItem(codes=('MI', 'ANGINA', 'HEARTFAILURE', 'ARRHYTHMIA', 'ISCHAEMIC', 'HAEMORRHAGIC', 'TIA', 'OTHER'))),
                ('psych', records.items.CodeItem(codes=('NONE', 'NOIMPACT', 'IMPACT'))),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'DRAFT'), ('submitted_at__isnull', True), ('submitted_by__isnull', True)), models.Q(('state', 'SUBMITTED'), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='participants_medicalhistory_submitted_by_somebody'),
                ],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DiscrepancyStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(max_length=9)),
                ('at', models.DateTimeField()),
                ('comment', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('discrepancy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='participants.discrepancy')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'CONFIRMED', 'CLOSED'])), name='discrepancy_step_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'CONFIRMED'), _negated=True), models.Q(models.Q(('comment', ''), _negated=True), ('by__isnull', False)), _connector='OR'), name='discrepancy_confirmed_with_a_comment'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='discrepancy',
            name='participant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='discrepancies', to='participants.participant'),
        ),
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('missing', models.JSONField(blank=True, default=dict)),
                ('confirmed', models.JSONField(blank=True, default=dict)),
                ('mhterm', records.items.TextItem(max_length=200, missing=())),
                ('mhstdtc', records.items.PartialDateItem()),
                ('mhenrf', records.items.CodeItem(codes=('Y', 'N'))),
                ('mhtoxgr', records.items.IntegerItem(hard=(Decimal('1'), Decimal('5')))),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='participants.medicalhistory')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('record', 'number'), name='participants_condition_numbered_once'),
                ],
                'ordering': ['number'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AnchorDate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=12)),
                ('date', models.DateField()),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='anchors', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('participant', 'name'), name='anchor_once_a_participant'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ParticipantStatus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(max_length=16)),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statuses', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__in', ['SCREENING', 'ELIGIBLE', 'SCREEN_FAILURE', 'ASSIGNED', 'ON_TREATMENT', 'FOLLOW_UP', 'COMPLETED', 'WITHDRAWN', 'DIED'])), name='participant_status_row_known'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='PriorTreatment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('missing', models.JSONField(blank=True, default=dict)),
                ('confirmed', models.JSONField(blank=True, default=dict)),
                ('priortype', records.items.CodeItem(codes=('TACE', 'HAIC', 'SIRT', 'ABLATION', 'RADIOTHERAPY', 'RESECTION', 'TRANSPLANT', 'TARGETED', 'IMMUNO', 'TARGIMM', 'CHEMO', 'INTERFERON', 'TCM', 'OTHER'), missing=())),
                ('priordtc', records.items.PartialDateItem()),
                ('priordrug', records.items.TextItem(max_length=200)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prior_treatments', to='participants.medicalhistory')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('record', 'number'), name='participants_priortreatment_numbered_once'),
                ],
                'ordering': ['number'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ScheduleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('effective_from', models.DateField()),
                ('source', models.TextField()),
                ('adopted_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('adopted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('stored_at', models.DateTimeField()),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='participants.participant')),
                ('stored_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('key__regex', '^[0-9a-f]{32}\\.(jpg|png|webp|heic|pdf)$')), name='stored_file_key_form'),
                    models.CheckConstraint(condition=models.Q(('size__gt', 0), ('size__lte', 10485760)), name='stored_file_size'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=10)),
                ('occurrence', models.PositiveSmallIntegerField(default=1)),
                ('position', models.DecimalField(decimal_places=2, max_digits=6)),
                ('series', models.CharField(max_length=12)),
                ('label_en', models.CharField(max_length=80)),
                ('label_zh', models.CharField(max_length=80)),
                ('forms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), default=list, size=None)),
                ('optional', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), default=list, size=None)),
                ('anchor', models.CharField(max_length=12)),
                ('anchor_date', models.DateField(null=True)),
                ('target_from', models.DateField(null=True)),
                ('target_to', models.DateField(null=True)),
                ('window_open', models.DateField(null=True)),
                ('window_close', models.DateField(null=True)),
                ('status', models.CharField(default=participants.workflow.VisitState['PLANNED'], max_length=10)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='participants.participant')),
                ('schedule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.scheduleversion')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['status', 'window_close'], name='visits_due'),
                    models.Index(django.db.models.functions.comparison.Coalesce('window_open', 'target_from'), condition=models.Q(('status', 'PLANNED')), name='visits_opening'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('participant', 'code', 'occurrence'), name='visit_once_in_a_calendar'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['PLANNED', 'STARTED', 'DONE', 'MISSED', 'SUPERSEDED', 'CANCELLED'])), name='visit_status_known'),
                    models.CheckConstraint(condition=models.Q(('window_open__isnull', True), ('window_close__isnull', True), ('window_open__lte', models.F('window_close')), _connector='OR'), name='visit_window_opens_before_it_closes'),
                    models.CheckConstraint(condition=models.Q(('target_from__isnull', True), ('target_from__lte', models.F('target_to')), _connector='OR'), name='visit_target_in_order'),
                ],
                'ordering': ['participant_id', 'position', 'occurrence'],
            },
        ),
        migrations.AddField(
            model_name='medicalhistory',
            name='visit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit'),
        ),
        migrations.AddField(
            model_name='discrepancy',
            name='visit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit'),
        ),
        migrations.CreateModel(
            name='Demographics',
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
                ('icfdtc', records.items.DateTimeItem(missing=())),
                ('icfver', records.items.TextItem(max_length=20, missing=())),
                ('icfwho', records.items.CodeItem(codes=('SUBJECT', 'REPRESENTATIVE'), missing=())),
                ('icfcopy', records.items.CodeItem(codes=('Y', 'N'), missing=())),
                ('brthdtc', records.items.PartialDateItem(missing=())),
                ('age', records.items.IntegerItem(hard=(Decimal('0'), Decimal('120')), missing=())),
                ('sex', records.items.CodeItem(codes=('M', 'F'), missing=())),
                ('ethnic_cn', records.items.CodeItem(codes=('HAN', 'MONGOL', 'HUI', 'TIBETAN', 'UYGUR', 'MIAO', 'YI', 'ZHUANG', 'BUYEI', 'KOREAN', 'MANCHU', 'DONG', 'YAO', 'BAI', 'TUJIA', 'HANI', 'KAZAK', 'DAI', 'LI', 'LISU', 'VA', 'SHE', 'GAOSHAN', 'LAHU', 'SUI', 'DONGXIANG', 'NAXI', 'JINGPO', 'KIRGIZ', 'TU', 'DAUR', 'MULAO', 'QIANG', 'BLANG', 'SALAR', 'MAONAN', 'GELAO', 'XIBE', 'ACHANG', 'PUMI', 'TAJIK', 'NU', 'UZBEK', 'RUSSIAN', 'EWENKI', 'DEANG', 'BONAN', 'YUGUR', 'GIN', 'TATAR', 'DERUNG', 'OROQEN', 'HEZHEN', 'MONBA', 'LHOBA', 'JINO', 'OTHER'))),
                ('childpot', records.items.CodeItem(codes=('Y', 'N'), missing=())),
                ('childpotn', records.items.CodeItem(codes=('MENOPAUSE', 'HYSTERECTOMY', 'BILATERAL', 'OTHER'), missing=())),
                ('lactate', records.items.CodeItem(codes=('Y', 'N'), missing=())),
                ('contraok', records.items.CodeItem(codes=('Y', 'N'), missing=())),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'DRAFT'), ('submitted_at__isnull', True), ('submitted_by__isnull', True)), models.Q(('state', 'SUBMITTED'), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='participants_demographics_submitted_by_somebody'),
                    models.UniqueConstraint(fields=('visit', 'repeat'), name='participants_demographics_once_a_visit'),
                    models.UniqueConstraint(fields=('participant',), name='demographics_once_a_participant'),
                ],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='VisitHeader',
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
                ('svdone', records.items.CodeItem(codes=('Y', 'N'), missing=())),
                ('svstdtc', records.items.DateItem(missing=())),
                ('svmode', records.items.CodeItem(codes=('CLINIC', 'INPATIENT', 'PHONE', 'VIDEO'))),
                ('svreasnd', records.items.CodeItem(codes=('REFUSED', 'LOST', 'CONDITION', 'DEATH', 'EPIDEMIC', 'OTHER'), missing=())),
                ('svoowrsn', records.items.TextItem(max_length=200, missing=())),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'DRAFT'), ('submitted_at__isnull', True), ('submitted_by__isnull', True)), models.Q(('state', 'SUBMITTED'), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='participants_visitheader_submitted_by_somebody'),
                    models.UniqueConstraint(fields=('visit', 'repeat'), name='participants_visitheader_once_a_visit'),
                ],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='VisitStatus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(max_length=10)),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statuses', to='participants.visit')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__in', ['PLANNED', 'STARTED', 'DONE', 'MISSED', 'SUPERSEDED', 'CANCELLED'])), name='visit_status_row_known'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ConsentVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(max_length=20)),
                ('approved_on', models.DateField()),
                ('retired_on', models.DateField(blank=True, null=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consent_versions', to='accounts.site')),
            ],
            options={
                'ordering': ['site_id', '-approved_on'],
                'constraints': [models.UniqueConstraint(fields=('site', 'version'), name='consent_version_once_a_site'), models.CheckConstraint(condition=models.Q(('retired_on__isnull', True), ('retired_on__gt', models.F('approved_on')), _connector='OR'), name='consent_version_retired_after_approval')],
            },
        ),
        migrations.AddConstraint(
            model_name='medicalhistory',
            constraint=models.UniqueConstraint(fields=('visit', 'repeat'), name='participants_medicalhistory_once_a_visit'),
        ),
        migrations.AddIndex(
            model_name='discrepancy',
            index=models.Index(fields=['status', 'participant'], name='discrepancies_by_status'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.UniqueConstraint(fields=('participant', 'check_id', 'form', 'record_id', 'item', 'about'), name='discrepancy_found_once'),
        ),
    ]
