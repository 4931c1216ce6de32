import django.db.models.deletion
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
            name='Figures',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('section', models.CharField(max_length=20)),
                ('asked_at', models.DateTimeField()),
                ('worked_out_at', models.DateTimeField(null=True)),
                ('cards', models.JSONField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('cards__isnull', True), ('worked_out_at__isnull', True)), models.Q(('cards__isnull', False), ('worked_out_at__isnull', False)), _connector='OR'), name='figures_have_their_moment')],
            },
        ),
        migrations.CreateModel(
            name='EfficacyLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('role', models.CharField(max_length=20)),
                ('arm', models.CharField(blank=True, default='', max_length=4)),
                ('since', models.DateField(null=True)),
                ('until', models.DateField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.site')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('arm__in', ['', 'HAIC', 'Y90'])), name='efficacy_look_arm_known'), models.CheckConstraint(condition=models.Q(('since__isnull', True), ('until__isnull', True), ('since__lte', models.F('until')), _connector='OR'), name='efficacy_look_days_in_order')],
            },
        ),
    ]
