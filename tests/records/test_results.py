"""Results of laboratory tests: signs as they are typed, and the columns a result brings along."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from eligibility.models import Laboratory
from participants.models import Participant, Visit
from records.conditions import Either, When
from records.items import items_of
from records.parsing import SIGN, NotReadable, as_typed, parse, sign_and_number
from records.results import ReportedItem, signed
from tests.cast import START

RESULTS = [item for item in items_of(Laboratory) if isinstance(item, ReportedItem)]
AFP: Any = Laboratory._meta.get_field("afp")


@pytest.mark.parametrize(
    ("typed", "sign", "value"),
    [
        ("0.9", None, "0.9"),
        ("<0.9", "LT", "0.9"),
        (">60500", "GT", "60500"),
        ("＜0.9", "LT", "0.9"),
        ("＞６０５００", "GT", "60500"),
        ("﹤ 0.9 ", "LT", "0.9"),
        (" >  5", "GT", "5"),
        ("=0.9", None, "0.9"),
        ("<.9", "LT", "0.9"),
        (">0", "GT", "0"),
        ("+3", None, "3"),
    ],
)
def test_a_sign_is_typed_before_the_value(typed: str, sign: str | None, value: str) -> None:
    assert (sign_and_number(typed)[0], parse(AFP, typed)) == (sign, Decimal(value))


@pytest.mark.parametrize(
    "typed", ["≥5", "≤5", "<=5", ">=5", "~5", "≈5", "<<5", "<>5", "<-1", ">+1", "<0", "<0.00", "<", ">", "="]
)
def test_another_sign_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(NotReadable) as refused:
        parse(AFP, typed)
    assert refused.value.sentence == SIGN


@pytest.mark.parametrize("typed", ["3,5", "<3,5", "twelve", "5<", "0.9.1", "<0.901", "1e3"])
def test_what_is_no_number_is_refused_as_ever(typed: str) -> None:
    with pytest.raises(NotReadable) as refused:
        parse(AFP, typed)
    assert refused.value.sentence != SIGN


@given(st.decimals(0, 10_000_000, places=2), st.sampled_from([None, "LT", "GT"]))
def test_a_stored_result_is_shown_the_way_it_is_typed(value: Decimal, sign: str | None) -> None:
    if sign == "LT" and not value:
        return
    shown = signed(as_typed(AFP, value), sign)
    assert (sign_and_number(shown)[0], parse(AFP, shown)) == (sign, value)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_value_or_refused(typed: str) -> None:
    try:
        value = parse(AFP, typed)
    except NotReadable:
        return
    if value is not None:
        assert value.is_finite()
        assert sign_and_number(typed)[0] in (None, "LT", "GT")


def test_each_result_is_followed_by_its_companions() -> None:
    names = [item.name for item in items_of(Laboratory)]
    for item in RESULTS:
        start = names.index(item.name)
        graded = ["_gr"] if item.graded else []
        units = ["_u", "_si"] if hasattr(item, "units") else []
        along = [*units, "_c", "_lo", "_hi", "_ls", "_fl", "_cs", *graded]
        assert names[start : start + len(along) + 1] == [item.name, *(f"{item.name}{one}" for one in along)]


def test_a_companion_says_what_it_is_in_both_languages() -> None:
    low: Any = Laboratory._meta.get_field("alt_lo")
    assert (low.label.en, low.label.zh) == (
        "Alanine aminotransferase (ALT), lower reference limit",
        "丙氨酸氨基转移酶，参考值下限",
    )
    assert low.name_cdash == "LB.LBORNRLO ALT"
    significance: Any = Laboratory._meta.get_field("alt_cs")
    assert significance.required.answers == {"chemyn": ("Y",), "alt_fl": ("LOW", "HIGH")}


@pytest.mark.parametrize(("low", "high", "taken"), [("9", "50", True), ("9", "9", False), ("50", "9", False)])
def test_the_database_refuses_limits_out_of_order(
    participant: Participant, coordinator: User, low: str, high: str, taken: bool
) -> None:
    visit = Visit.objects.get(participant=participant, code="SCR")
    answers = {"alt_lo": Decimal(low), "alt_hi": Decimal(high)}
    new = Laboratory(
        participant=participant, visit=visit, entered_at=START, entered_by=coordinator, **answers
    )
    if taken:
        new.save()
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        new.save()


def test_either_of_several_conditions_is_enough() -> None:
    either = Either(When(sex="F"), When(arm="HAIC", visit_code="SCR"))
    assert either.holds({"sex": "F"})
    assert either.holds({"sex": "M", "arm": "HAIC", "visit_code": "SCR"})
    assert not either.holds({"sex": "M", "arm": "HAIC"})
    with pytest.raises(TypeError):
        either.as_json()
