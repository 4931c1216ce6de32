"""Read everything a participant's casebook holds, in a number of queries that no form and no row adds to."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection

from participants.models import CaseReportForm, Participant
from records.definition import forms


@cache
def _records_sql() -> str:
    """One statement over the tables of all forms: form code, and the whole row as JSON."""
    quote = connection.ops.quote_name
    parts = [
        f"SELECT '{code}', to_jsonb(r)::text FROM {quote(model._meta.db_table)} r WHERE r.participant_id = %(participant)s"  # noqa: S608 – names of our own tables
        for code, model in forms().items()
        if issubclass(model, CaseReportForm)
    ]
    return " UNION ALL ".join(parts)


def records_of(participant: Participant) -> list[CaseReportForm]:
    """Every form entered for a participant, drafts too; one query. Their visit and persons are not fetched."""
    with connection.cursor() as cursor:
        cursor.execute(_records_sql(), {"participant": participant.pk})
        rows = cursor.fetchall()
    return [_record(code, json.loads(row, parse_float=Decimal)) for code, row in rows]


def _record(code: str, row: dict[str, Any]) -> CaseReportForm:
    model = forms()[code]
    assert issubclass(model, CaseReportForm)
    fields = model._meta.concrete_fields
    return model(**{field.attname: field.to_python(row[str(field.column)]) for field in fields})
