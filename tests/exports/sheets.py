"""A table of odd values as it lies in the worker's folder, and readers from outside for each format."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg2 import sql

from exports.formats.base import Sheet
from exports.tables import Column, Table
from records.codelists import CodeList
from records.text import Text

LIST = CodeList("GRADE", ("Y", "Yes", "是"), ("N", "No", "否"), ("UNK", "Unknown", "不详"))
NUMBERS = CodeList("ECOG", ("0", "Active", "正常"), ("1", "Restricted", "受限"))
COLUMNS = {
    "N": "integer",
    "WORDS": "text",
    "DAY": "date",
    "AT": "datetime",
    "RATIO": "decimal",
    "ANSWER": "code",
}


def column(name: str, kind: str = "text", **facts: Any) -> Column:
    return Column(name, sql.SQL(name), Text(f"The {name}", f"变量{name}"), kind, **facts)


def table(*columns: Column, name: str = "ODD") -> Table:
    return Table(name, Text("Odd values", "特殊值"), columns, sql.SQL("odd"), sql.SQL("1"))


def cell(value: str | None) -> str:
    """A value as COPY writes it: nothing for NULL, and every text in quotes, so that an empty one is told from it."""
    return "" if value is None else '"' + value.replace('"', '""') + '"'


def sheet(of: Table, rows: Sequence[Sequence[str | None]], folder: Path) -> Sheet:
    path = folder / f"{of.name}.rows"
    path.write_bytes("".join(",".join(map(cell, row)) + "\n" for row in rows).encode())
    return Sheet(of, path, len(rows))


def ran(*command: str, **options: Any) -> str:
    """What a program from outside prints; its complaint where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", **options)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
