"""Partial dates as they are written in a history, and completed years of age.

A date of which only the year, or only year and month, is known is never completed by a guess: every
question about it is answered for its earliest and for its latest possible day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from records.zone import TRIAL_ZONE


class UnreadableDate(ValueError):
    """A text that is not an ISO date of the form 2026, 2026-08 or 2026-08-10."""


class BornAfterwards(ValueError):
    """An age was asked for a day on which the person was not yet born."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, or a month or year of which no more is known."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise UnreadableDate("A day without its month is not a date.")
        try:
            date(self.year, _or(self.month, 1), _or(self.day, 1))
        except ValueError as impossible:
            raise UnreadableDate(
                f"{self.year}-{self.month}-{self.day} is not in the calendar."
            ) from impossible

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read `2026`, `2026-08` or `2026-08-10`; anything else raises UnreadableDate."""
        found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text)
        if not found:
            raise UnreadableDate(f"{text!r} is not a date such as 2026, 2026-08 or 2026-08-10.")
        year, month, day = (None if part is None else int(part) for part in found.groups())
        return cls(year or 0, month, day)

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """Take a whole date."""
        return cls(day.year, day.month, day.day)

    @property
    def earliest(self) -> date:
        """The first day it can have been."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it can have been."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def is_complete(self) -> bool:
        return self.day is not None

    def __str__(self) -> str:
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    def is_before(self, day: date) -> bool | None:
        """Say whether it lies before a day; None where part of it does and part of it does not."""
        if self.latest < day:
            return True
        return None if self.earliest < day else False

    def days_until(self, day: date) -> tuple[int, int]:
        """Give the fewest and the most days from it to a day; negative where it lies after that day."""
        return (day - self.latest).days, (day - self.earliest).days


def _or(part: int | None, default: int) -> int:
    """Stand in for a part that is not known; a part of 0 is no part of a date and stays."""
    return default if part is None else part


def completed_years(born: date, on: date) -> int:
    """Count completed years of life (周岁) on a day.

    The birthday itself completes the year. Someone born on 29 February completes it on 1 March in years
    without that day. Raises BornAfterwards where `on` lies before `born`.
    Source: protocol specification section 3, age.
    """
    if on < born:
        raise BornAfterwards(f"Born {born}, which is after {on}.")
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age_at(born: PartialDate, on: date) -> tuple[int, int]:
    """Give the youngest and the oldest age in completed years that a partial birth date allows on a day.

    Both are equal where the age is certain. Days after `on` do not count as days of birth; where no day
    is left, BornAfterwards is raised.
    """
    return completed_years(min(born.latest, on), on), completed_years(born.earliest, on)


def age_if_certain(born: PartialDate, on: date) -> int | None:
    """Give the age in completed years on a day, or None where the partial birth date allows two."""
    youngest, oldest = age_at(born, on)
    return youngest if youngest == oldest else None


def trial_day(moment: date | datetime) -> date:
    """Give the calendar day of a moment in the trial's time zone, Asia/Shanghai.

    A moment with a time zone is converted; one without is taken as local time; a day stays as it is.
    """
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(TRIAL_ZONE) if moment.tzinfo else moment).date()
