"""A second person checks a plan; blocks hold the infusion until an investigator sets each aside."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access import Actor, Permission
from accounts.models import Role, Site
from arms.models import (
    ActivityPlan,
    OverrideConfirmation,
    PlanAuthor,
    PlanCheck,
    SafetyOverride,
    Y90Infusion,
)
from arms.oversight_actions import check_plan, confirm_override, request_override
from arms.selectors import treatment_of
from arms.y90_selectors import Y90State, y90_state
from participants.models import Participant
from participants.selectors import anchor_dates
from records import clock
from records.findings import Overtaken, Refused
from records.models import TrailEntry
from tests.cast import actor, make_person
from trial_edc.demo.walks import (
    fill,
    infusion_answers,
    walk_through_visit,
    walk_to_y90_done,
    walk_to_y90_planned,
)

# Resin, a lung shunt of 24 %: 39 Gy to the lungs; both may be set aside by two people.
HIGH_SHUNT = {
    "msphere": "RESIN",
    "residex": None,
    "lsf": Decimal("24.0"),
    "cntlung": 240000,
    "cntliver": 760000,
    "aplan": Decimal("3.285"),
}


@pytest.fixture
def plan(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> ActivityPlan:
    record = walk_to_y90_planned(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    assert isinstance(record, ActivityPlan)
    return record


@pytest.fixture
def risky(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> ActivityPlan:
    record = walk_to_y90_planned(
        eligible, by=by_coordinator, investigator=by_investigator, now=at_start, plan=HIGH_SHUNT
    )
    assert isinstance(record, ActivityPlan)
    return record


@pytest.fixture
def later(at_start: datetime) -> datetime:
    return at_start + timedelta(days=5)


def infuse(plan: ActivityPlan, by: Actor, at: datetime, **changed: Any) -> Any:
    walk_through_visit(plan.participant, "Y-INF", by=by, now=at)
    answers = infusion_answers(at, **changed)
    return fill(plan.participant, "YTRT", answers, by=by, now=at + timedelta(hours=27), visit_code="Y-INF")


def state(participant: Participant, now: datetime) -> Y90State:
    return y90_state(treatment_of(participant, now))


def codes(plan: ActivityPlan, now: datetime) -> list[str]:
    return [block.code for block in state(plan.participant, now).open_blocks]


def ask(
    plan: ActivityPlan, code: str, by: Actor, now: datetime, reason: str = "Split dose"
) -> SafetyOverride:
    return request_override(plan=plan, revision=plan.revision, code=code, reason=reason, by=by, now=now)


def set_aside(plan: ActivityPlan, code: str, by: Actor, second: Actor, now: datetime) -> None:
    confirm_override(override=ask(plan, code, by, now), by=second, now=now)


def test_the_planner_does_not_check_the_own_plan(
    plan: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, later: datetime
) -> None:
    with pytest.raises(Refused):
        check_plan(plan=plan, revision=plan.revision, by=by_coordinator, now=later)
    check = check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=later)
    assert (check.planned_by, check.by) == (by_coordinator.person, by_investigator.person)
    assert codes(plan, later) == []


def test_whoever_changed_any_of_it_does_not_check_it(
    plan: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, site: Site, later: datetime
) -> None:
    fill(
        plan.participant,
        "YDOS",
        {"aplan": Decimal("2.600")},
        by=by_investigator,
        now=later,
        visit_code="Y-MAP",
        reason="Rounded",
    )
    plan.refresh_from_db()
    for author in (by_investigator, by_coordinator):
        with pytest.raises(Refused):
            check_plan(plan=plan, revision=plan.revision, by=author, now=later)
    third = actor(make_person("physicist", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    assert (
        check_plan(plan=plan, revision=plan.revision, by=third, now=later).planned_by
        == by_investigator.person
    )


def test_the_database_refuses_one_person_twice(
    plan: ActivityPlan, by_coordinator: Actor, later: datetime
) -> None:
    with pytest.raises(IntegrityError, match="plan_checked_by_a_second_person"), transaction.atomic():
        PlanCheck.objects.create(
            participant_id=plan.participant_id,
            plan=plan,
            revision=plan.revision,
            planned_by=by_coordinator.person,
            by=by_coordinator.person,
            at=later,
        )


def test_a_changed_plan_asks_for_a_new_check(
    plan: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, later: datetime
) -> None:
    seen = plan.revision
    check_plan(plan=plan, revision=seen, by=by_investigator, now=later)
    fill(
        plan.participant,
        "YDOS",
        {"aplan": Decimal("2.600")},
        by=by_coordinator,
        now=later,
        visit_code="Y-MAP",
        reason="Rounded",
    )
    assert codes(plan, later) == ["TWO_PEOPLE"]
    with pytest.raises(Overtaken):
        check_plan(plan=plan, revision=seen, by=by_investigator, now=later)
    check_plan(plan=plan, revision=seen + 1, by=by_investigator, now=later)
    assert codes(plan, later) == []


def test_a_draft_a_second_check_and_a_reader_are_refused(
    plan: ActivityPlan, by_investigator: Actor, site: Site, later: datetime
) -> None:
    reader = Actor(make_person("reader", Role.MONITOR, site), Role.MONITOR, site.pk)
    with pytest.raises(Refused):
        check_plan(plan=plan, revision=plan.revision, by=reader, now=later)
    check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=later)
    with pytest.raises(Refused):
        check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=later)
    assert PlanCheck.objects.count() == 1


def test_the_infusion_waits_for_the_check(
    plan: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, later: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        infuse(plan, by_coordinator, later)
    assert "planned by and checked by" in refused.value.sentence.en  # type: ignore[union-attr]
    check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=later)
    record = infuse(plan, by_coordinator, later)
    assert (record.ynetact, record.ypct) == (Decimal("2.596"), Decimal("97.70"))


def test_a_high_lung_dose_blocks_until_two_people_set_each_block_aside(
    risky: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, later: datetime
) -> None:
    check_plan(plan=risky, revision=risky.revision, by=by_investigator, now=later)
    assert codes(risky, later) == ["LUNG_DOSE", "LUNG_SHUNT"]
    with pytest.raises(Refused):
        infuse(risky, by_coordinator, later)
    request = ask(risky, "LUNG_DOSE", by_coordinator, later)
    assert codes(risky, later) == ["LUNG_DOSE", "LUNG_SHUNT"]  # asked for, not set aside yet
    with pytest.raises(Refused, match="Only an investigator"):
        confirm_override(override=request, by=by_coordinator, now=later)
    confirm_override(override=request, by=by_investigator, now=later)
    assert codes(risky, later) == ["LUNG_SHUNT"]
    with pytest.raises(Refused, match="not there any more"):
        confirm_override(override=request, by=by_investigator, now=later)
    set_aside(risky, "LUNG_SHUNT", by_coordinator, by_investigator, later)
    record = infuse(risky, by_coordinator, later, ypreact=Decimal("3.350"), ycalact=Decimal("5.540"))
    assert isinstance(record, Y90Infusion)
    kept = SafetyOverride.objects.order_by("id").values_list("code", "block_en", "reason")
    assert next(iter(kept)) == ("LUNG_DOSE", "Predicted lung dose 39.42 Gy is above 30 Gy.", "Split dose")
    people = set(OverrideConfirmation.objects.values_list("requested_by", "by"))
    assert people == {(by_coordinator.person_id, by_investigator.person_id)}
    assert TrailEntry.objects.filter(relation="arms_overrideconfirmation").count() == 2


@pytest.mark.parametrize("code", ["PREGNANCY", "TWO_PEOPLE", "LUNG_ACTIVITY"])
def test_what_is_not_in_the_way_or_not_for_two_people_cannot_be_asked_for(
    risky: ActivityPlan, by_coordinator: Actor, later: datetime, code: str
) -> None:
    with pytest.raises(Refused):
        ask(risky, code, by_coordinator, later)
    assert not SafetyOverride.objects.exists()


def test_a_request_needs_a_reason_the_plan_that_was_seen_and_somebody_who_enters_data(
    risky: ActivityPlan, by_coordinator: Actor, site: Site, later: datetime
) -> None:
    with pytest.raises(Refused, match="Write the reason"):
        ask(risky, "LUNG_DOSE", by_coordinator, later, reason="  ")
    reader = Actor(make_person("reader", Role.MONITOR, site), Role.MONITOR, site.pk)
    with pytest.raises(Refused, match="Your role"):
        ask(risky, "LUNG_DOSE", reader, later)
    with pytest.raises(Overtaken):
        request_override(plan=risky, revision=99, code="LUNG_DOSE", reason="x", by=by_coordinator, now=later)
    ask(risky, "LUNG_DOSE", by_coordinator, later)
    with pytest.raises(Refused, match="asked for already"):
        ask(risky, "LUNG_DOSE", by_coordinator, later)


def test_whoever_asks_does_not_confirm_not_even_an_investigator(
    risky: ActivityPlan, by_investigator: Actor, later: datetime
) -> None:
    request = ask(risky, "LUNG_DOSE", by_investigator, later)
    with pytest.raises(Refused, match="A second person"):
        confirm_override(override=request, by=by_investigator, now=later)
    with pytest.raises(IntegrityError, match="override_confirmed_by_a_second"), transaction.atomic():
        OverrideConfirmation.objects.create(
            participant_id=risky.participant_id,
            override=request,
            requested_by=by_investigator.person,
            by=by_investigator.person,
            at=later,
        )


def test_an_override_holds_for_the_plan_it_was_given_for(
    risky: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, later: datetime
) -> None:
    set_aside(risky, "LUNG_DOSE", by_coordinator, by_investigator, later)
    request = ask(risky, "LUNG_SHUNT", by_coordinator, later)
    fill(
        risky.participant,
        "YDOS",
        {"aplan": Decimal("3.500")},
        by=by_coordinator,
        now=later,
        visit_code="Y-MAP",
        reason="Larger vial",
        confirmed={"aplan": "Larger vial"},
    )
    assert codes(risky, later) == ["TWO_PEOPLE", "LUNG_DOSE", "LUNG_SHUNT"]
    with pytest.raises(Refused, match="plan has changed"):
        confirm_override(override=request, by=by_investigator, now=later)


def test_an_old_mapping_blocks(
    plan: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    mapped = at_start + timedelta(days=2)
    check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=mapped + timedelta(days=1))
    assert codes(plan, mapped + timedelta(days=30)) == []
    late = mapped + timedelta(days=31)
    assert codes(plan, late) == ["MAPPING_AGE"]
    set_aside(plan, "MAPPING_AGE", by_coordinator, by_investigator, late)
    record = infuse(plan, by_coordinator, late)
    assert record.submitted
    # The plan is corrected afterwards: what was set aside for the infusion still stands when it is corrected too.
    fill(
        plan.participant,
        "YDOS",
        {"tnr": Decimal("4.00")},
        by=by_coordinator,
        now=late + timedelta(days=2),
        visit_code="Y-MAP",
        reason="Read again",
    )
    moved = {"ydisch": late + timedelta(hours=25)}
    later = late + timedelta(days=2)
    corrected = fill(
        plan.participant, "YTRT", moved, by=by_coordinator, now=later, visit_code="Y-INF", reason="Misread"
    )
    assert corrected.revision == record.revision + 1


def test_what_was_infused_stays_open_for_correction_and_moves_the_calendar(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_y90_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    now = at_start + timedelta(days=20)
    fill(
        eligible,
        "YDOS",
        {"exupt": "GI", "exuptd": "Duodenum"},
        by=by_coordinator,
        now=now,
        visit_code="Y-MAP",
        reason="Read again",
        confirmed={"exupt": "Known"},
    )
    day = at_start + timedelta(days=9)
    fill(
        eligible,
        "YTRT",
        {"yinfdt": day + timedelta(minutes=30)},
        by=by_coordinator,
        now=now,
        visit_code="Y-INF",
        reason="Clock of the suite",
    )
    fill(
        eligible,
        "YTRT",
        infusion_answers(day + timedelta(days=1)),
        by=by_coordinator,
        now=now,
        visit_code="Y-INF",
        reason="Wrong day",
    )
    assert anchor_dates(eligible)["A1"].isoformat() == "2026-09-11"
    assert eligible.visits.get(code="Y-M1").target_from.isoformat() == "2026-10-11"
    current = state(eligible, now).current
    assert current is not None
    assert current.infused


def test_a_plan_recomputed_from_a_corrected_weight_has_no_new_author(
    plan: ActivityPlan, by_investigator: Actor, later: datetime
) -> None:
    fill(
        plan.participant,
        "YDOS",
        {"ymethod": "BSA", "msphere": "RESIN", "vperf": None, "aplan": Decimal("1.754")},
        by=by_investigator,
        now=later,
        visit_code="Y-MAP",
        reason="Product changed",
    )
    authors = PlanAuthor.objects.filter(plan=plan).count()
    fill(
        plan.participant,
        "VS",
        {"weight": Decimal("60.0")},
        by=by_investigator,
        now=later,
        visit_code="Y-MAP",
        reason="Typed wrongly",
    )
    before = plan.revision
    plan.refresh_from_db()
    assert plan.acalc == Decimal("1.695")  # 0.20247 × 1.70^0.725 × 60^0.425 − 0.2 + 300 / 1500
    assert plan.revision > before
    assert PlanAuthor.objects.filter(plan=plan).count() == authors


def test_an_infusion_is_held_against_its_own_day_not_the_day_it_is_entered(
    plan: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    mapped = at_start + timedelta(days=2)
    check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=mapped + timedelta(days=1))
    infused, entered = mapped + timedelta(days=29), mapped + timedelta(days=32)
    assert codes(plan, entered) == ["MAPPING_AGE"]
    walk_through_visit(plan.participant, "Y-INF", by=by_coordinator, now=infused)
    where: dict[str, Any] = {"by": by_coordinator, "now": entered, "visit_code": "Y-INF"}
    with pytest.raises(Refused) as refused:
        fill(plan.participant, "YTRT", infusion_answers(infused), **where)
    assert [(one.item, one.level) for one in refused.value.findings] == [("yinfdt", "SOFT")]
    late = infusion_answers(infused + timedelta(days=2))
    with pytest.raises(Refused) as refused:
        fill(plan.participant, "YTRT", late, **{**where, "now": entered + timedelta(days=1)})
    assert [(one.item, one.level) for one in refused.value.findings] == [("yinfdt", "HARD")]
    confirmed = {"yinfdt": "Vial delayed"}
    assert fill(plan.participant, "YTRT", infusion_answers(infused), confirmed=confirmed, **where).submitted


def test_a_pregnancy_test_after_the_infusion_is_none_before_it(
    plan: ActivityPlan, by_coordinator: Actor, by_investigator: Actor, later: datetime
) -> None:
    check_plan(plan=plan, revision=plan.revision, by=by_investigator, now=later)
    woman = {"sex": "F", "childpot": "Y", "childpotn": None, "lactate": "N", "contraok": "Y"}
    fill(plan.participant, "DM", woman, by=by_coordinator, now=later, reason="Copied from another file")
    assert codes(plan, later) == ["PREGNANCY"]
    test = {"hcg": "NEG", "hcgspec": "BLOOD", "hcgdtc": clock.day(later + timedelta(days=1))}
    entered = later + timedelta(days=2)
    walk_through_visit(plan.participant, "Y-INF", by=by_coordinator, now=entered, answers={"LB": test})
    assert codes(plan, entered) == []
    where: dict[str, Any] = {"by": by_coordinator, "now": entered, "visit_code": "Y-INF"}
    with pytest.raises(Refused) as refused:
        fill(plan.participant, "YTRT", infusion_answers(later), **where)
    assert [(one.item, one.level) for one in refused.value.findings] == [("yinfdt", "HARD")]
    # Days later the test is too old for today as well, and two people may set it aside.
    stale = later + timedelta(days=5)
    set_aside(plan, "PREGNANCY", by_coordinator, by_investigator, stale)
    assert fill(plan.participant, "YTRT", infusion_answers(later), **{**where, "now": stale}).submitted
