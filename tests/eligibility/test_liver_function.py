"""Child-Pugh and ALBI: worked cases, both sides of every cut-off, and what holds for any values."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eligibility.liver_function import (
    AlbiResult,
    ChildPughResult,
    ImpossibleLiverValue,
    albi,
    albumin_from_g_dl,
    bilirubin_from_mg_dl,
    child_pugh,
)

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "vectors.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"), parse_float=Decimal)

NORMAL = {
    "bilirubin_umol_l": Decimal(15),
    "albumin_g_l": Decimal(42),
    "inr": Decimal("1.0"),
    "pt_prolongation_s": None,
    "ascites": "NONE",
    "encephalopathy": "NONE",
}

bilirubins = st.decimals("1", "800", places=3)
albumins = st.decimals("10", "65", places=3)
inrs = st.decimals("0.5", "15", places=3)
full = st.fixed_dictionaries(
    {
        "bilirubin_umol_l": bilirubins,
        "albumin_g_l": albumins,
        "inr": inrs,
        "ascites": st.sampled_from(["NONE", "MILD", "MODSEV"]),
        "encephalopathy": st.sampled_from(["NONE", "G1_2", "G3_4"]),
    }
)


def scored(**changes: Any) -> ChildPughResult:
    return child_pugh(**{**NORMAL, **changes})


def number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


@pytest.mark.parametrize("case", CASES["child_pugh"], ids=lambda case: case["id"])
def test_worked_child_pugh_case(case: dict[str, Any]) -> None:
    found = child_pugh(
        bilirubin_umol_l=number(case["bili_umol"]),
        albumin_g_l=number(case["alb_g_l"]),
        inr=number(case["inr"]),
        pt_prolongation_s=number(case["pt_prolong_s"]),
        ascites=case["ascites"],
        encephalopathy=case["enceph"],
    )
    assert (list(found.points), found.score, found.child_class) == (
        case["points"],
        case["score"],
        case["cls"],
    )


@pytest.mark.parametrize("case", CASES["albi"], ids=lambda case: case["id"])
def test_worked_albi_case(case: dict[str, Any]) -> None:
    found = albi(bilirubin_umol_l=number(case["bili_umol"]), albumin_g_l=number(case["alb_g_l"]))
    assert found.value is not None
    assert (found.value.quantize(Decimal("0.0001")), found.grade, found.modified) == (
        Decimal(case["albi"]),
        case["grade"],
        case["mALBI"],
    )


@pytest.mark.parametrize(
    ("item", "value", "points"),
    [
        ("bilirubin_umol_l", "34.16", (1, 1, 1, 1, 1)),
        ("bilirubin_umol_l", "34.199999", (1, 1, 1, 1, 1)),
        ("bilirubin_umol_l", "34.20", (2, 1, 1, 1, 1)),
        ("bilirubin_umol_l", "51.3", (2, 1, 1, 1, 1)),
        ("bilirubin_umol_l", "51.300001", (3, 1, 1, 1, 1)),
        ("albumin_g_l", "35.04", (1, 1, 1, 1, 1)),
        ("albumin_g_l", "35.0", (1, 2, 1, 1, 1)),
        ("albumin_g_l", "28.0", (1, 2, 1, 1, 1)),
        ("albumin_g_l", "27.99", (1, 3, 1, 1, 1)),
        ("inr", "1.69", (1, 1, 1, 1, 1)),
        ("inr", "1.7", (1, 1, 2, 1, 1)),
        ("inr", "2.3", (1, 1, 2, 1, 1)),
        ("inr", "2.301", (1, 1, 3, 1, 1)),
    ],
)
def test_points_on_both_sides_of_a_limit(item: str, value: str, points: tuple[int, ...]) -> None:
    assert tuple(scored(**{item: Decimal(value)}).points) == points


@pytest.mark.parametrize(
    ("seconds", "points"), [("-1", 1), ("0", 1), ("3.99", 1), ("4", 2), ("6", 2), ("6.01", 3)]
)
def test_prothrombin_time_stands_in_for_a_missing_inr(seconds: str, points: int) -> None:
    assert scored(inr=None, pt_prolongation_s=Decimal(seconds)).points.coagulation == points


def test_inr_is_used_where_both_are_there() -> None:
    assert scored(inr=Decimal("1.0"), pt_prolongation_s=Decimal(9)).points.coagulation == 1


@pytest.mark.parametrize(
    ("changes", "score", "child_class"),
    [
        ({"bilirubin_umol_l": Decimal(40)}, 6, "A"),
        ({"bilirubin_umol_l": Decimal(60)}, 7, "B"),
        ({"bilirubin_umol_l": Decimal(60), "albumin_g_l": Decimal(20)}, 9, "B"),
        ({"bilirubin_umol_l": Decimal(60), "albumin_g_l": Decimal(20), "ascites": "MILD"}, 10, "C"),
        (
            {
                "bilirubin_umol_l": Decimal(60),
                "albumin_g_l": Decimal(20),
                "inr": Decimal(3),
                "ascites": "MODSEV",
                "encephalopathy": "G3_4",
            },
            15,
            "C",
        ),
        ({"ascites": "MODSEV"}, 7, "B"),
        ({"encephalopathy": "G1_2"}, 6, "A"),
    ],
)
def test_class_limits(changes: dict[str, Any], score: int, child_class: str) -> None:
    found = scored(**changes)
    assert (found.score, found.child_class) == (score, child_class)


def test_conversion_is_exact() -> None:
    assert bilirubin_from_mg_dl(Decimal("2.0")) == Decimal("34.20")
    assert scored(bilirubin_umol_l=bilirubin_from_mg_dl(Decimal("2.0"))).points.bilirubin == 2
    assert scored(bilirubin_umol_l=bilirubin_from_mg_dl(Decimal("1.999"))).points.bilirubin == 1
    assert scored(bilirubin_umol_l=bilirubin_from_mg_dl(Decimal("3.0"))).points.bilirubin == 2
    assert albumin_from_g_dl(Decimal("3.5")) == Decimal(35)
    assert scored(albumin_g_l=albumin_from_g_dl(Decimal("3.5"))).points.albumin == 2


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"ascites": None}, ("ascites",)),
        ({"encephalopathy": None}, ("enceph",)),
        ({"inr": None}, ("inr",)),
        ({"bilirubin_umol_l": None, "albumin_g_l": None}, ("tbil", "alb")),
    ],
)
def test_missing_item_leaves_the_score_unknown(changes: dict[str, Any], missing: tuple[str, ...]) -> None:
    found = scored(**changes)
    assert (found.score, found.child_class, found.missing) == (None, None, missing)


@pytest.mark.parametrize(
    "changes",
    [
        {"bilirubin_umol_l": Decimal(0)},
        {"bilirubin_umol_l": Decimal(-3)},
        {"albumin_g_l": Decimal(0)},
        {"inr": Decimal(-1)},
        {"inr": Decimal("NaN")},
        {"pt_prolongation_s": Decimal("Infinity")},
        {"ascites": "SOME"},
        {"encephalopathy": ""},
    ],
)
def test_impossible_value_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleLiverValue):
        scored(**changes)


def test_reason_names_every_item() -> None:
    assert scored().reason.en == (
        "5 points: bilirubin 1, albumin 1, INR or prothrombin time 1, ascites 1, encephalopathy 1."
    )
    assert scored(ascites=None).reason.zh == "缺少：腹水。"


@given(full)
def test_score_is_the_sum_of_points_and_decides_the_class(values: dict[str, Any]) -> None:
    found = child_pugh(**values)
    assert found.score == sum(point or 0 for point in found.points)
    assert 5 <= found.score <= 15
    assert found.child_class == ("A" if found.score < 7 else "B" if found.score < 10 else "C")


@given(full, bilirubins, albumins, inrs)
def test_points_never_fall_as_values_get_worse(
    values: dict[str, Any], bilirubin: Decimal, albumin: Decimal, inr: Decimal
) -> None:
    assume(bilirubin >= values["bilirubin_umol_l"])
    assume(albumin <= values["albumin_g_l"])
    worse = {
        **values,
        "bilirubin_umol_l": bilirubin,
        "albumin_g_l": albumin,
        "inr": max(inr, values["inr"]),
    }
    for before, after in zip(child_pugh(**values).points, child_pugh(**worse).points, strict=True):
        assert before is not None and after is not None
        assert before <= after


@given(full, st.sampled_from(["bilirubin_umol_l", "albumin_g_l", "inr", "ascites", "encephalopathy"]))
def test_any_missing_item_leaves_the_score_unknown(values: dict[str, Any], hidden: str) -> None:
    found = child_pugh(**{**values, hidden: None})
    assert (found.score, found.child_class) == (None, None)


@pytest.mark.parametrize(
    ("bilirubin", "albumin", "grade", "modified"),
    [
        # 0.085 g/L steps around the limits at 10 µmol/L, where the logarithm is exactly 1.
        ("10", "38.353", 1, "1"),
        ("10", "38.352", 2, "2a"),
        ("10", "34.471", 2, "2a"),
        ("10", "34.470", 2, "2b"),
        ("10", "24.118", 2, "2b"),
        ("10", "24.117", 3, "3"),
    ],
)
def test_albi_grade_on_both_sides_of_a_limit(bilirubin: str, albumin: str, grade: int, modified: str) -> None:
    found = albi(bilirubin_umol_l=Decimal(bilirubin), albumin_g_l=Decimal(albumin))
    assert (found.grade, found.modified) == (grade, modified)


def test_albi_is_graded_before_rounding() -> None:
    found = albi(bilirubin_umol_l=Decimal(10), albumin_g_l=Decimal("38.352"))
    assert found.value is not None
    assert (round(found.value, 2), found.grade) == (Decimal("-2.60"), 2)


@pytest.mark.parametrize(
    ("bilirubin", "albumin", "missing"),
    [(None, Decimal(40), ("tbil",)), (Decimal(10), None, ("alb",)), (None, None, ("tbil", "alb"))],
)
def test_albi_needs_both_values(bilirubin: Any, albumin: Any, missing: tuple[str, ...]) -> None:
    found = albi(bilirubin_umol_l=bilirubin, albumin_g_l=albumin)
    assert (found.value, found.grade, found.modified, found.missing) == (None, None, None, missing)


@pytest.mark.parametrize(("bilirubin", "albumin"), [("0", "40"), ("-1", "40"), ("10", "0"), ("10", "-40")])
def test_albi_refuses_values_not_above_zero(bilirubin: str, albumin: str) -> None:
    with pytest.raises(ImpossibleLiverValue):
        albi(bilirubin_umol_l=Decimal(bilirubin), albumin_g_l=Decimal(albumin))


@given(bilirubins, bilirubins, albumins, albumins)
def test_albi_rises_with_bilirubin_and_falls_with_albumin(
    low_b: Decimal, high_b: Decimal, low_a: Decimal, high_a: Decimal
) -> None:
    low_b, high_b = sorted([low_b, high_b])
    low_a, high_a = sorted([low_a, high_a])
    better = albi(bilirubin_umol_l=low_b, albumin_g_l=high_a)
    worse = albi(bilirubin_umol_l=high_b, albumin_g_l=low_a)
    assert better.value is not None and worse.value is not None
    assert better.value <= worse.value
    assert better.grade is not None and worse.grade is not None
    assert better.grade <= worse.grade


@given(bilirubins, albumins)
def test_albi_agrees_with_floating_point(bilirubin: Decimal, albumin: Decimal) -> None:
    found: AlbiResult = albi(bilirubin_umol_l=bilirubin, albumin_g_l=albumin)
    assert found.value is not None
    assert math.isclose(found.value, 0.66 * math.log10(bilirubin) - 0.085 * float(albumin), abs_tol=1e-9)
