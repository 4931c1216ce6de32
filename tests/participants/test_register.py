"""Registration: the first verb, and what it refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.access import Actor
from accounts.models import Site
from participants.models import ConsentVersion, Demographics, Participant
from records.findings import Refused
from tests.cast import START, make_participant, make_site


def test_a_registered_participant_has_number_consent_and_screening_visit(participant: Participant) -> None:
    assert participant.number == "01-001"
    assert Demographics.objects.get(participant=participant).icfver == "1.0"
    assert [visit.code for visit in participant.visits.all()] == ["SCR", "LOG"]
    assert [row.status for row in participant.statuses.all()] == ["SCREENING"]


def test_numbers_follow_one_another_within_a_site(
    site: Site, other_site: Site, by_coordinator: Actor
) -> None:
    first = make_participant(site, by_coordinator)
    elsewhere = make_participant(other_site, by_coordinator)
    second = make_participant(site, by_coordinator)
    assert [p.number for p in (first, elsewhere, second)] == ["01-001", "02-001", "01-002"]


@pytest.mark.line("O1")
@pytest.mark.parametrize("activated_on", [None, date(2026, 9, 2)])
def test_a_site_that_is_not_activated_registers_nobody(
    activated_on: date | None, site: Site, by_coordinator: Actor
) -> None:
    sleeping = make_site("03", activated_on)
    with pytest.raises(Refused, match="not activated"):
        make_participant(sleeping, by_coordinator)
    assert not Participant.objects.exists()


def test_a_consent_in_the_future_is_refused(site: Site, by_coordinator: Actor) -> None:
    with pytest.raises(Refused, match="future"):
        make_participant(site, by_coordinator, signed=START + timedelta(minutes=1))


def test_a_consent_signed_this_minute_is_accepted(site: Site, by_coordinator: Actor) -> None:
    assert make_participant(site, by_coordinator, signed=START).number == "01-001"


@pytest.mark.parametrize(
    ("approved", "retired"), [(date(2026, 9, 2), None), (date(2026, 7, 1), date(2026, 9, 1))]
)
def test_a_consent_version_not_approved_that_day_is_refused(
    approved: date, retired: date | None, site: Site, by_coordinator: Actor
) -> None:
    ConsentVersion.objects.filter(site=site).update(approved_on=approved, retired_on=retired)
    with pytest.raises(Refused, match="was not approved"):
        make_participant(site, by_coordinator)


@pytest.mark.parametrize("initials", ["Z", "ZHANG", "张三", "Z1"])
def test_the_database_refuses_what_could_be_a_name(initials: str, site: Site, by_coordinator: Actor) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        make_participant(site, by_coordinator, initials=initials)
