"""What answers carry, what is written to logs and addresses, and who is led where."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from accounts.models import Site, User
from accounts.pages import HEAVY
from participants.models import Participant
from tests.browsing import Page, at_the_desk
from tests.cast import PASSWORD

AWAY = [
    "https://example.org/",
    "//example.org/",
    "///example.org",
    "/\\example.org",
    "\\\\example.org",
    "javascript:alert(1)",
    "data:text/html,x",
    "http:example.org",
    " https://example.org",
    "https://testserver@example.org/",
    "\thttps://example.org",
]


@pytest.mark.parametrize("target", AWAY)
def test_signing_in_leads_nobody_elsewhere(coordinator: User, at_start: object, target: str) -> None:
    typed = {"username": "coordinator", "password": PASSWORD, "next": target}
    assert at_the_desk(None).post("/sign-in/", typed).headers["Location"] == "/"
    assert (
        at_the_desk(None).post(f"/sign-in/?next={target}", {**typed, "next": target}).headers["Location"]
        == "/"
    )


@pytest.mark.parametrize("target", AWAY)
@pytest.mark.parametrize("address", ["/language/", "/site/"])
def test_switching_leads_nobody_elsewhere(
    coordinator: User, at_start: object, address: str, target: str
) -> None:
    answer = at_the_desk(coordinator).post(address, {"language": "en", "site": "", "next": target})
    assert answer.headers["Location"] == "/"


def test_the_page_of_the_own_account_offers_no_way_elsewhere(coordinator: User, at_start: object) -> None:
    page = Page(at_the_desk(coordinator).get("/account/", {"next": "https://example.org/"}))
    assert not any("example.org" in address for address in page.addresses)


# -- what every answer carries -------------------------------------------------------------------------

PLACES = [
    "/",
    "/participants/",
    "/sign-in/",
    "/account/",
    "/account/app/",
    "/account/passkey/",
    "/nowhere/",
    "/access/",
]


@pytest.mark.parametrize("where", PLACES)
def test_every_answer_forbids_what_is_inline_from_elsewhere_or_framed(
    coordinator: User, at_start: object, where: str
) -> None:
    answer = at_the_desk(coordinator).get(where)
    policy = answer.headers["Content-Security-Policy"]
    for words in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert words in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    html = answer.content.decode()
    assert not any(word in html for word in (" style=", "<style", " onclick=", " onload=", "javascript:"))
    assert html.count("<script") == html.count("<script src=")


def test_in_production_cookies_and_addresses_need_tls(settings: Any) -> None:
    """The settings of a machine without INSECURE_HTTP; `make check` asks Django's own checks too."""
    source = (settings.BASE_DIR / "trial_edc" / "settings.py").read_text(encoding="utf-8")
    secure = source.split("if not INSECURE_HTTP:")[1].split("\n\n")[0]
    for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS"):
        assert f"{name} = " in secure


@pytest.mark.parametrize("number", [400, 403, 404, 500])
def test_error_pages_reveal_nothing(
    coordinator: User, participant: Participant, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = at_the_desk(coordinator)
    client.raise_request_exception = False
    secret = "relation participants_participant 01-001 ZQ"

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError(secret)

    if number == 500:
        monkeypatch.setattr("casebook.views.lists.render", fail)
        answer = client.get("/participants/")
    elif number == 400:
        answer = client.get("/participants/?status=%00")
    else:
        answer = client.get({403: "/accounts/", 404: "/participants/99999/"}[number])
    html = answer.content.decode()
    assert answer.status_code == number
    assert not any(
        word in html for word in (secret, "Traceback", "RuntimeError", "Django", "01-001", "participants_")
    )


# -- logs and mail -------------------------------------------------------------------------------------

TELLING = ["ZQ", "01-001", "vomited blood"]


def test_logs_hold_nothing_of_a_participant(
    coordinator: User,
    participant: Participant,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pages read, found, refused, failed: what the log says names nobody and quotes nothing typed."""
    caplog.set_level(logging.DEBUG, logger="django.request")
    caplog.set_level(logging.INFO)
    client = at_the_desk(coordinator)
    client.raise_request_exception = False
    client.post("/search/", {"q": "ZQ"})
    client.get(f"/participants/{participant.pk}/?q=ZQ")
    visit = participant.visits.get(code="SCR")
    client.post(f"/visits/{visit.pk}/MH/", {"action": "submit", "mhterm": "vomited blood"})
    client.get("/nowhere/?initials=ZQ")
    client.post("/accounts/", {"text": "vomited blood"})
    at_the_desk(None).post("/sign-in/", {"username": "vomited blood", "password": "01-001"})
    assert caplog.records
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if any(word in line for word in TELLING)] == []


# -- limits --------------------------------------------------------------------------------------------


def test_a_body_that_is_too_large_is_refused(coordinator: User, at_start: object) -> None:
    client = at_the_desk(coordinator)
    client.raise_request_exception = False
    assert client.post("/search/", {"q": "x" * 6_000_000}).status_code == 400
    many = {f"field{number}": "1" for number in range(6000)}
    assert client.post("/search/", many).status_code == 400


def test_a_file_where_none_is_asked_for_is_left_alone(coordinator: User, at_start: object) -> None:
    upload = SimpleUploadedFile("x.html", b"<script>", content_type="text/html")
    assert at_the_desk(coordinator).post("/search/", {"q": "x", "f": upload}).status_code == 200


def test_a_person_gets_one_heavy_page_at_a_time(
    coordinator: User, monitor: User, at_start: object, site: Site
) -> None:
    """Another connection of the same person is at work: theirs waits, other people's do not."""
    elsewhere = connections["default"].copy()
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [HEAVY, coordinator.pk])
        client: Client = at_the_desk(coordinator)
        busy = client.get("/dashboard/enrolment.csv")
        assert (busy.status_code, "One request at a time" in Page(busy).text) == (429, True)
        assert at_the_desk(monitor).get("/dashboard/enrolment.csv").status_code == 200
    finally:
        elsewhere.close()
    assert client.get("/dashboard/enrolment.csv").status_code == 200
    assert client.get("/dashboard/enrolment.csv").status_code == 200
