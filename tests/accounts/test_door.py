"""Failed sign-ins are kept and lock; asking again who sits at the desk counts like the door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import RequestFactory

from accounts import door
from accounts.models import SignInEvent, User
from accounts.reauthentication import NotConfirmed, confirm_identity
from records import clock
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.cast import PASSWORD, START, make_person

Kind = SignInEvent.Kind
LOCKED = "Too many failed attempts. Try again after 10:30"


def sign_in(username: str, password: str = PASSWORD, address: str = "10.0.0.1") -> Page | str:
    """The page shown again, or where signing in led to."""
    answer = at_the_desk(None).post(
        "/sign-in/", {"username": username, "password": password}, REMOTE_ADDR=address
    )
    return str(answer.headers["Location"]) if answer.status_code == 302 else Page(answer)


def kinds(**where: object) -> list[str]:
    return list(SignInEvent.objects.filter(**where).order_by("id").values_list("kind", flat=True))


def test_a_sign_in_and_a_sign_out_are_kept_with_person_address_and_browser(
    coordinator: User, at_start: object
) -> None:
    client = at_the_desk(None)
    typed = {"username": "coordinator", "password": PASSWORD}
    client.post("/sign-in/", typed, REMOTE_ADDR="10.0.0.7", HTTP_USER_AGENT="Firefox")
    client.post("/sign-out/", REMOTE_ADDR="10.0.0.7")
    came, went = SignInEvent.objects.order_by("id")
    assert (came.kind, came.person, came.address, came.device) == (
        Kind.SIGNED_IN,
        coordinator,
        "10.0.0.7",
        "Firefox",
    )
    assert (went.kind, went.person) == (Kind.SIGNED_OUT, coordinator)
    trail = TrailEntry.objects.filter(relation="accounts_signinevent").order_by("id")
    assert [(entry.person_id, entry.operation) for entry in trail] == [(coordinator.pk, "INSERT")] * 2


def test_letters_that_are_alike_in_capitals_alone_make_another_name(
    coordinator: User, at_start: object
) -> None:
    """Else every spelling would have failures of its own to make."""
    assert isinstance(sign_in("coord\u0131nator"), Page)  # a dotless i
    assert sign_in(" Coordinator ") == "/"


@pytest.mark.line("A5")
def test_a_failed_sign_in_is_kept_without_what_was_typed(coordinator: User, at_start: object) -> None:
    sign_in("coordinator", "wrong password")
    sign_in("Secret-Typed-Into-The-Wrong-Field", "x")
    known, unknown = SignInEvent.objects.order_by("id")
    assert (known.kind, known.person, unknown.kind, unknown.person) == (
        Kind.FAILED,
        coordinator,
        Kind.FAILED,
        None,
    )
    kept = str(list(SignInEvent.objects.values())) + str(list(TrailEntry.objects.values("changes", "role")))
    assert "Secret-Typed" not in kept
    assert "secret-typed" not in kept
    assert "wrong password" not in kept
    assert "VISITOR" in kept


@pytest.mark.line("P3")
@pytest.mark.parametrize("username", ["coordinator", "nobody"])
def test_the_fifth_failure_locks_a_name_whether_somebody_has_it_or_not(
    coordinator: User, at_start: object, username: str
) -> None:
    for _number in range(4):
        page = sign_in(username, "wrong")
        assert isinstance(page, Page)
        assert LOCKED not in page.text
    sign_in(username.upper(), "wrong", address="10.0.0.2")
    page = sign_in(username, PASSWORD, address="10.0.0.3")
    assert isinstance(page, Page)
    assert LOCKED in page.text
    assert "ask the system administrator" in page.text
    assert kinds() == [Kind.FAILED] * 5 + [Kind.LOCKED, Kind.REFUSED]


def test_a_lock_ends_by_itself_and_attempts_meanwhile_do_not_prolong_it(
    coordinator: User, at_start: object
) -> None:
    for _number in range(5):
        sign_in("coordinator", "wrong")
    clock.move_to(START + timedelta(minutes=29))
    assert isinstance(sign_in("coordinator"), Page)
    clock.move_to(START + timedelta(minutes=30, seconds=5))
    assert sign_in("coordinator") == "/"


def test_a_success_begins_the_count_anew_and_old_failures_are_forgotten(
    coordinator: User, at_start: object
) -> None:
    for _round in range(2):
        for _number in range(4):
            sign_in("coordinator", "wrong")
        assert sign_in("coordinator") == "/"
    for _number in range(4):
        sign_in("coordinator", "wrong")
    clock.move_to(START + timedelta(minutes=31))
    sign_in("coordinator", "wrong")
    assert sign_in("coordinator") == "/"


def test_an_address_is_locked_after_many_failures_by_any_names(
    coordinator: User, at_start: object, settings: object
) -> None:
    settings.SIGN_IN_FAILURES_OF_AN_ADDRESS = 8  # type: ignore[attr-defined]
    for number in range(8):
        sign_in(f"guess{number}", "wrong", address="10.0.0.9")
    page = sign_in("coordinator", address="10.0.0.9")
    assert isinstance(page, Page)
    assert LOCKED in page.text
    assert sign_in("coordinator", address="10.0.0.8") == "/"


def test_a_sign_in_does_not_forget_the_failures_of_its_address(
    coordinator: User, at_start: object, settings: object
) -> None:
    settings.SIGN_IN_FAILURES_OF_AN_ADDRESS = 4  # type: ignore[attr-defined]
    for number in range(3):
        sign_in(f"guess{number}", "wrong")
    assert sign_in("coordinator") == "/"
    sign_in("guess9", "wrong")
    assert isinstance(sign_in("coordinator"), Page)


def test_refusals_while_locked_are_kept_once_a_minute(coordinator: User, at_start: object) -> None:
    for _number in range(10):
        sign_in("coordinator", "wrong")
    assert kinds(kind=Kind.REFUSED) == [Kind.REFUSED]
    clock.move_to(START + timedelta(minutes=2))
    sign_in("coordinator", "wrong")
    assert kinds(kind=Kind.REFUSED) == [Kind.REFUSED] * 2


@pytest.mark.parametrize(
    ("behind", "forwarded", "address"),
    [
        (False, "203.0.113.5", "10.0.0.1"),
        (True, "203.0.113.5", "203.0.113.5"),
        (True, "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        (True, "made up", None),
    ],
)
def test_only_a_proxy_of_ours_is_believed_about_the_address(
    settings: object, behind: bool, forwarded: str, address: str | None
) -> None:
    settings.BEHIND_PROXY = behind  # type: ignore[attr-defined]
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert door.Origin.of(request).address == address


def test_sign_in_events_cannot_be_changed_or_removed(coordinator: User, at_start: object) -> None:
    assert SignInEvent.app_privileges == ("SELECT", "INSERT")


# -- asking again --------------------------------------------------------------------------------------


def confirm(person: User, username: str, password: str = PASSWORD) -> object:
    request = RequestFactory().post("/", REMOTE_ADDR="10.0.0.1")
    return confirm_identity(person=person, username=username, password=password, request=request, now=START)


def test_a_name_and_password_typed_again_confirm_the_person(investigator: User) -> None:
    confirmed = confirm(investigator, " Investigator ")
    assert (confirmed.person, confirmed.at) == (investigator, START)  # type: ignore[attr-defined]
    assert kinds() == [Kind.CONFIRMED]


@pytest.mark.parametrize(
    ("username", "password"),
    [("investigator", "wrong"), ("monitor", PASSWORD), ("", PASSWORD), ("investigator", "")],
)
def test_anything_else_does_not_and_counts_against_the_person_signed_in(
    investigator: User, monitor: User, username: str, password: str
) -> None:
    with pytest.raises(NotConfirmed, match="not right"):
        confirm(investigator, username, password)
    assert kinds(person=investigator) == [Kind.FAILED]


def test_after_five_failures_nothing_confirms_and_the_door_is_locked_too(
    investigator: User, at_start: object
) -> None:
    for _number in range(5):
        with pytest.raises(NotConfirmed, match="not right"):
            confirm(investigator, "investigator", "wrong")
    with pytest.raises(NotConfirmed, match="Too many failed attempts"):
        confirm(investigator, "investigator")
    assert isinstance(sign_in("investigator"), Page)


def test_a_disabled_person_confirms_nothing(investigator: User) -> None:
    User.objects.filter(pk=investigator.pk).update(is_active=False)
    with pytest.raises(NotConfirmed):
        confirm(investigator, "investigator")


def test_other_people_are_not_locked_by_it(investigator: User, at_start: object) -> None:
    make_person("li")
    for _number in range(5):
        sign_in("investigator", "wrong")
    assert sign_in("li") == "/"
