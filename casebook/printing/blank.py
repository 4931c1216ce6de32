"""The blank casebook: the schedule of visits, and each form once with the visits it is due at.

Made from the definitions and the schedule alone: a new form appears without another line.
"""

from __future__ import annotations

from typing import Any

from casebook.printing.words import (
    TITLE,
    condition_of,
    is_dose,
    phrase,
    range_of,
    timing_of,
)
from participants.schedule_file import Schedule
from participants.schedule_words import window_words
from records.codelists import MISSING
from records.definition import forms, row_groups
from records.items import Item, MeasuredItem, TextItem, items_of
from records.models import Record, Row
from records.results import SIGNIFICANCE, ReportedItem
from records.study import STUDY_ID
from records.text import Text

# A list longer than this is no row of boxes: the answer is written, and chosen from the list in the system.
MOST_BOXES = 40
CHARACTERS_A_LINE = 60
MOST_LINES = 6


def blank_casebook(schedule: Schedule, series_on: frozenset[str], *, annotated: bool) -> dict[str, Any]:
    """What the layout prints. `annotated` adds each item's name and where it goes in CDISC terms."""
    return {
        "trial": STUDY_ID,
        "title": phrase(TITLE),
        "document_title": f"{STUDY_ID} 空白病例报告表 Blank casebook",
        "annotated": annotated,
        "missing": [{"code": code, **phrase(words)} for code, words in MISSING],
        "schedule": {
            "version": schedule.version,
            "visits": [
                {
                    "code": visit.code,
                    "label": phrase(visit.label),
                    "arms": list(visit.arms),
                    "timing": timing_of(visit),
                    "window": window_words(visit),
                    "forms": list(visit.forms),
                    "optional": list(visit.optional),
                }
                for visit in schedule.visits
                if visit.series in series_on
            ],
        },
        "forms": [_form(code, schedule, series_on) for code in in_order(schedule)],
    }


def in_order(schedule: Schedule) -> list[str]:
    """Every form of the trial: first those of the schedule, as they come up in it."""
    due = [code for visit in schedule.visits for code in visit.forms]
    optional = [code for visit in schedule.visits for code in visit.optional]
    return [code for code in dict.fromkeys([*due, *optional, *forms()]) if code in forms()]


def _form(code: str, schedule: Schedule, series_on: frozenset[str]) -> dict[str, Any]:
    model = forms()[code]
    visits = [visit for visit in schedule.visits if visit.series in series_on]
    return {
        "code": code,
        "title": phrase(model.form.title),
        "domains": list(model.form.domains),
        "several": model.form.several,
        "due": [visit.code for visit in visits if code in visit.forms],
        "optional": [visit.code for visit in visits if code in visit.optional],
        "sections": sections_of(model),
    }


def sections_of(model: type[Record]) -> list[dict[str, Any]]:
    """The items of a form under their headings, in the order of the definition; tables of rows where they stand."""
    own = {item.name: item for item in items_of(model)}
    groups = row_groups(model)
    sections: list[dict[str, Any]] = []
    title = None
    for item in own.values():
        if item.companion_of:
            continue
        title = phrase(item.section) if item.section else title
        # What goes on behind a table of rows stands under its heading again.
        if item.section or not sections or sections[-1]["group"]:
            sections.append({"title": title, "runs": [], "group": None})
        _add(sections[-1]["runs"], item, own)
        sections += [_group(rows, own) for rows in groups.values() if rows.rows.after == item.name]
    return sections + [_group(rows, own) for rows in groups.values() if not rows.rows.after]


def _add(runs: list[dict[str, Any]], item: Item, own: dict[str, Item]) -> None:
    """Add an item to those before it; what is asked under one condition stands together, the condition said once."""
    condition = condition_of(item.shown_when, own)
    if not runs or runs[-1]["condition"] != condition:
        runs.append({"condition": condition, "items": []})
    runs[-1]["items"].append(blank_item(item))


def _group(model: type[Row], above: dict[str, Item]) -> dict[str, Any]:
    """A table inside a form: the questions of one row, to be answered as often as there are rows."""
    own = {**above, **{item.name: item for item in items_of(model)}}
    runs: list[dict[str, Any]] = []
    for item in items_of(model):
        if not item.companion_of:
            _add(runs, item, own)
    group = {"one": phrase(model.rows.one), "condition": condition_of(model.rows.shown_when, above)}
    return {"title": phrase(model.rows.title), "runs": runs, "group": group}


def blank_item(item: Item) -> dict[str, Any]:
    """One question as the layout draws it."""
    codes = list(item.codes or ())
    listed = len(codes) > MOST_BOXES
    name = item.codes.name if item.codes else ""
    choose = Text("one of the {count} of list {name}", "从代码表{name}的{count}项中选择")
    return {
        "name": item.name.upper(),
        "label": phrase(item.label),
        "cdash": item.name_cdash,
        "kind": item.kind,
        "unit": item.unit,
        "units": list(item.units) if isinstance(item, MeasuredItem) else [],
        "significance": list(SIGNIFICANCE.values) if isinstance(item, ReportedItem) else [],
        "help": phrase(item.help) if item.help else None,
        "choices": [] if listed else [phrase(words) for _code, words in codes],
        "many": item.kind == "multicode",
        "list": phrase(choose.format(count=len(codes), name=name)) if listed else None,
        "lines": _lines(item),
        "missing": list(item.missing),
        "range": range_of(item),
        "computed": item.derived,
        "dose": is_dose(item),
    }


def _lines(item: Item) -> int:
    """How many lines to write on."""
    length = (item.max_length or 0) if isinstance(item, TextItem) else 0
    return max(1, min(MOST_LINES, -(-length // (CHARACTERS_A_LINE * 2))))
