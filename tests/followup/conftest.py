"""Real parts for tests of reminders: an SMTP server, the broker, workers, and a clock at a due visit."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import redis
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Permission
from accounts.models import Role, User
from participants.models import Participant
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.conftest import at_database

PATIENCE = 180
ROOT = Path(settings.BASE_DIR)


def wait_until(true: Callable[[], Any], what: str) -> Any:
    """Ask again and again until the answer is yes; fails after three minutes with what was waited for."""
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE
    while not (answer := true()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        pause.wait(0.05)
    return answer


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that read or write rows; what a transaction and the trail's context cost is not counted."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    framing = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    found += [query["sql"] for query in captured if not query["sql"].startswith(framing)]


# ---- the mail server -------------------------------------------------------------------------------


@dataclass
class Gate:
    """A place where the server stops until the test lets it go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def stand(self) -> None:
        self.reached.set()
        self.opened.wait(PATIENCE)


class Mailbox:
    """A real SMTP server on loopback that keeps what it accepts; a test may script its answers and stops."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.recipients: list[str] = []
        # By command: what is answered instead of 250; "drop" ends the connection instead.
        self.answers: dict[str, str] = {}
        self.gates: dict[str, Gate] = {}  # by command: RCPT, or DATA (message kept, not answered yet)
        self.port = 0

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=policy.default) for content in self.kept]  # type: ignore[misc]

    def gate(self, command: str) -> Gate:
        return self.gates.setdefault(command, Gate())

    async def _pass(self, command: str) -> str:
        if command in self.gates:
            await asyncio.get_running_loop().run_in_executor(None, self.gates[command].stand)
        return self.answers.get(command, "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._pass("RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers.get("DATA", "250").startswith("250"):
            self.kept.append(envelope.original_content or b"")
            self.recipients += envelope.rcpt_tos
        answer = await self._pass("DATA")
        if answer == "drop":
            server.transport.abort()
        return answer

    @contextmanager
    def serving(self) -> Iterator[None]:
        loop = asyncio.new_event_loop()
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]

        async def serve() -> asyncio.Server:
            return await loop.create_server(
                lambda: SMTP(self, hostname="localhost", loop=loop), sock=listener
            )

        # In a thread from the beginning: a browser of an earlier test keeps a loop of its own running in this one.
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(serve(), loop).result(PATIENCE)
        try:
            yield
        finally:
            for gate in self.gates.values():
                gate.opened.set()

            async def end() -> None:
                server.close()
                others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
                for task in others:
                    task.cancel()
                await asyncio.gather(*others, return_exceptions=True)
                await loop.shutdown_default_executor()

            asyncio.run_coroutine_threadsafe(end(), loop).result(PATIENCE)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(PATIENCE)
            loop.close()


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """The mail server, and this process's settings pointing at it."""
    box = Mailbox()
    with box.serving():
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


# ---- a due visit in a database of its own ----------------------------------------------------------


@dataclass
class Trial:
    """A site with a coordinator, and a participant whose screening window closes soon."""

    database: str
    coordinator: User
    participant: Participant
    now: datetime


@pytest.fixture
def trial(own_database: str) -> Trial:
    site = make_site()
    coordinator = make_person("coordinator", Role.COORDINATOR, site, language="zh-hans")
    clock.move_to(START)
    participant = make_participant(site, actor(coordinator, Permission.ENTER_DATA, site))
    now = START + timedelta(days=26)
    clock.move_to(now)
    return Trial(own_database, coordinator, participant, now)


@contextmanager
def row_locked(database: str, message_id: int) -> Iterator[Callable[[], bool]]:
    """Hold a message's row; gives a question: does some session of this database wait for a lock?"""
    with _session(database) as holder, _session(database) as watcher:
        with holder.cursor() as cursor:
            cursor.execute("SELECT 1 FROM followup_remindermessage WHERE id = %s FOR UPDATE", [message_id])

        def somebody_waits() -> bool:
            with watcher.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                waiting = cursor.fetchone()[0] > 0
            watcher.rollback()
            return bool(waiting)

        yield somebody_waits


def end_sessions_holding_advisory_locks(database: str) -> None:
    """Cut the database sessions of senders at work, as a broken network does."""
    with _session(database) as administrator, administrator.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks"
            " WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = %s)",
            [database],
        )
        assert cursor.fetchall() == [(True,)]


@contextmanager
def _session(database: str) -> Iterator[Any]:
    session = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], database))
    try:
        yield session
    finally:
        session.close()


# ---- workers ---------------------------------------------------------------------------------------


class Workers:
    """Starts real Celery workers, each with a beat of its own, and kills them."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        name = f"worker-{len(list(self.folder.iterdir()))}"
        command = [
            *(sys.executable, "-m", "celery", "-A", "trial_edc.celery", "worker", "--beat", "-n", name),
            *(
                "--concurrency",
                "1",
                "--schedule",
                str(self.folder / f"{name}.schedule"),
                "--loglevel",
                "INFO",
            ),
            *("--without-gossip", "--without-mingle"),
        ]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker, its beat and its children as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
        self.running.remove(process)

    def searches(self) -> int:
        """How often the workers, all together, have finished looking for reminders."""
        logs = [log.read_text() for log in self.folder.glob("worker-*.log")]
        return sum(
            line.count("find_reminders") for log in logs for line in log.splitlines() if "succeeded" in line
        )


@pytest.fixture
def workers(trial: Trial, mailbox: Mailbox, worker_id: str, tmp_path: Path) -> Iterator[Workers]:
    """Workers on the test's own database and a broker database no other test uses at the same time."""
    number = {"main": 15}.get(worker_id) or int(worker_id.removeprefix("gw")) + 1
    broker = urlunsplit(urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{number}"))
    with redis.Redis.from_url(broker) as queue:
        queue.flushdb()
    crew = Workers(
        {
            **os.environ,
            "DATABASE_URL": at_database(os.environ["DATABASE_URL"], trial.database),
            "CELERY_BROKER_URL": broker,
            "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "BEAT_SECONDS": "0.5",
        },
        tmp_path,
    )
    yield crew
    for process in list(crew.running):
        crew.kill(process)
