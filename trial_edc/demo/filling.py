"""Fill in any form as its page would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.access import Actor
from accounts.reading import rows_where
from participants.models import CaseReportForm, Participant, Visit
from records import clock
from records.actions import save_record
from records.checks import Entry, RowEntry
from records.definition import forms, row_groups
from records.items import DecimalItem, items_of
from records.models import Record, Row
from records.results import ReportedItem

CONFIRMED = "Checked against the source"


def fill(
    participant: Participant,
    code: str,
    answers: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    visit_code: str = "SCR",
    repeat: int = 1,
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    submit: bool = True,
    reason: str = "",
    **reasons: dict[str, str],
) -> CaseReportForm:
    """Save a form as its page would: `answers` over what is stored; `missing` and `confirmed` by item.

    `answers` may hold the rows of a table under its name: they take the place of those stored. So do those of
    `rows`, and there every question about one is confirmed. Abnormal laboratory results are not clinically
    significant where the answers do not say otherwise.
    """
    [visit] = rows_where(
        Visit, {"participant": participant, "code": visit_code}, along=("participant", "participant__site")
    )
    model: Any = forms()[code]
    record = next(iter(rows_where(model, {"visit": visit, "repeat": repeat})), None)
    entry = Entry.of(record) if record else Entry({})
    for item in items_of(model):
        if isinstance(item, ReportedItem):
            entry.answers[f"{item.name}_cs"] = entry.answers.get(f"{item.name}_cs") or "NCS"
    asked = {name: answers[name] for name in row_groups(model) if name in answers}
    tables = asked | dict(rows or {})
    entry.answers |= _as_stored(model, {name: one for name, one in answers.items() if name not in tables})
    entry.missing |= reasons.get("missing", {})
    entry.confirmed |= reasons.get("confirmed", {})
    for name, given in tables.items():
        row_model = row_groups(model)[name]
        words = reasons.get("confirmed", {})
        entry.rows[name] = [
            RowEntry(
                _as_stored(row_model, row),
                confirmed={
                    item: words.get(item, CONFIRMED) for item in row if item in words or name in (rows or {})
                },
                key=f"n{number}",
            )
            for number, row in enumerate(given, start=1)
        ]
    return save_record(
        model=model,
        place={"participant": visit.participant, "visit": visit, "repeat": repeat},
        entry=entry,
        context=model.context(visit=visit, repeat=repeat, today=clock.day(now), now=now),
        submit=submit,
        by=by,
        now=now,
        reason=reason,
        revision=record.revision if record else None,
    )


def _as_stored(model: type[Record | Row], answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Decimal(value)
        if isinstance(value, int) and isinstance(model._meta.get_field(name), DecimalItem)
        else value
        for name, value in answers.items()
    }
