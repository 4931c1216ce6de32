"""Where each item of a form stands in ODM: the groups of its FormDef, and the identifiers of all of it.

Made from definitions alone. A form is one item group of its items, a repeating one for each table of rows inside it
and for each question with several answers (ODM has no item of several values), and the group of the form's state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from exports.tables import STATE
from records.codelists import CodeList
from records.definition import forms, row_groups
from records.items import Item, items_of
from records.models import Record, Row
from records.study import STUDY_ID
from records.text import Text

STUDY_OID = f"ST.{STUDY_ID}"
STATE_GROUP = "IG.STATE"


@dataclass(frozen=True, slots=True)
class StateItem:
    """One fact of a form beside its items: its identifier, column, label, ODM's type and longest length."""

    oid: str
    column: str
    label: Text
    data_type: str
    length: int | None = None
    codes: CodeList | None = None


STATE_ITEMS = (
    StateItem("I.STATE.FORMSTATE", "state", Text("State of the form", "表单状态"), "text", 9, STATE),
    StateItem("I.STATE.REVISION", "revision", Text("How often it was saved", "保存次数"), "integer", 10),
    StateItem("I.STATE.RULES", "derived_by", Text("Version of the rules for derived items", "派生项目规则版本"), "text", 20),
    StateItem("I.STATE.ENTERED", "entered_at", Text("First entered", "首次录入时间"), "datetime"),
    StateItem("I.STATE.SUBMITTED", "submitted_at", Text("Submitted", "提交时间"), "datetime"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """One item group of a form: `rows` the table of rows it is, `answers` the item of several answers it is."""

    oid: str
    title: Text
    items: tuple[Item, ...]
    rows: type[Row] | None = None
    answers: Item | None = None

    @property
    def repeating(self) -> bool:
        return self.rows is not None or self.answers is not None


@dataclass(frozen=True, slots=True)
class FormPlan:
    """A form in ODM; `groups` its own items first, then several answers, then tables of rows."""

    oid: str
    form: type[Record]
    groups: tuple[Group, ...]


def item_oid(form: type[Record], item: Item, rows: str = "") -> str:
    """Name an item: I.LB.WBC, and I.MH.CONDITIONS.MHTERM inside a table of rows."""
    return ".".join(filter(None, ("I", form.form.code, rows.upper(), item.name.upper())))


def form_oid(form: type[Record]) -> str:
    return f"F.{form.form.code}"


def event_oid(code: str) -> str:
    return f"SE.{code}"


@cache
def plans() -> tuple[FormPlan, ...]:
    """Every form in the order of the casebook."""
    return tuple(FormPlan(form_oid(form), form, tuple(_groups(form))) for form in forms().values())


def _groups(form: type[Record]) -> Iterator[Group]:
    code = form.form.code
    items = items_of(form)
    yield Group(f"IG.{code}", form.form.title, tuple(item for item in items if item.kind != "multicode"))
    for item in items:
        if item.kind == "multicode":
            yield Group(f"IG.{code}.{item.name.upper()}", item.label, (item,), answers=item)
    for name, rows in row_groups(form).items():
        yield Group(f"IG.{code}.{name.upper()}", rows.rows.title, tuple(items_of(rows)), rows=rows)


def items_with_oids(plan: FormPlan) -> Iterator[tuple[str, Item]]:
    """Every item of a form with its identifier."""
    names = {rows: name for name, rows in row_groups(plan.form).items()}
    for group in plan.groups:
        for item in group.items:
            yield item_oid(plan.form, item, names[group.rows] if group.rows else ""), item
