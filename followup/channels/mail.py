"""Speak SMTP step by step, so that the moment a message leaves is known before it happens.

smtplib's sendmail() tells afterwards that everything went well, or that something did not. Whether a
mail can have arrived depends on where it stopped: before the final dot it cannot, after it only the
server's answer tells.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.charset import BASE64, Charset
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import sanitize_address

from accounts.models import User
from followup.channels.interface import Letter, NotDelivered, Unanswered
from followup.models import ReminderPreference

# RFC 5321 4.5.3.2.6 lets a server think longest about its answer to the final dot.
SECONDS_FOR_THE_LAST_ANSWER = 120

UTF8 = Charset("utf-8")
UTF8.body_encoding = BASE64


class Mail:
    """The channel that is always there: the mail server of EMAIL_URL."""

    ready = True

    def address_of(self, person: User, wishes: ReminderPreference | None) -> str:
        return person.email

    def deliver(self, letter: Letter, address: str, *, before_it_leaves: Callable[[], None]) -> int:
        return deliver(mail_of(letter, address), mail_server(), before_it_leaves=before_it_leaves)


def mail_of(letter: Letter, address: str) -> EmailMessage:
    message = EmailMessage(
        subject=letter.title,
        body="\n".join(letter.lines) + "\n",
        to=[address],
        headers={
            "Message-ID": letter.message_id,
            "Date": format_datetime(letter.at),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.encoding = UTF8
    return message


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


def mail_server() -> MailServer:
    """The mail server of the settings (EMAIL_URL)."""
    return MailServer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        starttls=settings.EMAIL_USE_TLS,
        tls=settings.EMAIL_USE_SSL,
        seconds=settings.EMAIL_TIMEOUT,
    )


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
