"""The crispy layout of an entry form, built from the definition: sections, and one lean row per item."""

from __future__ import annotations

from functools import cache
from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from records.codelists import MISSING
from records.conditions import When
from records.definition import row_groups
from records.drawing import draw, draw_once
from records.findings import Level
from records.items import GradeItem, Item, LinkItem, MeasuredItem, TermItem, items_of
from records.models import Record, Row
from records.parsing import NotReadable, parse
from records.result_rows import render_result, same_of
from records.results import ReportedItem
from records.text import Text

MOST_RADIOS = 5


def given_condition(item: Item, names: frozenset[str]) -> When:
    """The part of an item's condition that rests on other forms: where it fails, the item is not drawn."""
    return When(**{name: codes for name, codes in item.shown_when.answers.items() if name not in names})


class ItemRow(LayoutObject):
    """One item on the page: label, input, unit, hint, missing-value choice, errors, questions, history mark."""

    def __init__(self, item: Item, names: frozenset[str]) -> None:
        self.item = item
        # A condition on the form's own items is watched by the page; one on its context is settled here.
        own = {name: codes for name, codes in item.shown_when.answers.items() if name in names}
        self.watched = When(**own).as_json() if own else ""
        self.given = given_condition(item, names)
        self.same = (
            same_of(item, self.watched) if isinstance(item, ReportedItem) else _same(item, self.watched)
        )

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> SafeString:
        item = self.item
        if not self.given.holds(form.context):
            return SafeString("")
        if isinstance(item, ReportedItem):
            return render_result(item, form, self.same)
        return draw_row(self._derived_row(form) if item.derived else self._typed_row(form))

    def _typed_row(self, form: Any) -> dict[str, Any]:
        item = self.item
        values = form.page_values
        name = form.add_prefix(item.name)
        measured = isinstance(item, MeasuredItem)
        # What can be chosen may be a matter of the site: the context says it.
        offered = {} if item.codes else {"codes": form.context.get(f"{item.name}_choices", ())}
        return {
            **self.same,
            **offered,
            "html_name": name,
            "id": f"id_{name}",
            "value": form.value_of(item.name),
            "errors": form.errors.get(item.name, ()),
            "warnings": _messages(form, item, Level.SOFT),
            "confirmed": form.confirmed.get(item.name, ""),
            "was": form.was(item),
            "missing": form.missing.get(item.name, ""),
            "required": item.required.holds(values),
            "hidden": not item.applies(values),
            "readonly": form.readonly,
            "history_url": _history_url(form, item),
            "marks": form.marks(name, item.label),
            "file_url": _file_url(form, item),
            "shown": item.display(form.value_of(item.name) or None) if item.kind == "file" else "",
            "unit_name": f"{name}_u",
            "unit_value": form.value_of(f"{item.name}_u") if measured else "",
            **_of_its_kind(item, form),
        }

    def _derived_row(self, form: Any) -> dict[str, Any]:
        item = self.item
        derived = form.derived.get(item.name)
        value = derived.value if derived else getattr(form.record, item.name, None)
        name = form.add_prefix(item.name)
        return {
            **self.same,
            "html_name": name,
            "id": f"id_{name}",
            "value": item.display(value),
            # A computed value, too, may be impossible, or unusual and confirmed with a word.
            "errors": _messages(form, item, Level.HARD),
            "warnings": _messages(form, item, Level.SOFT),
            "confirmed": form.confirmed.get(item.name, ""),
            "readonly": form.readonly,
            "hidden": not item.applies(form.page_values),
            "history_url": _history_url(form, item),
            "marks": form.marks(name, item.label),
        }


def _of_its_kind(item: Item, form: Any) -> dict[str, Any]:
    """What terms, their grades and links need besides: the list's address, the grades in words, what there is."""
    if isinstance(item, LinkItem):
        there = tuple(form.context.get(f"{item.name}_choices", ()))
        value = form.value_of(item.name)
        gone = () if not value or value in dict(there) else ((value, value),)
        return {"codes": (*there, *gone)}
    if isinstance(item, TermItem):
        return {"terms_url": reverse("terms", args=[item.terms.name]), "terms_title": item.terms.title}
    if not isinstance(item, GradeItem):
        return {}
    named = form.model._meta.get_field(item.of)
    try:
        term = parse(named, form.value_of(item.of))
    except NotReadable:
        term = None
    wordings, low, high = item.terms.grades_of(term), *item.hard
    return {
        "grades": tuple(
            (str(grade), wordings.get(grade, ""), item.terms.general.get(grade, ""))
            for grade in range(int(low or 1), int(high or 5) + 1)
        ),
        "grade_of": form.add_prefix(item.of),
    }


def _same(item: Item, watched: str) -> dict[str, Any]:
    """What a row says of its item on every page."""
    known = {**EMPTY_ROW, "name": item.name, "label": item.label, "help": item.help, "width": item.width}
    if item.derived:
        return {**known, "kind": "derived", "unit": item.unit}
    measured = isinstance(item, MeasuredItem)
    codes = tuple(item.codes or ())
    return {
        **known,
        "kind": _kind(item),
        "unit": "" if measured else item.unit,
        "units": tuple((unit, unit) for unit in item.units) if isinstance(item, MeasuredItem) else (),
        "codes": codes,
        "radio": item.kind == "code" and len(codes) <= MOST_RADIOS,
        "missing_choices": tuple((code, MISSING.label(code)) for code in item.missing),
        "shown_when": watched,
        "hint": _hint(item),
    }


