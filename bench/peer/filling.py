"""The peer's rows, and what a browser would post of one of its forms."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from bench.peer.models import Laboratory, Participant, Site

REGISTERED = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
A_SITE_HOLDS = 500  # as in the product's data
FILLED: dict[str, Any] = {
    "routine": "N",
    "blood_count": "Y",
    "wbc": "5.20",
    "neutrophils": "3.10",
    "lymphocytes": "1.50",
    "haemoglobin": "138.00",
    "platelets": "165",
    "chemistry": "Y",
    "alt": "42.0",
    "ast": "38.0",
    "alp": "110.0",
    "ggt": "55.0",
    "bilirubin": "15.20",
    "bilirubin_direct": "5.10",
    "albumin": "41.30",
    "creatinine": "72.00",
    "urea": "5.10",
    "potassium": "4.20",
    "sodium": "140.0",
    "chloride": "103.0",
    "calcium": "2.30",
    "glucose": "5.20",
    "coagulation": "Y",
    "prothrombin_time": "12.8",
    "prothrombin_control": "12.0",
    "inr": "1.06",
    "markers": "Y",
    "afp": "312.50",
    "pivka": "2480.00",
    "virology": "Y",
    "hbsag": "POS",
    "hbv_dna": "320.00",
    "hcv": "NEG",
    "hcv_rna": "",
    "hiv": "NEG",
    "pregnancy_test": "",
    "significant": "N",
    "comment": "",
}
ON = date(2026, 9, 1)


def stored() -> dict[str, Any]:
    """A filled form as the database keeps it."""
    numbers = {name: Decimal(value) for name, value in FILLED.items() if value and value[0].isdigit()}
    empty = {name: None for name, value in FILLED.items() if name == "hcv_rna"}
    return {**FILLED, **numbers, **empty, "sampled_at": REGISTERED, "virology_on": ON}


def posted(form: Laboratory) -> dict[str, str]:
    """What a browser would post of a filled form."""
    return {
        **FILLED,
        "participant": str(form.participant_id),
        "sampled_at_0": "2026-09-01",
        "sampled_at_1": "10:00:00",
        "virology_on": ON.isoformat(),
        "pregnancy_test_on": "",
        "reason": "typing error",
        "_save": "Save",
    }


def fill(participants: int, forms: int) -> None:
    """Make that many participants over sites of 500, and that many filled forms with some history."""
    sites = Site.objects.bulk_create(
        Site(code=f"{number:02d}", name=f"Hospital {number:02d}")
        for number in range(11, 12 + participants // A_SITE_HOLDS)
    )
    Participant.objects.bulk_create(
        Participant(
            site=sites[number // A_SITE_HOLDS],
            number=f"{sites[number // A_SITE_HOLDS].code}-{number % A_SITE_HOLDS + 1:03d}",
            initials="ZQ",
            status="FOLLOW_UP",
            arm="Y90" if number % 2 else "HAIC",
            registered_at=REGISTERED + timedelta(minutes=number),
        )
        for number in range(participants)
    )
    for participant in Participant.objects.all()[:forms]:
        form = Laboratory.objects.create(participant=participant, **stored())
        for change in ("56.0", "55.0"):
            form.ggt = Decimal(change)
            form.save()


def signed_in() -> Client:
    """The administrator's browser; the account is made at the first call."""
    person, _new = User.objects.get_or_create(username="admin", is_staff=True, is_superuser=True)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    return client
