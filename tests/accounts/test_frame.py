"""What stands around every page: home, refusals, the way for those who administer, the headers of answers."""

from __future__ import annotations

import pytest

from accounts.access import Permission
from accounts.models import Role, Site, User
from participants.models import Participant
from tests.browsing import Page, at_the_desk
from tests.cast import actor, make_participant, make_person


@pytest.fixture
def elsewhere(other_site: Site, at_start: None) -> Participant:
    """A participant of another hospital."""
    by = actor(make_person("other", Role.COORDINATOR, other_site), Permission.ENTER_DATA, other_site)
    return make_participant(other_site, by)


def test_a_refusal_says_why_and_leads_home(system_administrator: User, db: None) -> None:
    for language, sentence in (
        ("en", "Your role does not include this page."),
        ("zh-hans", "您的角色无权访问此页面。"),
    ):
        page = Page(at_the_desk(system_administrator, language).get("/participants/"))
        assert sentence in page.text
        assert "/" in page.addresses


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
        "/access/",
        "/account/",
        "/trail/accounts/",
        "/language/",
        "/password/",
        "/sign-out/",
        "/followup/queue/",
        "/followup/wishes/",
    }
    assert "01-001" not in page.text


def test_every_answer_forbids_scripts_from_elsewhere_and_frames(coordinator: User, at_start: None) -> None:
    client = at_the_desk(coordinator)
    for where in ("/", "/participants/", "/sign-in/", "/nowhere/"):
        headers = client.get(where).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], where
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], where
        assert headers["X-Content-Type-Options"] == "nosniff", where
