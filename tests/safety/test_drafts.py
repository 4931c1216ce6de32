"""Deviations drafted when a rule is broken: once for each source, following it, and left alone once a person had them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import SYSTEM, Access, Actor
from accounts.models import Role, Site, User
from arms.models import Y90Infusion
from arms.oversight_actions import check_plan, confirm_override, request_override
from casebook.models import UnsavedEntry
from eligibility.models import AdverseEvent
from participants.actions import move_visit
from participants.models import Participant, Visit
from participants.workflow import VisitState
from records import clock, events
from records.actions import remove_record
from records.findings import Refused
from records.models import TrailEntry
from records.zone import TRIAL_ZONE
from safety.actions import judge_what_is_noted, keep_deviations, watch
from safety.actions.deviations import judge_noted
from safety.models import ClockMark, DeviationDraft, ProtocolDeviation
from safety.selectors.deviations import draft_of, drafts_waiting
from safety.tasks import draft_what_time_brought, watch_clocks
from tests.casebook.desk import visit_of
from tests.cast import START, make_person
from tests.safety.entering import NOT_GIVEN, at, enter, serious
from trial_edc import wiring
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.walks import (
    MAPPING,
    PLAN,
    infusion_answers,
    mapping_answers,
    walk_through_cycle,
    walk_through_visit,
    walk_to_assigned,
    walk_to_eligible,
    walk_to_haic_done,
    walk_to_y90_done,
)

FIRST_CYCLE = START + timedelta(days=2)


@pytest.fixture
def assigned(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    return walk_to_assigned(participant, "HAIC", investigator=by_investigator, now=START)


def let_the_worker_judge() -> None:
    judge_what_is_noted(by=SYSTEM, now=clock.now())


def drafts(participant: Participant, **where: Any) -> list[tuple[str, str, str, str]]:
    """Rule, form and part of each draft that stands once the worker was there, with the state of its deviation."""
    let_the_worker_judge()
    found = DeviationDraft.objects.filter(participant=participant, stands=True, **where).order_by("pk")
    return [
        (one.rule, one.form_code, one.part, one.deviation.state if one.deviation else "") for one in found
    ]


def visit_on(participant: Participant, day: date, by: Actor, code: str = "H-C2", **more: Any) -> Any:
    answers = {"svdone": "Y", "svstdtc": day, "svmode": "INPATIENT", "svoowrsn": "Holiday"}
    now = max(FIRST_CYCLE + timedelta(days=70), START)
    return fill(participant, "SV", answers, by=by, now=now, visit_code=code, **more)


# -- no alarm where nothing is broken ------------------------------------------------------------------


@pytest.mark.parametrize("walk", [walk_to_haic_done, walk_to_y90_done])
def test_a_course_as_planned_drafts_nothing(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, walk: Any
) -> None:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    walk(participant, by=by_coordinator, investigator=by_investigator, now=START)
    let_the_worker_judge()
    found = DeviationDraft.objects.exclude(rule="WINDOW")
    assert [str(one.suggested) for one in found] == []


# -- each rule through the forms -----------------------------------------------------------------------


def test_a_visit_outside_its_window_is_drafted_followed_and_withdrawn(
    assigned: Participant, by_coordinator: Actor
) -> None:
    walk_through_cycle(assigned, 1, by=by_coordinator, start=FIRST_CYCLE)
    visit = Visit.objects.get(participant=assigned, code="H-C2")
    assert visit.window_open and visit.window_close
    visit_on(assigned, visit.window_close + timedelta(days=1), by_coordinator)
    assert drafts(assigned) == [("WINDOW", "SV", "", "DRAFT")]
    deviation = ProtocolDeviation.objects.get()
    assert (deviation.dvdecod, deviation.dvsev) == ("VISITWINDOW", "MINOR")
    assert deviation.dvdtc == visit.window_close + timedelta(days=1)
    assert (
        deviation.dvterm is not None
        and "不在时间窗" in deviation.dvterm
        and "outside its window" in deviation.dvterm
    )
    assert (deviation.entered_by, deviation.repeat, deviation.visit.code) == (None, 1, "LOG")

    later = visit.window_close + timedelta(days=5)
    visit_on(assigned, later, by_coordinator, reason="misread")
    let_the_worker_judge()
    deviation.refresh_from_db()
    assert (ProtocolDeviation.objects.count(), deviation.dvdtc) == (1, later)

    visit_on(assigned, visit.window_close, by_coordinator, reason="misread")
    assert drafts(assigned) == []
    assert ProtocolDeviation.objects.count() == 0
    removed = TrailEntry.objects.get(relation="safety_protocoldeviation", operation="DELETE")
    assert (removed.role, removed.person_id) == ("SYSTEM", None)
    assert removed.reason.startswith("来源已更正")

    visit_on(assigned, later, by_coordinator, reason="right after all")
    assert drafts(assigned) == [("WINDOW", "SV", "", "DRAFT")]
    assert ProtocolDeviation.objects.get().repeat == 2


def test_a_dose_more_than_ten_percent_off_is_drafted_for_its_drug(
    assigned: Participant, by_coordinator: Actor
) -> None:
    less = {"oxadose": 200, "oxaadj": "REDUCED", "oxaadjrsn": "NEUROTOXICITY"}
    walk_through_cycle(assigned, 1, by=by_coordinator, start=FIRST_CYCLE, **less)
    assert drafts(assigned, rule="DOSE") == [("DOSE", "HAIC", "oxa", "DRAFT")]
    term = ProtocolDeviation.objects.get(dvdecod="DOSE").dvterm
    assert term is not None and "200 mg given, 236.25 mg planned (-15.3 %)" in term
    right = {"oxadose": 236, "oxaadj": "NONE", "oxaadjrsn": None}
    now = FIRST_CYCLE + timedelta(days=4)
    fill(assigned, "HAIC", right, by=by_coordinator, now=now, visit_code="H-C1", reason="typing error")
    assert drafts(assigned, rule="DOSE") == []


def test_an_interval_outside_its_window_is_drafted(assigned: Participant, by_coordinator: Actor) -> None:
    walk_through_cycle(assigned, 1, by=by_coordinator, start=FIRST_CYCLE)
    late = FIRST_CYCLE + timedelta(days=43)
    walk_through_cycle(assigned, 2, by=by_coordinator, start=late, hintrsn="Infection")
    let_the_worker_judge()
    deviation = ProtocolDeviation.objects.get(dvdecod="INTERVAL")
    assert (deviation.dvsev, deviation.dvdtc) == ("MAJOR", clock.day(late))


def test_a_procedure_before_consent_is_a_major_deviation(
    participant: Participant, by_coordinator: Actor
) -> None:
    procedure = {"procdtc": START - timedelta(hours=2)}
    fill(participant, "IE", procedure, by=by_coordinator, now=START, submit=False)
    assert drafts(participant) == [("CONSENT", "IE", "", "DRAFT")]
    earlier = {"icfdtc": START - timedelta(hours=3)}
    fill(participant, "DM", earlier, by=by_coordinator, now=START, submit=False)
    assert drafts(participant) == []


def test_a_criterion_that_fails_after_assignment_is_a_major_deviation(
    assigned: Participant, by_coordinator: Actor
) -> None:
    fill(
        assigned,
        "MH",
        {"maligoth": "Y", "maligtyp": "colon"},
        by=by_coordinator,
        now=START,
        reason="found later",
        missing={"maligdtc": "NK"},
    )
    assert drafts(assigned) == [("ELIGIBILITY", "ARM", "E2", "DRAFT")]
    fill(assigned, "MH", {"maligoth": "N"}, by=by_coordinator, now=START, reason="another patient")
    assert drafts(assigned) == []


def test_a_bleeding_told_after_the_first_treatment_is_a_deviation_of_that_day(
    assigned: Participant, by_coordinator: Actor
) -> None:
    start = START + timedelta(days=20)
    walk_through_cycle(assigned, 1, by=by_coordinator, start=start)
    told: dict[str, Any] = {"by": by_coordinator, "now": start + timedelta(days=5), "reason": "told later"}
    # After eligibility was decided with the planned day, and within 30 days of the first treatment.
    fill(assigned, "MH", {"gibyn": "Y", "gibdtc": clock.day(START + timedelta(days=18)).isoformat()}, **told)
    assert drafts(assigned) == [("FIRST_DAY", "HAIC", "E8", "DRAFT")]
    deviation = ProtocolDeviation.objects.get()
    assert (deviation.dvdecod, deviation.dvsev, deviation.dvdtc) == ("ELIGIBILITY", "MAJOR", clock.day(start))
    # Before the planned day as well: the assignment is the deviation, and it is one.
    fill(assigned, "MH", {"gibdtc": clock.day(START - timedelta(days=3)).isoformat()}, **told)
    assert drafts(assigned) == [("ELIGIBILITY", "ARM", "E8", "DRAFT")]
    fill(assigned, "MH", {"gibyn": "N"}, **told)
    assert drafts(assigned) == []


def end_of_treatment(participant: Participant, day: date, by: Actor, **more: Any) -> None:
    answers = {"dsscat": "EOT", "dsstdtc": day, "dsdecod": "PHYSICIAN"}
    now = FIRST_CYCLE + timedelta(days=60)
    enter(participant, "DS", answers, by=by, now=now, **more)


def test_treatment_that_ended_after_one_cycle_is_drafted(
    assigned: Participant, by_coordinator: Actor
) -> None:
    walk_through_cycle(assigned, 1, by=by_coordinator, start=FIRST_CYCLE)
    end_of_treatment(assigned, date(2026, 10, 20), by_coordinator)
    assert drafts(assigned) == [("CYCLES", "DS", "", "DRAFT")]
    deviation = ProtocolDeviation.objects.get()
    assert (deviation.dvdecod, deviation.dvsev, deviation.dvdtc) == ("DOSE", "MINOR", date(2026, 10, 20))
    walk_through_cycle(assigned, 2, by=by_coordinator, start=FIRST_CYCLE + timedelta(days=21))
    assert drafts(assigned) == []


def test_other_treatment_is_drafted_until_the_study_treatment_has_ended(
    assigned: Participant, by_coordinator: Actor
) -> None:
    walk_to_two_cycles(assigned, by_coordinator)
    other = {
        "sacttype": "TACE",
        "sactint": "THERAPEUTIC",
        "sactstdtc": date(2026, 10, 10),
        "sactenrf": "Y",
        "sactdrug": "epirubicin",
        "sactwhy": "PREFERENCE",
    }
    enter(assigned, "SACT", other, by=by_coordinator, now=FIRST_CYCLE + timedelta(days=60))
    assert drafts(assigned) == [("PROHIBITED", "SACT", "", "DRAFT")]
    deviation = ProtocolDeviation.objects.get()
    assert deviation.dvterm is not None and "TACE" in deviation.dvterm
    end_of_treatment(assigned, date(2026, 10, 11), by_coordinator)
    assert drafts(assigned) == [("PROHIBITED", "SACT", "", "DRAFT")]
    end_of_treatment(assigned, date(2026, 10, 10), by_coordinator, repeat=1, reason="misread")
    assert drafts(assigned) == []


def walk_to_two_cycles(participant: Participant, by: Actor) -> None:
    for number in (1, 2):
        walk_through_cycle(participant, number, by=by, start=FIRST_CYCLE + timedelta(days=21 * (number - 1)))


@pytest.fixture
def infused(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    return walk_to_y90_done(participant, by=by_coordinator, investigator=by_investigator, now=START)


def test_an_activity_more_than_twenty_percent_off_is_drafted(
    infused: Participant, by_coordinator: Actor
) -> None:
    known: dict[str, Any] = {"by": by_coordinator, "visit_code": "Y-INF", "now": START + timedelta(days=12)}
    more = {"yresact": Decimal("0.600"), "ynetrsn": "STASIS"}

    confirmed = {"yresact": "Checked"}
    fill(infused, "YTRT", more, reason="read again", confirmed=confirmed, **known)
    assert drafts(infused, rule="DOSE") == [("DOSE", "YTRT", "", "DRAFT")]
    deviation = ProtocolDeviation.objects.get(dvdecod="DOSE")
    assert deviation.dvterm is not None and "GBq" in deviation.dvterm


def test_a_second_infusion_is_drafted_at_its_own_form(
    infused: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    at_second = START + timedelta(days=67)
    infuse_again(infused, by_coordinator, by_investigator, at_second)
    assert drafts(infused, rule="SECOND_Y90") == [("SECOND_Y90", "YTRT", "", "DRAFT")]
    found = DeviationDraft.objects.get(rule="SECOND_Y90")
    assert (found.repeat, ProtocolDeviation.objects.get(pk=found.deviation_id).dvsev) == (2, "MAJOR")
    record: Any = Y90Infusion.objects.get(repeat=2)
    remove_record(
        record=record, revision=record.revision, by=by_coordinator, now=at_second, reason="Another patient"
    )
    assert drafts(infused, rule="SECOND_Y90") == []


def infuse_again(participant: Participant, by: Actor, investigator: Actor, infused: datetime) -> None:
    """Map, plan and check anew, set the block aside by two people, and infuse."""
    mapped = infused - timedelta(days=7)
    later = mapped + timedelta(hours=3)
    confirmed = dict.fromkeys([*PLAN, *MAPPING], CONFIRMED)
    anew: dict[str, Any] = {"by": by, "now": later, "repeat": 2, "confirmed": confirmed}
    fill(participant, "YMAP", mapping_answers(mapped), visit_code="Y-MAP", **anew)
    plan: Any = fill(participant, "YDOS", PLAN, visit_code="Y-MAP", **anew)
    check_plan(plan=plan, revision=plan.revision, by=investigator, now=later)
    asked = {"plan": plan, "revision": plan.revision, "code": "SECOND_INFUSION", "reason": "Other lobe"}
    confirm_override(override=request_override(**asked, by=by, now=later), by=investigator, now=later)
    given = infusion_answers(infused)
    fill(participant, "YTRT", given, by=by, now=infused + timedelta(hours=27), visit_code="Y-INF", repeat=2)


def test_tests_that_never_came_are_drafted_by_the_hour(
    assigned: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    screening = Visit.objects.get(participant=assigned, code="SCR")
    review = Visit.objects.create(
        participant=assigned,
        schedule=screening.schedule,
        code="H-R2",
        position=22,
        series="TREATMENT",
        label_en="Review",
        label_zh="评估",
        forms=["SV", "VS", "LB"],
        window_open=date(2026, 10, 1),
        window_close=date(2026, 10, 14),
    )
    clock.move_to(at("2026-10-14 12:00"))
    answers = {"svdone": "Y", "svstdtc": date(2026, 10, 6), "svmode": "CLINIC"}
    fill(assigned, "SV", answers, by=by_coordinator, now=at("2026-10-14 12:00"), visit_code="H-R2")
    draft_what_time_brought()
    assert drafts(assigned) == []
    clock.move_to(at("2026-10-15 00:30"))
    draft_what_time_brought()
    draft_what_time_brought()
    assert drafts(assigned) == [("LABS", "SV", "", "DRAFT")]
    walk_through_visit(assigned, "H-R2", by=by_coordinator, now=at("2026-10-15 00:30"), headed=False)
    assert drafts(assigned) == []
    assert Visit.objects.get(pk=review.pk).status == VisitState.DONE


# -- what people do with drafts ------------------------------------------------------------------------


@pytest.fixture
def drafted(participant: Participant, by_coordinator: Actor) -> DeviationDraft:
    fill(
        participant, "IE", {"procdtc": START - timedelta(hours=2)}, by=by_coordinator, now=START, submit=False
    )
    let_the_worker_judge()
    return DeviationDraft.objects.get()


def correct_source(participant: Participant, by: Actor) -> None:
    fill(participant, "IE", {"procdtc": None}, by=by, now=START, submit=False)
    let_the_worker_judge()


def complete(drafted: DeviationDraft, by: Actor) -> None:
    answers = {"dvact": "The committee was told.", "dvec": date(2026, 9, 1)}
    enter(drafted.participant, "DV", answers, repeat=1, by=by, now=START)


def test_what_a_person_completed_is_not_overwritten_or_removed(
    drafted: DeviationDraft, participant: Participant, by_coordinator: Actor
) -> None:
    enter(
        participant, "DV", {"dvterm": "In my own words"}, repeat=1, by=by_coordinator, now=START, submit=False
    )
    fill(
        participant, "IE", {"procdtc": START - timedelta(hours=4)}, by=by_coordinator, now=START, submit=False
    )
    let_the_worker_judge()
    drafted.refresh_from_db()
    assert "2026-09-01 06:00" in drafted.suggested["en"]
    assert ProtocolDeviation.objects.get().dvterm == "In my own words"
    complete(drafted, by_coordinator)
    correct_source(participant, by_coordinator)
    drafted.refresh_from_db()
    assert (drafted.stands, ProtocolDeviation.objects.get().state) == (False, "SUBMITTED")


def test_a_draft_somebody_types_into_is_not_withdrawn_from_under_them(
    drafted: DeviationDraft, participant: Participant, coordinator: User, by_coordinator: Actor
) -> None:
    kept = UnsavedEntry.objects.create(
        page=uuid4(), person=coordinator, visit=visit_of(participant, "LOG"), form="DV", repeat=1, posted=[],
        kept_at=START,
    )  # fmt: skip
    correct_source(participant, by_coordinator)
    drafted.refresh_from_db()
    assert (drafted.stands, drafted.deviation) == (False, ProtocolDeviation.objects.get())
    # Typing into another one keeps nothing.
    UnsavedEntry.objects.filter(pk=kept.pk).update(repeat=2)
    fill(
        participant, "IE", {"procdtc": START - timedelta(hours=2)}, by=by_coordinator, now=START, submit=False
    )
    let_the_worker_judge()
    correct_source(participant, by_coordinator)
    assert not ProtocolDeviation.objects.exists()


def test_the_worker_waits_for_who_decides_before_it_locks_anything(
    participant: Participant, by_coordinator: Actor
) -> None:
    fill(
        participant, "IE", {"procdtc": START - timedelta(hours=2)}, by=by_coordinator, now=START, submit=False
    )
    with CaptureQueriesContext(connection) as asked:
        judge_noted(participant=participant, by=SYSTEM, now=START)
    statements = [one["sql"] for one in asked.captured_queries]
    waits = next(
        number for number, sql in enumerate(statements) if "pg_advisory_xact_lock_shared(7309" in sql
    )
    locks = next(number for number, sql in enumerate(statements) if "FOR NO KEY UPDATE" in sql)
    assert waits < locks
    assert ProtocolDeviation.objects.exists()


def test_a_draft_a_person_removed_is_not_drafted_again(
    drafted: DeviationDraft, participant: Participant, by_coordinator: Actor
) -> None:
    record = ProtocolDeviation.objects.get()
    remove_record(record=record, revision=record.revision, by=by_coordinator, now=START, reason="planned so")
    fill(
        participant, "IE", {"procdtc": START - timedelta(hours=4)}, by=by_coordinator, now=START, submit=False
    )
    let_the_worker_judge()
    assert ProtocolDeviation.objects.count() == 0
    drafted.refresh_from_db()
    assert (drafted.deviation, drafted.stands) == (None, True)


def test_drafts_wait_for_a_person_until_they_are_complete(
    drafted: DeviationDraft, participant: Participant, by_coordinator: Actor, site: Site, other_site: Site
) -> None:
    here = Access.of(make_person("zhang", Role.COORDINATOR, site), START.date())
    there = Access.of(make_person("chen", Role.COORDINATOR, other_site), START.date())
    assert [one.pk for one in drafts_waiting(here)] == [drafted.pk]
    assert list(drafts_waiting(there)) == list(drafts_waiting(Access(None, ()))) == []
    assert draft_of(drafted.deviation) == drafted and draft_of(None) is None
    complete(drafted, by_coordinator)
    assert list(drafts_waiting(here)) == []
    correct_source(participant, by_coordinator)
    assert [one.stands for one in drafts_waiting(here)] == [False]


def test_a_rule_that_may_not_write_keeps_nothing_from_being_saved(
    participant: Participant, by_coordinator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*, record: Any, by: Actor, now: datetime) -> None:
        if record.form.code == "DV":
            raise Refused("The casebook is locked.")

    guards = (*wiring.GUARDS, locked)
    monkeypatch.setattr(events, "_table", lambda: (wiring.SUBSCRIBERS, guards))
    saved = fill(
        participant, "IE", {"procdtc": START - timedelta(hours=2)}, by=by_coordinator, now=START, submit=False
    )
    assert saved.pk
    assert drafts(participant) == [("CONSENT", "IE", "", "")]
    monkeypatch.setattr(events, "_table", lambda: (wiring.SUBSCRIBERS, wiring.GUARDS))
    keep_deviations(participant=participant, names=["CONSENT"], by=SYSTEM, now=START)
    assert drafts(participant) == [("CONSENT", "IE", "", "DRAFT")]


# -- late reports --------------------------------------------------------------------------------------


def unreported(participant: Participant, by: Actor, aware: str) -> AdverseEvent:
    answers = {**serious(aware), "saerep": None, "saeec": None, "saeorg": None}
    event: AdverseEvent = enter(
        participant, "AE", answers, missing=NOT_GIVEN, submit=False, by=by, now=at(aware) + timedelta(hours=1)
    )
    return event


def marks() -> list[tuple[str, str]]:
    return [
        (one.light, f"{one.crossed.astimezone(TRIAL_ZONE):%m-%d %H:%M}")
        for one in ClockMark.objects.order_by("crossed")
    ]


@pytest.mark.parametrize(
    ("now", "expected", "late"),
    [
        ("2026-10-03 10:59", [], 0),
        ("2026-10-03 11:00", [("AMBER", "10-03 11:00")], 0),
        ("2026-10-03 17:00", [("AMBER", "10-03 11:00")], 0),
        ("2026-10-03 17:01", [("AMBER", "10-03 11:00"), ("RED", "10-03 17:00")], 1),
    ],
)
def test_the_clock_of_a_friday_runs_through_the_weekend(
    participant: Participant,
    by_coordinator: Actor,
    now: str,
    expected: list[tuple[str, str]],
    late: int,
) -> None:
    unreported(participant, by_coordinator, "2026-10-02 17:00")
    clock.move_to(at(now))
    watch_clocks()
    watch_clocks()
    assert marks() == expected
    assert len(drafts(participant, rule="SAELATE")) == late


def test_a_late_report_is_drafted_once_and_follows_the_report(
    participant: Participant, by_coordinator: Actor
) -> None:
    unreported(participant, by_coordinator, "2026-10-01 08:00")
    watch(by=SYSTEM, now=at("2026-10-02 08:01"))
    watch(by=SYSTEM, now=at("2026-10-03 08:01"))
    clock.move_to(at("2026-10-03 08:02"))
    assert drafts(participant) == [("SAELATE", "AE", "", "DRAFT")]
    deviation = ProtocolDeviation.objects.get()
    assert deviation.dvterm is not None and "not reported by 2026-10-02 08:00" in deviation.dvterm
    sent = {"saerep": at("2026-10-03 09:00")}
    enter(participant, "AE", sent, repeat=1, submit=False, by=by_coordinator, now=at("2026-10-03 09:10"))
    let_the_worker_judge()
    deviation.refresh_from_db()
    assert "1500 min late" in deviation.dvterm
    in_time = {"saerep": at("2026-10-02 08:00")}
    enter(participant, "AE", in_time, repeat=1, submit=False, by=by_coordinator, now=at("2026-10-03 09:10"))
    assert (drafts(participant), ProtocolDeviation.objects.count()) == ([], 0)


def test_another_moment_of_awareness_is_another_clock(
    participant: Participant, by_coordinator: Actor
) -> None:
    unreported(participant, by_coordinator, "2026-10-01 08:00")
    watch(by=SYSTEM, now=at("2026-10-02 08:01"))
    later = {"saeaware": at("2026-10-02 07:00"), "aestdtc": "2026-10-01"}
    enter(participant, "AE", later, repeat=1, submit=False, by=by_coordinator, now=at("2026-10-02 09:00"))
    assert drafts(participant) == []
    watch(by=SYSTEM, now=at("2026-10-03 07:01"))
    assert len(marks()) == 4
    assert len(drafts(participant)) == 1


def test_a_missed_visit_is_no_reason_to_look(assigned: Participant, by_coordinator: Actor) -> None:
    visit = Visit.objects.get(participant=assigned, code="H-C1")
    move_visit(visit=visit, to=VisitState.MISSED, by=by_coordinator, now=START)
    draft_what_time_brought()
    assert drafts(assigned) == []
