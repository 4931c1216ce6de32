"""Participants by visits: the columns of the matrix, and a row of drawn cells for each participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.utils.safestring import SafeString

from casebook.selectors import Marks, addresses, form_states_of
from eligibility.policies import UNDECIDED
from monitoring.page import open_queries
from monitoring.selectors.marks import trust_marks
from participants.models import THROUGHOUT, Participant
from records.drawing import draw_each
from records.text import Text

NO_VISIT: dict[str, Any] = {"state": "", "words": "", "count": "", "url": "", "asks": "", "marks": ()}

TRUST_WORDS = {
    "verified": Text("verified", "已核查"),
    "changed": Text("changed since verified", "核查后有变更"),
    "signed": Text("signed", "已签名"),
    "frozen": Text("frozen", "已冻结"),
    "locked": Text("locked", "已锁定"),
}


class Row(NamedTuple):
    """One visit: a page has more than a thousand, and Visit itself takes longer to make than to show."""

    id: int
    participant_id: int
    code: str
    label_en: str
    label_zh: str
    forms: list[str]
    status: str
    target_from: date | None
    target_to: date | None
    window_open: date | None
    window_close: date | None


VISITS = (
    f"SELECT {', '.join(Row._fields)} FROM participants_visit "  # noqa: S608 – our own names
    "WHERE participant_id = ANY(%s) AND series <> %s ORDER BY position, occurrence"
)


def draw_cells(cells: Iterable[Mapping[str, Any]]) -> list[SafeString]:
    """Draw cells (templates/components/cell.html)."""
    return draw_each("components/cell.html", "cell", cells, ("words", "count", "url", "asks"))


def matrix_of(
    shown: Sequence[Participant], today: date
) -> tuple[list[tuple[str, Text]], list[dict[str, Any]]]:
    """The columns, in the order of visits, and the rows as templates/components/matrix.html reads them.

    Three queries, however many participants there are. Open queries at no visit of the columns are counted at the
    participant.
    """
    statuses = {person.pk: person.status for person in shown}
    with connection.cursor() as cursor:
        cursor.execute(VISITS, [list(statuses), THROUGHOUT])
        rows = [Row._make(row) for row in cursor.fetchall()]
    entered = form_states_of(statuses)
    marks, trust = Marks(today), trust_marks(statuses)
    asked = trust.asked
    form_page, persons_page = addresses("casebook:entry", 0, "FORM"), addresses("casebook:participant", 0)
    columns: dict[str, Text] = {}
    labels: dict[tuple[str, str, str], str] = {}
    cells: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows:
        named = row.code, row.label_en, row.label_zh
        if named not in labels:
            label = Text(row.label_en, row.label_zh)
            labels[named] = str(label)
            columns.setdefault(row.code, label)
        undecided = statuses[row.participant_id] in UNDECIDED
        state, words, count = marks.of_row(row, entered[row.id], undecided=undecided)
        leads = row.forms and state != "na"
        open_here = asked[row.participant_id].pop(row.id, 0)
        trusted = trust.of(row.participant_id, row.id, entered[row.id].records)
        if trusted:
            words = " · ".join([words, *(str(TRUST_WORDS[mark]) for mark in trusted)])
        cells[row.participant_id, row.code] = {
            "state": state,
            "words": f"{labels[named]}: {words}{f' · {open_queries(open_here)}' if open_here else ''}",
            "count": count,
            "marks": trusted,
            "url": form_page(row.id, row.forms[0]) if leads else "",
            "asks": str(open_here or ""),
        }
    drawn = dict(zip(cells, draw_cells(cells.values()), strict=True))
    blank = draw_cells([NO_VISIT])[0]
    return list(columns.items()), [
        {
            "number": person.number,
            "note": f"{person.initials} · {person.status_words}",
            "url": persons_page(person.pk),
            "asks": open_queries(number) if (number := sum(asked[person.pk].values())) else "",
            "cells": SafeString("".join([drawn.get((person.pk, code), blank) for code in columns])),
        }
        for person in shown
    ]
