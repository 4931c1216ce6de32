"""The participant whose data are looked at, and the people who ask, read over, hold and sign."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.access import Actor, Permission
from accounts.models import Site, User
from monitoring.models import Query
from participants.models import CaseReportForm, Participant, Visit
from records import clock
from tests.cast import START, actor
from tests.monitoring.asking import LATER, as_role, ask, at
from trial_edc.demo.walks import VITAL_SIGNS, fill


@pytest.fixture
def by_monitor(monitor: User, site: Site) -> Actor:
    return as_role(monitor, site)


@pytest.fixture
def by_data_manager(data_manager: User, site: Site) -> Actor:
    return as_role(data_manager, site)


@pytest.fixture
def measured(participant: Participant, by_coordinator: Actor) -> Participant:
    """Somebody whose vital signs of screening are submitted, some days ago."""
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    clock.move_to(LATER)
    return participant


@pytest.fixture
def query(measured: Participant, by_monitor: Actor) -> Query:
    """A question about the weight at screening."""
    return ask(at(measured, "weight"), by_monitor)


@pytest.fixture
def by_signer(investigator: User, site: Site) -> Actor:
    return actor(investigator, Permission.SIGN, site)


@pytest.fixture
def vital_signs(participant: Participant, by_coordinator: Actor, at_start: datetime) -> CaseReportForm:
    """Vital signs at screening, submitted; the visit has its header and nothing else."""
    fill(
        participant,
        "DM",
        {"brthdtc": "1970-05-04", "sex": "M", "ethnic_cn": "HAN"},
        by=by_coordinator,
        now=START,
    )
    return fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)


@pytest.fixture
def screening(participant: Participant) -> Visit:
    return Visit.objects.select_related("participant__site").get(participant=participant, code="SCR")
