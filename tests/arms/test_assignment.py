"""Who assigns an arm, when, and what follows from it and from its correction."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.access import Actor, Permission
from accounts.models import Role, Site
from arms.models import ArmAssignment
from participants.models import Participant, Visit
from participants.selectors import anchor_dates
from records.findings import Refused
from tests.cast import actor, make_person
from trial_edc.demo.walks import ASSIGNMENT, fill, walk_through_cycle, walk_to_assigned

DAY = date(2026, 9, 1)
ANSWERS = {**ASSIGNMENT, "mdtdtc": DAY, "armcd": "HAIC", "armdtc": DAY, "hplan": "2"}


def test_an_investigator_assigns(eligible: Participant, by_investigator: Actor, at_start: datetime) -> None:
    walk_to_assigned(eligible, "HAIC", investigator=by_investigator, now=at_start)
    assert (eligible.arm, eligible.status) == ("HAIC", "ASSIGNED")
    assert anchor_dates(eligible)["A0"] == DAY
    assert Visit.objects.get(participant=eligible, code="H-C1").status == "PLANNED"
    assert not Visit.objects.filter(participant=eligible, code="Y-MAP").exists()


def test_a_coordinator_keeps_a_draft_and_does_not_assign(
    eligible: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    fill(eligible, "ARM", ANSWERS, by=by_coordinator, now=at_start, submit=False)
    with pytest.raises(Refused):
        fill(eligible, "ARM", {}, by=by_coordinator, now=at_start)
    eligible.refresh_from_db()
    assert (eligible.arm, eligible.status) == (None, "ELIGIBLE")
    assert ArmAssignment.objects.get(participant=eligible).submitted is False


def test_an_investigator_of_another_site_does_not_assign(
    eligible: Participant, other_site: Site, at_start: datetime
) -> None:
    stranger = actor(
        make_person("stranger", Role.INVESTIGATOR, other_site), Permission.ASSIGN_ARM, other_site
    )
    with pytest.raises(Refused):
        fill(eligible, "ARM", ANSWERS, by=stranger, now=at_start)
    eligible.refresh_from_db()
    assert eligible.arm is None


def test_nobody_is_assigned_in_screening(
    participant: Participant, by_investigator: Actor, at_start: datetime
) -> None:
    with pytest.raises(Refused):
        fill(participant, "ARM", ANSWERS, by=by_investigator, now=at_start)


def test_the_assignment_does_not_lie_before_the_decision(
    eligible: Participant, by_investigator: Actor, at_start: datetime
) -> None:
    answers = {**ANSWERS, "mdtdtc": DAY - timedelta(days=1), "armdtc": DAY - timedelta(days=1)}
    with pytest.raises(Refused) as refused:
        fill(eligible, "ARM", answers, by=by_investigator, now=at_start)
    hard = [finding.item for finding in refused.value.findings if finding.level == "HARD"]
    assert hard == [
        "mdtdtc",
        "armdtc",
        "armdtc",
    ]  # both before consent, the assignment before the decision too


def test_two_disciplines_and_a_small_remnant_are_asked_about(
    eligible: Participant, by_investigator: Actor, at_start: datetime
) -> None:
    answers = {**ANSWERS, "mdtmem": ["HPBSURG", "NUCLEAR"], "flrpct": Decimal("39.9")}
    with pytest.raises(Refused) as refused:
        fill(eligible, "ARM", answers, by=by_investigator, now=at_start)
    assert [finding.item for finding in refused.value.findings] == ["mdtmem", "flrpct"]


def test_a_corrected_date_moves_the_anchor_and_the_visits(
    in_haic: Participant, by_investigator: Actor, at_start: datetime
) -> None:
    later = at_start + timedelta(days=3)
    fill(
        in_haic,
        "ARM",
        {"armdtc": DAY + timedelta(days=2)},
        by=by_investigator,
        now=later,
        reason="Date of the minutes",
    )
    assert anchor_dates(in_haic)["A0"] == DAY + timedelta(days=2)
    assert Visit.objects.get(participant=in_haic, code="H-C1").target_from == DAY + timedelta(days=2)


def test_a_coordinator_does_not_correct_the_arm(
    in_haic: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    with pytest.raises(Refused):
        fill(in_haic, "ARM", {"armcd": "Y90"}, by=by_coordinator, now=at_start, reason="Typed wrongly")


def test_the_arm_is_corrected_while_nothing_was_given(
    in_haic: Participant, by_investigator: Actor, at_start: datetime
) -> None:
    fill(in_haic, "ARM", {"armcd": "Y90"}, by=by_investigator, now=at_start, reason="Typed wrongly")
    in_haic.refresh_from_db()
    assert in_haic.arm == "Y90"
    assert Visit.objects.get(participant=in_haic, code="H-C1").status == "CANCELLED"
    assert Visit.objects.get(participant=in_haic, code="Y-MAP").status == "PLANNED"


def test_the_arm_stays_once_treatment_was_entered(
    in_haic: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    start = at_start + timedelta(days=2)
    walk_through_cycle(in_haic, 1, by=by_coordinator, start=start)
    with pytest.raises(Refused):
        fill(
            in_haic,
            "ARM",
            {"armcd": "Y90"},
            by=by_investigator,
            now=start + timedelta(days=5),
            reason="Typed wrongly",
        )
    in_haic.refresh_from_db()
    assert in_haic.arm == "HAIC"
