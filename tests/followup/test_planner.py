"""The planner at work: stored visits follow anchors, cycles, assessments, visits seen and settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from accounts.access import SYSTEM, Access, Actor, Permission
from accounts.models import User
from arms.models import ArmAssignment, ResectabilityReview
from followup.actions import replan_all_where_needed, replan_participant
from followup.models import CalendarBasis, TumourResponse
from followup.selectors import calendar_rows, due_visits
from participants.actions import move_participant, set_anchor
from participants.models import Participant, Visit, VisitHeader, VisitStatus
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState, VisitState
from records import clock, study
from records.actions import save_record
from records.checks import Entry
from records.findings import Refused
from tests.cast import START, actor, make_participant
from tests.followup.conftest import counted

TODAY = date(2026, 9, 1)
Days = Callable[..., None]


@pytest.fixture
def haic(participant: Participant, by_investigator: Actor) -> Participant:
    return assigned(participant, "HAIC", by_investigator)


@pytest.fixture
def y90(participant: Participant, by_investigator: Actor) -> Participant:
    return assigned(participant, "Y90", by_investigator)


def assigned(participant: Participant, arm: str, by: Actor) -> Participant:
    for status in (ParticipantState.ELIGIBLE, ParticipantState.ASSIGNED, ParticipantState.ON_TREATMENT):
        move_participant(participant=participant, to=status, by=by, now=START)
    participant.arm = arm
    participant.save()
    anchor(participant, Anchor.A0, TODAY, by)
    return participant


def anchor(participant: Participant, name: Anchor, day: date | None, by: Actor) -> None:
    set_anchor(participant=participant, anchor=name, day=day, by=by, now=START)


def codes(participant: Participant, *states: VisitState) -> list[str]:
    chosen = states or (VisitState.PLANNED,)
    return list(
        participant.visits.filter(status__in=chosen)
        .exclude(series__in=["LT", "LOG"])
        .values_list("code", flat=True)
    )


def index_date(participant: Participant) -> date | None:
    return participant.anchors.filter(name="A1").values_list("date", flat=True).first()


def record(
    model: type[Any], participant: Participant, code: str, answers: dict[str, Any], by: Actor, now: datetime
) -> Any:
    """Submit a form, or correct it, at the participant's visit of this code."""
    clock.move_to(now)
    visit = Visit.objects.select_related("participant").get(participant=participant, code=code)
    place = {"participant": participant, "visit": visit, "repeat": 1}
    known = model.objects.filter(**place).first()
    return save_record(
        model=model,
        place=place,
        entry=Entry(dict(answers), confirmed=dict.fromkeys(answers, "Confirmed.")),
        context=model.context(visit=visit, today=clock.day(now), now=now),
        submit=True,
        by=by,
        now=now,
        revision=known.revision if known else None,
        reason="Corrected." if known else "",
    )


def response(overall: str, on: date, **more: str) -> dict[str, Any]:
    return {"rsdtc": on, "rscat": "RECIST11", "ntrgresp": "NA", "newles": "N", "rsinv": overall, **more}


def review(next_step: str, on: date) -> dict[str, Any]:
    results = {
        "CONTINUE_HAIC": {"resres": "NOTYET", "reswhy": ["NOTSHRUNK"]},
        "OBSERVE": {"resres": "NOTYET", "reswhy": ["REMNANT"]},
        "OTHER_TREATMENT": {"resres": "UNRESECTABLE", "reswhy": ["METASTASIS"]},
    }
    found = results.get(next_step, {"resres": "RESECTABLE"})
    sizes = {"flr2": Decimal(45), "icgr15": Decimal(9)}
    return {"resdtc": on, **found, **sizes, "surgcontra": "N", "nextstep": next_step}


# ---- HAIC: the index date moves with the cycles ----------------------------------------------------


