"""What each column of a file means: kept with an import, under a name, or in a file of this room (mappings/).

Pure: knows nothing of the trial or of Django.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ParticipantBy(StrEnum):
    """How the column that names the participant is read."""

    NUMBER = "NUMBER"  # 01-001
    SEQUENCE = "SEQUENCE"  # 1 at site 01 is 01-001


class VisitBy(StrEnum):
    """How a row finds its visit."""

    CODE = "CODE"  # a column holds the visit's code or its name; of several "UNS 2"
    WINDOW = "WINDOW"  # the visit whose header says this day, else the one whose window holds it
    DAY = "DAY"  # the visit whose header says this day, else an unscheduled one is begun
    ONLY = "ONLY"  # the one visit of the participant that holds this form


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the item it goes to, the unit its measurements are in, and what stands for some of its cells.

    `target` is an item's name, or `group-number-item` for an item of a row inside the form. `values` maps a cell as
    it stands to what is read in its place: a code, a reason for a missing answer, or "" for no answer.
    """

    heading: str
    target: str
    unit: str = ""
    values: AnyMapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a whole file means.

    participant     heading of the column that names the participant, read as `participant_by` says
    visit           heading of the column that `visit_by` reads; "" where it needs none
    repeat          heading of the column with the number of the record, of forms a visit may have several of; or ""
    key             the items by which one of several records is recognised; none: there is one record a visit
    fixed           what every row answers beside its cells, by item: only where nothing is answered yet
    submit          whether forms are declared complete; otherwise new ones are drafts
    blank_clears    whether a blank cell takes an answer away; otherwise it leaves it
    """

    form: str
    participant: str
    participant_by: ParticipantBy = ParticipantBy.NUMBER
    visit_by: VisitBy = VisitBy.ONLY
    visit: str = ""
    repeat: str = ""
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    fixed: AnyMapping[str, str] = field(default_factory=dict)
    submit: bool = False
    blank_clears: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings a file must have to be read by it."""
        named = [self.participant, self.visit, self.repeat, *(column.heading for column in self.columns)]
        return tuple(dict.fromkeys(name for name in named if name))

    def as_json(self) -> dict[str, Any]:
        """The same as plain data; `read` gives it back."""
        return {
            "form": self.form,
            "participant": self.participant,
            "participant_by": str(self.participant_by),
            "visit_by": str(self.visit_by),
            "visit": self.visit,
            "repeat": self.repeat,
            "columns": [
                {"heading": one.heading, "target": one.target, "unit": one.unit, "values": dict(one.values)}
                for one in self.columns
            ],
            "key": list(self.key),
            "fixed": dict(self.fixed),
            "submit": self.submit,
            "blank_clears": self.blank_clears,
        }


def read(given: AnyMapping[str, Any]) -> Mapping:
    """Read a mapping from plain data, as `as_json` or a TOML file gives it; KeyError or ValueError where it is none."""
    columns = tuple(
        Column(one["heading"], one["target"], one.get("unit", ""), dict(one.get("values", {})))
        for one in given.get("columns", ())
    )
    return Mapping(
        form=given["form"],
        participant=given["participant"],
        participant_by=ParticipantBy(given.get("participant_by", ParticipantBy.NUMBER)),
        visit_by=VisitBy(given.get("visit_by", VisitBy.ONLY)),
        visit=given.get("visit", ""),
        repeat=given.get("repeat", ""),
        columns=columns,
        key=tuple(given.get("key", ())),
        fixed=dict(given.get("fixed", {})),
        submit=bool(given.get("submit", False)),
        blank_clears=bool(given.get("blank_clears", False)),
    )


def fingerprint(headings: Sequence[str]) -> str:
    """Tell files of one kind by their headings, in their order."""
    return hashlib.sha256(json.dumps(list(headings), ensure_ascii=False).encode()).hexdigest()
