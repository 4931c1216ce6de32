"""What every flat format is asked: which names it gives, what it cannot hold, and to write one table.

A table is copied out of the database once, as CSV into a folder of the worker, and read from there in batches of
Arrow: once to measure it, once to write it. Memory stays flat, and the limits of a format are known before a byte of
it is written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from exports.bundle import Bundle
from exports.sensitivity import is_document
from exports.tables import Column, Table
from records.items import DecimalItem
from records.text import Text

BLOCK = 2 << 20  # bytes of CSV read at once; no row may be longer
ASCII = r"^[\t\n\r -~]*$"


# Signs that the system's own words hold, in ASCII.
SIGNS = str.maketrans(
    {
        "µ": "u", "μ": "u", "≥": ">=", "≤": "<=", "–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"',
        "×": "x", "²": "2", "³": "3", "⁹": "9", "°": "deg", "→": "->", "·": "*", "…": "...", "α": "alpha", "β": "beta",
        "γ": "gamma", "±": "+/-",
    }
)  # fmt: skip


def ascii_signs(text: str) -> str:
    """The text with the signs the system uses in ASCII; others stay."""
    return text.translate(SIGNS)


class Cannot(StrEnum):
    """Why a format cannot hold a column as it is."""

    ASCII = "ASCII"
    LENGTH = "LENGTH"
    SPACES = "SPACES"
    CODE = "CODE"
    DOCUMENT = "DOCUMENT"
    ROWS = "ROWS"
    CONTROL = "CONTROL"


CANNOT_WORDS = {
    Cannot.ASCII: Text("characters beyond ASCII", "含非ASCII字符"),
    Cannot.LENGTH: Text("text too long", "文本过长"),
    Cannot.SPACES: Text("text that ends in spaces", "文本以空格结尾"),
    Cannot.CODE: Text("a code that is not in its list", "代码不在代码表中"),
    Cannot.DOCUMENT: Text("a document (JSON), not for this format", "JSON文档，不适用于该格式"),
    Cannot.ROWS: Text("too many rows", "行数过多"),
    Cannot.CONTROL: Text("a control character", "含控制字符"),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A column (by its name in the export) that a format cannot hold; no column: the whole table."""

    table: str
    column: str
    why: Cannot

    def __str__(self) -> str:
        return f"{self.table}.{self.column}:{self.why}"


@dataclass(slots=True)
class Preflight:
    """What came of holding the tables against a format's limits.

    names    of each table, each column's name in the file, in order; a column that is left out has none
    members  a name of its own for each table that needs one within its format
    left     what is left out, and why
    refused  what stands in the way
    """

    names: dict[str, dict[str, str]] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    left: list[Refusal] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class Unfit(Exception):
    """A format cannot hold what was asked for; nothing is written."""

    def __init__(self, refused: Sequence[Refusal]) -> None:
        self.refused = tuple(refused)
        super().__init__(" ".join(str(one) for one in refused))


@dataclass(frozen=True, slots=True)
class Measure:
    """The text of a column as it is: bytes of its longest value in UTF-8, and what some formats cannot hold."""

    longest: int = 0
    ascii: bool = True
    spaces: bool = False  # some value ends in a space

    def and_also(self, other: Measure) -> Measure:
        return Measure(
            max(self.longest, other.longest), self.ascii and other.ascii, self.spaces or other.spaces
        )


def arrow_type(column: Column) -> pa.DataType:
    """How a column is typed where the format has types."""
    match column.kind:
        case "integer":
            return pa.int64()
        case "decimal" | "measured":
            item = column.item
            if isinstance(item, DecimalItem) and item.max_digits and item.decimal_places is not None:
                return pa.decimal128(item.max_digits, item.decimal_places)
            return pa.float64()
        case "date":
            return pa.date32()
        case "datetime":
            return pa.timestamp("s", tz="UTC")
        case _:
            return pa.string()


