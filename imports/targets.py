"""The items of a form a column can go to, by the names a mapping calls them, and which of them a heading means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from imports.mapping import Column, Mapping, ParticipantBy, VisitBy
from participants.models import CaseReportForm
from records.checks import address
from records.definition import forms, row_groups
from records.items import FileItem, Item, MeasuredItem, items_of
from records.models import Record, Row
from records.text import Text

ROWS_OFFERED = 6  # rows of a table inside a form that the page offers; a mapping may name more
PLACE = re.compile(r"(?P<group>\w+)-(?P<number>[1-9][0-9]?)-(?P<item>\w+)")
# What columns of the place are usually called, folded.
PARTICIPANT = (
    "participant",
    "subject",
    "subjid",
    "usubjid",
    "patient",
    "受试者编号",
    "受试者",
    "患者",
    "病人",
)
VISIT = ("visit", "visitcode", "访视", "访视代码")
DAY = ("date", "visitdate", "svstdtc", "访视日期", "日期")
REPEAT = ("repeat", "record", "记录", "记录号")


@dataclass(frozen=True, slots=True)
class Target:
    """One item a column can go to; `group` and `number` where it is an item of a row."""

    name: str
    item: Item
    group: str = ""
    number: int = 0
    before: Text | None = None

    @property
    def label(self) -> Text:
        if self.before is None:
            return self.item.label
        return self.before + Text(f" {self.number}: ", f" {self.number}：") + self.item.label


def importable(code: str) -> type[CaseReportForm] | None:
    """The form of a participant's casebook that has this code; None for another."""
    model = forms().get(code)
    return model if model is not None and issubclass(model, CaseReportForm) else None


def taken(model: type[Record | Row]) -> list[Item]:
    """The items somebody types; a file comes only through the form's page."""
    return [item for item in items_of(model) if not item.derived and not isinstance(item, FileItem)]


def target_of(model: type[Record], name: str) -> Target | None:
    """Find what a name in a mapping means; None where the form has no such item that is typed."""
    found = PLACE.fullmatch(name)
    if found is None:
        return next((Target(name, item) for item in taken(model) if item.name == name), None)
    rows = row_groups(model).get(found["group"])
    if rows is None or int(found["number"]) > rows.rows.most:
        return None
    return next(
        (
            Target(name, item, found["group"], int(found["number"]), rows.rows.one)
            for item in taken(rows)
            if item.name == found["item"]
        ),
        None,
    )


def targets_of(model: type[Record]) -> Iterator[Target]:
    """Every item a page offers, those of the first rows of its tables behind the form's own."""
    for item in taken(model):
        yield Target(item.name, item)
    for group, rows in row_groups(model).items():
        for number in range(1, min(ROWS_OFFERED, rows.rows.most) + 1):
            for item in taken(rows):
                yield Target(address(group, str(number), item.name), item, group, number, rows.rows.one)


@cache
def units_of(model: type[Record]) -> tuple[str, ...]:
    """Every unit in which something measured on the form can be reported."""
    measured = (item for one in (model, *row_groups(model).values()) for item in items_of(one))
    return tuple(
        dict.fromkeys(unit for item in measured if isinstance(item, MeasuredItem) for unit in item.units)
    )


# -- guessing --------------------------------------------------------------------------------------------


def fold(words: str) -> str:
    """Bring a name to the form in which it is compared: letters and figures alone, no case, no width."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", words).casefold() if sign.isalnum())


@cache
def _known(model: type[Record]) -> dict[str, tuple[str, str]]:
    """Target and unit by every folded name it goes by: an item's own name first; another name of two goes to neither."""
    found: dict[str, set[tuple[str, str]]] = {}
    for target in targets_of(model):
        item, label = target.item, target.label
        names = {label.en, label.zh}
        if not target.group and not item.companion_of:
            cdash = item.name_cdash.split()
            names |= {cdash[-1], cdash[-1].rpartition(".")[2]} if cdash else set()
        for name in names:
            found.setdefault(fold(name), set()).add((target.name, ""))
        units = item.units if isinstance(item, MeasuredItem) else (item.unit,)
        for unit in units:
            for name in {*names, target.name} if unit else ():
                found.setdefault(fold(name + unit), set()).add(
                    (target.name, unit if isinstance(item, MeasuredItem) else "")
                )
    own = {fold(target.name): (target.name, "") for target in targets_of(model)}
    return {
        **{name: next(iter(targets)) for name, targets in found.items() if name and len(targets) == 1},
        **own,
    }


