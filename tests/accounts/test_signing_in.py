"""Signing in and out, the language of the pages, and the site one works at."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from accounts.models import Role, RoleHeld, Site, User
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.cast import PASSWORD, make_person

WRONG = {"en": "The user name or the password is not right.", "zh-hans": "用户名或密码不正确。"}
LANGUAGES = ["en", "zh-hans"]


def language_of(client: Client) -> str:
    return client.cookies[settings.LANGUAGE_COOKIE_NAME].value


@pytest.mark.parametrize(
    ("language", "heading", "lang"), [("en", "Sign in", "en"), ("zh-hans", "登录", "zh-Hans")]
)
def test_the_door_speaks_both_languages(db: None, language: str, heading: str, lang: str) -> None:
    response = at_the_desk(None, language).get("/sign-in/")
    page = Page(response)
    assert (response.status_code, page.lang) == (200, lang)
    assert page.text.startswith(f"{heading} · HCC-Y90/HAIC")
    assert {"username", "password"} <= set(page.values)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("username", "password"), [("coordinator", "wrong"), ("nobody", PASSWORD), ("coordinator", "")]
)
def test_what_is_wrong_is_not_told_and_the_name_stays(
    coordinator: User, language: str, username: str, password: str
) -> None:
    client = at_the_desk(None, language)
    page = Page(client.post("/sign-in/", {"username": username, "password": password}))
    if password:
        assert WRONG[language] in page.text
    assert (page.value("username"), page.value("password")) == (username, "")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_disabled_account_hears_the_same(coordinator: User, language: str) -> None:
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    page = Page(
        at_the_desk(None, language).post("/sign-in/", {"username": "coordinator", "password": PASSWORD})
    )
    assert WRONG[language] in page.text


def test_an_account_disabled_while_signed_in_is_out_at_once(coordinator: User) -> None:
    client = at_the_desk(coordinator)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert client.get("/").headers["Location"] == "/sign-in/?next=/"


@pytest.mark.line("M6")
def test_after_signing_in_one_is_where_one_wanted_to_go(coordinator: User) -> None:
    client = at_the_desk(None)
    answers = {"username": "Coordinator", "password": PASSWORD, "next": "/participants/"}
    assert client.post("/sign-in/", answers).headers["Location"] == "/participants/"
    assert at_the_desk(coordinator).get("/sign-in/").headers["Location"] == "/"
    elsewhere = {**answers, "next": "https://example.org/"}
    assert at_the_desk(None).post("/sign-in/", elsewhere).headers["Location"] == "/"


def test_signing_out_ends_the_session(coordinator: User) -> None:
    client = at_the_desk(coordinator)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_a_password_is_changed_by_its_owner(coordinator: User) -> None:
    client = at_the_desk(coordinator)
    wrong = {"old_password": "no", "new_password1": "short", "new_password2": "short"}
    page = Page(client.post("/password/", wrong))
    assert "The password was not changed." in page.text
    new = "staple battery horse"
    right = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password/", right).headers["Location"] == "/password/done/"
    assert client.get("/password/done/").status_code == 200
    coordinator.refresh_from_db()
    assert coordinator.check_password(new)


# -- language ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", LANGUAGES)
def test_pages_speak_the_persons_own_language_from_the_sign_in_on(db: None, own: str) -> None:
    make_person("li", language=own)
    client = at_the_desk(None, "en" if own == "zh-hans" else "zh-hans")
    client.post("/sign-in/", {"username": "li", "password": PASSWORD})
    assert language_of(client) == own
    assert Page(client.get("/")).lang == {"en": "en", "zh-hans": "zh-Hans"}[own]


def test_another_language_keeps_the_page_and_is_kept_for_mails_too(coordinator: User) -> None:
    client = at_the_desk(coordinator)
    before = Page(client.get("/participants/?status=SCREENING"))
    assert ("language", "zh-hans") in before.buttons
    assert "/participants/?status=SCREENING" in before.values["next"]
    answer = client.post("/language/", {"language": "zh-hans", "next": "/participants/?status=SCREENING"})
    assert answer.headers["Location"] == "/participants/?status=SCREENING"
    after = Page(client.get(answer.headers["Location"]))
    assert (before.lang, after.lang) == ("en", "zh-Hans")
    coordinator.refresh_from_db()
    assert coordinator.language == "zh-hans"
    entry = TrailEntry.objects.filter(relation="accounts_user").latest("id")
    assert (entry.changes, entry.person_id) == ({"language": ["en", "zh-hans"]}, coordinator.pk)


def test_a_visitor_at_the_door_may_choose_a_language(db: None) -> None:
    client = at_the_desk(None)
    assert (
        client.post("/language/", {"language": "zh-hans", "next": "/sign-in/"}).headers["Location"]
        == "/sign-in/"
    )
    assert Page(client.get("/sign-in/")).lang == "zh-Hans"


@pytest.mark.parametrize("language", ["fr", "zh-hant", "", "en-us", "../en"])
def test_a_language_that_is_not_offered_changes_nothing(coordinator: User, language: str) -> None:
    client = at_the_desk(coordinator)
    assert client.post("/language/", {"language": language}).status_code == 302
    assert language_of(client) == "en"
    coordinator.refresh_from_db()
    assert coordinator.language == "en"


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
@pytest.mark.parametrize("address", ["/language/", "/site/"])
def test_nobody_is_sent_elsewhere(coordinator: User, address: str, target: str) -> None:
    answer = at_the_desk(coordinator).post(address, {"language": "en", "site": "", "next": target})
    assert answer.headers["Location"] == "/"


# -- the site one works at -----------------------------------------------------------------------------


@pytest.fixture
def at_two_sites(coordinator: User, other_site: Site) -> User:
    RoleHeld.objects.create(user=coordinator, role=Role.MONITOR, site=other_site, starts_on="2026-01-01")
    return coordinator


def test_one_chooses_among_ones_own_sites(
    at_two_sites: User, site: Site, other_site: Site, at_start: None
) -> None:
    client = at_the_desk(at_two_sites)
    offered = [value for name, value in Page(client.get("/")).buttons if name == "site"]
    assert offered == ["", str(site.pk), str(other_site.pk)]
    answer = client.post("/site/", {"site": other_site.pk, "next": "/participants/"})
    assert (answer.headers["Location"], client.session["site"]) == ("/participants/", other_site.pk)
    client.post("/site/", {"site": ""})
    assert client.session["site"] is None


def test_a_site_that_is_not_ones_own_cannot_be_chosen(
    coordinator: User, other_site: Site, at_start: None
) -> None:
    client = at_the_desk(coordinator)
    for chosen in (other_site.pk, 10**9, "x", "²"):
        client.post("/site/", {"site": chosen})
        assert client.session["site"] is None
    page = Page(client.get("/"))
    assert [value for name, value in page.buttons if name == "site"] == []
    with override("en"):
        assert other_site.name not in page.text


def test_a_site_chosen_before_the_role_ended_shows_nothing_any_more(
    at_two_sites: User, other_site: Site, at_start: None
) -> None:
    client = at_the_desk(at_two_sites)
    client.post("/site/", {"site": other_site.pk})
    RoleHeld.objects.filter(site=other_site).update(ends_on="2026-08-31")
    page = Page(client.get("/participants/"))
    assert other_site.name_en not in page.text


def test_choosing_a_site_is_asked_by_a_form(coordinator: User) -> None:
    client = at_the_desk(coordinator)
    assert [client.get(address).status_code for address in ("/site/", "/language/")] == [405, 405]


def test_a_changed_password_is_in_the_trail_with_its_person_and_without_the_password(
    coordinator: User, at_start: object
) -> None:
    new = "another long phrase 9"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert at_the_desk(coordinator).post("/password/", typed).status_code == 302
    entry = TrailEntry.objects.filter(relation="accounts_user", operation="UPDATE").get()
    assert (entry.person_id, entry.reason) == (coordinator.pk, "password changed by its owner")
    assert entry.changes == {"password": ["hidden", "hidden"]}
