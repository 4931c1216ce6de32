"""SAS transport files, version 5, as SAS's Technical Note TS-140 lays them out; one file and one member a table.

Everything is ASCII; names have up to 8 characters, labels 40, text 200. Numbers are IBM doubles, which hold every IEEE
double of medicine exactly. The format has no count of rows, so that rows are written as they come
(exports/sas_transport.py), here by whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from exports.formats.base import Format, Sheet, ascii_signs, fitted, shortened
from exports.sas_transport import MISSING, head, padding, row_length
from exports.tables import Column, Table
from records.text import Text

NAME, LABEL, TEXT = 8, 40, 200
# Rows of up to 80 bytes are miscounted by pandas, which takes blanks at their end for the file's.
SHORTEST = 81
# The moment of writing must not show in the bytes.
MOMENT = datetime(1980, 1, 1, tzinfo=UTC)
DAYS_1960 = 3653  # from 1960-01-01, SAS's zero, to 1970-01-01
SECONDS_1960 = DAYS_1960 * 86_400
NO_NUMBER = int.from_bytes(MISSING, "big")
SIGN = np.uint64(1 << 63)


@dataclass(frozen=True, slots=True)
class _Variable:
    """One variable: its place within a row and how it is laid out there."""

    column: Column
    name: str
    number: bool
    length: int
    at: int

    @property
    def display(self) -> str:
        """SAS's format of days and moments."""
        return {"date": "DATE9.", "datetime": "DATETIME20."}.get(self.column.kind, "")

    @property
    def label(self) -> str:
        return _label(self.column.label)


def _label(words: Text) -> str:
    """A label as it fits, in ASCII."""
    return fitted(ascii_signs(words.en), LABEL, LABEL).encode("ascii", "replace").decode()


def ibm(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """IEEE doubles as IBM doubles; NaN becomes SAS's missing. Raises OverflowError beyond 16**63, about 7e75."""
    fraction, exponent = np.frexp(np.where(np.isnan(numbers), 0.0, np.abs(numbers)))
    sixteens = -(-exponent // 4)
    if sixteens.max(initial=0) > 63:
        raise OverflowError("SAS transport files hold no such large number.")
    whole = np.ldexp(fraction, 56 + exponent - 4 * sixteens).astype(np.uint64)
    found = ((sixteens + 64).astype(np.uint64) << np.uint64(56)) | whole
    found = np.where((whole == 0) | (sixteens < -64), np.uint64(0), found)
    found = np.where(np.signbit(numbers) & (found != 0), found | SIGN, found)
    return np.where(np.isnan(numbers), np.uint64(NO_NUMBER), found)


class Xpt(Format):
    key: ClassVar[str] = "xpt"
    label: ClassVar[Text] = Text("SAS transport (XPT, version 5)", "SAS传输文件（XPT v5）")
    extension: ClassVar[str] = "xpt"
    about: ClassVar[Text] = Text(
        "For SAS and submissions. ASCII only, text up to 200 characters: refuses other text.",
        "用于SAS及递交。仅支持ASCII，文本最长200字符，其他文本将被拒绝。",
    )
    note: ClassVar[str] = """\
Each table is a SAS transport file, version 5, with one member. Names have up to 8 characters and labels 40, which end in
"..." where they are longer; codebook.csv has both whole. Dates and times (UTC) are SAS's numbers with a format. An empty
text and a missing one are the same here; codes are text, and codes.csv has their words. Signs in codes, units and sentences
of the system stand in ASCII (umol/L, >=); the Chinese column of a pair is left out.
每个表为一个SAS传输文件（第5版，单一数据集）。变量名最长8字符，标签最长40字符（超出部分以“...”结尾），完整内容见codebook.csv。
日期和时间（UTC）为带格式的SAS数值。空文本与缺失在此格式中相同；代码为文本，含义见codes.csv。代码、单位及系统语句中的符号以ASCII
表示（如umol/L、>=），中英文成对的列仅保留英文列。
"""
    documents: ClassVar[bool] = False
    text_bytes: ClassVar[int | None] = TEXT
    ascii_only: ClassVar[bool] = True
    padded: ClassVar[bool] = True

    def names(self, table: Table) -> dict[str, str]:
        return shortened(table.header, NAME)

    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        variables = _laid_out(sheet, names)
        width = row_length(variables)
        with target.open("wb", buffering=1 << 20) as file:
            file.write(head(member_of(sheet.table), _label(sheet.table.title), variables, MOMENT))
            written = 0
            for batch in sheet.batches({variable.column.name: _type(variable) for variable in variables}):
                rows = _rows(batch, variables, width)
                file.write(rows.tobytes())
                written += rows.size
            file.write(padding(written))


def member_of(table: Table) -> str:
    """The member's name; each file has only one, so that it need not differ from those of other files."""
    return table.name.upper()[:NAME].rstrip("_")


def _laid_out(sheet: Sheet, names: Mapping[str, str]) -> list[_Variable]:
    columns = [column for column in sheet.columns if column.name in names]
    texts = {column.name for column in columns if pa.types.is_string(sheet.schema.field(column.name).type)}
    widths = {
        column.name: max(1, sheet.measures[column.name].longest) if column.name in texts else 8
        for column in columns
    }
    short = SHORTEST - sum(widths.values())
    if short > 0 and texts:
        first = next(column.name for column in columns if column.name in texts)
        widths[first] = min(TEXT, widths[first] + short)
    found, at = [], 0
    for column in columns:
        number = column.name not in texts
        found.append(_Variable(column, names[column.name], number, widths[column.name], at))
        at += widths[column.name]
    return found


def _type(variable: _Variable) -> pa.DataType:
    if not variable.number:
        return pa.string()
    match variable.column.kind:
        case "date":
            return pa.date32()
        case "datetime":
            return pa.timestamp("s", tz="UTC")
        case _:
            return pa.float64()


def _rows(batch: pa.RecordBatch, variables: Sequence[_Variable], width: int) -> npt.NDArray[np.uint8]:
    """The rows of a batch as they stand in the file, one line of the array each."""
    rows = np.empty((batch.num_rows, width), dtype=np.uint8)
    for values, variable in zip(batch.columns, variables, strict=True):
        place = slice(variable.at, variable.at + variable.length)
        if not variable.number:
            rows[:, place] = _characters(values, variable.length)
        else:
            rows[:, place] = ibm(_numbers(values)).astype(">u8").view(np.uint8).reshape(-1, 8)
    return rows


def _characters(values: pa.Array, width: int) -> npt.NDArray[np.uint8]:
    padded = pc.utf8_rpad(pc.fill_null(values, ""), width=width, padding=" ")
    offset, content = padded.offset, padded.buffers()[2]
    found = np.frombuffer(content, dtype=np.uint8)[offset * width : (offset + len(padded)) * width]
    return found.reshape(-1, width)


def _numbers(values: pa.Array) -> npt.NDArray[np.float64]:
    if pa.types.is_date32(values.type):
        days: Any = values.cast(pa.int32()).cast(pa.float64())
        values = pc.add(days, float(DAYS_1960))
    elif pa.types.is_timestamp(values.type):
        seconds: Any = values.cast(pa.int64()).cast(pa.float64(), safe=False)
        values = pc.add(seconds, float(SECONDS_1960))
    found: npt.NDArray[np.float64] = values.to_numpy(zero_copy_only=False)
    return found.astype(np.float64)
