"""The verbs of the casebook: print a participant's; keep what somebody typed until they save it; subscribe."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from accounts.models import Site, User
from casebook.models import CalendarFeed, CasebookPrinting, SiteContact, UnsavedEntry
from casebook.printing.appendix import trail_of
from casebook.printing.filled import filled_casebook
from casebook.printing.typesetting import typeset
from casebook.subscriptions import MOST_FEEDS, digest_of, feeds_of, role_for_feed
from participants.models import Participant, Visit
from records import clock
from records.findings import Refused


def print_casebook(
    *, participant: Participant, with_trail: bool, by: Actor, now: datetime
) -> tuple[CasebookPrinting, bytes]:
    """Make a PDF of a participant's casebook, drafts included, and record that it was made.

    `with_trail` adds the audit trail. What is handed out is recorded first; a casebook that cannot be set is not.
    """
    reference = secrets.token_hex(4).upper()
    content = {
        **filled_casebook(participant),
        "with_trail": with_trail,
        "trail": trail_of(participant) if with_trail else [],
    }
    pdf = typeset("filled", content, by=by, now=now, reference=reference)
    printing = record_printing(
        participant=participant, reference=reference, with_trail=with_trail, pdf=pdf, by=by, now=now
    )
    return printing, pdf


@action
def record_printing(
    *, participant: Participant, reference: str, with_trail: bool, pdf: bytes, by: Actor, now: datetime
) -> CasebookPrinting:
    """Note who took which casebook away, and the hash by which the file is known again."""
    return CasebookPrinting.objects.create(
        participant=participant,
        reference=reference,
        at=now,
        by=by.author,
        role=by.role,
        with_trail=with_trail,
        sha256=hashlib.sha256(pdf).hexdigest(),
    )


def keep_unsaved(
    *,
    page: UUID,
    person: User,
    visit: Visit,
    form: str,
    repeat: int,
    posted: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Keep what a person has typed on a page so far, in place of what that page held before; one statement.

    Refused where the page is somebody else's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO casebook_unsavedentry (page, person_id, visit_id, form, repeat, posted, kept_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (page) DO UPDATE SET posted = EXCLUDED.posted, kept_at = EXCLUDED.kept_at "
            "WHERE casebook_unsavedentry.person_id = EXCLUDED.person_id "
            "AND (casebook_unsavedentry.visit_id, casebook_unsavedentry.form, casebook_unsavedentry.repeat) "
            "= (EXCLUDED.visit_id, EXCLUDED.form, EXCLUDED.repeat)",
            [str(page), person.pk, visit.pk, form, repeat, json.dumps(list(posted)), now],
        )
        if not cursor.rowcount:
            raise Refused(_("This page is another person's, or another form's."))


def forget_unsaved(*, person: User, visit: Visit, form: str, repeat: int) -> None:
    """Drop what a person had typed into a form: they saved it, or want it no longer."""
    UnsavedEntry.objects.filter(person=person, visit=visit, form=form, repeat=repeat).delete()


@action
def make_feed(*, site: Site, by: Actor, now: datetime) -> tuple[CalendarFeed, str]:
    """Give a person a private address of a site's calendar: the feed, and its secret, which nobody can read again.

    Raises Refused where they hold no role that sees the site's participants, or have as many addresses as anybody.
    """
    held = role_for_feed(by.author, site, clock.day(now))
    if held is None:
        raise Refused(_("You hold no role that sees participants at this site."))
    if sum(one.works for one in feeds_of(by.author, clock.day(now))) >= MOST_FEEDS:
        raise Refused(_("You have %(count)s addresses already. End one first.") % {"count": MOST_FEEDS})
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        site=site, held=held, digest=digest_of(secret), made_at=now, made_by=by.author
    )
    return feed, secret


@action
def end_feed(*, feed: CalendarFeed, by: Actor, now: datetime) -> None:
    """Let an address work no longer; nothing happens where it was ended before."""
    CalendarFeed.objects.filter(pk=feed.pk, ended_at=None).update(ended_at=now, ended_by=by.author)


@action
def set_contact(*, site: Site, words: str, by: Actor, now: datetime) -> None:
    """Say how participants of a site reach the study team; empty words leave a line to write on."""
    SiteContact.objects.create(site=site, words=words.strip(), set_at=now, set_by=by.author)
