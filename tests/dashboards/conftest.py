"""A trial of many participants, put in as rows; what it should show is counted by hand in Python."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.access import Access
from accounts.models import Role, Site, User
from dashboards.cards import Question
from dashboards.selectors import View, sites_seen
from eligibility.models import EligibilityDecision, Staging
from participants.models import Participant, ParticipantStatus, ScheduleVersion, Visit
from participants.workflow import ParticipantState
from records import study
from tests.cast import make_person

TODAY = date(2027, 6, 15)
NOW = datetime(2027, 6, 15, 4, 0, tzinfo=UTC)
PATHS = {
    "screening": ["SCREENING"],
    "withdrawn": ["SCREENING", "WITHDRAWN"],
    "came back to screening": ["SCREENING", "WITHDRAWN", "SCREENING"],
    "failed": ["SCREENING", "SCREEN_FAILURE"],
    "failed late": ["SCREENING", "ELIGIBLE", "SCREEN_FAILURE"],
    "eligible": ["SCREENING", "ELIGIBLE"],
    "assigned": ["SCREENING", "ELIGIBLE", "ASSIGNED"],
    "assigned, left": ["SCREENING", "ELIGIBLE", "ASSIGNED", "WITHDRAWN"],
    "assigned, came back": ["SCREENING", "ELIGIBLE", "ASSIGNED", "DIED", "ASSIGNED"],
    "treated": ["SCREENING", "ELIGIBLE", "ASSIGNED", "ON_TREATMENT"],
    "followed": ["SCREENING", "ELIGIBLE", "ASSIGNED", "ON_TREATMENT", "FOLLOW_UP"],
    "died": ["SCREENING", "ELIGIBLE", "ASSIGNED", "ON_TREATMENT", "DIED"],
}
CRITERIA = ["I1", "I3", "I5", "E1", "E10"]
STAGES = ["Ib", "IIa", "IIb", "IIIa", "IIIb", "UNKNOWN"]
FOLLOW_UP = [(40, "NR-M1", "NR"), (41, "NR-M3", "NR"), (42, "Y-M1", "Y")]


@dataclass
class Person:
    """What is known of one made-up participant."""

    site: Site
    arm: str
    path: list[str]
    assigned_on: date
    stage: str
    staging_state: str
    failing: list[str]
    visits: list[tuple[str, str, date | None, date | None]] = field(default_factory=list)

    def was(self, *states: str) -> bool:
        return bool(set(self.path) & set(states))


def make_people(sites: list[Site], number: int, seed: int = 7) -> list[Person]:
    """Made-up participants, the same ones every time."""
    chance = random.Random(seed)
    people = []
    for _person in range(number):
        path = PATHS[chance.choice(list(PATHS))]
        windows = [
            (None, TODAY - timedelta(days=3)),
            (TODAY - timedelta(days=40), TODAY - timedelta(days=1)),
            (TODAY - timedelta(days=5), TODAY),
            (TODAY - timedelta(days=5), TODAY + timedelta(days=9)),
            (TODAY - timedelta(days=5), None),
            (TODAY + timedelta(days=1), TODAY + timedelta(days=20)),
        ]
        people.append(
            Person(
                site=chance.choice(sites),
                arm=chance.choice(["HAIC", "Y90"]) if "ASSIGNED" in path else "",
                path=path,
                assigned_on=date(2026, 8, 1) + timedelta(days=chance.randrange(310)),
                stage=chance.choice(STAGES),
                staging_state=chance.choice(["SUBMITTED", "SUBMITTED", "DRAFT"]),
                failing=chance.sample(CRITERIA, chance.randint(1, 3)),
                visits=[
                    (
                        code,
                        chance.choice(["PLANNED", "STARTED", "DONE", "MISSED", "CANCELLED"]),
                        *chance.choice(windows),
                    )
                    for _position, code, _series in FOLLOW_UP
                    if "ASSIGNED" in path
                ],
            )
        )
    return people


def store(people: list[Person], by: User) -> None:
    """Put them into the database as rows."""
    schedule = ScheduleVersion.objects.get()
    first = {site.pk: Participant.objects.filter(site=site).count() for site in {p.site for p in people}}
    taken: Counter[int] = Counter(first)
    participants = []
    for person in people:
        taken[person.site.pk] += 1
        participants.append(
            Participant(
                site=person.site,
                sequence=taken[person.site.pk],
                number=f"{person.site.code}-{taken[person.site.pk]:03d}",
                initials="ZQ",
                status=person.path[-1],
                arm=person.arm or None,
                registered_at=NOW,
                registered_by=by,
            )
        )
    Participant.objects.bulk_create(participants)
    statuses, visits, stagings, decisions = [], [], [], []
    for person, participant in zip(people, participants, strict=True):
        # 17:00 UTC is the next day in Shanghai.
        at = datetime(
            person.assigned_on.year, person.assigned_on.month, person.assigned_on.day, 17, tzinfo=UTC
        )
        at -= timedelta(days=1)
        steps = [(step, step in person.path[:place]) for place, step in enumerate(person.path)]
        # Who comes back to a state does so in a later month.
        statuses += [
            ParticipantStatus(participant=participant, status=step, at=at + timedelta(days=31 * again))
            for step, again in steps
        ]
        plan = [(1, "SCR", "SCREENING", "DONE", TODAY - timedelta(days=60), TODAY - timedelta(days=50))]
        plan += [
            (position, code, series, status, opens, closes)
            for (position, code, series), (_code, status, opens, closes) in zip(
                FOLLOW_UP, person.visits, strict=False
            )
        ]
        for position, code, series, status, opens, closes in plan:
            target = opens or (closes and closes - timedelta(days=30)) or TODAY
            visits.append(
                Visit(
                    participant=participant,
                    schedule=schedule,
                    code=code,
                    position=position,
                    series=series,
                    label_en=f"Visit {code}",
                    label_zh=f"访视{code}",
                    anchor="A0",
                    anchor_date=target,
                    target_from=target,
                    target_to=target,
                    window_open=opens,
                    window_close=closes,
                    status=status,
                )
            )
    Visit.objects.bulk_create(visits)
    screening = {visit.participant_id: visit for visit in visits if visit.code == "SCR"}
    for person, participant in zip(people, participants, strict=True):
        submitted = {"submitted_at": NOW, "submitted_by": by} if person.staging_state == "SUBMITTED" else {}
        stagings.append(
            Staging(
                participant=participant,
                visit=screening[participant.pk],
                state=person.staging_state,
                entered_at=NOW,
                entered_by=by,
                cnlc=person.stage,
                **submitted,
            )
        )
        if person.was("SCREEN_FAILURE"):
            decisions.append(
                EligibilityDecision(
                    participant=participant,
                    outcome="SCREEN_FAILURE",
                    failing=person.failing,
                    reason="x",
                    snapshot={},
                    decided_at=NOW,
                    decided_by=by,
                )
            )
    ParticipantStatus.objects.bulk_create(statuses)
    Staging.objects.bulk_create(stagings)
    EligibilityDecision.objects.bulk_create(decisions)


def view_of(user: User, site: Site | None = None, arm: str = "", log: bool = False) -> View:
    access = Access.of(user, TODAY)
    return View(access, sites_seen(access), site, arm, log)


def question_of(user: User, today: date = TODAY, **narrowed: Any) -> Question:
    return Question(view_of(user, **narrowed), today, study.in_force(today))


@dataclass
class Trial:
    """Two sites of many people, and who may look at them."""

    people: list[Person]
    sites: list[Site]
    everywhere: User
    here: User

    def seen(self, user: User, site: Site | None = None, arm: str = "") -> list[Person]:
        own = self.sites if user == self.everywhere else self.sites[:1]
        return [
            person
            for person in self.people
            if person.site in own and (site is None or person.site == site) and (not arm or person.arm == arm)
        ]


@pytest.fixture
def trial(site: Site, other_site: Site) -> Trial:
    everywhere = make_person("everywhere", Role.MONITOR)
    here = make_person("here", Role.INVESTIGATOR, site)
    people = make_people([site, other_site], 120)
    store(people, everywhere)
    assert {ParticipantState(step) for person in people for step in person.path} < set(ParticipantState)
    return Trial(people, [site, other_site], everywhere, here)
