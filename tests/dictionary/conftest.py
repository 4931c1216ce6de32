"""One participant for all rows of a module: registered once, whatever a row's test does is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from accounts.access import Permission
from accounts.models import Role
from participants.models import Participant, Visit
from records import clock, events
from records.definition import forms
from tests.browsing import at_the_desk
from tests.cast import START, actor, make_participant, make_person, make_site


@dataclass(frozen=True, slots=True)
class Desk:
    """A coordinator before the casebook of a participant for whom every form stands open and empty."""

    visit: Visit
    english: Client
    chinese: Client

    def context(self, code: str) -> dict[str, Any]:
        """What a form reads of others."""
        model: Any = forms()[code]
        return dict(model.context(visit=self.visit, repeat=1, today=clock.day(START), now=START))

    def address(self, code: str) -> str:
        return f"/visits/{self.visit.pk}/{code}/"


@pytest.fixture(scope="module")
def casebook(django_db_setup: None, django_db_blocker: Any) -> Iterator[Desk]:
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        clock.move_to(START)
        site = make_site()
        person = make_person("coordinator", Role.COORDINATOR, site)
        participant = make_participant(site, actor(person, Permission.ENTER_DATA, site))
        Participant.objects.filter(pk=participant.pk).update(status="ON_TREATMENT", arm="HAIC")
        Visit.objects.filter(participant=participant, code="SCR").update(forms=list(forms()), position=10)
        visit = Visit.objects.select_related("participant__site").get(participant=participant, code="SCR")
        yield Desk(visit, at_the_desk(person, "en"), at_the_desk(person, "zh-hans"))
        transaction.set_rollback(True)


@pytest.fixture
def desk(casebook: Desk, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk with nothing entered but the consent, and without what other rooms do and refuse."""
    monkeypatch.setattr(events, "_table", lambda: ({}, ()))
    with django_db_blocker.unblock(), transaction.atomic():
        yield casebook
        transaction.set_rollback(True)
