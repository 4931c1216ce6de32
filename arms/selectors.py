"""Reads of a participant's treatment: all of its forms at once, the HAIC cycles, and what follows treatment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from arms.cycle_record import catheterised_on
from arms.haic_cycles import Gate, Review
from arms.models import (
    ActivityPlan,
    ArmAssignment,
    HaicCycle,
    Hepatectomy,
    MaaMapping,
    OtherTreatment,
    Pathology,
    PostoperativeComplication,
    ResectabilityReview,
    Y90Infusion,
)
from arms.models.haic import CYCLE_VISITS
from arms.models.readings import READ, Readings, gate_at, readings_at
from arms.models.readings import first_day as first_day_facts
from arms.reviews import Decision, cycles_planned, latest
from eligibility.treatment_day import Recheck
from participants.models import Participant, Visit, VisitHeader
from participants.selectors import CaseForms, case_forms_of
from records import clock, study

FORMS = (
    ArmAssignment,
    HaicCycle,
    MaaMapping,
    ActivityPlan,
    Y90Infusion,
    ResectabilityReview,
    Hepatectomy,
    Pathology,
    PostoperativeComplication,
    OtherTreatment,
    VisitHeader,
    *READ,
)


@dataclass(frozen=True, slots=True)
class Treatment:
    """Everything that treatment rests on, as it was read at one moment."""

    participant: Participant
    book: CaseForms
    settings: study.InForce
    now: datetime

    @property
    def today(self) -> date:
        return clock.day(self.now)

    @property
    def assignment(self) -> ArmAssignment | None:
        return self.book.last(ArmAssignment)

    @property
    def decisions(self) -> list[Decision]:
        """The decisions of the submitted reviews, in the order of their days."""
        return decisions_in(self.book)


def treatment_of(participant: Participant, now: datetime) -> Treatment:
    """Read a participant's visits and forms of treatment, and the study settings of the day; two queries."""
    return Treatment(participant, case_forms_of(participant, FORMS), study.in_force(clock.day(now)), now)


def decisions_in(book: CaseForms) -> list[Decision]:
    """The decisions of the submitted reviews among what was read, in the order of their days."""
    found = (record.decision for record in book.of(ResectabilityReview))
    return sorted((one for one in found if one is not None), key=lambda one: one.on)


def review_after_two(book: CaseForms) -> Decision | None:
    """The latest decision of the MDT after cycle 2; None while that cycle has not ended or nobody has decided."""
    second = next((one for one in book.of(HaicCycle) if CYCLE_VISITS.get(one.visit.code) == 2), None)
    if second is None:
        return None
    ended = clock.day(second.hcathout) if second.hcathout else second.started_on
    return latest(decisions_in(book), ended)


def first_treated_on(book: CaseForms) -> date | None:
    """The real day of the first treatment: the first catheterisation, or mapping; None while there was none."""
    days = [catheterised_on({"hprocdt": one.hprocdt}) for one in book.of(HaicCycle)]
    days += [clock.day(one.ymapdtc) for one in book.of(MaaMapping) if one.ymapdtc]
    return min((day for day in days if day), default=None)


def rechecked(treatment: Treatment) -> tuple[date, tuple[Recheck, ...]]:
    """Exclusion 8 and 9 judged for the day of the first treatment, for today while there was none."""
    day = first_treated_on(treatment.book) or treatment.today
    facts = first_day_facts(treatment.book, treatment.settings, treatment.participant.arm or "HAIC")
    return day, facts.judged(day)


# HAIC ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cycle:
    """One HAIC cycle as the calendar has it: its visit, its form where begun, and the check before it."""

    number: int
    visit: Visit | None
    record: HaicCycle | None
    gate: Gate | None
    readings: Readings | None


@dataclass(frozen=True, slots=True)
class HaicState:
    """The cycles, how many are planned now, and what the review after cycle 2 decided."""

    cycles: tuple[Cycle, ...]
    planned: int
    decided: Decision | None

    @property
    def recorded(self) -> frozenset[int]:
        return frozenset(cycle.number for cycle in self.cycles if cycle.record is not None)

    @property
    def review(self) -> Review | None:
        return self.decided.continues if self.decided else None

    @property
    def last_end(self) -> date | None:
        """The day the catheter of the last cycle was removed."""
        ends = [one.record.hcathout for one in self.cycles if one.record and one.record.hcathout]
        return clock.day(max(ends)) if ends else None


def haic_state(treatment: Treatment) -> HaicState:
    """Put the cycles together from what was read; no query."""
    book = treatment.book
    records = {CYCLE_VISITS.get(one.visit.code): one for one in book.of(HaicCycle)}
    found = []
    for code, number in CYCLE_VISITS.items():
        visit = book.visit(code)
        gate = gate_at(book, visit, treatment.settings) if visit is not None else None
        readings = readings_at(book, visit) if visit is not None else None
        found.append(Cycle(number, visit, records.get(number), gate, readings))
    decided = review_after_two(book)
    return HaicState(tuple(found), cycles_planned(cycles_at_assignment(treatment), decided), decided)


def cycles_at_assignment(treatment: Treatment) -> int | None:
    """How many HAIC cycles the board planned; None where it has not said."""
    record: Any = treatment.assignment
    return int(record.hplan) if record is not None and record.hplan else None
