"""The row of a laboratory result: value, unit, limits, flag and grade in one line; limits are typed in a fold.

An abnormal result asks in the same line whether it is clinically significant. `live` gives what changes while one
types, for the page to swap in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from records.codelists import MISSING
from records.findings import Level
from records.items import Item, MeasuredItem, items_of
from records.results import ABNORMAL, FLAG, SIGNIFICANCE, TYPED, ReportedItem

ARROWS = {"LOW": "↓", "HIGH": "↑"}
# What is different in every row that nobody has asked anything about: put into its pattern, drawn once.
FILLED = ("value", "limits", "verdict", "low", "high", "history_url")
MARK = re.compile("\ue000([a-z_]+)\ue001")


@dataclass(frozen=True, slots=True)
class _Row:
    """What the look of a row depends on, whatever its numbers."""

    item: ReportedItem
    language: str
    shown_when: str  # the part of its condition that the page watches
    hidden: bool
    required: bool
    abnormal: bool
    unit: str
    significance: str
    readonly: bool
    has_history: bool


def render_result(item: ReportedItem, form: Any, shown_when: str) -> SafeString:
    """Draw a result's row."""
    name = item.name
    row = _Row(
        item=item,
        language=get_language() or "",
        shown_when=shown_when,
        hidden=not item.applies(form.page_values),
        required=item.required.holds(form.page_values),
        abnormal=_derived(form, f"{name}_fl") in ABNORMAL or f"{name}_cs" in form.errors,
        unit=_unit(item, form),
        significance=form.value_of(f"{name}_cs") or "",
        readonly=form.readonly,
        has_history=bool(form.history_url),
    )
    filled = {
        "value": form.value_of(name) or "",
        "limits": _limits(_used(item, form)),
        "verdict": _verdict(item, form),
        "low": _typed_limit(form, name, "_lo"),
        "high": _typed_limit(form, name, "_hi"),
        "history_url": f"{form.history_url}?item={name}",
    }
    said = _said(item, form)
    if any(said.values()):
        return _draw(row, {**filled, **said})
    parts = _pattern(row)
    return mark_safe(  # noqa: S308 – a drawn template and escaped values
        "".join(conditional_escape(filled[part]) if place % 2 else part for place, part in enumerate(parts))
    )


@lru_cache(maxsize=4096)
def _pattern(row: _Row) -> tuple[str, ...]:
    """A row as drawn, split where its numbers go: text and, at every other place, the name of what is filled in."""
    marks = {name: mark_safe(f"\ue000{name}\ue001") for name in FILLED}  # noqa: S308 – no text of anybody's
    return tuple(MARK.split(_draw(row, marks)))


def _draw(row: _Row, more: Mapping[str, Any]) -> SafeString:
    item, name = row.item, row.item.name
    units = list(item.units) if isinstance(item, MeasuredItem) else []
    described = [place for place, _messages in more.get("errors", [])]
    described += [f"id_{name}_warning"] * bool(more.get("warnings"))
    described += [f"id_{name}_of"] * (not units and bool(item.unit)) + [f"id_{name}_l", f"id_{name}_v"]
    context = {
        **dict.fromkeys(("errors", "warnings"), ()),
        **dict.fromkeys(("confirmed", "was", "missing"), ""),
        "row": row,
        "name": name,
        "units": units,
        "codes": list(SIGNIFICANCE),
        "missing_choices": [(code, MISSING.label(code)) for code in item.missing],
        "described": " ".join(described),
        "asks_unit": isinstance(item, MeasuredItem) and item.asks_unit,
        "value_refused": f"id_{name}_error" in described or f"id_{name}_u_error" in described,
        "asks": f"id_{name}_cs_error" in described,
        "limits_open": any(place in (f"id_{name}_lo_error", f"id_{name}_hi_error") for place in described),
        **more,
    }
    template = get_template("records/result.html")
    return template.template.render(Context(context))  # type: ignore[attr-defined]


def _said(item: ReportedItem, form: Any) -> dict[str, Any]:
    """What a row says beyond its numbers: errors, questions, why there is no value, what was there before."""
    name = item.name
    parts = [f"{name}{behind}" for behind in ("", "_u", "_lo", "_hi", "_cs")]
    return {
        "errors": [(f"id_{part}_error", form.errors[part]) for part in parts if part in form.errors],
        "warnings": [f.message for f in form.findings if f.level is Level.SOFT and f.item == name],
        "confirmed": form.confirmed.get(name, ""),
        "was": form.was(item),
        "missing": form.missing.get(name, ""),
    }


def live(form: Any, is_drawn: Callable[[Item], bool]) -> Iterator[tuple[str, SafeString]]:
    """Give limits and verdict of every result on the page as they stand now, each with the id of its place there."""
    for item in items_of(form.model):
        if isinstance(item, ReportedItem) and is_drawn(item):
            yield f"id_{item.name}_l", _limits(_used(item, form))
            yield f"id_{item.name}_v", _verdict(item, form)


def _unit(item: ReportedItem, form: Any) -> str:
    if not isinstance(item, MeasuredItem):
        return ""
    return form.value_of(f"{item.name}_u") or ("" if item.asks_unit else item.unit)


def _typed_limit(form: Any, name: str, behind: str) -> str:
    """What somebody typed over the laboratory's limit; "" where nobody did."""
    if form.is_bound:
        return str(form.value_of(f"{name}{behind}") or "")
    if form.record is None or getattr(form.record, f"{name}_ls") != TYPED:
        return ""
    return plain(getattr(form.record, f"{name}{behind}"))


def _derived(form: Any, name: str) -> Any:
    found = form.derived.get(name)
    return found.value if found else None


def _used(item: ReportedItem, form: Any) -> Any:
    """The limits as the form's rules give them; None for a form that has no such rules."""
    give = form.context.get("limits_of")
    return give(item, form.read, form.context) if give else None


def _limits(used: Any) -> SafeString:
    low, high = (plain(limit) for limit in ((used.lower, used.upper) if used else (None, None)))
    shown = limits_in_words(used.lower, used.upper) if used else ""
    return format_html(
        '<span data-low="{}" data-high="{}" title="{}">{}</span>',
        low,
        high,
        used.reason if used else "",
        shown or "–",
    )


def limits_in_words(lower: Decimal | None, upper: Decimal | None) -> str:
    """Write limits as a report does, to three decimal places at most: "9–50", "≤ 23"; "" where there are none."""
    low, high = (plain(None if limit is None else round(limit, 3)) for limit in (lower, upper))
    if low and high:
        return f"{low}–{high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def _verdict(item: ReportedItem, form: Any) -> SafeString:
    flag, grade = _derived(form, f"{item.name}_fl"), _derived(form, f"{item.name}_gr")
    parts = SafeString("")
    if flag in ABNORMAL:
        words = FLAG.label(flag)
        parts += format_html(
            '<span class="flag" title="{}"><span aria-hidden="true">{}</span>'
            '<span class="visually-hidden">{}</span></span>',
            words,
            ARROWS[flag],
            words,
        )
    if grade:
        reason = form.derived[f"{item.name}_gr"].reason
        parts += format_html(
            '<span class="grade{}" title="{}">G{}</span>', " grade-high" if grade > 2 else "", reason, grade
        )
    return parts


def plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"
