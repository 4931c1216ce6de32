"""What is no form and yet is told of a participant: a lock stops it, at every level that reaches it; a freeze does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.access import Actor
from accounts.models import User
from arms.models import ActivityPlan
from arms.oversight_actions import check_plan, confirm_override, request_override
from eligibility.actions import confirm_eligible, declare_screen_failure
from eligibility.models import AdverseEvent, EligibilityDecision, Laboratory
from eligibility.selectors import assess, seen
from followup.actions import add_unscheduled_visit
from monitoring.actions import hold
from monitoring.extents import Extent
from monitoring.policies.trust import OnHold
from monitoring.trust import HoldState
from participants.actions import confirm_discrepancy, reopen_discrepancy
from participants.models import CaseReportForm, Discrepancy, Participant, Visit
from safety.actions import acknowledge, file_report
from safety.actions.coding import code_event
from safety.actions.prompts import dismiss_result
from safety.models import MeddraRelease, SaeDelivery
from tests.arms.test_oversight import HIGH_SHUNT
from tests.browsing import Page, at_the_desk
from tests.cast import START
from tests.monitoring.asking import LATER
from tests.safety.entering import EVENT, NOT_GIVEN, at, enter
from tests.safety.meddra_folder import english
from tests.safety.test_prompts import sample
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import (
    VITAL_SIGNS,
    walk_to_assigned,
    walk_to_eligible,
    walk_to_screened,
    walk_to_y90_planned,
)

Act = Callable[[], Any]


@pytest.fixture
def stopped(by_data_manager: Actor) -> Callable[..., None]:
    """Each of the extents locked stops an act; frozen, or with another visit of theirs locked, it is done."""

    def stops(act: Act, extents: list[Extent], others: list[Extent]) -> None:
        def held(extent: Extent, state: HoldState) -> None:
            hold(extent=extent, to=state, by=by_data_manager, now=LATER, reason="As agreed")

        def undone() -> Any:
            with transaction.atomic():
                done = act()
                transaction.set_rollback(True)
            return done

        for extent in extents:
            held(extent, HoldState.LOCKED)
            with pytest.raises(OnHold, match=f"The {extent.level.lower()} is locked"):
                undone()
            held(extent, HoldState.FROZEN)
            undone()
            held(extent, HoldState.OPEN)
        for extent in others:
            held(extent, HoldState.LOCKED)
        undone()

    return stops


def around(participant: Participant) -> list[Extent]:
    return [
        Extent.of_trial(),
        Extent.of_site(participant.site),
        Extent.of_participant(participant),
    ]


def around_form(record: CaseReportForm) -> list[Extent]:
    visit = Visit.objects.select_related("participant__site").get(pk=record.visit_id)
    form = Extent.of_form(visit, record.form.code, record.repeat)
    return [*around(visit.participant), Extent.of_visit(visit), form]


def other_visits(record: CaseReportForm) -> list[Extent]:
    visits = Visit.objects.filter(participant_id=record.participant_id).exclude(pk=record.visit_id)
    return [Extent.of_visit(visit) for visit in visits.select_related("participant__site")]


# -- of a participant as a whole -----------------------------------------------------------------------


def test_eligibility_is_not_confirmed(
    participant: Participant,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
    stopped: Callable[..., None],
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=START)
    visits = [Extent.of_visit(visit) for visit in participant.visits.select_related("participant__site")]
    saw = seen(assess(participant, LATER))
    stopped(
        lambda: confirm_eligible(participant=participant, saw=saw, by=by_investigator, now=LATER),
        around(participant),
        visits,
    )
    assert not EligibilityDecision.objects.exists()


def test_a_screen_failure_is_not_declared(
    participant: Participant,
    by_coordinator: Actor,
    by_investigator: Actor,
    by_data_manager: Actor,
    at_start: datetime,
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=START, VS={"ecog": "2"})
    hold(extent=Extent.of_site(participant.site), to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    saw = seen(assess(participant, LATER))
    with pytest.raises(OnHold):
        declare_screen_failure(
            participant=participant, saw=saw, reason="ECOG 2 at screening", by=by_investigator, now=LATER
        )
    assert not EligibilityDecision.objects.exists()


def test_the_page_of_eligibility_says_why(
    participant: Participant,
    by_coordinator: Actor,
    investigator: User,
    by_data_manager: Actor,
    at_start: datetime,
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=START)
    hold(extent=Extent.of_participant(participant), to=HoldState.LOCKED, by=by_data_manager, now=START)
    answer = at_the_desk(investigator).post(f"/eligibility/{participant.pk}/", {"action": "confirm"})
    assert answer.status_code == 422
    assert "The participant is locked. A data manager can unlock it." in Page(answer).text


def test_no_unscheduled_visit_begins(
    participant: Participant, by_coordinator: Actor, at_start: datetime, stopped: Callable[..., None]
) -> None:
    before = participant.visits.count()
    visits = [Extent.of_visit(visit) for visit in participant.visits.select_related("participant__site")]
    stopped(
        lambda: add_unscheduled_visit(participant=participant, by=by_coordinator, now=LATER),
        around(participant),
        visits,
    )
    assert participant.visits.count() == before


# -- of a record ---------------------------------------------------------------------------------------


def test_a_plan_is_not_checked_and_no_block_is_set_aside(
    participant: Participant,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
    stopped: Callable[..., None],
) -> None:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    plan = walk_to_y90_planned(
        participant, by=by_coordinator, investigator=by_investigator, now=START, plan=HIGH_SHUNT
    )
    assert isinstance(plan, ActivityPlan)
    when = START + timedelta(days=5)
    asked = {"plan": plan, "revision": plan.revision, "by": by_coordinator, "now": when}

    def request(code: str) -> Any:
        return request_override(code=code, reason="Split dose", **asked)  # type: ignore[arg-type]

    override = request("LUNG_SHUNT")
    acts: list[Act] = [
        lambda: check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=when),
        lambda: request("LUNG_DOSE"),
        lambda: confirm_override(override=override, by=by_investigator, now=when),
    ]
    for act in acts[:-1]:
        stopped(act, around_form(plan), [])
    stopped(acts[-1], around_form(plan), other_visits(plan))


def test_no_result_is_called_no_adverse_event(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, stopped: Callable[..., None]
) -> None:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    walk_to_assigned(participant, "HAIC", investigator=by_investigator, now=START)
    laboratory: Laboratory = sample(participant, by_coordinator)
    stopped(
        lambda: dismiss_result(
            laboratory=laboratory, test="plt", reason="clumped", by=by_coordinator, now=LATER
        ),
        around_form(laboratory),
        other_visits(laboratory),
    )


def test_no_event_is_coded(
    participant: Participant,
    by_coordinator: Actor,
    by_data_manager: Actor,
    tmp_path: Path,
    at_start: datetime,
    stopped: Callable[..., None],
) -> None:
    words = ("--version", "99.0", "--commit", "--by", "datamanager")
    call_command("import_meddra", str(english(tmp_path)), *words)
    answers = {**EVENT, "aeterm": "blue knee", "aedecod": None}
    event: AdverseEvent = enter(
        participant, "AE", answers, missing=NOT_GIVEN, by=by_coordinator, now=START, submit=False
    )
    release = MeddraRelease.objects.get()
    stopped(
        lambda: code_event(event=event, release=release, llt=101, reason="", by=by_data_manager, now=LATER),
        around_form(event),
        other_visits(event),
    )


def test_no_check_is_answered_or_asked_again(
    participant: Participant,
    by_coordinator: Actor,
    by_monitor: Actor,
    by_data_manager: Actor,
    monitor: User,
    stopped: Callable[..., None],
    measured: Participant,
) -> None:
    add_unscheduled_visit(participant=participant, by=by_coordinator, now=LATER)
    answers = {**VITAL_SIGNS, "height": 175}
    record = fill(participant, "VS", answers, by=by_coordinator, now=LATER, visit_code="UNS", submit=False)
    found = Discrepancy.objects.get()

    def confirm() -> None:
        confirm_discrepancy(discrepancy=found, comment="Measured twice", by=by_coordinator, now=LATER)

    stopped(confirm, around_form(record), [])
    confirm()
    stopped(
        lambda: reopen_discrepancy(discrepancy=found, words="Which?", by=by_monitor, now=LATER),
        around_form(record),
        other_visits(record),
    )
    hold(extent=around_form(record)[-1], to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    answer = at_the_desk(monitor).post(f"/monitoring/queries/checks/{found.pk}/reopen/", {"words": "Which?"})
    assert answer.status_code == 422
    assert "The form is locked" in Page(answer).text
    found.refresh_from_db()
    assert not found.is_open


# -- what goes on --------------------------------------------------------------------------------------


def test_a_report_is_followed_up_and_its_receipt_noted_after_a_lock(
    participant: Participant, by_coordinator: Actor, by_data_manager: Actor, at_start: datetime
) -> None:
    now = at("2026-10-02 03:30")
    least = {"aeterm": "liver abscess", "aeser": "Y", "saeaware": at("2026-10-01 08:00")}
    event: AdverseEvent = enter(participant, "AE", least, submit=False, by=by_coordinator, now=now)

    def file(kind: str, information: str) -> Any:
        event.refresh_from_db()
        return file_report(
            event=event,
            kind=kind,
            revision=event.revision,
            sent=at("2026-10-01 11:00"),
            reporter="Zhang Min",
            information=information,
            by=by_coordinator,
            now=now,
        )

    whole = Extent.of_trial()
    hold(extent=whole, to=HoldState.LOCKED, by=by_data_manager, now=now)
    with pytest.raises(OnHold):  # it would write its time in the form
        file("INITIAL", "")
    hold(extent=whole, to=HoldState.OPEN, by=by_data_manager, now=now, reason="A report is due")
    file("INITIAL", "")
    hold(extent=whole, to=HoldState.LOCKED, by=by_data_manager, now=now)
    report = file("FOLLOWUP", "Drained.")
    delivery = SaeDelivery.objects.filter(report=report).first()
    assert delivery is not None
    acknowledge(delivery=delivery, note="", by=by_data_manager, now=now)
