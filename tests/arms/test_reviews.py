"""What the MDT's reviews decide about further cycles and about resection."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arms.haic_cycles import Review
from arms.reviews import Decision, NotAPlan, cycles_planned, latest, not_resectable_on, resectable_on

DAY = date(2026, 10, 20)
RESULTS = ("RESECTABLE", "NOTYET", "UNRESECTABLE", "PROGRESSION")
STEPS = ("HEPATECTOMY", "CONTINUE_HAIC", "OBSERVE", "OTHER_TREATMENT", "TRANSPLANT")


def review(next_step: str = "OBSERVE", result: str = "NOTYET", days: int = 0) -> Decision:
    return Decision(DAY + timedelta(days=days), result, next_step)


decisions = st.lists(
    st.builds(review, st.sampled_from(STEPS), st.sampled_from(RESULTS), st.integers(0, 30)), max_size=6
)


@pytest.mark.parametrize(
    ("at_assignment", "decided", "cycles"),
    [
        (None, None, 2),
        (2, None, 2),
        (4, None, 4),
        (2, review("CONTINUE_HAIC"), 4),
        (4, review("CONTINUE_HAIC"), 4),
        (4, review("HEPATECTOMY"), 2),
        (4, review("OBSERVE"), 2),
    ],
)
def test_cycles_planned(at_assignment: int | None, decided: Decision | None, cycles: int) -> None:
    assert cycles_planned(at_assignment, decided) == cycles


@pytest.mark.parametrize("number", [-1, 0, 1, 3, 5])
def test_a_number_of_cycles_the_protocol_does_not_know(number: int) -> None:
    with pytest.raises(NotAPlan, match="2 or 4"):
        cycles_planned(number, None)


def test_only_a_review_after_the_second_cycle_counts_and_of_two_the_later() -> None:
    early, first, second = review("HEPATECTOMY", days=-1), review("OBSERVE"), review("CONTINUE_HAIC")
    assert latest([early], DAY) is None
    assert latest([early, first], DAY) is first
    assert latest([first, second], DAY) is second
    assert latest([first], None) is None
    assert second.continues is Review.CONTINUE
    assert first.continues is Review.STOP


@pytest.mark.parametrize(
    ("given_reviews", "against", "in_favour"),
    [
        ([], None, None),
        ([review()], None, None),
        ([review(result="UNRESECTABLE")], DAY, None),
        ([review(result="PROGRESSION", next_step="OTHER_TREATMENT")], DAY, None),
        ([review(result="PROGRESSION", next_step="HEPATECTOMY")], None, None),
        ([review(result="UNRESECTABLE"), review("HEPATECTOMY", "RESECTABLE", 30)], None, DAY + timedelta(30)),
        (
            [review("HEPATECTOMY", "RESECTABLE"), review(result="UNRESECTABLE", days=30)],
            DAY + timedelta(30),
            None,
        ),
    ],
)
def test_the_last_word_on_resection(
    given_reviews: list[Decision], against: date | None, in_favour: date | None
) -> None:
    assert not_resectable_on(given_reviews) == against
    assert resectable_on(given_reviews) == in_favour


@given(decisions)
def test_no_review_speaks_for_and_against_resection(found: list[Decision]) -> None:
    assert not_resectable_on(found) is None or resectable_on(found) is None


@given(decisions, st.sampled_from([None, 2, 4]))
def test_cycles_go_beyond_two_only_where_somebody_said_so(found: list[Decision], planned: int | None) -> None:
    decided = latest(found, DAY)
    expected = decided.next_step == "CONTINUE_HAIC" if decided else planned == 4
    assert cycles_planned(planned, decided) == (4 if expected else 2)
