"""Some weeks of a trial with everything real and workers killed at random; `make bench-year` lives a whole year."""

from __future__ import annotations

import pytest

from bench.year.plan import Plan
from bench.year.simulation import Year

pytestmark = pytest.mark.slow


def test_weeks_with_killed_workers_and_a_broker_that_forgets_send_each_reminder_once(
    own_database: str,
) -> None:
    plan = Plan(participants=8, days=26, sites=2, events=4)
    year = Year(plan, kills=0.12, broker_restarts=0.04)
    year.found()
    result = year.live()
    assert (result.missing, result.unexpected, result.repeated, result.wrong) == ([], [], [], [])
    assert result.kills >= 2 and result.broker_restarts >= 1
    assert result.reminders > 40 and result.mails >= 20
    assert len(result.uncertain) < result.messages / 4
