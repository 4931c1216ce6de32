"""The planning form computes the worked cases of the three methods, and asks where it should."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from arms import plan_record
from records.findings import Level
from trial_edc.demo.walks import PLAN

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vectors.json").read_text())
DENSITY = Decimal("1.03")


def exact(number: Any) -> Decimal:
    return Decimal(str(number))


def found(answers: dict[str, Any], context: dict[str, Any]) -> list[tuple[str, Level]]:
    return [(finding.item, finding.level) for finding in plan_record.findings(answers, context)]


def as_volume(kg: Any) -> Decimal:
    """The volume whose mass is exactly this; the form itself takes whole millilitres."""
    return exact(kg) * 1000 / DENSITY


@pytest.mark.parametrize("case", VECTORS["mird"], ids=lambda case: case["id"])
def test_one_compartment_gives_the_worked_activities(
    case: dict[str, Any], plan_context: dict[str, Any]
) -> None:
    answers = {
        "ymethod": "MIRD",
        "msphere": "GLASS",
        "dtarget": case["target_gy"],
        "vperf": as_volume(case["mass_kg"]),
        "lsf": 100 * exact(case["lsf"]),
        "residex": 100 * exact(case["residual"]),
    }
    activity = plan_record.calculated_activity(answers, plan_context).value
    assert activity is not None
    assert round(activity, 4) == exact(case["A_K50"])
    doses = plan_record.predict({**answers, "aplan": activity}, plan_context)
    assert doses.lung.value is not None
    assert doses.lung_activity is not None
    assert doses.perfused.value is not None
    assert round(doses.lung.value, 3) == exact(case["lung_gy_K50"])
    assert round(doses.lung_activity, 4) == exact(case["FxA"])
    assert round(doses.perfused.value, 6) == exact(case["target_gy"])


@pytest.mark.parametrize("case", VECTORS["resin_bsa"], ids=lambda case: case["id"])
def test_the_surface_method_gives_the_worked_activities(
    case: dict[str, Any], plan_context: dict[str, Any]
) -> None:
    answers = {
        "ymethod": "BSA",
        "msphere": "RESIN",
        "vtumour": case["v_tumour_ml"],
        "vliver": case["v_liver_ml"],
        "vperf": case["v_lobe_ml"],
        "lsf": 100 * exact(case["lsf"]),
    }
    context = {**plan_context, "height": exact(case["h"]), "weight": exact(case["w"])}
    activity = plan_record.calculated_activity(answers, context).value
    assert activity is not None
    assert round(activity, 4) == exact(case["A_final"])


@pytest.mark.parametrize("case", VECTORS["partition"], ids=lambda case: case["id"])
def test_the_partition_model_gives_the_worked_doses(
    case: dict[str, Any], plan_context: dict[str, Any]
) -> None:
    answers = {
        "ymethod": "PARTITION",
        "aplan": exact(case["A"]),
        "lsf": 100 * exact(case["lsf"]),
        "tnr": exact(case["tn"]),
        "vtumour": as_volume(case["m_t"]),
        "vperf": as_volume(exact(case["m_t"]) + exact(case["m_n"])),
    }
    settings = {**plan_context["settings"], "y90_lung_mass": exact(case["m_lung"])}
    doses = plan_record.predict(answers, {**plan_context, "settings": settings})
    worked = [doses.normal.value, doses.tumour.value, doses.lung.value]
    assert [None if dose is None else round(dose, 2) for dose in worked] == [
        round(exact(case[name]), 2) for name in ("D_normal", "D_tumour", "D_lung")
    ]


def test_the_inverse_for_a_tumour_dose(plan_context: dict[str, Any]) -> None:
    answers = {
        "ymethod": "PARTITION",
        "dtarget": 205,
        "dtargeto": "TUMOUR",
        "lsf": Decimal(5),
        "tnr": Decimal(4),
        "vtumour": as_volume("0.3"),
        "vperf": as_volume("1.5"),
    }
    activity = plan_record.calculated_activity(answers, plan_context).value
    assert activity is not None
    assert round(activity, 4) == Decimal("2.6067")


def test_a_resin_shunt_above_20_percent_leaves_no_activity(plan_context: dict[str, Any]) -> None:
    answers = {"ymethod": "BSA", "vtumour": 300, "vliver": 1500, "lsf": Decimal("20.1")}
    worked = plan_record.calculated_activity(answers, plan_context)
    assert worked.value is None
    assert "do not treat" in worked.reason.en


def test_glass_expects_one_percent_of_residual(plan_context: dict[str, Any]) -> None:
    derived = plan_record.derive({**PLAN, "residex": None}, plan_context)
    assert (derived["residex"].value, derived["acalc"].value) == (Decimal("1.0"), Decimal("2.628"))


def test_a_plan_as_worked_raises_nothing(plan_context: dict[str, Any]) -> None:
    assert found(dict(PLAN), plan_context) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"lsf": Decimal("5.1")}, [("lsf", Level.SOFT)]),
        ({"cntlung": 100000, "cntliver": 900000, "lsf": Decimal("10.0")}, []),
        (
            {"spectmod": "SPECTCT", "cntlung": None, "cntliver": None, "lsf": Decimal("10.1")},
            [("lsf", Level.SOFT)],
        ),
        ({"aplan": Decimal("2.891")}, []),  # +9.99 % of 2.6284
        ({"aplan": Decimal("2.892")}, [("aplan", Level.SOFT)]),
        ({"vperf": 1600, "dtarget": 75}, [("vperf", Level.HARD)]),
        ({"exupt": "GI"}, [("exupt", Level.SOFT)]),
        ({"dtargeto": "TUMOUR"}, [("dtargeto", Level.SOFT)]),
        ({"msphere": "RESIN"}, [("ymethod", Level.SOFT)]),
    ],
)
def test_what_a_plan_asks_about(
    changed: dict[str, Any], expected: list[tuple[str, Level]], plan_context: dict[str, Any]
) -> None:
    assert found({**PLAN, **changed}, plan_context) == expected


def test_the_lung_dose_is_compared_without_rounding(plan_context: dict[str, Any]) -> None:
    # 50 × A × 20 % to 1 kg: exactly 30 Gy at 3 GBq, no residual.
    answers = {"ymethod": "VOXEL", "msphere": "OTHER", "lsf": Decimal("20.0"), "aplan": Decimal(3)}
    at_limit = [f.message.en for f in plan_record.findings(answers, plan_context) if f.item == "aplan"]
    assert at_limit == ["Predicted lung dose 30.00 Gy, above 25 Gy. Confirm with a word."]
    above = {**answers, "aplan": Decimal("3.001")}
    blocked = [f.message.en for f in plan_record.findings(above, plan_context) if f.item == "aplan"]
    assert blocked == [
        f"Predicted lung dose 30.01 Gy, above 30 Gy.{plan_record.BLOCKS_INFUSION.en}",
    ]


def test_doses_of_infusions_before_add_up(plan_context: dict[str, Any]) -> None:
    answers = {"ymethod": "VOXEL", "lsf": Decimal("10.0"), "aplan": Decimal(3)}
    context = {**plan_context, "lung_before": Decimal("35.1")}
    derived = plan_record.derive(answers, context)
    assert (derived["dlung"].value, derived["dlungcum"].value) == (Decimal("15.0"), Decimal("50.1"))
    assert found(answers, context) == [("aplan", Level.SOFT)]


def test_everything_calculated_is_labelled_as_a_check(plan_context: dict[str, Any]) -> None:
    derived = plan_record.derive(dict(PLAN), plan_context)
    for name in ("acalc", "dlung", "dperf"):
        assert "For verification only" in derived[name].reason.en
        assert "仅供核对" in derived[name].reason.zh
