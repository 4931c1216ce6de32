"""The register of lines: what each demands, where that stands, and how it is sabotaged."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REGISTER = ROOT / "validation" / "lines.toml"
MARK = re.compile(r"mark\.line\(([^)]*)\)")
NAMED = re.compile(r"\"([A-Z]+[0-9]+)\"")


@dataclass(frozen=True, slots=True)
class Sabotage:
    """How the product is broken: SQL as the database's superuser after the migrations, or words of a file replaced."""

    words: str
    sql: str = ""
    file: str = ""
    take: str = ""
    put: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist."""

    id: str
    says: str
    source: str
    sabotage: Sabotage | None


def read() -> list[Line]:
    """Read the register; ValueError for a line named twice, or a sabotage that neither runs SQL nor edits a file."""
    given = tomllib.loads(REGISTER.read_text(encoding="utf-8"))["line"]
    lines = [
        Line(one["id"], one["says"], one.get("source", ""), _sabotage(one.get("sabotage"))) for one in given
    ]
    if len({line.id for line in lines}) != len(lines):
        raise ValueError("A line is named twice.")
    return lines


def _sabotage(given: Mapping[str, str] | None) -> Sabotage | None:
    if given is None:
        return None
    made = Sabotage(**given)
    if bool(made.sql) == bool(made.file):
        raise ValueError(f"A sabotage runs SQL, or edits a file: {made.words}")
    return made


def tests_by_line() -> dict[str, list[str]]:
    """The files of the tests that name each line."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for mark in MARK.findall(text):
            for line in NAMED.findall(mark):
                files = found.setdefault(line, [])
                name = path.relative_to(ROOT).as_posix()
                if name not in files:
                    files.append(name)
    return found
