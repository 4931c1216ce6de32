"""The verbs every form knows: save (as a draft, or submitted), remove, and compute again what is derived."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from accounts.reading import rows_where, still_current
from records import events, study
from records.checks import Entry, RowEntry, address, derive, findings_of, settle, unconfirmed
from records.definition import row_groups
from records.findings import Level, Overtaken, Refused
from records.items import Item, items_of
from records.models import Record, Row

Form = TypeVar("Form", bound=Record)


class Unread(Enum):
    """That nobody has looked yet whether there is a record."""

    UNREAD = auto()


def saved_meanwhile() -> str:
    """The sentence for somebody who opened a form before another person saved it."""
    return _("Somebody else saved this form after you opened it. Compare, then save again.")


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
    known: Form | Unread | None = Unread.UNREAD,
) -> Form:
    """Store a form at its place (participant, visit, repeat) and tell the other rooms.

    A draft may be incomplete; a submitted form, or one that was submitted before, may not. What is
    outside a hard range is refused in either case. `revision` is the one the person saw, None for a
    form they saw empty. Raises Refused with findings; Overtaken where somebody else saved meanwhile.
    `known` is the record at this place as it was read a moment ago, None where there was none; it stays as it is.
    """
    record = None
    if known is not None:
        record = still_current(known, "revision") if not isinstance(known, Unread) else None
        record = record or next(iter(rows_where(model, place, lock=True)), None)
    if (record is not None and record.revision != revision) or (record is None and revision is not None):
        if record is not None and _says_the_same(record, entry, context, submit=submit):
            return record  # a double click, or a lost answer: it was saved the first time
        raise Overtaken(saved_meanwhile())
    complete = submit or (record is not None and record.submitted)
    if record is None:
        record = model(**place, entered_at=now, entered_by=by.person)
    else:
        # Guards and subscribers read the visit and the participant of the place.
        for name, given in place.items():
            setattr(record, name, given)
    events.ask_guards(record=record, by=by, now=now)

    stored = Entry.of(record).rows
    for name, rows in stored.items():
        entry.rows.setdefault(name, copy.deepcopy(rows))
    settle(model, entry, context)
    derive(model, entry, context)
    findings = findings_of(model, entry, context, complete=complete)
    if any(finding.level is Level.HARD for finding in findings):
        raise Refused(_("The form was not saved. Correct what is marked."), findings)
    if complete and unconfirmed(findings, entry):
        raise Refused(_("Some values are unusual. Correct them, or confirm each with a word."), findings)
    _forget_comments(entry, {finding.item for finding in findings if finding.level is Level.SOFT})

    changed = _write(record, entry) | _rows_changed(entry, stored)
    corrects = record.submitted and bool(changed)
    if corrects and not reason.strip():
        raise Refused(_("The form was submitted before. Write the reason for the change."))
    submits = submit and not record.submitted
    if submits:
        record.state = Record.State.SUBMITTED
        record.submitted_at, record.submitted_by = now, by.person
    if changed or submits or record.pk is None:
        record.derived_by = study.made_under(model.rules_version, context.get("settings"))
        record.revision = record.revision + 1 if record.pk else 1
        _number_new_rows(record, entry)
        _store(record, changed)
        _store_rows(record, entry, changed)
        events.publish(
            events.Saved(by, now, record, changed, submits, reason.strip(), findings=findings, entry=entry)
        )
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
    stored_rows = copy.deepcopy(entry.rows)
    derive(type(record), entry, context)
    changed = _write(record, entry) | _rows_changed(entry, stored_rows)
    if changed:
        record.derived_by = study.made_under(type(record).rules_version, context.get("settings"))
        record.revision += 1
        _store(record, changed)
        _store_rows(record, entry, changed)
        events.publish(events.Saved(by, now, record, changed, reason=reason))
    return changed


@action
def derive_all_again(
    *,
    model: type[Form],
    keys: Collection[int],
    context_of: Callable[[Form], Mapping[str, Any]],
    by: Actor,
    now: datetime,
    reason: str,
) -> list[Form]:
    """Recompute the derived items of several records of a form, as `derive_again` does; give those that changed.

    Three queries and one for each table of rows, whatever there is; none where there are no keys. `context_of`
    is asked once for each record, which comes with its visit. Derived items of rows are not recomputed.
    """
    if not keys:
        return []
    found = model._default_manager.select_for_update(of=("self",)).filter(pk__in=list(keys)).order_by("pk")
    changed: list[tuple[Form, frozenset[str]]] = []
    for record in found.select_related("visit__participant").prefetch_related(*row_groups(model)):
        entry, context = Entry.of(record), context_of(record)
        derive(model, entry, context)
        items = _write(record, entry)
        if items:
            record.derived_by = study.made_under(model.rules_version, context.get("settings"))
            record.revision += 1
            changed.append((record, items))
    derived = [item.name for item in items_of(model) if item.derived]
    if changed:
        written = [record for record, _items in changed]
        model._default_manager.bulk_update(written, [*derived, "derived_by", "revision"])
    for record, items in changed:
        events.publish(events.Saved(by, now, record, items, reason=reason))
    return [record for record, _items in changed]


@action
def remove_record(*, record: Record, revision: int, by: Actor, now: datetime, reason: str) -> None:
    """Remove one of several records of a form, rows and all; the trail keeps what it was.

    Raises Refused without a reason, for a form a visit has one of, and where a guard objects; Overtaken where
    somebody saved it meanwhile.
    """
    if not record.form.several:
        raise Refused(_("This form cannot be removed. Correct its answers."))
    if not reason.strip():
        raise Refused(_("Write the reason for removing it."))
    locked = type(record)._default_manager.select_for_update().filter(pk=record.pk).first()
    if locked is None or locked.revision != revision:
        raise Overtaken(_("Somebody else saved this form after you opened it. Compare, then try again."))
    events.ask_guards(record=locked, by=by, now=now)
    key = locked.pk
    try:
        with transaction.atomic():
            for name in row_groups(type(locked)):
                getattr(locked, name).all().delete()
            locked.delete()
    except ProtectedError as refused:
        raise Refused(
            _("This has been reported or built upon, so it cannot be removed. Correct it instead.")
        ) from refused
    locked.pk = key
    events.publish(events.Deleted(by, now, locked, reason.strip()))


def _forget_comments(entry: Entry, softly: set[str]) -> None:
    """Keep a comment only as long as what it confirmed is found."""
    entry.confirmed = {item: words for item, words in entry.confirmed.items() if item in softly}
    for name, rows in entry.rows.items():
        for row in rows:
            row.confirmed = {
                item: words for item, words in row.confirmed.items() if address(name, row.key, item) in softly
            }


def _write(record: Record | Row, entry: Entry) -> frozenset[str]:
    """Put an entry on its record or row; give the names of the items whose answer or missing reason changed."""
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


def _rows_changed(entry: Entry, stored: Mapping[str, list[RowEntry]]) -> frozenset[str]:
    """Give the names of the tables in which a row was added, removed or changed."""
    return frozenset(
        name
        for name, rows in entry.rows.items()
        if [_told(row) for row in rows] != [_told(row) for row in stored.get(name, [])]
    )


def _says_the_same(record: Record, entry: Entry, context: Mapping[str, Any], *, submit: bool) -> bool:
    """Whether what somebody wants to save is what is stored already, new rows included."""
    if submit and not record.submitted:
        return False
    model, stored = type(record), Entry.of(record)
    for name, rows in stored.rows.items():
        entry.rows.setdefault(name, copy.deepcopy(rows))
    settle(model, entry, context)
    derive(model, entry, context)
    return (
        _given(entry) == _given(stored)
        and entry.rows.keys() == stored.rows.keys()
        and all(
            [_given(row) for row in entry.rows[name]] == [_given(row) for row in rows]
            for name, rows in stored.rows.items()
        )
    )


def _given(one: Entry | RowEntry) -> tuple[Any, ...]:
    return (
        {name: value for name, value in one.answers.items() if value is not None},
        one.missing,
        one.confirmed,
    )


def _told(row: RowEntry) -> tuple[Any, ...]:
    given = {name: value for name, value in row.answers.items() if value is not None}
    return row.number, given, row.missing, row.confirmed


def _number_new_rows(record: Record, entry: Entry) -> None:
    """Give each new row the next number of its table; no number is given twice, removed rows' included."""
    for name, rows in entry.rows.items():
        for row in rows:
            if row.number is None:
                row.number = record.row_numbers[name] = record.row_numbers.get(name, 0) + 1


