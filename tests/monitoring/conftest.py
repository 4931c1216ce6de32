"""People who ask: a monitor, a data manager, and the participant whose data they look at."""

from __future__ import annotations

import pytest

from accounts.access import Actor
from accounts.models import Site, User
from monitoring.models import Query
from participants.models import Participant
from records import clock
from tests.cast import START
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
