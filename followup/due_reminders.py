"""What there is to remind of at a moment, and whom: the rules in force, held against what rooms report.

Rooms report occasions by plain functions listed in one table (`REMINDER_SOURCES` of settings.EVENT_TABLE, the module
trial_edc/wiring.py); that of visits is here. The same question asked of some participants alone says whether what
was written down is still to be sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import RoleHeld, User
from followup.channels import channels
from followup.models import ReminderPreference, ReminderRule
from followup.reminder_rules import DEFAULTS, About, Channel, QuietHours, Rule, steps_due
from followup.selectors import CLOSED, WAITING
from participants.models import Visit
from participants.workflow import VisitState
from records import clock
from records.zone import TRIAL_ZONE

NO_WISHES = QuietHours()


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something rules count from: its moments, and what a reminder of it keeps.

    `name` names it with all that makes another occasion of it, such as its window, without spaces, at most 60
    characters. `visit` is the code rules can be limited to; `about` the fields of Reminder that say what it is about.
    """

    name: str
    participant_id: int
    site_id: int
    moments: Mapping[About, datetime]
    visit: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """One person to be reminded of one occasion by one rule."""

    key: str
    rule: Rule
    occasion: Occasion
    person: User


# When it is (moment), the longest span any rule counts ahead, and the participants asked about (None: all).
Source = Callable[[datetime, timedelta, Collection[int] | None], list[Occasion]]


@cache
def _sources() -> tuple[Source, ...]:
    found: tuple[Source, ...] = import_module(settings.EVENT_TABLE).REMINDER_SOURCES
    return found


def rules_on(day: date) -> list[Rule]:
    """The rules in force on a day, in the order of their names; one query."""
    found: dict[str, Rule | None] = {rule.name: rule for rule in DEFAULTS}
    for row in ReminderRule.objects.filter(effective_from__lte=day).order_by("version"):
        found[row.name] = row.rule if row.active else None
    return [rule for _name, rule in sorted(found.items()) if rule is not None]


def beginning_of(day: date) -> datetime:
    """When a calendar day begins where the sites are."""
    return datetime.combine(day, time(), TRIAL_ZONE)


def visit_occasions(now: datetime, ahead: timedelta, participants: Collection[int] | None) -> list[Occasion]:
    """The visits that wait for somebody or soon will; one query.

    A visit that has begun needs no word that its window opens or that its day has come.
    """
    found = Visit.objects.filter(status__in=WAITING, target_from__isnull=False)
    if participants is not None:
        found = found.filter(participant__in=participants)
    waiting = (
        found.exclude(participant__status__in=CLOSED)
        .annotate(opens=Coalesce("window_open", "target_from"))
        .filter(opens__lte=clock.day(now + ahead))
        .select_related("participant")
    )
    return [_occasion(visit) for visit in waiting]


def _occasion(visit: Visit) -> Occasion:
    opens = visit.window_open or visit.target_from
    assert opens is not None and visit.target_from is not None
    moments = {}
    if visit.status == VisitState.PLANNED:
        moments = {About.OPENS: beginning_of(opens), About.TARGET: beginning_of(visit.target_from)}
    if visit.window_close is not None:
        moments[About.CLOSES] = beginning_of(visit.window_close)
    return Occasion(
        f"V{visit.pk}:{visit.window_open or ''}:{visit.window_close or ''}",
        visit.participant_id,
        visit.participant.site_id,
        moments,
        visit.code,
        {"visit": visit, "window_open": visit.window_open, "window_close": visit.window_close},
    )


def due_now(now: datetime, participants: Collection[int] | None = None) -> dict[str, Due]:
    """Everything to be reminded of now, by its key; the number of queries does not depend on how much there is.

    Sent or not: what was sent stays due until its step of the ladder is over.
    """
    rules = rules_on(clock.day(now))
    ahead = max([timedelta(0), *(-rule.after for rule in rules)])
    steps = [
        (occasion, rule)
        for source in _sources()
        for occasion in source(now, ahead, participants)
        for rule in steps_due(rules, occasion.moments, now, occasion.visit)
    ]
    people = _people(steps, clock.day(now))
    found = {}
    for occasion, rule in steps:
        for person in people[occasion.site_id, rule.role]:
            if channels()[rule.channel].address_of(person, wishes_of(person)):
                key = f"{rule.name}:{rule.channel}:{occasion.name}:{person.pk}"
                found[key] = Due(key, rule, occasion, person)
    return found


def _people(steps: Iterable[tuple[Occasion, Rule]], today: date) -> dict[tuple[int, str], list[User]]:
    """Who holds a role at a site that day with an active account, each with their wishes; one query."""
    found: dict[tuple[int, str], list[User]] = defaultdict(list)
    sites = {occasion.site_id for occasion, _rule in steps}
    if not sites:
        return found
    held = RoleHeld.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        Q(site__in=sites) | Q(site__isnull=True),
        role__in={rule.role for _occasion, rule in steps},
        starts_on__lte=today,
        user__is_active=True,
    )
    for row in held.select_related("user__reminder_preference").order_by("user_id"):
        for site_id in sites if row.site_id is None else (row.site_id,):
            if row.user not in found[site_id, row.role]:
                found[site_id, row.role].append(row.user)
    return found


def wishes_of(person: User) -> ReminderPreference | None:
    """What a person wishes; None: nothing said. No query where it was read along."""
    wishes: ReminderPreference | None = getattr(person, "reminder_preference", None)
    return wishes


def quiet_hours_of(person: User) -> QuietHours:
    wishes = wishes_of(person)
    return wishes.quiet_hours if wishes else NO_WISHES


def reachable_by(channel: Channel, person: User) -> str:
    """A person's address on a channel; "" where it is not set up or they gave none."""
    return channels()[channel].address_of(person, wishes_of(person))
