"""The adverse events of CTCAE v4.03: every term with the wording of its grades, found in English and in Chinese.

A grade that CTCAE leaves out for a term ("-" in the printed table) is not offered for it. The wording of grades
is kept as published, in English. The Chinese names are for finding and reading a term; the English one is stored.

Source: Common Terminology Criteria for Adverse Events (CTCAE) v4.03, U.S. National Cancer Institute, 14 June 2010
(eligibility/terms/ctcae-4.03.json); Chinese names and further words: eligibility/terms/ctcae-4.03-words.tsv.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from records.terms import Term, TermList
from records.text import Text

FOLDER: Final = Path(__file__).with_name("terms")
GRADES: Final = (1, 2, 3, 4, 5)
FATAL: Final = 5
# Read where an event is no term of the list: what CTCAE says of any other disorder.
OTHER: Final = "General disorders and administration site conditions - Other, specify"


class UnreadableTerms(ValueError):
    """The files of the list do not fit together."""


def _rows(name: str) -> dict[str, list[str]]:
    """Read a file of columns separated by tabs, with a heading: the first column gives the other ones."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines if line)
    return {first: others for first, *others in rows}


def _load() -> Iterator[Term]:
    words, classes = _rows("ctcae-4.03-words.tsv"), _rows("ctcae-4.03-classes.tsv")
    for entry in json.loads((FOLDER / "ctcae-4.03.json").read_text(encoding="utf-8")):
        # The published table has double spaces here and there.
        name, group = _single_spaced(entry["term"]), entry["soc"]
        if name not in words or group not in classes:
            raise UnreadableTerms(f"CTCAE term {name!r} has no Chinese name.")
        chinese, also = words[name]
        yield Term(
            code=name,
            words=Text(name, chinese),
            group=Text(group, classes[group][0]),
            also=also,
            note=_single_spaced(entry["definition"]),
            grades={
                int(grade): _single_spaced(wording) for grade, wording in entry["grades"].items() if wording
            },
        )


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _general() -> Mapping[int, str]:
    return CTCAE.terms[OTHER].grades


CTCAE: Final = TermList("ctcae", Text("CTCAE v4.03", "CTCAE 4.03"), _load, _general)


def offered(term: str | None) -> tuple[int, ...]:
    """Give the grades CTCAE has for a term; 1 to 5 for what is none of its terms."""
    return tuple(CTCAE.grades_of(term))


def class_of(term: str | None) -> Text | None:
    """Give the system organ class a term stands under; None for what is none of its terms."""
    found = CTCAE.get(term)
    return found.group if found else None
