"""A corrected consent or baseline: what no longer fits it is found at the forms concerned."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.access import Actor
from followup.cross_checks import SINCE_CONSENT, before_consent
from participants.cross_checks import Casebook
from participants.models import Demographics, Discrepancy, Participant
from records.findings import Refused
from tests.cast import START
from tests.imaged import measure
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import walk_through_visit, walk_to_assigned, walk_to_eligible

MONTH_1, MONTH_3 = date(2026, 10, 5), date(2026, 12, 5)
SIZES = ((30, 20), (10, 10))
LATER = START + timedelta(days=30)
DICTIONARY = Path(settings.BASE_DIR) / "docs/dictionary"


def open_ones(check: str = "X01") -> set[tuple[str, str]]:
    found = Discrepancy.objects.filter(check_id=check, status="OPEN")
    return set(found.values_list("form", "item"))


def sign(participant: Participant, at: datetime, by: Actor) -> None:
    fill(participant, "DM", {"icfdtc": at}, by=by, now=LATER, reason="Misread")


@pytest.fixture
def assigned(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    """Screened and assigned on the day of START, an hour after the consent; a first visit of treatment later."""
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    walk_to_assigned(participant, "HAIC", investigator=by_investigator, now=START)
    walk_through_visit(participant, "H-C1", by=by_coordinator, now=START + timedelta(days=2))
    return participant


def test_a_consent_corrected_to_a_later_day_is_found_at_the_forms_before_it(
    assigned: Participant, by_coordinator: Actor, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        assert list(before_consent(Casebook(assigned, LATER))) == []
    sign(assigned, START + timedelta(days=1), by_coordinator)
    # Imaging of the baseline may be of routine care; nothing is found of the day after.
    found = {("SV", "svstdtc"), ("LB", "lbdtc"), ("LB", "virdtc"), ("ARM", "mdtdtc"), ("ARM", "armdtc")}
    assert open_ones() == found
    assert "2026-09-02" in Discrepancy.objects.filter(form="SV", check_id="X01").get().message_en
    # The form itself refuses it as before, once.
    with pytest.raises(Refused) as refused:
        fill(assigned, "SV", {"svmode": "PHONE"}, by=by_coordinator, now=LATER, reason="Misread")
    assert [one.check for one in refused.value.findings if one.item == "svstdtc"] == ["X01"]
    moved = {"svstdtc": (START + timedelta(days=1)).date(), "svoowrsn": "Moved"}
    fill(assigned, "SV", moved, by=by_coordinator, now=LATER, reason="Misread")
    fill(assigned, "LB", {"lbsoc": "Y"}, by=by_coordinator, now=LATER, reason="Routine care")
    assert open_ones() == {("ARM", "mdtdtc"), ("ARM", "armdtc")}
    sign(assigned, START - timedelta(hours=1), by_coordinator)
    assert open_ones() == set()


def test_of_a_sample_the_time_counts(assigned: Participant, by_coordinator: Actor) -> None:
    sign(assigned, START, by_coordinator)
    assert open_ones() == set()
    sign(assigned, START + timedelta(minutes=1), by_coordinator)
    assert open_ones() == {("LB", "lbdtc")}
    assert Demographics.objects.get(participant=assigned).icfdtc == START + timedelta(minutes=1)


def test_it_reads_every_date_that_is_refused_before_consent() -> None:
    refused = {
        (row["FORM"], row["ITEM"])
        for sheet in DICTIONARY.glob("*.csv")
        for row in csv.DictReader(sheet.read_text(encoding="utf-8").splitlines())
        if ">= consent" in row.get("HARD", "")
    }
    assert refused <= {(form, item) for form, items in SINCE_CONSENT.items() for item in items}


def test_a_corrected_modality_of_the_baseline_is_asked_about_at_what_followed(
    imaged: Participant, by_coordinator: Actor
) -> None:
    where: dict[str, Any] = {"by": by_coordinator, "now": datetime.combine(MONTH_3, START.timetz())}
    measure(imaged, "Y-M1", MONTH_1, by_coordinator, SIZES)
    changed = measure(imaged, "Y-M3", MONTH_3, by_coordinator, SIZES, modality="CECT")
    assert changed.confirmed["imgmod"]
    assert open_ones("X24") == set()
    fill(imaged, "IMG", {"imgmod": "EOBMRI"}, reason="Misread", **where)
    # What was confirmed when the form was saved is not asked about again.
    (found,) = Discrepancy.objects.filter(check_id="X24", status="OPEN")
    assert (found.visit.code, found.item) == ("Y-M1", "imgmod")
    assert "Gadoxetate" in found.message_en
    confirmed = {"imgmod": "Same department"}
    fill(imaged, "IMG", {}, visit_code="Y-M1", reason="Asked", confirmed=confirmed, **where)
    assert open_ones("X24") == set()
    fill(imaged, "IMG", {"imgmod": "CEMRI"}, reason="Right after all", **where)
    assert open_ones("X24") == set()
