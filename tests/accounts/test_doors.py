"""Every address of the project, opened by every role, signed out included, at the own and at another site.

New pages are found by themselves. What a number in an address stands for is found by trying (tests/accounts/world.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import pytest
from django.test import Client

from accounts.access import GRANTS, Permission
from accounts.models import Role
from dashboards.sections import CARDS
from records.definition import forms
from records.items import items_of
from records.models import TrailEntry
from tests.accounts.world import EVERYWHERE, World, allowed, build, count_apart, undone
from tests.browsing import at_the_desk
from tests.test_invariants import patterns

pytestmark = pytest.mark.slow

# Everybody may see these before signing in; they show nothing of the trial.
OPEN = {"sign-in/", "sign-in/second/", "sign-in/again/", "session/", "language/"} | {
    # A participant's phone, which shows a link of its own; tests/diary/test_phone.py asks what it is told.
    f"my-record/{tail}"
    for tail in ("", "en/", "worker.js", "state/", "open/", "entries/")
}
# Shown to whoever holds its secret; tests/casebook/test_feeds.py asks what it tells.
OPEN.add("calendar/feed.ics")
ROUTES = [(route, view) for route, view in patterns() if route not in OPEN]
NOT_CLINICAL = {
    None,
    Permission.MANAGE_ACCOUNTS,
    Permission.SEE_ACCESS,
    Permission.REVIEW_ACCESS,
    Permission.SEE_QUEUE,
}
ROLES = [str(role) for role in Role]

# What stands for the words of an address.
WORDS = {
    "code": ("SV", "LB"),
    "box": ("registered",),
    "card": (next(iter(CARDS)),),
    "key": ("haic_oxaliplatin",),
    "name": ("ctcae",),
    "section": ("conduct",),
    "verb": ("answer",),
    "rule": ("visit-opens",),
}
FIRST_ITEM = items_of(forms()["SV"])[0].name
SMALL = ("repeat", "number", "version")
PARAMETER = re.compile(r"<(\w+):(\w+)>")

# Addresses at which even those who may open them find nothing in this world, and why.
NOTHING_THERE = {
    "access/review/all-sites/": "these roles are reviewed by who works at all sites",
    "diary/entries/<int:pk>/photo/": "the entry has no photo",
    "dashboard/efficacy/<int:pk>/": "efficacy is closed",
    "dashboard/efficacy/<int:pk>/figures/": "efficacy is closed",
    "dashboard/efficacy/<int:pk>/<slug:card>.csv": "efficacy is closed",
    "exports/<int:pk>/file/": "the export has not been written",
    "exports/copies/<int:pk>/state/": "the export is no copy",
    "exports/copies/<int:pk>/cancel/": "the export is no copy",
    "exports/copies/<int:pk>/file/": "the export is no copy",
    "exports/trail/<int:pk>/state/": "an export of the trail is its requester's",
    "exports/trail/<int:pk>/cancel/": "an export of the trail is its requester's",
    "exports/trail/<int:pk>/file/": "an export of the trail is its requester's",
    "safety/<int:pk>/events/<int:number>/reports/<int:version>/receipt/": "no delivery is named",
    "safety/<int:pk>/results/": "no result is named",
    "worklist/<slug:key>/": "no section of the worklist is named",
    "visits/<int:visit_id>/<slug:code>/new/": "the form is filled once a visit",
    "visits/<int:visit_id>/<slug:code>/file/": "the form has no file",
    "visits/<int:visit_id>/<slug:code>/<int:repeat>/file/": "the form has no file",
    "visits/<int:visit_id>/<slug:code>/<int:repeat>/remove/": "the form cannot be removed",
}


@pytest.fixture(scope="module")
def world(database_of_the_module: str) -> World:
    count_apart(database_of_the_module)
    return build()


def ask(client: Client, method: str, address: str) -> int:
    return int(undone(lambda: let_go(getattr(client, method.lower())(address))).status_code)


def let_go(response: Any) -> Any:
    """Close what an answer holds open, and not the database's connection as its own `close` would."""
    for closer in response._resource_closers:
        closer()
    return response


