"""The door: passwords are tried here and nowhere else, every attempt is kept, and too many failures lock.

What is locked is counted from the rows of SignInEvent alone, so the record and the rule cannot differ. A name that
nobody has is counted and locked like one that somebody has: the door tells nobody which names exist.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.access import VISITOR, Actor
from accounts.attribution import attributed
from accounts.models import SignInEvent, User

Kind = SignInEvent.Kind
BEGIN_ANEW = (Kind.SIGNED_IN, Kind.CONFIRMED, Kind.LOCKED, Kind.UNLOCKED, Kind.PASSWORD_GIVEN)
log = logging.getLogger(__name__)


class LockedOut(Exception):
    """Nobody gets in by this name or from this address for now; says until when."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            _(
                "Too many failed attempts. Try again after %(time)s, or ask the system administrator to unlock the account."
            )
            % {"time": until.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M")}
        )


def is_address(text: str) -> bool:
    try:
        validate_ipv46_address(text)
    except ValidationError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: its address, None where the server was not told, and the browser's own words."""

    address: str | None
    device: str

    @classmethod
    def of(cls, request: HttpRequest) -> Origin:
        """Behind a proxy the last entry of X-Forwarded-For counts: the proxy wrote it, the others are hearsay."""
        address = request.META.get("REMOTE_ADDR", "")
        if settings.BEHIND_PROXY:
            address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
        return cls(address if is_address(address) else None, request.META.get("HTTP_USER_AGENT", "")[:200])


def key_of(username: str) -> str:
    """What a typed name is counted by; not readable, and the same however it is written."""
    return salted_hmac("accounts.door", username.strip().lower(), algorithm="sha256").hexdigest()


def note(
    kind: Kind,
    *,
    now: datetime,
    origin: Origin | None = None,
    person: User | None = None,
    name_key: str = "",
    done_by: Actor | None = None,
    address: str | None = None,
    words: str = "",
) -> SignInEvent:
    """Keep one thing that happened at the door, on behalf of who did it."""
    key = name_key or (key_of(person.username) if person else "")
    with attributed(done_by or (Actor(person, "", None) if person else VISITOR)):
        return SignInEvent.objects.create(
            kind=kind,
            at=now,
            name_key=key,
            person=person,
            done_by=done_by.person if done_by else None,
            address=origin.address if origin else address,
            device=origin.device if origin else "",
            note=words,
        )


def locked_until(*, now: datetime, name_key: str = "", address: str | None = None) -> datetime | None:
    """When the lock on a name, or the one on an address, ends; None where it is not locked."""
    if name_key:
        of = SignInEvent.objects.filter(
            name_key=name_key, kind__in=(Kind.LOCKED, Kind.UNLOCKED, Kind.PASSWORD_GIVEN)
        )
    elif address:
        of = SignInEvent.objects.filter(
            address=address, kind__in=(Kind.ADDRESS_LOCKED, Kind.ADDRESS_UNLOCKED)
        )
    else:
        return None
    last = of.order_by("-id").first()
    if last is None or last.kind not in (Kind.LOCKED, Kind.ADDRESS_LOCKED):
        return None
    until = last.at + timedelta(minutes=settings.SIGN_IN_LOCK_MINUTES)
    return until if now < until else None


def attempt(
    *, username: str, request: HttpRequest, now: datetime, succeeds: Callable[[], User | None]
) -> User | None:
    """Try something that proves who a person is; None where it failed, LockedOut where it may not be tried.

    The attempt is kept even where all around it is undone, so it may not stand inside another transaction. Attempts
    by one name wait for each other: many at once do not get around the limit.
    """
    name_key, origin = key_of(username), Origin.of(request)
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name_key])
        until = locked_until(now=now, name_key=name_key) or locked_until(now=now, address=origin.address)
        person = None if until else succeeds()
        if until:
            _keep_refusal(name_key, origin, now)
        elif person is None:
            _keep_failure(username, name_key, origin, now)
    if until:
        raise LockedOut(until)
    return person


def try_password(*, username: str, password: str, request: HttpRequest, now: datetime) -> User | None:
    """The person this name and password belong to; None where they are not right, LockedOut where locked."""

    def right() -> User | None:
        found = authenticate(request, username=username, password=password)
        return found if isinstance(found, User) else None

    return attempt(username=username, request=request, now=now, succeeds=right)


def _known(username: str) -> User | None:
    return User.objects.filter(username=username.strip().lower()).first()


def _keep_refusal(name_key: str, origin: Origin, now: datetime) -> None:
    """Once a minute is enough: a visitor cannot fill the table."""
    latest = SignInEvent.objects.filter(name_key=name_key, address=origin.address, kind=Kind.REFUSED).first()
    if latest is None or now - latest.at >= timedelta(minutes=1):
        note(Kind.REFUSED, now=now, origin=origin, name_key=name_key)


def _keep_failure(username: str, name_key: str, origin: Origin, now: datetime) -> None:
    person = _known(username)
    with attributed(VISITOR):
        event = SignInEvent.objects.create(
            kind=Kind.FAILED,
            at=now,
            name_key=name_key,
            person=person,
            address=origin.address,
            device=origin.device,
        )
        since = now - timedelta(minutes=settings.SIGN_IN_LOCK_MINUTES)
        begun = SignInEvent.objects.filter(name_key=name_key, kind__in=BEGIN_ANEW).first()
        failures = SignInEvent.objects.filter(
            name_key=name_key, kind=Kind.FAILED, at__gt=since, id__gt=begun.pk if begun else 0
        ).count()
        if failures >= settings.SIGN_IN_FAILURES:
            _lock(Kind.LOCKED, event, failures)
        if origin.address:
            begun = SignInEvent.objects.filter(
                address=origin.address, kind__in=(Kind.ADDRESS_LOCKED, Kind.ADDRESS_UNLOCKED)
            ).first()
            failures = SignInEvent.objects.filter(
                address=origin.address, kind=Kind.FAILED, at__gt=since, id__gt=begun.pk if begun else 0
            ).count()
            if failures >= settings.SIGN_IN_FAILURES_OF_AN_ADDRESS:
                _lock(Kind.ADDRESS_LOCKED, event, failures)


def _lock(kind: Kind, event: SignInEvent, failures: int) -> None:
    of_a_name = kind == Kind.LOCKED
    SignInEvent.objects.create(
        kind=kind,
        at=event.at,
        name_key=event.name_key if of_a_name else "",
        person=event.person if of_a_name else None,
        address=event.address,
        device=event.device,
        note=str(failures),
    )
    log.warning("%s after %s failures", kind, failures)
