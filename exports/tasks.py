"""What the worker does for exports: write one, and find those whose worker was lost."""

from __future__ import annotations

from celery import shared_task

from accounts.access import SYSTEM
from exports import actions, definition_actions, running
from records import clock


@shared_task(name="exports.tasks.write_export")
def write_export(job_id: int) -> None:
    """Write one export; safe to be told twice."""
    running.run(job_id)


@shared_task(name="exports.tasks.take_up_again")
def take_up_again() -> None:
    """Find exports without a worker and tell one of them."""
    for job_id in actions.take_up_again(by=SYSTEM, now=clock.now()):
        write_export.delay(job_id)


@shared_task(name="exports.tasks.run_schedules")
def run_schedules() -> None:
    """Queue the saved exports that are due, and tell a worker of each."""
    now = clock.now()
    for definition in definition_actions.due_definitions(now):
        job = definition_actions.run_scheduled(definition_id=definition.pk, by=SYSTEM, now=now)
        if job is not None:
            write_export.delay(job.pk)


@shared_task(name="exports.tasks.remove_old_files")
def remove_old_files() -> None:
    """Delete the files that were kept long enough."""
    definition_actions.remove_old_files(by=SYSTEM, now=clock.now())
