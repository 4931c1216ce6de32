"""Derive the times to an event of one participant: PFS and its sensitivity S2, OS, RFS, TTP, duration of response.

Days are counted with the first day as day 1; months are days / 30.4375, unrounded.
Source: FDA guidance on endpoints for cancer trials, appendix 3, as in protocol specification 6.4 and 6.5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from followup.endpoints.history import (
    ASSESSED,
    CUT_OFF,
    Assessment,
    History,
    ImpossibleHistory,
    Intent,
    Slot,
    Treatment,
    dated,
    resection_before,
)
from followup.response.judging import Margin, Overall
from records.text import Text

DAYS_PER_MONTH: Final = Decimal("30.4375")
MISSED_TO_CENSOR: Final = 2


class Rule(StrEnum):
    """The rule that decided an endpoint: first the events, then the reasons for censoring."""

    PROGRESSION = "PROGRESSION"
    RECURRENCE = "RECURRENCE"
    REGROWTH = "REGROWTH"
    METASTASIS = "METASTASIS"
    DEATH = "DEATH"
    NO_BASELINE = "NO_BASELINE"
    OTHER_TREATMENT = "OTHER_TREATMENT"
    ADJUVANT_TREATMENT = "ADJUVANT_TREATMENT"
    MISSED = "MISSED"
    DEATH_CENSORED = "DEATH_CENSORED"
    NO_EVENT = "NO_EVENT"
    ALIVE = "ALIVE"


ORDER: Final = tuple(Rule)  # of events on the same day
REASONS: Final = {
    Rule.PROGRESSION: Text("Progression documented on {day}.", "{day}影像学进展。"),
    Rule.RECURRENCE: Text("Recurrence after hepatectomy on {day}.", "{day}肝切除术后复发。"),
    Rule.REGROWTH: Text("Growth after R2 resection on {day}.", "{day} R2切除后肿瘤进展。"),
    Rule.METASTASIS: Text("Metastasis proven at operation on {day}.", "{day}手术探查证实转移。"),
    Rule.DEATH: Text("Death on {day}.", "{day}死亡。"),
    Rule.NO_BASELINE: Text(
        "There is no baseline tumour assessment: censored at assignment.", "无基线肿瘤评价：删失于分组日。"
    ),
    Rule.OTHER_TREATMENT: Text(
        "Other anticancer treatment began on {day} before an event: censored at the last adequate assessment.",
        "事件发生前于{day}开始其他抗肿瘤治疗：删失于末次有效评价日。",
    ),
    Rule.ADJUVANT_TREATMENT: Text(
        "Adjuvant treatment began on {day} before an event: censored at the last adequate assessment.",
        "事件发生前于{day}开始辅助治疗：删失于末次有效评价日。",
    ),
    Rule.MISSED: Text(
        "{missed} scheduled assessments in a row were missed before {day}: censored at the last adequate assessment.",
        "{day}前连续{missed}次计划评价缺失：删失于末次有效评价日。",
    ),
    Rule.DEATH_CENSORED: Text(
        "Death on {day} without progression: censored at the last adequate assessment.",
        "{day}死亡但无进展：删失于末次有效评价日。",
    ),
    Rule.NO_EVENT: Text(
        "No event: censored at the last adequate assessment.", "无事件：删失于末次有效评价日。"
    ),
    Rule.ALIVE: Text("Alive: censored on the day last known alive.", "存活：删失于末次确认存活日。"),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A time to an event: `date`, whether it is an event or censored, the rule and its reason.

    `days` from `start`, which is day 1; `months` unrounded.
    """

    start: dt.date
    date: dt.date
    event: bool
    rule: Rule
    reason: Text

    @property
    def days(self) -> int:
        return (self.date - self.start).days + 1

    @property
    def months(self) -> Decimal:
        return Decimal(self.days) / DAYS_PER_MONTH


# Endpoints ------------------------------------------------------------------------------------------


