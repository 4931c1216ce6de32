"""Read a release of MedDRA as its maintainer distributes it: text files, one term a line, columns ended by `$`.

Nothing of MedDRA is part of this project: a sponsor who holds a licence points at the folders it was given. The
files read are soc.asc, hlgt.asc, hlt.asc, pt.asc, llt.asc and mdhier.asc; others of the folder are left alone.
A folder in Chinese has the same files with the same codes; of it, names alone are taken.
Source: the layout described in the MedDRA Distribution File Format Document.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

# Level, file, and the columns (from 0) of code and name.
FILES: Final = (
    ("SOC", "soc.asc"),
    ("HLGT", "hlgt.asc"),
    ("HLT", "hlt.asc"),
    ("PT", "pt.asc"),
    ("LLT", "llt.asc"),
)
HIERARCHY: Final = "mdhier.asc"
PT_OF_LLT, CURRENT = 2, 9
SOC_OF_PATH, PRIMARY = 3, 11
# The distribution is in UTF-8; older releases came in the encoding of their language.
ENCODINGS: Final = ("utf-8-sig", "gb18030")
LONGEST_NAME: Final = 250


class UnreadableRelease(ValueError):
    """A folder that does not hold a release in this layout; says which file and line."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its level, code and name; of a lowest level term its preferred term and whether it is current."""

    level: str
    code: int
    name: str
    parent: int | None = None
    current: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a preferred term up to a system organ class; exactly one of each term's is primary."""

    pt: int
    hlt: int
    hlgt: int
    soc: int
    primary: bool


@dataclass(frozen=True, slots=True)
class Release:
    """Everything read of a release: its terms, the ways between them, and the SHA-256 of each file."""

    terms: tuple[Term, ...]
    paths: tuple[Way, ...]
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many terms there are of each level, and how many paths."""
        return {**Counter(term.level for term in self.terms), "PATH": len(self.paths)}


def read_release(folder: Path) -> Release:
    """Read a folder and hold it together: raises UnreadableRelease where a file is missing or malformed, a code
    stands twice on a level, a term's parent or a path's step is not there, or a preferred term has not exactly
    one primary path."""
    digests: dict[str, str] = {}
    terms: list[Term] = []
    for level, name in FILES:
        terms += [_term(level, name, number, cells) for number, cells in _lines(folder, name, digests)]
    paths = [_path(number, cells) for number, cells in _lines(folder, HIERARCHY, digests)]
    _hold_together(terms, paths)
    return Release(tuple(terms), tuple(paths), digests)


def read_names(folder: Path) -> tuple[dict[tuple[str, int], str], dict[str, str]]:
    """Read the names of a folder in another language, by level and code, and the SHA-256 of each file."""
    digests: dict[str, str] = {}
    names = {}
    for level, name in FILES:
        for number, cells in _lines(folder, name, digests):
            term = _term(level, name, number, cells)
            names[level, term.code] = term.name
    return names, digests


def _lines(folder: Path, name: str, digests: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    # Distributions differ in the case of their file names.
    found = [path for path in folder.iterdir() if path.name.lower() == name] if folder.is_dir() else []
    if not found:
        raise UnreadableRelease(f"{folder} has no file {name}.")
    content = found[0].read_bytes()
    digests[name] = hashlib.sha256(content).hexdigest()
    for number, line in enumerate(_decoded(content, name).splitlines(), start=1):
        if line.strip():
            yield number, [cell.strip() for cell in line.split("$")]


def _decoded(content: bytes, name: str) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableRelease(f"{name} is neither UTF-8 nor GB 18030.")


def _term(level: str, name: str, number: int, cells: list[str]) -> Term:
    least = CURRENT + 1 if level == "LLT" else 2
    if len(cells) < least or not cells[1]:
        raise UnreadableRelease(f"{name}, line {number}: {least} columns ended by $ are expected.")
    if len(cells[1]) > LONGEST_NAME:
        raise UnreadableRelease(f"{name}, line {number}: the name has more than {LONGEST_NAME} characters.")
    code = _code(cells[0], name, number)
    if level != "LLT":
        return Term(level, code, cells[1])
    if cells[CURRENT] not in ("Y", "N"):
        raise UnreadableRelease(f"{name}, line {number}: current is Y or N, not {cells[CURRENT]!r}.")
    return Term(level, code, cells[1], _code(cells[PT_OF_LLT], name, number), cells[CURRENT] == "Y")


def _path(number: int, cells: list[str]) -> Way:
    if len(cells) <= PRIMARY or cells[PRIMARY] not in ("Y", "N"):
        raise UnreadableRelease(
            f"{HIERARCHY}, line {number}: 12 columns ended by $ are expected, the last Y or N."
        )
    pt, hlt, hlgt, soc = (_code(cell, HIERARCHY, number) for cell in cells[: SOC_OF_PATH + 1])
    return Way(pt, hlt, hlgt, soc, cells[PRIMARY] == "Y")


def _code(text: str, name: str, number: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise UnreadableRelease(f"{name}, line {number}: {text!r} is no code.")
    return int(text)


def _hold_together(terms: list[Term], paths: list[Way]) -> None:
    known: dict[str, set[int]] = {level: set() for level, _name in FILES}
    for term in terms:
        if term.code in known[term.level]:
            raise UnreadableRelease(f"{term.level} {term.code} stands there twice.")
        known[term.level].add(term.code)
    for term in terms:
        if term.parent is not None and term.parent not in known["PT"]:
            raise UnreadableRelease(f"LLT {term.code} names PT {term.parent}, which is not there.")
    for path in paths:
        for level, code in (("PT", path.pt), ("HLT", path.hlt), ("HLGT", path.hlgt), ("SOC", path.soc)):
            if code not in known[level]:
                raise UnreadableRelease(f"{HIERARCHY} names {level} {code}, which is not there.")
    primary = Counter(path.pt for path in paths if path.primary)
    wrong = [pt for pt in known["PT"] if primary[pt] != 1]
    if wrong:
        raise UnreadableRelease(f"PT {min(wrong)} has {primary[min(wrong)]} primary paths; it needs one.")
