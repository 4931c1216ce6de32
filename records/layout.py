"""The crispy layout of an entry form, built from the definition: sections, and one lean row per item."""

from __future__ import annotations

from functools import cache
from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from records.codelists import MISSING
from records.conditions import When
from records.findings import Level
from records.items import Item, MeasuredItem, items_of
from records.models import Record
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

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> SafeString:
        item = self.item
        if not self.given.holds(form.context):
            return SafeString("")
        row = _derived_row(item, form) if item.derived else self._typed_row(form)
        template = get_template("records/item.html")
        return template.template.render(Context({"row": row}))  # type: ignore[attr-defined]

    def _typed_row(self, form: Any) -> dict[str, Any]:
        item = self.item
        values = form.page_values
        measured = isinstance(item, MeasuredItem)
        codes = list(item.codes) if item.codes else []
        return {
            **EMPTY_ROW,
            "name": item.name,
            "html_name": item.name,
            "id": f"id_{item.name}",
            "label": item.label,
            "unit": "" if measured else item.unit,
            "help": item.help,
            "kind": _kind(item),
            "value": form.value_of(item.name),
            "codes": codes,
            "radio": item.kind == "code" and len(codes) <= MOST_RADIOS,
            "errors": form.errors.get(item.name, []),
            "warnings": _messages(form, item, Level.SOFT),
            "confirmed": form.confirmed.get(item.name, ""),
            "was": form.was(item),
            "missing": form.missing.get(item.name, ""),
            "missing_choices": [(code, MISSING.label(code)) for code in item.missing],
            "required": item.required.holds(values),
            "shown_when": self.watched,
            "hidden": not item.applies(values),
            "hint": _hint(item),
            "readonly": form.readonly,
            "history_url": f"{form.history_url}?item={item.name}" if form.history_url else "",
            "units": [(unit, unit) for unit in item.units] if isinstance(item, MeasuredItem) else [],
            "unit_name": f"{item.name}_u",
            "unit_value": form.value_of(f"{item.name}_u") if measured else "",
            "width": item.width,
        }


def _messages(form: Any, item: Item, level: Level) -> list[Text]:
    return [found.message for found in form.findings if found.level is level and found.item == item.name]


def _derived_row(item: Item, form: Any) -> dict[str, Any]:
    derived = form.derived.get(item.name)
    value = derived.value if derived else getattr(form.record, item.name, None)
    return {
        **EMPTY_ROW,
        "name": item.name,
        "html_name": item.name,
        "id": f"id_{item.name}",
        "label": item.label,
        "unit": item.unit,
        "kind": "derived",
        "value": item.display(value),
        "help": item.help,
        # A computed value, too, may be impossible, or unusual and confirmed with a word.
        "errors": _messages(form, item, Level.HARD),
        "warnings": _messages(form, item, Level.SOFT),
        "confirmed": form.confirmed.get(item.name, ""),
        "readonly": form.readonly,
        "hidden": not item.applies(form.page_values),
        "history_url": f"{form.history_url}?item={item.name}" if form.history_url else "",
    }


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
            "unit_name",
            "unit_value",
            "was",
        ),
        "",
    ),
    **dict.fromkeys(("radio", "required", "hidden", "readonly"), False),
    **dict.fromkeys(("codes", "errors", "warnings", "missing_choices", "units"), ()),
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


@cache
def layout_of(model: type[Record]) -> Layout:
    """Build a form's layout from its items: an item that names a section opens it."""
    shown = [item for item in items_of(model) if not item.companion_of]
    names = frozenset(item.name for item in items_of(model))
    sections: list[tuple[Text | None, list[ItemRow]]] = []
    for item in shown:
        if item.section is not None or not sections:
            sections.append((item.section, []))
        sections[-1][1].append(ItemRow(item, names))
    return Layout(*[Section(title, rows) for title, rows in sections])


def _kind(item: Item) -> str:
    if item.kind == "measured":
        return "decimal"
    return "longtext" if item.kind == "text" and getattr(item, "long", False) else item.kind


def _hint(item: Item) -> str:
    low, high = item.soft if item.soft != (None, None) else item.hard
    if isinstance(item, MeasuredItem):
        low, high = item.si_options["soft"] or item.si_options["hard"] or (None, None)
    if low is None and high is None:
        return ""
    return f"{'' if low is None else low}–{'' if high is None else high} {item.unit}".strip()
