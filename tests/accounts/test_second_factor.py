"""The second factor: authenticator apps and recovery codes; passkeys are tried in a browser (tests/browser)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client

from accounts import second_factors
from accounts.access import Actor
from accounts.models import RecoveryCode, SecondFactor, SignInEvent, User
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.cast import PASSWORD, START, machine_time

CODE = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")
# Far enough from the edge of a time step; the machine's time is what authenticator apps go by.
MOMENT = datetime(2026, 9, 1, 2, 0, 10, tzinfo=UTC)


def shown(secret: str, moment: datetime | None = None) -> str:
    return pyotp.TOTP(secret).at(moment or machine_time())


def secret_on(page: Page) -> str:
    found = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.text)
    assert found
    return found[0].replace(" ", "")


def add(person: User, secret: str, moment: datetime = MOMENT) -> SecondFactor:
    return second_factors.add_app(
        person=person,
        name="Phone",
        secret=secret,
        code=shown(secret, moment),
        moment=moment,
        by=Actor(person, "", None),
        now=START,
    )


@pytest.fixture
def secret() -> str:
    return second_factors.new_secret()


@pytest.fixture
def guarded(coordinator: User, secret: str, at_start: object) -> User:
    """A coordinator with an authenticator app."""
    add(coordinator, secret)
    return coordinator


def at_the_second_step() -> Client:
    client = at_the_desk(None)
    answer = client.post(
        "/sign-in/", {"username": "coordinator", "password": PASSWORD, "next": "/participants/"}
    )
    assert answer.headers["Location"] == "/sign-in/second/"
    return client


# -- adding --------------------------------------------------------------------------------------------


def test_an_app_is_added_with_a_picture_and_its_first_code(coordinator: User, at_start: object) -> None:
    client = at_the_desk(coordinator)
    page = Page(client.get("/account/app/"))
    assert any(address.startswith("data:image/svg+xml") for address in page.addresses)
    secret = secret_on(page)
    typed = {"name": "Phone", "code": shown(secret), "password": PASSWORD}
    done = client.post("/account/app/", typed)
    codes = CODE.findall(Page(done).text)
    assert len(set(codes)) == 10
    assert done.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    factor = SecondFactor.objects.get()
    assert (factor.person, factor.name, factor.kind) == (coordinator, "Phone", "TOTP")
    assert secret not in factor.secret
    kept = str(list(TrailEntry.objects.values("changes")))
    assert not any(word in kept for word in (secret, factor.secret, codes[0], codes[0].replace("-", "")))
    events = list(SignInEvent.objects.order_by("id").values_list("kind", flat=True))
    assert events == ["CONFIRMED", "FACTOR_ADDED", "CODES_MADE"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"code": "000000"}, "The code is not right."),
        ({"password": "wrong"}, "The user name or the password is not right."),
        ({"name": ""}, "required"),
    ],
)
def test_an_app_is_not_added_without_code_and_password(
    coordinator: User, at_start: object, changed: dict, sentence: str
) -> None:
    client = at_the_desk(coordinator)
    secret = secret_on(Page(client.get("/account/app/")))
    answer = client.post(
        "/account/app/", {"name": "P", "code": shown(secret), "password": PASSWORD, **changed}
    )
    assert answer.status_code == 422
    assert sentence in Page(answer).text
    assert secret_on(Page(answer)) == secret
    assert SecondFactor.objects.count() == 0


# -- at the door ---------------------------------------------------------------------------------------


@pytest.mark.line("P3")
def test_the_password_alone_lets_nobody_in(guarded: User) -> None:
    client = at_the_second_step()
    assert client.get("/participants/").headers["Location"].startswith("/sign-in/?next=")
    assert client.get("/session/").status_code == 401
    assert SignInEvent.objects.filter(kind="SIGNED_IN").count() == 0


def test_with_the_code_one_is_where_one_wanted_to_go(guarded: User, secret: str) -> None:
    client = at_the_second_step()
    wrong = client.post("/sign-in/second/", {"code": "000000"})
    assert (wrong.status_code, "is not right" in Page(wrong).text) == (422, True)
    assert "Type the code" in Page(client.post("/sign-in/second/", {"code": ""})).text
    answer = client.post("/sign-in/second/", {"code": f" {shown(secret)[:3]} {shown(secret)[3:]} "})
    assert answer.headers["Location"] == "/participants/"
    assert client.get("/participants/").status_code == 200
    assert client.session["second_factor"] is True


def test_the_second_step_without_the_first_leads_to_the_door(db: None) -> None:
    client = at_the_desk(None)
    for answer in (client.get("/sign-in/second/"), client.post("/sign-in/second/", {"code": "1"})):
        assert answer.headers["Location"] == "/sign-in/"


def test_the_first_step_is_forgotten_after_ten_minutes(guarded: User, secret: str) -> None:
    client = at_the_second_step()
    session = client.session
    session["pending"] = {**session["pending"], "until": str(machine_time() - timedelta(seconds=1))}
    session.save()
    assert client.post("/sign-in/second/", {"code": shown(secret)}).headers["Location"] == "/sign-in/"


def test_wrong_codes_lock_the_account_like_wrong_passwords(guarded: User, secret: str) -> None:
    client = at_the_second_step()
    for _number in range(5):
        client.post("/sign-in/second/", {"code": "000000"})
    answer = client.post("/sign-in/second/", {"code": shown(secret)})
    assert "Too many failed attempts" in Page(answer).text
    again = at_the_desk(None).post("/sign-in/", {"username": "coordinator", "password": PASSWORD})
    assert "Too many failed attempts" in Page(again).text


def test_over_a_page_left_open_the_code_is_asked_too(guarded: User, secret: str) -> None:
    client = at_the_desk(None)
    first = client.post("/sign-in/again/", {"username": "coordinator", "password": PASSWORD}).json()
    assert (first["step"], first.get("person")) == ("second", None)
    wrong = client.post("/sign-in/again/", {"code": "000000"})
    assert (wrong.status_code, wrong.json()["step"]) == (422, "second")
    assert client.post("/sign-in/again/", {"code": shown(secret)}).json()["person"] == guarded.pk


# -- codes ---------------------------------------------------------------------------------------------


def proves(person: User, code: str, moment: datetime) -> bool:
    place = second_factors.Place("localhost", "http://localhost")
    return second_factors.proves(person, code=code, place=place, moment=moment, now=START)


@pytest.mark.parametrize(("off", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_holds_half_a_minute_to_either_side(
    coordinator: User, secret: str, off: int, right: bool
) -> None:
    add(coordinator, secret, MOMENT - timedelta(hours=1))
    assert proves(coordinator, shown(secret, MOMENT + timedelta(seconds=off)), MOMENT) is right


def test_a_code_is_good_once_and_no_older_one_after_it(coordinator: User, secret: str) -> None:
    add(coordinator, secret, MOMENT - timedelta(hours=1))
    assert proves(coordinator, shown(secret, MOMENT), MOMENT) is True
    assert proves(coordinator, shown(secret, MOMENT), MOMENT) is False
    assert proves(coordinator, shown(secret, MOMENT - timedelta(seconds=30)), MOMENT) is False
    later = MOMENT + timedelta(seconds=30)
    assert proves(coordinator, shown(secret, later), later) is True


def test_the_code_an_app_was_added_with_is_spent(coordinator: User, secret: str) -> None:
    add(coordinator, secret)
    assert proves(coordinator, shown(secret, MOMENT), MOMENT) is False


def test_a_recovery_code_is_good_once_however_it_is_typed(coordinator: User) -> None:
    codes = second_factors.make_codes(person=coordinator, by=Actor(coordinator, "", None), now=START)
    assert proves(coordinator, codes[0].upper().replace("-", " "), MOMENT) is True
    assert proves(coordinator, codes[0], MOMENT) is False
    assert second_factors.codes_left(coordinator) == 9
    assert SignInEvent.objects.filter(kind="CODE_USED", person=coordinator).count() == 1


def test_new_codes_put_the_old_ones_out_of_force(guarded: User) -> None:
    by = Actor(guarded, "", None)
    old = second_factors.make_codes(person=guarded, by=by, now=START)
    client = at_the_desk(guarded)
    assert client.post("/account/codes/", {"password": "wrong"}).status_code == 422
    new = CODE.findall(Page(client.post("/account/codes/", {"password": PASSWORD})).text)
    assert not any(proves(guarded, code, MOMENT) for code in old)
    assert proves(guarded, new[0], MOMENT)


def test_without_a_second_factor_there_are_no_codes(coordinator: User, at_start: object) -> None:
    assert at_the_desk(coordinator).get("/account/codes/").status_code == 404


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", '{"rawId": 1}', '{"rawId": "AAAA"}', "not json", "\ud83d"]
)
def test_what_is_no_passkey_proves_nothing(coordinator: User, answer: str) -> None:
    place = second_factors.Place("localhost", "http://localhost")
    assert not second_factors.proves(
        coordinator, passkey=answer, challenge="AAAA", place=place, moment=MOMENT, now=START
    )


# -- removal, and where it is required -----------------------------------------------------------------


def test_a_factor_is_removed_with_the_password_and_its_row_stays(guarded: User, secret: str) -> None:
    second_factors.make_codes(person=guarded, by=Actor(guarded, "", None), now=START)
    factor = SecondFactor.objects.get()
    client = at_the_desk(guarded)
    assert client.post(f"/account/factors/{factor.pk}/remove/", {"password": "wrong"}).status_code == 422
    client.post(f"/account/factors/{factor.pk}/remove/", {"password": PASSWORD})
    factor.refresh_from_db()
    assert factor.ended_by == guarded
    assert not proves(guarded, shown(secret, MOMENT + timedelta(hours=1)), MOMENT + timedelta(hours=1))
    assert RecoveryCode.objects.filter(spent_at=None).count() == 0
    assert (
        at_the_desk(None)
        .post("/sign-in/", {"username": "coordinator", "password": PASSWORD})
        .headers["Location"]
        == "/"
    )


def test_a_factor_of_somebody_else_does_not_exist(guarded: User, monitor: User) -> None:
    factor = SecondFactor.objects.get()
    assert at_the_desk(monitor).get(f"/account/factors/{factor.pk}/remove/").status_code == 404


def test_where_it_is_required_nothing_opens_before_one_is_added(
    coordinator: User, at_start: object, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client = at_the_desk(None)
    client.post("/sign-in/", {"username": "coordinator", "password": PASSWORD})
    assert client.get("/participants/").headers["Location"] == "/account/?next=%2Fparticipants%2F"
    assert client.post("/account/sessions/end/").headers["Location"].startswith("/account/")
    assert "A second factor is required" in Page(client.get("/account/")).text
    secret = secret_on(Page(client.get("/account/app/")))
    client.post("/account/app/", {"name": "P", "code": shown(secret), "password": PASSWORD})
    assert client.get("/participants/").status_code == 200
    factor = SecondFactor.objects.get()
    client.post(f"/account/factors/{factor.pk}/remove/", {"password": PASSWORD})
    factor.refresh_from_db()
    assert factor.ended_at is None


def test_a_session_that_never_showed_it_ends_where_it_becomes_required(guarded: User, settings: Any) -> None:
    client = at_the_desk(guarded)
    assert client.get("/participants/").status_code == 200
    settings.SECOND_FACTOR_REQUIRED = True
    assert client.get("/participants/").headers["Location"].startswith("/sign-in/")
    assert client.get("/session/").status_code == 401


def test_an_administrator_removes_what_was_lost_but_not_the_own(
    guarded: User, system_administrator: User, secret: str
) -> None:
    administrator = at_the_desk(system_administrator)
    assert "Phone (authenticator app)" in Page(administrator.get(f"/accounts/{guarded.pk}/")).text
    administrator.post(f"/accounts/{guarded.pk}/factors/")
    assert second_factors.factors_of(guarded) == []
    event = SignInEvent.objects.get(kind="FACTOR_REMOVED")
    assert (event.person, event.done_by, event.note) == (guarded, system_administrator, "Phone")
    add(system_administrator, secret)
    administrator.post(f"/accounts/{system_administrator.pk}/factors/")
    assert len(second_factors.factors_of(system_administrator)) == 1


def test_a_secret_is_readable_under_a_former_key_too(guarded: User, secret: str, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the same length at least, and random"
    later = MOMENT + timedelta(hours=1)
    assert proves(guarded, shown(secret, later), later) is True
