"""Plan the visit calendar of one participant: which visits, when, and what a change of plan changes.

Everything here is a calculation on dates and codes: the schedule (participants/schedule_file.py) and
what is known of the participant go in, the visits go out. Nothing is read or stored.
Source: protocol specification sections 7.1 to 7.3 (visit table, anchors and rules 1 to 8).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from participants.schedule_file import ARMS, Anchor, Ending, Schedule, Timing, VisitDefinition
from participants.workflow import VisitState
from records.text import Text

BEGUN = frozenset({VisitState.STARTED, VisitState.DONE, VisitState.MISSED})
CYCLES_BEFORE_REVIEW = 2

BY_HEPATECTOMY = Text("Hepatectomy on {day}.", "{day} 行肝切除术。")
BY_PROGRESSION = Text(
    "Progression or recurrence on {day}; long-term follow-up goes on.", "{day} 进展或复发，转入长期随访。"
)
BY_END_OF_TREATMENT = Text("Treatment ended on {day}.", "{day} 治疗结束。")
BY_DECISION = Text("Not resectable by decision of {day}.", "{day} 评估为不可切除。")
BY_VISIT = Text("Visit {code} serves instead.", "由访视 {code} 替代。")
BY_ACTIVE_FOLLOW_UP = Text("Follow-up runs until visit {code}.", "随访持续至访视 {code}。")
BY_CLOSING = Text("Participation ended on {day}.", "受试者已于 {day} 结束参加研究。")
NOT_FORESEEN = Text(
    "No longer foreseen by arm, anchor date or schedule.", "分组、锚定日期或访视计划变更后不再需要。"
)


class ScheduleError(ValueError):
    """Facts from which no calendar can be planned."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the calendar of one participant depends on.

    `anchors`: the dates known so far. `haic_cycles`: HAIC cycles planned now (2, or 4 once the review says
    continue). `series_on`: codes of the series followed, None for those of the schedule. `closed_on`: death,
    withdrawal from everything, or screen failure. `progression_on`: first progression or recurrence.
    `seen`: the actual date of each visit that took place, by code.
    """

    anchors: Mapping[Anchor, dt.date]
    arm: str | None = None
    haic_cycles: int = 2
    series_on: frozenset[str] | None = None
    closed_on: dt.date | None = None
    progression_on: dt.date | None = None
    not_resectable_on: dt.date | None = None
    seen: Mapping[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit with its dates; every span includes both ends, None is a side without limit."""

    code: str
    anchor: Anchor
    anchor_date: dt.date
    target_from: dt.date
    target_to: dt.date
    window_open: dt.date | None
    window_close: dt.date | None
    series: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The visits a participant should have, in the order of the schedule, and those that fell away.

    `superseded` holds visits replaced by an event or another visit, `unplannable` codes that the
    schedule knows but never plans (unscheduled visits).
    """

    visits: tuple[PlannedVisit, ...]
    superseded: Mapping[str, Text]
    cancelled: Mapping[str, Text]
    unplannable: frozenset[str]


@dataclass(frozen=True, slots=True)
class CurrentVisit:
    """A visit as it is stored; `id` is opaque, `plan` None for a visit that was never planned."""

    id: object
    code: str
    state: VisitState
    plan: PlannedVisit | None


@dataclass(frozen=True, slots=True)
class Move:
    """Give this visit new dates; a superseded or cancelled one becomes planned again."""

    visit: CurrentVisit
    plan: PlannedVisit


@dataclass(frozen=True, slots=True)
class Drop:
    """Take this visit out of the calendar, and why."""

    visit: CurrentVisit
    reason: Text


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be done to the stored visits so that they are the plan."""

    add: tuple[PlannedVisit, ...]
    move: tuple[Move, ...]
    supersede: tuple[Drop, ...]
    cancel: tuple[Drop, ...]
    keep: tuple[CurrentVisit, ...]

    @property
    def nothing(self) -> bool:
        """Say whether the stored visits are the plan already."""
        return not (self.add or self.move or self.supersede or self.cancel)


def haic_index_date(cycle_ends: Mapping[int, dt.date], *, ended: bool) -> dt.date | None:
    """Return A1 of the HAIC arm: the day the catheter of the last cycle was removed.

    A1 moves with each cycle until the review says that no more follow. It is not known before cycle 2 has
    ended, because the first review comes after two cycles, unless treatment has `ended` earlier.
    Source: protocol specification 7.2, rule 2.
    """
    if not cycle_ends or (not ended and max(cycle_ends) < CYCLES_BEFORE_REVIEW):
        return None
    return max(cycle_ends.values())


