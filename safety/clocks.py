"""Clocks of safety reporting: the 24 hours of a serious adverse event, the days of a SUSAR, and which events count.

A clock starts when the fact is known, not when it is entered; nights, weekends and holidays do not stop it.
Source: GCP 2020 (NMPA and NHC), device GCP 2022 and the protocol, as in protocol specification section 9.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from participants.dates import PartialDate, trial_day
from records.text import Text

REPORT_WITHIN: Final = dt.timedelta(hours=24)
AMBER_FROM: Final = dt.timedelta(hours=18)
MINUTE: Final = dt.timedelta(minutes=1)

FATAL_DAYS: Final = 7
FOLLOW_UP_DAYS: Final = 8
OTHER_DAYS: Final = 15
NEW_INFORMATION_DAYS: Final = 15

DAYS_AFTER_HAIC: Final = 30
DAYS_AFTER_Y90: Final = 90
DAYS_AFTER_HEPATECTOMY: Final = 90


class ImpossibleReport(ValueError):
    """Moments or codes that contradict each other; `sentence` says which."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


# Serious adverse events -----------------------------------------------------------------------------


class Light(StrEnum):
    """GREEN below 18 hours, AMBER from 18 hours to 24 hours, RED above 24 hours."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"


@dataclass(frozen=True, slots=True)
class SaeClock:
    """The clock of an initial report: when it is due, the light, how late it is.

    `reported` says whether the report was sent; the light then stands still. `late_by` is 0 in time.
    """

    due: dt.datetime
    reported: bool
    elapsed: dt.timedelta
    light: Light
    late_by: dt.timedelta
    reason: Text

    @property
    def is_late(self) -> bool:
        return self.late_by > dt.timedelta(0)

    @property
    def late_minutes(self) -> int:
        """Whole minutes late, a begun minute counted as one."""
        return -(-self.late_by // MINUTE)

    @property
    def remaining(self) -> dt.timedelta:
        """What is left until it is due, 0 once it is."""
        return max(REPORT_WITHIN - self.elapsed, dt.timedelta(0))


def sae_clock(aware: dt.datetime, *, now: dt.datetime, reported: dt.datetime | None = None) -> SaeClock:
    """Read the clock of a serious adverse event.

    `aware`: first awareness by any investigator of the site. `reported`: the initial report to the sponsor, None
    while it is not sent; the clock then runs to `now`. Due 24 hours after awareness: exactly 24:00 hours is in
    time, a minute later is late by 1 minute. The light is GREEN below 18 hours, AMBER from exactly 18 to exactly
    24, RED above. Times either all have a time zone or none has. Raises ImpossibleReport where a report, or now,
    lies before awareness, a report after now, and for times with and without zone together.
    Source: protocol specification section 9.
    """
    moments = [aware, now] if reported is None else [aware, now, reported]
    if len({moment.utcoffset() is None for moment in moments}) > 1:
        raise ImpossibleReport(
            Text("Give every time with its zone, or every time without.", "时间须全部带时区或全部不带时区。")
        )
    if reported is not None and _since(aware, reported) < dt.timedelta(0):
        raise ImpossibleReport(Text("The report lies before awareness.", "报告时间早于获知时间。"))
    if _since(aware, now) < dt.timedelta(0):
        raise ImpossibleReport(Text("Awareness lies in the future.", "获知时间晚于当前时间。"))
    if reported is not None and _since(reported, now) < dt.timedelta(0):
        raise ImpossibleReport(Text("The report lies in the future.", "报告时间晚于当前时间。"))
    elapsed = _since(aware, now if reported is None else reported)
    late_by = max(elapsed - REPORT_WITHIN, dt.timedelta(0))
    light = Light.RED if late_by else Light.AMBER if elapsed >= AMBER_FROM else Light.GREEN
    return SaeClock(
        aware + REPORT_WITHIN,
        reported is not None,
        elapsed,
        light,
        late_by,
        _sae_reason(elapsed, late_by, reported=reported is not None),
    )


def _since(earlier: dt.datetime, later: dt.datetime) -> dt.timedelta:
    """Return the time that passed, whatever the zones are."""
    if earlier.tzinfo is None:
        return later - earlier
    return later.astimezone(dt.UTC) - earlier.astimezone(dt.UTC)


def _sae_reason(elapsed: dt.timedelta, late_by: dt.timedelta, *, reported: bool) -> Text:
    late = f"{-(-late_by // MINUTE)}"
    if late_by and reported:
        words = Text("Reported {late} min late, after {hours}.", "报告迟{late}分钟，距获知{hours}。")
    elif late_by:
        words = Text("Overdue by {late} min.", "已逾期{late}分钟。")
    elif reported:
        words = Text("Reported in time, after {hours}.", "按时报告，距获知{hours}。")
    else:
        words = Text("{left} left to report.", "距报告时限还有{left}。")
    return words.format(late=late, hours=_hours(elapsed), left=_hours(REPORT_WITHIN - elapsed))


def _hours(span: dt.timedelta) -> Text:
    minutes = span // MINUTE
    return Text("{h} h {m} min", "{h}小时{m}分钟").format(h=minutes // 60, m=minutes % 60)


# SUSAR ----------------------------------------------------------------------------------------------


class Relation(StrEnum):
    """How an event is related to a treatment, from certainly to certainly not."""

    DEFINITE = "DEFINITE"
    PROBABLE = "PROBABLE"
    POSSIBLE = "POSSIBLE"
    UNLIKELY = "UNLIKELY"
    UNRELATED = "UNRELATED"


RELATION_WORDS: Final = {
    Relation.DEFINITE: Text("Definitely related", "肯定有关"),
    Relation.PROBABLE: Text("Probably related", "很可能有关"),
    Relation.POSSIBLE: Text("Possibly related", "可能有关"),
    Relation.UNLIKELY: Text("Probably not related", "可能无关"),
    Relation.UNRELATED: Text("Not related", "肯定无关"),
}
RELATED: Final = frozenset({Relation.DEFINITE, Relation.PROBABLE, Relation.POSSIBLE})


def is_related(relations: Collection[str | None]) -> bool | None:
    """Say whether an event is related to any treatment, possible or above.

    `relations` holds a code of Relation for each treatment, None where it is not judged; None is returned as long
    as an open judgement could still change the answer, and where there is none at all. Raises ImpossibleReport
    for another code. Source: protocol specification section 9.
    """
    known = [_relation(code) for code in relations if code is not None]
    if any(one in RELATED for one in known):
        return True
    return False if known and len(known) == len(relations) else None


def _relation(code: str) -> Relation:
    try:
        return Relation(code)
    except ValueError:
        words = Text(
            "There is no relation {code}; there are {known}.", "没有代码为{code}的相关性，可选：{known}。"
        )
        raise ImpossibleReport(words.format(code=code, known=", ".join(Relation))) from None


@dataclass(frozen=True, slots=True)
class Susar:
    """Whether an event is a suspected unexpected serious adverse reaction; None as long as it is open."""

    susar: bool | None
    reason: Text


def judge_susar(*, serious: bool | None, relations: Collection[str | None], expected: bool | None) -> Susar:
    """Judge a SUSAR: serious, related (possible or above) to any treatment, and unexpected, all three.

    None is an answer that is missing; one answer that says no decides without the others. Raises
    ImpossibleReport for a relation that is not known. Source: protocol specification section 9.
    """
    related = is_related(relations)
    answers = (
        (serious, Text("serious", "严重"), Text("not serious", "不严重")),
        (related, Text("related", "相关"), Text("not related", "不相关")),
        (None if expected is None else not expected, Text("unexpected", "非预期"), Text("expected", "预期")),
    )
    denied = [no for answer, _, no in answers if answer is False]
    if denied:
        words = Text("No SUSAR: {words}.", "非SUSAR：{words}。")
        return Susar(False, words.format(words=Text.join(denied, zh="、")))
    if any(answer is None for answer, _, _ in answers):
        open_ones = [yes for answer, yes, _ in answers if answer is None]
        words = Text("Not decided: {words}.", "尚未判定：{words}。")
        return Susar(None, words.format(words=Text.join(open_ones, zh="、")))
    return Susar(True, Text("Serious, related and unexpected.", "严重、相关且非预期。"))


@dataclass(frozen=True, slots=True)
class SusarDeadlines:
    """The days by which a SUSAR has to be reported; `follow_up` only for fatal or life-threatening ones."""

    report: dt.date
    follow_up: dt.date | None


def susar_deadlines(
    sponsor_aware: dt.date | dt.datetime, *, fatal_or_life_threatening: bool
) -> SusarDeadlines:
    """Return by when a SUSAR has to be reported, in calendar days from the sponsor's awareness, which is day 0.

    Fatal or life-threatening: day 7, with what is found out afterwards within the next 8 days (day 15). Others:
    day 15. The due day itself is in time. A moment counts as its day in the trial's zone.
    Source: protocol specification section 9.
    """
    day = trial_day(sponsor_aware)
    if not fatal_or_life_threatening:
        return SusarDeadlines(day + dt.timedelta(days=OTHER_DAYS), None)
    report = day + dt.timedelta(days=FATAL_DAYS)
    return SusarDeadlines(report, report + dt.timedelta(days=FOLLOW_UP_DAYS))


def new_information_due(received: dt.date | dt.datetime) -> dt.date:
    """Return by when new information on a reported event is due: day 15, its receipt being day 0.

    Source: protocol specification section 9.
    """
    return trial_day(received) + dt.timedelta(days=NEW_INFORMATION_DAYS)


# Which events are collected -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which an adverse event has to begin to be collected, both included; None is still open."""

    first: dt.date
    last: dt.date | None


