"""Copies of walked participants, made by SQL.

Nobody walks ten thousand participants in a bench's time. So a few are walked by the product's own
actions, and copied in one set-based statement a table, as the superuser and with triggers off. What the
trail says of their rows is copied along, its keys moved as theirs are.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models

from accounts.models import Site
from participants.models import Participant
from records.models import TrailEntry

FIRST_SITE = 11
A_SITE_HOLDS = 500
# Their rows name persons and windows in keys of their own, and no page measured here reads them.
NOT_COPIED = {"followup.Reminder"}
# Keys of what was walked are smaller than this; copies are that far apart.
APART = 1_000_000

# What differs between a participant and a copy; `place` counts the copies from 0.
SITE = f"({FIRST_SITE} + place / {A_SITE_HOLDS})::text"
SEQUENCE = f"(place % {A_SITE_HOLDS} + 1)"
OF_A_COPY = {
    "site": f"(SELECT id FROM accounts_site WHERE code = {SITE})",  # noqa: S608
    "sequence": SEQUENCE,
    "number": f"{SITE} || '-' || lpad({SEQUENCE}::text, 3, '0')",
}


def copying(people: list[int], participants: int) -> list[str]:
    """The statements for a superuser that copy these participants until there are that many copies.

    The copies take their places at sites of 500, from site 11 on, in turn. Sites have to be there.
    """
    tables = copied_tables()
    times = participants // len(people)
    return [
        "SET session_replication_role = replica",
        *(_copy(model, set(tables), people, times) for model in tables),
        *(_copy_trail(model, set(tables), people, times) for model in tables),
        *(_restart(model) for model in tables),
        _restart(TrailEntry),
        "SET session_replication_role = DEFAULT",
        "VACUUM ANALYZE",
    ]


def copied_tables() -> list[type[models.Model]]:
    """The participants' table, and every table whose rows belong to a participant."""
    return [
        Participant,
        *(
            model
            for model in apps.get_models()
            if model._meta.label not in NOT_COPIED
            and any(field.related_model is Participant for field in model._meta.concrete_fields)
        ),
    ]


def _copy(model: type[models.Model], copied: set[Any], people: list[int], times: int) -> str:
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    whose = "id" if model is Participant else "participant_id"
    sources = {}
    for field in model._meta.concrete_fields:
        column = quote(str(field.column))
        sources[column] = f"r.{column}"
        if field.primary_key or field.related_model in copied:
            sources[column] += f" + n * {APART}::bigint"
        elif field.name in OF_A_COPY and (model is Participant or field.related_model is Site):
            sources[column] = OF_A_COPY[field.name]
    return (
        f"INSERT INTO {table} ({', '.join(sources)}) SELECT {', '.join(sources.values())} "  # noqa: S608 – names of our own tables
        f"FROM {table} r CROSS JOIN generate_series(1, {times}) n CROSS JOIN LATERAL "
        f"(SELECT (n - 1) * {len(people)} + array_position(ARRAY{people}::bigint[], r.{whose}) - 1 AS place) k "
        f"WHERE r.{whose} = ANY (ARRAY{people}::bigint[])"
    )


def _copy_trail(model: type[models.Model], copied: set[Any], people: list[int], times: int) -> str:
    """What the trail says of a table's rows; the entry that a row began with names the keys it was made with."""
    moved = f"n * {APART}::bigint"
    keys = [
        str(field.column)
        for field in model._meta.concrete_fields
        if field.primary_key or field.related_model in copied
    ]
    begun = ", ".join(
        f"'{key}', jsonb_build_array(NULL, (r.changes -> '{key}' ->> 1)::bigint + {moved})" for key in keys
    )
    sources = {str(field.column): f"r.{field.column}" for field in TrailEntry._meta.concrete_fields}
    sources |= {
        "id": f"r.id + {moved}",
        "record_id": f"(r.record_id::bigint + {moved})::text",
        "participant_id": f"r.participant_id + {moved}",
        "changes": f"CASE r.operation WHEN 'INSERT' THEN r.changes || jsonb_build_object({begun}) ELSE r.changes END",
    }
    trail = TrailEntry._meta.db_table
    return (
        f"INSERT INTO {trail} ({', '.join(sources)}) SELECT {', '.join(sources.values())} "  # noqa: S608 – names of our own tables
        f"FROM {trail} r CROSS JOIN generate_series(1, {times}) n "
        f"WHERE r.relation = '{model._meta.db_table}' AND r.participant_id = ANY (ARRAY{people}::bigint[])"
    )


def _restart(model: type[models.Model]) -> str:
    table = model._meta.db_table
    return f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
