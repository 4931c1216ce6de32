"""What the worker does for imports: dry run and run, finding those whose worker was lost, and removing old files."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from accounts.access import SYSTEM
from imports import actions, running
from records import clock


@shared_task(name="imports.tasks.work")
def work(job_id: int) -> None:
    """Do what one import waits for; safe to be told twice."""
    running.run(job_id)


@shared_task(name="imports.tasks.take_up_again")
def take_up_again() -> None:
    """Find imports without a worker and tell one of them."""
    for job_id in actions.take_up_again(by=SYSTEM, now=clock.now()):
        work.delay(job_id)


@shared_task(name="imports.tasks.remove_old_files")
def remove_old_files() -> None:
    """Remove the files of imports of which nothing was stored."""
    actions.remove_old_files(kept_for=timedelta(days=settings.IMPORT_FILE_DAYS), by=SYSTEM, now=clock.now())
