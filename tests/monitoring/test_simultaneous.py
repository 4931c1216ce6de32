"""Several people at the same moment, on connections of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.access import Actor, Permission
from accounts.models import Role
from monitoring.actions.queries import answer_query, close_query
from monitoring.models import Query, QueryStep
from participants.models import Participant
from participants.selectors import schedule_of
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.monitoring.asking import LATER, ask, at
from tests.safety.test_drafts_simultaneous import at_once


@pytest.fixture
def here(own_database: str) -> Iterator[tuple[Participant, Actor, Actor, Actor]]:
    schedule_of.cache_clear()
    clock.move_to(START)
    site = make_site()
    first, second = (
        actor(make_person(name, Role.COORDINATOR, site), Permission.ENTER_DATA, site)
        for name in ("first", "second")
    )
    asks = actor(make_person("monitor", Role.MONITOR, site), Permission.RAISE_QUERIES, site)
    yield make_participant(site, first), first, second, asks
    schedule_of.cache_clear()


def test_of_two_answers_at_once_one_is_kept(here: tuple[Participant, Actor, Actor, Actor]) -> None:
    participant, first, second, asks = here
    query = ask(at(participant, "weight"), asks)
    wrong = at_once(
        lambda: answer_query(query=query, words="First.", by=first, now=LATER),
        lambda: answer_query(query=query, words="Second.", by=second, now=LATER),
    )
    assert len(wrong) == 1
    assert wrong[0].startswith("Refused(")
    assert [step.kind for step in QueryStep.objects.order_by("id")] == ["RAISED", "ANSWERED"]


def test_an_answer_and_a_withdrawal_at_once_follow_one_on_the_other(
    here: tuple[Participant, Actor, Actor, Actor],
) -> None:
    participant, first, _second, asks = here
    query = ask(at(participant, "weight"), asks)
    wrong = at_once(
        lambda: answer_query(query=query, words="First.", by=first, now=LATER),
        lambda: close_query(query=query, by=asks, now=LATER),
    )
    kinds = [step.kind for step in QueryStep.objects.order_by("id")]
    assert (kinds, len(wrong)) in (
        (["RAISED", "ANSWERED", "CLOSED"], 0),
        (["RAISED", "CLOSED"], 1),
    )
    assert Query.objects.get().state == "CLOSED"


def test_a_button_pressed_twice_at_once_asks_once(here: tuple[Participant, Actor, Actor, Actor]) -> None:
    participant, _first, _second, asks = here
    assert at_once(*[lambda: ask(at(participant, "weight"), asks)] * 3) == []
    assert (Query.objects.count(), QueryStep.objects.count()) == (1, 1)
