"""Participants at the doors of treatment, and a context of forms built without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from arms.haic_cycles import Gate, GateOutcome
from participants.models import Participant
from records.study import SETTINGS
from trial_edc.demo.walks import walk_to_assigned, walk_to_eligible

NOON = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def eligible(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> Participant:
    return walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=at_start)


@pytest.fixture
def in_haic(eligible: Participant, by_investigator: Actor, at_start: datetime) -> Participant:
    return walk_to_assigned(eligible, "HAIC", investigator=by_investigator, now=at_start)


@pytest.fixture
def in_y90(eligible: Participant, by_investigator: Actor, at_start: datetime) -> Participant:
    return walk_to_assigned(eligible, "Y90", investigator=by_investigator, now=at_start)


@pytest.fixture
def defaults() -> dict[str, Any]:
    """Every study setting at its default."""
    return {key: setting.default for key, setting in SETTINGS.items()}


@pytest.fixture
def cycle_context(defaults: dict[str, Any]) -> dict[str, Any]:
    """What a first cycle's form reads: 170 cm, 65 kg, laboratory of the day, all within the limits."""
    return {
        "cycle": 1,
        "later_cycle": "N",
        "gate": "GO",
        "gate_judged": Gate(GateOutcome.GO, (), ()),
        "height": Decimal("170.0"),
        "weight": Decimal("65.0"),
        "sampled_at": NOON,
        "pregnancy_test": None,
        "first_day": None,
        "settings": defaults,
        "previous_day": None,
        "area_first": None,
        "weight_first": None,
        "today": NOON.date(),
        "now": NOON,
        "icfdtc": None,
    }


@pytest.fixture
def plan_context(defaults: dict[str, Any]) -> dict[str, Any]:
    """What a plan's form reads: 170 cm, 65 kg, no infusion before."""
    return {
        "height": Decimal("170.0"),
        "weight": Decimal("65.0"),
        "settings": defaults,
        "lung_before": Decimal(0),
    }
