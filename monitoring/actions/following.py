"""What a change of a form does to what rests on it: nothing to a locked form, an end to signatures and verification."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.reading import from_json
from monitoring.actions.verification import let_fall, let_go
from monitoring.models import Signature, SignatureVoid, Verification
from monitoring.selectors.standing import met
from monitoring.trust import HoldState, SignatureState, VerificationState
from participants.models import CaseReportForm
from records import events
from records.findings import Refused


def follow_change(event: events.Saved | events.Deleted) -> None:
    """A form was saved, computed again or removed: void the signatures over it, let its verification fall.

    Raises Refused where the form is locked: a value that is only computed does not change there either, so what
    would change it is not done (docs/adr/0017). One query where nothing rests on the form.
    """
    record = event.record
    if not isinstance(record, CaseReportForm):
        return
    found = met(record)
    if found.held and found.held.state == HoldState.LOCKED:
        raise Refused(
            _(
                "This would change what is computed in a locked form: %(form)s, %(visit)s. "
                "A data manager has to unlock it first."
            )
            % {"form": record.form.title, "visit": record.visit.label}
        )
    changed: Iterable[str] = event.changed if isinstance(event, events.Saved) else ()
    if found.signatures:
        _void(
            [one["id"] for one in found.signatures],
            record,
            sorted(changed),
            by=event.by,
            now=event.now,
            reason=event.reason,
        )
    for row in found.verifications:
        verification = from_json(Verification, row)
        if verification.state == VerificationState.REMOVED:
            continue
        if isinstance(event, events.Deleted):
            let_go(verification, by=event.by, now=event.now, reason=event.reason)
        else:
            let_fall(verification, record, found.plan, by=event.by, now=event.now, reason=event.reason)


def _void(
    ids: list[int], record: CaseReportForm, items: list[str], *, by: Actor, now: datetime, reason: str
) -> None:
    """End signatures that stand, each once, and keep what ended them."""
    standing: Any = Signature.objects.select_for_update().filter(pk__in=ids, state=SignatureState.STANDING)
    ended = list(standing.order_by("pk"))
    Signature.objects.filter(pk__in=[one.pk for one in ended]).update(state=str(SignatureState.VOIDED))
    SignatureVoid.objects.bulk_create(
        SignatureVoid(
            participant_id=one.participant_id,
            signature=one,
            visit_id=record.visit_id,
            form=record.form.code,
            repeat=record.repeat,
            items=items,
            at=now,
            by=by.person,
            role=by.role,
            reason=reason[:500],
        )
        for one in ended
    )
