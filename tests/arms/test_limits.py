"""Every limit of treatment comes from the study settings, and results say under which they were made."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from accounts.models import User
from arms import limits
from arms.dosimetry import ResinReduction
from arms.haic_cycles import GateLimits, IntervalLimits
from arms.haic_dosing import DeviationLimits, DoseFactors, TimelineLimits
from arms.infusion_checks import HepatectomyWindow, InfusionLimits
from arms.models import HaicCycle
from participants.models import Participant
from records.setting_kinds import Number
from records.study import SETTINGS, set_value
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import walk_through_cycle

DEFAULTS = {key: setting.default for key, setting in SETTINGS.items()}
HANDED_OVER: list[tuple[Any, Any]] = [
    (limits.factors_of, DoseFactors()),
    (limits.gate_limits, GateLimits()),
    (limits.interval_limits, IntervalLimits()),
    (limits.deviation_limits, DeviationLimits()),
    (limits.timeline_limits, TimelineLimits()),
    (limits.infusion_limits, InfusionLimits()),
    (limits.resin_reduction, ResinReduction()),
    (limits.hepatectomy_window, HepatectomyWindow()),
]


@pytest.mark.parametrize(("hand_over", "expected"), HANDED_OVER, ids=lambda one: getattr(one, "__name__", ""))
def test_the_defaults_are_those_of_the_rules(hand_over: Any, expected: Any) -> None:
    assert hand_over(DEFAULTS) == expected


def test_no_limit_of_a_rule_is_fixed() -> None:
    """Change every number: every limit handed to a rule changes with it, but for what is none."""
    other = {
        key: value + (Decimal(1) if isinstance(value, Decimal) else 1)
        for key, value in DEFAULTS.items()
        if isinstance(SETTINGS[key], Number)
    }
    for hand_over, _expected in HANDED_OVER:
        before, after = hand_over(DEFAULTS), hand_over({**DEFAULTS, **other})
        same = [old for old, new in zip(astuple(before), astuple(after), strict=True) if old == new]
        assert same in ([], ["HARD"]), hand_over.__name__


def test_seventy_two_hours_are_three_days() -> None:
    assert limits.pregnancy_days(DEFAULTS, "HAIC") == 7
    assert limits.pregnancy_days(DEFAULTS, "Y90") == 3


def test_a_cycle_is_judged_and_marked_by_the_settings_of_the_day_it_was_begun(
    in_haic: Participant, by_coordinator: Actor, data_manager: User, at_start: datetime
) -> None:
    by = Actor(data_manager, "DATA_MANAGER", None)
    start = at_start + timedelta(days=2)
    cycle = walk_through_cycle(in_haic, 1, by=by_coordinator, start=start)
    assert cycle.derived_by == "1 s0"
    later = start + timedelta(days=4)
    set_value(
        key="haic_oxaliplatin", value="130", effective_from=later.date(), reason="Letter 3", by=by, now=later
    )
    set_value(
        key="haic_dwell_to", value="90", effective_from=later.date(), reason="Letter 3", by=by, now=later
    )
    fill(
        in_haic,
        "HAIC",
        {"hdisch": start + timedelta(hours=71)},
        by=by_coordinator,
        now=later,
        visit_code="H-C1",
        reason="Misread",
    )
    kept = HaicCycle.objects.get()
    assert (kept.oxacalc, kept.derived_by) == (Decimal("236.25"), "1 s0")
    second = walk_through_cycle(
        in_haic,
        2,
        by=by_coordinator,
        start=start + timedelta(days=21),
        oxadose=228,
    )
    assert isinstance(second, HaicCycle)
    assert (second.oxacalc, second.derived_by) == (Decimal("227.50"), "1 s2")
