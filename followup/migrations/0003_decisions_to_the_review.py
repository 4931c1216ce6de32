from django.db import migrations


def move(apps, schema_editor):
    """A next step kept with the response becomes a draft of the MDT's review at its visit, to be completed there."""
    response = apps.get_model("followup", "TumourResponse")
    review = apps.get_model("arms", "ResectabilityReview")
    for record in response.objects.exclude(nextstep=None).order_by("rsdtc", "pk"):
        if record.rsdtc is None:
            continue
        review.objects.get_or_create(
            visit_id=record.visit_id,
            repeat=1,
            defaults={
                "participant_id": record.participant_id,
                "resdtc": record.rsdtc,
                "nextstep": record.nextstep,
                "entered_at": record.entered_at,
                "entered_by_id": record.entered_by_id,
            },
        )
    for record in response.objects.filter(missing__has_key="nextstep"):
        record.missing.pop("nextstep")
        record.save(update_fields=["missing"])
    for record in response.objects.filter(confirmed__has_key="nextstep"):
        record.confirmed.pop("nextstep")
        record.save(update_fields=["confirmed"])


class Migration(migrations.Migration):

    dependencies = [
        ('arms', '0004_say_whether_the_liver_was_resected'),
        ('followup', '0002_casebook'),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
