"""CNLC staging: worked cases, both sides of every cut-off, missing inputs, and what holds for any input."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.cnlc import (
    DIFFUSE,
    EDITIONS,
    ImpossibleStaging,
    RecordI3,
    Stage,
    StageResult,
    stage,
    within_ucsf,
)

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "vectors.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"), parse_float=Decimal)["cnlc"]

SINGLE = {
    "ps": 0,
    "child_pugh": "A",
    "tumour_number": 1,
    "largest_mm": Decimal(60),
    "vascular_thrombus": "N",
    "extrahepatic": "N",
}

known = st.fixed_dictionaries(
    {
        "ps": st.integers(0, 4),
        "child_pugh": st.sampled_from("ABC"),
        "tumour_number": st.one_of(st.integers(1, 12), st.just(DIFFUSE)),
        "largest_mm": st.decimals("0.1", "300", places=2),
        "vascular_thrombus": st.sampled_from("YN"),
        "extrahepatic": st.sampled_from("YN"),
    }
)


def staged(**changes: Any) -> StageResult:
    return stage(**{**SINGLE, **changes})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_worked_case(case: dict[str, Any]) -> None:
    centimetres = case["largest_cm"]
    found = stage(
        ps=case["ps"],
        child_pugh=case["child_pugh"],
        tumour_number=case["tumour_number"],
        largest_mm=None if centimetres is None else centimetres * 10,
        vascular_thrombus=case["vascular_thrombus"],
        extrahepatic=case["extrahepatic"],
    )
    assert (found.stage.value, found.record_i3.value) == (case["stage"], case["record_I3"])


@pytest.mark.parametrize(
    ("number", "millimetres", "expected", "record"),
    [
        (1, "0.1", "Ia", "NOT_MET"),
        (1, "50.0", "Ia", "NOT_MET"),
        (1, "50.0000001", "Ib", "MET"),
        (1, "50.1", "Ib", "MET"),
        (2, "30.0", "Ib", "RULING"),
        (2, "30.04", "IIa", "MET"),
        (3, "30.1", "IIa", "MET"),
        (3, "29.9", "Ib", "RULING"),
        (3, "50.1", "IIa", "MET"),
        (4, "0.5", "IIb", "MET"),
        (4, "299", "IIb", "MET"),
        (DIFFUSE, "10", "IIb", "MET"),
    ],
)
def test_number_and_diameter(number: Any, millimetres: str, expected: str, record: str) -> None:
    found = staged(tumour_number=number, largest_mm=Decimal(millimetres))
    assert (found.stage.value, found.record_i3.value) == (expected, record)


@pytest.mark.parametrize(("ps", "expected"), [(0, "Ib"), (2, "Ib"), (3, "IV"), (4, "IV")])
def test_performance_status_decides_stage_iv(ps: int, expected: str) -> None:
    assert staged(ps=ps).stage == expected


@pytest.mark.parametrize(("child", "expected"), [("A", "Ib"), ("B", "Ib"), ("C", "IV")])
def test_child_class_decides_stage_iv(child: str, expected: str) -> None:
    assert staged(child_pugh=child).stage == expected


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"ps": None}, ("ecog",)),
        ({"child_pugh": None}, ("cpcls",)),
        ({"ps": None, "extrahepatic": "Y", "largest_mm": None}, ("ecog",)),
        ({"extrahepatic": None}, ("exhep",)),
        ({"extrahepatic": "UNK", "vascular_thrombus": "UNK"}, ("exhep", "vascinv")),
        ({"vascular_thrombus": None}, ("vascinv",)),
        ({"vascular_thrombus": "Y", "extrahepatic": None, "tumour_number": None}, ("exhep",)),
        ({"tumour_number": None}, ("tumnum",)),
        ({"tumour_number": None, "largest_mm": None}, ("tumnum", "tummax")),
        ({"largest_mm": None}, ("tummax",)),
    ],
)
def test_missing_input_leaves_the_stage_unknown(changes: dict[str, Any], missing: tuple[str, ...]) -> None:
    found = staged(**changes)
    assert (found.stage, found.record_i3, found.missing) == (Stage.UNKNOWN, RecordI3.UNKNOWN, missing)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"child_pugh": "C", "ps": None, "extrahepatic": None}, "IV"),
        ({"ps": 3, "child_pugh": None, "tumour_number": None}, "IV"),
        ({"extrahepatic": "Y", "vascular_thrombus": None, "tumour_number": None, "largest_mm": None}, "IIIb"),
        ({"vascular_thrombus": "Y", "tumour_number": None, "largest_mm": None}, "IIIa"),
        ({"tumour_number": 4, "largest_mm": None}, "IIb"),
    ],
)
def test_stage_already_decided_without_the_missing_input(changes: dict[str, Any], expected: str) -> None:
    found = staged(**changes)
    assert (found.stage, found.missing) == (expected, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"ps": 5},
        {"ps": -1},
        {"ps": 6},
        {"child_pugh": "D"},
        {"tumour_number": 0},
        {"tumour_number": -2},
        {"tumour_number": "many"},
        {"largest_mm": Decimal(0)},
        {"largest_mm": Decimal(-1)},
        {"largest_mm": Decimal("NaN")},
        {"largest_mm": Decimal("Infinity")},
        {"vascular_thrombus": "yes"},
        {"extrahepatic": ""},
        {"edition": "2018"},
    ],
)
def test_impossible_input_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleStaging):
        staged(**changes)


def test_impossible_input_is_refused_even_where_it_would_not_matter() -> None:
    with pytest.raises(ImpossibleStaging):
        staged(ps=4, tumour_number=0)


def test_edition_is_kept_and_changes_nothing() -> None:
    assert [(staged(edition=one).stage, staged(edition=one).edition) for one in EDITIONS] == [
        (Stage.IB, "2019"),
        (Stage.IB, "2022"),
        (Stage.IB, "2024"),
        (Stage.IB, "2026"),
    ]


def test_reason_is_given_in_both_languages() -> None:
    found = staged(largest_mm=Decimal("50.1"))
    assert found.reason.en == (
        "Single tumour, largest 50.1 mm, more than 50 mm, no vascular thrombus, no extrahepatic metastasis."
    )
    assert found.reason.zh == "单个肿瘤，最大直径50.1 mm，＞50 mm，无影像学可见血管癌栓和肝外转移。"


@given(known)
def test_known_inputs_always_give_a_stage(inputs: dict[str, Any]) -> None:
    found = stage(**inputs)
    assert found.stage is not Stage.UNKNOWN
    assert found.record_i3 is not RecordI3.UNKNOWN
    assert found.missing == ()


@given(known, st.sets(st.sampled_from(sorted(SINGLE))))
def test_missing_information_never_gives_another_stage(inputs: dict[str, Any], hidden: set[str]) -> None:
    full = stage(**inputs)
    part = stage(**{name: None if name in hidden else value for name, value in inputs.items()})
    assert part.stage in (full.stage, Stage.UNKNOWN)
    assert bool(part.missing) == (part.stage is Stage.UNKNOWN)


@given(known, st.decimals("0.1", "300", places=2))
def test_stage_never_falls_as_the_tumour_grows(inputs: dict[str, Any], other: Decimal) -> None:
    order = list(Stage)
    small, large = sorted([inputs["largest_mm"], other])
    below, above = (stage(**{**inputs, "largest_mm": size}).stage for size in (small, large))
    assert order.index(below) <= order.index(above)


@given(known)
def test_record_i3_follows_the_stage(inputs: dict[str, Any]) -> None:
    found = stage(**inputs)
    several = inputs["tumour_number"] != 1
    included = found.stage in (Stage.IB, Stage.IIA, Stage.IIB, Stage.IIIA)
    expected = RecordI3.NOT_MET if not included else RecordI3.MET
    assert found.record_i3 is (RecordI3.RULING if found.stage is Stage.IB and several else expected)


UCSF = {
    "tumour_number": 1,
    "largest_mm": Decimal(60),
    "sum_mm": None,
    "vascular_thrombus": "N",
    "extrahepatic": "N",
}


@pytest.mark.parametrize(
    ("changes", "within"),
    [
        ({"largest_mm": Decimal("65.0")}, True),
        ({"largest_mm": Decimal("65.1")}, False),
        ({"tumour_number": 3, "largest_mm": Decimal("45.0"), "sum_mm": Decimal("80.0")}, True),
        ({"tumour_number": 3, "largest_mm": Decimal("45.1"), "sum_mm": Decimal("80.0")}, False),
        ({"tumour_number": 3, "largest_mm": Decimal("45.0"), "sum_mm": Decimal("80.1")}, False),
        ({"tumour_number": 4, "largest_mm": Decimal(10), "sum_mm": Decimal(40)}, False),
        ({"tumour_number": DIFFUSE, "largest_mm": None}, False),
        ({"tumour_number": 2, "largest_mm": Decimal(40)}, True),
        ({"tumour_number": 2, "largest_mm": Decimal("40.1")}, None),
        ({"tumour_number": 2, "largest_mm": Decimal("45.1")}, False),
        ({"tumour_number": None, "largest_mm": Decimal(50)}, None),
        ({"tumour_number": None, "largest_mm": Decimal("65.1")}, False),
        ({"largest_mm": None}, None),
        ({"vascular_thrombus": "Y"}, False),
        ({"vascular_thrombus": "UNK"}, None),
        ({"extrahepatic": "Y"}, False),
        ({"extrahepatic": None}, None),
    ],
)
def test_ucsf_criteria(changes: dict[str, Any], within: bool | None) -> None:
    assert within_ucsf(**{**UCSF, **changes}).within is within


def test_ucsf_refuses_a_sum_below_the_largest_diameter() -> None:
    with pytest.raises(ImpossibleStaging):
        within_ucsf(**{**UCSF, "tumour_number": 2, "sum_mm": Decimal(10)})


def test_every_combination_of_codes_gets_one_answer() -> None:
    answers = [
        stage(
            ps=ps,
            child_pugh=child,
            tumour_number=number,
            largest_mm=size,
            vascular_thrombus=thrombus,
            extrahepatic=metastasis,
        ).stage
        for ps, child, number, size, thrombus, metastasis in itertools.product(
            (None, 0, 1, 2, 3, 4),
            (None, "A", "B", "C"),
            (None, 1, 2, 3, 4, DIFFUSE),
            (None, Decimal(30), Decimal(40), Decimal(60)),
            (None, "UNK", "Y", "N"),
            (None, "UNK", "Y", "N"),
        )
    ]
    assert set(answers) == set(Stage)