def plan(schedule: Schedule, facts: Facts) -> Plan:
    """Work out the visits of a participant from the anchors known.

    A visit is planned when its arm, series and number of cycles fit and an anchor of it is known, and its
    target begins on or before the end of the study. Dropped are then: after hepatectomy (A2), visits that
    end with it and whose target ends later than A2 minus the margin (7 days; exactly 7 days before stays);
    after progression, visits that end with it and whose target begins later; visits that end with treatment once
    it has ended; visits that another serves;
    long-term visits on or before the last target of active follow-up. A closed participation leaves
    only visits counted from the end-of-study decision. Raises ScheduleError for an unknown arm or when A2
    lies before A1. Source: protocol specification 7.2 and 7.3.
    """
    _check(facts)
    superseded: dict[str, Text] = {}
    cancelled: dict[str, Text] = {}
    found: dict[str, tuple[VisitDefinition, PlannedVisit]] = {}
    series_on = schedule.series_on() if facts.series_on is None else facts.series_on
    for definition in sorted(schedule.visits, key=lambda one: one.order):
        timing = _timing(definition, facts, series_on)
        if timing is None:
            continue
        visit = _dated(definition, timing, facts.anchors[timing.anchor])
        if visit.target_from > schedule.study_end:
            continue
        if facts.closed_on is not None and timing.anchor is not Anchor.EOS:
            cancelled[definition.code] = BY_CLOSING.format(day=facts.closed_on)
            continue
        found[definition.code] = (definition, visit)
    in_force = frozenset(found)
    for code, (definition, visit) in list(found.items()):
        reason = _ended(schedule, definition, visit, facts) or _served(
            definition, visit, found, in_force, facts
        )
        if reason is not None:
            superseded[code] = reason
    kept = {code: pair for code, pair in found.items() if code not in superseded}
    for code, (definition, visit) in list(kept.items()):
        last = _last_of(kept, definition.after_series)
        if last is not None and visit.target_from <= last.target_to:
            superseded[code] = BY_ACTIVE_FOLLOW_UP.format(code=last.code)
            del kept[code]
    return Plan(
        visits=tuple(visit for _, visit in kept.values()),
        superseded=superseded,
        cancelled=cancelled,
        unplannable=frozenset(one.code for one in schedule.visits if not one.timings),
    )


def replan(current: Sequence[CurrentVisit], planned: Plan) -> Changes:
    """Compare the stored visits with the plan.

    Only visits not begun are touched: started, done and missed ones are kept as they are, and their code is
    not planned a second time. Carrying the changes out and asking again changes nothing.
    Source: protocol specification 7.2, rules 1, 3 and 6.
    """
    wanted = {visit.code: visit for visit in planned.visits}
    add: list[PlannedVisit] = []
    move: list[Move] = []
    supersede: list[Drop] = []
    cancel: list[Drop] = []
    keep: list[CurrentVisit] = []
    taken: set[str] = set()
    for visit in sorted(current, key=_precedence):
        first = visit.code not in taken
        if visit.state in BEGUN or visit.code in planned.unplannable:
            taken.add(visit.code)
            keep.append(visit)
        elif first and visit.code in wanted:
            taken.add(visit.code)
            if visit.state is VisitState.PLANNED and visit.plan == wanted[visit.code]:
                keep.append(visit)
            else:
                move.append(Move(visit, wanted[visit.code]))
        elif visit.state is not VisitState.PLANNED:
            keep.append(visit)
        elif first and visit.code in planned.superseded:
            supersede.append(Drop(visit, planned.superseded[visit.code]))
        else:
            cancel.append(Drop(visit, planned.cancelled.get(visit.code, NOT_FORESEEN)))
    add = [visit for visit in planned.visits if visit.code not in taken]
    return Changes(tuple(add), tuple(move), tuple(supersede), tuple(cancel), tuple(keep))


class WindowStatus(StrEnum):
    """Where a day lies with regard to the window of a visit not yet done."""

    UPCOMING = "UPCOMING"
    OPEN = "OPEN"
    CLOSING = "CLOSING"
    OVERDUE = "OVERDUE"


WINDOW_WORDS = {
    WindowStatus.UPCOMING: Text("Upcoming", "未到期"),
    WindowStatus.OPEN: Text("Window open", "窗口期内"),
    WindowStatus.CLOSING: Text("Window closing", "窗口期即将结束"),
    WindowStatus.OVERDUE: Text("Overdue", "已逾期"),
}


def window_status(visit: PlannedVisit, on: dt.date, closing_days: int = 3) -> WindowStatus:
    """Say whether the window lies ahead, is open, is closing or has passed on a day.

    Both ends belong to the window. Closing: the last day and the `closing_days` days before it. A side
    without limit opens with the target, and is never closing or overdue.
    Source: protocol specification 7.2, rule 8.
    """
    if on < (visit.window_open or visit.target_from):
        return WindowStatus.UPCOMING
    if visit.window_close is None:
        return WindowStatus.OPEN
    left = (visit.window_close - on).days
    if left < 0:
        return WindowStatus.OVERDUE
    return WindowStatus.CLOSING if left <= closing_days else WindowStatus.OPEN


def days_outside(visit: PlannedVisit, on: dt.date) -> int:
    """Return by how many days a visit date misses the window: negative early, positive late, 0 inside."""
    if visit.window_open is not None and on < visit.window_open:
        return (on - visit.window_open).days
    if visit.window_close is not None and on > visit.window_close:
        return (on - visit.window_close).days
    return 0


