"""Signatures, verification and holds, in an export and on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.access import Actor, Permission
from accounts.models import Site, User
from casebook.printing.filled import filled_casebook
from casebook.printing.typesetting import typeset
from monitoring.actions import hold, sign, verify
from monitoring.extents import Extent
from monitoring.selectors.contents import entered_at, seen
from monitoring.selectors.readiness import readiness_of
from monitoring.trust import HoldState, Kind
from participants.models import Participant, Visit
from tests.casebook.printing import Printed
from tests.cast import START, actor
from tests.exports.conftest import Files
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import VITAL_SIGNS

LATER = START + timedelta(hours=1)


def trusted(participant: Participant, site: Site, by: Actor, monitor: User, investigator: User) -> None:
    """Vital signs verified and signed, corrected, signed again; the visit frozen."""
    fill(participant, "VS", VITAL_SIGNS, by=by, now=START)
    visit = Visit.objects.select_related("participant__site").get(participant=participant, code="SCR")
    form = Extent.of_form(visit, "VS", 1)
    reads = actor(monitor, Permission.VERIFY_SOURCE, site)
    signs = actor(investigator, Permission.SIGN, site)
    verify(extent=form, kind=Kind.SOURCE, saw=seen(entered_at(form)), by=reads, now=START)
    sign(extent=form, meaning="REVIEWED", saw=readiness_of(form, START).sha256, by=signs, now=START)
    fill(participant, "VS", {"weight": Decimal("66.0")}, by=by, now=LATER, reason="Misread scale")
    sign(extent=form, meaning="REVIEWED", saw=readiness_of(form, LATER).sha256, by=signs, now=LATER)
    hold(
        extent=Extent.of_visit(visit), to=HoldState.FROZEN, by=reads, now=LATER, reason="Visit of the monitor"
    )


@pytest.mark.line("S1")
def test_they_are_exported(
    export: Callable[..., Files],
    participant: Participant,
    site: Site,
    by_coordinator: Actor,
    monitor: User,
    investigator: User,
) -> None:
    trusted(participant, site, by_coordinator, monitor, investigator)
    files = export()
    first, second = files.rows("signatures.csv")
    assert (first["SUBJID"], first["LEVEL"], first["VISIT"], first["FORM"], first["REPEAT"]) == (
        "01-001",
        "FORM",
        "SCR",
        "VS",
        "1",
    )
    assert (first["SIGNED_NAME"], first["MEANING"], first["AT"]) == (
        "Investigator",
        "REVIEWED",
        "2026-09-01T02:00:00+00:00",
    )
    assert (first["STATE"], first["VOIDFORM"], first["VOIDREASON"]) == ("VOIDED", "VS", "Misread scale")
    assert (second["STATE"], second["VOIDAT"]) == ("STANDING", "")
    assert len(second["SHA256"]) == 64 and second["SHA256"] != first["SHA256"]
    [verified] = files.rows("verifications.csv")
    assert (verified["FORM"], verified["KIND"], verified["STATE"], verified["FALLEN"]) == (
        "VS",
        "SOURCE",
        "CHANGED",
        "weight",
    )
    [held] = files.rows("holds.csv")
    assert (held["LEVEL"], held["SUBJID"], held["VISIT"], held["STATE"], held["REASON"]) == (
        "VISIT",
        "01-001",
        "SCR",
        "FROZEN",
        "Visit of the monitor",
    )


@pytest.mark.line("S1")
def test_they_are_printed_with_name_moment_and_meaning(
    participant: Participant, site: Site, by_coordinator: Actor, monitor: User, investigator: User
) -> None:
    trusted(participant, site, by_coordinator, monitor, investigator)
    fresh = Participant.objects.select_related("site").get(pk=participant.pk)
    content = {**filled_casebook(fresh), "with_trail": False, "trail": []}
    # Text read out of a PDF has its spaces where lines were set, not where words end.
    said = "".join(Printed(typeset("filled", content, by=by_coordinator, now=LATER)).text.split())
    for words in (
        "Electronic signatures",
        "the casebook is not signed",
        "2026-09-01 10:00:00",
        "2026-09-01 11:00:00",
        "UTC+8",
        "I have reviewed these data and confirm",
        "voided by a change",
        "Misread scale",
        content["signatures"][1]["sha256"][:32],
    ):
        assert "".join(words.split()) in said, words
    assert said.count("Investigator") >= 2
