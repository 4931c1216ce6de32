"""The treatment page: what it shows to whom, what is done on it, and at what cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role, Site, User
from arms.models import ActivityPlan, NoticeRead, OverrideConfirmation, PlanCheck, SafetyOverride
from participants.models import Participant, Visit
from participants.selectors import anchor_dates
from records import clock
from tests.arms.test_oversight import HIGH_SHUNT
from tests.browsing import at_the_desk
from tests.cast import make_participant, make_person
from trial_edc.demo.after_treatment import walk_through_surgery
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import (
    walk_through_cycle,
    walk_through_review,
    walk_through_visit,
    walk_to_eligible,
    walk_to_haic_done,
    walk_to_y90_planned,
)

# What one page costs, whatever the number of participants and cycles.
HAIC_QUERIES = 7
Y90_QUERIES = 10


def page_of(participant: Participant) -> str:
    return reverse("arms:workflow", args=[participant.pk])


def shown(user: User, participant: Participant, language: str = "en") -> str:
    answer = at_the_desk(user, language).get(page_of(participant))
    assert answer.status_code == 200
    return str(answer.content.decode())


def form_of(participant: Participant, visit_code: str, form: str) -> str:
    visit = Visit.objects.get(participant=participant, code=visit_code)
    return reverse("casebook:entry", args=[visit.pk, form])


def test_before_eligibility_the_page_leads_to_it(participant: Participant, investigator: User) -> None:
    text = shown(investigator, participant)
    assert "Eligibility is open" in text
    assert reverse("eligibility:decide", args=[participant.pk]) in text


def test_an_eligible_participant_waits_for_the_board(eligible: Participant, investigator: User) -> None:
    text = shown(investigator, eligible)
    assert form_of(eligible, "SCR", "ARM") in text
    assert "its basis is recorded" in text


def test_the_next_cycle_shows_its_doses_as_checks(
    in_haic: Participant, coordinator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    text = shown(coordinator, in_haic)
    assert "Calculated when height and this visit's weight are entered." in text
    walk_through_visit(in_haic, "H-C1", by=by_coordinator, now=at_start)
    text = shown(coordinator, in_haic)
    for words in (
        "Calculated, for verification only",
        "236.25 mg",
        "4200.00 mg",
        "All values within the limits.",
    ):
        assert words in text
    assert form_of(in_haic, "H-C1", "HAIC") in text
    assert "Cycle 1 has not been recorded." in text


def test_a_cycle_shows_what_was_given_and_how_far_off_it_was(
    in_haic: Participant, coordinator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    walk_through_cycle(
        in_haic,
        1,
        by=by_coordinator,
        start=at_start + timedelta(days=2),
        oxadose=200,
        oxaadj="REDUCED",
        oxaadjrsn="NEUROTOXICITY",
    )
    text = shown(coordinator, in_haic)
    assert "<strong>200 mg</strong>" in text
    assert "-15.3 %" in text
    assert "Reduced: Neurotoxicity" in text
    assert "减量：神经毒性" in shown(coordinator, in_haic, "zh-hans")


@pytest.mark.parametrize("role", [Role.MONITOR, Role.INSPECTOR, Role.DATA_MANAGER])
def test_readers_see_and_do_nothing(
    eligible: Participant,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
    site: Site,
    role: Role,
) -> None:
    walk_to_y90_planned(
        eligible, by=by_coordinator, investigator=by_investigator, now=at_start, plan=HIGH_SHUNT
    )
    reader = make_person("reader", role, None if role == Role.DATA_MANAGER else site)
    text = shown(reader, eligible)
    assert "Predicted lung dose 39.42 Gy is above 30 Gy." in text
    assert "<textarea" not in text
    assert "Your role does not check plans here." in text
    client = at_the_desk(reader)
    for action in ("check", "request", "confirm", "notice"):
        posted = {"action": action, "revision": "1", "code": "LUNG_DOSE", "reason": "x"}
        assert client.post(page_of(eligible), posted).status_code == 403
    assert (PlanCheck.objects.count(), SafetyOverride.objects.count()) == (0, 0)


def test_other_sites_and_administrators_see_nothing(
    in_haic: Participant, other_site: Site, system_administrator: User
) -> None:
    stranger = make_person("stranger", Role.INVESTIGATOR, other_site)
    assert at_the_desk(stranger).get(page_of(in_haic)).status_code == 404
    assert at_the_desk(stranger).post(page_of(in_haic), {"action": "check"}).status_code == 404
    assert at_the_desk(system_administrator).get(page_of(in_haic)).status_code == 403


def test_a_second_person_checks_on_the_page(
    eligible: Participant,
    coordinator: User,
    investigator: User,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
) -> None:
    plan = walk_to_y90_planned(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    assert "You entered this plan. A second person checks it." in shown(coordinator, eligible)
    posted = {"action": "check", "revision": str(plan.revision)}
    refused = at_the_desk(coordinator).post(page_of(eligible), posted)
    assert refused.status_code == 422
    assert PlanCheck.objects.count() == 0

    client = at_the_desk(investigator)
    assert client.post(page_of(eligible), {**posted, "revision": "99"}).status_code == 422
    assert client.post(page_of(eligible), posted).status_code == 302
    assert PlanCheck.objects.get().by == investigator
    text = shown(investigator, eligible)
    assert "Checked by" in text
    assert form_of(eligible, "Y-INF", "YTRT") in text


def test_two_people_set_a_block_aside_on_the_page(
    eligible: Participant,
    coordinator: User,
    investigator: User,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
) -> None:
    plan = walk_to_y90_planned(
        eligible, by=by_coordinator, investigator=by_investigator, now=at_start, plan=HIGH_SHUNT
    )
    first, second = at_the_desk(coordinator), at_the_desk(investigator)
    asked = {"action": "request", "code": "LUNG_DOSE", "revision": str(plan.revision)}
    empty = first.post(page_of(eligible), {**asked, "reason": " "})
    assert empty.status_code == 422
    assert "Write the reason." in empty.content.decode()
    old = first.post(page_of(eligible), {**asked, "revision": "99", "reason": "Kept over a refusal"})
    assert old.status_code == 422
    assert "Kept over a refusal</textarea>" in old.content.decode()
    assert first.post(page_of(eligible), {**asked, "reason": "Split dose"}).status_code == 302

    request = SafetyOverride.objects.get()
    text = shown(coordinator, eligible)
    assert "Asked to be set aside by Coordinator" in text
    assert "A second person, an investigator, confirms it here." in text
    confirmed = {"action": "confirm", "override": str(request.pk)}
    assert first.post(page_of(eligible), confirmed).status_code == 403
    assert second.post(page_of(eligible), {**confirmed, "override": "0"}).status_code == 404
    assert 'name="override"' in shown(investigator, eligible)
    assert second.post(page_of(eligible), confirmed).status_code == 302
    assert OverrideConfirmation.objects.get().by == investigator
    text = shown(investigator, eligible)
    assert "Confirmed by Investigator" in text
    assert "申请例外" in shown(investigator, eligible, "zh-hans")


def test_a_block_nobody_may_set_aside_says_so(
    eligible: Participant,
    investigator: User,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
) -> None:
    plan = {**HIGH_SHUNT, "msphere": "GLASS", "residex": Decimal("1.0")}
    walk_to_y90_planned(eligible, by=by_coordinator, investigator=by_investigator, now=at_start, plan=plan)
    text = shown(investigator, eligible)
    assert "0.7805 GBq would reach the lungs, more than 0.61 GBq." in text
    assert "Nobody may set this aside: change the plan." in text


def test_the_note_on_the_dose_is_shown_to_an_investigator_until_it_is_read(
    in_haic: Participant, coordinator: User, investigator: User
) -> None:
    assert "Published HAIC regimens" not in shown(coordinator, in_haic)
    assert "Oxaliplatin is given at 135 mg/m²" in shown(investigator, in_haic)
    client = at_the_desk(investigator)
    for _twice in range(2):
        assert client.post(page_of(in_haic), {"action": "notice"}).status_code == 302
    assert NoticeRead.objects.get().person == investigator
    assert "Published HAIC regimens" not in shown(investigator, in_haic)


def test_the_criteria_of_the_treatment_day_stand_on_the_page(
    in_haic: Participant, coordinator: User, by_coordinator: Actor, at_start: datetime
) -> None:
    text = shown(coordinator, in_haic)
    assert "Exclusion 8 and 9, if the first treatment were today, 2026-09-01" in text
    fill(
        in_haic,
        "MH",
        {"gibyn": "Y", "gibdtc": "2026-08-20"},
        by=by_coordinator,
        now=at_start,
        reason="Told on admission",
    )
    assert "GI bleeding 12 days before treatment." in shown(coordinator, in_haic)


def test_what_follows_treatment_stands_on_the_page(
    eligible: Participant,
    coordinator: User,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
) -> None:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    ended = anchor_dates(eligible)["A1"]
    review = Visit.objects.get(participant=eligible, code="H-R2")
    at = at_start + timedelta(days=(ended - at_start.date()).days + 24)
    clock.move_to(at)
    assert reverse("casebook:entry", args=[review.pk, "RSP"]) in shown(coordinator, eligible)
    walk_through_review(eligible, "H-R2", by=by_coordinator, now=at, nextstep="HEPATECTOMY")
    text = shown(coordinator, eligible)
    assert "24 days after treatment" in text
    assert form_of(eligible, "SURG", "SURG") in text
    assert f"expected {ended + timedelta(days=21)} to {ended + timedelta(days=28)}" in text
    clock.move_to(at + timedelta(days=61))
    assert f"resectable since {clock.day(at)}, no hepatectomy after 60 days" in shown(coordinator, eligible)
    clock.move_to(at + timedelta(days=20))
    operated = at + timedelta(days=3)
    walk_through_surgery(eligible, by=by_coordinator, now=operated, viable=0, complication="IIIA")
    text = shown(coordinator, eligible)
    for words in ("R0, pCR", "1, highest Clavien-Dindo IIIa", "Clavien-Dindo IIIa", "P261"):
        assert words in text
    assert "1例次，最高Clavien-Dindo IIIa" in shown(coordinator, eligible, "zh-hans")


def test_an_unknown_action_is_not_found(in_y90: Participant, investigator: User) -> None:
    client = at_the_desk(investigator)
    assert client.post(page_of(in_y90), {"action": "infuse"}).status_code == 404
    assert client.post(page_of(in_y90), {"action": "check"}).status_code == 404  # there is no plan
    assert ActivityPlan.objects.count() == 0


def test_the_page_costs_the_same_however_many_participants_and_cycles(
    in_haic: Participant,
    coordinator: User,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
    django_assert_num_queries: Any,
) -> None:
    client = at_the_desk(coordinator)
    client.get(page_of(in_haic))
    with django_assert_num_queries(HAIC_QUERIES):
        client.get(page_of(in_haic))
    other = make_participant(in_haic.site, by_coordinator, initials="AB")
    walk_to_eligible(other, by=by_coordinator, investigator=by_investigator, now=at_start)
    walk_to_haic_done(other, by=by_coordinator, investigator=by_investigator, now=at_start, cycles=4)
    clock.move_to(at_start)
    with django_assert_num_queries(HAIC_QUERIES):
        client.get(page_of(other))


def test_the_y90_page_costs_a_fixed_number_of_queries(
    eligible: Participant,
    coordinator: User,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
    django_assert_num_queries: Any,
) -> None:
    walk_to_y90_planned(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    client = at_the_desk(coordinator)
    client.get(page_of(eligible))
    with django_assert_num_queries(Y90_QUERIES):
        client.get(page_of(eligible))
