"""Clocks of safety reporting: the 24 hours of a serious adverse event, and the days of a SUSAR.

A clock starts when the fact is known, not when it is entered; nights, weekends and holidays do not stop it.
Source: GCP 2020 (NMPA and NHC), device GCP 2022 and the protocol, as in protocol specification section 9.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eligibility.event_rules import ImpossibleReport
from participants.dates import trial_day
from records.text import Text

MINUTE: Final = dt.timedelta(minutes=1)

FOLLOW_UP_DAYS: Final = 8
NEW_INFORMATION_DAYS: Final = 15


# Serious adverse events -----------------------------------------------------------------------------


class Light(StrEnum):
    """GREEN below 18 hours, AMBER from 18 hours to 24 hours, RED above 24 hours."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"


@dataclass(frozen=True, slots=True)
class ReportLimits:
    """Hours within which an initial report is due and from which the light is amber; study settings."""

    within: dt.timedelta = dt.timedelta(hours=24)
    amber_from: dt.timedelta = dt.timedelta(hours=18)


REPORT_LIMITS: Final = ReportLimits()


@dataclass(frozen=True, slots=True)
class SaeClock:
    """The clock of an initial report: when it is due, the light, how late it is.

    `reported` says whether the report was sent; the light then stands still. `remaining` is what is left until it
    is due, 0 once it is; `late_by` is 0 in time.
    """

    due: dt.datetime
    reported: bool
    elapsed: dt.timedelta
    remaining: dt.timedelta
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


def sae_clock(
    aware: dt.datetime,
    *,
    now: dt.datetime,
    reported: dt.datetime | None = None,
    limits: ReportLimits = REPORT_LIMITS,
) -> SaeClock:
    """Read the clock of a serious adverse event.

    `aware`: first awareness by any investigator of the site. `reported`: the initial report to the sponsor, None
    while it is not sent; the clock then runs to `now`. Due 24 hours after awareness: exactly 24:00 hours is in
    time, a minute later is late by 1 minute. The light is GREEN below 18 hours, AMBER from exactly 18 to exactly
    24, RED above; `limits` may say other hours. Times either all have a time zone or none has. Raises
    ImpossibleReport where a report, or now, lies before awareness, a report after now, and for times with and
    without zone together.
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
    late_by = max(elapsed - limits.within, dt.timedelta(0))
    light = Light.RED if late_by else Light.AMBER if elapsed >= limits.amber_from else Light.GREEN
    remaining = max(limits.within - elapsed, dt.timedelta(0))
    return SaeClock(
        due=aware + limits.within,
        reported=reported is not None,
        elapsed=elapsed,
        remaining=remaining,
        light=light,
        late_by=late_by,
        reason=_sae_reason(elapsed, remaining, late_by, reported=reported is not None),
    )


def _since(earlier: dt.datetime, later: dt.datetime) -> dt.timedelta:
    """Return the time that passed, whatever the zones are."""
    if earlier.tzinfo is None:
        return later - earlier
    return later.astimezone(dt.UTC) - earlier.astimezone(dt.UTC)


def _sae_reason(
    elapsed: dt.timedelta, remaining: dt.timedelta, late_by: dt.timedelta, *, reported: bool
) -> Text:
    late = f"{-(-late_by // MINUTE)}"
    if late_by and reported:
        words = Text("Reported {late} min late, after {hours}.", "报告迟{late}分钟，距获知{hours}。")
    elif late_by:
        words = Text("Overdue by {late} min.", "已逾期{late}分钟。")
    elif reported:
        words = Text("Reported in time, after {hours}.", "按时报告，距获知{hours}。")
    else:
        words = Text("{left} left to report.", "距报告时限还有{left}。")
    return words.format(late=late, hours=_hours(elapsed), left=_hours(remaining))


def _hours(span: dt.timedelta) -> Text:
    minutes = span // MINUTE
    return Text("{h} h {m} min", "{h}小时{m}分钟").format(h=minutes // 60, m=minutes % 60)


# SUSAR ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SusarDeadlines:
    """The days by which a SUSAR has to be reported; `follow_up` only for fatal or life-threatening ones."""

    report: dt.date
    follow_up: dt.date | None


def susar_deadlines(
    sponsor_aware: dt.date | dt.datetime,
    *,
    fatal_or_life_threatening: bool,
    fatal_days: int = 7,
    other_days: int = 15,
) -> SusarDeadlines:
    """Return by when a SUSAR has to be reported, in calendar days from the sponsor's awareness, which is day 0.

    Fatal or life-threatening: day 7, with what is found out afterwards within the next 8 days (day 15). Others:
    day 15. Both numbers of days are study settings. The due day itself is in time. A moment counts as its day in
    the trial's zone.
    Source: protocol specification section 9.
    """
    day = trial_day(sponsor_aware)
    if not fatal_or_life_threatening:
        return SusarDeadlines(day + dt.timedelta(days=other_days), None)
    report = day + dt.timedelta(days=fatal_days)
    return SusarDeadlines(report, report + dt.timedelta(days=FOLLOW_UP_DAYS))


def new_information_due(received: dt.date | dt.datetime) -> dt.date:
    """Return by when new information on a reported event is due: day 15, its receipt being day 0.

    Source: protocol specification section 9.
    """
    return trial_day(received) + dt.timedelta(days=NEW_INFORMATION_DAYS)
