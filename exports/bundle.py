"""A ZIP of CSV files, written in one pass with flat memory and the same bytes for the same content.

Pure: knows nothing of the trial or of Django.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

NEWLINE = "\r\n"  # RFC 4180
# The moment of writing must not show in the bytes; this is the earliest a ZIP can name.
NO_TIME = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100600 << 16
# Level 6 makes files a quarter smaller in three times the time.
COMPRESSION = 2
ROWS_AT_ONCE = 1000
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a manifest says of one file; `rows` without the header, None for a file that is no table."""

    name: str
    rows: int | None
    size: int  # bytes, uncompressed
    sha256: str


class TableFile:
    """One CSV file being written: header first, then rows, each as one line of CSV in bytes or as cells."""

    def __init__(self, write: Callable[[bytes], object], report: Callable[[int], None]) -> None:
        self._write = write
        self._report = report
        self._waiting: list[bytes] = []
        self.rows = 0

    def header(self, names: Sequence[str]) -> None:
        self._write(_line(names))

    def row(self, cells: Sequence[Any]) -> None:
        """Write one row; None is written as an empty cell."""
        self._write(_line(cells))
        self.rows += 1

    def write(self, line: bytes) -> None:
        r"""Take one row that is CSV already and ends in a line feed, as PostgreSQL's COPY hands them out.

        The protocol gives one row per message, so the last byte is the row's end and never a line feed
        within a quoted value.
        """
        self._waiting.append(line[:-1])
        if len(self._waiting) >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._write(b"\r\n".join([*self._waiting, b""]))
            self.rows += len(self._waiting)
            self._waiting.clear()
            self._report(self.rows)


class Stream:
    """One file being written piece by piece, with its size and hash so far."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        self.digest.update(content)
        self.size += len(content)
        self._write(content)


class Bundle:
    """The ZIP and what is known of each file in it so far; as a context manager, closed on leaving."""

    def __init__(self, target: IO[bytes], moment: tuple[int, int, int, int, int, int] = NO_TIME) -> None:
        """Write into `target`; every file in it bears one time, by default none."""
        self._zip = ZipFile(target, "w", ZIP_DEFLATED, compresslevel=COMPRESSION)
        self._moment = moment
        self.files: list[FileFacts] = []

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    @contextmanager
    def table(self, name: str, report: Callable[[int], None] = lambda rows: None) -> Iterator[TableFile]:
        """Open a CSV file in the ZIP; `report` is told the rows written so far, now and then."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(self._info(name), "w") as raw:

            def write(content: bytes) -> None:
                nonlocal size
                digest.update(content)
                size += len(content)
                raw.write(content)

            table = TableFile(write, report)
            yield table
            table.flush()
        self.files.append(FileFacts(name, table.rows, size, digest.hexdigest()))

    @contextmanager
    def stream(self, name: str) -> Iterator[Stream]:
        """Open a file in the ZIP that is written piece by piece."""
        with self._zip.open(self._info(name), "w") as raw:
            stream = Stream(raw.write)
            yield stream
        self.files.append(FileFacts(name, None, stream.size, stream.digest.hexdigest()))

    def text(self, name: str, content: str) -> None:
        """Add a text file whole."""
        self.binary(name, content.encode("utf-8"))

    def binary(self, name: str, raw: bytes) -> None:
        """Add a file whole, as it is."""
        self._zip.writestr(self._info(name), raw)
        self.files.append(FileFacts(name, None, len(raw), hashlib.sha256(raw).hexdigest()))

    def file(self, name: str, path: Path, *, rows: int | None = None, packed: bool = False) -> None:
        """Add a file that lies on the disk; one that is `packed` already is not deflated again."""
        info = self._info(name)
        if packed:
            info.compress_type = ZIP_STORED
        digest, size = hashlib.sha256(), path.stat().st_size
        info.file_size = size  # lets the ZIP choose its long form for a file that needs it
        with path.open("rb") as source, self._zip.open(info, "w") as raw:
            while block := source.read(BLOCK):
                digest.update(block)
                raw.write(block)
        self.files.append(FileFacts(name, rows, size, digest.hexdigest()))

    def digest(self) -> str:
        """One hash for all files so far: SHA-256 of a line `<sha256>  <name>` per file, in their order."""
        lines = "".join(f"{facts.sha256}  {facts.name}\n" for facts in self.files)
        return hashlib.sha256(lines.encode("utf-8")).hexdigest()

    def seal(self, manifest: Mapping[str, Any]) -> str:
        """Add manifest.json, which lists every other file, and give its SHA-256; the last thing to go into the ZIP."""
        files = [
            {"name": facts.name, "rows": facts.rows, "bytes": facts.size, "sha256": facts.sha256}
            for facts in self.files
        ]
        raw = f"{json.dumps({**manifest, 'files': files}, ensure_ascii=False, indent=2)}\n".encode()
        self._zip.writestr(self._info("manifest.json"), raw)
        return hashlib.sha256(raw).hexdigest()

    def _info(self, name: str) -> ZipInfo:
        info = ZipInfo(name, self._moment)
        info.compress_type = ZIP_DEFLATED
        info.external_attr = PLAIN_FILE
        info.create_system = 3  # the same on every system
        return info


def _line(cells: Iterable[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=NEWLINE).writerow(cells)
    return text.getvalue().encode("utf-8")
