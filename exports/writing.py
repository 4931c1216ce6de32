"""Write an export: every table of one consistent snapshot, copied out of PostgreSQL into a ZIP of the format asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

from audit.filters import TrailFilter
from audit.selectors import Scope
from exports.bundle import Bundle, FileFacts
from exports.codebook import PLAINLY, Naming, write_codebook
from exports.deidentify import deidentified, key_codes, mark, of_participant, of_site
from exports.formats.base import Format, Preflight, Sheet, Unfit
from exports.formats.registry import FORMATS
from exports.notes import notes_of
from exports.r_script import SCRIPT
from exports.selection import tables_asked
from exports.stamp import Report, Stamp
from exports.tables import Table
from exports.trail_file import add_trail
from records.study import STUDY_ID

FORMAT = 2  # raised when the files' shape changes in a way a reader has to know


@contextmanager
def snapshot(reader: BaseDatabaseWrapper) -> Iterator[None]:
    """Open a read-only transaction that sees one moment of the database, however long the writing takes."""
    with reader.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
        cursor.execute("COMMIT")


@dataclass
class Source:
    """The database to copy out of, and how far that is. `steps`: how often each row is gone through."""

    cursor: Any
    site_ids: list[int] | None
    report: Report
    total: int
    steps: int = 1
    done: int = 0

    def copy(self, table: Table, sink: Any) -> None:
        """Write the rows of a table to `sink` as CSV without a header, one call a row."""
        copy = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv)").format(table.selection(self.site_ids))
        self.cursor.copy_expert(copy.as_string(self.cursor.connection), sink)

    def tell(self, table: str, rows: int) -> None:
        self.report(table, (self.done + rows) // self.steps, self.total)

    def past(self, table: str, rows: int) -> None:
        self.done += rows
        self.tell(table, 0)


def write_bundle(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    stamp: Stamp,
    site_ids: list[int] | None,
    report: Report,
) -> tuple[int, list[FileFacts]]:
    """Write the ZIP to `target`; gives the rows of data in it and what its files are.

    `site_ids`: the sites to read, None for all. `reader` should be inside `snapshot`. Same data and same stamp, same
    bytes. Memory does not grow with the rows. Raises Unfit where the format cannot hold the data.
    """
    form = FORMATS[stamp.asked.format]
    with Bundle(target) as bundle, reader.cursor() as cursor:
        plain = tables_asked(stamp.asked, historical=stamp.historical)
        source = Source(cursor, site_ids, report, _count(cursor, plain, site_ids))
        tables = _disguised(cursor, plain, stamp)
        naming = PLAINLY
        if not form.rows:
            form.describe(bundle, tables)
        elif form.spooled:
            naming = _spooled(bundle, form, tables, source, stamp)
        else:
            _copied(bundle, tables, source)
        rows = sum(facts.rows or 0 for facts in bundle.files) if form.rows else 0
        data_files = list(bundle.files)
        write_codebook(
            bundle, tables, naming=naming, notes=notes_of(stamp, form), fictitious=stamp.fictitious
        )
        if form.key == "csv":
            bundle.text("read.R", SCRIPT)
        if stamp.asked.trail:
            scope = Scope(None if site_ids is None else tuple(site_ids))
            add_trail(
                bundle,
                reader=reader,
                scope=scope,
                asked=TrailFilter(),
                report=report,
                about="trail_columns.csv",
            )
        bundle.seal(_manifest(stamp, bundle, rows))
    return rows, data_files


def _copied(bundle: Bundle, tables: list[Table], source: Source) -> None:
    """Every table straight out of the database, as CSV."""
    for table in tables:
        source.tell(table.name, 0)
        with bundle.table(table.file, partial(source.tell, table.name)) as file:
            file.header(table.header)
            source.copy(table, file)
        source.past(table.name, bundle.files[-1].rows or 0)


def _spooled(bundle: Bundle, form: Format, tables: list[Table], source: Source, stamp: Stamp) -> Naming:
    """Every table copied onto the disk, held against the format's limits, and written from there."""
    source.steps = 2
    with TemporaryDirectory(prefix=f"export-{stamp.export:06d}-", dir=_folder()) as folder:
        sheets = [_spool(table, Path(folder), source) for table in tables]
        checked = form.preflight(sheets, leave_out=stamp.asked.leave_out)
        if checked.refused:
            raise Unfit(checked.refused)
        source.done = source.total
        for sheet in sheets:
            sheet.told = partial(source.tell, sheet.name)
        form.add(bundle, sheets, checked, Path(folder), lambda sheet: source.past(sheet.name, sheet.rows))
    return _naming(form, tables, checked)


