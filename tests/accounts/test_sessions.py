"""How long somebody stays signed in, where, and what ends it at once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import RoleHeld, Session, SignInEvent, User
from tests.browsing import Page, at_the_desk
from tests.cast import PASSWORD, machine_time, make_person
from tests.test_invariants import patterns

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def come_in(username: str, device: str = FIREFOX, address: str = "10.0.0.1") -> Client:
    client = at_the_desk(None)
    typed = {"username": username, "password": PASSWORD}
    assert client.post("/sign-in/", typed, REMOTE_ADDR=address, HTTP_USER_AGENT=device).status_code == 302
    return client


def own_session(client: Client) -> Session:
    return Session.objects.get(session_key=client.session.session_key)


def move_back(client: Client, **columns: timedelta) -> None:
    """Let time pass for a session, as far as the server can tell."""
    row = own_session(client)
    for column, by in columns.items():
        setattr(row, column, getattr(row, column) - by)
    row.save()


@pytest.fixture
def desk(coordinator: User, at_start: object) -> Client:
    return come_in("coordinator")


# -- how long ------------------------------------------------------------------------------------------


@pytest.mark.line("P3")
def test_without_activity_a_session_ends_after_half_an_hour_and_two_minutes(desk: Client) -> None:
    move_back(desk, expire_date=timedelta(minutes=31, seconds=58))
    assert desk.get("/session/").status_code == 200
    move_back(desk, expire_date=timedelta(seconds=10))
    assert desk.get("/session/").status_code == 401
    assert desk.get("/participants/").headers["Location"] == "/sign-in/?next=/participants/"


def test_a_page_renews_the_session_at_most_once_a_minute(desk: Client) -> None:
    desk.get("/")
    first = own_session(desk).expire_date
    desk.get("/")
    assert own_session(desk).expire_date == first
    move_back(desk, expire_date=timedelta(minutes=20))
    desk.get("/")
    assert own_session(desk).expire_date > first - timedelta(minutes=1)


def test_what_asks_by_itself_renews_nothing(desk: Client) -> None:
    move_back(desk, expire_date=timedelta(minutes=20))
    before = own_session(desk).expire_date
    assert desk.get("/session/").status_code == 200
    assert own_session(desk).expire_date == before
    assert desk.post("/session/renew/").status_code == 200
    assert own_session(desk).expire_date > before + timedelta(minutes=19)


def test_a_session_ends_after_twelve_hours_whatever_is_done(desk: Client, coordinator: User) -> None:
    move_back(desk, begun=timedelta(hours=11, minutes=59))
    assert desk.get("/").status_code == 200
    move_back(desk, begun=timedelta(minutes=2))
    assert desk.get("/").headers["Location"] == "/sign-in/?next=/"
    assert Session.objects.filter(person=coordinator).count() == 0


def test_the_clock_of_a_demo_does_not_end_sessions(desk: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_trialclock SET ahead = ahead + interval '100 days'")
    assert desk.get("/").status_code == 200


def test_the_cookie_goes_with_the_browser_and_is_out_of_reach_of_scripts(desk: Client, settings: Any) -> None:
    cookie = desk.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"], cookie["httponly"], cookie["samesite"]) == (
        "",
        "",
        True,
        "Lax",
    )


def test_signing_in_gives_a_new_key(coordinator: User, at_start: object) -> None:
    client = at_the_desk(None)
    planted = client.session
    planted["planted"] = "by somebody else"
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    client.post("/sign-in/", {"username": "coordinator", "password": PASSWORD})
    assert client.session.session_key != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()


# -- over a page left open -----------------------------------------------------------------------------


def test_the_state_of_the_session_says_whose_it_is(desk: Client, coordinator: User) -> None:
    said = json.loads(desk.get("/session/").content)
    assert said["person"] == coordinator.pk
    signed_out = at_the_desk(None).get("/session/")
    assert (signed_out.status_code, json.loads(signed_out.content)["person"]) == (401, None)


def test_signing_in_over_a_page_answers_with_person_and_token(coordinator: User, at_start: object) -> None:
    client = at_the_desk(None)
    wrong = client.post("/sign-in/again/", {"username": "coordinator", "password": "wrong"})
    assert (wrong.status_code, json.loads(wrong.content)["step"]) == (422, "password")
    assert "not right" in json.loads(wrong.content)["sentence"]
    right = client.post("/sign-in/again/", {"username": "coordinator", "password": PASSWORD})
    assert json.loads(right.content)["person"] == coordinator.pk
    assert client.get("/participants/").status_code == 200


def test_signing_in_over_a_page_is_locked_like_the_door(coordinator: User, at_start: object) -> None:
    client = at_the_desk(None)
    for _number in range(5):
        client.post("/sign-in/again/", {"username": "coordinator", "password": "wrong"})
    answer = client.post("/sign-in/again/", {"username": "coordinator", "password": PASSWORD})
    assert answer.status_code == 422
    assert "Too many failed attempts" in json.loads(answer.content)["sentence"]


@pytest.mark.parametrize(
    "address", ["/sign-in/", "/sign-in/again/", "/session/renew/", "/sign-out/", "/account/app/"]
)
def test_a_form_of_another_site_is_refused(coordinator: User, at_start: object, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)
    assert client.post(address, {"username": "coordinator", "password": PASSWORD}).status_code == 403


def test_signing_out_has_the_browser_forget_its_pages(desk: Client) -> None:
    assert desk.get("/participants/").headers["Cache-Control"] == "private, no-cache"
    assert desk.post("/sign-out/").headers["Clear-Site-Data"] == '"cache"'


# -- one's sessions ------------------------------------------------------------------------------------


def test_a_person_sees_the_browsers_they_are_signed_in_with(desk: Client, coordinator: User) -> None:
    come_in("coordinator", "Mozilla/5.0 (iPhone) AppleWebKit Safari/605", "10.0.0.9")
    make_person("li")
    come_in("li", "Elsewhere", "10.0.0.77")
    page = Page(desk.get("/account/"))
    assert "Firefox 140 · Windows 10.0.0.1" in page.text
    assert "Safari 605 · iPhone 10.0.0.9" in page.text
    assert "10.0.0.77" not in page.text
    assert own_session(desk).session_key not in desk.get("/account/").content.decode()


def test_one_browser_is_signed_out_from_another(desk: Client, coordinator: User) -> None:
    other, third = come_in("coordinator"), come_in("coordinator")
    desk.post("/account/sessions/end/", {"session": own_session(other).name})
    assert (other.get("/").status_code, third.get("/").status_code, desk.get("/").status_code) == (
        302,
        200,
        200,
    )
    event = SignInEvent.objects.get(kind=SignInEvent.Kind.SESSION_ENDED)
    assert (event.person, event.done_by, event.note) == (coordinator, coordinator, "10.0.0.1")


def test_all_others_are_signed_out_at_once_and_this_one_stays(desk: Client) -> None:
    others = [come_in("coordinator") for _number in range(2)]
    desk.post("/account/sessions/end/", {"session": "others"})
    assert [other.get("/").status_code for other in others] == [302, 302]
    assert desk.get("/").status_code == 200


def test_sessions_of_somebody_else_cannot_be_ended(desk: Client) -> None:
    make_person("li")
    other = come_in("li")
    desk.post("/account/sessions/end/", {"session": own_session(other).name})
    assert other.get("/").status_code == 200


# -- what ends access at once --------------------------------------------------------------------------


def test_a_disabled_account_is_out_of_every_browser(
    desk: Client, coordinator: User, system_administrator: User
) -> None:
    administrator = at_the_desk(system_administrator)
    administrator.post(f"/accounts/{coordinator.pk}/active/", {"active": "0"})
    assert desk.get("/").status_code == 302
    assert Session.objects.filter(person=coordinator).count() == 0
    administrator.post(f"/accounts/{coordinator.pk}/active/", {"active": "1"})
    assert desk.get("/").status_code == 302


def test_an_ended_role_closes_the_trial_on_the_day_after_its_last(desk: Client, coordinator: User) -> None:
    RoleHeld.objects.filter(user=coordinator).update(ends_on=date(2026, 9, 1))
    assert desk.get("/participants/").status_code == 200
    RoleHeld.objects.filter(user=coordinator).update(ends_on=date(2026, 8, 31))
    assert desk.get("/participants/").status_code == 403


def test_a_new_password_signs_out_every_other_browser(desk: Client) -> None:
    other = come_in("coordinator")
    new = "another long phrase 9"
    desk.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert (desk.get("/").status_code, other.get("/").status_code) == (200, 302)


def test_a_session_is_stored_with_the_machines_time(desk: Client) -> None:
    assert abs(own_session(desk).begun - machine_time()) < timedelta(minutes=5)


def test_a_page_that_asks_by_itself_says_so() -> None:
    """An export under way, or figures being worked out, ask every second: that keeps nobody signed in."""
    by_themselves = {route for route, view in patterns() if getattr(view, "unattended", False)}
    assert by_themselves == {
        "session/",
        "dashboard/<slug:section>/figures/",
        "dashboard/efficacy/<int:pk>/figures/",
        "exports/<int:pk>/state/",
        "exports/trail/<int:pk>/state/",
        "exports/copies/<int:pk>/state/",
        "imports/<int:pk>/state/",
    }
