"""The tables of an export, each column with its meaning; made from definitions alone, never from rows.

A file's columns are the same with no participant and with all of them, so an analysis written on the
first export runs on the last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql

from participants.models import CaseReportForm
from records.codelists import MISSING, CodeList
from records.definition import forms, row_groups
from records.items import Item, items_of
from records.models import Record, Row
from records.study import STUDY_ID
from records.text import Text

STATE = CodeList("FORMSTATE", ("DRAFT", "Draft", "草稿"), ("SUBMITTED", "Submitted", "已提交"))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a CSV file: its heading, the SQL that gives its text, and what the codebook says."""

    name: str
    source: sql.Composable
    label: Text
    kind: str = "text"
    codes: CodeList | None = None
    item: Item | None = None  # the item it holds
    reason_for: Item | None = None  # the item whose missing-value reason it holds


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file: where its rows come from. `rows` names its tables; `site` is the SQL of a row's site."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    rows: sql.Composable
    order: sql.Composable
    site: sql.Composable | None = field(default_factory=lambda: sql.SQL("p.site_id"))
    form: type[Record] | type[Row] | None = None
    conditions: tuple[sql.Composable, ...] = ()  # what narrows the rows beside the sites

    @property
    def file(self) -> str:
        return f"forms/{self.name}.csv" if self.form else f"{self.name}.csv"

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def _within(self, site_ids: list[int] | None) -> sql.Composable:
        conditions = list(self.conditions)
        if site_ids is not None and self.site is not None:
            conditions.append(sql.SQL("{} = ANY({})").format(self.site, sql.Literal(list(site_ids))))
        if not conditions:
            return sql.SQL("")
        return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(conditions))

    def selection(self, site_ids: list[int] | None) -> sql.Composable:
        """The rows of these sites in a fixed order; None: of every site."""
        sources = sql.SQL(", ").join(column.source for column in self.columns)
        return sql.SQL("SELECT {} FROM {}{} ORDER BY {}").format(
            sources, self.rows, self._within(site_ids), self.order
        )

    def count(self, site_ids: list[int] | None) -> sql.Composable:
        return sql.SQL("SELECT count(*) FROM {}{}").format(self.rows, self._within(site_ids))


def _of(alias: str) -> Callable[[str], sql.Composable]:
    return lambda name: sql.Identifier(alias, name)


