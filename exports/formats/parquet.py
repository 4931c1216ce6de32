"""Parquet: typed columns, exact decimals, labels and codes in the metadata of each column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
from pyarrow import parquet

from exports.formats.base import Format, Sheet
from exports.tables import Column
from records.text import Text

GROUP = 16 << 20  # bytes of a row group in memory


class Parquet(Format):
    key: ClassVar[str] = "parquet"
    label: ClassVar[Text] = Text("Parquet", "Parquet")
    extension: ClassVar[str] = "parquet"
    about: ClassVar[Text] = Text(
        "Typed columns for Python, R and databases; small and quick.",
        "带类型的列式文件，适用于Python、R和数据库。",
    )
    note: ClassVar[str] = """\
Each table is a Parquet file: dates, times (UTC), whole numbers and exact decimals are typed; label, unit and codes stand
in the metadata of each column. Compressed with Zstandard.
每个表为一个Parquet文件：日期、时间（UTC）、整数和精确小数均带类型；标签、单位和代码在各列的元数据中。采用Zstandard压缩。
"""
    packed: ClassVar[bool] = True

    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        schema = pa.schema(
            [
                pa.field(names[column.name], sheet.schema.field(column.name).type, metadata=_facts(column))
                for column in sheet.columns
            ],
            metadata={"title_en": sheet.table.title.en, "title_zh": sheet.table.title.zh},
        )
        with parquet.ParquetWriter(target, schema, compression="zstd", compression_level=1) as writer:
            for group in _grouped(sheet.batches()):
                arrays = pa.Table.from_batches(group).columns
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _grouped(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Batches together as large as a row group is to be."""
    group: list[pa.RecordBatch] = []
    for batch in batches:
        group.append(batch)
        if sum(one.nbytes for one in group) >= GROUP:
            yield group
            group = []
    if group:
        yield group


def _facts(column: Column) -> dict[str, str]:
    facts = {"label_en": column.label.en, "label_zh": column.label.zh}
    if column.item is not None and column.item.unit:
        facts["unit"] = column.item.unit
    if column.codes is not None:
        facts["codes"] = json.dumps(
            {code: [label.en, label.zh] for code, label in column.codes}, ensure_ascii=False
        )
    return facts
