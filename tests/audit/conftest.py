"""A trail to read: two sites with a participant each, and changes to them by named people."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from accounts.access import Actor, Permission
from accounts.attribution import attributed
from accounts.models import Role, Site, User
from participants.models import MedicalHistory, Participant, Visit
from tests.cast import START, actor, make_participant, make_person


@dataclass
class Scene:
    """Two sites, their coordinators and participants, and a form of the first."""

    sites: list[Site]
    coordinators: list[User]
    by: list[Actor]
    participants: list[Participant]
    history: MedicalHistory

    def change(self, value: str, reason: str = "typing error") -> None:
        with attributed(self.by[0], reason):
            MedicalHistory.objects.filter(pk=self.history.pk).update(cirrh=value)


@pytest.fixture
def scene(site: Site, other_site: Site, at_start: object) -> Scene:
    sites = [site, other_site]
    people = [make_person(f"coordinator{one.code}", Role.COORDINATOR, one) for one in sites]
    by = [actor(who, Permission.ENTER_DATA, where) for who, where in zip(people, sites, strict=True)]
    participants = [make_participant(where, who) for where, who in zip(sites, by, strict=True)]
    visit = Visit.objects.get(participant=participants[0], code="SCR")
    with attributed(by[0]):
        history = MedicalHistory.objects.create(
            participant=participants[0],
            visit=visit,
            repeat=1,
            cirrh="Y",
            entered_at=START,
            entered_by=people[0],
        )
    return Scene(sites, people, by, participants, history)