def moment(source: sql.Composable) -> sql.Composable:
    """A point in time: UTC, ISO 8601 to the second, with its offset."""
    return sql.SQL("to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"')").format(source)


def day(source: sql.Composable) -> sql.Composable:
    return sql.SQL("to_char({}, 'YYYY-MM-DD')").format(source)


row, participant, visit, site = _of("r"), _of("p"), _of("v"), _of("s")

STUDY = Column("STUDYID", sql.Literal(STUDY_ID), Text("Trial", "研究编号"))
SITE = Column("SITE", site("code"), Text("Site", "研究中心编号"))
SUBJECT = Column("SUBJID", participant("number"), Text("Participant number", "受试者编号"))
VISIT = Column("VISIT", visit("code"), Text("Visit", "访视代码"))
VISIT_NUMBER = Column(
    "VISITNUM",
    sql.SQL("trim_scale({})").format(visit("position")),
    Text("Number of the visit: its place in the schedule", "访视编号"),
    "decimal",
)
OCCURRENCE = Column(
    "VISITOCC",
    visit("occurrence"),
    Text("Which of several visits of this code", "同一访视代码的第几次"),
    "integer",
)
SUBJECT_KEY = (STUDY, SITE, SUBJECT)
VISIT_KEY = (*SUBJECT_KEY, VISIT, VISIT_NUMBER, OCCURRENCE)

OF_PARTICIPANTS = sql.SQL("participants_participant p JOIN accounts_site s ON s.id = p.site_id")
BY_SUBJECT = sql.SQL('p.number COLLATE "C"')


def by_subject(table: str) -> sql.Composable:
    """Rows of a table that names its participant."""
    return sql.SQL("{} r JOIN {} ON p.id = r.participant_id").format(
        sql.Identifier(table), sql.SQL("({})").format(OF_PARTICIPANTS)
    )


def by_visit(table: str) -> sql.Composable:
    """Rows of a table that names its participant and its visit."""
    return sql.SQL("{} JOIN participants_visit v ON v.id = r.visit_id").format(by_subject(table))


BY_VISIT = sql.SQL('p.number COLLATE "C", v.position, v.occurrence')


# -- one file per form -------------------------------------------------------------------------------


def item_source(item: Item) -> sql.Composable:
    column = row(str(item.column))
    match item.kind:
        case "date":
            return day(column)
        case "datetime":
            return moment(column)
        case "multicode":
            return sql.SQL("array_to_string({}, ' ')").format(column)
        case "decimal" if item.companion_of:
            return sql.SQL("trim_scale({})").format(column)
        case _:
            return column


def _missing_label(item: Item) -> Text:
    return item.label + Text(", reason missing", "，缺失原因")


def item_columns(form: type[Record] | type[Row]) -> list[Column]:
    """Each item in order, in upper case, followed by the reason it is missing where it may be."""
    columns = []
    for item in items_of(form):
        name = item.name.upper()
        columns.append(Column(name, item_source(item), item.label, item.kind, item.codes, item))
        if item.missing:
            reason = sql.SQL("r.missing ->> {}").format(sql.Literal(item.name))
            columns.append(
                Column(f"{name}_MISSING", reason, _missing_label(item), "code", MISSING, reason_for=item)
            )
    return columns


def form_table(form: type[Record]) -> Table:
    """A form's file: where the row belongs, the state of the form, then its items."""
    at_visit = issubclass(form, CaseReportForm)
    table = form._meta.db_table
    columns: list[Column] = list(VISIT_KEY if at_visit else SUBJECT_KEY)
    names = {column.name for column in form._meta.concrete_fields}
    if "repeat" in names:
        columns.append(
            Column("REPEAT", row("repeat"), Text("Row of a repeating form", "重复记录序号"), "integer")
        )
    columns += [
        Column("FORMSTATE", row("state"), Text("State of the form", "表单状态"), "code", STATE),
        Column("REVISION", row("revision"), Text("How often it was saved", "保存次数"), "integer"),
        Column(
            "RULES",
            row("derived_by"),
            Text("Version of the rules for derived items", "派生项目规则版本"),
            "text",
        ),
        Column("ENTERED_AT", moment(row("entered_at")), Text("First entered", "首次录入时间"), "datetime"),
        Column("SUBMITTED_AT", moment(row("submitted_at")), Text("Submitted", "提交时间"), "datetime"),
        *item_columns(form),
    ]
    by_repeat = sql.SQL(", r.repeat, r.id") if "repeat" in names else sql.SQL(", r.id")
    return Table(
        form.form.code,
        form.form.title,
        tuple(columns),
        by_visit(table) if at_visit else by_subject(table),
        (BY_VISIT if at_visit else BY_SUBJECT) + by_repeat,
        form=form,
    )


def row_table(form: type[Record], name: str, rows: type[Row]) -> Table:
    """The file of a table inside a form: where the form belongs, the number of the row, then its items."""
    source = sql.SQL(
        "{} JOIN {} f ON f.id = r.record_id JOIN participants_visit v ON v.id = f.visit_id"
    ).format(by_subject(rows._meta.db_table), sql.Identifier(form._meta.db_table))
    return Table(
        f"{form.form.code}_{name.upper()}",
        form.form.title + Text(": ", "：") + rows.rows.title,
        (
            *VISIT_KEY,
            Column(
                "REPEAT",
                sql.Identifier("f", "repeat"),
                Text("Row of a repeating form", "重复记录序号"),
                "integer",
            ),
            Column("ROW", row("number"), Text("Number of the row", "行号"), "integer"),
            *item_columns(rows),
        ),
        source,
        BY_VISIT + sql.SQL(", f.repeat, f.id, r.number"),
        form=rows,
    )


def _confirmed_in_rows(
    code: str, form: type[Record], name: str, rows: type[Row], place: int
) -> sql.Composable:
    return sql.SQL(
        "SELECT {} AS form, {} AS place, r.participant_id, f.visit_id, f.repeat, r.id, "
        "upper(said.key) AS item, said.value AS words, {} AS rows, r.number AS row "
        "FROM {} r JOIN {} f ON f.id = r.record_id, jsonb_each_text(r.confirmed) said"
    ).format(
        sql.Literal(code),
        sql.Literal(place),
        sql.Literal(name.upper()),
        sql.Identifier(rows._meta.db_table),
        sql.Identifier(form._meta.db_table),
    )


def confirmations_table() -> Table:
    """The words with which people confirmed unusual values, of every form and its rows, one row each."""
    parts: list[sql.Composable] = []
    for code, form in forms().items():
        repeat = row("repeat") if _has(form, "repeat") else sql.SQL("NULL::smallint")
        visit_id = row("visit_id") if _has(form, "visit") else sql.SQL("NULL::bigint")
        parts.append(
            sql.SQL(
                "SELECT {} AS form, {} AS place, r.participant_id, {} AS visit_id, {} AS repeat, r.id, "
                "upper(said.key) AS item, said.value AS words, '' AS rows, NULL::smallint AS row "
                "FROM {} r, jsonb_each_text(r.confirmed) said"
            ).format(
                sql.Literal(code),
                sql.Literal(len(parts)),
                visit_id,
                repeat,
                sql.Identifier(form._meta.db_table),
            )
        )
        for name, group in row_groups(form).items():
            parts.append(_confirmed_in_rows(code, form, name, group, len(parts)))
    rows = sql.SQL(
        "({}) r JOIN ({}) ON p.id = r.participant_id LEFT JOIN participants_visit v ON v.id = r.visit_id"
    ).format(sql.SQL(" UNION ALL ").join(parts), OF_PARTICIPANTS)
    return Table(
        "confirmations",
        Text("Unusual values that were confirmed", "已确认的异常值"),
        (
            *SUBJECT_KEY,
            Column("FORM", row("form"), Text("Form", "表单")),
            *VISIT_KEY[3:],
            Column("REPEAT", row("repeat"), Text("Row of a repeating form", "重复记录序号"), "integer"),
            Column("ROWS", row("rows"), Text("Table inside the form", "表单内的表格")),
            Column("ROW", row("row"), Text("Number of the row", "行号"), "integer"),
            Column("ITEM", row("item"), Text("Item", "项目")),
            Column("WORDS", row("words"), Text("What the person wrote", "确认说明")),
        ),
        rows,
        sql.SQL(
            'p.number COLLATE "C", r.place, v.position, v.occurrence, r.repeat, r.id, r.item COLLATE "C"'
        ),
    )


def _has(form: type[Record], name: str) -> bool:
    return any(known.name == name for known in form._meta.concrete_fields)


def unique_headings(table: Table) -> Table:
    """Refuse a table in which two columns have one heading: a form's item called like a key."""
    names = table.header
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{table.file} has two columns called {', '.join(twice)}.")
    return table


def form_tables() -> list[Table]:
    """One table per form, in the order of the casebook, each followed by the tables inside it."""
    found = []
    for form in forms().values():
        found.append(unique_headings(form_table(form)))
        found += [unique_headings(row_table(form, name, rows)) for name, rows in row_groups(form).items()]
    return found


def column(name: str, source: sql.Composable, en: str, zh: str, kind: str = "text", **facts: Any) -> Column:
    """A column of a table that is no form."""
    return Column(name, source, Text(en, zh), kind, **facts)
