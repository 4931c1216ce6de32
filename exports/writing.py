"""Write an export: every table of one consistent snapshot, streamed from PostgreSQL's COPY into a ZIP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

from exports.bundle import Bundle, FileFacts
from exports.codebook import write_codebook
from exports.tables import Table
from exports.trial_tables import tables_of_export
from records.study import STUDY_ID

FORMAT = 1  # raised when the files' shape changes in a way a reader has to know

# Told the table being written, the rows written and the rows there are, now and then.
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the manifest says of an export beside its files.

    `sites` are codes, None for every site; `fictitious`: the database is no real trial's.
    """

    export: int
    requested_at: datetime
    requested_by: int
    requested_as: str
    data_as_of: datetime
    sites: tuple[str, ...] | None
    historical: bool
    fictitious: bool = False


@contextmanager
def snapshot(reader: BaseDatabaseWrapper) -> Iterator[None]:
    """Open a read-only transaction that sees one moment of the database, however long the writing takes."""
    with reader.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
        cursor.execute("COMMIT")


def write_bundle(
    *,
    target: IO[bytes],
    reader: BaseDatabaseWrapper,
    stamp: Stamp,
    site_ids: list[int] | None,
    report: Report,
) -> tuple[int, list[FileFacts]]:
    """Write the ZIP to `target`; gives the rows of data in it and what its files are.

    `site_ids`: the sites to read, None for all. `reader` should be inside `snapshot`. Same data and same
    stamp, same bytes. Memory does not grow with the rows.
    """
    tables = tables_of_export(historical=stamp.historical)
    with Bundle(target) as bundle, reader.cursor() as cursor:
        total = _count(cursor, tables, site_ids)
        done = 0
        for table in tables:

            def told(rows: int, name: str = table.name, before: int = done) -> None:
                report(name, before + rows, total)

            told(0)
            with bundle.table(table.file, told) as file:
                file.header(table.header)
                copy = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv)").format(table.selection(site_ids))
                cursor.copy_expert(copy.as_string(cursor.connection), file)
            done += bundle.files[-1].rows or 0
        data_files = list(bundle.files)
        write_codebook(bundle, tables, fictitious=stamp.fictitious)
        bundle.seal(_manifest(stamp, bundle, done))
    return done, data_files


def _count(cursor: Any, tables: list[Table], site_ids: list[int] | None) -> int:
    counts = sql.SQL(" UNION ALL ").join(table.count(site_ids) for table in tables)
    query = sql.SQL("SELECT sum(count) FROM ({}) counts").format(counts)
    cursor.execute(query.as_string(cursor.connection))
    return int(cursor.fetchone()[0])


def _manifest(stamp: Stamp, bundle: Bundle, rows: int) -> dict[str, Any]:
    definitions = next(facts.sha256 for facts in bundle.files if facts.name == "codebook.csv")
    return {
        "study": STUDY_ID,
        "fictitious": stamp.fictitious,
        "format": FORMAT,
        "export": stamp.export,
        "requested_at": stamp.requested_at.astimezone(UTC).isoformat(timespec="seconds"),
        "requested_by": {"user_id": stamp.requested_by, "role": stamp.requested_as},
        "data_as_of": stamp.data_as_of.astimezone(UTC).isoformat(timespec="microseconds"),
        "scope": {
            "all_sites": stamp.sites is None,
            "sites": None if stamp.sites is None else list(stamp.sites),
            "historical_screening_entries": stamp.historical,
        },
        "schema_sha256": definitions,
        "content_sha256": bundle.digest(),
        "rows": rows,
    }
