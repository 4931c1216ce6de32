"""What another version of the schedule does to one calendar: visits added, moved, dropped, and asked other forms.

Source: protocol specification section 7.2, rule 1: only what has not begun is planned again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from followup.schedule import CurrentVisit, Drop, Move, Plan, PlannedVisit, replan
from participants.schedule_file import Schedule
from participants.workflow import VisitState


class Named(Protocol):
    """What a stored visit is called and asks, beside its dates: the opaque id of a `CurrentVisit` here."""

    code: str
    label_en: str
    label_zh: str
    forms: list[str]
    optional: list[str]


@dataclass(frozen=True, slots=True)
class Reformed:
    """A visit not begun that is to ask other forms or to be called differently."""

    code: str
    due_added: tuple[str, ...]
    due_removed: tuple[str, ...]
    optional_added: tuple[str, ...]
    optional_removed: tuple[str, ...]
    renamed: bool


@dataclass(frozen=True, slots=True)
class Amended:
    """One participant's calendar: what would change, and how many visits have begun and stay as they are."""

    number: str
    add: tuple[PlannedVisit, ...]
    move: tuple[Move, ...]
    drop: tuple[Drop, ...]
    reform: tuple[Reformed, ...]
    begun: int

    @property
    def changes(self) -> bool:
        return bool(self.add or self.move or self.drop or self.reform)


@dataclass(frozen=True, slots=True)
class Unplannable:
    """A participant whose dates contradict each other: the calendar stays as it is."""

    number: str


def amended(number: str, current: Sequence[CurrentVisit], planned: Plan, schedule: Schedule) -> Amended:
    """Compare a stored calendar with the plan under another schedule; each visit's `id` is what it is called.

    A visit that is moved and asks other forms stands in both lists.
    """
    changes = replan(current, planned)
    staying = [move.visit for move in changes.move]
    staying += [one for one in changes.keep if one.state is VisitState.PLANNED]
    known = {definition.code for definition in schedule.visits}
    reform = [_reformed(one, schedule) for one in staying if one.code in known]
    return Amended(
        number=number,
        add=changes.add,
        move=changes.move,
        drop=(*changes.supersede, *changes.cancel),
        reform=tuple(one for one in reform if one is not None),
        begun=sum(
            one.state in (VisitState.STARTED, VisitState.DONE, VisitState.MISSED) for one in changes.keep
        ),
    )


def _reformed(visit: CurrentVisit, schedule: Schedule) -> Reformed | None:
    named: Named = visit.id  # type: ignore[assignment]
    new = schedule.visit(visit.code)
    found = Reformed(
        code=visit.code,
        due_added=tuple(one for one in new.forms if one not in named.forms),
        due_removed=tuple(one for one in named.forms if one not in new.forms),
        optional_added=tuple(one for one in new.optional if one not in named.optional),
        optional_removed=tuple(one for one in named.optional if one not in new.optional),
        renamed=(named.label_en, named.label_zh) != (new.label.en, new.label.zh),
    )
    same = Reformed(visit.code, (), (), (), (), renamed=False)
    return None if found == same else found


@dataclass(frozen=True, slots=True)
class Totals:
    """All calendars together: how many are touched, and how many visits in which way."""

    looked_at: int
    touched: int
    added: int
    moved: int
    dropped: int
    reformed: int
    begun: int


def totals(calendars: Sequence[Amended]) -> Totals:
    """Count over calendars, those that stay as they are included."""
    return Totals(
        looked_at=len(calendars),
        touched=sum(one.changes for one in calendars),
        added=sum(len(one.add) for one in calendars),
        moved=sum(len(one.move) for one in calendars),
        dropped=sum(len(one.drop) for one in calendars),
        reformed=sum(len(one.reform) for one in calendars),
        begun=sum(one.begun for one in calendars),
    )
