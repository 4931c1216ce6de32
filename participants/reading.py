"""Read everything a participant's casebook holds, in one query that no form and no row adds to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.db import connection, models

from accounts.reading import from_json
from participants.models import CaseReportForm, Participant
from records.definition import forms, row_groups
from records.models import Row


@dataclass(frozen=True, slots=True)
class Entered:
    """One form as entered, with the rows of the tables inside it by the table's name."""

    record: CaseReportForm
    rows: dict[str, list[Row]]


@cache
def _tables() -> dict[tuple[str, str], type[models.Model]]:
    """Every form by its code and "", and every table of rows inside a form by the form's code and its name."""
    found: dict[tuple[str, str], type[models.Model]] = {}
    for code, model in forms().items():
        if issubclass(model, CaseReportForm):
            found[code, ""] = model
            found |= {(code, name): rows for name, rows in row_groups(model).items()}
    return found


@cache
def _everything_sql() -> str:
    """One statement over all those tables: form code, name of the table inside it, and the whole row as JSON."""
    quote = connection.ops.quote_name
    parts = [
        f"SELECT '{code}', '{name}', to_jsonb(r)::text FROM {quote(model._meta.db_table)} r "  # noqa: S608 – names of our own tables
        f"WHERE r.participant_id = %(participant)s"
        for (code, name), model in _tables().items()
    ]
    return " UNION ALL ".join(parts)


def entered_of(participant: Participant) -> list[Entered]:
    """Every form entered for a participant, drafts too; one query. Visits and persons are not fetched."""
    with connection.cursor() as cursor:
        cursor.execute(_everything_sql(), {"participant": participant.pk})
        read = [
            (code, name, from_json(_tables()[code, name], json.loads(row, parse_float=Decimal)))
            for code, name, row in cursor.fetchall()
        ]
    inside: dict[tuple[str, int], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for code, name, row in read:
        if isinstance(row, Row):
            inside[code, row.record_id][name].append(row)  # type: ignore[attr-defined]
    return list(_with_rows(read, inside))


def _with_rows(
    read: list[tuple[str, str, models.Model]], inside: dict[tuple[str, int], dict[str, list[Row]]]
) -> Iterator[Entered]:
    for code, _name, record in read:
        if isinstance(record, CaseReportForm):
            rows = inside[code, record.pk]
            yield Entered(
                record,
                {name: sorted(rows[name], key=lambda row: row.number) for name in row_groups(type(record))},
            )
