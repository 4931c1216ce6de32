"""Statements that PostgreSQL plans once in the life of a connection.

Every page asks the same few questions. Planning one of them over a dozen tables, or a form's hundred columns, takes
PostgreSQL longer than answering it, and the driver would have it planned anew each time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

FIRST_TABLE = re.compile(r'FROM\s+"?(\w+)')
PLACE = re.compile(r"%(?:\((\w+)\))?s")

# The names of what each open connection has prepared; a connection that is gone takes its entry along.
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement under a name of its own, and in which order its named values are given ("" for those by place)."""

    name: str
    prepare: str
    execute: str
    order: tuple[str, ...]


@cache
def _statement(sql: str) -> Statement:
    order: list[str] = []

    def numbered(place: re.Match[str]) -> str:
        name = place[1] or ""
        if not name or name not in order:
            order.append(name)
        return f"${order.index(name) + 1 if name else len(order)}"

    numbers = PLACE.sub(numbered, sql).replace("%%", "%")
    first = FIRST_TABLE.search(sql)
    # Logs and pg_stat_activity show the name alone, so it says what is read.
    name = f"{first[1][:40] if first else 'asked'}_{hashlib.sha256(sql.encode()).hexdigest()[:12]}"
    values = f"({', '.join(['%s'] * len(order))})" if order else ""
    return Statement(name, f"PREPARE {name} AS {numbers}", f"EXECUTE {name}{values}", tuple(order))


def ask(sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Give the rows that answer a statement with places (`%s`) or named places (`%(visit)s`); one query.

    For statements written once in the life of a process: each different text stays planned at every connection.
    Errors are those of `cursor.execute`; ValueError where PostgreSQL cannot infer the type of a place is one of them.
    """
    statement = _statement(sql)
    connection.ensure_connection()
    known = _known.setdefault(connection.connection, set())
    if statement.name not in known:
        # Past Django's cursor: what is counted and logged is the question, not that it is planned.
        with connection.wrap_database_errors, connection.connection.cursor() as planning:
            planning.execute(statement.prepare)
        known.add(statement.name)
    given = [values[name] for name in statement.order] if isinstance(values, Mapping) else list(values)
    with connection.cursor() as cursor:
        cursor.execute(statement.execute, given)
        return cursor.fetchall()
