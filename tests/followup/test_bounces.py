"""Mail that comes back: which notifications count, and what the command for the mail server's pipe does with them."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import Access
from accounts.models import Role, Site, User
from followup.bounces import Bounce, read_bounce
from followup.models import ReminderMessage
from followup.selectors import troubled_reminders
from followup.workflow import MessageState
from participants.models import Participant
from records import clock
from tests.cast import make_person
from tests.followup.conftest import Mailbox
from tests.followup.reminded import CLOSING, find, messages, sent

RETURNED = {
    "headers": "Content-Type: text/rfc822-headers\n\nFrom: a@example.org\nMessage-ID: {id}\nSubject: x\n",
    "headers as a message": "Content-Type: message/rfc822-headers\n\nMessage-ID: {id}\n",
    "whole": "Content-Type: message/rfc822\n\nMessage-ID: {id}\nSubject: x\n\nThe whole text.\n",
    "folded": "Content-Type: text/rfc822-headers\n\nmessage-id:\n {id}\n",
}


def notification(
    message_id: str, *, action: str = "failed", status: str = "5.1.1", returned: str = "headers"
) -> bytes:
    """As Postfix sends it."""
    return f"""From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
To: trial-edc@localhost
Subject: Undelivered Mail Returned to Sender
Message-ID: <20260927.7@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="BOUNDARY/mail"

--BOUNDARY/mail
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--BOUNDARY/mail
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Arrival-Date: Sun, 27 Sep 2026 10:00:00 +0800 (CST)

Final-Recipient: rfc822; coordinator@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--BOUNDARY/mail
{RETURNED[returned].format(id=message_id)}
--BOUNDARY/mail--
""".encode()


@pytest.mark.parametrize("returned", RETURNED)
def test_a_failed_delivery_is_told_by_the_message_id_of_the_original(returned: str) -> None:
    assert read_bounce(notification("<abc.1@trial>", returned=returned)) == Bounce("<abc.1@trial>", "5.1.1")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_says_anything_else_is_no_bounce(action: str) -> None:
    assert read_bounce(notification("<abc.1@trial>", action=action)) is None


def test_a_failure_without_a_status_is_one_all_the_same() -> None:
    assert read_bounce(notification("<abc.1@trial>", status="unknown")) == Bounce("<abc.1@trial>", "")


@given(st.binary(max_size=400))
def test_any_other_mail_is_no_bounce(content: bytes) -> None:
    assert read_bounce(content) is None


@given(st.integers(0, 1200), st.integers(0, 1200))
def test_a_notification_torn_apart_is_read_or_left_but_never_fails(start: int, end: int) -> None:
    content = notification("<abc.1@trial>")
    found = read_bounce(content[:start] + content[end:])
    assert found is None or found.message_id.startswith("<")


def test_an_answer_from_a_persons_holiday_is_no_bounce() -> None:
    assert read_bounce(b"Subject: Out of office\nIn-Reply-To: <abc.1@trial>\n\nBack on Monday.\n") is None


# ---- the command -----------------------------------------------------------------------------------


@pytest.fixture
def message(participant: Participant, mailbox: Mailbox) -> ReminderMessage:
    find(CLOSING)
    return sent(messages()[0])


def piped(content: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    call_command("read_bounce", stdout=said)
    return said.getvalue()


def test_a_mail_that_came_back_is_marked_once_and_waits_for_a_person(
    message: ReminderMessage, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "marked" in piped(notification(message.message_id), monkeypatch)
    message.refresh_from_db()
    came = message.bounced_at
    assert (message.status, message.bounce_code, came is not None) == (MessageState.BOUNCED, "5.1.1", True)
    assert "marked" in piped(notification(message.message_id, status="4.4.7"), monkeypatch)
    message.refresh_from_db()
    assert (message.bounced_at, message.bounce_code) == (came, "5.1.1")
    access = Access.of(coordinator, clock.today())
    assert [str(one.status_words) for one in troubled_reminders(access)] == ["Came back"]


@pytest.mark.parametrize("content", [b"", b"Subject: Hello\n\nHello.\n"])
def test_any_other_mail_changes_nothing(
    message: ReminderMessage, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "nothing done" in piped(content, monkeypatch)
    message.refresh_from_db()
    assert message.status == MessageState.SENT


def test_a_notification_about_another_mail_changes_nothing(
    message: ReminderMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No reminder" in piped(notification("<another@trial>"), monkeypatch)
    message.refresh_from_db()
    assert message.status == MessageState.SENT


def test_what_never_left_cannot_come_back(
    participant: Participant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("second", Role.COORDINATOR, site)
    find(CLOSING)
    waiting = messages()[0]
    assert "No reminder" in piped(notification(waiting.message_id), monkeypatch)
    waiting.refresh_from_db()
    assert waiting.status == MessageState.DUE
