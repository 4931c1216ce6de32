"""Counts of queries against a count by hand, with several steps, sites and people: nothing counts twice."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from accounts.access import Access, Actor, Permission
from accounts.models import Role, Site, User
from casebook.matrix import matrix_of
from monitoring.actions.queries import answer_query, assign_query, close_query, reopen_query
from monitoring.models import Query, QueryStep
from monitoring.places import Place
from monitoring.selectors.queries import open_at_visits
from monitoring.selectors.query_list import Chosen, counts_by_person, counts_by_site, listed
from participants.models import Participant
from tests.cast import START, actor, make_participant, make_person
from tests.monitoring.asking import LATER, as_role, ask, at


@pytest.fixture
def busy(
    measured: Participant, site: Site, other_site: Site, by_coordinator: Actor, data_manager: User
) -> list[Participant]:
    """Two sites with queries that went to and fro a number of times, some of them assigned."""
    chance = random.Random(7)
    there = actor(make_person("there", Role.COORDINATOR, other_site), Permission.ENTER_DATA, other_site)
    people = [measured, make_participant(site, by_coordinator), make_participant(other_site, there)]
    for number in range(24):
        person = people[number % 3]
        enters = there if person.site_id == other_site.pk else by_coordinator
        asks = as_role(data_manager, person.site)
        place = Place(person) if number % 4 == 0 else at(person, ("weight", "height", "")[number % 3])
        query = ask(place, asks, f"Question {number}")
        if number % 2:
            assign_query(query=query, to=enters.person, by=asks, now=LATER)
        for _ in range(chance.randrange(4)):
            answer_query(query=query, words="Yes.", by=enters, now=LATER)
            reopen_query(query=query, words="Still.", by=asks, now=LATER)
        if chance.random() < 0.5:
            answer_query(query=query, words="Yes.", by=enters, now=LATER)
        if chance.random() < 0.3:
            close_query(query=query, by=asks, now=LATER)
    assert QueryStep.objects.count() > 60
    return people


def seen_by(person: User) -> Access:
    return Access.of(person, START.date())


@pytest.mark.line("M5")
def test_counts_of_sites_are_the_queries_counted_by_hand(
    busy: list[Participant], data_manager: User, coordinator: User, site: Site
) -> None:
    by_hand = Counter(
        (one.participant.site_id, one.state) for one in Query.objects.select_related("participant")
    )
    found = counts_by_site(seen_by(data_manager), None)
    assert {
        (site_id, state): number
        for site_id, counted in found.items()
        for state, number in (
            ("OPEN", counted.open),
            ("ANSWERED", counted.answered),
            ("CLOSED", counted.closed),
        )
        if number
    } == dict(by_hand)
    assert set(counts_by_site(seen_by(coordinator), None)) == {site.pk}
    assert set(counts_by_site(seen_by(data_manager), site)) == {site.pk}


@pytest.mark.parametrize("path", ["assigned_to", "raised_by"])
def test_counts_of_people_are_the_queries_counted_by_hand(
    path: str, busy: list[Participant], data_manager: User
) -> None:
    by_hand = Counter((getattr(one, f"{path}_id"), one.state) for one in Query.objects.all())
    found = counts_by_person(seen_by(data_manager), None, path)
    assert {
        (who.pk if who else None, state): number
        for who, counted in found
        for state, number in (
            ("OPEN", counted.open),
            ("ANSWERED", counted.answered),
            ("CLOSED", counted.closed),
        )
        if number
    } == dict(by_hand)


def test_each_query_stands_once_in_the_list(busy: list[Participant], data_manager: User) -> None:
    page, rows = listed(seen_by(data_manager), Chosen(state="ALL"), None, LATER, None)
    assert page.paginator.count == len(rows) == Query.objects.count() == 24
    assert len({row.key for row in rows}) == 24
    assert [row.raised_at for row in rows] == sorted(row.raised_at for row in rows)


@pytest.mark.line("M5")
def test_the_matrix_shows_every_open_query_once(busy: list[Participant]) -> None:
    by_hand: dict[int, Counter[int]] = {}
    for one in Query.objects.filter(state="OPEN"):
        by_hand.setdefault(one.participant_id, Counter())[one.visit_id or 0] += 1
    assert open_at_visits([one.pk for one in busy]) == by_hand
    _columns, rows = matrix_of(busy, LATER.date())
    for person, row in zip(busy, rows, strict=True):
        counted = by_hand.get(person.pk, Counter())
        at_visits = sum(number for visit, number in counted.items() if visit)
        assert (f'<span class="asks">{at_visits}</span>' in row["cells"]) is bool(at_visits)
        assert (f"{counted[0]} open quer" in row["asks"]) is bool(counted[0])
