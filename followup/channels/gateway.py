"""Hand a message to an HTTP gateway for text messages or WeChat; docs/reminder-gateways.md is its contract.

As with mail, the moment a message leaves is known before it happens: the connection stands, then that it leaves is
committed, then the request is sent. From there on only the gateway's answer tells whether it was taken.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from accounts.models import User
from followup.channels.interface import Letter, NotDelivered, Unanswered
from followup.models import ReminderPreference

SECONDS = 20
# A text message names so many visits at most; its title says how many there are.
MOST_IN_A_TEXT = 3
LONGEST_ANSWER = 64 * 1024
# Answers by which a gateway says that it has not taken the message and can be asked again.
LATER = (408, 425, 429, 503)
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway. `addressed_by`: the field of a person's wishes that holds the address there; no URL: not set up."""

    channel: str
    addressed_by: str
    url: str
    secret: str

    @property
    def ready(self) -> bool:
        return bool(self.url)

    def address_of(self, person: User, wishes: ReminderPreference | None) -> str:
        return str(getattr(wishes, self.addressed_by)) if self.ready and wishes else ""

    def deliver(self, letter: Letter, address: str, *, before_it_leaves: Callable[[], None]) -> int:
        body = self.payload(letter, address)
        sent_at = str(int(letter.at.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": letter.message_id.strip("<>"),
            "X-Trial-Timestamp": sent_at,
            "X-Trial-Signature": "sha256=" + signature(self.secret, sent_at, body),
        }
        where = urlsplit(self.url)
        connection = self._connection()
        try:
            try:
                connection.connect()
            except OSError as failed:
                raise NotDelivered(fault=type(failed).__name__) from failed
            before_it_leaves()
            try:
                target = (where.path or "/") + (f"?{where.query}" if where.query else "")
                connection.request("POST", target, body, headers)
                response = connection.getresponse()
                answer = response.status
                # The answer counts from its first line on; a reader that hangs up early may disturb the gateway.
                with suppress(OSError, http.client.HTTPException):
                    response.read(LONGEST_ANSWER)
            except (OSError, http.client.HTTPException) as failed:
                raise Unanswered(type(failed).__name__) from failed
        finally:
            connection.close()
        return _judged(answer)

    def payload(self, letter: Letter, address: str) -> bytes:
        """The request's body: JSON in UTF-8, keys in order, so that the same letter gives the same bytes."""
        content = {
            "version": 1,
            "key": letter.message_id.strip("<>"),
            "channel": self.channel,
            "to": address,
            "language": letter.language,
            "title": letter.title,
            "text": "\n".join([letter.title, *letter.items[:MOST_IN_A_TEXT], letter.link]),
            "items": list(letter.items),
            "link": letter.link,
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()

    def _connection(self) -> http.client.HTTPConnection:
        where = urlsplit(self.url)
        host = where.hostname or ""
        if where.scheme == "https":
            return http.client.HTTPSConnection(
                host, where.port, timeout=SECONDS, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, where.port, timeout=SECONDS)


def signature(secret: str, sent_at: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal."""
    return hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()


def _judged(answer: int) -> int:
    """Read a gateway's answer: 2xx taken; LATER not taken, ask again; other 5xx nobody knows; the rest refused."""
    if 200 <= answer < 300:
        return answer
    if answer in LATER:
        raise NotDelivered(answer=answer)
    if answer >= 500:
        raise Unanswered("", answer)
    raise NotDelivered(answer=answer, lasting=True)


def faults_of(name: str, url: str, secret: str) -> list[str]:
    """What is wrong with a gateway's settings; nothing where it is not set up."""
    if not url:
        return []
    where, found = urlsplit(url), []
    if where.scheme != "https" and not (where.scheme == "http" and where.hostname in LOOPBACK):
        found.append(f"{name}_GATEWAY_URL has to begin with https://.")
    if len(secret) < 32:
        found.append(f"{name}_GATEWAY_SECRET has to be of at least 32 characters.")
    return found
