"""What is reminded of when: rules as data, the steps of a ladder, and a person's quiet hours.

A rule counts from a moment of a visit or of a report (`About`), a span before it (negative) or after it, and names the
role and the channel it goes to. The rules of one role and channel are the steps of a ladder: of those whose
moment has come only the last is due, so that nobody is told of a window opening after it has closed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from records.text import Text

DAY: Final = dt.timedelta(days=1)
HOUR: Final = dt.timedelta(hours=1)
MINUTE: Final = dt.timedelta(minutes=1)
FARTHEST: Final = dt.timedelta(days=365)
NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,19}")


class About(StrEnum):
    """The moments rules count from. Those of a visit and of a SUSAR are the beginning of a day where the sites are."""

    OPENS = "OPENS"
    TARGET = "TARGET"
    CLOSES = "CLOSES"
    REPORT = "REPORT"
    SUSAR = "SUSAR"

    @property
    def of_report(self) -> bool:
        """Whether it is of a report on an adverse event, and not of a visit."""
        return self in (About.REPORT, About.SUSAR)

    @property
    def urgent(self) -> bool:
        """Whether its reminders wait neither for the end of quiet hours nor for the message of the day."""
        return self is About.REPORT

    @property
    def unit(self) -> dt.timedelta:
        """What the spans of its rules are counted in: whole days, or minutes."""
        return MINUTE if self.urgent else DAY


class Channel(StrEnum):
    MAIL = "MAIL"
    SMS = "SMS"
    WECHAT = "WECHAT"


ABOUT_WORDS: Final = {
    About.OPENS: Text("a visit's window opens", "访视窗开始"),
    About.TARGET: Text("a visit's target day", "访视计划日"),
    About.CLOSES: Text("a visit's window closes", "访视窗结束"),
    About.REPORT: Text("the initial report of a serious adverse event is due", "严重不良事件首次报告时限"),
    About.SUSAR: Text("the last day to report a SUSAR to the authority", "SUSAR向监管部门报告的最后一日"),
}
ON_THE_MOMENT: Final = {
    About.OPENS: Text("when a visit's window opens", "访视窗开始当日"),
    About.TARGET: Text("on a visit's target day", "访视计划日当日"),
    About.CLOSES: Text("on the last day of a visit's window", "访视窗最后一日"),
    About.REPORT: Text(
        "when the initial report of a serious adverse event is due", "严重不良事件首次报告时限届满时"
    ),
    About.SUSAR: Text(
        "on the last day to report a SUSAR to the authority", "SUSAR向监管部门报告的最后一日当日"
    ),
}
CHANNEL_WORDS: Final = {
    Channel.MAIL: Text("Mail", "邮件"),
    Channel.SMS: Text("Text message", "短信"),
    Channel.WECHAT: Text("WeChat", "微信"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is in force on a day. `visits`: the codes of the visits it is about; none: all."""

    name: str
    about: About
    after: dt.timedelta
    role: str
    channel: Channel = Channel.MAIL
    visits: tuple[str, ...] = ()

    @property
    def words(self) -> Text:
        return when_words(self.about, self.after)


def when_words(about: About, after: dt.timedelta) -> Text:
    """Say when a rule's moment is: "3 days before a visit's window closes"."""
    if not after:
        return ON_THE_MOMENT[about]
    span, event = _span(abs(after), about.unit), ABOUT_WORDS[about]
    if after < dt.timedelta(0):
        return Text("{span} before {event}", "{event}前{span}").format(span=span, event=event)
    return Text("{span} after {event}", "{event}后{span}").format(span=span, event=event)


_UNITS: Final = (
    (DAY, "day", "days", "天"),
    (HOUR, "hour", "hours", "小时"),
    (MINUTE, "minute", "minutes", "分钟"),
)