def draw_row(row: dict[str, Any]) -> SafeString:
    """Draw one item; rows that hold somebody's own words besides the value are not kept."""
    own = row["kind"] in ("file", "link")
    if row["errors"] or row["warnings"] or row["confirmed"] or row["was"] or own:
        return draw_once("records/item.html", "row", row)
    coded = row["kind"] in ("code", "multicode", "grade")  # the value is compared with each code
    return draw("records/item.html", "row", row, ["history_url", "marks", *([] if coded else ["value"])])


def _messages(form: Any, item: Item, level: Level) -> list[Text]:
    return [found.message for found in form.findings if found.level is level and found.item == item.name]


def _history_url(form: Any, item: Item) -> str:
    return f"{form.history_url}?item={form.add_prefix(item.name)}" if form.history_url else ""


def _file_url(form: Any, item: Item) -> str:
    """Where the stored file is read; "" for other items, and for a file not saved with the form yet."""
    stored = item.kind == "file" and form.files_url and getattr(form.record, item.name, None)
    return f"{form.files_url}?item={item.name}" if stored and stored == form.value_of(item.name) else ""


# Every key the row's template reads: a missing one costs Django more than an empty one.
EMPTY_ROW: dict[str, Any] = {
    **dict.fromkeys(
        (
            "unit",
            "confirmed",
            "missing",
            "shown_when",
            "hint",
            "history_url",
            "marks",
            "file_url",
            "shown",
            "unit_name",
            "unit_value",
            "was",
            "terms_url",
            "terms_title",
            "grade_of",
        ),
        "",
    ),
    **dict.fromkeys(("radio", "required", "hidden", "readonly"), False),
    **dict.fromkeys(("codes", "errors", "warnings", "missing_choices", "units", "grades"), ()),
    "help": None,
    "value": "",
    "width": "m",
}


class Section(LayoutObject):
    """Items under one heading."""

    def __init__(self, title: Text | None, rows: list[ItemRow]) -> None:
        self.title = title
        self.fields = rows

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> SafeString:
        rows = mark_safe("".join(row.render(form, context) for row in self.fields))  # noqa: S308 – rendered rows
        if not rows:
            return rows
        template = get_template("records/section.html")
        return template.template.render(Context({"title": self.title, "rows": rows}))  # type: ignore[attr-defined]


class RowGroup(LayoutObject):
    """A table of rows inside a form: each row a card of its items, one more kept blank for adding."""

    def __init__(self, name: str, model: type[Row], names: frozenset[str]) -> None:
        self.name = name
        self.facts = model.rows
        inside = frozenset(item.name for item in items_of(model)) | names
        self.fields = [ItemRow(item, inside) for item in items_of(model) if not item.companion_of]
        own = {name: codes for name, codes in self.facts.shown_when.answers.items() if name in names}
        self.watched = When(**own).as_json() if own else ""
        self.given = When(
            **{name: codes for name, codes in self.facts.shown_when.answers.items() if name not in names}
        )

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> SafeString:
        if not self.given.holds(form.context):
            return SafeString("")
        shown = self.facts.shown_when.holds(form.page_values)
        group = {
            "name": self.name,
            "title": self.facts.title,
            "one": self.facts.one,
            "most": self.facts.most,
            "shown_when": self.watched,
            "hidden": not shown,
            "readonly": form.readonly,
            "errors": form.row_errors.get(self.name, []),
            "rows": [self._row(row, context) for row in form.rows[self.name]],
            "blank": None if form.readonly else self._row(form.row_form(self.name, "__key__", None), context),
        }
        template = get_template("records/rows.html")
        return template.template.render(Context({"group": group}))  # type: ignore[attr-defined]

    def _row(self, row: Any, context: Any) -> dict[str, Any]:
        html = "".join(item.render(row, context) for item in self.fields)
        return {"key": row.key, "number": row.number, "items": mark_safe(html)}  # noqa: S308 – rendered rows


@cache
def layout_of(model: type[Record]) -> Layout:
    """Build a form's layout from its items: an item that names a section opens it; rows stand where they say."""
    shown = [item for item in items_of(model) if not item.companion_of]
    names = frozenset(item.name for item in items_of(model))
    groups = {name: RowGroup(name, rows, names) for name, rows in row_groups(model).items()}
    parts: list[Section | RowGroup] = []
    for item in shown:
        if item.section is not None or not parts or isinstance(parts[-1], RowGroup):
            parts.append(Section(item.section, []))
        assert isinstance(parts[-1], Section)
        parts[-1].fields.append(ItemRow(item, names))
        parts += [group for group in groups.values() if group.facts.after == item.name]
    parts += [group for group in groups.values() if not group.facts.after]
    return Layout(*parts)


def _kind(item: Item) -> str:
    for kind, name in ((TermItem, "term"), (GradeItem, "grade"), (LinkItem, "link")):
        if isinstance(item, kind):
            return name
    if item.kind == "measured":
        return "decimal"
    if item.kind == "listed":
        return "code"
    return "longtext" if item.kind == "text" and getattr(item, "long", False) else item.kind


def _hint(item: Item) -> str:
    if isinstance(item, (GradeItem, LinkItem)):
        return ""
    low, high = item.soft if item.soft != (None, None) else item.hard
    if isinstance(item, MeasuredItem):
        low, high = item.si_options["soft"] or item.si_options["hard"] or (None, None)
    if low is None and high is None:
        return ""
    return f"{'' if low is None else low}–{'' if high is None else high} {item.unit}".strip()
