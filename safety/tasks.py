"""What worker and beat do: watch the clocks of serious adverse events, and draft deviations that time brings."""

from __future__ import annotations

from celery import shared_task

from accounts.access import SYSTEM
from records import clock
from safety.actions import judge_what_is_noted, keep_deviations, watch
from safety.selectors.deviations import participants_to_look_at

# The next look asks everything again, so what waited this long in the queue may be forgotten.
SECONDS_IN_THE_QUEUE = 300


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def watch_clocks() -> None:
    """Every minute: mark clocks that passed 18 or 24 hours, and draft the deviation of a late report."""
    watch(by=SYSTEM, now=clock.now())


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def draft_deviations() -> None:
    """Every minute: judge the rules that forms saved since the last time may have broken."""
    judge_what_is_noted(by=SYSTEM, now=clock.now())


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def draft_what_time_brought() -> None:
    """Every hour: draft deviations for tests that never came."""
    now = clock.now()
    for participant in participants_to_look_at(clock.day(now)):
        keep_deviations(participant=participant, names=("LABS",), by=SYSTEM, now=now)
