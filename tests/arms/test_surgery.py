"""Hepatectomy: its date is A2 unless nothing was resected, and its distance from treatment is judged by arm."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.access import Actor
from arms.models import Hepatectomy
from participants.models import Participant, Visit
from participants.selectors import anchor_dates
from records.findings import Level
from records.study import SETTINGS
from tests.arms.conftest import NOON
from trial_edc.demo.walks import fill, walk_to_haic_done

TREATED = date(2026, 6, 1)
OPERATION = {
    "surgyn": "Y",
    "surganat": "ANATOMIC",
    "surgtype": "RIGHT",
    "surgapp": "LAPAROSCOPIC",
    "surgmin": 240,
    "surgebl": 300,
    "surgtx": "N",
    "thrombx": "N",
    "margin_i": "R0",
}


def found(answers: dict[str, Any], arm: str) -> list[tuple[str, Level]]:
    context = {
        "arm": arm,
        "treated_on": TREATED,
        "today": date(2027, 6, 1),
        "now": NOON,
        "icfdtc": None,
        "settings": {key: setting.default for key, setting in SETTINGS.items()},
    }
    return [(finding.item, finding.level) for finding in Hepatectomy.findings(answers, context)]


@pytest.mark.parametrize(
    ("arm", "days", "expected"),
    [
        ("HAIC", -1, [("surgdtc", Level.HARD)]),
        ("HAIC", 20, [("surgdtc", Level.SOFT)]),
        ("HAIC", 21, []),
        ("HAIC", 28, []),
        ("HAIC", 29, [("surgdtc", Level.SOFT)]),
        ("Y90", -1, [("surgdtc", Level.HARD)]),
        ("Y90", 59, [("surgrsn", Level.HARD)]),
        ("Y90", 60, [("surgdtc", Level.SOFT)]),
        ("Y90", 75, [("surgdtc", Level.SOFT)]),
        ("Y90", 76, []),
        ("Y90", 148, []),
        ("Y90", 149, [("surgdtc", Level.SOFT)]),
        ("Y90", 180, [("surgdtc", Level.SOFT)]),
        ("Y90", 181, [("surgrsn", Level.HARD)]),
    ],
)
def test_the_interval_since_treatment(arm: str, days: int, expected: list[tuple[str, Level]]) -> None:
    day = TREATED + timedelta(days=days)
    assert found({"surgdtc": day}, arm) == expected


def test_a_reason_settles_a_long_interval_and_discharge_follows_the_operation() -> None:
    day = TREATED + timedelta(days=200)
    assert found({"surgdtc": day, "surgrsn": "Pneumonia"}, "Y90") == []
    answers = {"surgdtc": day, "surgrsn": "Pneumonia", "hospout": day - timedelta(days=1)}
    assert found(answers, "Y90") == [("hospout", Level.HARD)]


def test_a_resection_is_anchor_a2_and_an_exploration_is_not(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    day = anchor_dates(eligible)["A1"] + timedelta(days=25)
    now = at_start + timedelta(days=70)
    answers = {**OPERATION, "surgdtc": day, "hospout": day + timedelta(days=8)}
    fill(eligible, "SURG", answers, by=by_coordinator, now=now, visit_code="SURG")
    assert anchor_dates(eligible)["A2"] == day
    assert Visit.objects.get(participant=eligible, code="PH-M1").target_from == day + timedelta(days=30)

    correction = {"surgyn": "N", "noresrsn": "METASTASIS"}
    fill(
        eligible,
        "SURG",
        correction,
        by=by_coordinator,
        now=now,
        visit_code="SURG",
        reason="Explored only",
    )
    assert "A2" not in anchor_dates(eligible)
    assert Visit.objects.get(participant=eligible, code="PH-M1").status == "CANCELLED"
