"""Checks across forms: what does not fit an adverse event is found after it was saved, never instead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.access import Actor, Permission
from accounts.models import Site, User
from eligibility.models import AdverseEvent
from participants.models import Discrepancy, Participant
from records import clock, study
from tests.cast import START, actor
from tests.safety.entering import EVENT, NOT_GIVEN, at, enter, serious
from trial_edc.demo.walks import fill, walk_through_cycle, walk_to_assigned, walk_to_eligible

NOW = START + timedelta(days=90)
# Cycle 1 of this course ends with the removal of the catheter on 2026-09-05.
FIRST_CYCLE = START + timedelta(days=2)


@pytest.fixture
def treated(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    walk_to_assigned(participant, "HAIC", investigator=by_investigator, now=START)
    walk_through_cycle(participant, 1, by=by_coordinator, start=FIRST_CYCLE)
    clock.move_to(NOW)
    return participant


def open_ones(check: str) -> list[tuple[str, str]]:
    found = Discrepancy.objects.filter(check_id=check, status="OPEN")
    return list(found.values_list("form", "item"))


@pytest.mark.parametrize(
    ("began", "found"), [("2026-08-31", True), ("2026-08", True), ("2026", True), ("2026-09-01", False)]
)
def test_an_event_before_consent_is_saved_and_asked_about(
    participant: Participant, by_coordinator: Actor, began: str, found: bool
) -> None:
    event = enter(
        participant, "AE", {**EVENT, "aestdtc": began}, missing=NOT_GIVEN, by=by_coordinator, now=NOW
    )
    assert event.submitted
    assert open_ones("X01AE") == ([("AE", "aestdtc")] if found else [])


def test_a_corrected_consent_settles_what_was_asked(participant: Participant, by_coordinator: Actor) -> None:
    enter(
        participant, "AE", {**EVENT, "aestdtc": "2026-08-31"}, missing=NOT_GIVEN, by=by_coordinator, now=NOW
    )
    assert open_ones("X01AE")
    fill(participant, "DM", {"icfdtc": at("2026-08-30 09:00")}, by=by_coordinator, now=NOW, submit=False)
    assert open_ones("X01AE") == []


@pytest.mark.parametrize(
    ("began", "answers", "found"),
    [
        ("2026-10-05", {}, False),
        ("2026-10-06", {}, True),
        ("2026-10", {}, False),
        ("2026-10-06", {"aeser": "Y", "aerel_drug": "POSSIBLE"}, False),
        ("2026-10-06", {"aeser": "Y", "aerel_drug": "UNRELATED"}, True),
    ],
)
def test_after_the_period_only_related_serious_events_are_collected(
    treated: Participant, by_coordinator: Actor, began: str, answers: dict[str, Any], found: bool
) -> None:
    given = {**serious("2026-10-07 08:00", saeexp="Y"), "aestdtc": began, "aeser": "N", **answers}
    missing = {name: "NA" for name in NOT_GIVEN if name not in answers}
    assert enter(treated, "AE", given, missing=missing, by=by_coordinator, now=NOW).submitted
    assert open_ones("AEPERIOD") == ([("AE", "aestdtc")] if found else [])
    assert AdverseEvent.objects.count() == 1


def test_the_days_of_collection_are_a_setting(
    treated: Participant, by_coordinator: Actor, data_manager: User, site: Site
) -> None:
    study.set_value(
        key="ae_days_after_haic",
        value=31,
        effective_from=clock.day(NOW),
        reason="amendment 2",
        by=actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site),
        now=NOW,
    )
    for day in (date(2026, 10, 6), date(2026, 10, 7)):
        answers = {**EVENT, "aestdtc": day.isoformat()}
        enter(treated, "AE", answers, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    found = Discrepancy.objects.filter(check_id="AEPERIOD", status="OPEN")
    assert [one.repeat for one in found] == [2]


@pytest.mark.parametrize(
    ("sent", "now", "found"),
    [
        ("2026-10-02 08:00", "2026-10-03 08:00", False),
        ("2026-10-02 08:01", "2026-10-03 08:00", True),
        (None, "2026-10-02 08:00", False),
        (None, "2026-10-02 08:01", True),
    ],
)
def test_a_late_report_is_asked_about_and_saved(
    participant: Participant, by_coordinator: Actor, sent: str | None, now: str, found: bool
) -> None:
    answers = serious("2026-10-01 08:00", saerep=at(sent) if sent else None)
    enter(
        participant, "AE", answers, missing=NOT_GIVEN, submit=sent is not None, by=by_coordinator, now=at(now)
    )
    assert open_ones("X21") == ([("AE", "saerep")] if found else [])
