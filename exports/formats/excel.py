"""Excel: one workbook, a sheet a table; text stays text, whatever it begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from exports.bundle import Bundle
from exports.formats.base import Format, Preflight, Sheet, shortened
from exports.tables import Column, Table
from records.text import Text

NAME = "trial.xlsx"
ROWS = 1_048_575  # beside the heading
TEXT = 32_767
ROWS_AT_ONCE = 200
DIGITS = 15  # what a number in Excel holds exactly
ZERO = date(1899, 12, 30).toordinal()
FIRST = date(1900, 3, 1)  # days before it are off by one in Excel
FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss"}


class Excel(Format):
    key: ClassVar[str] = "xlsx"
    label: ClassVar[Text] = Text("Excel (one workbook)", "Excel（单一工作簿）")
    extension: ClassVar[str] = "xlsx"
    about: ClassVar[Text] = Text(
        "To look at, one sheet a table. Large trials are better taken in another format.",
        "便于查看，每表一个工作表；数据量大时建议选用其他格式。",
    )
    note: ClassVar[str] = """\
All tables are sheets of trial.xlsx, called as their files without .csv, in up to 31 characters. Numbers of more than 15
digits are text, for Excel would round them; so are days before 1900-03-01. Times are UTC. Text is never a formula.
全部表格为trial.xlsx中的工作表，名称同文件名（不含.csv），最长31字符。超过15位的数字及1900-03-01之前的日期为文本。时间为UTC。
文本不会被当作公式。
"""
    packed: ClassVar[bool] = True
    documents: ClassVar[bool] = False
    text_bytes: ClassVar[int | None] = TEXT
    most_rows: ClassVar[int | None] = ROWS

    def file_name(self, table: Table) -> str:
        return NAME

    def members(self, tables: Sequence[Table]) -> dict[str, str]:
        return shortened([table.name for table in tables], 31)

    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        """Write a workbook of one sheet."""
        with _workbook(target, target.parent) as book:
            _fill(book, sheet.name[:31], sheet, names)

    def add(
        self,
        bundle: Bundle,
        sheets: Sequence[Sheet],
        checked: Preflight,
        folder: Path,
        past: Callable[[Sheet], None],
    ) -> None:
        target = folder / NAME
        with _workbook(target, folder) as book:
            for sheet in sheets:
                _fill(book, checked.members[sheet.name], sheet, checked.names[sheet.name])
                sheet.path.unlink()
                past(sheet)
        bundle.file(NAME, target, rows=sum(sheet.rows for sheet in sheets), packed=True)
        target.unlink()


def _workbook(target: Path, folder: Path) -> Workbook:
    book = Workbook(str(target), {"constant_memory": True, "tmpdir": str(folder)})
    # The moment of writing must not show in the bytes.
    book.set_properties({"created": datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    return book


def _fill(book: Workbook, name: str, sheet: Sheet, names: Mapping[str, str]) -> None:
    columns = [column for column in sheet.columns if column.name in names]
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, column in enumerate(columns):
        page.write_string(0, place, names[column.name], bold)
    writers = [_writer(book, page, column) for column in columns]
    line = 0
    for batch in sheet.batches({column.name: pa.string() for column in columns}):
        # A few rows at a time: as objects of Python they take many times the room.
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            part = batch.slice(start, ROWS_AT_ONCE)
            cells = [values.to_pylist() for values in part.columns]
            for row in zip(*cells, strict=True):
                line += 1
                for place, value in enumerate(row):
                    if value is not None:
                        writers[place](line, place, value)


def _writer(book: Workbook, page: Worksheet, column: Column) -> Callable[[int, int, str], Any]:
    """How a column's text is written: as a number, a day, a time, or text."""
    text: Callable[[int, int, str], Any] = page.write_string
    if column.kind in ("integer", "decimal", "measured"):

        def number(line: int, place: int, value: str) -> None:
            if sum(sign.isdigit() for sign in value) <= DIGITS:
                page.write_number(line, place, float(value))
            else:
                text(line, place, value)

        return number
    if column.kind in FORMATS:
        shown = book.add_format({"num_format": FORMATS[column.kind]})

        def moment(line: int, place: int, value: str) -> None:
            day = date.fromisoformat(value[:10])
            if day < FIRST:
                text(line, place, value)
                return
            number = float(day.toordinal() - ZERO)
            if len(value) > 10:
                hours, minutes, seconds = int(value[11:13]), int(value[14:16]), int(value[17:19])
                number += (hours * 3600 + minutes * 60 + seconds) / 86_400
            page.write_number(line, place, number, shown)

        return moment
    return text
