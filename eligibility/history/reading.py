"""Take a screening log apart: comma-separated UTF-8 text, one patient a line."""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eligibility.history.columns import BY_HEADING, NOT_GIVEN, PATIENT
from records.text import Text

LONGEST_PATIENT_NUMBER: Final = 20
LONGEST_NAME: Final = 120


class UnreadableLog(ValueError):
    """A file that is not a screening log of the known shape; `sentence` says what is wrong."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Row:
    """One patient: the line's number in the file (the headings are line 1) and every cell as given."""

    number: int
    patient: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line that cannot be taken for a patient, and why."""

    number: int
    sentence: Text


@dataclass(frozen=True, slots=True)
class Log:
    """A screening log: its name, the SHA-256 of its bytes, its headings in order, its lines."""

    name: str
    sha256: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    broken: tuple[BrokenRow, ...]

    @property
    def unread(self) -> tuple[str, ...]:
        """Headings nobody reads; their cells are kept as given."""
        return tuple(name for name in self.headings if name != PATIENT and name not in BY_HEADING)


def read_log(name: str, content: bytes) -> Log:
    """Take a file apart into patients, cells as given, and lines that are no patient.

    Each line is read for itself, so that a stray quotation mark or a missing cell spoils its own line and no
    other; a cell therefore cannot hold a line break. Empty lines are skipped. A patient number that stands
    twice is a fault of the later line. Raises UnreadableLog where the file is not UTF-8, has no patient, or
    where a heading is missing or stands twice; headings that nobody reads may be added.
    """
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise UnreadableLog(
            Text(
                "The file's name is too long or not plain text. Rename the file.",
                "文件名过长或含特殊字符，请重命名。",
            )
        )
    lines = _text(content).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    headings = _headings(lines[0])
    rows: list[Row] = []
    broken: list[BrokenRow] = []
    first_line: dict[str, int] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        found = _row(number, line, headings)
        if isinstance(found, Row) and found.patient in first_line:
            words = Text(
                "Patient {patient} stands in line {first} already.", "患者编号{patient}已出现在第{first}行。"
            )
            found = BrokenRow(number, words.format(patient=found.patient, first=first_line[found.patient]))
        if isinstance(found, Row):
            first_line[found.patient] = number
            rows.append(found)
        else:
            broken.append(found)
    if not rows and not broken:
        raise UnreadableLog(Text("The file has headings but no patients.", "文件只有列名，没有患者数据。"))
    return Log(name, hashlib.sha256(content).hexdigest(), headings, tuple(rows), tuple(broken))


def _text(content: bytes) -> str:
    if not content.strip():
        raise UnreadableLog(Text("The file is empty.", "文件为空。"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as refused:
        line = content[: refused.start].count(b"\n") + 1
        raise UnreadableLog(
            Text(
                "The file is not UTF-8 text (byte {byte:#04x} in line {line}). Save it as UTF-8 and try again.",
                "文件不是UTF-8编码（第{line}行的字节{byte:#04x}），请另存为UTF-8后重试。",
            ).format(byte=content[refused.start], line=line)
        ) from refused


def _headings(line: str) -> tuple[str, ...]:
    try:
        headings = tuple(" ".join(cell.split()) for cell in _cells(line))
    except csv.Error as unreadable:
        raise UnreadableLog(
            Text("The line of headings cannot be read: {why}.", "列名行无法读取：{why}。").format(
                why=unreadable
            )
        ) from unreadable
    twice = sorted(heading for heading, count in Counter(headings).items() if count > 1)
    if twice:
        words = Text("Headings that stand twice: {names}.", "重复的列名：{names}。")
        raise UnreadableLog(words.format(names="; ".join(twice)))
    missing = [name for name in (PATIENT, *BY_HEADING) if name not in headings]
    if missing:
        words = Text("Headings that are missing: {names}.", "缺少的列名：{names}。").format(
            names="; ".join(missing)
        )
        if len(headings) == 1:
            words += Text(" Are the cells separated by commas?", "单元格是否以英文逗号分隔？")
        raise UnreadableLog(words)
    return headings


def _row(number: int, line: str, headings: tuple[str, ...]) -> Row | BrokenRow:
    try:
        cells = [cell.strip() for cell in _cells(line)]
    except csv.Error as unreadable:
        words = Text("The line cannot be read: {why}.", "该行无法读取：{why}。")
        return BrokenRow(number, words.format(why=unreadable))
    if len(cells) != len(headings):
        words = Text(
            "The line has {found} cells instead of {wanted}.", "该行有{found}个单元格，应为{wanted}个。"
        )
        return BrokenRow(number, words.format(found=len(cells), wanted=len(headings)))
    if any(unicodedata.category(sign) == "Cc" for cell in cells for sign in cell):
        words = Text("The line holds control characters.", "该行含有控制字符。")
        return BrokenRow(number, words)
    given = dict(zip(headings, cells, strict=True))
    patient = given[PATIENT]
    if patient in NOT_GIVEN or len(patient) > LONGEST_PATIENT_NUMBER:
        words = Text("The line has no usable patient number.", "该行无可用的患者编号。")
        return BrokenRow(number, words)
    return Row(number, patient, given)


def _cells(line: str) -> list[str]:
    return next(csv.reader([line], strict=True), [])
