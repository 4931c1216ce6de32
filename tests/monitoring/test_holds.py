"""Freeze, lock and lift, at five levels: what each stops, who may, and whose signature is at stake."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor, Permission
from accounts.models import Role, Site
from monitoring.actions import OthersSigned, hold, sign
from monitoring.extents import Extent
from monitoring.models import Hold, HoldStep, Signature
from monitoring.policies.trust import NotTheirs, OnHold
from monitoring.selectors.holds import held_at, held_over, strictest
from monitoring.selectors.readiness import readiness_of
from monitoring.trust import HOLD_MOVES, HoldState, Level
from participants.models import CaseReportForm, Participant, Visit
from records.actions import derive_again, remove_record
from records.findings import Refused
from tests.cast import START, actor, make_participant, make_person
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import VITAL_SIGNS

pytestmark = pytest.mark.django_db
LATER = START + timedelta(hours=1)


def extents(visit: Visit) -> dict[Level, Extent]:
    participant = visit.participant
    return {
        Level.TRIAL: Extent.of_trial(),
        Level.SITE: Extent.of_site(participant.site),
        Level.PARTICIPANT: Extent.of_participant(participant),
        Level.VISIT: Extent.of_visit(visit),
        Level.FORM: Extent.of_form(visit, "VS", 1),
    }


def correct(participant: Participant, by: Actor, **answers: Any) -> CaseReportForm:
    return fill(participant, "VS", answers or {"pulse": 80}, by=by, now=LATER, reason="Misread")


@pytest.mark.line("O2")
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("state", [HoldState.FROZEN, HoldState.LOCKED])
def test_a_hold_at_any_level_closes_the_form_and_lifting_opens_it(
    vital_signs: CaseReportForm,
    screening: Visit,
    by_data_manager: Actor,
    by_coordinator: Actor,
    level: Level,
    state: HoldState,
) -> None:
    extent, participant = extents(screening)[level], screening.participant
    hold(extent=extent, to=state, by=by_data_manager, now=LATER)
    with pytest.raises(OnHold) as refused:
        correct(participant, by_coordinator)
    assert str(level).lower() in str(refused.value)
    assert ("locked" if state is HoldState.LOCKED else "frozen") in str(refused.value)
    hold(extent=extent, to=HoldState.OPEN, by=by_data_manager, now=LATER, reason="Source found")
    assert correct(participant, by_coordinator).pulse == 80  # type: ignore[attr-defined]
    assert [(step.state, step.lifts) for step in HoldStep.objects.all()] == [(state, False), ("OPEN", True)]


@pytest.mark.parametrize("level", [Level.TRIAL, Level.SITE, Level.PARTICIPANT, Level.VISIT])
def test_records_to_come_are_refused_as_well(
    participant: Participant, screening: Visit, by_data_manager: Actor, by_coordinator: Actor, level: Level
) -> None:
    hold(extent=extents(screening)[level], to=HoldState.FROZEN, by=by_data_manager, now=LATER)
    with pytest.raises(OnHold):
        fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=LATER, submit=False)


def test_a_frozen_form_leaves_its_neighbours_open(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_coordinator: Actor
) -> None:
    hold(extent=extents(screening)[Level.FORM], to=HoldState.FROZEN, by=by_monitor, now=LATER)
    fill(screening.participant, "SV", {"svdone": "Y"}, by=by_coordinator, now=LATER, submit=False)
    with pytest.raises(OnHold, match="The form is frozen"):
        correct(screening.participant, by_coordinator)


def test_another_participant_and_another_visit_stay_open(
    participant: Participant, screening: Visit, site: Site, by_monitor: Actor, by_coordinator: Actor
) -> None:
    other = make_participant(site, by_coordinator, initials="LM")
    hold(extent=Extent.of_participant(screening.participant), to=HoldState.FROZEN, by=by_monitor, now=LATER)
    fill(other, "VS", VITAL_SIGNS, by=by_coordinator, now=LATER)
    with pytest.raises(OnHold):
        fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=LATER)


def test_registering_at_a_locked_site_is_refused(
    site: Site, screening: Visit, by_data_manager: Actor, by_coordinator: Actor
) -> None:
    hold(extent=Extent.of_site(site), to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    with pytest.raises(OnHold, match="The site is locked"):
        make_participant(site, by_coordinator, initials="LM")


def test_removing_a_record_is_refused(
    participant: Participant, site: Site, by_coordinator: Actor, by_monitor: Actor
) -> None:
    log = Visit.objects.select_related("participant__site").get(participant=participant, code="LOG")
    record = fill(
        participant, "CM", {"cmtrt": "X"}, by=by_coordinator, now=START, visit_code="LOG", submit=False
    )
    hold(extent=Extent.of_visit(log), to=HoldState.FROZEN, by=by_monitor, now=LATER)
    with pytest.raises(OnHold):
        remove_record(record=record, revision=record.revision, by=by_coordinator, now=LATER, reason="Twice")
    assert type(record).objects.filter(pk=record.pk).exists()  # type: ignore[attr-defined]


def test_the_widest_of_the_strictest_is_named() -> None:
    assert strictest([]) is None
    held = strictest([("F1:VS:1", "LOCKED"), ("V1", "LOCKED"), ("TRIAL", "FROZEN")])
    assert held is not None and (held.state, held.level) == (HoldState.LOCKED, Level.VISIT)
    frozen = strictest([("F1:VS:1", "FROZEN"), ("S1", "FROZEN")])
    assert frozen is not None and frozen.level is Level.SITE


def test_five_levels_are_read_in_one_query(
    vital_signs: CaseReportForm, screening: Visit, by_data_manager: Actor, django_assert_num_queries: Any
) -> None:
    for extent in extents(screening).values():
        hold(extent=extent, to=HoldState.FROZEN, by=by_data_manager, now=LATER)
    hold(extent=Extent.of_visit(screening), to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    participant = screening.participant
    with django_assert_num_queries(1):
        held = held_at(participant.site_id, participant.pk, screening.pk, "VS", 1)
    assert held is not None and (held.state, held.level) == (HoldState.LOCKED, Level.VISIT)
    assert held_over(Extent.of_participant(participant)).level is Level.TRIAL  # type: ignore[union-attr]
    assert Hold.objects.count() == 5


# -- who may --------------------------------------------------------------------------------------------

MAY = {
    Role.COORDINATOR: set(),
    Role.INVESTIGATOR: set(),
    Role.INSPECTOR: set(),
    Role.MONITOR: {(HoldState.OPEN, HoldState.FROZEN), (HoldState.FROZEN, HoldState.OPEN)},
    Role.DATA_MANAGER: {(state, to) for state, following in HOLD_MOVES.items() for to in following},
}


@pytest.mark.parametrize("role", list(MAY))
@pytest.mark.parametrize(
    ("state", "to"), [(state, to) for state, following in HOLD_MOVES.items() for to in following]
)
def test_who_freezes_locks_and_lifts(
    screening: Visit, site: Site, by_data_manager: Actor, role: Role, state: HoldState, to: HoldState
) -> None:
    extent = Extent.of_visit(screening)
    if state != HoldState.OPEN:
        hold(extent=extent, to=state, by=by_data_manager, now=LATER)
    by = actor(make_person("somebody", role, site), Permission.SEE_PARTICIPANTS, site)
    if (state, to) in MAY[role]:
        assert hold(extent=extent, to=to, by=by, now=LATER, reason="Why").state == to
    else:
        with pytest.raises(NotTheirs):
            hold(extent=extent, to=to, by=by, now=LATER, reason="Why")


def test_a_hold_of_the_trial_takes_a_role_at_every_site(
    screening: Visit, by_monitor: Actor, site: Site
) -> None:
    with pytest.raises(NotTheirs):
        hold(extent=Extent.of_trial(), to=HoldState.FROZEN, by=by_monitor, now=LATER)
    everywhere = actor(make_person("lead", Role.MONITOR), Permission.FREEZE, site)
    assert hold(extent=Extent.of_trial(), to=HoldState.FROZEN, by=everywhere, now=LATER).state == "FROZEN"


def test_a_monitor_of_another_site_holds_nothing_here(screening: Visit, site: Site, other_site: Site) -> None:
    stranger = make_person("stranger", Role.MONITOR, other_site)
    with pytest.raises(NotTheirs):
        hold(
            extent=Extent.of_visit(screening),
            to=HoldState.FROZEN,
            by=Actor(stranger, Role.MONITOR, site.pk),
            now=LATER,
        )


def test_lifting_needs_a_reason_and_holding_twice_is_refused(
    screening: Visit, by_data_manager: Actor
) -> None:
    extent = Extent.of_visit(screening)
    hold(extent=extent, to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    with pytest.raises(Refused, match="already"):
        hold(extent=extent, to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    for to in (HoldState.FROZEN, HoldState.OPEN):
        with pytest.raises(Refused, match="reason"):
            hold(extent=extent, to=to, by=by_data_manager, now=LATER, reason="  ")
    assert Hold.objects.get().state == "LOCKED"


# -- what the system computes ---------------------------------------------------------------------------


def made_stale(record: CaseReportForm) -> None:
    """As after a change of a rule: the body surface stored is not what the rules make of the answers."""
    type(record)._default_manager.filter(pk=record.pk).update(bsa=Decimal("1.11"))


def compute_again(record: CaseReportForm, visit: Visit, by: Actor) -> frozenset[str]:
    context = type(record).context(visit=visit, today=LATER.date(), now=LATER)
    record.visit, record.participant = visit, visit.participant
    return derive_again(record=record, context=context, by=by, now=LATER, reason="Rule corrected")


def test_what_is_computed_in_a_frozen_form_follows(
    vital_signs: CaseReportForm, screening: Visit, by_monitor: Actor, by_coordinator: Actor
) -> None:
    hold(extent=Extent.of_visit(screening), to=HoldState.FROZEN, by=by_monitor, now=LATER)
    made_stale(vital_signs)
    assert "bsa" in compute_again(vital_signs, screening, by_coordinator)


def test_what_is_computed_in_a_locked_form_does_not_change_silently(
    vital_signs: CaseReportForm, screening: Visit, by_data_manager: Actor, by_coordinator: Actor
) -> None:
    hold(extent=Extent.of_visit(screening), to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    assert compute_again(vital_signs, screening, by_coordinator) == frozenset()
    made_stale(vital_signs)
    with pytest.raises(Refused, match="locked form: Vital signs, physical examination, ECOG, Screening"):
        compute_again(vital_signs, screening, by_coordinator)
    assert type(vital_signs).objects.get().bsa == Decimal("1.11")  # type: ignore[attr-defined]


# -- signatures at stake --------------------------------------------------------------------------------


def signed(extent: Extent, by: Actor) -> Signature:
    return sign(extent=extent, meaning="REVIEWED", saw=readiness_of(extent, LATER).sha256, by=by, now=LATER)


@pytest.mark.line("M14")
@pytest.mark.parametrize("level", [Level.FORM, Level.VISIT, Level.PARTICIPANT, Level.SITE, Level.TRIAL])
def test_lifting_says_whose_signature_is_at_stake_and_voids_none(
    vital_signs: CaseReportForm, screening: Visit, by_data_manager: Actor, by_signer: Actor, level: Level
) -> None:
    signature = signed(Extent.of_form(screening, "VS", 1), by_signer)
    extent = extents(screening)[level]
    hold(extent=extent, to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    with pytest.raises(OthersSigned):
        hold(extent=extent, to=HoldState.OPEN, by=by_data_manager, now=LATER, reason="Correction")
    assert Hold.objects.get().state == "LOCKED"
    hold(
        extent=extent,
        to=HoldState.OPEN,
        by=by_data_manager,
        now=LATER,
        reason="Correction",
        told=[signature.pk],
    )
    signature.refresh_from_db()
    assert signature.stands
    assert HoldStep.objects.last().signatures == [signature.pk]  # type: ignore[union-attr]


def test_a_neighbours_signature_is_not_at_stake(
    vital_signs: CaseReportForm, screening: Visit, by_data_manager: Actor, by_signer: Actor
) -> None:
    signed(Extent.of_form(screening, "VS", 1), by_signer)
    extent = Extent.of_form(screening, "DM", 1)
    hold(extent=extent, to=HoldState.LOCKED, by=by_data_manager, now=LATER)
    assert hold(extent=extent, to=HoldState.OPEN, by=by_data_manager, now=LATER, reason="Why").state == "OPEN"


def test_a_save_that_meets_nothing_costs_one_query(
    vital_signs: CaseReportForm, participant: Participant, by_coordinator: Actor
) -> None:
    with CaptureQueriesContext(connection) as asked:
        correct(participant, by_coordinator, pulse=81)
    ours = [
        one["sql"] for one in asked.captured_queries if re.search("monitoring_(holds|touched)", one["sql"])
    ]
    assert len(ours) == 1
