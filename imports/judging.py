"""What one row comes to: it is stored as the form's page would store it, and what differs is written down.

The dry run and the run both come through here, so that they cannot come to different ends: the dry run is undone.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.access import Actor
from imports.cells import fill
from imports.mapping import Mapping
from imports.models import ImportRow
from imports.places import NoPlace, Place, place_of
from imports.reading import FileRow
from imports.workflow import Outcome
from monitoring.actions.firings import check_name
from participants.models import CaseReportForm
from records import clock
from records.actions import save_record
from records.checks import Entry, RowEntry, address, findings_of, settle
from records.definition import row_groups
from records.findings import Finding, Level, Refused
from records.items import Item, items_of
from records.models import Record, Row
from records.parsing import as_typed
from records.text import Text

# Stands for the word that will confirm what a check asks about, while nobody has written it.
UNWRITTEN = "\N{HORIZONTAL ELLIPSIS}"
TWICE = Text(
    "Row {row} of this file is about the same record. Take one of them out, or tell the records apart.",
    "本文件第{row}行为同一份记录。请删除其中一行，或设置区分记录的方式。",
)


@dataclass(slots=True)
class Judged:
    """What one row comes to; the fields are those of ImportRow."""

    number: int
    outcome: Outcome
    participant_id: int | None = None
    visit: str = ""
    occurrence: int = 1
    begins_visit: bool = False
    repeat: int = 1
    revision: int | None = None
    submits: bool = False
    changes: list[dict[str, str]] = field(default_factory=list)
    findings: list[dict[str, str]] = field(default_factory=list)

    def as_row(self, job_id: int) -> ImportRow:
        return ImportRow(
            job_id=job_id,
            number=self.number,
            outcome=self.outcome,
            participant_id=self.participant_id,
            visit=self.visit,
            occurrence=self.occurrence,
            begins_visit=self.begins_visit,
            repeat=self.repeat,
            revision=self.revision,
            submits=self.submits,
            changes=self.changes,
            findings=self.findings,
        )


def result_of(row: Judged | ImportRow) -> dict[str, Any]:
    """What has to be the same in the dry run and in the run: everything but the wording of a refusal."""
    return {
        "number": row.number,
        "outcome": str(row.outcome),
        "participant": row.participant_id,
        "visit": [row.visit, row.occurrence, row.begins_visit],
        "record": [row.repeat, row.revision, row.submits],
        "changes": row.changes,
        "findings": [
            {name: one[name] for name in ("item", "heading", "level", "kind")} for one in row.findings
        ],
    }


class ResultHash:
    """The hash of what all rows come to, in the order they are added."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, row: Judged | ImportRow) -> None:
        line = json.dumps(result_of(row), ensure_ascii=False, sort_keys=True)
        self._digest.update(line.encode() + b"\n")

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class Twice:
    """Remembers which record each row of one participant was about."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int, int], int] = {}

    def earlier(self, place: Place, number: int) -> int | None:
        """The earlier row about the same record; None for the first."""
        known = self._rows.setdefault((place.visit.code, place.visit.occurrence, place.repeat), number)
        return None if known == number else known


def refused(number: int, findings: list[dict[str, str]], participant_id: int | None = None) -> Judged:
    return Judged(number, Outcome.REFUSED, participant_id, findings=findings)


def problem(sentence: Text | str, heading: str = "", item: str = "") -> dict[str, str]:
    """What keeps a row from being stored, beside the checks of its form."""
    words = sentence if isinstance(sentence, Text) else Text(sentence, sentence)
    return {
        "item": item, "heading": heading, "level": str(Level.HARD), "kind": "", "en": words.en, "zh": words.zh,
    }  # fmt: skip


def enter(
    row: FileRow,
    *,
    mapping: Mapping,
    model: type[CaseReportForm],
    participant_id: int,
    twice: Twice,
    words: AnyMapping[str, str] | None,
    origin: str,
    by: Actor,
    now: datetime,
) -> Judged:
    """Store a row as its form's page would, and say what it came to.

    `words` confirm what checks ask about, by the item's address; None in a dry run, where all of it counts as
    confirmed. `origin` is the reason kept at each change. What was stored of a row that comes back refused has to
    be undone by the caller.
    """
    if row.problem is not None:
        return refused(row.number, [problem(row.problem)], participant_id)
    try:
        place = place_of(
            mapping=mapping, model=model, participant_id=participant_id, cells=row.cells, origin=origin, by=by, now=now
        )  # fmt: skip
    except NoPlace as unknown:
        return refused(row.number, [problem(unknown.sentence, unknown.heading)], participant_id)
    except Refused as objection:
        # The visit's header was not taken: what is wrong with it is wrong with the row's day.
        said: list[Text | str] = [one.message for one in objection.findings if one.level is Level.HARD]
        wrong = said or [objection.sentence]
        return refused(row.number, [problem(one, mapping.visit) for one in wrong], participant_id)
    judged = Judged(
        row.number,
        Outcome.REFUSED,
        participant_id,
        place.visit.code,
        place.visit.occurrence,
        place.begins_visit,
        place.repeat,
        place.record.revision if place.record else None,
    )
    earlier = twice.earlier(place, row.number)
    if earlier is not None:
        judged.findings = [problem(TWICE.format(row=earlier))]
        return judged
    filled = fill(mapping, model, place.record, row.cells)
    headings = {column.target: column.heading for column in mapping.columns}
    if filled.misread:
        judged.findings = [problem(one.sentence, one.heading, one.target) for one in filled.misread]
        return judged
    _save(judged, place, filled.entry, mapping, model, headings, words=words, origin=origin, by=by, now=now)
    return judged


def _save(
    judged: Judged,
    place: Place,
    entry: Entry,
    mapping: Mapping,
    model: type[CaseReportForm],
    headings: AnyMapping[str, str],
    *,
    words: AnyMapping[str, str] | None,
    origin: str,
    by: Actor,
    now: datetime,
) -> None:
    record = place.record
    context = model.context(visit=place.visit, repeat=place.repeat, today=clock.day(now), now=now)
    before = Entry.of(record) if record is not None else Entry({})
    after = copy.deepcopy(entry)
    settle(model, after, context)
    judged.changes = list(changes(model, before, after))
    judged.submits = mapping.submit and (record is None or not record.submitted)
    if record is not None and not judged.changes and not judged.submits:
        judged.outcome = Outcome.SAME
        return
    complete = mapping.submit or (record is not None and record.submitted)
    if complete:
        _confirm(entry, {one["item"] for one in judged.changes}, words)
    try:
        save_record(
            model=model,
            place=place.key(),
            entry=entry,
            context=context,
            submit=mapping.submit,
            by=by,
            now=now,
            reason=origin,
            revision=record.revision if record else None,
            known=record,
        )
    except Refused as objection:
        judged.findings = [
            _told(one, model, headings)
            for one in objection.findings
            if one.level is Level.HARD or words is not None
        ] or [problem(objection.sentence)]
        return
    judged.outcome = Outcome.CHANGED if record else Outcome.NEW
    if complete:
        found = findings_of(model, entry, context, complete=True)
        fresh = words.keys() if words is not None else None
        judged.findings = [
            _told(one, model, headings)
            for one in found
            if one.level is Level.SOFT
            and (one.item in fresh if fresh is not None else entry.comment_on(one.item) == UNWRITTEN)
        ]


def _told(finding: Finding, model: type[Record], headings: AnyMapping[str, str]) -> dict[str, str]:
    return {
        "item": finding.item,
        "heading": headings.get(_as_mapped(finding.item), ""),
        "level": str(finding.level),
        "kind": check_name(model.form.code, finding),
        "en": finding.message.en,
        "zh": finding.message.zh,
    }


def _as_mapped(item: str) -> str:
    """The address of an item as a mapping calls it: a new row by its number."""
    group, dash, rest = item.partition("-")
    return f"{group}-{rest.removeprefix('n')}" if dash else item


def _confirm(entry: Entry, changed: set[str], words: AnyMapping[str, str] | None) -> None:
    """Answer what checks may ask: where an answer stays as it was, its own word stays as well."""
    for prefix, one in _holders(entry):
        names = set(one.answers)
        for name in names:
            place = f"{prefix}{name}"
            if name in one.confirmed and place not in changed:
                continue
            word = UNWRITTEN if words is None else words.get(place, "")
            if word:
                one.confirmed[name] = word


def _holders(entry: Entry) -> Iterable[tuple[str, Entry]]:
    yield "", entry
    for group, rows in entry.rows.items():
        for row in rows:
            yield f"{group}-{row.key}-", row


def changes(model: type[Record], before: Entry, after: Entry) -> Iterable[dict[str, str]]:
    """Each answer that differs, as one would type it, in the order of the form; computed ones are left out."""
    yield from _changes(model, "", before, after)
    for group, rows in row_groups(model).items():
        stood = {row.key: row for row in before.rows.get(group, [])}
        kept: list[RowEntry] = after.rows.get(group, [])
        for row in kept:
            was = stood.pop(row.key, None) or RowEntry({}, key=row.key)
            yield from _changes(rows, address(group, row.key, ""), was, row)
        for gone in stood.values():
            yield from _changes(rows, address(group, gone.key, ""), gone, RowEntry({}, key=gone.key))


def _changes(model: type[Record | Row], prefix: str, before: Entry, after: Entry) -> Iterable[dict[str, str]]:
    for item in items_of(model):
        if item.derived:
            continue
        name = item.name
        old, new = before.answers.get(name), after.answers.get(name)
        old_reason, new_reason = before.missing.get(name, ""), after.missing.get(name, "")
        if old != new or old_reason != new_reason:
            yield {
                "item": f"{prefix}{name}",
                "old": typed(item, old),
                "old_reason": old_reason,
                "new": typed(item, new),
                "new_reason": new_reason,
            }


def typed(item: Item, value: Any) -> str:
    """A value as one would type it; several codes with a space between them."""
    words = as_typed(item, value)
    return " ".join(words) if isinstance(words, list) else str(words)
