from django.db import migrations


def say(apps, schema_editor):
    """Every operation recorded so far was a resection, unless a reason for none stands on it."""
    operations = apps.get_model("arms", "Hepatectomy").objects
    operations.filter(surgyn__isnull=True, noresrsn__isnull=False).update(surgyn="N")
    operations.filter(surgyn__isnull=True, surgdtc__isnull=False).update(surgyn="Y")


class Migration(migrations.Migration):

    dependencies = [
        ('arms', '0003_complete_treatment_forms'),
    ]

    operations = [
        migrations.RunPython(say, migrations.RunPython.noop),
    ]
