"""What the worker does for the trail: seal it every minute, verify it every night."""

from __future__ import annotations

from celery import shared_task

from records.sealing import seal_trail
from records.verifying import record_check, verify


@shared_task(name="records.tasks.seal")
def seal() -> None:
    """Seal what was committed since the last seal."""
    seal_trail()


@shared_task(name="records.tasks.verify_trail")
def verify_trail() -> None:
    """Hold the whole trail against its seals and the two clocks against each other; what was found is kept."""
    record_check(verify())
