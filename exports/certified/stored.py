"""Every table of the site as the database keeps it, and what its columns are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from psycopg2 import sql

from accounts.models import User
from exports.certified.scope import Scope, kept_columns, key_of
from exports.tables import Column, Table
from records.items import Item
from records.text import Text

HEADER = ("TABLE", "POSITION", "COLUMN", "TYPE", "LABEL_EN", "LABEL_ZH", "REFERS_TO")


def _source(field: Any) -> sql.Composable:
    """A column's value as text that any program reads: times in UTC, lists as JSON."""
    source = sql.Identifier("r", str(field.column))
    if isinstance(field, models.DateTimeField):
        return sql.SQL("to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')").format(
            source
        )
    if isinstance(field, models.DateField):
        return sql.SQL("to_char({}, 'YYYY-MM-DD')").format(source)
    if isinstance(field, ArrayField):
        return sql.SQL("array_to_json({})").format(source)
    if isinstance(field, models.BinaryField):
        return sql.SQL("encode({}, 'hex')").format(source)
    return source


def _label(field: Any) -> Text:
    return field.label if isinstance(field, Item) else Text("", "")


def stored_table(model: type[models.Model], rows: sql.Composable) -> Table:
    """A table with all its columns under their own names; `rows` says which of its rows."""
    table = model._meta.db_table
    columns = tuple(Column(str(field.column), _source(field), _label(field)) for field in kept_columns(model))
    source = sql.SQL("(SELECT * FROM {} r WHERE {}) r").format(sql.Identifier(table), rows)
    return Table(table, Text("", ""), columns, source, sql.Identifier("r", key_of(model)), site=None)


def stored_tables(scope: Scope, people: list[int]) -> list[tuple[type[models.Model], Table]]:
    """Every table with rows of the site, in the order of their names, and the accounts of its people."""
    found = [(model, stored_table(model, belonging.condition)) for model, belonging in scope.tables]
    of_people = sql.SQL("r.id = ANY({}::bigint[])").format(sql.Literal(people))
    return sorted([*found, (User, stored_table(User, of_people))], key=lambda pair: pair[1].name)


def described(tables: list[tuple[type[models.Model], Table]]) -> Iterator[list[str]]:
    """One row for each column of those tables: its type, its words where it is an item, and what it refers to."""
    for model, table in tables:
        for position, field in enumerate(kept_columns(model), start=1):
            other: Any = field.related_model
            refers = f"{other._meta.db_table}.{key_of(other)}" if field.is_relation else ""
            label = _label(field)
            kind = str(field.db_type(connection))
            yield [table.name, str(position), str(field.column), kind, label.en, label.zh, refers]
