"""One dataset written twice in one pass: as a SAS transport file and as Dataset-JSON 1.1.

Rows come as PostgreSQL's COPY hands them out (text format, NULL as nothing): tabs between the cells, backslashes
before what would break that. Most rows hold nothing of the kind, and then a row is one formatting of bytes for
either file. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from exports import sas_transport
from exports.sas_transport import Variable, display_of

# What COPY puts behind a backslash.
ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\\": b"\\"}
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
# What JSON cannot hold as it is.
_SPECIAL = re.compile(rb'[\x00-\x1f"\\]')
_SPECIAL_IN_LINE = re.compile(rb'[\x00-\x08\x0a-\x1f"\\]')  # a tab stands between cells
ROWS_AT_ONCE = 500


def unescaped(cell: bytes) -> bytes:
    """Give a cell of COPY as it stands in the database."""
    if b"\\" not in cell:
        return cell
    return _ESCAPE.sub(lambda found: ESCAPES.get(found[1], found[1]), cell)


def cut(cell: bytes, length: int) -> list[bytes]:
    """Cut a text into pieces of at most `length` bytes, never within a character; the last may be shorter."""
    pieces = []
    while len(cell) > length:
        at = length
        while cell[at] & 0xC0 == 0x80:
            at -= 1
        pieces.append(cell[:at])
        cell = cell[at:]
    return [*pieces, cell]


@dataclass(frozen=True, slots=True)
class Facts:
    """What both files say of a dataset beside its rows. `keys`: the columns that make a row unique, in order."""

    name: str
    label: str
    columns: tuple[Variable, ...]
    keys: tuple[str, ...]
    structure: str = ""
    kind: str = ""


class Tabulation:
    """Takes rows, cell by cell as bytes, and writes both files; where they go is said by the caller."""

    def __init__(self, facts: Facts, moment: datetime, transport: Any, rows_json: IO[bytes]) -> None:
        """Begin the transport file; `rows_json` takes the rows of Dataset-JSON, each after a comma and a line end."""
        self.facts = facts
        self._lengths = [column.length for column in facts.columns]
        self._numbers = [place for place, column in enumerate(facts.columns) if column.number]
        self._length = sum(self._lengths)
        self._format = b"".join(b"%%-%db" % length for length in self._lengths)
        quoted = (b"%b" if column.number else b'"%b"' for column in facts.columns)
        self._json = b",\n[" + b",".join(quoted) + b"]"
        self._transport, self._rows_json = transport, rows_json
        self._waiting: list[bytes] = []
        self._waiting_json: list[bytes] = []
        self.rows = 0
        transport.write(sas_transport.head(facts.name, facts.label, facts.columns, moment))

    def row(self, cells: list[bytes], special: bool = True) -> None:
        """Take one row; a text longer than its column raises ValueError. Without `special`, no cell needs escaping."""
        json_cells = [_in_json(cell) for cell in cells] if special else cells.copy()
        for place in self._numbers:
            json_cells[place] = cells[place] or b"null"
            cells[place] = sas_transport.number(cells[place])
        record = self._format % tuple(cells)
        if len(record) != self._length:
            raise ValueError(self._too_long(cells))
        self._waiting.append(record)
        self._waiting_json.append(self._json % tuple(json_cells))
        self.rows += 1
        if len(self._waiting) >= ROWS_AT_ONCE:
            self.flush()

    def _too_long(self, cells: Sequence[bytes]) -> str:
        named = [
            column.name
            for cell, column in zip(cells, self.facts.columns, strict=True)
            if len(cell) > column.length
        ]
        return f"{self.facts.name}: {', '.join(named)} is longer than its column."

    def flush(self) -> None:
        self._transport.write(b"".join(self._waiting))
        self._rows_json.write(b"".join(self._waiting_json))
        self._waiting.clear()
        self._waiting_json.clear()

    def close(self) -> None:
        """Write what waits, and fill the transport file's last record."""
        self.flush()
        self._transport.write(sas_transport.padding(self._length * self.rows))


def _in_json(cell: bytes) -> bytes:
    if not _SPECIAL.search(cell):
        return cell
    return json.dumps(cell.decode("utf-8"), ensure_ascii=False)[1:-1].encode("utf-8")


def is_special(line: bytes) -> bool:
    """Whether a line of COPY holds anything that has to be escaped in JSON, or was escaped by COPY."""
    return _SPECIAL_IN_LINE.search(line) is not None


def json_head(facts: Facts, rows: int, moment: datetime, study: str, version: str) -> bytes:
    """What stands before the rows of Dataset-JSON 1.1; its end is `JSON_END`."""
    keys = {name: place for place, name in enumerate(facts.keys, 1)}
    columns = []
    for column in facts.columns:
        described: dict[str, str | int] = {
            "itemOID": f"IT.{facts.name}.{column.name}",
            "name": column.name,
            "label": column.label,
            "dataType": _json_type(column),
        }
        if not column.number:
            described["length"] = column.length
        if display_of(column):
            described["displayFormat"] = display_of(column)
        if column.name in keys:
            described["keySequence"] = keys[column.name]
        columns.append(described)
    at = moment.astimezone(UTC).isoformat(timespec="seconds")
    head = {
        "datasetJSONCreationDateTime": at,
        "datasetJSONVersion": "1.1.0",
        "fileOID": f"{study}.{facts.name}.{at}",
        "dbLastModifiedDateTime": at,
        "originator": study,
        "studyOID": f"ST.{study}",
        "metaDataVersionOID": version,
        "metaDataRef": "define.xml",
        "itemGroupOID": f"IG.{facts.name}",
        "records": rows,
        "name": facts.name,
        "label": facts.label,
        "columns": columns,
    }
    return json.dumps(head, ensure_ascii=False, indent=1)[:-2].encode("utf-8") + b',\n "rows": ['


JSON_END = b"\n]\n}\n"


def _json_type(column: Variable) -> str:
    if not column.number:
        return "string"
    return "integer" if is_whole(column) else "float"


def is_whole(column: Variable) -> bool:
    """Whether a number is one without decimal places."""
    return bool(display_of(column)) or column.name.endswith(
        ("SEQ", "DY", "ORD", "AGE", "CNSR", "DAYS", "PN", "AN")
    )


def write_json(head: bytes, rows: IO[bytes], write: Callable[[bytes], object]) -> None:
    """Put head, rows and end together; the first row has no comma before it."""
    write(head)
    rows.seek(0)
    first = rows.read(1)
    if first:
        for piece in _pieces(rows):
            write(piece)
    write(JSON_END)


def _pieces(file: IO[bytes]) -> Iterable[bytes]:
    while piece := file.read(1 << 18):
        yield piece
