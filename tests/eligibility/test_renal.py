"""Estimated filtration rate by CKD-EPI 2021."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.renal import ImpossibleKidneyInput, egfr_ckd_epi_2021

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "vectors.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"), parse_float=Decimal)["egfr"]

creatinines = st.decimals("10", "2000", places=1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['sex']}{case['age']}")
def test_worked_case(case: dict[str, Any]) -> None:
    rate = egfr_ckd_epi_2021(creatinine_umol_l=Decimal(case["scr"]), age_years=case["age"], sex=case["sex"])
    assert round(rate, 1) == case["egfr"]


@given(creatinines, creatinines, st.integers(18, 100), st.sampled_from("FM"))
def test_rate_falls_as_creatinine_rises(one: Decimal, other: Decimal, age: int, sex: str) -> None:
    low, high = sorted([one, other])
    at_low, at_high = (
        egfr_ckd_epi_2021(creatinine_umol_l=value, age_years=age, sex=sex) for value in (low, high)
    )
    assert at_low >= at_high > 0


@given(creatinines, st.integers(18, 99), st.sampled_from("FM"))
def test_rate_falls_with_age(creatinine: Decimal, age: int, sex: str) -> None:
    younger, older = (
        egfr_ckd_epi_2021(creatinine_umol_l=creatinine, age_years=years, sex=sex) for years in (age, age + 1)
    )
    assert younger > older


@pytest.mark.parametrize(
    ("creatinine", "age", "sex"),
    [("0", 50, "M"), ("-1", 50, "M"), ("NaN", 50, "F"), ("80", -1, "F"), ("80", 50, "X")],
)
def test_impossible_input_is_refused(creatinine: str, age: int, sex: str) -> None:
    with pytest.raises(ImpossibleKidneyInput):
        egfr_ckd_epi_2021(creatinine_umol_l=Decimal(creatinine), age_years=age, sex=sex)
