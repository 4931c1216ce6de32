"""The verbs of the casebook: print a participant's; keep what somebody typed until they save it."""

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
from accounts.models import User
from casebook.models import CasebookPrinting, UnsavedEntry
from casebook.printing.appendix import trail_of
from casebook.printing.filled import filled_casebook
from casebook.printing.typesetting import typeset
from participants.models import Participant, Visit
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
