"""An import by a real Celery worker over the real broker, killed in the middle of storing it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import redis
from celery import current_app
from django.conf import settings

from eligibility.models import VitalSigns
from imports.models import ImportJob
from imports.tasks import work
from imports.workflow import ImportState
from tests.cast import make_participant
from tests.conftest import at_database
from tests.exports.test_worker import Workers, wait_until
from tests.imports.desk import Desk, again

pytestmark = pytest.mark.slow


class ImportWorkers(Workers):
    """Workers that find the uploaded files, and are told of imports."""

    def told_of(self, job: ImportJob) -> None:
        with current_app.connection_for_write(self.broker) as connection:
            work.apply_async((job.pk,), connection=connection)


@pytest.fixture
def workers(desk: Desk, own_database: str, worker_id: str, tmp_path: Path) -> Iterator[ImportWorkers]:
    number = {"main": 14}.get(worker_id) or 15 - int(worker_id.removeprefix("gw"))
    broker = urlunsplit(urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{number}"))
    with redis.Redis.from_url(broker) as queue:
        queue.flushdb()
    trial: Any = SimpleNamespace(folder=tmp_path / "exports")
    crew = ImportWorkers(trial, own_database, broker, tmp_path)
    crew.environment["FILES_ROOT"] = str(desk.folder)
    yield crew
    for process in list(crew.running):
        crew.kill(process)


def test_a_worker_killed_while_it_stores_has_stored_nothing_and_the_next_stores_it_once(
    desk: Desk, workers: ImportWorkers, own_database: str
) -> None:
    other = make_participant(desk.site, desk.enters, initials="WL")
    rows = [
        ["participant", "visit", "weight", "height"],
        ["01-001", "SCR", "61", "170"],
        [other.number, "SCR", "62", "171"],
    ]
    job = desk.ordered(desk.checked(rows))
    holder = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], own_database))
    watcher = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], own_database))
    watcher.autocommit = True
    try:
        with holder.cursor() as cursor:
            # Nobody saves anything of the second row's participant (monitoring/still.py): by then the first row is
            # stored, and not committed.
            cursor.execute("SELECT pg_advisory_xact_lock(7309, %s)", [other.pk])

        def the_worker_waits() -> bool:
            with watcher.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                return bool(cursor.fetchone()[0])

        worker = workers.start(beat=False)
        workers.told_of(job)
        wait_until(the_worker_waits, "the worker stores the second row")
        assert again(job).status == ImportState.RUNNING
        workers.kill(worker)
    finally:
        holder.close()
        watcher.close()
    assert VitalSigns.objects.count() == 0
    workers.start(beat=True)
    wait_until(lambda: again(job).status == ImportState.DONE, "another worker stores it")
    assert again(job).attempts == 2
    assert list(VitalSigns.objects.order_by("id").values_list("participant__number", "revision")) == [
        ("01-001", 1),
        (other.number, 1),
    ]
