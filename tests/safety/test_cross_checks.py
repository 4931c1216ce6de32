"""Checks across forms: what does not fit an adverse event is found after it was saved, never instead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor, Permission
from accounts.models import Site, User
from eligibility.models import AdverseEvent
from participants.actions import move_participant, run_daily_checks
from participants.models import Discrepancy, Participant
from participants.workflow import ParticipantState
from records import clock, study
from tests.cast import START, actor
from tests.safety.entering import EVENT, NOT_GIVEN, at, enter, serious
from trial_edc.demo.walks import (
    fill,
    walk_through_cycle,
    walk_through_visit,
    walk_to_assigned,
    walk_to_eligible,
)

NOW = START + timedelta(days=90)
END = {"dsscat": "EOT", "dsstdtc": date(2026, 9, 20), "dsdecod": "PHYSICIAN"}
# Cycle 1 of this course ends with the removal of the catheter on 2026-09-05.
FIRST_CYCLE = START + timedelta(days=2)


@pytest.fixture
def treated(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    walk_to_assigned(participant, "HAIC", investigator=by_investigator, now=START)
    walk_through_cycle(participant, 1, by=by_coordinator, start=FIRST_CYCLE)
    clock.move_to(NOW)
    return participant


def end_treatment(participant: Participant, by: Actor) -> None:
    """Declare that no cycle follows."""
    enter(participant, "DS", END, by=by, now=NOW)
    participant.refresh_from_db()


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
    end_treatment(treated, by_coordinator)
    given = {**serious("2026-10-07 08:00", saeexp="Y"), "aestdtc": began, "aeser": "N", **answers}
    missing = {name: "NA" for name in NOT_GIVEN if name not in answers}
    assert enter(treated, "AE", given, missing=missing, by=by_coordinator, now=NOW).submitted
    assert open_ones("AEPERIOD") == ([("AE", "aestdtc")] if found else [])
    assert AdverseEvent.objects.count() == 1


def test_between_cycles_and_before_a_cycle_has_ended_every_event_is_collected(
    treated: Participant, by_coordinator: Actor
) -> None:
    event = {**EVENT, "aestdtc": "2026-10-20"}
    enter(treated, "AE", event, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    assert open_ones("AEPERIOD") == []
    second = START + timedelta(days=23)
    walk_through_visit(treated, "H-C2", by=by_coordinator, now=second)
    begun: dict[str, Any] = {"by": by_coordinator, "visit_code": "H-C2", "submit": False}
    fill(treated, "HAIC", {"hprocdt": second}, now=second, **begun)
    end_treatment(treated, by_coordinator)
    assert open_ones("AEPERIOD") == []
    fill(treated, "HAIC", {"hcathout": second + timedelta(hours=50)}, now=NOW, **begun)
    assert open_ones("AEPERIOD") == []  # to 26 October
    corrected = {"aestdtc": "2026-10-27"}
    enter(treated, "AE", {**event, **corrected}, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    assert open_ones("AEPERIOD") == [("AE", "aestdtc")]


def test_the_end_of_treatment_closes_the_period(treated: Participant, by_coordinator: Actor) -> None:
    event = {**EVENT, "aestdtc": "2026-10-06"}
    enter(treated, "AE", event, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    assert open_ones("AEPERIOD") == []
    end_treatment(treated, by_coordinator)
    assert open_ones("AEPERIOD") == [("AE", "aestdtc")]


def test_the_period_is_closed_by_the_day_where_a_plan_or_a_review_ends_treatment(
    treated: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    event = {**EVENT, "aestdtc": "2026-10-06"}
    enter(treated, "AE", event, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    move_participant(participant=treated, to=ParticipantState.FOLLOW_UP, by=by_investigator, now=NOW)
    run_daily_checks(by=SYSTEM, now=NOW)
    assert open_ones("AEPERIOD") == [("AE", "aestdtc")]


def test_a_catheter_of_which_nobody_knows_when_it_was_removed_ends_with_the_last_infusion(
    treated: Participant, by_coordinator: Actor
) -> None:
    where: dict[str, Any] = {"by": by_coordinator, "now": NOW, "visit_code": "H-C1"}
    fill(treated, "HAIC", {"hcathout": None}, missing={"hcathout": "NK"}, reason="Not in the chart", **where)
    end_treatment(treated, by_coordinator)
    for day in ("2026-10-05", "2026-10-07"):
        event = {**EVENT, "aestdtc": day}
        enter(treated, "AE", event, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    found = Discrepancy.objects.filter(check_id="AEPERIOD", status="OPEN")
    assert [one.repeat for one in found] == [2]


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
    end_treatment(treated, by_coordinator)
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
