"""The check of worked cases: the files of this repository agree, and faults in a file are named."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from trial_edc.vector_families import FAMILIES
from trial_edc.vector_reading import MalformedCase
from trial_edc.vectors import State, check, load

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
FILES = sorted(VECTORS.glob("*.json"))
CASE = {
    "id": "CN01",
    "ps": 0,
    "child_pugh": "A",
    "tumour_number": 1,
    "largest_cm": Decimal("5.0"),
    "vascular_thrombus": "N",
    "extrahepatic": "N",
    "stage": "Ia",
    "record_I3": "NOT_MET",
}


def one(family: str, case: Any) -> State:
    return check({family: [case]})[0].state


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_worked_case_agrees(file: Path) -> None:
    assert [outcome for outcome in check(load(file)) if outcome.state is not State.SAME] == []


def test_both_files_are_there() -> None:
    assert [file.name for file in FILES] == ["specification.json", "vectors.json"]


def test_every_family_has_worked_cases_and_every_result_is_expected_somewhere() -> None:
    expected: dict[str, set[str]] = {}
    for file in FILES:
        for outcome in check(load(file)):
            expected.setdefault(outcome.family, set()).update(outcome.expected)
    assert expected == {name: set(family.results) for name, family in FAMILIES.items()}


def test_a_difference_is_found_and_shown() -> None:
    found = check({"cnlc": [{**CASE, "stage": "Ib"}]})[0]
    assert (found.state, found.expected, found.got) == (
        State.DIFFERENT,
        {"stage": "Ib", "record_I3": "NOT_MET"},
        {"stage": "Ia", "record_I3": "NOT_MET"},
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_expected_result_can_change_unnoticed(file: Path) -> None:
    content = load(file)
    cases = [case for family in content.values() for case in family]  # type: ignore[attr-defined]
    for case, outcome in zip(cases, check(content), strict=True):
        for result in outcome.expected:
            changed = copy.deepcopy(case)
            changed[result] = Decimal("987.6") if outcome.expected[result] != Decimal("987.6") else None
            assert one(outcome.family, changed) is State.DIFFERENT, (outcome.id, result)


def test_family_without_a_rule_is_uncovered() -> None:
    assert one("weather", {"id": "W1"}) is State.UNCOVERED


def test_case_without_id_is_called_by_its_position() -> None:
    case = {"h": 150, "w": 45, "mosteller": Decimal("1.3693")}
    assert [outcome.id for outcome in check({"bsa": [case, case]})] == ["bsa-1", "bsa-2"]


@pytest.mark.parametrize(
    ("written", "state"),
    [("1.3693", State.SAME), ("1.36931", State.SAME), ("1.3694", State.DIFFERENT), ("1.37", State.DIFFERENT)],
)
def test_numbers_agree_to_the_decimals_of_the_family(written: str, state: State) -> None:
    # √(150 × 45 / 3600) = 1.369306…
    assert one("bsa", {"h": 150, "w": 45, "mosteller": Decimal(written)}) is state


def test_a_refusal_is_a_difference_unless_expected() -> None:
    assert one("cnlc", {**CASE, "ps": 5}) is State.DIFFERENT
    assert one("cnlc", {**CASE, "ps": 5, "stage": "ERROR", "record_I3": "ERROR"}) is State.SAME
    assert one("cnlc", {**CASE, "stage": "ERROR"}) is State.DIFFERENT


@pytest.mark.parametrize("written", [None, "UNKNOWN"])
def test_no_result_can_be_written_as_null_or_unknown(written: Any) -> None:
    case = {"bili_umol": 20, "alb_g_l": None, "albi": written, "grade": written, "mALBI": written}
    assert one("albi", case) is State.SAME


@pytest.mark.parametrize(
    ("ascites", "enceph", "score"),
    [
        ("MODERATE", "NONE", 7),
        ("SEVERE", "NONE", 7),
        ("MILD", "G1_2", 7),
        ("NONE", "1-2", 6),
        ("NONE", "GRADE3_4", 7),
        ("NONE", None, None),
    ],
)
def test_words_for_ascites_and_encephalopathy(ascites: str, enceph: str | None, score: int | None) -> None:
    case = {
        "bili_umol": 17,
        "alb_g_l": 40,
        "inr": 1,
        "pt_prolong_s": None,
        "ascites": ascites,
        "enceph": enceph,
    }
    assert one("child_pugh", {**case, "score": score}) is State.SAME


@pytest.mark.parametrize("written", [None, 0, "DO_NOT_TREAT"])
def test_a_shunt_too_large_for_resin_gives_no_activity(written: Any) -> None:
    case = {
        "h": 170,
        "w": 65,
        "v_tumour_ml": 300,
        "v_liver_ml": 1500,
        "v_lobe_ml": None,
        "lsf": Decimal("0.21"),
    }
    assert one("resin_bsa", {**case, "A_final": written}) is State.SAME
    assert one("resin_bsa", {**case, "A_final": Decimal("1.05")}) is State.DIFFERENT


@pytest.mark.parametrize(
    ("cases", "sentence"),
    [
        ({}, "There is no case to check."),
        ({"cnlc": []}, "There is no case to check."),
        ({"cnlc": {}}, "cnlc must be a list of cases."),
        ({"cnlc": ["CN01"]}, "cnlc cnlc-1: a case must be an object with names and values."),
        (
            {"cnlc": [{"id": "CN01"}]},
            "cnlc CN01: it states no expected result; there can be stage, record_I3.",
        ),
        (
            {"cnlc": [{"id": "CN01", "stage": "Ia"}]},
            "cnlc CN01: tumour_number is missing; write null where it is not known.",
        ),
        ({"cnlc": [{**CASE, "ps": "one"}]}, "cnlc CN01: ps must be a number, not 'one'."),
        ({"cnlc": [{**CASE, "ps": Decimal("0.5")}]}, "cnlc CN01: ps must be a whole number, not 0.5."),
        ({"cnlc": [{**CASE, "ps": True}]}, "cnlc CN01: ps must be a number, not True."),
        ({"cnlc": [{**CASE, "child_pugh": 1}]}, "cnlc CN01: child_pugh must be a text, not 1."),
        (
            {"ctcae": [{"test": "ALT", "value": 1, "limit": "40", "grade": 0}]},
            "ctcae ctcae-1: limit '40' must be written as in 'ULN 111, baseline 100' or 'LLN 125'.",
        ),
        (
            {"eligibility": [{"facts": {"ecog": 1}, "conclusion": "ELIGIBLE"}]},
            "eligibility eligibility-1, facts: ecog is not a fact that criteria are judged from.",
        ),
    ],
)
def test_malformed_cases_are_named(cases: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MalformedCase) as caught:
        check(cases)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("content", ["", "[]", "{'cnlc': []}", '{"albi": [{"bili_umol": NaN}]}', "null"])
def test_malformed_file_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "cases.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(MalformedCase):
        load(file)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedCase):
        load(tmp_path / "none.json")
