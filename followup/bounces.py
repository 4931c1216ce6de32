"""Read what a mail server sends back about a mail it could not deliver (RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

MESSAGE_ID = re.compile(r"<[^<>\s]{1,318}>")
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Bounce:
    """One mail that did not arrive: the Message-ID it left with, and why (RFC 3463; "" where it is not said)."""

    message_id: str
    code: str


def read_bounce(content: bytes) -> Bounce | None:
    """Read a delivery status notification; None for any other mail, and for one of a delay or a success.

    The mail is told by the Message-ID of the original, which such a notification returns at least in its headers.
    """
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    if mail.get_content_type() != "multipart/report" or _parameter(mail, "report-type") != "delivery-status":
        return None
    failed, code, message_id = False, "", ""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for fields in _blocks(part):
                if str(fields.get("Action", "")).strip().lower() == "failed":
                    failed = True
                    status = STATUS.search(str(fields.get("Status", "")))
                    code = status[0] if status else ""
        elif kind in ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers"):
            message_id = message_id or _original(part)
    return Bounce(message_id, code) if failed and message_id else None


def _parameter(mail: EmailMessage, name: str) -> str:
    return str(mail.get_param(name, "")).lower()


def _blocks(part: Any) -> Iterator[Any]:
    """The groups of fields of a notification: one of the mail, then one for each recipient."""
    payload = part.get_payload()
    yield from payload if isinstance(payload, list) else []


def _original(part: Any) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        found = str(payload[0].get("Message-ID", "")) if payload else ""
    else:
        # Some servers write the headers with line ends of their own; the first field of that name counts.
        text = part.get_payload(decode=True).decode("utf-8", "replace")
        field = re.search(r"(?im)^message-id:\s*(\S+)", text)
        found = field[1] if field else ""
    whole = MESSAGE_ID.search(found)
    return whole[0] if whole else ""