def named(model: type[Record], words: str) -> str:
    """The name of the item that is called so in either language; "" for none, or more than one."""
    return _known(model).get(fold(words), ("", ""))[0]


def guess(model: type[CaseReportForm], headings: Sequence[str]) -> Mapping:
    """Propose what columns mean, by the name of an item, its label in either language or its name in CDISC terms."""
    known = _known(model)
    columns, given = [], set()
    for heading in headings:
        target, unit = known.get(fold(heading), ("", ""))
        if target and target not in given:
            given.add(target)
            columns.append(Column(heading, target, unit))
    code, day = _called(headings, VISIT), _called(headings, DAY)
    visit_by = VisitBy.CODE if code else VisitBy.WINDOW if day else VisitBy.ONLY
    return Mapping(
        form=model.form.code,
        participant=_called(headings, PARTICIPANT),
        participant_by=ParticipantBy.NUMBER,
        visit_by=visit_by,
        visit=code or day,
        repeat=_called(headings, REPEAT) if model.form.several else "",
        columns=tuple(columns),
        key=tuple(name for name in model.form.listed[:2] if name in given),
    )


def _called(headings: Sequence[str], names: Sequence[str]) -> str:
    return next((one for name in names for one in headings if fold(one) == name), "")


# -- asking ----------------------------------------------------------------------------------------------

NO_PARTICIPANT = Text("Say which column names the participant.", "请指定受试者编号所在列。")
NO_VISIT = Text("Say which column names the visit, or holds its date.", "请指定访视代码或访视日期所在列。")
NO_COLUMN = Text("Assign at least one column to an item of the form.", "请至少将一列对应到表单中的一个项目。")
NOT_THERE = Text("The file has no column “{heading}”.", "文件中没有“{heading}”列。")
NO_ITEM = Text("The form has no item “{name}” that is typed.", "表单中没有可填写的项目“{name}”。")
TWO_COLUMNS = Text(
    "Two columns go to “{label}”. Leave one of them out.", "有两列对应到“{label}”，请取消其中一列。"
)
NO_UNIT = Text("“{label}” is not reported in {unit}.", "“{label}”不以{unit}为单位。")
NOT_KEY = Text(
    "“{label}” tells records apart, so a column has to hold it.", "“{label}”用于区分记录，须有一列与其对应。"
)
NOT_SEVERAL = Text(
    "A visit has one record of this form: nothing tells several apart.",
    "该表单每次访视仅一份记录，无需区分。",
)


def problems(mapping: Mapping, model: type[CaseReportForm], headings: Sequence[str]) -> list[Text]:
    """What keeps a file with these headings from being read by a mapping; nothing where it can be."""
    found = []
    if not mapping.participant:
        found.append(NO_PARTICIPANT)
    if mapping.visit_by is not VisitBy.ONLY and not mapping.visit:
        found.append(NO_VISIT)
    if not mapping.columns:
        found.append(NO_COLUMN)
    found += [NOT_THERE.format(heading=one) for one in mapping.headings if one not in headings]
    given = set()
    for column in mapping.columns:
        target = target_of(model, column.target)
        if target is None:
            found.append(NO_ITEM.format(name=column.target))
            continue
        if target.name in given:
            found.append(TWO_COLUMNS.format(label=target.label))
        given.add(target.name)
        if column.unit and column.unit not in getattr(target.item, "units", {}):
            found.append(NO_UNIT.format(label=target.label, unit=column.unit))
    found += [NO_ITEM.format(name=name) for name in mapping.fixed if target_of(model, name) is None]
    if (mapping.key or mapping.repeat) and not model.form.several:
        found.append(NOT_SEVERAL)
    for name in mapping.key:
        if name not in given or "-" in name:
            key = target_of(model, name)
            found.append(NOT_KEY.format(label=key.label if key else name))
    return found
