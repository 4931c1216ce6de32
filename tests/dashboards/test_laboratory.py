"""Laboratory values before treatment: of each test the last known, however few tests the last sample is of."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards import balance_facts, harms
from dashboards.harms_facts import shifts
from eligibility.models import Laboratory
from participants.models import Participant, Visit
from tests.dashboards.conftest import NOW, Trial, question_of, view_of


@pytest.fixture
def people(trial: Trial) -> list[Participant]:
    """Four of the HAIC arm whose treatment began."""
    return list(
        Participant.objects.filter(arm="HAIC", statuses__status="ON_TREATMENT").order_by("number")[:4]
    )


def sample(trial: Trial, person: Participant, code: str = "SCR", repeat: int = 1, **results: Any) -> None:
    declared = {} if results.pop("draft", False) else {"submitted_at": NOW, "submitted_by": trial.everywhere}
    Laboratory.objects.create(
        participant=person,
        visit=Visit.objects.get(participant=person, code=code),
        repeat=repeat,
        state="SUBMITTED" if declared else "DRAFT",
        entered_at=NOW,
        entered_by=trial.everywhere,
        **declared,
        **results,
    )


def platelets(number: int, grade: int | None) -> dict[str, Any]:
    return {"plt": Decimal(number), "plt_gr": grade}


@pytest.fixture
def sampled(trial: Trial, people: list[Participant]) -> list[Participant]:
    retested, unknown, worse, without_grade = people
    # Taken again for ALT alone; a draft is no result.
    sample(trial, retested, **platelets(120, 1), alt=Decimal(90), alt_gr=1)
    sample(trial, retested, repeat=2, alt=Decimal(30), alt_gr=0)
    sample(trial, retested, repeat=3, draft=True, **platelets(40, 3))
    sample(trial, retested, "NR-M1", **platelets(40, 3))
    sample(trial, unknown, alt=Decimal(50), alt_gr=0)
    sample(trial, unknown, "NR-M1", **platelets(40, 3))
    sample(trial, worse, **platelets(60, 2))
    sample(trial, worse, repeat=2, **platelets(200, 0))
    sample(trial, worse, "NR-M1", **platelets(20, 4))
    # The last result counts, though there is no grade of it.
    sample(trial, without_grade, **platelets(200, 0))
    sample(trial, without_grade, repeat=2, **platelets(150, None))
    sample(trial, without_grade, "NR-M1", **platelets(40, 3))
    return people


def test_the_baseline_of_each_test_is_its_last_known_result(trial: Trial, sampled: list[Participant]) -> None:
    view = view_of(trial.everywhere)
    with CaptureQueriesContext(connection) as queries:
        found = balance_facts.summed_up(view)
    several = next(ones for model, ones in balance_facts.CHARACTERISTICS if model is Laboratory)
    assert len(queries) == len(balance_facts.CHARACTERISTICS) - 1 + len(several)
    blood, liver = found["plt"]["HAIC"], found["alt"]["HAIC"]
    assert isinstance(blood, balance_facts.Numbers) and isinstance(liver, balance_facts.Numbers)
    assert (blood.known, blood.quartiles) == (3, (135, 150, 175))  # 120, 150, 200
    assert (liver.known, liver.mean) == (2, 40)  # 30, 50


def test_the_shift_starts_from_the_last_known_result(trial: Trial, sampled: list[Participant]) -> None:
    found = {key[2:]: number for key, number in shifts(view_of(trial.everywhere)).items() if key[0] == "plt"}
    assert found == Counter({(1, 3): 1, (-1, 3): 2, (0, 4): 1})


def test_nobody_becomes_worse_than_an_unknown_grade(trial: Trial, sampled: list[Participant]) -> None:
    card = harms.laboratory(question_of(trial.everywhere))
    assert card.finding == "Platelets most often became grade 3 or 4 (participants: 2)"
    assert card.data is not None
    place = card.data["labels"].index("Platelets")
    assert [series["data"][place] for series in card.data["series"]] == [2, 0]
    rows = {row[0]: row[1:] for row in card.rows}
    assert list(rows["Platelets, HAIC, at screening no grade"]) == [0, 0, 0, 2, 0, 0]
