"""The verbs every form knows: save (as a draft, or submitted), and compute again what is derived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from records import events
from records.checks import Entry, derive, findings_of, settle, unconfirmed
from records.findings import Level, Overtaken, Refused
from records.items import items_of
from records.models import Record

Form = TypeVar("Form", bound=Record)


@action
def save_record(
    *,
    model: type[Form],
    place: Mapping[str, Any],
    entry: Entry,
    context: Mapping[str, Any],
    submit: bool,
    by: Actor,
    now: datetime,
    reason: str = "",
    revision: int | None = None,
) -> Form:
    """Store a form at its place (participant, visit, repeat) and tell the other rooms.

    A draft may be incomplete; a submitted form, or one that was submitted before, may not. What is
    outside a hard range is refused in either case. `revision` is the one the person saw, None for a
    form they saw empty. Raises Refused with findings; Overtaken where somebody else saved meanwhile.
    """
    record = model._default_manager.select_for_update().filter(**place).first()
    if (record is not None and record.revision != revision) or (record is None and revision is not None):
        raise Overtaken(_("Somebody else saved this form after you opened it. Compare, then save again."))
    complete = submit or (record is not None and record.submitted)
    record = record or model(**place, entered_at=now, entered_by=by.person)
    events.ask_guards(record=record, by=by, now=now)

    settle(model, entry, context)
    derive(model, entry, context)
    findings = findings_of(model, entry, context, complete=complete)
    if any(finding.level is Level.HARD for finding in findings):
        raise Refused(_("The form was not saved. Correct what is marked."), findings)
    if complete and unconfirmed(findings, entry):
        raise Refused(_("Some values are unusual. Correct them, or confirm each with a word."), findings)
    softly = {finding.item for finding in findings if finding.level is Level.SOFT}
    entry.confirmed = {item: words for item, words in entry.confirmed.items() if item in softly}

    changed = _write(record, entry)
    corrects = record.submitted and bool(changed)
    if corrects and not reason.strip():
        raise Refused(_("The form was submitted before. Write the reason for the change."))
    submits = submit and not record.submitted
    if submits:
        record.state = Record.State.SUBMITTED
        record.submitted_at, record.submitted_by = now, by.person
    if changed or submits or record.pk is None:
        record.derived_by = model.rules_version
        record.revision = record.revision + 1 if record.pk else 1
        _store(record)
        events.publish(events.Saved(by, now, record, changed))
    if submits:
        events.publish(events.Submitted(by, now, record))
    elif corrects:
        events.publish(events.Corrected(by, now, record, changed, reason))
    return record


@action
def derive_again(
    *, record: Record, context: Mapping[str, Any], by: Actor, now: datetime, reason: str
) -> frozenset[str]:
    """Recompute a form's derived items after an answer they read elsewhere changed; give what changed."""
    # Somebody may have saved this form since it was read: their answers stay, ours are read again.
    stored = [field.attname for field in record._meta.concrete_fields if not field.is_relation]
    record.refresh_from_db(fields=stored, from_queryset=type(record)._default_manager.select_for_update())
    entry = Entry.of(record)
    derive(type(record), entry, context)
    changed = _write(record, entry)
    if changed:
        record.derived_by = type(record).rules_version
        record.revision += 1
        _store(record)
        events.publish(events.Saved(by, now, record, changed))
    return changed


def _write(record: Record, entry: Entry) -> frozenset[str]:
    """Put an entry on its record; give the names of the items whose answer or missing reason changed."""
    changed = set()
    for item in items_of(type(record)):
        value = entry.answers.get(item.name)
        if getattr(record, item.name) != value:
            setattr(record, item.name, value)
            changed.add(item.name)
    changed |= {name for name, _reason in set(record.missing.items()) ^ set(entry.missing.items())}
    changed |= {name for name, _words in set(record.confirmed.items()) ^ set(entry.confirmed.items())}
    record.missing, record.confirmed = entry.missing, entry.confirmed
    return frozenset(changed)


def _store(record: Record) -> None:
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as refused:
        if "once_a" not in str(refused):
            raise
        raise Overtaken(_("Somebody else began this form at the same time. Open it again.")) from refused