def test_the_index_date_follows_the_end_of_the_last_cycle(haic: Participant, by_investigator: Actor) -> None:
    anchor(haic, Anchor.C1_START, date(2026, 9, 5), by_investigator)
    anchor(haic, Anchor.C1_END, date(2026, 9, 8), by_investigator)
    assert (index_date(haic), codes(haic)) == (None, ["H-C1", "H-C2"])
    anchor(haic, Anchor.C2_START, date(2026, 9, 28), by_investigator)
    anchor(haic, Anchor.C2_END, date(2026, 9, 30), by_investigator)
    assert index_date(haic) == date(2026, 9, 30)
    assert codes(haic) == ["H-C1", "H-C2", "H-R2", "NR-M3", "NR-M6", "SURG"]
    anchor(haic, Anchor.C2_END, date(2026, 10, 1), by_investigator)
    assert index_date(haic) == date(2026, 10, 1)
    assert haic.visits.get(code="NR-M3").target_from == date(2026, 12, 31)
    anchor(haic, Anchor.C2_END, None, by_investigator)
    assert (index_date(haic), codes(haic)) == (None, ["H-C1", "H-C2"])


def test_one_cycle_is_the_last_where_treatment_has_ended(haic: Participant, by_investigator: Actor) -> None:
    anchor(haic, Anchor.C1_END, date(2026, 9, 8), by_investigator)
    anchor(haic, Anchor.EOT, date(2026, 9, 20), by_investigator)
    assert index_date(haic) == date(2026, 9, 8)


def test_the_end_of_treatment_leaves_the_index_date_of_y90_alone(
    y90: Participant, by_investigator: Actor
) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    anchor(y90, Anchor.EOT, date(2026, 11, 1), by_investigator)
    assert index_date(y90) == date(2026, 10, 1)


