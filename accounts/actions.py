"""The verbs of accounts: open one, grant and end a role, disable, choose a language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import door
from accounts.access import Actor
from accounts.attribution import action, attributed
from accounts.models import SITE_STAFF, Role, RoleHeld, Session, Site, User


class NotPossible(Exception):
    """A change of accounts was refused for a reason fit for the screen."""


def choose_language(*, person: User, language: str) -> None:
    """Set the language pages and mails speak to this person; everybody may, for themselves."""
    if person.language != language:
        person.language = language
        with attributed(Actor(person, "", None), "chosen in the header"):
            person.save(update_fields=["language"])


@action
def open_account(
    *, username: str, full_name: str, email: str, password: str, language: str, by: Actor, now: datetime
) -> User:
    """Open one person's account, without any role yet; NotPossible where name or password will not do."""
    person = User(
        username=username.strip().lower(),
        full_name=full_name.strip(),
        email=email,
        language=language,
        must_change_password=True,
    )
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise NotPossible(" ".join(weak.messages)) from weak
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as taken:
        raise NotPossible(_("This user name exists. Names are never used again; choose another.")) from taken
    return person


@action
def grant_role(
    *, person: User, role: str, site: Site | None, starts_on: date, by: Actor, now: datetime
) -> RoleHeld:
    """Give a person a role from a day on; NotPossible where the register would contradict itself."""
    if role in SITE_STAFF and site is None:
        raise NotPossible(_("A coordinator or investigator belongs to one site. Choose the site."))
    if role == Role.SYSTEM_ADMINISTRATOR and site is not None:
        raise NotPossible(_("A system administrator has no site."))
    try:
        with transaction.atomic():
            return RoleHeld.objects.create(user=person, role=role, site=site, starts_on=starts_on)
    except IntegrityError as contradiction:
        if "never_both" in str(contradiction):
            sentence = _(
                "Who administers the system takes no part in the trial: one person cannot hold both."
            )
        else:
            sentence = _("This person holds this role here already.")
        raise NotPossible(sentence) from contradiction


@action
def end_role(*, held: RoleHeld, ends_on: date, by: Actor, now: datetime) -> None:
    """End a role with a day, its last; the register keeps the row."""
    if ends_on < held.starts_on:
        raise NotPossible(_("The role cannot end before it began."))
    held.ends_on = ends_on
    held.save(update_fields=["ends_on"])


@action
def set_active(*, person: User, active: bool, by: Actor, now: datetime) -> None:
    """Disable an account and end its sessions, or open it again; what the person did stays theirs."""
    person.is_active = active
    person.save(update_fields=["is_active"])
    if not active:
        Session.objects.filter(person=person).delete()


@action
def give_password(*, person: User, password: str, by: Actor, now: datetime) -> None:
    """Give a person who forgot theirs a new first password, to be changed at the sign-in; ends sessions and the lock."""
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise NotPossible(" ".join(weak.messages)) from weak
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    Session.objects.filter(person=person).delete()
    door.note(door.Kind.PASSWORD_GIVEN, now=now, person=person, done_by=by)


@action
def unlock(*, person: User, by: Actor, now: datetime) -> None:
    """End the lock of a person's account before its time."""
    door.note(door.Kind.UNLOCKED, now=now, person=person, done_by=by)


@action
def unlock_address(*, address: str, by: Actor, now: datetime) -> None:
    """End the lock of an address before its time."""
    door.note(door.Kind.ADDRESS_UNLOCKED, now=now, address=address, done_by=by)


@action
def end_sessions(*, sessions: Iterable[Session], by: Actor, now: datetime) -> None:
    """Sign browsers out from elsewhere; their next page is the door."""
    for session in sessions:
        session.delete()
        door.note(
            door.Kind.SESSION_ENDED,
            now=now,
            person=session.person,
            done_by=by,
            words=f"{session.address or ''}",
        )


@action
def keep_site(
    *, code: str, name_en: str, name_zh: str, activated_on: date | None, by: Actor, now: datetime
) -> Site:
    """Add a site, or bring the names and the activation day of a known one up to date."""
    if not re.fullmatch(r"[0-9]{2}", code):
        raise NotPossible(_("A site's code is two digits, for example 04."))
    site, _created = Site.objects.update_or_create(
        code=code, defaults={"name_en": name_en, "name_zh": name_zh, "activated_on": activated_on}
    )
    return site
