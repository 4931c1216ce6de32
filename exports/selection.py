"""Which tables, columns and rows an export holds: the whole trial's tables, narrowed and reworded as was asked."""

from __future__ import annotations

from dataclasses import replace

from psycopg2 import sql

from exports.asked import Asked
from exports.tables import Column, Table
from exports.trial_tables import tables_of_export
from records.codelists import CodeList
from records.models import Row
from records.zone import TRIAL_ZONE

# What people asked and what checks found.
QUERIES = {"queries", "query_steps", "discrepancies", "discrepancy_steps", "checks_fired", "confirmations"}
# The tables that place a form's rows; they come along when forms are chosen. The others rest on the whole casebook.
PLACES = {"sites", "participants", "statuses", "anchors", "visits", "visit_statuses"}


def tables_asked(asked: Asked, *, historical: bool) -> list[Table]:
    """The tables of an export, in the order of its files, before de-identification."""
    found = []
    for table in tables_of_export(historical=historical):
        if table.name in QUERIES and not asked.queries:
            continue
        if asked.forms and not _belongs(table, asked.forms):
            continue
        found.append(_reworded(_narrowed(table, asked), asked))
    return found


def _belongs(table: Table, forms: tuple[str, ...]) -> bool:
    if table.form is None:
        return table.name in PLACES or table.name in QUERIES
    return table.name.partition("_")[0] in forms


def _narrowed(table: Table, asked: Asked) -> Table:
    conditions: list[sql.Composable] = []
    if asked.visits and "VISIT" in table.header:
        conditions.append(sql.SQL("v.code = ANY({})").format(sql.Literal(list(asked.visits))))
    if asked.forms and table.form is None and "FORM" in table.header:
        [source] = [column.source for column in table.columns if column.name == "FORM"]
        conditions.append(sql.SQL("{} = ANY({})").format(source, sql.Literal(list(asked.forms))))
    if table.form is not None:
        entered = sql.Identifier("f" if issubclass(table.form, Row) else "r", "entered_at")
        here = sql.SQL("({} AT TIME ZONE {})::date").format(entered, sql.Literal(TRIAL_ZONE.key))
        for sign, day in ((">=", asked.since), ("<=", asked.until)):
            if day is not None:
                conditions.append(sql.SQL(f"{{}} {sign} {{}}").format(here, sql.Literal(day.isoformat())))
    return replace(table, conditions=(*table.conditions, *conditions)) if conditions else table


def _reworded(table: Table, asked: Asked) -> Table:
    columns = [column for column in table.columns if asked.reasons or column.reason_for is None]
    if asked.labels:
        columns = [in_words(column, asked.labels) for column in columns]
    return replace(table, columns=tuple(columns))


def in_words(column: Column, language: str) -> Column:
    """The column with the words of its codes; a code that has none stays itself."""
    if not column.codes:
        return column
    whens = _whens(column.codes, language)
    if column.kind == "multicode":
        each = sql.SQL("CASE part {} ELSE part END").format(whens)
        source = sql.SQL(
            "(SELECT string_agg({}, '; ' ORDER BY place) FROM "
            "unnest(string_to_array({}, ' ')) WITH ORDINALITY AS parts(part, place))"
        ).format(each, column.source)
    else:
        source = sql.SQL("CASE {} {} ELSE {} END").format(column.source, whens, column.source)
    return replace(column, source=source, kind="label" if column.kind == "code" else "labels", codes=None)


def _whens(codes: CodeList, language: str) -> sql.Composable:
    return sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(code), sql.Literal(getattr(label, language)))
        for code, label in codes
    )
