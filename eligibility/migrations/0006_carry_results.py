# What was answered once for the whole form goes to its result: signs, the unit of PIVKA-II, clinical significance.

from django.db import migrations

# The codes of the former list of clinically significant results, with the result each became.
FORMER_CODES = {
    **{code: code.lower() for code in ("ALT", "AST", "ALP", "GGT", "ALB", "K", "GLUC", "INR")},
    **{code: code.lower() for code in ("WBC", "NEUT", "LYM", "HGB", "PLT")},
    "BILI": "tbil",
    "CREAT": "crea",
    "SODIUM": "na",
}


def carry(apps, schema_editor):
    laboratory = apps.get_model("eligibility", "Laboratory").objects
    # No sign now means the value itself.
    for sign in ("afp_c", "pivka_c"):
        laboratory.filter(**{sign: "EQ"}).update(**{sign: None})
    for record in laboratory.filter(pivka_u="mAU/mL", pivka__isnull=False):
        record.pivka_si = record.pivka
        record.save(update_fields=["pivka_si"])
    for code, test in FORMER_CODES.items():
        laboratory.filter(lbcs__contains=[code], **{f"{test}__isnull": False}).update(**{f"{test}_cs": "CS"})
    # The unit has no reason of its own to be missing any more.
    for record in laboratory.filter(missing__has_key="pivkau"):
        del record.missing["pivkau"]
        record.save(update_fields=["missing"])


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0005_result_companions"),
    ]

    operations = [
        migrations.RunPython(carry, migrations.RunPython.noop),
    ]
