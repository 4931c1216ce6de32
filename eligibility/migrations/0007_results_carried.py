# After the answers were carried over: the former columns and codes go.

from django.db import migrations

import records.items


def drop_former_check(apps, schema_editor):
    """Drop the check of the renamed unit: it names its column and the reasons, so that no AlterField finds it."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'eligibility_laboratory'::regclass "
            "AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%''pivkau''%'"
        )
        for (name,) in cursor.fetchall():
            schema_editor.execute(f'ALTER TABLE eligibility_laboratory DROP CONSTRAINT "{name}"')


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0006_carry_results"),
    ]

    operations = [
        migrations.RunPython(drop_former_check, migrations.RunPython.noop),
        migrations.AlterField("laboratory", "afp_c", records.items.CodeItem(codes=("LT", "GT"), missing=())),
        migrations.AlterField("laboratory", "pivka_c", records.items.CodeItem(codes=("LT", "GT"), missing=())),
        migrations.AlterField(
            "laboratory", "pivka_u", records.items.CodeItem(codes=("mAU/mL", "ng/mL"), missing=())
        ),
        migrations.RemoveField("laboratory", "lbcs"),
    ]
