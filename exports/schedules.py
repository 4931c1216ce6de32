"""When a saved export is due: every day, week or month, at two in the morning of the trial's zone. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from records.text import Text

AT = time(2)


class Schedule(StrEnum):
    NEVER = "NEVER"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


SCHEDULE_WORDS = {
    Schedule.NEVER: Text("Only when asked for", "仅手动生成"),
    Schedule.DAILY: Text("Every day at 02:00", "每天02:00"),
    Schedule.WEEKLY: Text("Mondays at 02:00", "每周一02:00"),
    Schedule.MONTHLY: Text("On the first of each month at 02:00", "每月1日02:00"),
}


def last_due(schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The latest moment up to `now` at which the schedule asks for an export; None where it never does."""
    if schedule == Schedule.NEVER:
        return None
    here = now.astimezone(zone)
    due = datetime.combine(here.date(), AT, zone)
    if due > here:
        due -= timedelta(days=1)
    if schedule == Schedule.WEEKLY:
        due -= timedelta(days=due.weekday())
    elif schedule == Schedule.MONTHLY:
        due -= timedelta(days=due.day - 1)
    return due


def is_due(schedule: Schedule, since: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment of the schedule lies after `since`, when it last ran or was saved, and not after `now`."""
    due = last_due(schedule, now, zone)
    return due is not None and since < due
