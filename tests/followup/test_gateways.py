"""Text messages and WeChat: what a gateway is asked, on a real HTTP server, and what each of its answers leads to."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from accounts.access import Actor, Permission
from accounts.models import Site, User
from followup.actions import set_rule, set_wishes
from followup.channels import gateway
from followup.channels.gateway import faults_of
from followup.gateway_checks import look_at_gateways
from followup.models import Reminder, ReminderAttempt, ReminderMessage
from followup.reminder_rules import DAY, About, Channel
from followup.workflow import MessageState, Outcome
from participants.models import Participant
from records import clock
from tests.cast import START, actor
from tests.followup.conftest import PATIENCE
from tests.followup.reminded import CLOSING, find, messages, sent

SECRET = "a secret of the gateway, long enough"


class Asked:
    """A gateway on loopback: keeps what it was asked and answers as it was told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: int | None = 202  # None: it hangs up without a word
        self.silent = threading.Event()  # set: it reads and never answers
        self.done = threading.Event()

    def serve(self) -> ThreadingHTTPServer:
        asked = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked.requests.append((self.path, dict(self.headers), body))
                if asked.silent.is_set():
                    asked.done.wait(PATIENCE)
                if asked.answer is None or asked.silent.is_set():
                    self.close_connection = True
                    return
                self.send_response(asked.answer)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def asked(settings: Any) -> Iterator[Asked]:
    found = Asked()
    server = found.serve()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/send?trial=1"
    settings.SMS_GATEWAY_SECRET = SECRET
    try:
        yield found
    finally:
        found.done.set()
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)


@pytest.fixture
def message(
    participant: Participant, coordinator: User, data_manager: User, site: Site, asked: Asked
) -> ReminderMessage:
    """A text message due to a coordinator who gave a number; beside it the usual mail."""
    set_rule(
        name="visit-text",
        about=About.CLOSES,
        after=-3 * DAY,
        role="COORDINATOR",
        channel=Channel.SMS,
        visits=(),
        active=True,
        effective_from=START.date(),
        reason="They asked for it.",
        by=actor(data_manager, Permission.CHANGE_STUDY_SETTINGS, site),
        now=START,
    )
    gives_number(coordinator, START)
    find(CLOSING)
    [text] = [one for one in messages() if one.channel == Channel.SMS]
    return text


def gives_number(person: User, now: datetime) -> None:
    set_wishes(
        zone="Asia/Shanghai",
        quiet_from=time(20),
        quiet_until=time(8),
        phone="+8613800000000",
        wechat="",
        by=Actor(person, "", None),
        now=now,
    )


def last(message: ReminderMessage) -> ReminderAttempt:
    return message.attempts.latest("number")


def test_a_gateway_gets_a_signed_request_that_names_itself(
    message: ReminderMessage, participant: Participant, asked: Asked
) -> None:
    assert sent(message).status == MessageState.SENT
    [(path, headers, body)] = asked.requests
    assert path == "/send?trial=1"
    content = json.loads(body)
    item = f"{participant.number} · SCR · the window is open until 2026-09-29"
    link = f"http://127.0.0.1:8000/participants/{participant.pk}/"
    key = message.message_id.strip("<>")
    assert content == {
        "version": 1,
        "key": key,
        "channel": "SMS",
        "to": "+8613800000000",
        "language": "en",
        "title": "Clinical trial: a visit needs your attention",
        "text": f"Clinical trial: a visit needs your attention\n{item}\n{link}",
        "items": [item],
        "link": link,
    }
    assert headers["Idempotency-Key"] == key
    signed = f"{headers['X-Trial-Timestamp']}.".encode() + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Trial-Signature"] == f"sha256={expected}"
    assert last(message).address == "+8613800000000"


@pytest.mark.parametrize(
    ("answer", "state", "outcome"),
    [
        (200, "SENT", "SENT"),
        (204, "SENT", "SENT"),
        (301, "FAILED", "REFUSED"),
        (400, "FAILED", "REFUSED"),
        (401, "FAILED", "REFUSED"),
        (408, "DUE", "RETRY"),
        (429, "DUE", "RETRY"),
        (503, "DUE", "RETRY"),
        (500, "UNCERTAIN", "UNCERTAIN"),
        (504, "UNCERTAIN", "UNCERTAIN"),
    ],
)
def test_each_answer_has_its_outcome(
    message: ReminderMessage, asked: Asked, answer: int, state: str, outcome: str
) -> None:
    asked.answer = answer
    assert (sent(message).status, last(message).outcome, last(message).answer) == (state, outcome, answer)


def hang_up(asked: Asked, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.answer = None


def never_answer(asked: Asked, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.silent.set()
    monkeypatch.setattr(gateway, "SECONDS", 0.2)


def be_gone(asked: Asked, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{port}/"


@pytest.mark.parametrize(
    ("trouble", "state", "outcome", "fault", "left"),
    [
        (hang_up, "UNCERTAIN", "UNCERTAIN", "RemoteDisconnected", True),
        (never_answer, "UNCERTAIN", "UNCERTAIN", "TimeoutError", True),
        (be_gone, "DUE", "RETRY", "ConnectionRefusedError", False),
    ],
)
def test_silence_after_the_request_left_is_uncertain_and_before_it_is_not(
    message: ReminderMessage,
    asked: Asked,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[..., None],
    state: str,
    outcome: str,
    fault: str,
    left: bool,
) -> None:
    trouble(asked, settings, monkeypatch)
    assert (sent(message).status, last(message).outcome, last(message).fault) == (state, outcome, fault)
    assert (last(message).handed_over_at is not None) == left


def test_asked_again_it_is_the_same_key(message: ReminderMessage, asked: Asked) -> None:
    asked.answer = 503
    sent(message)
    asked.answer = 200
    clock.move_to(message.next_try_at)
    assert sent(message).status == MessageState.SENT
    assert len({headers["Idempotency-Key"] for _path, headers, _body in asked.requests}) == 1
    assert [one.outcome for one in message.attempts.all()] == [Outcome.RETRY, Outcome.SENT]


def test_who_gave_no_number_gets_no_text_message(message: ReminderMessage, coordinator: User) -> None:
    coordinator.reminder_preference.phone = ""
    coordinator.reminder_preference.save()
    assert sent(message).status == MessageState.CANCELLED


def test_without_a_gateway_there_are_no_text_messages(message: ReminderMessage, settings: Any) -> None:
    settings.SMS_GATEWAY_URL = ""
    assert sent(message).status == MessageState.CANCELLED
    assert set(Reminder.objects.exclude(status="CANCELLED").values_list("channel", flat=True)) == {"MAIL"}


@pytest.mark.parametrize(
    ("url", "secret", "faults"),
    [
        ("", "", 0),
        ("https://sms.example.org/send", "x" * 32, 0),
        ("http://127.0.0.1:9/send", "x" * 32, 0),
        ("http://sms.example.org/send", "x" * 32, 1),
        ("https://sms.example.org/send", "x" * 31, 1),
        ("ftp://sms.example.org/send", "", 2),
    ],
)
def test_a_gateway_that_would_send_in_the_clear_or_unsigned_is_named_at_start(
    settings: Any, url: str, secret: str, faults: int
) -> None:
    assert len(faults_of("SMS", url, secret)) == faults
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_SECRET = url, secret
    assert len(look_at_gateways(None)) == faults
