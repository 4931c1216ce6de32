"""What every story has at hand: when the demo opens, who works where, the person it is about, and their tumour's course."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.access import Access, Actor, Permission
from accounts.models import Site, User
from participants.models import Participant
from records import clock
from records.zone import TRIAL_ZONE
from trial_edc.demo.drawing import Person, own

# The demo opens on this morning in Shanghai; its clock goes on from there.
OPENS_AT = datetime(2027, 6, 15, 9, 0, tzinfo=TRIAL_ZONE)
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Team:
    """Who works at a demo site."""

    site: Site
    coordinator: Actor
    investigator: Actor


@dataclass(slots=True)
class Course:
    """How a tumour answers: what is left of its longest and of its viable diameter (percent) once treatment worked.

    `kind` is CR, PR, VIABLE (smaller by what lives in it, not by its diameter), SD or PD. `progresses` is the day from
    which on it grows again. `seen` counts the examinations after screening.
    """

    kind: str = "SD"
    longest: int = 100
    viable: int = 100
    progresses: date | None = None
    seen: int = 0
    grown: bool = False
    resected: bool = False


@dataclass(slots=True)
class Scene:
    """One participant's beginning, who and where and when, and what their story remembers."""

    participant: Participant
    team: Team
    start: datetime
    person: Person
    screening: dict[str, dict[str, Any]]
    course: Course = field(default_factory=Course)
    visits: int = 0
    # Days on which treatment was given, by what it was; the events of a story are counted from them.
    treated: list[tuple[str, datetime]] = field(default_factory=list)
    weight: Any = None

    @property
    def draw(self) -> random.Random:
        return self.person.draw

    def later(self, **span: float) -> datetime:
        return self.start + timedelta(**span)


Story = Callable[[Scene], None]


def actor_of(username: str, permission: Permission, site: Site | None = None) -> Actor:
    """An account in the role that lets it do this."""
    person = User.objects.get(username=username)
    return Access.of(person, clock.day(OPENS_AT)).actor(permission, site.pk if site else None)


def teams() -> dict[str, Team]:
    """The people of each site, by its code."""
    found = {}
    for code, suffix in (("01", ""), ("02", "02"), ("03", "03")):
        site = Site.objects.get(code=code)
        found[code] = Team(
            site,
            actor_of(f"coordinator{suffix}", Permission.ENTER_DATA, site),
            actor_of(f"investigator{suffix}", Permission.DECIDE_ELIGIBILITY, site),
        )
    return found


def in_the_morning(day: date, draw: random.Random) -> datetime:
    """A time of that day at which a visit takes place."""
    at = time(draw.randint(8, 10), draw.randrange(0, 60, 5))
    return datetime.combine(day, at, tzinfo=TRIAL_ZONE)


def working_day(day: date, last: date) -> date:
    """That day, or the Monday after a Sunday where it is not too late."""
    moved = day + timedelta(days=1) if day.weekday() == SUNDAY else day
    return moved if moved <= last else day


KINDS = {
    "CR": ((44, 58), (0, 0)),
    "PR": ((42, 62), (22, 48)),
    "VIABLE": ((76, 88), (24, 55)),
    "SD": ((86, 104), (78, 103)),
    "PD": ((126, 142), (128, 150)),
}
MONTHS_WITHOUT_PROGRESSION = {"HAIC": 10, "Y90": 13}
DAYS_OF_A_MONTH = 30.44


def course_drawn(kind: str, arm: str, number: str, from_day: date, forced: int | None = None) -> Course:
    """How deep the response is, and when it ends: exponential, median 10 months (HAIC) and 13 (Y-90).

    `forced` is a number of days after which it ends in any case, 0 for never.
    """
    draw = own(f"course {number}")
    longest, viable = KINDS[kind]
    days = round(
        draw.expovariate(0.6931) * MONTHS_WITHOUT_PROGRESSION[arm] * DAYS_OF_A_MONTH
        if forced is None
        else forced
    )
    grows = from_day + timedelta(days=max(days, 75)) if days else None
    return Course(kind, draw.randint(*longest), draw.randint(*viable), grows if kind != "PD" else from_day)