def test_a_cycle_end_that_moves_the_index_date_plans_once(
    haic: Participant, by_investigator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor(haic, Anchor.C1_END, date(2026, 9, 8), by_investigator)
    with counted() as queries:
        anchor(haic, Anchor.C2_END, date(2026, 9, 30), by_investigator)
    planned = [query for query in queries if "participants_visit" in query and "FOR NO KEY UPDATE" in query]
    assert len(planned) == 1


# ---- HAIC: how many cycles -------------------------------------------------------------------------


def through_two_cycles(haic: Participant, by: Actor) -> None:
    for name, day in {
        Anchor.C1_START: date(2026, 9, 5),
        Anchor.C1_END: date(2026, 9, 8),
        Anchor.C2_START: date(2026, 9, 28),
        Anchor.C2_END: date(2026, 9, 30),
    }.items():
        anchor(haic, name, day, by)


def test_four_cycles_planned_at_assignment_bring_the_third_before_the_review(
    haic: Participant, by_investigator: Actor, coordinator: User
) -> None:
    ArmAssignment.objects.create(
        participant=haic,
        visit=haic.visits.get(code="SCR"),
        hplan="4",
        state=ArmAssignment.State.SUBMITTED,
        entered_at=START,
        submitted_at=START,
        submitted_by=coordinator,
    )
    through_two_cycles(haic, by_investigator)
    assert [code for code in codes(haic) if code.startswith("H-C")] == ["H-C1", "H-C2", "H-C3"]
    reviewed = START + timedelta(days=52)
    answers = review("HEPATECTOMY", date(2026, 10, 22))
    record(ResectabilityReview, haic, "H-R2", answers, by_investigator, reviewed)
    assert [code for code in codes(haic) if code.startswith("H-C")] == ["H-C1", "H-C2"]


@pytest.mark.parametrize(
    ("next_step", "cycles"),
    [
        ("CONTINUE_HAIC", ["H-C1", "H-C2", "H-C3"]),
        ("OBSERVE", ["H-C1", "H-C2"]),
        ("HEPATECTOMY", ["H-C1", "H-C2"]),
    ],
)
def test_the_review_decides_whether_further_cycles_are_planned(
    haic: Participant, by_investigator: Actor, next_step: str, cycles: list[str]
) -> None:
    through_two_cycles(haic, by_investigator)
    reviewed = START + timedelta(days=52)
    answers = review(next_step, date(2026, 10, 22))
    record(ResectabilityReview, haic, "H-R2", answers, by_investigator, reviewed)
    assert [code for code in codes(haic) if code.startswith("H-C")] == cycles


def test_a_corrected_review_takes_further_cycles_back(haic: Participant, by_investigator: Actor) -> None:
    through_two_cycles(haic, by_investigator)
    reviewed = START + timedelta(days=52)
    for step in ("CONTINUE_HAIC", "OBSERVE"):
        answers = review(step, date(2026, 10, 22))
        record(ResectabilityReview, haic, "H-R2", answers, by_investigator, reviewed)
    third = haic.visits.get(code="H-C3")
    assert third.status == VisitState.CANCELLED
    assert third.statuses.get().reason.startswith("No longer foreseen")


def test_the_review_against_resection_takes_the_operation_back(
    y90: Participant, by_investigator: Actor
) -> None:
    anchor(y90, Anchor.A1, date(2026, 9, 10), by_investigator)
    assert y90.visits.get(code="SURG").status == VisitState.PLANNED
    reviewed = START + timedelta(days=100)
    answers = review("OTHER_TREATMENT", date(2026, 12, 9))
    record(ResectabilityReview, y90, "Y-M3", answers, by_investigator, reviewed)
    operation = y90.visits.get(code="SURG")
    assert operation.status == VisitState.SUPERSEDED
    assert operation.statuses.get().reason.startswith("Not resectable by decision of 2026-12-09.")
    answers = review("HEPATECTOMY", date(2026, 12, 9)) | {"reswhy": None}
    record(ResectabilityReview, y90, "Y-M3", answers, by_investigator, reviewed)
    assert y90.visits.get(code="SURG").status == VisitState.PLANNED


# ---- what was found --------------------------------------------------------------------------------


def test_progression_ends_imaging_visits_and_leads_to_long_term_follow_up(
    y90: Participant, by_investigator: Actor
) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    answers = response("PD", date(2026, 10, 30))
    record(TumourResponse, y90, "Y-M1", answers, by_investigator, START + timedelta(days=60))
    assert y90.visits.get(code="Y-M3").status == VisitState.SUPERSEDED
    assert y90.visits.get(code="Y-M1").status == VisitState.STARTED
    assert y90.visits.filter(series="LT", status=VisitState.PLANNED).earliest("position").code == "LT-1"


def test_a_progression_taken_back_brings_the_visits_back(y90: Participant, by_investigator: Actor) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    for overall in ("PD", "SD"):
        answers = response(overall, date(2026, 10, 30))
        record(TumourResponse, y90, "Y-M1", answers, by_investigator, START + timedelta(days=60))
    third = y90.visits.get(code="Y-M3")
    assert (third.status, [step.status for step in third.statuses.all()]) == (
        VisitState.PLANNED,
        [VisitState.SUPERSEDED, VisitState.PLANNED],
    )


def test_an_assessment_saved_as_a_draft_steers_nothing(y90: Participant, by_investigator: Actor) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    now = START + timedelta(days=60)
    visit = Visit.objects.select_related("participant").get(participant=y90, code="Y-M1")
    save_record(
        model=TumourResponse,
        place={"participant": y90, "visit": visit, "repeat": 1},
        entry=Entry(response("PD", date(2026, 10, 30))),
        context=TumourResponse.context(visit=visit, today=clock.day(now), now=now),
        submit=False,
        by=by_investigator,
        now=now,
    )
    assert y90.visits.get(code="Y-M3").status == VisitState.PLANNED


@pytest.mark.parametrize(
    ("seen", "month_1"), [(date(2026, 10, 28), "SUPERSEDED"), (date(2026, 11, 12), "PLANNED")]
)
def test_a_review_seen_inside_the_window_serves_as_the_first_month(
    haic: Participant, by_investigator: Actor, seen: date, month_1: str
) -> None:
    through_two_cycles(haic, by_investigator)
    header = {"svdone": "Y", "svstdtc": seen, "svmode": "CLINIC", "svoowrsn": "Travelling."}
    record(VisitHeader, haic, "H-R2", header, by_investigator, START + timedelta(days=80))
    found = haic.visits.filter(code="NR-M1").values_list("status", flat=True).first() or "SUPERSEDED"
    assert found == month_1


def test_hepatectomy_before_the_index_procedure_is_refused_with_a_sentence(
    y90: Participant, by_investigator: Actor
) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    with override("en"), pytest.raises(Refused, match="hepatectomy lies before"):
        anchor(y90, Anchor.A2, date(2026, 9, 30), by_investigator)


# ---- the stored visits -----------------------------------------------------------------------------


def test_planning_a_second_time_changes_nothing(y90: Participant, by_investigator: Actor) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    anchor(y90, Anchor.A2, date(2027, 1, 12), by_investigator)
    before = (list(y90.visits.values()), list(VisitStatus.objects.values()))
    replan_participant(participant=y90, by=by_investigator, now=START)
    assert (list(y90.visits.values()), list(VisitStatus.objects.values())) == before


def test_planning_takes_as_many_queries_when_one_visit_moves_as_when_many_do(
    y90: Participant, by_investigator: Actor
) -> None:
    def queries(name: Anchor, day: date) -> int:
        with counted() as found:
            anchor(y90, name, day, by_investigator)
        return len(found)

    anchor(y90, Anchor.MAP, date(2026, 9, 10), by_investigator)
    anchor(y90, Anchor.A1, date(2026, 9, 20), by_investigator)
    one_visit_moves = queries(Anchor.MAP, date(2026, 9, 11))
    ten_visits_move = queries(Anchor.A1, date(2026, 9, 21))
    assert (one_visit_moves, ten_visits_move) == (7, 7)


def test_the_end_of_participation_closes_the_calendar(y90: Participant, by_investigator: Actor) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    move_participant(
        participant=y90, to=ParticipantState.WITHDRAWN, by=by_investigator, now=START, reason="Moved away."
    )
    assert codes(y90) == []


# ---- settings --------------------------------------------------------------------------------------


def use_series(chosen: tuple[str, ...], by: Actor, now: datetime) -> None:
    study.set_value(
        key="followup_series", value=chosen, effective_from=clock.day(now), reason="Sponsor.", by=by, now=now
    )


def test_a_series_switched_off_or_on_changes_every_calendar_once(
    y90: Participant, by_investigator: Actor, data_manager: User, site: Any
) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    other = assigned(make_participant(site, by_investigator), "HAIC", by_investigator)
    by = actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site)
    replan_all_where_needed(by=SYSTEM, now=START)
    assert "NR-M6" in codes(y90)
    use_series(("Y", "PH", "CAL", "LT"), by, START)
    replan_all_where_needed(by=SYSTEM, now=START)
    assert "NR-M6" not in codes(y90)
    assert [code for code in codes(other) if code.startswith("CAL")] == [
        "CAL-M3",
        "CAL-M6",
        "CAL-M9",
        "CAL-M12",
    ]
    assert CalendarBasis.objects.get().basis == "1: Y PH CAL LT"


