"""Laboratory results that call for an adverse event, and which events cover them.

A result of CTCAE grade 3 or more calls for one unless it was judged not clinically significant; so does one that
is two grades or more above screening where it was judged clinically significant. An event covers a result when
it was going on when the sample was taken and names what was found, or does not name a term yet.
Source: protocol specification sections 6.6 (conventions), 8.6 (LBCLSIG) and 8.26 (X16).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from participants.dates import PartialDate

SERIOUS: Final = 3
WORSE_BY: Final = 2
# The terms of CTCAE by which a result of a test may be recorded, by the name of the test's item.
TERMS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(terms)
    for name, terms in {
        "wbc": ("White blood cell decreased", "Leukocytosis", "Febrile neutropenia"),
        "neut": ("Neutrophil count decreased", "Febrile neutropenia"),
        "lym": ("Lymphocyte count decreased", "Lymphocyte count increased"),
        "hgb": ("Anemia", "Hemoglobin increased"),
        "plt": ("Platelet count decreased",),
        "alt": ("Alanine aminotransferase increased", "Hepatic failure"),
        "ast": ("Aspartate aminotransferase increased", "Hepatic failure"),
        "alp": ("Alkaline phosphatase increased",),
        "ggt": ("GGT increased",),
        "tbil": ("Blood bilirubin increased", "Hepatic failure"),
        "alb": ("Hypoalbuminemia", "Hepatic failure"),
        "crea": ("Creatinine increased", "Acute kidney injury", "Chronic kidney disease"),
        "k": ("Hypokalemia", "Hyperkalemia"),
        "na": ("Hyponatremia", "Hypernatremia"),
        "gluc": ("Hyperglycemia", "Hypoglycemia", "Glucose intolerance"),
        "inr": ("INR increased", "Hepatic failure"),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Result:
    """One graded result: `test` as in TERMS, its grade, that of screening, and the judgement (CS, NCS or None)."""

    visit: int
    repeat: int
    test: str
    on: dt.date
    grade: int
    baseline: int | None
    significance: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """An adverse event: its first and last day as far as they are known, and its term, None while not chosen."""

    began: PartialDate | None
    ended: PartialDate | None
    term: str | None


def calls_for_event(result: Result) -> bool:
    """Say whether a result calls for an adverse event: grade 3 and more unless NCS; two grades worse where CS.

    Exactly grade 3, and exactly two grades, count. A baseline that is not known counts as grade 0.
    """
    if result.grade >= SERIOUS:
        return result.significance != "NCS"
    return result.significance == "CS" and result.grade - (result.baseline or 0) >= WORSE_BY


def covers(event: Event, result: Result) -> bool:
    """Say whether an event is the one a result calls for; a day that is not known is taken in favour of it."""
    if event.began is not None and event.began.earliest > result.on:
        return False
    if event.ended is not None and event.ended.latest < result.on:
        return False
    return event.term is None or event.term in TERMS.get(result.test, frozenset())


def uncovered(
    results: Iterable[Result], events: Iterable[Event], dismissed: Mapping[tuple[int, int, str], int]
) -> list[Result]:
    """Give the results that call for an adverse event and have none.

    `dismissed` holds by visit, number of the form and test the highest grade that was said to be none.
    """
    known = list(events)
    return [
        one
        for one in results
        if calls_for_event(one)
        and dismissed.get((one.visit, one.repeat, one.test), 0) < one.grade
        and not any(covers(event, one) for event in known)
    ]
