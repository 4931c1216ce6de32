"""A REDCap data dictionary: every form as an instrument, so that the casebook can be built again in REDCap. No data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from exports.bundle import Bundle
from exports.formats.base import Format, Sheet, shortened
from exports.sensitivity import Sensitivity, sensitivity
from exports.tables import Table
from records.conditions import ALWAYS, NEVER, Either, When
from records.items import Item, TextItem
from records.text import Text

HEADER = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
FILE = "redcap_data_dictionary.csv"
MOST = 26  # characters of a variable's name
RADIO = 4  # so many choices are shown at once, more in a list
LONG = 200
IDENTIFIERS = {Sensitivity.BIRTH, Sensitivity.PERSON}
VALIDATION = {
    "date": "date_ymd",
    "datetime": "datetime_seconds_ymd",
    "integer": "integer",
    "decimal": "number",
    "measured": "number",
}


class Redcap(Format):
    """The definitions of the forms asked for, and none of their rows."""

    key: ClassVar[str] = "redcap"
    label: ClassVar[Text] = Text("REDCap data dictionary (no data)", "REDCap数据字典（不含数据）")
    extension: ClassVar[str] = "csv"
    about: ClassVar[Text] = Text(
        "The forms as instruments, to build the casebook in REDCap.",
        "将各表单作为工具，用于在REDCap中重建病例报告表。",
    )
    note: ClassVar[str] = """\
redcap_data_dictionary.csv is a data dictionary for REDCap: each form, and each table inside a form, is an instrument. Names
have up to 26 characters. Ranges that ask for confirmation, checks across fields and the visits' schedule are not held by it.
redcap_data_dictionary.csv为REDCap数据字典：每张表单及表单内表格各为一个工具，变量名最长26字符。需确认的范围、跨字段核查及访视
计划不包括在内。
"""
    spooled: ClassVar[bool] = False
    rows: ClassVar[bool] = False

    def names(self, table: Table) -> dict[str, str]:
        return {}

    def file_name(self, table: Table) -> str:
        return FILE

    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        raise NotImplementedError  # never asked: not spooled

    def describe(self, bundle: Bundle, tables: Sequence[Table]) -> None:
        """Add the dictionary."""
        with bundle.table(FILE) as file:
            file.header(HEADER)
            for cells in dictionary(tables):
                file.row(cells)


def dictionary(tables: Sequence[Table]) -> Iterator[list[str]]:
    """The dictionary's rows for the forms among the tables, each item a field, in the order of the casebook."""
    forms = [table for table in tables if table.form is not None]
    names = _names(forms)
    yield ["record_id", _instrument(forms[0]), "", "text", "Participant number | 受试者编号", *[""] * 13]
    for table in forms:
        for column in table.columns:
            if column.item is not None:
                yield _field(table, column.item, names, sensitivity(table, column) in IDENTIFIERS)


def _instrument(table: Table) -> str:
    return table.name.lower()


def _names(forms: Sequence[Table]) -> dict[tuple[str, str], str]:
    """A name of its own in the whole project for each item of each form."""
    places = [
        (table.name, column.item.name)
        for table in forms
        for column in table.columns
        if column.item is not None
    ]
    wanted = [f"{form}_{item}".lower() for form, item in places]
    short = shortened(wanted, MOST)
    return {place: short[name] for place, name in zip(places, wanted, strict=True)}


def _field(table: Table, item: Item, names: dict[tuple[str, str], str], identifier: bool) -> list[str]:
    kind, choices = _kind(item)
    low, high = item.hard
    return [
        names[(table.name, item.name)],
        _instrument(table),
        _both(item.section) if item.section else "",
        kind,
        _both(item.label),
        choices,
        item.unit,
        VALIDATION.get(item.kind, "") if kind == "text" else "",
        "" if low is None or kind != "text" else f"{low:f}",
        "" if high is None or kind != "text" else f"{high:f}",
        "y" if identifier else "",
        _logic(table, item, item.shown_when, names),
        "y" if item.required is ALWAYS and not item.derived and not item.missing else "",
        *[""] * 4,
        " ".join(_annotation(table, item, names)),
    ]


def _both(label: Text) -> str:
    return label.en if label.en == label.zh else f"{label.en} | {label.zh}"


def _kind(item: Item) -> tuple[str, str]:
    """REDCap's type of field, and its choices."""
    if item.codes is not None:
        # A bar parts choices, so the words of both languages are parted by a slash.
        choices = " | ".join(
            f"{code}, {label.en} / {label.zh}".replace("|", "/")
            if label.en != label.zh
            else f"{code}, {label.en}"
            for code, label in item.codes
        )
        if item.kind == "multicode":
            return "checkbox", choices
        return ("radio" if len(item.codes) <= RADIO else "dropdown"), choices
    if item.kind == "file":
        return "file", ""
    return ("notes" if isinstance(item, TextItem) and (item.max_length or 0) > LONG else "text"), ""


def _logic(table: Table, item: Item, condition: When, names: dict[tuple[str, str], str]) -> str:
    """A condition on answers of the same form; one on anything else is left to the annotation."""
    if condition is ALWAYS or condition is NEVER or isinstance(condition, Either):
        return ""
    if any((table.name, name) not in names for name in condition.answers):
        return ""
    items = {column.item.name: column.item for column in table.columns if column.item is not None}
    parts = []
    for name, codes in condition.answers.items():
        field = names[(table.name, name)]
        asked = [
            f"[{field}({code.lower()})] = '1'"
            if items[name].kind == "multicode" and code
            else f"[{field}] = '{code}'"
            for code in codes
        ]
        parts.append(asked[0] if len(asked) == 1 else f"({' or '.join(asked)})")
    return " and ".join(parts)


def _annotation(table: Table, item: Item, names: dict[tuple[str, str], str]) -> Iterator[str]:
    if item.derived:
        yield "@READONLY"
    if item.name_cdash:
        yield f"CDASH={item.name_cdash}"
    if item.missing:
        yield f"MISSING={','.join(item.missing)}"
    if item.kind == "partialdate":
        yield "ISO8601: YYYY, YYYY-MM or YYYY-MM-DD"
