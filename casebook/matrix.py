"""Participants by visits: the columns of the matrix, and a row of drawn cells for each participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from casebook.selectors import UNDECIDED, Marks, entry_addresses, form_states_of
from participants.models import Participant, Visit
from records.drawing import draw_all
from records.text import Text

NO_VISIT = {"state": "", "words": "", "count": "", "url": ""}
# A page has more than a thousand visits: plain rows, as Visit itself takes longer to make than to show.
READ = (
    *("pk", "participant_id", "code", "label_en", "label_zh", "forms", "status"),
    *("target_from", "target_to", "window_open", "window_close"),
)


def draw_cells(cells: Iterable[Mapping[str, str]]) -> SafeString:
    """Draw the cells of one row (templates/components/cell.html)."""
    return draw_all("components/cell.html", "cell", cells, ("words", "count", "url"))


def matrix_of(
    shown: Sequence[Participant], visits: QuerySet[Visit], today: date
) -> tuple[list[tuple[str, Text]], list[dict[str, Any]]]:
    """The columns, in the order of the visits, and the rows as templates/components/matrix.html reads them.

    `visits` are those of the participants shown; two queries however many there are.
    """
    statuses = {person.pk: person.status for person in shown}
    rows = list(visits.values_list(*READ, named=True))
    entered = form_states_of(statuses)
    marks, address = Marks(today), entry_addresses()
    columns: dict[str, Text] = {}
    labels: dict[tuple[str, str, str], str] = {}
    cells: dict[tuple[int, str], dict[str, str]] = {}
    for row in rows:
        named = row.code, row.label_en, row.label_zh
        if named not in labels:
            label = Text(row.label_en, row.label_zh)
            labels[named] = str(label)
            columns.setdefault(row.code, label)
        undecided = statuses[row.participant_id] in UNDECIDED
        state, words, count = marks.of_row(row, entered[row.pk], undecided=undecided)
        leads = row.forms and state != "na"
        cells[row.participant_id, row.code] = {
            "state": state,
            "words": f"{labels[named]}: {words}",
            "count": count,
            "url": address(row.pk, row.forms[0]) if leads else "",
        }
    return list(columns.items()), [
        {
            "number": person.number,
            "note": f"{person.initials} · {person.status_words}",
            "url": reverse("casebook:participant", args=[person.pk]),
            "cells": draw_cells(cells.get((person.pk, code), NO_VISIT) for code in columns),
        }
        for person in shown
    ]
