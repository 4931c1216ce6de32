"""Checks across forms, run: what they find is kept, closed when it is found no longer, confirmed by a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from participants.cross_checks import Casebook, CrossCheck, Mismatch, cross_checks
from participants.models import Discrepancy, DiscrepancyStep, Participant
from participants.workflow import DISCREPANCY_MOVES, DiscrepancyState, ParticipantState
from records import events
from records.findings import Finding, Level, Refused

# No check keeps one of these from being saved.
ALWAYS_SAVED = ("AE",)
OVER = (ParticipantState.SCREEN_FAILURE,)

Key = tuple[str, str, int, str, str]


def run_cross_checks(event: events.Saved | events.Submitted | events.Deleted) -> None:
    """A form was saved or removed: run the checks that read what changed in it; submitted: the hard ones again.

    Raises Refused with a finding at the item where a hard check concerns the form being saved.
    """
    record = event.record
    participant = getattr(record, "participant", None)
    if participant is None or not hasattr(record, "visit"):
        return
    changed = event.changed if isinstance(event, events.Saved) else None
    due = [
        check
        for check in cross_checks()
        if check.concerns(record.form.code, changed, participant.status)
        and (check.hard or not isinstance(event, events.Submitted))
    ]
    if due:
        # Two forms saved at the same moment find one after the other, so that nothing is found twice.
        Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
        casebook = Casebook(participant, event.now)
        found = {check.id: list(check.find(casebook)) for check in due}
        if not isinstance(event, events.Deleted):
            _refuse_hard(due, found, record)
        _keep(participant, due, found, by=event.by, now=event.now)


def _refuse_hard(due: Iterable[CrossCheck], found: dict[str, list[Mismatch]], saved: object) -> None:
    form = getattr(saved, "form", None)
    if form is None or form.code in ALWAYS_SAVED:
        return
    findings = tuple(
        Finding(one.item if _same(one.record, saved) else "", Level.HARD, one.message, check.id)
        for check in due
        if check.hard
        for one in found[check.id]
        if one.record.form.code not in ALWAYS_SAVED
    )
    if findings:
        raise Refused(
            _("The form was not saved: it does not fit another form. Correct what is marked."), findings
        )


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and getattr(one, "pk", None) == getattr(other, "pk", None)


def _keep(
    participant: Participant,
    due: Sequence[CrossCheck],
    found: dict[str, list[Mismatch]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Bring what is kept of these checks in step with what they found."""
    stored: dict[Key, Discrepancy] = {
        (one.check_id, one.form, one.record_id, one.item, one.about): one
        for one in Discrepancy.objects.select_for_update().filter(
            participant=participant, check_id__in=[check.id for check in due]
        )
    }
    for check in due:
        for one in found[check.id]:
            key: Key = (check.id, one.record.form.code, one.record.pk, one.item, one.about)
            known = stored.pop(key, None)
            if known is None:
                _open(participant, check, one, by=by, now=now)
            elif known.status == DiscrepancyState.CLOSED or known.message != one.message:
                known.message_en, known.message_zh = one.message.en, one.message.zh
                _step(known, DiscrepancyState.OPEN, by=by, now=now)
    for gone in stored.values():
        if gone.status != DiscrepancyState.CLOSED:
            _step(gone, DiscrepancyState.CLOSED, by=by, now=now)


def _open(participant: Participant, check: CrossCheck, one: Mismatch, *, by: Actor, now: datetime) -> None:
    discrepancy = Discrepancy.objects.create(
        participant=participant,
        visit_id=one.record.visit_id,
        check_id=check.id,
        form=one.record.form.code,
        record_id=one.record.pk,
        repeat=one.record.repeat,
        item=one.item,
        about=one.about,
        message_en=one.message.en,
        message_zh=one.message.zh,
    )
    DiscrepancyStep.objects.create(
        participant=participant, discrepancy=discrepancy, status=discrepancy.status, at=now, by=by.person
    )


def _step(
    discrepancy: Discrepancy, to: DiscrepancyState, *, by: Actor, now: datetime, comment: str = ""
) -> None:
    """Append a step; a sentence that changed while open is kept without one."""
    if discrepancy.status != to:
        assert to in DISCREPANCY_MOVES[DiscrepancyState(discrepancy.status)]
        discrepancy.status = to
        DiscrepancyStep.objects.create(
            participant_id=discrepancy.participant_id,
            discrepancy=discrepancy,
            status=to,
            at=now,
            by=by.person,
            comment=comment,
        )
    discrepancy.save(update_fields=["status", "message_en", "message_zh"])


@action
def confirm_discrepancy(*, discrepancy: Discrepancy, comment: str, by: Actor, now: datetime) -> None:
    """Say why the two forms are right as they stand.

    Raises Refused without a comment, for a role that does not enter data, for one that is not open, and where it is locked.
    """
    if by.person is None or Permission.ENTER_DATA not in GRANTS.get(by.role, ()):
        raise Refused(_("Your role does not answer checks."))
    if not comment.strip():
        raise Refused(_("Write why both are right as they stand."))
    locked = _taken_up(discrepancy)
    if not locked.is_open:
        raise Refused(_("This check is answered already."))
    _step(locked, DiscrepancyState.CONFIRMED, by=by, now=now, comment=comment.strip())


@action
def reopen_discrepancy(*, discrepancy: Discrepancy, words: str, by: Actor, now: datetime) -> None:
    """Ask the site again: its comment does not settle what the check found.

    Raises Refused without words, for a role that does not ask, for one that is not confirmed, and where it is locked.
    """
    if by.person is None or Permission.RAISE_QUERIES not in GRANTS.get(by.role, ()):
        raise Refused(_("Your role does not ask the site."))
    if not words.strip():
        raise Refused(_("Write what is still asked."))
    locked = _taken_up(discrepancy)
    if locked.status != DiscrepancyState.CONFIRMED:
        raise Refused(_("This check is not confirmed, so there is nothing to ask again."))
    _step(locked, DiscrepancyState.OPEN, by=by, now=now, comment=words.strip())


def _taken_up(discrepancy: Discrepancy) -> Discrepancy:
    """The check for somebody to answer or ask again; Refused where its form is locked."""
    found = (
        Discrepancy.objects.select_for_update(of=("self",))
        .select_related("participant")
        .get(pk=discrepancy.pk)
    )
    events.ask_act_guards(events.Act(found.participant, found.visit_id, found.form, found.repeat))
    return found


@action
def check_daily(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Run the checks of one participant that become true by time passing."""
    due = [check for check in cross_checks() if check.daily]
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    casebook = Casebook(participant, now)
    _keep(participant, due, {check.id: list(check.find(casebook)) for check in due}, by=by, now=now)


def run_daily_checks(*, by: Actor, now: datetime) -> None:
    """Run the checks that become true by time passing, a transaction for each participant."""
    for participant in Participant.objects.exclude(status__in=OVER).order_by("pk").iterator():
        check_daily(participant=participant, by=by, now=now)
