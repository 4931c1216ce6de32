from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('followup', '0003_decisions_to_the_review'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='tumourresponse',
            name='nextstep',
        ),
    ]
