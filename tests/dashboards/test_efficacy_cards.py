"""What the cards of survival say of those whose endpoint cannot be derived, and beyond the time of an arm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from accounts.models import Role, User
from dashboards.cards import Card, Question
from dashboards.efficacy import CARDS
from dashboards.efficacy_facts import Course, read
from followup.endpoints import Endpoint, Rule
from followup.endpoints.deriving import REASONS
from tests.cast import make_person
from tests.dashboards.conftest import question_of

A0 = date(2026, 9, 1)


def course(arm: str, months: int | None, event: bool = False) -> Course:
    """Somebody followed for so many months, or of whom nothing can be derived."""
    end = None
    if months is not None:
        day = A0 + timedelta(days=round(30.4375 * months))
        end = Endpoint(A0, day, event, Rule.DEATH, REASONS[Rule.DEATH].format(day=day))
    return Course("01-001", arm, A0, end, end, None, "", ())


@pytest.fixture(autouse=True)
def person(db: None) -> User:
    return make_person("manager", Role.DATA_MANAGER)


def shown(name: str, *courses: Course) -> Card:
    question: Question = question_of(User.objects.get(username="manager"))
    question._kept[read] = list(courses)
    return CARDS[name](question)


@pytest.mark.parametrize("name", ["pfs", "os"])
def test_how_many_were_left_out_is_said_by_arm(name: str) -> None:
    card = shown(name, course("HAIC", 5), course("HAIC", None), course("HAIC", None), course("Y90", 7))
    assert "Left out, as dates contradict each other or are missing: HAIC 2." in card.text
    assert "0 events in 1." in card.text
    assert "Left out" not in shown(name, course("HAIC", 5), course("Y90", 7)).text


def test_left_out_are_said_where_there_is_nothing_else() -> None:
    with override("zh-hans"):
        card = shown("os", course("HAIC", None), course("Y90", None))
    assert card.data is None
    assert "未纳入：HAIC1例；" in card.text


def test_the_table_ends_with_the_longest_time_of_each_arm(person: User) -> None:
    followed = [course("HAIC", 2, True), course("HAIC", 4), course("Y90", 1, True), course("Y90", 5, True)]
    card = shown("os", *followed, course("HAIC", 4))
    assert [list(row) for row in card.rows] == [
        ["0", 3, "100.0", 2, "100.0"],
        ["3", 2, "66.7", 1, "50.0"],
        ["6", 0, "–", 0, "0.0"],
    ]