def _folder() -> Path:
    root = Path(settings.EXPORT_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def _naming(form: Format, tables: list[Table], checked: Preflight) -> Naming:
    return Naming(
        files={table.name: form.file_name(table) for table in tables},
        names=checked.names,
        left={(one.table, one.column): one.why.value for one in checked.left},
    )


class _Spool:
    """Takes the rows of a COPY onto the disk, and counts them."""

    def __init__(self, file: IO[bytes], told: Any) -> None:
        self._file, self._told = file, told
        self.rows = 0

    def write(self, line: bytes) -> None:
        self._file.write(line)
        self.rows += 1
        if self.rows % 1000 == 0:
            self._told(self.rows)


def _spool(table: Table, folder: Path, source: Source) -> Sheet:
    path = folder / f"{table.name}.rows"
    with path.open("wb", buffering=1 << 20) as file:
        spool = _Spool(file, partial(source.tell, table.name))
        source.copy(table, spool)
    source.past(table.name, spool.rows)
    return Sheet(table, path, spool.rows)


def _disguised(cursor: Any, tables: list[Table], stamp: Stamp) -> list[Table]:
    """The tables, de-identified where that was asked for."""
    if not stamp.asked.deidentified:
        return tables
    secret = settings.DEIDENTIFICATION_KEY
    people = [of_participant(secret, stamp.key, pk) for pk in _keys(cursor, "participants_participant")]
    sites = [of_site(secret, stamp.key, pk) for pk in _keys(cursor, "accounts_site")]
    codes = key_codes(secret, stamp.key)
    return [deidentified(table, people, sites, codes, masked=stamp.asked.masked) for table in tables]


def _keys(cursor: Any, table: str) -> list[int]:
    query = sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(table))
    cursor.execute(query.as_string(cursor.connection))
    return [key for (key,) in cursor.fetchall()]


def _count(cursor: Any, tables: list[Table], site_ids: list[int] | None) -> int:
    counts = sql.SQL(" UNION ALL ").join(table.count(site_ids) for table in tables)
    query = sql.SQL("SELECT sum(count) FROM ({}) counts").format(counts)
    cursor.execute(query.as_string(cursor.connection))
    return int(cursor.fetchone()[0])


def _manifest(stamp: Stamp, bundle: Bundle, rows: int) -> dict[str, Any]:
    definitions = next(facts.sha256 for facts in bundle.files if facts.name == "codebook.csv")
    masked = stamp.asked.deidentified and stamp.asked.masked
    return {
        "study": STUDY_ID,
        "fictitious": stamp.fictitious,
        "format": FORMAT,
        "export": stamp.export,
        "definition": stamp.definition,
        "asked": stamp.asked.kept(),
        "deidentified": mark(settings.DEIDENTIFICATION_KEY, stamp.key) if stamp.asked.deidentified else None,
        "requested_at": stamp.requested_at.astimezone(UTC).isoformat(timespec="seconds"),
        "requested_by": {"user_id": stamp.requested_by, "role": stamp.requested_as},
        "data_as_of": stamp.data_as_of.astimezone(UTC).isoformat(timespec="microseconds"),
        "scope": {
            "all_sites": stamp.sites is None,
            "sites": None if stamp.sites is None or masked else list(stamp.sites),
            "historical_screening_entries": stamp.historical,
        },
        "schema_sha256": definitions,
        "content_sha256": bundle.digest(),
        "rows": rows,
    }
