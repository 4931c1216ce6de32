"""Every address of the project, tried by those who have no business there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.access import GRANTS, Permission
from accounts.models import Role, Site, User
from participants.models import Participant, Visit
from tests.browsing import Page, at_the_desk
from tests.cast import actor, make_participant, make_person
from tests.test_invariants import patterns

# Everybody may see these before signing in; they show nothing of the trial.
OPEN = {"sign-in/", "language/"}
ROUTES = [(route, view) for route, view in patterns() if route not in OPEN]
CLINICAL = [
    (route, view) for route, view in ROUTES if view.page_permission not in (None, Permission.MANAGE_ACCOUNTS)
]


@pytest.fixture
def elsewhere(other_site: Site, at_start: None) -> Participant:
    """A participant of another hospital."""
    by = actor(make_person("other", Role.COORDINATOR, other_site), Permission.ENTER_DATA, other_site)
    return make_participant(other_site, by)


def address(route: str, participant: Participant | None = None) -> str:
    """Fill an address with the ids of a participant and of a visit of theirs."""
    visit = Visit.objects.get(participant=participant, code="SCR") if participant else None
    given = {
        "<int:visit_id>": visit.pk if visit else 1,
        "<int:pk>": participant.pk if participant else 1,
        "<slug:code>": "SV",
        "<int:repeat>": 1,
        "<slug:card>": "funnel",
        "<slug:key>": "haic_oxaliplatin",
        "<slug:name>": "ctcae",
        "<int:number>": 1,
        "<int:version>": 1,
    }
    for parameter, value in given.items():
        route = route.replace(parameter, str(value))
    assert "<" not in route, f"{route}: say here what stands for its parameter"
    return f"/{route}"


def answers(client: Client, where: str, **headers: Any) -> dict[str, int]:
    return {
        "GET": client.get(where, **headers).status_code,
        "POST": client.post(where, **headers).status_code,
    }


@pytest.mark.parametrize(("route", "_view"), ROUTES, ids=[route or "/" for route, _view in ROUTES])
def test_signed_out_every_page_leads_to_the_door(db: None, route: str, _view: Any) -> None:
    where = address(route)
    client = at_the_desk(None)
    for answer in (client.get(where), client.post(where)):
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/sign-in/?next={where}")


REFUSED = ({"GET": 403, "POST": 403}, {"GET": 405, "POST": 403}, {"GET": 403, "POST": 405})


@pytest.mark.parametrize(("route", "view"), CLINICAL, ids=[route for route, _view in CLINICAL])
def test_without_a_role_and_as_system_administrator_nothing_of_the_trial_opens(
    elsewhere: Participant, system_administrator: User, route: str, view: Any
) -> None:
    for person in (system_administrator, make_person("norole")):
        assert answers(at_the_desk(person), address(route, elsewhere)) in REFUSED, person


def test_a_refusal_says_why_and_leads_home(system_administrator: User, db: None) -> None:
    for language, sentence in (
        ("en", "Your role does not include this page."),
        ("zh-hans", "您的角色无权访问此页面。"),
    ):
        page = Page(at_the_desk(system_administrator, language).get("/participants/"))
        assert sentence in page.text
        assert "/" in page.addresses


OF_ONE = [
    (route, view)
    for route, view in CLINICAL
    if route.startswith(
        ("participants/<", "visits/<", "eligibility/<", "treatment/<", "safety/<", "safety/coding/<")
    )
]


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR, Role.INSPECTOR, Role.DATA_MANAGER]
)
@pytest.mark.parametrize(("route", "view"), OF_ONE, ids=[route for route, _view in OF_ONE])
def test_participants_of_another_site_do_not_exist(
    elsewhere: Participant, site: Site, role: Role, route: str, view: Any
) -> None:
    expected = 404 if view.page_permission in GRANTS[role] else 403
    found = set(answers(at_the_desk(make_person("li", role, site)), address(route, elsewhere)).values())
    assert found - {405} == {expected}


@pytest.mark.parametrize(("route", "view"), OF_ONE, ids=[route for route, _view in OF_ONE])
def test_a_number_no_participant_has_is_not_found_either(
    elsewhere: Participant, route: str, view: Any
) -> None:
    client = at_the_desk(make_person("li", Role.INVESTIGATOR, elsewhere.site))
    for number in (10**9, 10**30):
        where = "/" + route.replace("<int:visit_id>", str(number)).replace("<int:pk>", str(number))
        where = where.replace("<slug:code>", "SV").replace("<int:repeat>", "1")
        where = where.replace("<int:number>", "1").replace("<int:version>", "1")
        assert set(answers(client, where).values()) <= {404, 405, 403}, where


def test_home_of_each_kind_of_person(system_administrator: User, coordinator: User, at_start: None) -> None:
    assert at_the_desk(system_administrator).get("/").headers["Location"] == "/accounts/"
    assert "You hold no role today" in Page(at_the_desk(make_person("norole")).get("/")).text
    assert "What needs me" in Page(at_the_desk(coordinator).get("/")).text


def test_the_system_administrator_finds_no_way_to_the_trial(
    elsewhere: Participant, system_administrator: User
) -> None:
    page = Page(at_the_desk(system_administrator).get("/accounts/"))
    assert {a for a in page.addresses if not a.startswith(("/static/", "#", "/accounts/"))} == {
        "/",
        "/language/",
        "/password/",
        "/sign-out/",
    }
    assert "01-001" not in page.text


def test_every_answer_forbids_scripts_from_elsewhere_and_frames(coordinator: User, at_start: None) -> None:
    client = at_the_desk(coordinator)
    for where in ("/", "/participants/", "/sign-in/", "/nowhere/"):
        headers = client.get(where).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], where
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], where
        assert headers["X-Content-Type-Options"] == "nosniff", where