@dataclass
class Sheet:
    """One table as it lies in the worker's folder: CSV without a header."""

    table: Table
    path: Path
    rows: int
    told: Callable[[int], None] = lambda rows: None
    in_ascii: frozenset[str] = frozenset()  # columns of the system's own words, whose signs are put in ASCII

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.table.columns

    @cached_property
    def schema(self) -> pa.Schema:
        return pa.schema([(column.name, arrow_type(column)) for column in self.columns])

    def batches(self, types: Mapping[str, pa.DataType] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows in order, as `types` says: columns by their names in the export; None: all as they are typed."""
        if types is None:
            types = {name: self.schema.field(name).type for name in self.schema.names}
        return self._read(types, list(types))

    def _read(
        self, types: Mapping[str, pa.DataType], only: Sequence[str], *, telling: bool = True
    ) -> Iterator[pa.RecordBatch]:
        if not self.rows:
            return
        reader = csv.open_csv(
            self.path,
            read_options=csv.ReadOptions(column_names=self.schema.names, block_size=BLOCK, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict(types),
                include_columns=list(only),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        done = 0
        with reader:
            for batch in reader:
                done += batch.num_rows
                if telling:
                    self.told(done)
                yield self._worded(batch)

    def _worded(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if not self.in_ascii:
            return batch
        arrays = [
            _in_ascii(values) if name in self.in_ascii else values
            for name, values in zip(batch.schema.names, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """What there is to know of every column of text; reads the table once."""
        names = [column.name for column in self.columns if pa.types.is_string(arrow_type(column))]
        found = dict.fromkeys(names, Measure())
        for batch in self._read(dict.fromkeys(names, pa.string()), names, telling=False):
            for name in names:
                found[name] = found[name].and_also(_measured(batch.column(name)))
        return found


def _in_ascii(texts: pa.Array) -> pa.Array:
    once = texts.dictionary_encode()
    words = [ascii_signs(text) for text in once.dictionary.to_pylist()]
    return pc.take(pa.array(words, pa.string()), once.indices)


def _measured(texts: pa.Array) -> Measure:
    longest = pc.max(pc.binary_length(texts)).as_py()
    if longest is None:
        return Measure()
    plain = pc.all(pc.match_substring_regex(texts, ASCII), min_count=0).as_py()
    spaces = pc.any(pc.ends_with(texts, " "), min_count=0).as_py()
    return Measure(longest, bool(plain), bool(spaces))


class Format(ABC):
    """One format of files. Stateless; what it cannot hold it says by its limits."""

    key: ClassVar[str]
    label: ClassVar[Text]
    extension: ClassVar[str]
    about: ClassVar[Text]  # what it is for, beside the choice
    note: ClassVar[str] = ""  # what its files are, at the head of README.txt, in both languages
    spooled: ClassVar[bool] = True  # False: written straight from the database, as CSV
    rows: ClassVar[bool] = True  # False: it describes the forms, and holds no data
    packed: ClassVar[bool] = False  # its files are compressed already
    documents: ClassVar[bool] = True  # whether it holds columns of JSON
    text_bytes: ClassVar[int | None] = None  # the longest text
    ascii_only: ClassVar[bool] = False
    padded: ClassVar[bool] = False  # text is padded with spaces, so that its own at the end are lost
    most_rows: ClassVar[int | None] = None

    def names(self, table: Table) -> dict[str, str]:
        """The name of each column within the format, by its name in the export."""
        return {name: name for name in table.header}

    def members(self, tables: Sequence[Table]) -> dict[str, str]:
        return {}

    def preflight(self, sheets: Sequence[Sheet], *, leave_out: bool) -> Preflight:
        """Hold every column of text against the format's limits.

        What is a document by definition is left out where the format does not hold documents; what its values make
        unfit is refused, or left out where that was asked for.
        """
        found = Preflight(members=self.members([sheet.table for sheet in sheets]))
        for sheet in sheets:
            names = self.names(sheet.table)
            if self.ascii_only:
                sheet.in_ascii = frozenset(column.name for column in sheet.columns if _own_words(column))
            if self.most_rows is not None and sheet.rows > self.most_rows:
                found.refused.append(Refusal(sheet.name, "", Cannot.ROWS))
            for column in sheet.columns:
                why = self._unfit(sheet, column)
                if why is None:
                    continue
                refusal = Refusal(sheet.name, column.name, why)
                if leave_out or why == Cannot.DOCUMENT or (self.ascii_only and _chinese(column)):
                    found.left.append(refusal)
                    del names[column.name]
                else:
                    found.refused.append(refusal)
            found.names[sheet.name] = names
        return found

    def _unfit(self, sheet: Sheet, column: Column) -> Cannot | None:
        if not self.documents and is_document(sheet.table, column):
            return Cannot.DOCUMENT
        if not (self.ascii_only or self.padded or self.text_bytes is not None):
            return None
        measure = sheet.measures.get(column.name)
        if measure is None:
            return None
        if self.ascii_only and not measure.ascii:
            return Cannot.ASCII
        if self.text_bytes is not None and measure.longest > self.text_bytes:
            return Cannot.LENGTH
        return Cannot.SPACES if self.padded and measure.spaces else None

    @abstractmethod
    def write(self, sheet: Sheet, names: Mapping[str, str], target: Path) -> None:
        """Write one table to a file. `names`: the columns to write, and each one's name in the file."""

    def describe(self, bundle: Bundle, tables: Sequence[Table]) -> None:
        """Add what describes the tables, for a format without rows."""
        raise NotImplementedError

    def file_name(self, table: Table) -> str:
        return f"{table.file.removesuffix('.csv')}.{self.extension}"

    def add(
        self,
        bundle: Bundle,
        sheets: Sequence[Sheet],
        checked: Preflight,
        folder: Path,
        past: Callable[[Sheet], None],
    ) -> None:
        """Write every table into the bundle, one file each; `past` is told of each that is written."""
        for sheet in sheets:
            target = folder / f"{sheet.name}.{self.extension}"
            self.write(sheet, checked.names[sheet.name], target)
            sheet.path.unlink()
            bundle.file(self.file_name(sheet.table), target, rows=sheet.rows, packed=self.packed)
            target.unlink()
            past(sheet)


def _own_words(column: Column) -> bool:
    """Whether a column holds nothing but words of the system: codes, units, and sentences in English."""
    return column.kind == "code" or (
        column.item is None and (column.name == "UNIT" or column.name.endswith("_EN"))
    )


def _chinese(column: Column) -> bool:
    """Whether a column is the Chinese one of a pair."""
    return column.item is None and column.name.endswith("_ZH")


def shortened(names: Sequence[str], most: int) -> dict[str, str]:
    """Give each name one of at most `most` characters, the same for the same names in the same order.

    A name that fits keeps itself. Others lose what is too much, and take a number where that is taken.
    """
    taken = {name for name in names if len(name) <= most}
    found: dict[str, str] = {}
    for name in names:
        short, number = name, 1
        if len(name) > most:
            short = name[:most]
            while short in taken:
                number += 1
                short = f"{name[: most - len(str(number))]}{number}"
            taken.add(short)
        found[name] = short
    return found


def fitted(label: str, most_characters: int, most_bytes: int) -> str:
    """A label within limits: one that is too long ends in "...", and stands whole in the codebook."""
    if len(label) <= most_characters and len(label.encode()) <= most_bytes:
        return label
    cut = label[: most_characters - 3]
    while len(cut.encode()) > most_bytes - 3:
        cut = cut[:-1]
    return f"{cut.rstrip()}..."
