"""What worker and beat do: run the checks that become true by time passing."""

from __future__ import annotations

from celery import shared_task

from accounts.access import SYSTEM
from participants.actions import run_daily_checks
from records import clock

# The next day asks again.
SECONDS_IN_THE_QUEUE = 6 * 3600


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def find_discrepancies() -> None:
    """Run the daily checks of every participant."""
    run_daily_checks(by=SYSTEM, now=clock.now())
