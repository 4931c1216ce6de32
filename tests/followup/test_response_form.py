"""The tumour response form: what it asks at which visit, and what it asks about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from followup.models import TumourResponse
from participants.models import AnchorDate, Participant, Visit
from records.checks import Entry, findings_of, settle
from records.items import items_of

NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)
SIGNED = datetime(2026, 9, 1, 1, tzinfo=UTC)
ANSWERS = {"rsdtc": date(2026, 11, 30), "rscat": "RECIST11", "ntrgresp": "NA", "newles": "N", "rsinv": "SD"}


def context(**known: Any) -> dict[str, Any]:
    base = {
        "today": date(2026, 12, 1),
        "now": NOW,
        "icfdtc": SIGNED,
        "arm": "Y90",
        "visit_code": "Y-M1",
        "resected": "N",
    }
    return {**base, **known}


def found(context: dict[str, Any], **answers: Any) -> list[tuple[str, str]]:
    """Item and level of each finding of a form submitted with these answers."""
    entry = Entry({item.name: None for item in items_of(TumourResponse)} | ANSWERS | answers)
    settle(TumourResponse, entry, context)
    return [(one.item, str(one.level)) for one in findings_of(TumourResponse, entry, context, complete=True)]


def test_a_plain_assessment_is_complete_without_decision_and_recurrence() -> None:
    assert found(context()) == []


@pytest.mark.parametrize("missing", ["rsdtc", "rscat", "ntrgresp", "newles", "rsinv"])
def test_each_answer_is_needed(missing: str) -> None:
    assert found(context(), **{missing: None}) == [(missing, "HARD")]


def test_after_hepatectomy_the_form_asks_for_recurrence() -> None:
    resected = context(resected="Y", visit_code="PH-M1")
    assert found(resected, rsinv="NED") == [("recurfl", "HARD")]
    assert found(resected, rsinv="NED", recurfl="NONE") == []


@pytest.mark.parametrize(
    ("known", "answers", "expected"),
    [
        ({}, {"newles": "Y"}, [("rsinv", "SOFT")]),
        ({}, {"newles": "Y", "rsinv": "PD"}, []),
        ({}, {"newles": "EQUIVOCAL"}, []),
        ({}, {"ntrgresp": "PD"}, [("rsinv", "SOFT")]),
        ({}, {"ntrgresp": "PD", "rsinv": "PD"}, []),
        ({}, {"rsinv": "NED"}, [("rsinv", "SOFT")]),
        ({"resected": "Y"}, {"rsinv": "CR", "recurfl": "NONE"}, [("rsinv", "SOFT")]),
        ({"resected": "Y"}, {"rsinv": "NED", "recurfl": "BOTH"}, [("rsinv", "SOFT")]),
        ({"resected": "Y"}, {"rsinv": "PD", "recurfl": "BOTH"}, []),
        ({}, {"rsdtc": date(2026, 12, 2)}, [("rsdtc", "HARD")]),
        ({}, {"rsdtc": date(2026, 8, 31)}, [("rsdtc", "HARD")]),
        ({}, {"rsdtc": date(2026, 9, 1)}, []),
    ],
)
def test_what_does_not_go_together(
    known: dict[str, Any], answers: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(context(**known), **answers) == expected


def test_the_context_knows_a_hepatectomy(participant: Participant, django_assert_num_queries: Any) -> None:
    visit = Visit.objects.select_related("participant").get(participant=participant, code="SCR")

    def resected() -> str:
        with django_assert_num_queries(2):
            return str(TumourResponse.context(visit=visit, today=NOW.date(), now=NOW)["resected"])

    assert resected() == "N"
    AnchorDate.objects.create(participant=participant, name="A2", date=date(2026, 11, 1))
    assert resected() == "Y"


def test_every_code_fits_its_column_and_every_label_is_in_both_languages() -> None:
    for item in items_of(TumourResponse):
        assert item.label.en and item.label.zh
        for code, words in item.codes or ():
            assert len(code) <= 16
            assert words.en and words.zh