def progression_free(history: History, *, censor_adjuvant: bool = False) -> Endpoint:
    """Derive progression-free survival (PFS) from A0; with `censor_adjuvant` the sensitivity analysis S2.

    Event: the first of documented progression, recurrence after resection, growth after R2 resection, metastasis
    proven at operation, and death from any cause; a new lesion is dated when first seen. A hepatectomy is neither
    event nor censoring, and clinical progression without imaging is none. In this order it is censored instead:
    at A0 without a baseline assessment; at the last adequate assessment on or before the start of other
    therapeutic treatment that began before the event (in S2, adjuvant treatment likewise); at the last adequate
    assessment before the event where two or more scheduled assessments in a row after it were missed or
    inadequate. Without event it is censored at the last adequate assessment, A0 where there is none.

    A scheduled assessment is missed when its whole window lies after the last adequate assessment and before
    the event. Treatment that starts on the day of the event does not censor it.
    Source: FDA guidance, table A; protocol specification 6.4 and 6.5.
    """
    return _from_a0(history, with_death=True, censor_adjuvant=censor_adjuvant)


def time_to_progression(history: History) -> Endpoint:
    """Derive the time from A0 to progression (TTP): as PFS, but a death without progression is censored.

    It is censored at the last adequate assessment. Source: protocol specification 6.4.
    """
    return _from_a0(history, with_death=False)


def recurrence_free(history: History) -> Endpoint | None:
    """Derive recurrence-free survival (RFS) from the first R0 resection; None where there is none.

    Event: recurrence or death after it; censored as PFS is, at the day of the operation where no adequate
    assessment follows it. Source: protocol specification 6.4.
    """
    clear = [one.on for one in _until(history).operations if one.margin is Margin.R0]
    return None if not clear else _time_to_event(history, min(clear))


def duration_of_response(history: History, responded_on: dt.date | None) -> Endpoint | None:
    """Derive the duration of response (DOR) from the day of the first CR or PR to the end of PFS.

    None for a participant who did not respond, or only after PFS had ended. Raises ImpossibleHistory for a
    response before A0. Source: protocol specification 6.4.
    """
    if responded_on is None:
        return None
    if responded_on < history.a0:
        words = Text(
            "The response of {day} lies before the assignment of {a0}.", "{day}的缓解早于{a0}的分组日期。"
        )
        raise ImpossibleHistory(words.format(day=responded_on, a0=history.a0))
    free = progression_free(history)
    if free.date < responded_on:
        return None
    return Endpoint(responded_on, free.date, free.event, free.rule, free.reason)


def overall_survival(history: History) -> Endpoint:
    """Derive overall survival (OS): A0 to death from any cause; otherwise censored when last known alive.

    Every assessment, operation and treatment shows the participant alive, and so does a later death or contact
    on the day of the cut-off. Source: protocol specification 6.4.
    """
    died, cut_off = history.died_on, history.cut_off
    if died is not None and (cut_off is None or died <= cut_off):
        return Endpoint(history.a0, died, True, Rule.DEATH, REASONS[Rule.DEATH].format(day=died))
    alive = max(day for name, day in ((ASSESSED, history.a0), *dated(history)) if name is not CUT_OFF)
    date = alive if cut_off is None else min(alive, cut_off)
    return Endpoint(history.a0, date, False, Rule.ALIVE, REASONS[Rule.ALIVE])


# How they are derived -------------------------------------------------------------------------------


def _until(history: History) -> History:
    """Leave out what happened after the cut-off."""
    last = history.cut_off
    if last is None:
        return history
    died = history.died_on
    return replace(
        history,
        assessments=tuple(one for one in history.assessments if one.on <= last),
        operations=tuple(one for one in history.operations if one.on <= last),
        treatments=tuple(one for one in history.treatments if one.on <= last),
        died_on=None if died is None or died > last else died,
        last_alive_on=None,
    )


