# The laboratories of a site and their reference ranges.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('eligibility', '0003_casebook'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SiteLaboratory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=10)),
                ('name_en', models.CharField(max_length=100)),
                ('name_zh', models.CharField(max_length=100)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='laboratories', to='accounts.site')),
            ],
            options={
                'ordering': ['site__code', 'code'],
            },
        ),
        migrations.CreateModel(
            name='ReferenceRange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('test', models.CharField(max_length=10)),
                ('sex', models.CharField(default='B', max_length=1)),
                ('age_from', models.PositiveSmallIntegerField(default=18)),
                ('age_to', models.PositiveSmallIntegerField(default=120)),
                ('effective_from', models.DateField()),
                ('lower', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('upper', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('unit', models.CharField(blank=True, max_length=16)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('laboratory', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ranges', to='eligibility.sitelaboratory')),
            ],
            options={
                'ordering': ['laboratory', 'test', '-effective_from', '-id'],
            },
        ),
        migrations.AddConstraint(
            model_name='sitelaboratory',
            constraint=models.UniqueConstraint(fields=('site', 'code'), name='site_laboratory_once'),
        ),
        migrations.AddConstraint(
            model_name='sitelaboratory',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name_en', ''), _negated=True), models.Q(('name_zh', ''), _negated=True)), name='site_laboratory_named'),
        ),
        migrations.AddConstraint(
            model_name='referencerange',
            constraint=models.CheckConstraint(condition=models.Q(('sex__in', ['M', 'F', 'B'])), name='range_sex_known'),
        ),
        migrations.AddConstraint(
            model_name='referencerange',
            constraint=models.CheckConstraint(condition=models.Q(('age_from__lte', models.F('age_to')), ('age_to__lte', 120)), name='range_ages_in_order'),
        ),
        migrations.AddConstraint(
            model_name='referencerange',
            constraint=models.CheckConstraint(condition=models.Q(('lower__isnull', False), ('upper__isnull', False), _connector='OR'), name='range_has_a_limit'),
        ),
        migrations.AddConstraint(
            model_name='referencerange',
            constraint=models.CheckConstraint(condition=models.Q(('lower__isnull', True), ('upper__isnull', True), ('lower__lt', models.F('upper')), _connector='OR'), name='range_lower_below_upper'),
        ),
        migrations.AddConstraint(
            model_name='referencerange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lower__isnull', True), ('lower__gte', 0), _connector='OR'), models.Q(('upper__isnull', True), ('upper__gt', 0), _connector='OR')), name='range_not_below_zero'),
        ),
    ]