def _span(span: dt.timedelta, unit: dt.timedelta) -> Text:
    return next(
        _counted(span // size, *words)
        for size, *words in _UNITS
        if size == unit or span % size == dt.timedelta(0)
    )


def rough_span(span: dt.timedelta) -> Text:
    """Say a span in whole days from two days on, in whole hours from two hours on, in whole minutes below."""
    return next(
        _counted(span // size, *words) for size, *words in _UNITS if span >= 2 * size or size == MINUTE
    )


def _counted(number: int, one: str, many: str, chinese: str) -> Text:
    return Text(f"{number} {one if number == 1 else many}", f"{number}{chinese}")


# In force until a data manager decides otherwise.
DEFAULTS: Final = (
    Rule("visit-opens", About.OPENS, dt.timedelta(0), "COORDINATOR"),
    Rule("visit-closing", About.CLOSES, -3 * DAY, "COORDINATOR"),
    Rule("visit-overdue", About.CLOSES, DAY, "COORDINATOR"),
    Rule("visit-escalation", About.CLOSES, 7 * DAY, "INVESTIGATOR"),
    Rule("report-6h", About.REPORT, -6 * HOUR, "COORDINATOR"),
    Rule("report-1h", About.REPORT, -HOUR, "COORDINATOR"),
    Rule("report-late", About.REPORT, dt.timedelta(0), "COORDINATOR"),
    Rule("report-6h-inv", About.REPORT, -6 * HOUR, "INVESTIGATOR"),
    Rule("report-1h-inv", About.REPORT, -HOUR, "INVESTIGATOR"),
    Rule("report-late-inv", About.REPORT, dt.timedelta(0), "INVESTIGATOR"),
    Rule("susar-soon", About.SUSAR, -2 * DAY, "DATA_MANAGER"),
    Rule("susar-last-day", About.SUSAR, dt.timedelta(0), "DATA_MANAGER"),
    Rule("susar-late", About.SUSAR, DAY, "DATA_MANAGER"),
)


def steps_due(
    rules: Iterable[Rule], moments: Mapping[About, dt.datetime], now: dt.datetime, visit: str = ""
) -> list[Rule]:
    """Give the rules due now about something with these moments: of each role and channel the last that has come.

    A rule about a moment that is not given does not apply, nor one about other visits than `visit`. The moment itself
    is due. Of two rules of the same moment the last by name.
    """
    last: dict[tuple[str, Channel], tuple[dt.datetime, str, Rule]] = {}
    for rule in rules:
        moment = moments.get(rule.about)
        if moment is None or moment + rule.after > now or (rule.visits and visit not in rule.visits):
            continue
        step = (moment + rule.after, rule.name, rule)
        ladder = (rule.role, rule.channel)
        if ladder not in last or step[:2] > last[ladder][:2]:
            last[ladder] = step
    return [rule for _moment, _name, rule in last.values()]


# Quiet hours ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when, on the clock of a zone, nothing is sent that can wait; from = until: never quiet.

    The message of a day leaves when they have ended.
    """

    zone: str = "Asia/Shanghai"
    begin: dt.time = dt.time(20, 0)
    end: dt.time = dt.time(8, 0)

    def at(self, moment: dt.datetime) -> bool:
        """Whether a moment lies in them; the beginning does, the end does not."""
        local = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.begin <= self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end

    def end_after(self, moment: dt.datetime) -> dt.datetime:
        """Give when they next end, in UTC; the moment itself where it does not lie in them.

        Where clocks are put forward over the end, that is when they have been put forward.
        """
        if not self.at(moment):
            return moment.astimezone(dt.UTC)
        local = moment.astimezone(ZoneInfo(self.zone))
        day = local.date() if local.time() < self.end else local.date() + DAY
        end = dt.datetime.combine(day, self.end, ZoneInfo(self.zone)).astimezone(dt.UTC)
        while self.at(end) or end <= moment:
            end += MINUTE
        return end

    def day(self, moment: dt.datetime) -> dt.date:
        """The calendar day of a moment there: one message a day."""
        return moment.astimezone(ZoneInfo(self.zone)).date()
