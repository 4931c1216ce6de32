from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("participants", "0003_history_rows"),
    ]

    operations = [
        migrations.RemoveField(
            model_name='medicalhistory',
            name='mhsev',
        ),
        migrations.RemoveField(
            model_name='medicalhistory',
            name='mhsevd',
        ),
        migrations.RemoveField(
            model_name='medicalhistory',
            name='priortxd',
        ),
    ]
