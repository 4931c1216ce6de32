"""SPSS and Stata, through readstat-arrow: labels of variables and of codes, dates, and text in UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from exports.formats.base import Cannot, Format, Refusal, Sheet, Unfit, fitted
from exports.tables import Column, Table
from records.codelists import CodeList
from records.text import Text

if TYPE_CHECKING:
    from readstat_arrow import Code

RESERVED_SPSS = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}


def _both(label: Text) -> str:
    return label.en if label.en == label.zh else f"{label.en} | {label.zh}"


def _coded(column: Column) -> CodeList | None:
    """The code list of a column that holds one code of it."""
    return column.codes if column.kind == "code" else None


def _patched(target: Path, at: int, fixed: bytes) -> None:
    """Put something fixed where the library writes the moment of writing."""
    with target.open("r+b") as file:
        file.seek(at)
        file.write(fixed)


def _type(sheet: Sheet, column: Column) -> pa.DataType:
    """Numbers as doubles, read from their text: the nearest there is to what was entered."""
    typed = sheet.schema.field(column.name).type
    return pa.float64() if pa.types.is_integer(typed) or pa.types.is_decimal(typed) else typed


class Sav(Format):
    key: ClassVar[str] = "sav"
    label: ClassVar[Text] = Text("SPSS (.sav)", "SPSS（.sav）")
    extension: ClassVar[str] = "sav"
    about: ClassVar[Text] = Text(
        "For SPSS and PSPP: labels and codes with their words.", "用于SPSS和PSPP，含标签和代码含义。"
    )
    note: ClassVar[str] = """\
Each table is an SPSS system file. Codes are text with value labels. A word that SPSS reserves has "_" behind it as a
name. An empty text and a missing one are the same here. Labels that are too long end in "..."; codebook.csv has them whole.
每个表为一个SPSS系统文件。代码为文本并带值标签。SPSS保留字作为变量名时其后加“_”。空文本与缺失在此格式中相同。过长的标签以
“...”结尾，完整内容见codebook.csv。
"""
    documents: ClassVar[bool] = False
    text_bytes: ClassVar[int | None] = 32_767
    padded: ClassVar[bool] = True

    def names(self, table: Table) -> dict[str, str]:
        return {name: f"{name}_" if name in RESERVED_SPSS else name for name in table.header}

    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        columns = [column for column in sheet.columns if column.name in names]
        types = {column.name: _type(sheet, column) for column in columns}
        schema = pa.schema([(names[column.name], types[column.name]) for column in columns])
        from readstat_arrow import Metadata, SavWriter  # noqa: PLC0415 – loads pandas, for workers alone

        known = Metadata(
            variable_labels={names[column.name]: fitted(_both(column.label), 256, 256) for column in columns},
            value_labels={
                names[column.name]: _labels_of_text(codes)
                for column in columns
                if (codes := _coded(column)) is not None
            },
            formats={
                names[column.name]: shown for column in columns if (shown := _spss_format(column)) is not None
            },
            storage_widths={
                names[column.name]: max(1, measure.longest, *_lengths(column))
                for column in columns
                if (measure := sheet.measures.get(column.name)) is not None
            },
            file_label=fitted(sheet.table.title.en, 64, 64),
        )
        with SavWriter(target, schema, sheet.rows, known, compression="rows") as writer:
            for batch in sheet.batches(types):
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        _patched(target, 92, b"01 Jan 8000:00:00")


def _lengths(column: Column) -> list[int]:
    """Bytes of each code of a column: those that no row has are labelled too, and need their room."""
    codes = _coded(column)
    return [] if codes is None else [len(code.encode()) for code in codes.values]


def _labels_of_text(codes: CodeList) -> list[Code]:
    return [{"value": code, "label": fitted(_both(label), 120, 120)} for code, label in codes]


def _spss_format(column: Column) -> str | None:
    if column.kind == "integer":
        return "F20.0"
    item = column.item
    places = getattr(item, "decimal_places", None)
    return f"F20.{places}" if places is not None and column.kind in ("decimal", "measured") else None


class Dta(Format):
    key: ClassVar[str] = "dta"
    label: ClassVar[Text] = Text("Stata (.dta)", "Stata（.dta）")
    extension: ClassVar[str] = "dta"
    about: ClassVar[Text] = Text(
        "For Stata 14 and later: codes as labelled numbers.", "用于Stata 14及以上版本，代码为带标签的数值。"
    )
    note: ClassVar[str] = """\
Each table is a Stata file of version 118 (Stata 14 and later). A column of codes holds numbers: the code itself where all
codes of its list are whole numbers, else its POSITION in codes.csv; the value label begins with the code. An empty text
and a missing one are the same here. Labels that are too long end in "..."; codebook.csv has them whole.
每个表为一个Stata 118版文件（Stata 14及以上）。代码列为数值：若代码表均为整数则为代码本身，否则为codes.csv中的POSITION；值标签以
代码开头。空文本与缺失在此格式中相同。过长的标签以“...”结尾，完整内容见codebook.csv。
"""
    documents: ClassVar[bool] = False
    text_bytes: ClassVar[int | None] = 2_045

    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        columns = [column for column in sheet.columns if column.name in names]
        types = {column.name: _type(sheet, column) for column in columns}
        numbered = {
            column.name: numbers_of(codes) for column in columns if (codes := _coded(column)) is not None
        }
        schema = pa.schema(
            [
                (names[column.name], pa.int32() if column.name in numbered else types[column.name])
                for column in columns
            ]
        )
        from readstat_arrow import DtaWriter, Metadata  # noqa: PLC0415 – loads pandas, for workers alone

        known = Metadata(
            variable_labels={names[column.name]: fitted(_both(column.label), 80, 320) for column in columns},
            value_labels={
                names[column.name]: [
                    {
                        "value": numbered[column.name][code],
                        "label": fitted(f"{code} = {_both(label)}", 300, 32_000),
                    }
                    for code, label in codes
                ]
                for column in columns
                if (codes := _coded(column)) is not None
            },
            storage_widths={
                names[column.name]: max(1, measure.longest)
                for column in columns
                if column.name not in numbered and (measure := sheet.measures.get(column.name)) is not None
            },
            file_label=fitted(_both(sheet.table.title), 80, 256),
        )
        with DtaWriter(target, schema, sheet.rows, known) as writer:
            for batch in sheet.batches(types):
                arrays = [
                    _as_numbers(values, numbered[column.name], sheet, column)
                    if column.name in numbered
                    else values
                    for column, values in zip(columns, batch.columns, strict=True)
                ]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
        with target.open("rb") as file:
            head = file.read(2048)
        _patched(target, head.index(b"<timestamp>") + len("<timestamp>") + 1, b"01 Jan 1980 00:00")


def numbers_of(codes: CodeList) -> dict[str, int]:
    """The number Stata holds for each code: itself where all are whole numbers, else its place in the list from 1."""
    if all(code.isascii() and code.isdigit() and str(int(code)) == code for code in codes.values):
        return {code: int(code) for code in codes.values}
    return {code: place for place, code in enumerate(codes.values, start=1)}


def _as_numbers(values: pa.Array, numbers: Mapping[str, int], sheet: Sheet, column: Column) -> pa.Array:
    """The numbers of codes. Raises Unfit for one that is not in its list."""
    known = pa.array(list(numbers), pa.string())
    places: Any = pc.index_in(values, value_set=known)
    if places.null_count != values.null_count:
        raise Unfit([Refusal(sheet.name, column.name, Cannot.CODE)])
    return pc.take(pa.array(list(numbers.values()), pa.int32()), places)
