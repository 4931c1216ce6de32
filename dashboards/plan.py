"""The planned course of enrolment: a straight line from the start of the trial to the end of enrolment.

Pure: no Django.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

# First day of enrolment. Source: NCT07070076 registry record, study start.
START = date(2026, 8, 1)


# The pace of enrolment is that of the last half year, or of all of it while it has lasted less.
PACE_DAYS = 183
# A day further off than this is no forecast.
FURTHEST = timedelta(days=366 * 20)


class NoPeriod(ValueError):
    """Enrolment was planned over less than a month."""


def month_after(month: date, count: int = 1) -> date:
    """Give the first day of the month `count` months after the one `month` lies in."""
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def planned_by(on: date, *, target: int, start: date, months: int) -> Fraction:
    """Give how many participants the plan has enrolled by the end of a day, exactly.

    The same number every day from `start`, the first of a month, over `months` months; 0 before, `target`
    after. Raises NoPeriod for less than one month. Source: study settings target_enrolment and
    enrolment_months.
    """
    if months < 1:
        raise NoPeriod(f"Enrolment over {months} months.")
    days = (month_after(start, months) - start).days
    passed = (on - start).days + 1
    return Fraction(target * min(max(passed, 0), days), days)


def months_shown(today: date, *, start: date, months: int) -> list[date]:
    """List the first day of each month from the start to the planned end, or to today where that is later."""
    last = max(month_after(start, months - 1), month_after(today, 0))
    shown = [start]
    while shown[-1] < last:
        shown.append(month_after(shown[-1]))
    return shown


def last_day(month: date) -> date:
    """Give the last day of the month that begins on `month`."""
    return month_after(month) - timedelta(days=1)


def pace_from(today: date, begun: date | None) -> date:
    """Give the first day of those whose enrolment is the present pace; `begun` with the first participant."""
    longest = today - timedelta(days=PACE_DAYS - 1)
    return longest if begun is None else min(max(longest, begun), today)


def reached_on(today: date, *, enrolled: int, recent: int, days: int, target: int) -> date | None:
    """Give the day the target is reached if enrolment goes on as in the last `days` days, which brought `recent`.

    None where nobody was enrolled in that time, or the day is more than twenty years off. Days are rounded up: on
    the day given, the target is reached. For fewer enrolled than the target.
    """
    if recent <= 0 or days <= 0:
        return None
    left = timedelta(days=-(-(target - enrolled) * days // recent))
    return today + left if left <= FURTHEST else None
