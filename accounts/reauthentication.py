"""Asking again who sits at the desk, before a signature and the like (21 CFR 11.200)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import door
from accounts.models import User


class NotConfirmed(Exception):
    """Who sits at the desk did not prove to be the person signed in; a sentence fit for the screen."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a person has just proved who they are; what an action that needs it may ask for."""

    person: User
    at: datetime


def confirm_identity(
    *, person: User, username: str, password: str, request: HttpRequest, now: datetime
) -> Confirmation:
    """Hold a name and a password typed now against the person signed in; NotConfirmed where they differ.

    Both are asked for, and another person's own name and password do not confirm this one. A failure counts towards the
    lock of the account like one at the door, and while it is locked nothing is tried. Both are kept whatever the
    caller does then, so this is called before an action's transaction begins, never within one (RuntimeError).
    """
    try:
        found = door.try_password(
            # Somebody else's name counts against the person signed in: it is their session that is tried.
            username=person.username,
            password=password if username.strip().lower() == person.username else "",
            request=request,
            now=now,
        )
    except door.LockedOut as locked:
        raise NotConfirmed(str(locked)) from locked
    if found is None or found.pk != person.pk:
        raise NotConfirmed(_("The user name or the password is not right."))
    door.note(door.Kind.CONFIRMED, now=now, origin=door.Origin.of(request), person=person)
    return Confirmation(person, now)
