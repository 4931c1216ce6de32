"""The rows of all forms in the order ODM nests them, from one server-side cursor for each table."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

from exports.cdisc.odm.plans import STATE_ITEMS, FormPlan, Group, plans
from exports.tables import by_subject, by_visit, item_source, moment, row

# Ahead of a row's own columns: participant, site, where it belongs (visit, form, row), reasons and comments.
PLACE = 11
CELLS_AT_ONCE = 20_000  # of one table; so many are in memory for each of them

Place = tuple[str, float, int, int, int, int, int, int, int]
Found = tuple[Place, int, tuple[Any, ...]]


def selection(plan: FormPlan, group: Group | None, site_ids: list[int] | None) -> sql.Composed:
    """The rows of a form (group None: with all its groups that are no rows of their own), or of a table inside it."""
    rows = group.rows if group else None
    if rows is None:
        source = by_visit(plan.form._meta.db_table)
        repeat, record, number = row("repeat"), row("id"), sql.SQL("0::int")
        own = [
            moment(row(fact.column)) if fact.data_type == "datetime" else row(fact.column)
            for fact in STATE_ITEMS
        ]
        own += [item_source(item) for one in plan.groups if one.rows is None for item in one.items]
    else:
        source = sql.SQL(
            "{} JOIN {} f ON f.id = r.record_id JOIN participants_visit v ON v.id = f.visit_id"
        ).format(by_subject(rows._meta.db_table), sql.Identifier(plan.form._meta.db_table))
        repeat, record, number = sql.SQL("f.repeat"), sql.SQL("f.id"), row("number")
        own = [item_source(item) for item in (group.items if group else ())]
    within = (
        sql.SQL("")
        if site_ids is None
        else sql.SQL(" WHERE p.site_id = ANY({})").format(sql.Literal(site_ids))
    )
    place = [
        sql.SQL("p.number"), sql.SQL("s.code"), sql.SQL("v.position::float8"), sql.SQL("v.occurrence"),
        sql.SQL("v.id"), sql.SQL("v.code"), repeat, record, number,
        row("missing") + sql.SQL("::text"), row("confirmed") + sql.SQL("::text"),
    ]  # fmt: skip
    texts = [one + sql.SQL("::text") for one in own]
    return sql.SQL(
        'SELECT {} FROM {}{} ORDER BY p.number COLLATE "C", v.position, v.occurrence, v.id, {}, {}, {}'
    ).format(sql.SQL(", ").join([*place, *texts]), source, within, repeat, record, number)


def all_rows(
    reader: BaseDatabaseWrapper, sources: list[tuple[FormPlan, Group | None]], site_ids: list[int] | None
) -> Iterator[Found]:
    """Give every row of every form, by participant, visit, form and row: its place, which source, its columns."""
    order = {plan.oid: number for number, plan in enumerate(plans())}
    with ExitStack() as open_cursors:
        streams = [
            _stream(open_cursors, reader, selection(plan, group, site_ids), order[plan.oid], number)
            for number, (plan, group) in enumerate(sources)
        ]
        yield from heapq.merge(*streams)


def _stream(
    open_cursors: ExitStack, reader: BaseDatabaseWrapper, query: sql.Composed, form: int, source: int
) -> Iterator[Found]:
    cursor = open_cursors.enter_context(reader.chunked_cursor())
    cursor.execute(query.as_string(cursor.cursor))
    at_once = None
    while found := cursor.fetchmany(at_once or 100):
        at_once = max(20, CELLS_AT_ONCE // len(found[0]))
        for one in found:
            yield (one[0], one[2], one[3], one[4], form, one[6], one[7], source, one[8]), source, one
