"""Celery workers of their own on a test's database and on a part of the broker nobody else uses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis
from celery import current_app
from django.conf import settings

from tests.conftest import at_database

PATIENCE = 60


def wait_until(true: Callable[[], Any], what: str) -> None:
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        pause.wait(0.05)


class Workers:
    """Real workers on the test's own database; `environment` is what they are told besides."""

    def __init__(self, database: str, broker: str, folder: Path, **environment: str) -> None:
        self.broker = broker
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "DATABASE_URL": at_database(os.environ["DATABASE_URL"], database),
            "CELERY_BROKER_URL": broker,
            "BEAT_SECONDS": "0.5",
            **environment,
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

    def tell(self, task: Any, *arguments: Any) -> None:
        """Ask them over the broker for a task."""
        with current_app.connection_for_write(self.broker) as connection:
            task.apply_async(arguments, connection=connection)


@contextmanager
def crew(database: str, worker_id: str, folder: Path, **environment: str) -> Iterator[Workers]:
    """Workers for one test, killed at its end; `worker_id` is that of pytest-xdist."""
    number = {"main": 14}.get(worker_id) or 15 - int(worker_id.removeprefix("gw"))
    broker = urlunsplit(urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{number}"))
    with redis.Redis.from_url(broker) as queue:
        queue.flushdb()
    found = Workers(database, broker, folder, **environment)
    try:
        yield found
    finally:
        for process in list(found.running):
            found.kill(process)
