"""An export by a real Celery worker over the real broker, also when the worker is killed in the middle."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import redis
from celery import current_app
from django.conf import settings

from exports import actions
from exports.models import ExportJob
from exports.policies import file_of
from exports.tasks import write_export
from exports.workflow import ExportState
from tests.cast import START
from tests.conftest import at_database
from tests.exports.conftest import Files, Trial

pytestmark = pytest.mark.slow
PATIENCE = 60


def wait_until(true: Callable[[], Any], what: str) -> None:
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        pause.wait(0.05)


class Workers:
    """Real workers on the test's own database and a broker database no other test uses at the same time."""

    def __init__(self, trial: Trial, database: str, broker: str, folder: Path) -> None:
        self.broker = broker
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "DATABASE_URL": at_database(os.environ["DATABASE_URL"], database),
            "CELERY_BROKER_URL": broker,
            "EXPORT_ROOT": str(trial.folder),
            "BEAT_SECONDS": "0.5",
        }

    def start(self, *, beat: bool) -> subprocess.Popen[bytes]:
        name = f"worker-{len(list(self.folder.glob('worker-*.log')))}"
        command = [
            *(sys.executable, "-m", "celery", "-A", "trial_edc.celery", "worker", "-n", name),
            *("--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            *(("--beat", "--schedule", str(self.folder / f"{name}.schedule")) if beat else ()),
        ]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker and its children as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
        self.running.remove(process)

    def tell(self, job: ExportJob) -> None:
        with current_app.connection_for_write(self.broker) as connection:
            write_export.apply_async((job.pk,), connection=connection)


@pytest.fixture
def workers(trial: Trial, own_database: str, worker_id: str, tmp_path: Path) -> Iterator[Workers]:
    number = {"main": 14}.get(worker_id) or 15 - int(worker_id.removeprefix("gw"))
    broker = urlunsplit(urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{number}"))
    with redis.Redis.from_url(broker) as queue:
        queue.flushdb()
    crew = Workers(trial, own_database, broker, tmp_path)
    yield crew
    for process in list(crew.running):
        crew.kill(process)


def state(job: ExportJob) -> str:
    job.refresh_from_db()
    return job.status


def request(trial: Trial) -> ExportJob:
    return actions.request_export(access=trial.access, sites=None, historical=False, by=trial.by, now=START)


def test_a_worker_told_over_the_broker_writes_the_export(trial: Trial, workers: Workers) -> None:
    job = request(trial)
    workers.start(beat=False)
    workers.tell(job)
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
        workers.tell(job)
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
