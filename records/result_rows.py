"""The row of a laboratory result: value, unit, limits, flag and grade in one line; limits are typed in a fold.

An abnormal result asks in the same line whether it is clinically significant. `live` gives what changes while one
types, for the page to swap in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from records.codelists import MISSING
from records.drawing import draw, draw_once
from records.findings import Level
from records.items import Item, MeasuredItem, items_of
from records.results import ABNORMAL, FLAG, SIGNIFICANCE, TYPED, ReportedItem
from records.text import Text

TEMPLATE = "records/result.html"
ARROWS = {"LOW": "↓", "HIGH": "↑"}
HOLES = ("value", "limits", "verdict", "low", "high", "history_url", "marks")
BEHIND = ("", "_u", "_lo", "_hi", "_cs")  # what is posted of a result, by what is put behind its name


def same_of(item: ReportedItem, watched: str) -> dict[str, Any]:
    """What a row says of its result on every page; `watched` is the part of its condition the page watches."""
    return {
        "name": item.name,
        "label": item.label,
        "unit": item.unit,
        "units": tuple(item.units) if isinstance(item, MeasuredItem) else (),
        "asks_unit": isinstance(item, MeasuredItem) and item.asks_unit,
        "signed": item.signed,
        "codes": tuple(SIGNIFICANCE),
        "missing_choices": tuple((code, MISSING.label(code)) for code in item.missing),
        "shown_when": watched,
        "value_refused": False,
        "asks": False,
        "limits_open": False,
    }


def render_result(item: ReportedItem, form: Any, same: Mapping[str, Any]) -> SafeString:
    """Draw a result's row; one about which something is said besides its numbers is not kept."""
    name = item.name
    said = _said(item, form)
    row = {
        **same,
        **said,
        "hidden": not item.applies(form.page_values),
        "required": item.required.holds(form.page_values),
        "abnormal": _derived(form, f"{name}_fl") in ABNORMAL or f"{name}_cs" in form.errors,
        "chosen_unit": _unit(item, form),
        "significance": form.value_of(f"{name}_cs") or "",
        "readonly": form.readonly,
        "missing": form.missing.get(name, ""),
        "value": form.value_of(name) or "",
        "limits": _limits(item, form),
        "verdict": _verdict(item, form),
        "low": _typed_limit(form, name, "_lo"),
        "high": _typed_limit(form, name, "_hi"),
        "history_url": f"{form.history_url}?item={name}" if form.history_url else "",
        "marks": form.marks(name, item.label),
    }
    if any(said.values()):
        return draw_once(TEMPLATE, "row", {**row, **_places(row)})
    return draw(TEMPLATE, "row", {**row, "described": ""}, HOLES)


def _said(item: ReportedItem, form: Any) -> dict[str, Any]:
    """What a row says beyond its numbers: errors, questions, how they were confirmed, what was there before."""
    name = item.name
    parts = [f"{name}{behind}" for behind in BEHIND] if form.errors else []
    return {
        "errors": tuple((f"id_{part}_error", form.errors[part]) for part in parts if part in form.errors),
        "warnings": tuple(f.message for f in form.findings if f.level is Level.SOFT and f.item == name),
        "confirmed": form.confirmed.get(name, ""),
        "was": form.was(item),
    }


def _places(row: Mapping[str, Any]) -> dict[str, Any]:
    """Where what is wrong stands: what describes the field, and whether it is the value, the limits or the question."""
    name = row["name"]
    described = [place for place, _messages in row["errors"]] + [f"id_{name}_warning"] * bool(row["warnings"])
    return {
        "described": "".join(f"{place} " for place in described),
        "value_refused": bool({f"id_{name}_error", f"id_{name}_u_error"} & set(described)),
        "asks": f"id_{name}_cs_error" in described,
        "limits_open": bool({f"id_{name}_lo_error", f"id_{name}_hi_error"} & set(described)),
    }


def live(form: Any, is_drawn: Callable[[Item], bool]) -> Iterator[tuple[str, SafeString]]:
    """Give limits and verdict of every result on the page as they stand now, each with the id of its place there."""
    for item in items_of(form.model):
        if isinstance(item, ReportedItem) and is_drawn(item):
            yield f"id_{item.name}_l", _limits(item, form)
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


def _limits(item: ReportedItem, form: Any) -> SafeString:
    """The limits a result is held against, or would be: what was computed of it, or what the form's rules give."""
    if _derived(form, f"{item.name}_ls"):
        low, high = form.derived[f"{item.name}_lo"], form.derived[f"{item.name}_hi"]
        return _limits_html(low.value, high.value, low.reason, get_language())
    give = form.context.get("limits_of")
    used = give(item, form.read, form.context) if give else None
    if used is None:
        return _limits_html(None, None, None, get_language())
    return _limits_html(used.lower, used.upper, used.reason, get_language())


@lru_cache(1024)
def _limits_html(
    lower: Decimal | None, upper: Decimal | None, why: Text | None, _language: str
) -> SafeString:
    return format_html(
        '<span data-low="{}" data-high="{}" title="{}">{}</span>',
        plain(lower),
        plain(upper),
        why or "",
        limits_in_words(lower, upper) or "–",
    )


def limits_in_words(lower: Decimal | None, upper: Decimal | None) -> str:
    """Write limits as a report does, to three decimal places at most: "9–50", "≤ 23"; "" where there are none."""
    low, high = (plain(None if limit is None else round(limit, 3)) for limit in (lower, upper))
    if low and high:
        return f"{low}–{high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def _verdict(item: ReportedItem, form: Any) -> SafeString:
    flag, grade = _derived(form, f"{item.name}_fl"), _derived(form, f"{item.name}_gr")
    if flag not in ABNORMAL and not grade:
        return SafeString("")
    why = form.derived[f"{item.name}_gr"].reason if grade else None
    return _verdict_html(flag, grade, why, get_language())


@lru_cache(1024)
def _verdict_html(flag: str | None, grade: int | None, why: Text | None, _language: str) -> SafeString:
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
        high = " grade-high" if grade > 2 else ""
        parts += format_html('<span class="grade{}" title="{}">G{}</span>', high, why, grade)
    return parts


def plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"