def collection_period(
    consented: dt.date | dt.datetime,
    *,
    haic_ends: Iterable[dt.date] = (),
    infusions: Iterable[dt.date] = (),
    hepatectomies: Iterable[dt.date] = (),
) -> Period:
    """Return the period in which adverse events are collected.

    From consent to 30 days after the end of the last HAIC cycle, 90 days after the last Y-90 infusion and 90 days
    after the last hepatectomy, whichever is latest; open as long as there was no treatment. Raises
    ImpossibleReport for a treatment before consent. Source: protocol specification section 9.
    """
    first = trial_day(consented)
    last: dt.date | None = None
    for days, after in (
        (haic_ends, DAYS_AFTER_HAIC),
        (infusions, DAYS_AFTER_Y90),
        (hepatectomies, DAYS_AFTER_HEPATECTOMY),
    ):
        for day in days:
            if day < first:
                words = Text("The treatment of {day} lies before consent.", "{day}的治疗早于知情同意。")
                raise ImpossibleReport(words.format(day=day))
            end = day + dt.timedelta(days=after)
            last = end if last is None else max(last, end)
    return Period(first, last)


class Collected(StrEnum):
    """Where an event belongs by the day it began.

    HISTORY: before consent, medical history. ALWAYS: an adverse event. IF_RELATED: after the period, only a serious
    event that is related. UNKNOWN: a partial date that lies on both sides of consent.
    """

    HISTORY = "HISTORY"
    ALWAYS = "ALWAYS"
    IF_RELATED = "IF_RELATED"
    UNKNOWN = "UNKNOWN"


COLLECTED_WORDS: Final = {
    Collected.HISTORY: Text("Began before consent: medical history.", "发生于知情同意之前：记入既往史。"),
    Collected.ALWAYS: Text("Within the period of collection.", "在收集期内。"),
    Collected.IF_RELATED: Text(
        "After the period of collection: only a related serious event.",
        "收集期之后：仅收集相关的严重不良事件。",
    ),
    Collected.UNKNOWN: Text(
        "The date leaves open whether it began before consent.",
        "日期不完整，无法判断是否发生于知情同意之前。",
    ),
}


def judge_onset(began: PartialDate, period: Period) -> Collected:
    """Say where an event belongs by its first day, which may be known only in part.

    The day of consent and the last day of the period belong to it. A date that may lie within the period or
    after it is taken as within. Source: protocol specification section 9.
    """
    before = began.is_before(period.first)
    if before:
        return Collected.HISTORY
    if before is None:
        return Collected.UNKNOWN
    if period.last is not None and began.earliest > period.last:
        return Collected.IF_RELATED
    return Collected.ALWAYS
