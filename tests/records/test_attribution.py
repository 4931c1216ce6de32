"""On whose behalf a transaction works: words are the innermost block's, and nobody's outside of all blocks."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import pytest
from django.db import DataError, connection, transaction
from django.db.transaction import TransactionManagementError

from accounts.access import SYSTEM, Actor
from accounts.attribution import action, attributed, current_request
from accounts.models import Site, User
from records.models import TrailEntry
from tests.cast import START

OUTER, INNER = "the first reason", "the second reason"


def rename(site: Site, name: str) -> None:
    Site.objects.filter(pk=site.pk).update(name_en=name)


def last_words() -> tuple[int | None, str, int | None, str]:
    entry = TrailEntry.objects.filter(relation="accounts_site").latest("id")
    return entry.person_id, entry.role, entry.site_id, entry.reason


@pytest.fixture
def other(monitor: User, site: Site) -> Actor:
    return Actor(monitor, "MONITOR", site.pk)


def words_of(actor: Actor, reason: str) -> tuple[int | None, str, int | None, str]:
    return actor.person_id, actor.role, actor.site_id, reason


NOBODY = (None, "", None, "")


def test_a_block_says_who_in_which_role_where_and_why(site: Site, by_coordinator: Actor) -> None:
    with attributed(by_coordinator, OUTER):
        rename(site, "A")
    assert last_words() == words_of(by_coordinator, OUTER)


def test_after_a_block_nobody_is_named(site: Site, by_coordinator: Actor) -> None:
    with attributed(by_coordinator, OUTER):
        rename(site, "A")
    rename(site, "B")
    assert last_words() == NOBODY


def test_an_inner_block_holds_until_it_ends(site: Site, by_coordinator: Actor, other: Actor) -> None:
    with attributed(by_coordinator, OUTER):
        with attributed(other, INNER):
            rename(site, "A")
            assert last_words() == words_of(other, INNER)
        rename(site, "B")
        assert last_words() == words_of(by_coordinator, OUTER)
        with attributed(SYSTEM):
            rename(site, "C")
            assert last_words() == (None, "SYSTEM", None, "")
        rename(site, "D")
    assert last_words() == words_of(by_coordinator, OUTER)


def test_an_inner_block_that_fails_gives_the_words_back(
    site: Site, by_coordinator: Actor, other: Actor
) -> None:
    with attributed(by_coordinator, OUTER):
        with pytest.raises(DataError), attributed(other, INNER):
            rename(site, "A" * 121)
        rename(site, "B")
    assert last_words() == words_of(by_coordinator, OUTER)
    assert Site.objects.get(pk=site.pk).name_en == "B"
    trail = TrailEntry.objects.filter(relation="accounts_site", reason=INNER)
    assert list(trail) == []


def test_an_outer_block_that_fails_leaves_nobody_named(site: Site, by_coordinator: Actor) -> None:
    with pytest.raises(ZeroDivisionError), attributed(by_coordinator, OUTER):
        raise ZeroDivisionError
    rename(site, "B")
    assert last_words() == NOBODY


def test_words_survive_a_savepoint_that_is_rolled_back(site: Site, by_coordinator: Actor) -> None:
    with attributed(by_coordinator, OUTER):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        rename(site, "B")
    assert last_words() == words_of(by_coordinator, OUTER)


def test_the_same_words_cost_nothing(site: Site, by_coordinator: Actor, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with (
        attributed(by_coordinator, OUTER),
        django_assert_num_queries(2),  # a savepoint and its release
        attributed(by_coordinator, OUTER),
    ):
        pass


def test_an_action_is_attributed_with_its_reason(site: Site, by_coordinator: Actor) -> None:
    @action
    def rename_it(*, to: str, by: Actor, now: datetime, reason: str) -> str:
        rename(site, to)
        return to

    assert rename_it(to="A", by=by_coordinator, now=START, reason="a “quoted” reason\nof two lines") == "A"
    assert last_words() == words_of(by_coordinator, "a “quoted” reason\nof two lines")


@action
def refused(*, site: Site, by: Actor, now: datetime) -> None:
    rename(site, "INNER")
    raise ZeroDivisionError


def test_an_action_within_an_action_takes_no_savepoint(
    site: Site, by_coordinator: Actor, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    @action
    def inner(*, by: Actor, now: datetime) -> None:
        rename(site, "A")

    @action
    def outer(*, by: Actor, now: datetime) -> None:
        inner(by=by, now=now)
        inner(by=by, now=now)

    with django_assert_num_queries(
        6
    ):  # a savepoint, the words, two updates, the words given back, its release
        outer(by=by_coordinator, now=START)


def test_an_action_within_an_action_fails_with_it(site: Site, by_coordinator: Actor) -> None:
    @action
    def outer(*, by: Actor, now: datetime) -> None:
        rename(site, "OUTER")
        with suppress(ZeroDivisionError):
            refused(site=site, by=by, now=now)
        rename(site, "AFTERWARDS")

    with pytest.raises(TransactionManagementError):
        outer(by=by_coordinator, now=START)
    assert Site.objects.get(pk=site.pk).name_en == "Hospital 01"


def test_who_goes_on_after_a_refusal_loses_the_refused_alone(site: Site, by_coordinator: Actor) -> None:
    @action
    def outer(*, by: Actor, now: datetime) -> None:
        rename(site, "OUTER")
        with suppress(ZeroDivisionError), transaction.atomic():
            refused(site=site, by=by, now=now)

    outer(by=by_coordinator, now=START)
    assert Site.objects.get(pk=site.pk).name_en == "OUTER"
    assert not TrailEntry.objects.filter(relation="accounts_site", changes__name_en__1="INNER").exists()


def test_an_action_that_fails_leaves_nothing(site: Site, by_coordinator: Actor) -> None:
    @action
    def rename_it(*, by: Actor, now: datetime) -> None:
        rename(site, "A")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename_it(by=by_coordinator, now=START)
    assert Site.objects.get(pk=site.pk).name_en == "Hospital 01"


def test_the_trail_names_the_page_request(site: Site, by_coordinator: Actor) -> None:
    token = current_request.set("0123456789abcdef")
    try:
        with attributed(by_coordinator):
            rename(site, "A")
    finally:
        current_request.reset(token)
    assert TrailEntry.objects.filter(relation="accounts_site").latest("id").request == "0123456789abcdef"


def test_on_the_next_transaction_nobody_is_named(own_database: str) -> None:
    site = Site.objects.create(code="07", name_en="x", name_zh="x")
    with attributed(SYSTEM, OUTER):
        rename(site, "A")
    assert last_words() == (None, "SYSTEM", None, OUTER)
    rename(site, "B")
    assert last_words() == NOBODY
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('trail.context', true), '')")
        assert cursor.fetchall() == [("",)]
