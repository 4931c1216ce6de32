"""Which answers are severe: at a limit and beyond it, never below."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from diary.models.entries import SYMPTOMS
from diary.severity import TEMPERATURE, Limits, severe_answers

LIMITS = Limits(7, Decimal("38.5"))
degrees = st.none() | st.integers(0, 10)
temperatures = st.none() | st.decimals(Decimal(34), Decimal(43), places=1)


def test_the_ten_symptoms_are_those_of_the_sites_form() -> None:
    assert len(SYMPTOMS) == 10
    assert next(iter(SYMPTOMS)) == "sym_fatigue"


def test_at_the_limit_it_is_severe_and_below_it_is_not() -> None:
    assert severe_answers({"sym_pain": 6}, Decimal("38.4"), LIMITS) == []
    assert severe_answers({"sym_pain": 7}, Decimal("38.5"), LIMITS) == ["sym_pain", TEMPERATURE]


@given(st.fixed_dictionaries(dict.fromkeys(SYMPTOMS, degrees)), temperatures, st.integers(1, 10))
def test_a_symptom_is_named_exactly_where_it_reaches_the_limit(
    symptoms: dict[str, int | None], temperature: Decimal | None, limit: int
) -> None:
    found = severe_answers(symptoms, temperature, Limits(limit, Decimal("38.5")))
    assert [name for name in found if name != TEMPERATURE] == [
        name for name, value in symptoms.items() if (-1 if value is None else value) >= limit
    ]
    assert (TEMPERATURE in found) == (temperature is not None and temperature >= Decimal("38.5"))