def filled(route: str, number: int, word: int = 0) -> str:
    """An address with a number in its first place, and small ones in the others."""

    def value(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "slug":
            assert name in WORDS, f"{route}: say in WORDS what stands for {name}"
            return WORDS[name][min(word, len(WORDS[name]) - 1)]
        return "1" if name in SMALL else str(number)

    query = f"?item={FIRST_ITEM}" if route.endswith("history/") else ""
    return "/" + PARAMETER.sub(value, route) + query


def has_object(route: str) -> bool:
    return any(kind == "int" and name not in SMALL for kind, name in PARAMETER.findall(route))


def may_open(view: Any) -> list[str]:
    return [role for role in ROLES if allowed(role, view.page_permission)]


FOUND: dict[str, tuple[str, int]] = {}


def kind_of(world: World, route: str, view: Any) -> tuple[str, int]:
    """The model whose number the address takes, found by opening it with one of each at the own site."""
    if route not in FOUND:
        client = world.clients[may_open(view)[0]]
        for word in (0, 1):
            for label, ids in world.numbers[world.own.pk].items():
                for number in ids[:3]:
                    address = filled(route, number, word)
                    status = ask(client, "GET", address)
                    if status == 405:
                        status = ask(client, "POST", address)
                    if status != 404:
                        FOUND[route] = (label, number)
                        return FOUND[route]
        if route in NOTHING_THERE:
            FOUND[route] = (
                "participants.Participant",
                world.numbers[world.own.pk]["participants.Participant"][0],
            )
        else:
            raise AssertionError(
                f"/{route} is about something of a site that tests/accounts/world.py does not make"
            )
    return FOUND[route]


def addresses(world: World, route: str, view: Any) -> tuple[str, list[str]]:
    """The address about something of the own site, and those about things of the other of the same kind."""
    if not has_object(route):
        return filled(route, 0), []
    label, number = kind_of(world, route, view)
    others = world.numbers[world.other.pk].get(label, [])[:2]
    assert others, label
    return filled(route, number), [filled(route, other) for other in others]


IDS = [route or "/" for route, _view in ROUTES]


@pytest.mark.parametrize(("route", "_view"), ROUTES, ids=IDS)
def test_signed_out_every_page_leads_to_the_door(world: World, route: str, _view: Any) -> None:
    where = filled(route, 1).partition("?")[0]
    client = at_the_desk(None)
    for answer in (client.get(where), client.post(where)):
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/sign-in/?next={where}")


@cache
def clinical() -> list[tuple[str, Any]]:
    return [(route, view) for route, view in ROUTES if view.page_permission not in NOT_CLINICAL]


OF_ROLES = [(route, view) for route, view in ROUTES if view.page_permission is not None]


@pytest.mark.parametrize(("route", "view"), OF_ROLES, ids=[route or "/" for route, _view in OF_ROLES])
def test_every_role_opens_what_its_table_grants_and_nothing_else(world: World, route: str, view: Any) -> None:
    wrong = list(answers_that_are_wrong(world, route, view))
    assert wrong == []


def answers_that_are_wrong(world: World, route: str, view: Any) -> Iterator[str]:
    managing = view.page_permission == Permission.MANAGE_ACCOUNTS
    own, others = (filled(route, 1), []) if managing else addresses(world, route, view)
    for role, client in world.clients.items():
        got = {method: ask(client, method, own) for method in ("GET", "POST")}
        if not allowed(role, view.page_permission, everywhere=view.page_everywhere):
            if set(got.values()) - {405} != {403}:
                yield f"{role} may not open {own}: {got}"
            foreign = [ask(client, method, other) for other in others for method in ("GET", "POST")]
            if set(foreign) - {405, 403}:
                yield f"{role} may not open {others}: {foreign}"
            continue
        if managing:
            continue
        if route not in NOTHING_THERE and got["GET"] not in (200, 302, 405):
            yield f"{role} may open {own}: {got}"
        if got["POST"] >= 500:
            yield f"{role} posts to {own}: {got}"
        for other in others if role != EVERYWHERE else ():
            for method in ("GET", "POST"):
                status = ask(client, method, other)
                # A right asked for before anything is looked up is refused alike at every site.
                fitting = {404, 405} | ({403} if got[method] == 403 else set())
                if status not in fitting:
                    yield f"{role} {method}s {other} of another site: {status}"


READ_BY_INSPECTORS = [
    (route, view)
    for route, view in ROUTES
    if view.page_permission in GRANTS[Role.INSPECTOR] and route not in NOTHING_THERE
]


@pytest.mark.line("P6")
@pytest.mark.parametrize(
    ("route", "view"), READ_BY_INSPECTORS, ids=[route or "/" for route, _view in READ_BY_INSPECTORS]
)
def test_inspectors_read_and_write_nothing(world: World, route: str, view: Any) -> None:
    own, _others = addresses(world, route, view)
    client = world.clients[str(Role.INSPECTOR)]
    assert ask(client, "GET", own) in (200, 302, 405)

    def posted() -> tuple[int, int]:
        before = TrailEntry.objects.count()
        answer = client.post(own, {"action": "submit", "comment": "x", "reason": "x", "code": "X"})
        return let_go(answer).status_code, TrailEntry.objects.count() - before

    status, written = undone(posted)
    if status in (200, 302) and TAKES_A_COPY.search("/" + route):
        assert written == 1
    else:
        # A page that only reads shows itself; one that would weigh what was sent (422) is open to writing.
        assert status in (200, 302, 400, 403, 404, 405), status
        assert written == 0


# Inspectors take copies; that they did is kept.
TAKES_A_COPY = re.compile(r"/casebook/$|^/exports/trail/$")


@pytest.mark.parametrize(
    ("route", "view"),
    [
        (route, view)
        for route, view in ROUTES
        if view.page_permission in (Permission.SEE_PARTICIPANTS, Permission.SEE_TRAIL)
    ],
)
def test_a_participant_no_site_has_is_not_found_either(world: World, route: str, view: Any) -> None:
    if not has_object(route):
        return
    client = world.clients[str(Role.INVESTIGATOR)]
    for number in (10**9, 10**30):
        where = filled(route, number)
        assert {ask(client, "GET", where), ask(client, "POST", where)} <= {404, 405, 403}, where


def test_the_tables_of_roles_leave_the_system_administrator_nothing_clinical() -> None:
    assert GRANTS[Role.SYSTEM_ADMINISTRATOR] <= NOT_CLINICAL
    assert not set(chain(*(GRANTS[role] for role in Role if role != Role.SYSTEM_ADMINISTRATOR))) & {
        Permission.MANAGE_ACCOUNTS
    }
    assert clinical()
