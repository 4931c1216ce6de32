"""A mapping repeated: plans go with their mapping, dates with the latest, and removed ones are no longer counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.access import Actor
from accounts.models import User
from arms.models import ActivityPlan, MaaMapping, PlanAuthor, Y90Infusion
from arms.oversight_actions import check_plan, confirm_override, request_override
from arms.selectors import treatment_of
from arms.y90_course import Pair, lung_dose_before, pairs_of, resting_on
from arms.y90_selectors import Y90State, y90_state
from participants.models import Participant, Visit
from participants.selectors import anchor_dates, next_repeat
from records.actions import remove_record
from records.findings import Refused
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import on_the_page
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.walks import (
    MAPPING,
    PLAN,
    infusion_answers,
    mapping_answers,
    walk_through_visit,
    walk_to_y90_done,
    walk_to_y90_planned,
)

CONFIRM_ALL = dict.fromkeys([*PLAN, *MAPPING], CONFIRMED)
NOON = datetime(2026, 9, 3, 4).astimezone()


def mapping(number: int, day: int | None) -> Any:
    at = None if day is None else NOON + timedelta(days=day)
    return SimpleNamespace(visit_id=1, repeat=number, ymapdtc=at, visit=SimpleNamespace(position=31))


def plan(number: int, dlung: str | None = None) -> Any:
    return SimpleNamespace(visit_id=1, repeat=number, dlung=None if dlung is None else Decimal(dlung))


def infusion(day: int, measured: str | None = None) -> Any:
    dose = None if measured is None else Decimal(measured)
    return SimpleNamespace(yinfdt=NOON + timedelta(days=day), ydlungpost=dose)


def test_a_plan_goes_with_the_mapping_of_its_number() -> None:
    first, second, third = mapping(1, 0), mapping(2, 20), mapping(3, None)
    kept = plan(2)
    assert pairs_of([third, second, first], [kept]) == (
        Pair(first, None),
        Pair(second, kept),
        Pair(third, None),
    )


@pytest.mark.parametrize(("day", "number"), [(None, 3), (-1, 3), (0, 1), (19, 1), (20, 2), (40, 2)])
def test_an_infusion_rests_on_the_latest_mapping_before_it(day: int | None, number: int) -> None:
    pairs = pairs_of([mapping(1, 0), mapping(2, 20), mapping(3, None)], [])
    found = resting_on(pairs, None if day is None else NOON + timedelta(days=day))
    assert found is not None
    assert found.number == number
    assert resting_on((), NOON) is None


def test_lung_doses_add_up_as_measured_or_as_planned() -> None:
    pairs = pairs_of([mapping(1, 0), mapping(2, 20)], [plan(1, "12.5"), plan(2, "7.5")])
    given = [infusion(7), infusion(30, "6.0")]

    def before(at: datetime | None) -> Decimal:
        return lung_dose_before(pairs, given, at, lambda plan: plan.dlung + Decimal("0.04"))

    # As worked out anew, and not as a plan stores it: to one place.
    assert before(None) == Decimal("18.54")
    assert before(NOON + timedelta(days=20)) == Decimal("12.54")
    assert before(NOON + timedelta(days=7)) == 0


# ---- in the casebook -------------------------------------------------------------------------------


@pytest.fixture
def planned(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> Participant:
    walk_to_y90_planned(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    return eligible


def state(participant: Participant, now: datetime) -> Y90State:
    return y90_state(treatment_of(participant, now))


def codes(participant: Participant, now: datetime) -> list[str]:
    return [block.code for block in state(participant, now).open_blocks]


def again(by: Actor, at: datetime) -> dict[str, Any]:
    now = at + timedelta(hours=3)
    return {"by": by, "now": now, "visit_code": "Y-MAP", "repeat": 2, "confirmed": CONFIRM_ALL}


def map_again(participant: Participant, by: Actor, at: datetime) -> None:
    fill(participant, "YMAP", mapping_answers(at), **again(by, at))


def plan_again(participant: Participant, by: Actor, at: datetime) -> None:
    fill(participant, "YDOS", PLAN, **again(by, at))


def remove(record: Any, by: Actor, now: datetime) -> None:
    remove_record(record=record, revision=record.revision, by=by, now=now, reason="Entered for somebody else")


def test_a_second_mapping_takes_over_with_its_own_plan_and_check(
    planned: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    first = ActivityPlan.objects.get()
    check_plan(plan=first, revision=first.revision, by=by_investigator, now=at_start + timedelta(days=3))
    late = at_start + timedelta(days=40)
    assert codes(planned, late) == ["MAPPING_AGE"]
    map_again(planned, by_coordinator, late)
    assert codes(planned, late)[:2] == ["PLAN", "TWO_PEOPLE"]
    plan_again(planned, by_coordinator, late)
    assert codes(planned, late + timedelta(days=1)) == ["TWO_PEOPLE"]
    second = ActivityPlan.objects.get(repeat=2)
    check_plan(plan=second, revision=second.revision, by=by_investigator, now=late + timedelta(days=1))
    assert codes(planned, late + timedelta(days=1)) == []
    assert anchor_dates(planned)["MAP"] == date(2026, 10, 11)
    at = late + timedelta(days=5)
    walk_through_visit(planned, "Y-INF", by=by_coordinator, now=at)
    record = fill(
        planned,
        "YTRT",
        infusion_answers(at),
        by=by_coordinator,
        now=at + timedelta(hours=27),
        visit_code="Y-INF",
    )
    assert record.confirmed == {}  # 5 days after the second mapping, nothing to ask about
    courses = state(planned, at + timedelta(days=2)).courses
    assert [(one.pair.number, one.infused) for one in courses] == [(1, False), (2, True)]


def test_the_plan_of_a_second_mapping_has_its_number_though_the_first_never_had_one(
    in_y90: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    at = at_start + timedelta(days=2)
    walk_through_visit(in_y90, "Y-MAP", by=by_coordinator, now=at)
    common: dict[str, Any] = {"by": by_coordinator, "now": at + timedelta(hours=3), "visit_code": "Y-MAP"}
    visit = Visit.objects.get(participant=in_y90, code="Y-MAP")
    assert next_repeat(ActivityPlan, visit) == 1
    fill(in_y90, "YMAP", mapping_answers(at), **common)
    fill(in_y90, "YMAP", mapping_answers(at + timedelta(hours=1)), **common, repeat=2)
    assert next_repeat(ActivityPlan, visit) == 1
    remove(MaaMapping.objects.get(repeat=1), by_coordinator, at + timedelta(hours=4))
    assert next_repeat(ActivityPlan, visit) == 2
    with pytest.raises(Refused):
        fill(in_y90, "YDOS", PLAN, **common, repeat=1)
    fill(in_y90, "YDOS", PLAN, **common, repeat=2, confirmed=CONFIRM_ALL)
    assert next_repeat(ActivityPlan, visit) == 3


def test_the_form_of_the_second_plan_opens_from_the_page(
    planned: Participant, coordinator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    late = at_start + timedelta(days=5)
    map_again(planned, by_coordinator, late)
    visit = Visit.objects.get(participant=planned, code="Y-MAP")
    second = reverse("casebook:entry", args=[visit.pk, "YDOS", 2])
    client = at_the_desk(coordinator)
    page = client.get(reverse("arms:workflow", args=[planned.pk])).content.decode()
    assert f'href="{second}"' in page
    assert "Mapping 1" in page
    assert "replaced by a later mapping" in page
    answer = client.get(second)
    assert answer.status_code == 200
    assert "Submit angiography" not in answer.content.decode()


def test_what_was_typed_into_a_removed_plan_stays_with_its_mapping(
    planned: Participant, coordinator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    late = at_start + timedelta(days=5)
    map_again(planned, by_coordinator, late)
    plan_again(planned, by_coordinator, late)
    visit = Visit.objects.get(participant=planned, code="Y-MAP")
    second = reverse("casebook:entry", args=[visit.pk, "YDOS", 2])
    client = at_the_desk(coordinator)
    typed: dict[str, Any] = {**on_the_page(Page(client.get(second))), "lsf": "4.4", "action": "save"}
    for number in (2, 1):
        remove(ActivityPlan.objects.get(repeat=number), by_coordinator, late)
    assert next_repeat(ActivityPlan, visit) == 1
    answer = client.post(second, typed)
    page = Page(answer)
    assert (answer.status_code, page.value("lsf")) == (422, "4.4")
    assert "Number 2 was removed meanwhile." in page.text
    assert "save it as number 2" in page.text
    assert f'action="{second}"' in answer.content.decode()
    again: dict[str, Any] = {**on_the_page(page), "action": "save"}
    assert client.post(second, again).status_code == 302
    assert [(one.repeat, str(one.lsf)) for one in ActivityPlan.objects.all()] == [(2, "4.4")]


def test_removing_the_later_mapping_moves_the_calendar_back(
    planned: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    late = at_start + timedelta(days=10)
    map_again(planned, by_coordinator, late)
    plan_again(planned, by_coordinator, late)
    infused = planned.visits.get(code="Y-INF")
    assert infused.target_from == date(2026, 9, 12)
    with pytest.raises(Refused, match="Remove the plan first"):
        remove(MaaMapping.objects.get(repeat=2), by_coordinator, late)
    assert MaaMapping.objects.count() == 2
    second = ActivityPlan.objects.get(repeat=2)
    remove(second, by_coordinator, late)
    remove(MaaMapping.objects.get(repeat=2), by_coordinator, late)
    assert anchor_dates(planned)["MAP"] == date(2026, 9, 3)
    infused.refresh_from_db()
    assert infused.target_from == date(2026, 9, 4)
    assert PlanAuthor.objects.filter(plan_id=second.pk).exists()  # who worked on it is not forgotten


def test_a_plan_that_was_infused_is_not_removed_and_an_infusion_removed_forgets_a1(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_y90_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    now = at_start + timedelta(days=20)
    with pytest.raises(Refused, match="An infusion rests on this plan"):
        remove(ActivityPlan.objects.get(), by_coordinator, now)
    remove(Y90Infusion.objects.get(), by_coordinator, now)
    assert "A1" not in anchor_dates(eligible)
    assert eligible.visits.get(code="Y-M1").status == "CANCELLED"


def test_a_second_infusion_takes_a_new_mapping_and_two_people(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_y90_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    first_day = anchor_dates(eligible)["A1"]
    at = at_start + timedelta(days=60)
    second_time: dict[str, Any] = {"by": by_coordinator, "visit_code": "Y-INF", "repeat": 2}
    with pytest.raises(Refused) as refused:
        fill(eligible, "YTRT", infusion_answers(at), now=at + timedelta(hours=27), **second_time)
    assert "Map again" in refused.value.sentence.en  # type: ignore[union-attr]
    map_again(eligible, by_coordinator, at)
    plan_again(eligible, by_coordinator, at)
    second = ActivityPlan.objects.get(repeat=2)
    check_plan(plan=second, revision=second.revision, by=by_investigator, now=at)
    assert codes(eligible, at + timedelta(days=1)) == ["SECOND_INFUSION"]
    assert second.dlungcum == Decimal("13.0")  # 6.5 Gy planned before, 6.5 Gy planned now
    now = at + timedelta(days=1)
    request = request_override(
        plan=second,
        revision=second.revision,
        code="SECOND_INFUSION",
        reason="Other lobe",
        by=by_coordinator,
        now=now,
    )
    confirm_override(override=request, by=by_investigator, now=now)
    infused = at + timedelta(days=7)
    record = fill(
        eligible, "YTRT", infusion_answers(infused), now=infused + timedelta(hours=27), **second_time
    )
    assert record.submitted
    assert anchor_dates(eligible)["A1"] == first_day
