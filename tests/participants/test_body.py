"""Body surface area by three formulas, and its rounding."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants.body import BsaFormula, ImpossibleBody, body_surface_area, rounded_bsa

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "vectors.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"), parse_float=Decimal)["bsa"]
NAMES = {"dubois": BsaFormula.DU_BOIS, "mosteller": BsaFormula.MOSTELLER, "stevenson": BsaFormula.STEVENSON}

heights = st.decimals("120", "220", places=1)
weights = st.decimals("30", "200", places=1)
formulas = st.sampled_from(BsaFormula)


def area(height: Decimal | str, weight: Decimal | str, formula: BsaFormula = BsaFormula.MOSTELLER) -> Decimal:
    return body_surface_area(height_cm=Decimal(height), weight_kg=Decimal(weight), formula=formula)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['h']}cm-{case['w']}kg")
def test_worked_case(case: dict[str, Any], name: str) -> None:
    assert round(area(case["h"], case["w"], NAMES[name]), 4) == case[name]


@pytest.mark.parametrize(
    ("height", "weight", "rounded"),
    [("150", "45", "1.37"), ("170", "65", "1.75"), ("175", "75", "1.91"), ("180", "90", "2.12")],
)
def test_rounded_for_dosing(height: str, weight: str, rounded: str) -> None:
    assert rounded_bsa(area(height, weight)) == Decimal(rounded)


@pytest.mark.parametrize(("value", "rounded"), [("1.745", "1.75"), ("1.755", "1.76"), ("1.7449999", "1.74")])
def test_half_is_rounded_up(value: str, rounded: str) -> None:
    assert rounded_bsa(Decimal(value)) == Decimal(rounded)


def test_mosteller_is_exact_where_the_root_is() -> None:
    assert area("180", "80") == 2


@pytest.mark.parametrize("formula", BsaFormula)
@pytest.mark.parametrize(("height", "weight"), [("0", "60"), ("170", "0"), ("-170", "60"), ("170", "NaN")])
def test_impossible_body_is_refused(height: str, weight: str, formula: BsaFormula) -> None:
    with pytest.raises(ImpossibleBody):
        area(height, weight, formula)


def test_stevenson_refuses_a_body_without_area() -> None:
    with pytest.raises(ImpossibleBody):
        area("1.7", "5", BsaFormula.STEVENSON)


@given(heights, weights, formulas)
def test_area_lies_in_the_range_of_adults(height: Decimal, weight: Decimal, formula: BsaFormula) -> None:
    assert Decimal("0.9") < area(height, weight, formula) < Decimal("3.8")


@given(heights, heights, weights, weights, formulas)
def test_area_grows_with_height_and_weight(
    one: Decimal, other: Decimal, light: Decimal, heavy: Decimal, formula: BsaFormula
) -> None:
    short, tall = sorted([one, other])
    light, heavy = sorted([light, heavy])
    assert area(short, light, formula) <= area(tall, heavy, formula)


@given(heights, weights, formulas)
def test_rounding_moves_by_at_most_half_a_hundredth(
    height: Decimal, weight: Decimal, formula: BsaFormula
) -> None:
    exact = area(height, weight, formula)
    assert abs(rounded_bsa(exact) - exact) <= Decimal("0.005")
