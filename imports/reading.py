"""Read a table from a CSV or Excel file: which it is, how it is written, its headings and its rows.

Pure: knows nothing of the trial or of Django. Every cell is given as text, exactly as it would be typed: a number as
its shortest exact figure (a `Figure` where it is no whole one), a date as 2026-08-03, with the time only where the cell
shows one. A row is numbered as a spreadsheet numbers it: the headings are row 1. Memory does not grow with the rows.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, Final

from records.text import Text

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_UNPACKED: Final = 1024 * 1024 * 1024
MOST_STRINGS: Final = 100 * 1024 * 1024  # of a workbook's texts, which are read at once
MOST_ROWS: Final = 50_000
MOST_BLANK: Final = 10_000  # empty rows in a row; a workbook can name a row far below with a few characters
MOST_COLUMNS: Final = 500
MOST_CELL: Final = 20_000  # characters
ENCODINGS: Final = ("utf-8", "gb18030")
DELIMITERS: Final = (",", ";", "\t")
AT_ONCE: Final = 1 << 20
# Where a row begins in the sheet of a workbook.
ROW_MARK: Final = re.compile(rb"<(?:\w{1,8}:)?row[\s>/]")
MARK_LENGTH: Final = 14

EMPTY = Text("The file is empty. Choose another one.", "文件为空，请另选文件。")
LARGE = Text("A file has at most 50 MB. Split it.", "文件不得超过50 MB，请拆分后上传。")
NO_TEXT = Text(
    "This is neither a CSV file in UTF-8 or GB18030 nor an Excel workbook (.xlsx). Save the table as one of them.",
    "该文件既不是UTF-8或GB18030编码的CSV文件，也不是Excel工作簿（.xlsx）。请另存为其中一种格式。",
)
NO_BOOK = Text(
    "The Excel workbook cannot be read. Save it again as .xlsx, without a password.",
    "无法读取该Excel工作簿。请在不设密码的情况下重新另存为.xlsx。",
)
NO_HEADINGS = Text(
    "The first row holds no headings. Put one name above each column.", "首行没有列标题，请为每列添加标题。"
)
TWICE = Text(
    "Two columns are called “{heading}”. Give each its own name.", "有两列标题均为“{heading}”，请分别命名。"
)
MANY_COLUMNS = Text("A file has at most 500 columns.", "文件最多500列。")
MANY_ROWS = Text("A file has at most 50,000 rows. Split it.", "文件最多50,000行，请拆分后上传。")
GAP = Text(
    "More than 10,000 rows above row {row} are empty. Delete them and save the file again.",
    "第{row}行以上有超过10,000个空行，请删除后重新保存。",
)
NO_ROWS = Text("Below the headings there is no row.", "标题行下没有数据行。")
BROKEN = Text(
    "The file cannot be read from row {row} on: a quotation mark is opened and not closed, or a cell is too long.",
    "从第{row}行起无法读取：引号未成对，或单元格内容过长。",
)
WIDE = Text(
    "The row has {found} cells, the headings are {expected}. A separator inside a cell has to stand in quotation marks.",
    "该行有{found}个单元格，而标题有{expected}个。单元格内的分隔符须置于引号内。",
)


class UnreadableFile(ValueError):
    """The file is no table that can be read; `sentence` says what to do."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class Figure(str):
    """The text of a number of a workbook that is no whole one: noughts typed at its end are not known any more."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Format:
    """How a table is written: `kind` csv or xlsx; encoding and delimiter are "" for a workbook."""

    kind: str
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row below the headings, by heading; `problem` where it does not fit them, and then no cells."""

    number: int
    cells: dict[str, str]
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was looked through once."""

    format: Format
    headings: tuple[str, ...]
    rows: int


def look_through(path: Path) -> Table:
    """Tell the format of a file, read its headings and count its rows; UnreadableFile with what to do instead.

    A CSV file is read to its end. Of a workbook, which takes a hundred times as long, the rows are only counted, those
    that turn out to be empty included; what is wrong further down is found when it is read.
    """
    size = path.stat().st_size
    if not size:
        raise UnreadableFile(EMPTY)
    if size > MOST_BYTES:
        raise UnreadableFile(LARGE)
    form = _format_of(path)
    lines = _lines(path, form)
    headings = _headings(next(lines, (1, []))[1])
    if next(lines, None) is None:
        raise UnreadableFile(NO_ROWS)
    count = (
        _count_in_book(path) - 1 if form.kind == "xlsx" else 1 + sum(1 for _line in islice(lines, MOST_ROWS))
    )
    if count > MOST_ROWS:
        raise UnreadableFile(MANY_ROWS)
    return Table(form, headings, count)


def rows_of(path: Path, form: Format, headings: tuple[str, ...]) -> Iterator[FileRow]:
    """Read the rows below the headings, one after another; rows in which nothing stands are passed over."""
    lines = _lines(path, form)
    next(lines, None)
    for number, cells in lines:
        if len(cells) != len(headings):
            sentence = WIDE.format(found=len(cells), expected=len(headings))
            yield FileRow(number, {}, sentence)
        else:
            yield FileRow(number, dict(zip(headings, cells, strict=True)))


def _headings(cells: list[str]) -> tuple[str, ...]:
    names = [" ".join(cell.split()) for cell in cells]
    if not any(names):
        raise UnreadableFile(NO_HEADINGS)
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(MANY_COLUMNS)
    named = tuple(name or f"#{place}" for place, name in enumerate(names, start=1))
    for name in named:
        if named.count(name) > 1:
            raise UnreadableFile(TWICE.format(heading=name))
    return named


def _format_of(path: Path) -> Format:
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        _ask_workbook(path)
        return Format("xlsx")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"  # as Excel saves "Unicode text"
    else:
        encoding = next((one for one in ENCODINGS if _decodes(path, one)), "")
    if not encoding or not _decodes(path, encoding):
        raise UnreadableFile(NO_TEXT)
    return Format("csv", encoding, _delimiter(path, encoding))


def _codec(encoding: str) -> str:
    """Python's name: a mark at the beginning of UTF-8 is no text."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=_codec(encoding), newline="") as file:
            while text := file.read(AT_ONCE):
                if "\0" in text:
                    return False
    except UnicodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that makes the most columns of the first row; the comma where none makes two."""

    def width(delimiter: str) -> int:
        try:
            return len(next(_csv_lines(path, encoding, delimiter), (1, []))[1])
        except UnreadableFile:
            return 0

    return max(DELIMITERS, key=width)


def _lines(path: Path, form: Format) -> Iterator[tuple[int, list[str]]]:
    """Every row in which something stands, with its number in a spreadsheet."""
    every = _book_lines(path) if form.kind == "xlsx" else _csv_lines(path, form.encoding, form.delimiter)
    return ((number, cells) for number, cells in every if any(cell.strip() for cell in cells))


def _csv_lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding=_codec(encoding), newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader, None)
            except csv.Error as broken:
                raise UnreadableFile(BROKEN.format(row=number)) from broken
            if cells is None:
                return
            if any(len(cell) > MOST_CELL for cell in cells):
                raise UnreadableFile(BROKEN.format(row=number))
            yield number, cells


# -- Excel -----------------------------------------------------------------------------------------------


def _ask_workbook(path: Path) -> None:
    """Refuse what is no workbook, and one that would unpack to more than any table needs."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError) as broken:
        raise UnreadableFile(NO_BOOK) from broken
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise UnreadableFile(NO_TEXT)
    texts = sum(entry.file_size for entry in entries if entry.filename.endswith("sharedStrings.xml"))
    if texts > MOST_STRINGS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise UnreadableFile(LARGE)


