"""Whole rows by plain SQL, for what every page reads.

Django writes each statement anew, column by column, and takes longer for it than PostgreSQL takes to find the
row: a form has a hundred columns and more. Here a statement is written once in the life of a process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from accounts.prepared import ask

Found = TypeVar("Found", bound=Model)


def rows_where(
    model: type[Found],
    place: Mapping[str, Any],
    *,
    along: Sequence[str] = (),
    order: str = "id",
    lock: bool = False,
) -> list[Found]:
    """Read the rows whose fields have these values (an object stands for its key), ordered by a field; one query.

    `along` names foreign keys whose objects are read too, as select_related does: "visit", "visit__participant".
    A number that no such column can hold is no row's. `lock` keeps the rows as they are until the transaction ends, as select_for_update does.
    """
    values = [value.pk if isinstance(value, Model) else value for value in place.values()]
    reading = _reading(model, tuple(along))
    if not all(map(reading.can_hold, place, values)):
        return []
    return [reading.build(row) for row in ask(reading.statement(tuple(place), order, lock), values)]


def from_json(model: type[Found], row: Mapping[str, Any]) -> Found:
    """Make a model's instance of a row that the database gave as JSON (to_jsonb), its columns by name.

    Numbers stay exact where they were parsed with `parse_float=Decimal`. KeyError where a column is missing.
    """
    fields = model._meta.concrete_fields
    stored = [row[str(field.column)] for field in fields]
    values = [
        None if value is None else field.to_python(value) for field, value in zip(fields, stored, strict=True)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], values)


def still_current(record: Found, token: str) -> Found | None:
    """Keep a row as it is until the transaction ends, and give it as another object, without reading it again.

    None where it was removed since it was read, or where the field `token`, which every change raises, has
    another value by now.
    """
    table = _reading(type(record), ()).tables[0]
    quote = connection.ops.quote_name
    column = quote(str(record._meta.get_field(token).column))  # type: ignore[union-attr]
    sql = f"SELECT {column} FROM {quote(record._meta.db_table)} WHERE id = %s FOR UPDATE"  # noqa: S608 – our own names
    found = ask(sql, [record.pk])
    if not found or found[0][0] != getattr(record, token):
        return None
    held = record.__dict__
    stored = [copy(held[name]) if type(held[name]) in (dict, list) else held[name] for name in table.names]
    return type(record).from_db(connection.alias, table.names, stored)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a statement: whose rows, under which alias, held by which object's field, from which column on."""

    path: str
    model: type[Model]
    alias: str
    join: str
    start: int
    names: tuple[str, ...]
    # What reads the columns that the driver does not (JSON), by their place.
    readers: tuple[tuple[int, Callable[..., Any]], ...]

    @classmethod
    def of(cls, path: str, model: type[Model], alias: str, join: str, start: int) -> Table:
        fields = model._meta.concrete_fields
        readers = [(place, getattr(field, "from_db_value", None)) for place, field in enumerate(fields)]
        names = tuple(field.attname for field in fields)
        return cls(path, model, alias, join, start, names, tuple((at, read) for at, read in readers if read))

    def columns(self) -> list[str]:
        quote = connection.ops.quote_name
        return [f"{self.alias}.{quote(str(field.column))}" for field in self.model._meta.concrete_fields]

    def instance(self, row: Sequence[Any]) -> Model | None:
        """The object of a row; None where an outer join found nothing."""
        stored = list(row[self.start : self.start + len(self.names)])
        if stored[0] is None:
            return None
        for place, read in self.readers:
            stored[place] = read(stored[place], None, connection)
        return self.model.from_db(connection.alias, self.names, stored)


class Reading:
    """How rows of a model are read with the objects of some of its foreign keys."""

    def __init__(self, model: type[Model], along: Sequence[str]) -> None:
        quote = connection.ops.quote_name
        self.tables = [Table.of("", model, "t0", quote(model._meta.db_table), 0)]
        self.statements: dict[tuple[tuple[str, ...], str, bool], str] = {}
        for number, path in enumerate(along, start=1):
            holder_path, _, name = path.rpartition("__")
            holder = next(table for table in self.tables if table.path == holder_path)
            field: Any = holder.model._meta.get_field(name)
            other, alias = field.related_model, f"t{number}"
            key = f"{alias}.{quote(other._meta.pk.column)} = {holder.alias}.{quote(field.column)}"
            join = f" LEFT JOIN {quote(other._meta.db_table)} {alias} ON {key}"
            start = self.tables[-1].start + len(self.tables[-1].names)
            self.tables.append(Table.of(path, other, alias, join, start))

    def can_hold(self, name: str, value: Any) -> bool:
        """Whether a number is one that the field's column can hold; an address may name any."""
        if not isinstance(value, int):
            return True
        field: Any = self.tables[0].model._meta.get_field(name)
        kind = getattr(field, "target_field", field).get_internal_type()
        if kind not in connection.ops.integer_field_ranges:
            return True
        least, most = connection.ops.integer_field_range(kind)
        return (least is None or least <= value) and (most is None or value <= most)

    def statement(self, names: tuple[str, ...], order: str, lock: bool) -> str:
        asked = names, order, lock
        if asked not in self.statements:
            self.statements[asked] = self._write(*asked)
        return self.statements[asked]

    def _write(self, names: tuple[str, ...], order: str, lock: bool) -> str:
        first, *others = self.tables
        columns = dict(
            zip((field.name for field in first.model._meta.concrete_fields), first.columns(), strict=True)
        )
        return (
            f"SELECT {', '.join(column for table in self.tables for column in table.columns())} "  # noqa: S608 – our own names
            f"FROM {first.join} {first.alias}{''.join(table.join for table in others)} "
            f"WHERE {' AND '.join(f'{columns[name]} = %s' for name in names)} "
            f"ORDER BY {columns[order]}{' FOR UPDATE OF t0' if lock else ''}"
        )

    def build(self, row: Sequence[Any]) -> Any:
        """The object of a row, with those read along in their places."""
        built: dict[str, Any] = {}
        for table in self.tables:
            built[table.path] = table.instance(row)
            holder_path, _, name = table.path.rpartition("__")
            holder = built[holder_path] if table.path else None
            if holder is not None:
                setattr(holder, name, built[table.path])
        return built[""]


_reading = cache(Reading)
