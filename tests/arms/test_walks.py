"""Both arms from assignment to follow-up, through the real actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from accounts.access import Actor
from participants.models import Participant
from participants.selectors import anchor_dates
from trial_edc.demo.walks import walk_to_eligible, walk_to_haic_done, walk_to_y90_done


@pytest.fixture
def eligible(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> Participant:
    return walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=at_start)


def statuses(participant: Participant) -> list[str]:
    return list(participant.statuses.values_list("status", flat=True))


def test_two_cycles_of_haic_lead_to_follow_up(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    assert eligible.arm == "HAIC"
    assert statuses(eligible) == ["SCREENING", "ELIGIBLE", "ASSIGNED", "ON_TREATMENT", "FOLLOW_UP"]
    assert anchor_dates(eligible) == {
        "CONSENT": date(2026, 9, 1),
        "A0": date(2026, 9, 1),
        "C1_START": date(2026, 9, 3),
        "C1_END": date(2026, 9, 5),
        "C2_START": date(2026, 9, 24),
        "C2_END": date(2026, 9, 26),
        "A1": date(2026, 9, 26),
    }


def test_four_cycles_of_haic_pass_through_the_review(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start, cycles=4)
    assert statuses(eligible) == ["SCREENING", "ELIGIBLE", "ASSIGNED", "ON_TREATMENT", "FOLLOW_UP"]
    anchors = anchor_dates(eligible)
    assert anchors["A1"] == anchors["C4_END"]
    assert anchors["C3_START"] - anchors["C2_START"] == timedelta(days=31)


def test_the_steps_of_y90_lead_to_follow_up(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_y90_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    assert statuses(eligible) == ["SCREENING", "ELIGIBLE", "ASSIGNED", "ON_TREATMENT", "FOLLOW_UP"]
    anchors = anchor_dates(eligible)
    assert (anchors["MAP"], anchors["A1"]) == (date(2026, 9, 3), date(2026, 9, 10))
