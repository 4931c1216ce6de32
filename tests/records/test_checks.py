"""Edit checks of one form: what stops applying is cleared, what is required is asked for, ranges hold exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.checks import Entry, derive, findings_of, settle, unconfirmed
from records.definition import forms
from records.findings import Finding, Level
from records.items import Item, MeasuredItem, items_of
from records.text import Text
from tests.records.specimen import Specimen

BLOOD: dict[str, Any] = {"taken": "Y", "tissue": "BLOOD", "albumin": Decimal("41.30"), "albumin_u": "g/L"}


def settled(answers: dict[str, Any], missing: dict[str, str] | None = None, **context: Any) -> Entry:
    entry = Entry(dict(answers), dict(missing or {}), {"tissue": "seen"})
    settle(Specimen, entry, context)
    derive(Specimen, entry, context)
    return entry


def found(
    answers: dict[str, Any], missing: dict[str, str] | None = None, *, complete: bool = False, **context: Any
) -> list[tuple[str, str, str]]:
    findings = findings_of(Specimen, settled(answers, missing, **context), context, complete=complete)
    return [(finding.item, finding.level.value, finding.message.en) for finding in findings]


# -- clearing what does not apply ----------------------------------------------------------------------


@pytest.mark.line("M11")
def test_an_answer_that_stops_applying_is_cleared_and_so_is_what_hung_on_it() -> None:
    entry = settled({**BLOOD, "albumin_u": "g/dL", "albumin": Decimal("4.1"), "method": "BCG", "taken": "N"})
    assert {
        name: entry.answers[name]
        for name in ("taken", "tissue", "albumin", "albumin_u", "albumin_si", "method")
    } == {
        "taken": "N",
        "tissue": None,
        "albumin": None,
        "albumin_u": None,
        "albumin_si": None,
        "method": None,
    }
    assert entry.confirmed == {}


def test_a_missing_reason_goes_with_the_question() -> None:
    entry = settled({"taken": "N"}, {"tissue": "NK", "pulse": "ND"})
    assert entry.missing == {"pulse": "ND"}


def test_an_answer_takes_the_place_of_the_reason_for_its_absence() -> None:
    entry = settled({"pulse": 72}, {"pulse": "ND"})
    assert (entry.answers["pulse"], entry.missing) == (72, {})


def test_what_applies_stays() -> None:
    entry = settled({**BLOOD, "pulse": 72, "tests": ["PH"]}, {"method": "NK"})
    assert (entry.answers["albumin"], entry.answers["pulse"], entry.answers["tests"]) == (
        Decimal("41.30"),
        72,
        ["PH"],
    )
    assert entry.confirmed == {"tissue": "seen"}


# -- measurements --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "si"),
    [
        ("41.30", "g/L", "41.30"),
        ("4.13", "g/dL", "41.30"),
        ("41300.00", "mg/L", "41.30000"),
        ("0.01", "mg/L", "0.00001"),
    ],
)
def test_a_measurement_is_converted_exactly(value: str, unit: str, si: str) -> None:
    entry = settled({**BLOOD, "albumin": Decimal(value), "albumin_u": unit})
    assert entry.answers["albumin_si"] == Decimal(si)
    assert entry.answers["albumin"] == Decimal(value)


def test_a_measurement_without_a_unit_is_in_its_first_one_and_a_unit_without_a_value_is_nothing() -> None:
    assert settled({**BLOOD, "albumin_u": None}).answers["albumin_u"] == "g/L"
    alone = settled({**BLOOD, "albumin": None, "albumin_u": "g/dL"}).answers
    assert (alone["albumin_u"], alone["albumin_si"]) == (None, None)


MEASURED = [
    (code, item)
    for code, model in forms().items()
    for item in items_of(model)
    if isinstance(item, MeasuredItem)
]


@pytest.mark.parametrize(("code", "item"), MEASURED, ids=[f"{code} {item.name}" for code, item in MEASURED])
def test_no_conversion_loses_a_digit_in_the_database(code: str, item: MeasuredItem) -> None:
    si: Any = forms()[code]._meta.get_field(f"{item.name}_si")
    largest = Decimal(10) ** (item.max_digits - item.decimal_places)
    for unit, factor in item.units.items():
        if factor is None:
            continue
        digits = factor.as_tuple().exponent
        assert isinstance(digits, int)
        assert item.decimal_places + max(-digits, 0) <= si.decimal_places, unit
        assert largest * factor <= Decimal(10) ** (si.max_digits - si.decimal_places), unit


@pytest.mark.parametrize(("code", "item"), MEASURED, ids=[f"{code} {item.name}" for code, item in MEASURED])
def test_the_first_unit_is_the_one_rules_read(code: str, item: MeasuredItem) -> None:
    first, *others = item.units.items()
    assert first == (item.unit, Decimal(1))
    assert [unit for unit, factor in others if factor is not None and factor <= 0] == []


# -- ranges --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pulse", "level"),
    [
        (19, "HARD"),
        (20, "SOFT"),
        (49, "SOFT"),
        (50, None),
        (110, None),
        (111, "SOFT"),
        (250, "SOFT"),
        (251, "HARD"),
    ],
)
def test_both_ends_of_a_range_belong_to_it(pulse: int, level: str | None) -> None:
    levels = [(item, found_level) for item, found_level, _words in found({"pulse": pulse}) if item == "pulse"]
    assert levels == ([("pulse", level)] if level else [])


@pytest.mark.parametrize(
    ("value", "unit", "level"),
    [
        ("9.99", "g/L", "HARD"),
        ("10.00", "g/L", "SOFT"),
        ("24.99", "g/L", "SOFT"),
        ("25.00", "g/L", None),
        ("4.13", "g/L", "HARD"),
        ("4.13", "g/dL", None),
        ("1.00", "g/dL", "SOFT"),
        ("0.99", "g/dL", "HARD"),
        ("6.50", "g/dL", "SOFT"),
        ("6.51", "g/dL", "HARD"),
        ("65000.00", "mg/L", "SOFT"),
        ("65000.01", "mg/L", "HARD"),
    ],
)
def test_a_measurement_is_judged_by_its_value_in_the_first_unit_and_named_as_it_was_typed(
    value: str, unit: str, level: str | None
) -> None:
    levels = [
        (item, found_level)
        for item, found_level, _words in found({**BLOOD, "albumin": Decimal(value), "albumin_u": unit})
    ]
    assert levels == ([("albumin", level)] if level else [])


def test_the_sentence_names_value_unit_and_range_and_asks_about_the_unit() -> None:
    assert found({**BLOOD, "albumin": Decimal("4.10")}) == [
        (
            "albumin",
            "HARD",
            "Albumin 4.1 g/L is not possible: it must lie between 10 and 65. Check the value and its unit.",
        )
    ]
    assert found({"pulse": 255}) == [
        ("pulse", "HARD", "Pulse 255 /min is not possible: it must lie between 20 and 250. Check the value."),
        ("share", "HARD", "Share 2.55 is not possible: it must lie between … and 2. Check the value."),
    ]
    assert found({"pulse": 45}) == [
        (
            "pulse",
            "SOFT",
            "Pulse 45 /min is unusual (expected 50 to 110). Correct it, or confirm it with a word.",
        ),
        (
            "share",
            "SOFT",
            "Share 0.45 is unusual (expected 0.5 to …). Correct it, or confirm it with a word.",
        ),
    ]


def test_a_number_in_a_sentence_is_written_out() -> None:
    (_pulse, (_item, _level, words)) = found({"pulse": 1000})
    assert words.startswith("Share 10 is not possible")


@given(
    st.sampled_from(
        [item for model in forms().values() for item in items_of(model) if item.hard != (None, None)]
    )
)
def test_what_is_usual_is_possible(item: Item) -> None:
    (low, high), (least, most) = item.soft, item.hard
    assert least is None or low is None or least <= low
    assert most is None or high is None or high <= most


# -- required ------------------------------------------------------------------------------------------

REQUIRED_OF_BLOOD = [
    ("albumin", "HARD", "Fill in Albumin, or say why it is missing."),
]


def test_a_draft_may_be_incomplete_and_a_submission_may_not() -> None:
    assert found({"taken": "Y", "tissue": "BLOOD"}) == []
    assert found({"taken": "Y", "tissue": "BLOOD"}, complete=True) == REQUIRED_OF_BLOOD
    assert found({}, complete=True) == [("taken", "HARD", "Fill in Taken.")]


def test_what_does_not_apply_is_not_required() -> None:
    assert found({"taken": "N"}, complete=True) == []
    assert found({"taken": "Y", "tissue": "URINE"}, complete=True) == []


def test_a_reason_stands_in_for_an_answer_where_it_is_offered() -> None:
    assert found({"taken": "Y", "tissue": "BLOOD"}, {"albumin": "ND"}, complete=True) == []
    assert found({"taken": "Y"}, {"tissue": "ND"}, complete=True) == [
        ("tissue", "HARD", "This reason is not offered here.")
    ]
    assert found({}, {"taken": "NK"}) == [("taken", "HARD", "This reason is not offered here.")]
    assert found({}, {"pulse": "anything"}) == [("pulse", "HARD", "This reason is not offered here.")]


def test_no_reason_stands_in_for_a_computed_value() -> None:
    assert found({}, {"share": "ND"}) == [("share", "HARD", "This reason is not offered here.")]


# -- across items, and confirming ----------------------------------------------------------------------


def test_what_the_form_says_across_items_comes_after_what_single_items_say() -> None:
    assert found({"taken": "Y", "tissue": "URINE", "pulse": 45}, fasting=True)[-1] == (
        "tissue",
        "SOFT",
        "Urine of a fasting person.",
    )


def test_a_soft_finding_waits_until_somebody_confirms_it_with_a_word() -> None:
    words = Text("x", "x")
    findings = (
        Finding("pulse", Level.SOFT, words),
        Finding("tissue", Level.SOFT, words),
        Finding("albumin", Level.HARD, words),
    )
    assert unconfirmed(findings, Entry({}, {}, {"pulse": "athlete", "tissue": ""})) == (findings[1],)


def test_reasons_of_computed_values_come_back_in_words() -> None:
    entry = Entry({"pulse": 72})
    settle(Specimen, entry, {})
    reasons = derive(Specimen, entry, {})
    assert entry.answers["share"] == Decimal("0.72")
    assert {name: (words.en, words.zh) for name, words in reasons.items()} == {
        "share": ("Pulse by 100.", "脉搏除以100。")
    }


ANSWERS = st.fixed_dictionaries(
    {
        "taken": st.sampled_from(["Y", "N", None]),
        "tissue": st.sampled_from(["BLOOD", "URINE", None]),
        "albumin": st.none() | st.decimals(0, 100, places=2),
        "albumin_u": st.sampled_from(["g/L", "g/dL", "mg/L", None]),
        "method": st.sampled_from(["BCG", None]),
        "pulse": st.none() | st.integers(0, 300),
    }
)
REASONS = st.dictionaries(
    st.sampled_from(["tissue", "albumin", "method", "pulse"]), st.sampled_from(["ND", "NK"])
)


@given(ANSWERS, REASONS)
def test_settling_again_changes_nothing_and_leaves_no_answer_that_does_not_apply(
    answers: dict[str, Any], missing: dict[str, str]
) -> None:
    once = settled(answers, missing)
    again = settled(once.answers, once.missing)
    assert (again.answers, again.missing) == (once.answers, once.missing)
    for item in items_of(Specimen):
        given_or_excused = once.answers.get(item.name) is not None or item.name in once.missing
        assert not given_or_excused or item.applies(once.answers), item.name
        assert not (once.answers.get(item.name) is not None and item.name in once.missing), item.name