def test_as_long_as_nothing_changed_no_calendar_is_looked_at(
    y90: Participant,
) -> None:
    replan_all_where_needed(by=SYSTEM, now=START)
    with counted() as queries:
        replan_all_where_needed(by=SYSTEM, now=START)
    assert len(queries) == 3


# ---- what waits ------------------------------------------------------------------------------------


def test_visits_that_wait_stand_in_the_list_of_their_urgency(
    y90: Participant, by_investigator: Actor, coordinator: User, django_assert_num_queries: Any
) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    access = Access.of(coordinator, TODAY)

    chosen = ("SCR", "Y-M1")

    def lists(day: date) -> list[list[str]]:
        with django_assert_num_queries(2):
            found = due_visits(access, day)
            waiting = (found.overdue, found.closing, found.open)
            return [
                [visit.code for visit in visits if visit.participant.arm and visit.code in chosen]
                for visits in waiting
            ]

    assert lists(date(2026, 9, 20)) == [[], [], ["SCR"]]
    assert lists(date(2026, 9, 29)) == [[], ["SCR"], []]
    assert lists(date(2026, 10, 24)) == [["SCR"], [], ["Y-M1"]]


def test_a_calendar_shows_where_today_lies_in_each_window(
    y90: Participant, by_investigator: Actor, django_assert_num_queries: Any
) -> None:
    anchor(y90, Anchor.A1, date(2026, 10, 1), by_investigator)
    visits = list(y90.visits.filter(code__in=["SCR", "Y-M1", "Y-M3"]))
    with django_assert_num_queries(1):
        rows = calendar_rows(visits, date(2026, 11, 6))
    assert [(row.visit.code, row.mark, row.words.en, row.badge) for row in rows] == [
        ("SCR", "overdue", "Overdue", "bad"),
        ("Y-M1", "open", "Window closing", "warn"),
        ("Y-M3", "upcoming", "Upcoming", ""),
    ]
