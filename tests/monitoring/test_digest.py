"""The canonical form and its hash: equal content, equal hash; any other content, another."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eligibility.models import Imaging, VitalSigns
from monitoring import digest
from monitoring.content import definition_of, entry_of, item_digests, record_content
from monitoring.trust import VerificationState
from participants.models import Visit
from participants.reading import Entered
from records.definition import row_groups
from records.digest import canonical, plain, sha256
from records.items import items_of

ANSWERS = {
    "integer": st.integers(0, 10**6),
    "decimal": st.decimals(-(10**6), 10**6, places=2, allow_nan=False),
    "text": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    "date": st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    "datetime": st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
}


def answer_of(item: Any) -> st.SearchStrategy[Any]:
    if item.codes:
        return st.sampled_from(item.codes.values)
    return ANSWERS.get(item.kind, ANSWERS["text"])


@st.composite
def vital_signs(draw: st.DrawFn) -> dict[str, Any]:
    return {item.name: draw(st.none() | answer_of(item)) for item in items_of(VitalSigns)}


def hashed(answers: dict[str, Any], **more: Any) -> str:
    record = VitalSigns(pk=7, state="SUBMITTED", repeat=1, **answers)
    for name, value in more.items():
        setattr(record, name, value)
    visit = Visit(pk=3, code="SCR", occurrence=1)
    return sha256(record_content(record, entry_of(Entered(record, {})), visit, "01-001"))


@given(vital_signs())
def test_equal_content_has_an_equal_hash(answers: dict[str, Any]) -> None:
    padded = {
        name: value.quantize(Decimal("0.0001")) if isinstance(value, Decimal) else value
        for name, value in answers.items()
    }
    assert hashed(answers) == hashed(dict(reversed(padded.items())))


@pytest.mark.line("S2")
@given(vital_signs(), st.data())
def test_any_other_value_has_another_hash(answers: dict[str, Any], data: st.DataObject) -> None:
    item = data.draw(st.sampled_from(items_of(VitalSigns)))
    other = data.draw(st.none() | answer_of(item))
    assume(other != answers[item.name])
    assert hashed(answers) != hashed({**answers, item.name: other})


@given(
    vital_signs(),
    st.sampled_from(["missing", "confirmed"]),
    st.sampled_from([i.name for i in items_of(VitalSigns)]),
)
def test_a_missing_reason_and_a_confirmation_are_part_of_it(
    answers: dict[str, Any], what: str, name: str
) -> None:
    hashes = {
        hashed(answers),
        hashed(answers, **{what: {name: "ND"}}),
        hashed(answers, **{what: {name: "NK"}}),
    }
    assert len(hashes) == 3


def test_the_place_the_state_and_the_record_are_part_of_it() -> None:
    answers = dict.fromkeys((item.name for item in items_of(VitalSigns)), None)
    record = VitalSigns(pk=7, state="SUBMITTED", repeat=1, **answers)
    entry, visit = entry_of(Entered(record, {})), Visit(pk=3, code="SCR", occurrence=1)
    there = [
        record_content(record, entry, visit, "01-001"),
        record_content(record, entry, visit, "01-002"),
        record_content(record, entry, Visit(pk=3, code="Y-M1", occurrence=1), "01-001"),
        record_content(record, entry, Visit(pk=3, code="SCR", occurrence=2), "01-001"),
        record_content(record, entry, visit, "01-001", definition="another"),
        record_content(VitalSigns(pk=8, state="SUBMITTED", repeat=1), entry, visit, "01-001"),
        record_content(VitalSigns(pk=7, state="DRAFT", repeat=1), entry, visit, "01-001"),
        record_content(VitalSigns(pk=7, state="SUBMITTED", repeat=2), entry, visit, "01-001"),
    ]
    assert len({sha256(one) for one in there}) == len(there)


def lesions(*rows: tuple[int, str]) -> Entered:
    record = Imaging(pk=1, state="SUBMITTED", repeat=1)
    model = row_groups(Imaging)["lesions"]
    named = items_of(model)[0].name
    return Entered(record, {"lesions": [model(number=number, **{named: said}) for number, said in rows]})


def test_rows_count_by_number_and_content() -> None:
    visit = Visit(pk=3, code="SCR", occurrence=1)

    def of(entered: Entered) -> str:
        return sha256(record_content(entered.record, entry_of(entered), visit, "01-001"))

    hashes = [
        of(lesions()),
        of(lesions((1, "T01"))),
        of(lesions((2, "T01"))),
        of(lesions((1, "T02"))),
        of(lesions((1, "T01"), (2, "T02"))),
        of(lesions((1, "T02"), (2, "T01"))),
    ]
    assert len(set(hashes)) == len(hashes)
    assert of(lesions((1, "T01"))) == of(lesions((1, "T01")))


def test_a_row_has_an_address_of_its_own() -> None:
    entered = lesions((1, "T01"), (3, "T02"))
    found = item_digests(Imaging, entry_of(entered))
    named = items_of(row_groups(Imaging)["lesions"])[0].name
    assert found[f"lesions-1-{named}"] != found[f"lesions-3-{named}"]
    assert f"lesions-2-{named}" not in found


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
)


@given(
    st.recursive(
        SCALARS, lambda one: st.lists(one) | st.dictionaries(st.text(max_size=5), one), max_leaves=12
    )
)
def test_the_canonical_form_is_json_and_settled(content: Any) -> None:
    written = canonical(content)
    assert canonical(json.loads(written)) == written


def test_values_are_written_as_the_document_says() -> None:
    moment = datetime(2026, 9, 1, 10, tzinfo=timezone(timedelta(hours=8)))
    content = {"b": Decimal("34.20"), "a": [1, None, True], "c": moment, "d": date(2026, 9, 1), "e": '肝“"'}
    assert canonical(content) == (
        '{"a":[1,null,true],"b":"34.2","c":"2026-09-01T02:00:00.000000+00:00","d":"2026-09-01","e":"肝“\\""}'
    )
    assert plain(Decimal("1E+3")) == "1000"
    assert plain(Decimal("-0.00")) == "0"


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), datetime(2026, 9, 1), object()])
def test_what_no_form_stores_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_the_definition_of_each_form_has_a_version() -> None:
    assert definition_of(VitalSigns) != definition_of(Imaging)
    assert len(definition_of(VitalSigns)) == 16


@pytest.mark.parametrize(
    ("verified", "now", "wanted", "state"),
    [
        ({}, {"a": "1"}, {"a"}, "WITHDRAWN"),
        ({"a": "1"}, {"a": "1", "b": "2"}, {"a", "b"}, "PARTIAL"),
        ({"a": "1"}, {"a": "1", "b": "2"}, {"a"}, "COMPLETE"),
        ({"a": "1"}, {"a": "1"}, set(), "COMPLETE"),
        ({"a": "1"}, {"a": "9"}, {"a"}, "CHANGED"),
        ({"a": "1", "b": "2"}, {"a": "9", "b": "2"}, {"b"}, "CHANGED"),
        ({"a": "1", "rows-1-x": "2"}, {"a": "1"}, {"a"}, "CHANGED"),
    ],
)
def test_verification_stands_as_far_as_what_was_seen_stands(
    verified: dict[str, str], now: dict[str, str], wanted: set[str], state: str
) -> None:
    assert digest.judge(verified, now, wanted) == VerificationState(state)


def test_a_blank_answer_is_something_that_can_be_verified() -> None:
    blank = digest.item_digest(None, {}, None)
    assert blank != digest.item_digest(None, {}, "ND")
    assert blank != digest.item_digest(Decimal(0), {}, None)
    assert digest.item_digest(Decimal(5), {"_u": "g/L"}, None) != digest.item_digest(
        Decimal(5), {"_u": "g/dL"}, None
    )
    assert digest.item_digest(5, {"_u": None}, None) == digest.item_digest(5, {}, None)
