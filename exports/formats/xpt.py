"""SAS transport files, version 5, as SAS's Technical Note TS-140 lays them out; one file and one member a table.

Everything is ASCII; names have up to 8 characters, labels 40, text 200. Numbers are IBM doubles, which hold every IEEE
double of medicine exactly. The format has no count of rows, so that rows are written as they come. No library writes it
in parts: pyreadstat takes a whole table in memory and stamps the time of writing.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from exports.formats.base import Format, Sheet, ascii_signs, fitted, shortened
from exports.tables import Column, Table
from records.text import Text

NAME, LABEL, TEXT = 8, 40, 200
# The moment of writing must not show in the bytes.
MOMENT = b"01JAN80:00:00:00"
DAYS_1960 = 3653  # from 1960-01-01, SAS's zero, to 1970-01-01
SECONDS_1960 = DAYS_1960 * 86_400
# A missing number is a full stop followed by zeros.
MISSING = int.from_bytes(b"." + bytes(7), "big")
SIGN = np.uint64(1 << 63)
NUMBER, CHARACTER = 1, 2


@dataclass(frozen=True, slots=True)
class _Variable:
    """One variable: its place within a row and how it is laid out there."""

    column: Column
    name: str
    kind: int
    width: int
    at: int

    @property
    def shown(self) -> tuple[bytes, int]:
        """SAS's format and its width."""
        return {"date": (b"DATE", 9), "datetime": (b"DATETIME", 20)}.get(self.column.kind, (b"", 0))

    def described(self, number: int) -> bytes:
        """The NAMESTR of TS-140: 140 bytes."""
        shown, digits = self.shown
        label = fitted(ascii_signs(self.column.label.en), LABEL, LABEL)
        return struct.pack(
            ">hhhh8s40s8shhh2s8shhl52s",
            *(self.kind, 0, self.width, number),
            _padded(self.name, NAME),
            _padded(label, LABEL),
            shown.ljust(8),
            *(digits, 0, 0, b"", b" " * 8, 0, 0, self.at, b""),
        )


def _padded(text: str, width: int) -> bytes:
    return text.encode("ascii", "replace").ljust(width)


def _line(text: bytes) -> bytes:
    return text.ljust(80)


def _header(name: bytes, digits: bytes = b"0" * 30) -> bytes:
    return _line(b"HEADER RECORD*******" + name.ljust(8) + b"HEADER RECORD!!!!!!!" + digits)


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
    return np.where(np.isnan(numbers), np.uint64(MISSING), found)


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
        width = sum(variable.width for variable in variables)
        with target.open("wb", buffering=1 << 20) as file:
            file.write(_head(sheet.table, variables))
            written = 0
            for batch in sheet.batches({variable.column.name: _type(variable) for variable in variables}):
                rows = _rows(batch, variables, width)
                file.write(rows.tobytes())
                written += rows.size
            file.write(b" " * (-written % 80))


def member_of(table: Table) -> str:
    """The member's name; each file has only one, so that it need not differ from those of other files."""
    return table.name.upper()[:NAME].rstrip("_")


def _laid_out(sheet: Sheet, names: Mapping[str, str]) -> list[_Variable]:
    found, at = [], 0
    for column in sheet.columns:
        if column.name not in names:
            continue
        text = pa.types.is_string(sheet.schema.field(column.name).type)
        width = max(1, sheet.measures[column.name].longest) if text else 8
        found.append(_Variable(column, names[column.name], CHARACTER if text else NUMBER, width, at))
        at += width
    return found


def _head(table: Table, variables: Sequence[_Variable]) -> bytes:
    system = b"9.4".ljust(8) + b"Linux".ljust(8) + b" " * 24
    described = b"".join(variable.described(place) for place, variable in enumerate(variables, start=1))
    title = fitted(ascii_signs(table.title.en), LABEL, LABEL)
    return b"".join(
        [
            _header(b"LIBRARY"),
            b"SAS     SAS     SASLIB  " + system + MOMENT,
            _line(MOMENT),
            _header(b"MEMBER", b"000000000000000001600000000140"),
            _header(b"DSCRPTR"),
            b"SAS     " + _padded(member_of(table), NAME) + b"SASDATA " + system + MOMENT,
            MOMENT + b" " * 16 + _padded(title, LABEL) + b" " * 8,
            _header(b"NAMESTR", f"000000{len(variables):04d}".encode().ljust(30, b"0")),
            described + b" " * (-len(described) % 80),
            _header(b"OBS"),
        ]
    )


def _type(variable: _Variable) -> pa.DataType:
    if variable.kind == CHARACTER:
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
        place = slice(variable.at, variable.at + variable.width)
        if variable.kind == CHARACTER:
            rows[:, place] = _characters(values, variable.width)
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
