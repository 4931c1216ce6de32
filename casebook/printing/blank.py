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
    window_of,
)
from participants.schedule_file import Schedule
from records.codelists import MISSING
from records.definition import forms
from records.items import Item, MeasuredItem, TextItem, items_of
from records.models import Record
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
                    "window": window_of(visit),
                    "forms": list(visit.forms),
                }
                for visit in schedule.visits
                if visit.series in series_on
            ],
        },
        "forms": [_form(code, schedule, series_on) for code in in_order(schedule)],
    }


def in_order(schedule: Schedule) -> list[str]:
    """Every form of the trial: first those of the schedule, as they come up in it."""
    scheduled = [code for visit in schedule.visits for code in visit.forms if code in forms()]
    return list(dict.fromkeys([*scheduled, *forms()]))


def _form(code: str, schedule: Schedule, series_on: frozenset[str]) -> dict[str, Any]:
    model = forms()[code]
    return {
        "code": code,
        "title": phrase(model.form.title),
        "domains": list(model.form.domains),
        "visits": [
            visit.code for visit in schedule.visits if visit.series in series_on and code in visit.forms
        ],
        "sections": sections_of(model),
        "groups": blank_row_groups(model),
    }


def sections_of(model: type[Record]) -> list[dict[str, Any]]:
    """The items of a form under their headings, in the order of the definition.

    Items in a row that are asked under the same condition stand together: the condition is said once.
    """
    own = {item.name: item for item in items_of(model)}
    sections: list[dict[str, Any]] = []
    for item in own.values():
        if item.companion_of:
            continue
        if item.section is not None or not sections:
            title = phrase(item.section) if item.section is not None else None
            sections.append({"title": title, "runs": []})
        condition = condition_of(item, own)
        runs = sections[-1]["runs"]
        if not runs or runs[-1]["condition"] != condition:
            runs.append({"condition": condition, "items": []})
        runs[-1]["items"].append(blank_item(item))
    return sections


def blank_row_groups(model: type[Record]) -> list[dict[str, Any]]:
    """The tables inside a form whose rows repeat, each `{title, columns: [blank_item, …]}`."""
    return []


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
