"""Imaging as it belongs together: the examinations of one visit by one reader are one set, and one assessment.

The screening visit's set is the baseline; the others follow it in the order of their dates. Values in, values
out; nothing is read or stored. Source: protocol specification 6.1 and 8.8.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from eligibility.lesions import Category, Lesion, Location, State
from records.text import Text

BASELINE_VISIT: Final = "SCR"
INVESTIGATOR: Final = "INVESTIGATOR"
CERTAINTY: Final = ("N", "EQUIVOCAL", "Y")  # of a new lesion


@dataclass(frozen=True, slots=True)
class Examination:
    """One imaging form: its place, its answers, and the answers of its rows of lesions.

    `key` names the record. `new_lesion` is "" where nobody has said.
    """

    key: int
    visit: int
    repeat: int
    code: str
    label: Text
    position: Decimal
    on: dt.date | None
    modality: str
    evaluator: str
    adequate: bool
    new_lesion: str
    submitted: bool
    rows: tuple[Mapping[str, Any], ...]

    @property
    def lesions(self) -> tuple[Lesion, ...]:
        """The lesions of the rows that name one; raises ImpossibleLesion."""
        return tuple(lesion for row in self.rows if (lesion := lesion_of(row)) is not None)


def lesion_of(row: Mapping[str, Any]) -> Lesion | None:
    """Read a row of the form; None while its id, category or location is missing; raises ImpossibleLesion.

    A row that says nothing of the lesion's state, as every row of the baseline, is of one that is there.
    """
    if not (row.get("lnkid") and row.get("lescat") and row.get("lesloc")):
        return None
    state = State(row.get("lesst") or State.PRESENT)
    gone = state in (State.ABSENT, State.RESECTED)
    return Lesion(
        id=row["lnkid"],
        category=Category(row["lescat"]),
        location=Location(row["lesloc"]),
        state=state,
        longest=None if gone else row.get("ldiam"),
        short_axis=row.get("saxis"),
        viable=row.get("viadiam"),
        site=row.get("leslocd") or "",
    )


@dataclass(frozen=True, slots=True)
class ImagingSet:
    """The examinations of one visit by one reader, dated by the latest."""

    visit: int
    code: str
    label: Text
    position: Decimal
    examinations: tuple[Examination, ...]

    @property
    def on(self) -> dt.date | None:
        return max((one.on for one in self.examinations if one.on is not None), default=None)

    @property
    def lesions(self) -> tuple[Lesion, ...]:
        """The lesions of all its examinations that are adequate; raises ImpossibleLesion."""
        return tuple(lesion for one in self.examinations if one.adequate for lesion in one.lesions)

    @property
    def listed(self) -> frozenset[str]:
        """The ids of the lesions its examinations list."""
        return frozenset(row["lnkid"] for one in self.examinations for row in one.rows if row.get("lnkid"))

    @property
    def new_lesion(self) -> str:
        """What its examinations say of new lesions: the most certain of them; N where none says anything."""
        return max((one.new_lesion or "N" for one in self.examinations), key=CERTAINTY.index)

    @property
    def adequate(self) -> bool:
        return all(one.adequate for one in self.examinations)

    @property
    def modalities(self) -> frozenset[str]:
        return frozenset(one.modality for one in self.examinations if one.modality)


@dataclass(frozen=True, slots=True)
class ImagingCourse:
    """The baseline set, None without one, and the later sets in the order of time."""

    baseline: ImagingSet | None
    later: tuple[ImagingSet, ...]

    def at(self, visit: int) -> ImagingSet | None:
        """The set of a visit after the baseline."""
        return next((one for one in self.later if one.visit == visit), None)

    def before(self, visit: int, on: dt.date | None) -> tuple[ImagingSet, ...]:
        """The later sets of other visits dated before a day; all of them where there is no day yet."""
        return tuple(one for one in self.later if one.visit != visit and (on is None or (one.on or on) < on))


def course_of(examinations: Iterable[Examination], evaluator: str = INVESTIGATOR) -> ImagingCourse:
    """Put one reader's examinations together; a set in which no examination has a date is left out."""
    by_visit: dict[int, list[Examination]] = defaultdict(list)
    for one in examinations:
        if one.evaluator == evaluator:
            by_visit[one.visit].append(one)
    sets = [
        ImagingSet(visit, found[0].code, found[0].label, found[0].position, tuple(found))
        for visit, found in by_visit.items()
        if any(one.on is not None for one in found)
    ]
    sets.sort(key=lambda one: (one.on or dt.date.max, one.position, one.visit))
    return ImagingCourse(
        next((one for one in sets if one.code == BASELINE_VISIT), None),
        tuple(one for one in sets if one.code != BASELINE_VISIT),
    )
