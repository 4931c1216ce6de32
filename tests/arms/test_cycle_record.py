"""The HAIC form computes what the worked cases say, and asks at the boundaries it should."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from arms import cycle_record
from arms.haic_cycles import Gate, GateOutcome
from arms.models.readings import Readings, gate_of
from eligibility.treatment_day import PregnancyTest
from records.findings import Finding, Level
from records.text import Text
from tests.arms.conftest import NOON
from trial_edc.demo.walks import cycle_answers

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vectors.json").read_text())


def found(answers: dict[str, Any], context: dict[str, Any]) -> list[tuple[str, Level]]:
    findings: list[Finding] = list(cycle_record.findings(answers, context))
    return [(finding.item, finding.level) for finding in findings]


@pytest.mark.parametrize("case", VECTORS["haic_dose"], ids=lambda case: f"{case['h']}-{case['w']}")
def test_the_form_calculates_the_worked_doses(case: dict[str, Any], cycle_context: dict[str, Any]) -> None:
    context = {**cycle_context, "height": Decimal(case["h"]), "weight": Decimal(case["w"])}
    derived = cycle_record.derive({}, context)
    assert {
        name: str(derived[name].value) for name in ("hbsac", "oxacalc", "lvcalc", "fu1calc", "fu2calc")
    } == {
        "hbsac": case["bsa"],
        "oxacalc": case["oxaliplatin_mg"],
        "lvcalc": case["leucovorin_mg"],
        "fu1calc": case["fu_2h_mg"],
        "fu2calc": case["fu_46h_mg"],
    }


def test_doses_follow_the_area_used_and_the_settings(cycle_context: dict[str, Any]) -> None:
    context = {**cycle_context, "settings": {**cycle_context["settings"], "haic_oxaliplatin": 85}}
    derived = cycle_record.derive({"hbsa": Decimal("1.74")}, context)
    assert (derived["oxacalc"].value, derived["lvcalc"].value) == (Decimal("147.90"), Decimal("696.00"))


def test_every_calculated_dose_says_that_it_is_a_check(cycle_context: dict[str, Any]) -> None:
    derived = cycle_record.derive({}, cycle_context)
    for name in ("oxacalc", "lvcalc", "fu1calc", "fu2calc"):
        assert derived[name].reason.en.endswith("for verification only.")
        assert derived[name].reason.zh.endswith("计算值仅供核对。")


def test_without_weight_there_is_no_dose(cycle_context: dict[str, Any]) -> None:
    derived = cycle_record.derive({}, {**cycle_context, "weight": None})
    assert (derived["hbsac"].value, derived["oxacalc"].value) == (None, None)


def test_a_cycle_as_planned_raises_nothing(cycle_context: dict[str, Any]) -> None:
    assert found(cycle_answers(NOON), cycle_context) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (735, []),  # exactly +5 %
        (736, [("lvdose", Level.SOFT)]),
        (770, [("lvdose", Level.SOFT)]),  # exactly +10 %
        (771, [("lvadjrsn", Level.HARD)]),
        (665, []),
        (664, [("lvdose", Level.SOFT)]),
        (630, [("lvdose", Level.SOFT)]),
        (629, [("lvadjrsn", Level.HARD)]),
    ],
)
def test_a_deviation_is_asked_about_above_5_and_needs_a_reason_above_10_percent(
    given: int, expected: list[tuple[str, Level]], cycle_context: dict[str, Any]
) -> None:
    assert found(cycle_answers(NOON, lvdose=given), cycle_context) == expected


def test_a_reason_settles_a_deviation(cycle_context: dict[str, Any]) -> None:
    answers = cycle_answers(NOON, lvdose=500, lvadj="REDUCED", lvadjrsn="HAEMATOLOGY")
    assert found(answers, cycle_context) == []


@pytest.mark.parametrize(
    ("area", "expected"),
    [("1.73", []), ("1.77", []), ("1.72", [("hbsa", Level.HARD)]), ("1.78", [("hbsa", Level.HARD)])],
)
def test_the_area_used_lies_within_two_hundredths(
    area: str, expected: list[tuple[str, Level]], cycle_context: dict[str, Any]
) -> None:
    answers = {"hbsa": Decimal(area)}
    assert found(answers, cycle_context) == expected


@pytest.mark.parametrize(
    ("weight", "setting", "expected"),
    [
        ("71.4", "KEEP", []),  # +9.8 %
        ("71.5", "KEEP", [("hbsa", Level.HARD)]),  # exactly +10 %
        ("71.4", "NEW", [("hbsa", Level.HARD)]),
    ],
)
def test_the_area_of_cycle_1_may_be_kept_below_ten_percent(
    weight: str, setting: str, expected: list[tuple[str, Level]], cycle_context: dict[str, Any]
) -> None:
    context = {
        **cycle_context,
        "weight": Decimal(weight),
        "area_first": Decimal("1.75"),
        "weight_first": Decimal("65.0"),
        "settings": {**cycle_context["settings"], "haic_keep_bsa": setting},
    }
    assert found({"hbsa": Decimal("1.75")}, context) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(3, []), (4, [("hprocdt", Level.SOFT)]), (7, [("hprocdt", Level.SOFT)]), (8, [("hprocdt", Level.HARD)])],
)
def test_laboratory_values_age(
    days: int, expected: list[tuple[str, Level]], cycle_context: dict[str, Any]
) -> None:
    context = {**cycle_context, "sampled_at": NOON - timedelta(days=days)}
    assert found({"hprocdt": NOON}, context) == expected


@pytest.mark.parametrize(
    ("cycle", "days", "expected"),
    [
        (2, 17, [("hintrsn", Level.HARD)]),
        (2, 18, [("hprocdt", Level.SOFT)]),
        (2, 21, []),
        (2, 28, []),
        (2, 29, [("hprocdt", Level.SOFT)]),
        (2, 42, [("hprocdt", Level.SOFT)]),
        (2, 43, [("hintrsn", Level.HARD)]),
        (2, 59, [("hintrsn", Level.HARD)]),
        (3, 42, []),
        (3, 43, [("hintrsn", Level.HARD)]),
        (4, 29, [("hprocdt", Level.SOFT)]),
    ],
)
def test_intervals_between_cycles(
    cycle: int, days: int, expected: list[tuple[str, Level]], cycle_context: dict[str, Any]
) -> None:
    context = {**cycle_context, "cycle": cycle, "previous_day": date(2026, 10, 1) - timedelta(days=days)}
    assert found({"hprocdt": NOON}, context) == expected
    assert cycle_record.derive({"hprocdt": NOON}, context)["hint"].value == days


def test_a_reason_settles_the_interval(cycle_context: dict[str, Any]) -> None:
    context = {**cycle_context, "cycle": 2, "previous_day": date(2026, 8, 1)}
    assert found({"hprocdt": NOON, "hintrsn": "Fever"}, context) == []


@pytest.mark.parametrize(
    ("neutrophils", "platelets", "bilirubin", "albumin", "outcome"),
    [
        ("1.2", "60", "30.0", "30.0", GateOutcome.GO),
        ("1.19", "100", "15", "38", GateOutcome.HOLD),
        ("3.0", "59", "15", "38", GateOutcome.HOLD),
        ("3.0", "100", "30.1", "38", GateOutcome.HOLD),
        ("3.0", "100", "15", "29.9", GateOutcome.HOLD),
        (None, "100", "15", "38", GateOutcome.UNKNOWN),
    ],
)
def test_the_gate_reads_its_limits_from_the_settings(
    neutrophils: str | None,
    platelets: str,
    bilirubin: str,
    albumin: str,
    outcome: GateOutcome,
    defaults: dict[str, Any],
) -> None:
    readings = Readings(
        neutrophils=Decimal(neutrophils) if neutrophils else None,
        platelets=Decimal(platelets),
        bilirubin=Decimal(bilirubin),
        albumin=Decimal(albumin),
    )
    assert gate_of(readings, None, False, defaults).outcome is outcome
    raised = {**defaults, "gate_neutrophils": Decimal("3.1")}
    assert gate_of(readings, None, False, raised).outcome is (
        GateOutcome.UNKNOWN if neutrophils is None and outcome is GateOutcome.UNKNOWN else GateOutcome.HOLD
    )


def test_values_to_confirm_ask_for_a_word(cycle_context: dict[str, Any]) -> None:
    gate = Gate(GateOutcome.GO, (), (Text("ECOG 2.", "ECOG 2 分。"),))
    context = {**cycle_context, "gate_judged": gate}
    assert found({}, context) == [("hgorsn", Level.SOFT)]
    assert found({"hgorsn": "Stable"}, context) == []


def test_both_arteries_are_shown(cycle_context: dict[str, Any]) -> None:
    assert found({"hangio": ["SMA"]}, cycle_context) == [("hangio", Level.SOFT)]
    assert found({"hangio": ["PHA"]}, cycle_context) == [("hangio", Level.SOFT)]
    assert found({"hangio": ["SMA", "VARIANT"]}, cycle_context) == []


def test_times_out_of_order_and_durations_stand_at_their_items(cycle_context: dict[str, Any]) -> None:
    answers = cycle_answers(NOON, lvst=NOON + timedelta(hours=4), hbanden=NOON + timedelta(hours=66))
    assert found(answers, cycle_context) == [
        ("lvst", Level.HARD),
        ("lven", Level.SOFT),
        ("hbanden", Level.SOFT),
    ]


@pytest.mark.parametrize(("used", "expected"), [("2.00", []), ("2.01", [("hbsa", Level.SOFT)])])
def test_an_area_above_two_is_asked_about(
    used: str, expected: list[tuple[str, Level]], cycle_context: dict[str, Any]
) -> None:
    # 175 cm and 82.8 kg: the calculated area lies within the tolerance of both.
    context = {**cycle_context, "height": Decimal("175.0"), "weight": Decimal("82.8")}
    assert found({"hbsa": Decimal(used)}, context) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, [("hprocdt", Level.HARD)]), (0, []), (7, []), (8, [("hprocdt", Level.HARD)])],
)
def test_a_pregnancy_test_is_of_the_days_before_the_cycle(
    days: int, expected: list[tuple[str, Level]], cycle_context: dict[str, Any]
) -> None:
    test = PregnancyTest(NOON.date() - timedelta(days=days), "NEG")
    assert found({"hprocdt": NOON}, {**cycle_context, "pregnancy_test": test}) == expected
