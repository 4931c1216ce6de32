"""Keeping which checks on one form fired at which answers, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.access import Actor
from accounts.attribution import action
from accounts.reading import from_json, rows_where
from monitoring.models import CheckFiring
from monitoring.places import Place, case_form
from monitoring.selectors.standing import forget_met, met
from monitoring.workflow import FIRING_MOVES, FiringState
from participants.cross_checks import cross_checks
from participants.models import CaseReportForm
from records import events
from records.checks import Entry, derive, settle
from records.findings import Finding, Level

MOST_VALUE = 500


def check_name(form: str, finding: Finding) -> str:
    """What a check is called: its identifier in the specification, or the item it stands at."""
    group, _dash, rest = finding.item.partition("-")
    item = f"{group}.{rest.partition('-')[2]}" if rest else group
    return finding.check or (f"{form}.{item}" if item else form)


@dataclass(frozen=True, slots=True)
class Firing:
    """A check at an answer, as the form stands now; rows by their number."""

    check: str
    item: str
    level: Level
    message: Any
    value: str
    confirmed: bool

    @property
    def key(self) -> tuple[str, str, str]:
        return self.check, self.item, self.value


def note_findings(event: events.Saved) -> None:
    """A form was stored: keep the checks that ask about its answers, and settle those that fire no longer.

    A draft is not asked everything, so what it does not find settles only where the answer changed. No query where
    nothing fired and nothing is kept of the form: the guard has read it.
    """
    record, entry = event.record, event.entry
    if not isinstance(record, CaseReportForm) or entry is None:
        return
    numbers = numbers_of(entry)
    fired = {one.key: one for one in _firings(record.form.code, event.findings, entry, numbers)}
    kept = [from_json(CheckFiring, row) for row in met(record).firings]
    forget_met(record)
    complete = event.submits or record.submitted
    for known in kept:
        item = numbers.get(known.item, known.item)
        still = fired.pop((known.check_id, item, known.value), None)
        if still is not None:
            _settle(known, FiringState.CONFIRMED if still.confirmed else FiringState.FIRED, item)
        elif complete or value_at(entry, known.item) != known.value:
            _settle(known, FiringState.CHANGED, item)
    place = Place(record.participant, record.visit, record.form.code, record.repeat)
    _keep(place, fired.values(), by=event.by, now=event.now)


@action
def note_refusal(
    *,
    place: Place,
    findings: tuple[Finding, ...],
    entry: Entry,
    context: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    """Keep which checks kept a form from being stored, with the answers they fired at.

    To be called once the refused transaction is undone; `entry` is what was typed. An answer that was not given fires
    nothing worth keeping: the form was only not complete.
    """
    model = case_form(place.form)
    assert model is not None and place.visit is not None
    settle(model, entry, context)
    derive(model, entry, context)
    fired = [
        one for one in _firings(place.form, findings, entry, {}, refused=True) if one.value or not one.item
    ]
    known = {
        (one.check_id, one.item, one.value)
        for one in rows_where(CheckFiring, {"visit": place.visit, "form": place.form, "repeat": place.repeat})
        if one.state != FiringState.CHANGED
    }
    _keep(place, [one for one in fired if one.key not in known], by=by, now=now)


def _firings(
    form: str,
    findings: Iterable[Finding],
    entry: Entry,
    numbers: Mapping[str, str],
    *,
    refused: bool = False,
) -> list[Firing]:
    """The checks that fired, once for each answer; of a form that was stored those that ask.

    What a check across forms asks about is a Discrepancy, and kept as nothing else.
    """
    across = {check.id for check in cross_checks()}
    return [
        Firing(
            check_name(form, one),
            numbers.get(one.item, one.item),
            one.level,
            one.message,
            value_at(entry, one.item),
            one.level is Level.SOFT and bool(entry.comment_on(one.item)),
        )
        for one in findings
        if (refused or one.level is Level.SOFT) and not (one.level is Level.SOFT and one.check in across)
    ]


def _keep(place: Place, fired: Iterable[Firing], *, by: Actor, now: datetime) -> None:
    new = {
        one.key: CheckFiring(
            participant=place.participant,
            visit=place.visit,
            form=place.form,
            repeat=place.repeat,
            item=one.item,
            check_id=one.check,
            level=one.level,
            message_en=one.message.en,
            message_zh=one.message.zh,
            value=one.value,
            state=FiringState.CONFIRMED if one.confirmed else FiringState.FIRED,
            fired_at=now,
            fired_by=by.person,
        )
        for one in fired
    }
    if new:
        CheckFiring.objects.bulk_create(new.values())


def _settle(known: CheckFiring, to: FiringState, item: str) -> None:
    if (known.state, known.item) == (to, item):
        return
    assert known.state == to or to in FIRING_MOVES[FiringState(known.state)]
    known.state, known.item = to, item
    known.save(update_fields=["state", "item"])


def numbers_of(entry: Entry) -> dict[str, str]:
    """Where items of rows that were new on the page stand now that the rows have numbers."""
    return {
        f"{group}-{row.key}-{item}": f"{group}-{row.number}-{item}"
        for group, rows in entry.rows.items()
        for row in rows
        if row.key != str(row.number)
        for item in row.answers
    }


def value_at(entry: Entry, address: str) -> str:
    """The answer at an item or an item of a row as it was typed, with its unit; "" for none."""
    answers: Mapping[str, Any] = entry.answers
    name = address
    if "-" in address:
        group, key, name = [*address.split("-", 2), ""][:3]
        answers = next(
            (row.answers for row in entry.rows.get(group, []) if key in (row.key, str(row.number))), {}
        )
    value = answers.get(name)
    if value is None:
        return ""
    if isinstance(value, Decimal):
        words = f"{value.normalize():f}"
    else:
        words = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    unit = answers.get(f"{name}_u") or ""
    return f"{words} {unit}".strip()[:MOST_VALUE]
