"""When a question applies: answers given, one of several, and none at all."""

from __future__ import annotations

from typing import Any

import pytest

from records.conditions import ALWAYS, NEVER, When


@pytest.mark.parametrize(
    ("condition", "answers", "expected"),
    [
        (When(state="PRESENT"), {"state": "PRESENT"}, True),
        (When(state="PRESENT"), {"state": "ABSENT"}, False),
        (When(state="PRESENT"), {"state": None}, False),
        (When(state="PRESENT"), {}, False),
        (When(state=("", "PRESENT")), {"state": None}, True),
        (When(state=("", "PRESENT")), {}, True),
        (When(state=("", "PRESENT")), {"state": "PRESENT"}, True),
        (When(state=("", "PRESENT")), {"state": "ABSENT"}, False),
        (When(sites=("LUNG", "BONE")), {"sites": ["BRAIN", "BONE"]}, True),
        (When(sites=("LUNG", "BONE")), {"sites": []}, False),
        (When(sites=("", "LUNG")), {"sites": []}, True),
        (When(state="PRESENT", sites="LUNG"), {"state": "PRESENT", "sites": ["BONE"]}, False),
        (When(), {}, True),
        (ALWAYS, {}, True),
        (NEVER, {"state": "PRESENT"}, False),
    ],
)
def test_a_condition_holds_where_every_named_answer_is_one_of_its_codes(
    condition: When, answers: dict[str, Any], expected: bool
) -> None:
    assert condition.holds(answers) is expected