def _from_a0(history: History, *, with_death: bool, censor_adjuvant: bool = False) -> Endpoint:
    if not history.baseline:
        return Endpoint(history.a0, history.a0, False, Rule.NO_BASELINE, REASONS[Rule.NO_BASELINE])
    return _time_to_event(history, history.a0, with_death=with_death, censor_adjuvant=censor_adjuvant)


def _time_to_event(
    whole: History, start: dt.date, *, with_death: bool = True, censor_adjuvant: bool = False
) -> Endpoint:
    history = _until(whole)

    def ended(date: dt.date, event: bool, rule: Rule, **words: object) -> Endpoint:
        return Endpoint(start, date, event, rule, REASONS[rule].format(**words))

    seen = [one.on for one in history.assessments if one.counts and one.on >= start]
    first = min(
        _events(history, start, with_death), key=lambda one: (one[0], ORDER.index(one[1])), default=None
    )
    stop = _censoring_treatment(history, start, first, censor_adjuvant)
    if stop is not None:
        rule = Rule.OTHER_TREATMENT if stop.intent is Intent.THERAPEUTIC else Rule.ADJUVANT_TREATMENT
        return ended(_last(seen, start, stop.on), False, rule, day=stop.on)
    if first is None:
        if history.died_on is not None:
            last = _last(seen, start, history.died_on)
            return ended(last, False, Rule.DEATH_CENSORED, day=history.died_on)
        return ended(_last(seen, start, dt.date.max), False, Rule.NO_EVENT)
    day, rule = first
    before = max((one for one in seen if one < day), default=start)
    missed = missed_slots(history.slots, before, day)
    if missed >= MISSED_TO_CENSOR:
        return ended(before, False, Rule.MISSED, day=day, missed=missed)
    return ended(day, True, rule, day=day)


def missed_slots(slots: Iterable[Slot], after: dt.date, before: dt.date) -> int:
    """Count the scheduled assessments whose whole window lies between two days, both excluded.

    Windows that overlap count once, because one assessment could have served them all.
    """
    count, last = 0, after
    for slot in sorted(slots, key=lambda one: one.closes):
        if slot.opens > last and slot.closes < before:
            count, last = count + 1, slot.closes
    return count


def _events(history: History, start: dt.date, with_death: bool) -> Iterator[tuple[dt.date, Rule]]:
    from_a0 = start == history.a0
    for one in history.assessments:
        day = one.first_seen or one.on
        if not from_a0 and day <= start:
            day = one.on  # what was seen before the resection counts when it is seen after it
        if one.progressive and (from_a0 or day > start):
            yield day, _kind_of_progression(history, one, day)
    for operation in history.operations:
        if operation.metastasis and operation.on >= start:
            yield operation.on, Rule.METASTASIS
    if with_death and history.died_on is not None:
        yield history.died_on, Rule.DEATH


def _kind_of_progression(history: History, assessment: Assessment, day: dt.date) -> Rule:
    resection = resection_before(history, day)
    # What is seen on the day of a resection was there before it.
    if resection is None or (resection.on == day and assessment.result is not Overall.RECURRENCE):
        return Rule.PROGRESSION
    return Rule.REGROWTH if resection.margin is Margin.R2 else Rule.RECURRENCE


def _censoring_treatment(
    history: History, start: dt.date, event: tuple[dt.date, Rule] | None, censor_adjuvant: bool
) -> Treatment | None:
    """Return the first treatment that ends the observation before the event."""
    found = [
        one
        for one in history.treatments
        if (one.intent is Intent.THERAPEUTIC or censor_adjuvant)
        and one.on >= start
        and (event is None or one.on < event[0])
    ]
    return min(found, key=lambda one: (one.on, one.intent is not Intent.THERAPEUTIC), default=None)


def _last(days: list[dt.date], start: dt.date, until: dt.date) -> dt.date:
    """Return the last of the days up to and including one, the start where there is none."""
    return max((day for day in days if day <= until), default=start)
