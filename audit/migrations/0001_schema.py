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
            name='TrailReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reviewed_at', models.DateTimeField()),
                ('reviewed_as', models.CharField(max_length=20)),
                ('from_day', models.DateField()),
                ('to_day', models.DateField()),
                ('site_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('figures', models.JSONField()),
                ('findings', models.TextField()),
                ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('from_day__lte', models.F('to_day'))), name='trail_review_ends_after_its_start'), models.CheckConstraint(condition=models.Q(('findings', ''), _negated=True), name='trail_review_has_findings')],
            },
        ),
    ]