def unscheduled_number(last: Decimal, used: Collection[Decimal]) -> Decimal:
    """Return the number of an unscheduled visit: that of the last visit plus 0.01, or the next one free.

    Raises ScheduleError after 99 unscheduled visits in a row. Source: protocol specification 7.2, rule 7.
    """
    whole = last.to_integral_value(rounding="ROUND_FLOOR")
    number = last + Decimal("0.01")
    while number in used:
        number += Decimal("0.01")
    if number >= whole + 1:
        raise ScheduleError("There are 99 unscheduled visits after this one already.")
    return number


def _check(facts: Facts) -> None:
    if facts.arm is not None and facts.arm not in ARMS:
        raise ScheduleError(f"There is no arm {facts.arm!r}.")
    index, surgery = facts.anchors.get(Anchor.A1), facts.anchors.get(Anchor.A2)
    if index is not None and surgery is not None and surgery < index:
        raise ScheduleError(f"Hepatectomy on {surgery} lies before the index procedure on {index}.")


def _timing(definition: VisitDefinition, facts: Facts, series_on: frozenset[str]) -> Timing | None:
    """Return the timing that applies, or None when the visit is not for this participant (yet)."""
    if definition.series not in series_on or definition.min_cycles > facts.haic_cycles:
        return None
    for timing in definition.timings:
        if (
            timing.anchor in facts.anchors
            and _fits(facts.arm, definition.arms)
            and _fits(facts.arm, timing.arms)
        ):
            return timing
    return None


def _fits(arm: str | None, arms: tuple[str, ...]) -> bool:
    """Say whether arms include that of the participant; before assignment only what is for all arms fits."""
    return set(arms) == set(ARMS) if arm is None else arm in arms


def _dated(definition: VisitDefinition, timing: Timing, anchor_date: dt.date) -> PlannedVisit:
    target_from = anchor_date + dt.timedelta(days=timing.day_from)
    target_to = anchor_date + dt.timedelta(days=timing.day_to)
    before, after = timing.window_before, timing.window_after
    return PlannedVisit(
        code=definition.code,
        anchor=timing.anchor,
        anchor_date=anchor_date,
        target_from=target_from,
        target_to=target_to,
        window_open=None if before is None else target_from - dt.timedelta(days=before),
        window_close=None if after is None else target_to + dt.timedelta(days=after),
        series=definition.series,
    )


def _ended(schedule: Schedule, definition: VisitDefinition, visit: PlannedVisit, facts: Facts) -> Text | None:
    """Say which event made the visit unnecessary, if one did."""
    surgery, progression = facts.anchors.get(Anchor.A2), facts.progression_on
    margin = dt.timedelta(days=schedule.supersede_margin_days)
    if surgery is not None and Ending.A2 in definition.ends_at and visit.target_to > surgery - margin:
        return BY_HEPATECTOMY.format(day=surgery)
    stops = schedule.progression_ends_imaging and Ending.PROGRESSION in definition.ends_at
    if stops and progression is not None and visit.target_from > progression:
        return BY_PROGRESSION.format(day=progression)
    ended = facts.anchors.get(Anchor.EOT)
    if ended is not None and Ending.END_OF_TREATMENT in definition.ends_at:
        return BY_END_OF_TREATMENT.format(day=ended)
    if (
        facts.not_resectable_on is not None
        and surgery is None
        and Ending.NOT_RESECTABLE in definition.ends_at
    ):
        return BY_DECISION.format(day=facts.not_resectable_on)
    return None


def _served(
    definition: VisitDefinition,
    visit: PlannedVisit,
    found: Mapping[str, tuple[VisitDefinition, PlannedVisit]],
    in_force: frozenset[str],
    facts: Facts,
) -> Text | None:
    """Say which other visit serves as this one, if one does."""
    for code in definition.same_as:
        if code in in_force:
            return BY_VISIT.format(code=code)
    opens, closes = visit.window_open or visit.target_from, visit.window_close or visit.target_to
    for code in definition.covered_by:
        if code in facts.seen:
            if opens <= facts.seen[code] <= closes:
                return BY_VISIT.format(code=code)
        elif code in found and found[code][1].target_from <= closes and found[code][1].target_to >= opens:
            return BY_VISIT.format(code=code)
    return None


def _last_of(
    kept: Mapping[str, tuple[VisitDefinition, PlannedVisit]], series: Collection[str]
) -> PlannedVisit | None:
    """Return the visit of these series that is aimed latest."""
    visits = [visit for _, visit in kept.values() if visit.series in series]
    return max(visits, key=lambda visit: visit.target_to, default=None)


def _precedence(visit: CurrentVisit) -> int:
    """Put begun visits before planned ones before dropped ones, so that a double never wins over them."""
    if visit.state in BEGUN:
        return 0
    return 1 if visit.state is VisitState.PLANNED else 2
