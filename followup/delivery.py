"""Speak SMTP step by step, so that the moment a message leaves is known before it happens.

smtplib's sendmail() tells afterwards that everything went well, or that something did not. Whether a
mail can have arrived depends on where it stopped: before the final dot it cannot, after it only the
server's answer tells. Nothing here knows reminders or the database.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.mail.message import sanitize_address

# RFC 5321 4.5.3.2.6 lets a server think longest about its answer to the final dot.
SECONDS_FOR_THE_LAST_ANSWER = 120


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail leaves. `starttls` and `tls` exclude each other; no user name, no sign-in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    seconds: float = 20


class NotDelivered(Exception):
    """The message was not delivered. `lasting`: trying again is of no use."""

    def __init__(self, *, answer: int | None = None, fault: str = "", lasting: bool = False) -> None:
        super().__init__(f"{answer or ''} {fault}".strip())
        self.answer, self.fault, self.lasting = answer, fault, lasting


class Unanswered(Exception):
    """The whole message left and no answer came: it may have been delivered."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def deliver(message: EmailMessage, server: MailServer, *, before_it_leaves: Callable[[], None]) -> int:
    """Hand one message for one recipient to the mail server; give its answer code (2xx).

    `before_it_leaves` is called once the server is ready for the message, before its first byte is sent;
    where it raises, nothing is sent. Raises NotDelivered (4xx, or no conversation: try later; 5xx about this
    message: lasting) and Unanswered.
    """
    sender, recipient = _address(message.from_email), _address(message.to[0])
    content = wire_bytes(message)
    try:
        smtp = _open(server)
    except smtplib.SMTPResponseException as refused:
        # A server that turns everybody away says nothing about this message.
        raise NotDelivered(answer=refused.smtp_code) from refused
    except (OSError, smtplib.SMTPException) as failed:
        raise NotDelivered(fault=type(failed).__name__) from failed
    try:
        return _converse(smtp, sender, recipient, content, before_it_leaves)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            smtp.close()


def _open(server: MailServer) -> smtplib.SMTP:
    if server.tls:
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _converse(
    smtp: smtplib.SMTP, sender: str, recipient: str, content: bytes, before_it_leaves: Callable[[], None]
) -> int:
    try:
        _expect(smtp.mail(sender)[0], 250)
        _expect(smtp.rcpt(recipient)[0], 250, 251)
        _expect(smtp.docmd("DATA")[0], 354)
    except (OSError, smtplib.SMTPException) as failed:
        raise NotDelivered(fault=type(failed).__name__) from failed
    before_it_leaves()
    try:
        smtp.send(content)
    except (OSError, smtplib.SMTPException) as failed:
        # Without the final dot a server must throw away what it got.
        raise NotDelivered(fault=type(failed).__name__) from failed
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(SECONDS_FOR_THE_LAST_ANSWER)
        smtp.send(b".\r\n")
        answer = smtp.getreply()[0]
    except (OSError, smtplib.SMTPException) as failed:
        raise Unanswered(type(failed).__name__) from failed
    if answer < 0:
        raise Unanswered("NoAnswerCode")
    _expect(answer, 250)
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    return answer


def _expect(answer: int, *good: int) -> None:
    if answer not in good:
        raise NotDelivered(answer=answer if answer > 0 else None, lasting=500 <= answer < 600)


def _address(of: str) -> str:
    return sanitize_address(parseaddr(of)[1], "ascii")


def wire_bytes(message: EmailMessage) -> bytes:
    """The message as it goes over the wire, all but the final dot: CRLF line ends, leading dots doubled."""
    text = re.sub(rb"\r\n|\r|\n", b"\r\n", message.message().as_bytes())
    text = re.sub(rb"(?m)^\.", b"..", text)
    return text if text.endswith(b"\r\n") else text + b"\r\n"
