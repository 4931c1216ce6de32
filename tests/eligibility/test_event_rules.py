"""Whether an event is related, a SUSAR, and collected; to the day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.event_rules import (
    COLLECTED_WORDS,
    RELATED,
    RELATION_WORDS,
    Collected,
    CollectionDays,
    ImpossibleReport,
    Period,
    Relation,
    collection_period,
    is_related,
    judge_onset,
    judge_susar,
)
from participants.dates import PartialDate

DAY = dt.timedelta(days=1)


# SUSAR ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relations", "related"),
    [
        (["DEFINITE"], True),
        (["PROBABLE"], True),
        (["POSSIBLE"], True),
        (["UNLIKELY"], False),
        (["UNRELATED"], False),
        (["UNRELATED", "POSSIBLE", None], True),
        (["UNRELATED", None], None),
        ([None], None),
        ([], None),
    ],
)
def test_related_from_possible(relations: list[str | None], related: bool | None) -> None:
    assert is_related(relations) is related


@pytest.mark.parametrize(
    ("serious", "relations", "expected", "susar", "words"),
    [
        (True, ["POSSIBLE"], False, True, "Serious, related and unexpected."),
        (True, ["POSSIBLE"], True, False, "No SUSAR: expected."),
        (True, ["UNLIKELY"], False, False, "No SUSAR: not related."),
        (False, ["POSSIBLE"], False, False, "No SUSAR: not serious."),
        (False, ["UNLIKELY"], True, False, "No SUSAR: not serious, not related, expected."),
        (None, ["POSSIBLE"], False, None, "Not decided: serious."),
        (True, [None], None, None, "Not decided: related, unexpected."),
        (None, [None], True, False, "No SUSAR: expected."),
    ],
)
def test_susar(
    serious: bool | None, relations: list[str | None], expected: bool | None, susar: bool | None, words: str
) -> None:
    found = judge_susar(serious=serious, relations=relations, expected=expected)
    assert (found.susar, found.reason.en) == (susar, words)
    assert found.reason.zh


def test_unknown_relation_is_refused() -> None:
    with pytest.raises(ImpossibleReport, match="There is no relation MAYBE"):
        is_related(["MAYBE", "POSSIBLE"])
    assert set(RELATION_WORDS) == set(Relation)


answers = st.sampled_from([True, False, None])
relations = st.lists(st.none() | st.sampled_from(list(Relation)), max_size=5)


@given(answers, relations, answers)
def test_susar_is_all_three(
    serious: bool | None, given_relations: list[Relation | None], expected: bool | None
) -> None:
    found = judge_susar(serious=serious, relations=given_relations, expected=expected).susar
    related = any(one in RELATED for one in given_relations)
    assert (found is True) == (serious is True and related and expected is False)


@given(answers, relations, answers)
def test_an_answer_that_comes_later_never_turns_a_decision(
    serious: bool | None, given_relations: list[Relation | None], expected: bool | None
) -> None:
    before = judge_susar(serious=serious, relations=given_relations, expected=expected).susar
    if before is not None:
        for late in (True, False):
            after_it = judge_susar(
                serious=late if serious is None else serious,
                relations=[one or Relation.UNRELATED for one in given_relations],
                expected=late if expected is None else expected,
            )
            assert after_it.susar is before or not given_relations


# Which events are collected -------------------------------------------------------------------------

CONSENT = dt.date(2026, 9, 10)


@pytest.mark.parametrize(
    ("treatments", "last"),
    [
        ({}, None),
        ({"haic_ends": [dt.date(2026, 10, 10)]}, "2026-11-09"),
        ({"haic_ends": [dt.date(2026, 11, 6), dt.date(2026, 10, 10)]}, "2026-12-06"),
        ({"infusions": [dt.date(2026, 10, 1)]}, "2026-12-30"),
        ({"infusions": [dt.date(2026, 10, 1)], "hepatectomies": [dt.date(2027, 1, 12)]}, "2027-04-12"),
        ({"haic_ends": [dt.date(2027, 3, 20)], "hepatectomies": [dt.date(2027, 1, 12)]}, "2027-04-19"),
    ],
)
def test_end_of_collection(treatments: dict[str, list[dt.date]], last: str | None) -> None:
    found = collection_period(CONSENT, **treatments)
    assert found == Period(CONSENT, last and dt.date.fromisoformat(last))  # type: ignore[arg-type]


def test_treatment_before_consent_is_refused() -> None:
    with pytest.raises(ImpossibleReport, match="lies before consent"):
        collection_period(CONSENT, infusions=[CONSENT - DAY])


@pytest.mark.parametrize(
    ("began", "collected"),
    [
        ("2026-09-09", "HISTORY"),
        ("2026-08", "HISTORY"),
        ("2026-09", "UNKNOWN"),
        ("2026", "UNKNOWN"),
        ("2026-09-10", "ALWAYS"),
        ("2026-10", "ALWAYS"),
        ("2026-12-30", "ALWAYS"),
        ("2026-12", "ALWAYS"),
        ("2026-12-31", "IF_RELATED"),
        ("2027", "IF_RELATED"),
    ],
)
def test_where_an_event_belongs(began: str, collected: str) -> None:
    period = collection_period(CONSENT, infusions=[dt.date(2026, 10, 1)])
    assert judge_onset(PartialDate.parse(began), period) == Collected(collected)
    assert set(COLLECTED_WORDS) == set(Collected)


def test_collection_is_open_before_treatment() -> None:
    assert judge_onset(PartialDate.parse("2031"), collection_period(CONSENT)) is Collected.ALWAYS


def test_collection_is_open_while_haic_goes_on() -> None:
    period = collection_period(CONSENT, haic_ends=[CONSENT + DAY], haic_goes_on=True)
    assert period == Period(CONSENT, None)


@given(st.lists(st.dates(CONSENT, dt.date(2030, 1, 1)), max_size=3), st.dates(CONSENT, dt.date(2030, 1, 1)))
def test_more_treatment_never_shortens_the_period(infusions: list[dt.date], operated: dt.date) -> None:
    shorter = collection_period(CONSENT, infusions=infusions)
    longer = collection_period(CONSENT, infusions=infusions, hepatectomies=[operated])
    assert longer.last is not None
    assert shorter.last is None or shorter.last <= longer.last


def test_the_days_of_collection_are_settings() -> None:
    limits = CollectionDays(after_haic=0, after_y90=1, after_hepatectomy=2)
    for treatment, last in (("haic_ends", 0), ("infusions", 1), ("hepatectomies", 2)):
        found = collection_period(CONSENT, **{treatment: [CONSENT]}, limits=limits)  # type: ignore[arg-type]
        assert found.last == CONSENT + last * DAY