def _count_in_book(path: Path) -> int:
    """Count the rows of the first sheet by their marks, without reading what is in them."""
    from openpyxl import load_workbook  # noqa: PLC0415

    with path.open("rb") as file, zipfile.ZipFile(path) as packed:
        sheet: Any = load_workbook(file, read_only=True).worksheets[0]
        count, rest = 0, b""
        with packed.open(sheet._worksheet_path.lstrip("/")) as text:
            while read := text.read(AT_ONCE):
                read = rest + read
                count += len(ROW_MARK.findall(read))
                last = read.rfind(b"<")
                cut = last >= 0 and len(read) - last < MARK_LENGTH and not ROW_MARK.match(read, last)
                rest = read[last:] if cut else b""
    return count


def _book_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet, each as wide as its headings."""
    from openpyxl import load_workbook  # noqa: PLC0415 – a tenth of a second that only workbooks cost

    try:
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a program says of its own sheet is often wrong
            width, blank = 0, 0
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                found = [_text(cell) for cell in cells]
                blank = 0 if any(found) else blank + 1
                if blank > MOST_BLANK:
                    raise UnreadableFile(GAP.format(row=number))
                if any(len(cell) > MOST_CELL for cell in found):
                    raise UnreadableFile(BROKEN.format(row=number))
                if not _is_text("".join(found)):
                    raise UnreadableFile(NO_BOOK)
                while found and not found[-1] and len(found) > width:
                    found.pop()
                width = width or len(found)
                yield number, found + [""] * (width - len(found))
    except UnreadableFile:
        raise
    except Exception as broken:
        raise UnreadableFile(NO_BOOK) from broken


def _is_text(words: str) -> bool:
    """Whether a database can hold it: no NUL, no half of a character."""
    try:
        return "\0" not in words and bool(words.encode() or True)
    except UnicodeEncodeError:
        return False


def _text(cell: Any) -> str:
    """A cell as one would type it; a date without the time where its format shows none."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        if value.time() == time() and not _shows_time(cell.number_format):
            return value.date().isoformat()
        return value.isoformat(" ", timespec="auto")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else Figure(repr(value))
    return str(value)


def _shows_time(number_format: str) -> bool:
    plain = number_format.split(";", maxsplit=1)[0].lower()
    return "h" in plain or "s" in plain.replace("上午/下午", "")