def _store_rows(record: Record, entry: Entry, changed: frozenset[str]) -> None:
    for name, rows in entry.rows.items():
        if name not in changed:
            continue
        row_model: Any = row_groups(type(record))[name]
        stored = {row.number: row for row in getattr(record, name).all()}
        for row in rows:
            assert row.number is not None
            kept = stored.pop(row.number, None)
            one = kept or row_model(number=row.number, **_place_of_rows(record))
            if _write(one, row) or kept is None:
                one.save()
        for gone in stored.values():
            gone.delete()


def _place_of_rows(record: Record) -> dict[str, Any]:
    """A row names its form, and its participant as well, so that the trail finds it by participant."""
    place: dict[str, Any] = {"record": record}
    return {**place, "participant_id": record.participant_id} if hasattr(record, "participant_id") else place


def _store(record: Record, changed: frozenset[str]) -> None:
    """Write what changed, and what the form knows of itself; where it cannot be, the whole action is undone."""
    fields = [
        field.name
        for field in record._meta.concrete_fields
        if not field.primary_key and (field.name in changed or not isinstance(field, Item))
    ]
    try:
        record.save(update_fields=fields if record.pk else None)
    except IntegrityError as refused:
        if "once_a" not in str(refused):
            raise
        raise Overtaken(_("Somebody else began this form at the same time. Open it again.")) from refused
