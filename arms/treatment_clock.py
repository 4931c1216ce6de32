"""One HAIC cycle drawn to scale: catheter, the four infusions, compression bandage and discharge on one clock.

Planned and actual time of each stand below one another, in words as well as in bars, so that a nurse reads on
paper what the screen shows. Values in, a drawing out; positions are percent of the width, as text, so that no
language changes the decimal point. Source: protocol specification 4.1 and 4.4, and 0.2 (C22).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from arms.haic_dosing import DEFAULT_TIMELINE_LIMITS, INFUSIONS, Timeline, TimelineLimits
from records.text import Text
from records.zone import TRIAL_ZONE

ALL_INFUSIONS = INFUSIONS[-1].planned_to
LONGEST = dt.timedelta(hours=240)  # what lies further out is drawn at the edge; its time stands in words
EDGE = 6  # percent of the width within which a label would leave the drawing
TICK = 12  # hours between the marks of a clock that has not begun

CATHETER = Text("Catheter in place", "导管留置")
BANDAGE = Text("Compression bandage", "加压包扎")
DISCHARGE = Text("Discharge", "出院")
NOT_ENDED = Text("not ended yet", "尚未结束")


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time: its left edge and its width in percent of the drawing."""

    left: str
    width: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One thing that lasts: its plan and what was recorded, as bars and in words.

    `open`: begun, no end recorded, drawn up to the present. `due`, `happened`: positions of what does not last.
    """

    label: Text
    planned: Bar | None
    actual: Bar | None
    planned_words: Text
    actual_words: Text
    open: bool = False
    due: str = ""
    happened: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark with its label, which is set so that it stays within the drawing."""

    left: str
    label: Text

    @property
    def anchor(self) -> str:
        """Which part of the label stands at the mark: its start at the left edge, its end at the right one."""
        at = Decimal(self.left)
        return "start" if at < EDGE else "end" if at > 100 - EDGE else "middle"


