import django.contrib.postgres.fields
import django.db.models.deletion
import monitoring.trust
import monitoring.workflow
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
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('level', models.CharField(max_length=11)),
                ('form', models.CharField(blank=True, default='', max_length=8)),
                ('repeat', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(max_length=6)),
                ('participant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.site')),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'FROZEN', 'LOCKED'])), name='hold_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('level', 'TRIAL'), ('participant__isnull', True), ('site__isnull', True), ('visit__isnull', True), ('form', ''), ('repeat', 0)), models.Q(('level', 'SITE'), ('participant__isnull', True), ('site__isnull', False), ('visit__isnull', True), ('form', ''), ('repeat', 0)), models.Q(('level', 'PARTICIPANT'), ('participant__isnull', False), ('site__isnull', False), ('visit__isnull', True), ('form', ''), ('repeat', 0)), models.Q(('level', 'VISIT'), ('participant__isnull', False), ('site__isnull', False), ('visit__isnull', False), ('form', ''), ('repeat', 0)), models.Q(('level', 'FORM'), ('participant__isnull', False), ('site__isnull', False), ('visit__isnull', False), models.Q(('form', ''), _negated=True), ('repeat__gt', 0)), _connector='OR'), name='hold_names_its_place'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='HoldStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=6)),
                ('lifts', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('role', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('signatures', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hold', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='monitoring.hold')),
                ('participant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'FROZEN', 'LOCKED'])), name='hold_step_known'),
                    models.CheckConstraint(condition=models.Q(('lifts', False), models.Q(('reason', ''), _negated=True), _connector='OR'), name='hold_lifted_with_a_reason'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Query',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(blank=True, default='', max_length=8)),
                ('repeat', models.PositiveSmallIntegerField(default=0)),
                ('item', models.CharField(blank=True, default='', max_length=80)),
                ('record_id', models.BigIntegerField(null=True)),
                ('trail_from', models.BigIntegerField()),
                ('state', models.CharField(default=monitoring.workflow.QueryState['OPEN'], max_length=8)),
                ('raised_at', models.DateTimeField()),
                ('assigned_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='queries', to='participants.participant')),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['visit', 'form'], name='queries_of_a_visit'),
                    models.Index(fields=['participant', 'state'], name='queries_of_a_participant'),
                    models.Index(fields=['state', 'raised_at'], name='queries_by_age'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'ANSWERED', 'CLOSED'])), name='query_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('form', ''), ('item', ''), ('repeat', 0)), models.Q(models.Q(('form', ''), _negated=True), ('repeat__gt', 0), ('visit__isnull', False)), _connector='OR'), name='query_place_complete'),
                ],
                'verbose_name': 'query',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='QueryStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('at', models.DateTimeField()),
                ('role', models.CharField(max_length=20)),
                ('words', models.CharField(blank=True, default='', max_length=1000)),
                ('change', models.BigIntegerField(null=True)),
                ('assigned_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('query', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='monitoring.query')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['RAISED', 'ANSWERED', 'REOPENED', 'CLOSED', 'ASSIGNED'])), name='query_step_known'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['CLOSED', 'ASSIGNED']), models.Q(('words', ''), _negated=True), _connector='OR'), name='query_asked_and_answered_in_words'),
                ],
                'verbose_name': 'query step',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(max_length=11)),
                ('key', models.CharField(max_length=40)),
                ('form', models.CharField(blank=True, default='', max_length=8)),
                ('repeat', models.PositiveSmallIntegerField(default=0)),
                ('meaning', models.CharField(max_length=16)),
                ('name', models.CharField(max_length=120)),
                ('role', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('sha256', models.CharField(max_length=64)),
                ('manifest', models.JSONField()),
                ('state', models.CharField(default=monitoring.trust.SignatureState['STANDING'], max_length=8)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['participant', 'state'], name='signatures_of_a_participant'),
                    models.Index(condition=models.Q(('level', 'PARTICIPANT'), ('state', 'STANDING')), fields=['participant'], name='casebooks_signed'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'STANDING')), fields=('key',), name='signature_stands_once_a_place'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['STANDING', 'VOIDED'])), name='signature_state_known'),
                    models.CheckConstraint(condition=models.Q(('level__in', ['FORM', 'VISIT', 'PARTICIPANT'])), name='signature_level_known'),
                    models.CheckConstraint(condition=models.Q(('meaning__in', ('REVIEWED', 'RESPONSIBLE'))), name='signature_meaning_known'),
                    models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='signature_has_a_hash'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SignatureVoid',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=8)),
                ('repeat', models.PositiveSmallIntegerField()),
                ('items', models.JSONField()),
                ('at', models.DateTimeField()),
                ('role', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('signature', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='void', to='monitoring.signature')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=6)),
                ('form', models.CharField(max_length=8)),
                ('record_id', models.BigIntegerField()),
                ('repeat', models.PositiveSmallIntegerField()),
                ('state', models.CharField(max_length=9)),
                ('items', models.JSONField(default=dict)),
                ('fallen', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['visit', 'kind'], name='verifications_of_a_visit'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('form', 'record_id', 'kind'), name='verification_once_a_record'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['SOURCE', 'REVIEW'])), name='verification_kind_known'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['PARTIAL', 'COMPLETE', 'CHANGED', 'WITHDRAWN', 'REMOVED'])), name='verification_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('fallen__len__gt', 0), ('state', 'CHANGED')), models.Q(('state', 'CHANGED'), _negated=True), _connector='OR'), name='verification_says_what_changed'),
                ],
                'ordering': ['participant_id', 'visit_id', 'form', 'repeat', 'kind'],
            },
        ),
        migrations.CreateModel(
            name='VerificationPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=8)),
                ('version', models.PositiveIntegerField()),
                ('items', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('reason', models.TextField()),
                ('set_at', models.DateTimeField()),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('form', 'version'), name='verification_plan_version_once'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='verification_plan_has_a_reason'),
                ],
                'ordering': ['form', 'version'],
            },
        ),
        migrations.CreateModel(
            name='VerificationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=9)),
                ('items', models.JSONField()),
                ('act', models.CharField(blank=True, default='', max_length=32)),
                ('at', models.DateTimeField()),
                ('role', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('verification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='monitoring.verification')),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['PARTIAL', 'COMPLETE', 'CHANGED', 'WITHDRAWN', 'REMOVED'])), name='verification_step_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'WITHDRAWN'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='verification_withdrawn_with_a_reason'),
                ],
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='VisitToCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.visit')),
            ],
        ),
        migrations.CreateModel(
            name='VisitWork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('missing', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), size=None)),
                ('drafts', models.JSONField()),
                ('took_place', models.DateField(null=True)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('to_sign', models.BooleanField()),
                ('to_verify', models.PositiveSmallIntegerField()),
                ('waits_since', models.DateTimeField(null=True)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.participant')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.site')),
                ('visit', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.visit')),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('missing', []), _negated=True), fields=['site'], name='work_missing_forms'),
                    models.Index(condition=models.Q(('drafts', []), _negated=True), fields=['site'], name='work_drafts'),
                    models.Index(condition=models.Q(('to_sign', True)), fields=['site', 'submitted_at'], name='work_to_sign'),
                    models.Index(condition=models.Q(('to_verify__gt', 0)), fields=['waits_since', 'site'], include=('to_verify',), name='work_to_verify'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CheckFiring',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=8)),
                ('repeat', models.PositiveSmallIntegerField()),
                ('item', models.CharField(blank=True, default='', max_length=80)),
                ('check_id', models.CharField(max_length=100)),
                ('level', models.CharField(max_length=4)),
                ('message_en', models.TextField()),
                ('message_zh', models.TextField()),
                ('value', models.CharField(blank=True, default='', max_length=500)),
                ('state', models.CharField(default=monitoring.workflow.FiringState['FIRED'], max_length=9)),
                ('fired_at', models.DateTimeField()),
                ('fired_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.participant')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='participants.visit')),
            ],
            options={
                'verbose_name': 'check that fired',
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('state', 'CHANGED'), _negated=True), fields=['visit', 'form', 'repeat'], name='firings_of_a_form'), models.Index(fields=['check_id', 'state'], name='firings_of_a_check')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['FIRED', 'CONFIRMED', 'CHANGED'])), name='firing_state_known'), models.CheckConstraint(condition=models.Q(('level__in', ['HARD', 'SOFT'])), name='firing_level_known')],
            },
        ),
    ]
