"""The only source of "now" for rules, tasks and what is shown to people.

In a trial's real database it is the machine's clock. In a database marked as demo or test it can be
moved, for web, worker and beat alike, so that month 6 of a casebook is reached through the real
checks. The mark is set once, by whoever makes the database, and the application's role cannot change it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import connection, models
from django.db.models import Q

from records.zone import TRIAL_ZONE


class ClockCannotMove(Exception):
    """The clock of a trial's real database was asked to move."""


class TrialClock(models.Model):
    """One row: what kind of database this is, and how far its clock stands from the machine's."""

    class Kind(models.TextChoices):
        TRIAL = "TRIAL"
        DEMO = "DEMO"
        TEST = "TEST"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.TRIAL)
    ahead = models.DurationField(default=timedelta(0))

    app_privileges = ("SELECT", "UPDATE (ahead)")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_clock"),
            models.CheckConstraint(condition=Q(kind__in=["TRIAL", "DEMO", "TEST"]), name="clock_kind_known"),
            models.CheckConstraint(
                condition=Q(ahead=timedelta(0)) | Q(kind__in=["DEMO", "TEST"]), name="trial_clock_never_moves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ahead}"


def _machine_now() -> datetime:
    return datetime.now(UTC)


def real_now() -> datetime:
    """Give the machine's moment, wherever the trial's clock stands: for seals of the trail and for drift."""
    return _machine_now()


def database_ahead() -> timedelta:
    """Give how far the database's clock is ahead of the application's; negative where it is behind. One query.

    Exact to half the time the question takes.
    """
    before = _machine_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return there - (before + (_machine_now() - before) / 2)


# A database never changes its kind while a process serves it, so a real trial's asks no query for the time.
_real_databases: set[str] = set()


def read() -> TrialClock:
    """Fetch the clock's row; one query, none for a database known to be a real trial's."""
    name = str(connection.settings_dict["NAME"])
    if name in _real_databases:
        return TrialClock(kind=TrialClock.Kind.TRIAL)
    with (
        connection.cursor() as cursor
    ):  # every page of a demo asks: the plain statement takes a tenth of the time
        cursor.execute("SELECT kind, ahead FROM records_trialclock WHERE id = 1")
        row = cursor.fetchone()
    clock = TrialClock(kind=row[0], ahead=row[1]) if row else TrialClock()
    if clock.kind == TrialClock.Kind.TRIAL:
        _real_databases.add(name)
    return clock


def now(reading: TrialClock | None = None) -> datetime:
    """Give the trial's present moment, aware, in UTC; one query unless the clock was read already."""
    return _machine_now() + (reading or read()).ahead


def day(moment: datetime) -> date:
    """Give the calendar day of a moment where the sites are (Asia/Shanghai)."""
    return moment.astimezone(TRIAL_ZONE).date()


def today() -> date:
    return day(now())


def move_to(moment: datetime) -> None:
    """Set the clock of a demo or test database; ClockCannotMove in any other."""
    moved = TrialClock.objects.filter(pk=1).exclude(kind=TrialClock.Kind.TRIAL)
    if not moved.update(ahead=moment - _machine_now()):
        raise ClockCannotMove("This database belongs to a real trial: its clock cannot be moved.")
