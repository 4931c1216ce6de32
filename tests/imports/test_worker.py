"""An import by a real Celery worker over the real broker, killed in the middle of storing it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from eligibility.models import VitalSigns
from imports.tasks import work
from imports.workflow import ImportState
from tests.cast import make_participant
from tests.conftest import at_database
from tests.imports.desk import Desk, again
from tests.workers import Workers, crew, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def workers(desk: Desk, own_database: str, worker_id: str, tmp_path: Path) -> Iterator[Workers]:
    with crew(own_database, worker_id, tmp_path, FILES_ROOT=str(desk.folder)) as found:
        yield found


def test_a_worker_killed_while_it_stores_has_stored_nothing_and_the_next_stores_it_once(
    desk: Desk, workers: Workers, own_database: str
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
        workers.tell(work, job.pk)
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
