"""The one verb of the casebook: print a participant's."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from accounts.access import Actor
from accounts.attribution import action
from casebook.models import CasebookPrinting
from casebook.printing.appendix import trail_of
from casebook.printing.filled import filled_casebook
from casebook.printing.typesetting import typeset
from participants.models import Participant


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