@dataclass(frozen=True, slots=True)
class Clock:
    """The whole drawing; `begun` where a time is recorded, so that marks are days and not hours from the start."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    begun: bool


Span = tuple[dt.timedelta, dt.timedelta]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns times since the beginning into positions, and into words where the beginning is known."""

    origin: dt.datetime | None
    length: dt.timedelta
    now: dt.datetime

    def at(self, offset: dt.timedelta) -> Decimal:
        part = Decimal(offset // dt.timedelta(seconds=1)) / Decimal(self.length // dt.timedelta(seconds=1))
        return min(max(100 * part, Decimal(0)), Decimal(100))

    def bar(self, span: Span | None) -> Bar | None:
        if span is None or span[1] < span[0]:
            return None
        left, right = self.at(span[0]), self.at(span[1])
        return Bar(f"{left:.2f}", f"{right - left:.2f}")

    def words(self, span: Span) -> Text:
        """Say from when to when, and how long: "09-03 12:00–15:00, 3 h"."""
        lasted = lasting(span[1] - span[0])
        if self.origin is None:
            low, high = (_decimal_hours(offset) for offset in span)
            return Text(f"hour {low}–{high}, {lasted.en}", f"第{low}–{high}小时，{lasted.zh}")
        begin, end = self.origin + span[0], self.origin + span[1]
        told = f"{_moment(begin)}–{_moment(end, same_day_as=begin)}"
        return Text(f"{told}, {lasted.en}", f"{told}，{lasted.zh}")


def lasting(span: dt.timedelta) -> Text:
    """Say a duration in hours and minutes: "46 h", "1 h 30 min"."""
    minutes = span // dt.timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else ""
    if not hours:
        return Text(f"{sign}{rest} min", f"{sign}{rest}分钟")
    if not rest:
        return Text(f"{sign}{hours} h", f"{sign}{hours}小时")
    return Text(f"{sign}{hours} h {rest} min", f"{sign}{hours}小时{rest}分")


def clock_of(times: Timeline, now: dt.datetime, limits: TimelineLimits = DEFAULT_TIMELINE_LIMITS) -> Clock:
    """Draw a cycle from what is recorded of it up to `now`, and as it is planned where nothing is.

    The plan begins with the first infusion as it began, or with catheterisation; the bandage is planned from the
    removal of the catheter. A time out of order has no bar: the form refuses or asks about it.
    """
    first = times.infusions.get(INFUSIONS[0].key, (None, None))[0]
    known = [at for at in (times.catheterised, first) if at is not None]
    origin = min(known, default=None)
    start = dt.timedelta(0) if origin is None else (first or times.catheterised or origin) - origin
    planned_out = start + _hours(ALL_INFUSIONS)
    removed = _since(origin, times.catheter_out)
    bandage_from = planned_out if removed is None else removed
    bandage = (bandage_from, bandage_from + _hours(limits.bandage))
    recorded = [
        _since(origin, at)
        for at in (times.catheter_out, times.bandage_end, times.discharged, *_ends(times))
        if at is not None
    ]
    latest = max([planned_out, bandage[1], *(offset for offset in recorded if offset is not None)])
    scale = _Scale(origin, min(latest, LONGEST), now)
    lanes = [
        _lane(CATHETER, (dt.timedelta(0), planned_out), (times.catheterised, times.catheter_out), scale),
        *(
            _lane(
                one.name,
                (start + _hours(one.planned_from), start + _hours(one.planned_to)),
                times.infusions.get(one.key, (None, None)),
                scale,
            )
            for one in INFUSIONS
        ),
        _lane(BANDAGE, bandage, (times.bandage_start, times.bandage_end), scale),
        _discharge(times, bandage[1], scale),
    ]
    return Clock(tuple(lanes), tuple(_ticks(scale)), begun=origin is not None)


def _lane(
    label: Text, plan: Span, actual: tuple[dt.datetime | None, dt.datetime | None], scale: _Scale
) -> Lane:
    begun, ended = (_since(scale.origin, at) for at in actual)
    span = None if begun is None or ended is None or ended < begun else (begun, ended)
    if span is not None:
        words = scale.words(span)
    elif begun is not None and actual[0] is not None:
        words = Text(f"{_moment(actual[0])}, ", f"{_moment(actual[0])}起，") + NOT_ENDED
    else:
        words = Text("", "")
    is_open = begun is not None and actual[1] is None
    if is_open and begun is not None and scale.origin is not None:
        span = (begun, max(begun, scale.now - scale.origin))
    return Lane(label, scale.bar(plan), scale.bar(span), scale.words(plan), words, is_open)


def _discharge(times: Timeline, earliest: dt.timedelta, scale: _Scale) -> Lane:
    left = _since(scale.origin, times.discharged)
    if scale.origin is None:
        hour = _decimal_hours(earliest)
        planned = Text(f"not before hour {hour}", f"不早于第{hour}小时")
    else:
        told = _moment(scale.origin + earliest)
        planned = Text(f"not before {told}", f"不早于{told}")
    words = Text(_moment(times.discharged), _moment(times.discharged)) if times.discharged else Text("", "")
    return Lane(
        DISCHARGE,
        None,
        None,
        planned,
        words,
        due=f"{scale.at(earliest):.2f}",
        happened="" if left is None else f"{scale.at(left):.2f}",
    )


def _ticks(scale: _Scale) -> list[Tick]:
    """Mark each midnight of a clock that runs, and every twelfth hour of one that does not."""
    if scale.origin is None:
        hours = range(0, int(scale.length / dt.timedelta(hours=1)) + 1, TICK)
        return [Tick(f"{scale.at(dt.timedelta(hours=at)):.2f}", Text(f"{at} h", f"{at}小时")) for at in hours]
    begins = scale.origin.astimezone(TRIAL_ZONE)
    midnight = (begins + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while midnight - begins < scale.length:
        found.append(
            Tick(f"{scale.at(midnight - begins):.2f}", Text(f"{midnight:%m-%d}", f"{midnight:%m-%d}"))
        )
        midnight += dt.timedelta(days=1)
    return found


def _ends(times: Timeline) -> list[dt.datetime]:
    return [end for _start, end in times.infusions.values() if end is not None]


def _since(origin: dt.datetime | None, at: dt.datetime | None) -> dt.timedelta | None:
    return None if origin is None or at is None else at - origin


def _hours(hours: Decimal) -> dt.timedelta:
    return dt.timedelta(seconds=int(hours * 3600))


def _decimal_hours(offset: dt.timedelta) -> str:
    return f"{(Decimal(offset // dt.timedelta(seconds=1)) / 3600).normalize():f}"


def _moment(at: dt.datetime, same_day_as: dt.datetime | None = None) -> str:
    local = at.astimezone(TRIAL_ZONE)
    if same_day_as is not None and same_day_as.astimezone(TRIAL_ZONE).date() == local.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}"
