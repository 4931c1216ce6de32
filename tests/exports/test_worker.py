"""An export by a real Celery worker over the real broker, also when the worker is killed in the middle."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from exports import actions
from exports.models import ExportJob
from exports.policies import file_of
from exports.tasks import write_export
from exports.workflow import ExportState
from tests.cast import START
from tests.conftest import at_database
from tests.exports.conftest import Files, Trial
from tests.workers import Workers, crew, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def workers(trial: Trial, own_database: str, worker_id: str, tmp_path: Path) -> Iterator[Workers]:
    with crew(own_database, worker_id, tmp_path, EXPORT_ROOT=str(trial.folder)) as found:
        yield found


def state(job: ExportJob) -> str:
    job.refresh_from_db()
    return job.status


def request(trial: Trial) -> ExportJob:
    return actions.request_export(access=trial.access, sites=None, historical=False, by=trial.by, now=START)


def test_a_worker_told_over_the_broker_writes_the_export(trial: Trial, workers: Workers) -> None:
    job = request(trial)
    workers.start(beat=False)
    workers.tell(write_export, job.pk)
    wait_until(lambda: state(job) == ExportState.DONE, "the export is written")
    raw = file_of(job).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == job.sha256
    files = Files(raw)
    assert files.manifest["rows"] == job.rows
    assert [row["SUBJID"] for row in files.rows("forms/DM.csv")] == ["01-001", "02-001"]


def test_an_export_whose_worker_is_killed_is_written_by_the_next_one(
    trial: Trial, workers: Workers, own_database: str
) -> None:
    job = request(trial)
    holder = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], own_database))
    watcher = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], own_database))
    watcher.autocommit = True
    try:
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE participants_visit IN ACCESS EXCLUSIVE MODE")

        def the_worker_waits() -> bool:
            with watcher.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                return bool(cursor.fetchone()[0])

        worker = workers.start(beat=False)
        workers.tell(write_export, job.pk)
        wait_until(the_worker_waits, "the worker reads")
        assert state(job) == ExportState.RUNNING
        workers.kill(worker)
        assert [path.suffix for path in trial.folder.iterdir()] == [".part"]
    finally:
        holder.close()
        watcher.close()
    workers.start(beat=True)
    wait_until(lambda: state(job) == ExportState.DONE, "another worker writes the export")
    assert job.attempts == 2
    assert [path.name for path in trial.folder.iterdir()] == [job.file_name]
    assert hashlib.sha256(file_of(job).read_bytes()).hexdigest() == job.sha256
