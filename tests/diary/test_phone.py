"""What a participant's phone asks and is told: a shell without anybody, a cookie for a token, entries, refusals in words."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.access import Actor
from accounts.models import User
from diary.actions import hand_out_link, revoke_link
from diary.models import DiaryEntry, DiaryLink
from participants.models import Participant
from records import clock
from records.clock import TrialClock
from tests.browsing import at_the_desk
from tests.cast import START
from tests.diary.writing import CALL, Phone, known, send

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF a photo"


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def token(participant: Participant, by_coordinator: Actor) -> str:
    _link, token = hand_out_link(
        participant=known(participant, by_coordinator), call=CALL, by=by_coordinator, now=START
    )
    return token


@pytest.fixture
def own(phone: Phone, token: str) -> Phone:
    assert phone.open(token).status_code == 200
    return phone


# -- the shell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "lang", "words"), [("/my-record/", "zh-Hans", "乏力"), ("/my-record/en/", "en", "Fatigue")]
)
def test_the_shell_is_the_same_for_everybody(
    own: Phone, participant: Participant, coordinator: User, address: str, lang: str, words: str
) -> None:
    answers = [client.get(address) for client in (Client(), own.client, at_the_desk(coordinator))]
    html = answers[0].content.decode()
    assert {answer.content for answer in answers} == {answers[0].content}
    assert f'<html lang="{lang}">' in html and words in html
    assert participant.number not in html and "csrf" not in html
    assert "script-src 'self'" in answers[0].headers["Content-Security-Policy"]
    assert html.count("<script") == html.count("<script src=")
    assert not any(inline in html for inline in (" style=", "<style", " onclick="))


def test_the_shell_of_a_demonstration_says_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, there in ((TrialClock.Kind.DEMO, True), (TrialClock.Kind.TRIAL, False)):
        monkeypatch.setattr(clock, "read", lambda kind=kind: TrialClock(kind=kind))
        for address in ("/my-record/", "/my-record/en/"):
            assert ("demo-ribbon" in Client().get(address).content.decode()) is there


def test_the_service_worker_names_the_shell(db: None) -> None:
    answer = Client().get("/my-record/worker.js")
    script = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "/my-record/en/" in script.replace("\\u002D", "-") and "js/diary/page" in script
    assert "/entries/" not in script and "/state/" not in script


# -- opening -------------------------------------------------------------------------------------------


def test_a_token_is_exchanged_for_a_cookie_of_this_phone(phone: Phone, token: str) -> None:
    assert phone.state()["open"] is False
    answer = phone.open(token)
    assert answer.json()["call"] == CALL
    cookie = answer.cookies["diary"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/my-record/"
    assert token not in str(answer.cookies) + answer.content.decode()
    assert phone.state()["open"] is True
    assert Phone().open(token).status_code == 401
    assert phone.open(token, "").status_code == 200  # scanned again on the same phone


def test_the_cookie_ends_with_the_link(phone: Phone, token: str) -> None:
    expires = phone.open(token).cookies["diary"]["expires"]
    ahead = clock.read().ahead
    assert expires == (DiaryLink.objects.get().expires - ahead).strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_the_year_of_birth_is_asked(phone: Phone, token: str) -> None:
    for year in ("", "1900", "x" * 50):
        answer = phone.open(token, year)
        assert (answer.status_code, answer.json()["sentence"]) == (422, "The year of birth is not right.")
    assert phone.state()["open"] is False


def test_nothing_of_a_token_is_logged(phone: Phone, token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    phone.open(token, "1900")
    phone.open(token)
    assert token not in caplog.text.replace("%s", "")


def test_what_is_posted_needs_the_pages_own_token(token: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    posted = {"token": token, "year": "1970"}
    assert strict.post("/my-record/open/", posted).status_code == 403
    csrf = strict.get("/my-record/state/").json()["csrf"]
    assert strict.post("/my-record/open/", posted, headers={"X-CSRFToken": csrf}).status_code in (200, 422)


def test_being_signed_in_at_the_site_opens_nothing(coordinator: User, own: Phone) -> None:
    client = at_the_desk(coordinator)
    assert client.get("/my-record/state/").json()["open"] is False
    assert client.post("/my-record/entries/", {}).status_code == 401
    assert own.client.get("/").status_code == 302


# -- entries -------------------------------------------------------------------------------------------


def test_an_entry_is_stored_and_answered_alike_twice(own: Phone, participant: Participant) -> None:
    key = str(uuid.uuid4())
    answers = [own.send(key=key, temperature="37.4", note=" tired ") for _time in range(2)]
    assert answers[0].json() == answers[1].json()
    entry = DiaryEntry.objects.get()
    assert (str(entry.key), entry.participant, entry.note) == (key, participant, "tired")
    assert (entry.stated, entry.typed) == (START, START + timedelta(seconds=1))
    assert (entry.sym_pain, entry.sym_fever, str(entry.temperature)) == (2, None, "37.4")


def test_a_photo_comes_along(own: Phone) -> None:
    assert own.send(photo=SimpleUploadedFile("name of somebody.jpg", JPEG, "image/jpeg")).status_code == 200
    assert DiaryEntry.objects.get().photo is not None


def test_what_belongs_to_no_test_is_not_kept(own: Phone) -> None:
    own.send(value="12", unit="g/L", test_words="x")
    own.send(test="AFP", value="12", unit="ng/mL", test_words="x")
    own.send(test="OTHER", value="12", unit="ng/mL", test_words="x")
    kept = DiaryEntry.objects.order_by("id").values_list("test", "test_words", "value", "unit")
    assert list(kept) == [("", "", "", ""), ("AFP", "", "12", "ng/mL"), ("OTHER", "x", "12", "ng/mL")]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"temperature": "43.1"}, "between 34 and 43"),
        ({"temperature": "33.9"}, "between 34 and 43"),
        ({"temperature": "warm"}, "between 34 and 43"),
        ({"temperature": "NaN"}, "between 34 and 43"),
        ({"sym_pain": "11"}, "cannot be read"),
        ({"stated": ""}, "date and the time"),
        ({"stated": "2026-13-01T00:00"}, "date and the time"),
        ({"stated": "2027-01-01T00:00"}, "in the future"),
        ({"sym_pain": ""}, "at least one"),
        ({"note": "x" * 1001}, "too long"),
        ({"test": "AFP", "value": "x" * 101}, "too long"),
        ({"photo": SimpleUploadedFile("x", b"", "image/jpeg")}, "photo"),
        ({"photo": SimpleUploadedFile("x", b"<svg>", "image/jpeg")}, "neither an image"),
        ({"key": "1"}, "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(own: Phone, changed: dict[str, Any], words: str) -> None:
    answer = own.send(**changed)
    assert answer.status_code == 422
    assert words in answer.json()["sentence"]
    assert not DiaryEntry.objects.exists()


def test_a_refusal_is_in_the_language_of_the_page(own: Phone) -> None:
    own.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert "体温" in own.send(temperature="50").json()["sentence"]


def test_a_link_taken_back_is_said_and_takes_nothing(own: Phone, by_coordinator: Actor) -> None:
    revoke_link(link=DiaryLink.objects.get(), why="phone lost", by=by_coordinator, now=START)
    answer = own.send()
    assert answer.status_code == 401
    assert CALL in answer.json()["sentence"]
    state = own.state()
    assert state["open"] is False and CALL in state["sentence"]


def test_of_what_was_sent_only_keys_and_times_come_back(own: Phone) -> None:
    own.send(note="private", temperature="37.4")
    first = DiaryEntry.objects.get()
    assert own.state()["sent"] == [{"key": str(first.key), "stated": START.isoformat()}]
    own.send(replaces=str(first.key))
    assert [one["key"] for one in own.state()["sent"]] != [str(first.key)]
    assert "private" not in str(own.state()) and "37.4" not in str(own.state())


def test_a_diary_has_one_name_on_every_phone_and_no_two_share_it(
    own: Phone, participant: Participant, by_coordinator: Actor
) -> None:
    name = own.state()["diary"]
    _link, token = hand_out_link(participant=participant, call=CALL, by=by_coordinator, now=START)
    assert Phone().open(token).json()["diary"] == name
    assert participant.number not in name and name != str(participant.pk)


def test_asking_costs_as_many_queries_however_much_was_sent(
    own: Phone, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):
        own.state()
    link = DiaryLink.objects.get()
    for _time in range(6):
        send(link)
    with django_assert_num_queries(4):
        assert len(own.state()["sent"]) == 5
