"""Passwords: how they have to be, that they are not taken again, and that a given one is changed first."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.access import Actor
from accounts.actions import NotPossible, give_password
from accounts.models import PasswordUsed, SignInEvent, User
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.cast import PASSWORD, START

NEW = "{} green turtles swim"


def change(client: Client, old: str, new: str) -> Page | None:
    """The page with what is wrong; None where the password was changed."""
    answer = client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": new})
    return None if answer.status_code == 302 else Page(answer)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("elevenchars", "too short"),
        ("password1234", "too common"),
        ("493817263549", "entirely numeric"),
        ("coordinator2026", "too similar to the user name"),
        ("zhang weiming", "too similar to the name"),
        (PASSWORD, "was used before"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(
    coordinator: User, at_start: object, password: str, sentence: str
) -> None:
    User.objects.filter(pk=coordinator.pk).update(full_name="Zhang Weiming")
    page = change(at_the_desk(coordinator), PASSWORD, password)
    assert page is not None
    assert sentence in page.text


def test_twelve_characters_will_do(coordinator: User, at_start: object) -> None:
    assert change(at_the_desk(coordinator), PASSWORD, "tw3lve chars") is None


def test_the_last_five_passwords_are_not_taken_again_and_the_sixth_is(
    coordinator: User, at_start: object
) -> None:
    client = at_the_desk(coordinator)
    used = [PASSWORD]
    for number in ("one", "two", "three", "four"):
        assert change(client, used[-1], NEW.format(number)) is None
        used.append(NEW.format(number))
        for one in used:
            page = change(client, used[-1], one)
            assert page is not None, one
            assert "differs from the last 5" in page.text
    assert change(client, used[-1], NEW.format("five")) is None
    assert change(client, NEW.format("five"), PASSWORD) is None


def test_the_old_password_is_tried_at_the_door(coordinator: User, at_start: object) -> None:
    """A session left open is no place to guess at: failures count, and then nothing is tried any more."""
    client = at_the_desk(coordinator)
    for _attempt in range(5):
        page = change(client, "a guess", "short")
        assert page is not None
        assert "Your old password was entered incorrectly" in page.text
    page = change(client, PASSWORD, NEW.format("many"))
    assert page is not None
    assert "Too many failed attempts" in page.text
    kinds = list(SignInEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds.count(SignInEvent.Kind.FAILED) == 5
    assert SignInEvent.Kind.LOCKED in kinds
    assert SignInEvent.Kind.PASSWORD_CHANGED not in kinds


def test_hashes_of_old_passwords_are_hidden_in_the_trail(coordinator: User) -> None:
    kept = PasswordUsed.objects.get(person=coordinator)
    entry = TrailEntry.objects.get(relation="accounts_passwordused", record_id=str(kept.pk))
    assert entry.changes["password"] == ["hidden", "hidden"]


# -- a password given by somebody else -----------------------------------------------------------------


@pytest.fixture
def newcomer(system_administrator: User, at_start: object) -> Client:
    """Somebody whose account was opened a moment ago, signed in for the first time."""
    typed = {
        "username": "li",
        "full_name": "Li",
        "email": "li@example.org",
        "language": "en",
        "password": PASSWORD,
    }
    assert at_the_desk(system_administrator).post("/accounts/new/", typed).status_code == 302
    client = at_the_desk(None)
    client.post("/sign-in/", {"username": "li", "password": PASSWORD})
    return client


@pytest.mark.parametrize("address", ["/participants/?status=X", "/account/", "/account/app/"])
def test_a_given_password_is_changed_before_anything_else(newcomer: Client, address: str) -> None:
    assert newcomer.get(address).headers["Location"].startswith("/password/?next=%2F")
    page = Page(newcomer.get("/password/"))
    assert "given to you by somebody else" in page.text
    assert change(newcomer, PASSWORD, NEW.format("my")) is None
    assert newcomer.get("/account/").status_code == 200


def test_nothing_is_written_before_the_password_is_changed(newcomer: Client) -> None:
    assert (
        newcomer.post("/account/sessions/end/", {"session": "others"})
        .headers["Location"]
        .startswith("/password/")
    )
    assert newcomer.post("/sign-out/").status_code == 302


def test_a_forgotten_password_is_replaced_by_a_first_one(
    coordinator: User, system_administrator: User, at_start: object
) -> None:
    signed_in, administrator = at_the_desk(coordinator), at_the_desk(system_administrator)
    assert administrator.get(f"/accounts/{coordinator.pk}/password/").status_code == 200
    weak = administrator.post(f"/accounts/{coordinator.pk}/password/", {"password": "short"})
    assert (weak.status_code, "too short" in Page(weak).text) == (422, True)
    given = administrator.post(f"/accounts/{coordinator.pk}/password/", {"password": NEW.format("first")})
    assert given.headers["Location"] == f"/accounts/{coordinator.pk}/"
    assert signed_in.get("/").status_code == 302
    signed_in.post("/sign-in/", {"username": "coordinator", "password": NEW.format("first")})
    assert signed_in.get("/").headers["Location"].startswith("/password/")
    event = SignInEvent.objects.get(kind=SignInEvent.Kind.PASSWORD_GIVEN)
    assert (event.person, event.done_by) == (coordinator, system_administrator)


def test_a_first_password_ends_the_lock(
    coordinator: User, system_administrator: User, at_start: object
) -> None:
    client = at_the_desk(None)
    for _number in range(5):
        client.post("/sign-in/", {"username": "coordinator", "password": "wrong"})
    at_the_desk(system_administrator).post(
        f"/accounts/{coordinator.pk}/password/", {"password": NEW.format("first")}
    )
    assert (
        client.post("/sign-in/", {"username": "coordinator", "password": NEW.format("first")}).status_code
        == 302
    )


def test_a_given_password_may_not_be_one_used_before(coordinator: User, system_administrator: User) -> None:
    by = Actor(system_administrator, "SYSTEM_ADMINISTRATOR", None)
    with pytest.raises(NotPossible, match="used before"):
        give_password(person=coordinator, password=PASSWORD, by=by, now=START)


def test_an_administrator_unlocks_an_account_and_an_address(
    coordinator: User, system_administrator: User, at_start: object, settings: object
) -> None:
    settings.SIGN_IN_FAILURES_OF_AN_ADDRESS = 5  # type: ignore[attr-defined]
    client, administrator = at_the_desk(None), at_the_desk(system_administrator)
    for _number in range(5):
        client.post("/sign-in/", {"username": "coordinator", "password": "wrong"}, REMOTE_ADDR="10.0.0.4")
    assert (
        "Locked after failed sign-ins until 10:30"
        in Page(administrator.get(f"/accounts/{coordinator.pk}/")).text
    )
    page = Page(administrator.get("/accounts/sign-ins/?show=failures"))
    assert "account locked" in page.text
    assert "10.0.0.4 · until 10:30" in page.text
    administrator.post(f"/accounts/{coordinator.pk}/unlock/")
    right = {"username": "coordinator", "password": PASSWORD}
    assert client.post("/sign-in/", right, REMOTE_ADDR="10.0.0.4").status_code == 200
    administrator.post("/accounts/addresses/unlock/", {"address": "10.0.0.4"})
    assert client.post("/sign-in/", right, REMOTE_ADDR="10.0.0.4").status_code == 302
    events = SignInEvent.objects.filter(done_by=system_administrator).order_by("id")
    assert [event.kind for event in events] == ["UNLOCKED", "ADDRESS_UNLOCKED"]


def test_an_address_that_is_not_locked_is_not_unlocked(system_administrator: User, at_start: object) -> None:
    for address in ("10.0.0.4", "made up", ""):
        assert (
            at_the_desk(system_administrator)
            .post("/accounts/addresses/unlock/", {"address": address})
            .status_code
            == 302
        )
    assert SignInEvent.objects.count() == 0
