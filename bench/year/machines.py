"""The real parts of the simulated year, each with its faults: SMTP server, broker, workers with beats."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.report import CHECKOUT
from trial_edc.launcher import processes
from trial_edc.launcher.valkey import free_port, server_program

PATIENCE = 60
BUSY, SILENT = 0.03, 0.015  # how often the mail server says "later", and takes a mail without an answer


class MailServer:
    """A real SMTP server on loopback; keeps what it took."""

    def __init__(self, chance: random.Random) -> None:
        self.kept: list[bytes] = []
        self._chance = chance
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(PATIENCE)

    async def _serve(self) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: SMTP(self, hostname="localhost", loop=self._loop), sock=self._listener
        )

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._chance.random() < BUSY:
            return "451 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.kept.append(bytes(envelope.original_content or b""))
        if self._chance.random() < SILENT:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 OK"

    def stop(self) -> None:
        async def end() -> None:
            self._server.close()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()


class Broker:
    """A Valkey of its own that forgets everything when it is killed."""

    def __init__(self, folder: Path) -> None:
        self._program, self._folder = server_program(folder, None), folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._start()

    def _start(self) -> None:
        command = [str(self._program), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            command,
            env=processes.bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError("The broker did not start.")

    def restart(self) -> None:
        self.stop()
        self._start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)


class Crew:
    """Celery workers, each with a beat of its own: whatever one beat asks for, the other asks for too."""

    def __init__(self, environment: Mapping[str, str], size: int, folder: Path) -> None:
        self._environment = dict(environment)
        self._folder = folder
        self._begun = 0
        self.running: list[subprocess.Popen[bytes]] = []
        for _number in range(size):
            self.start()

    def start(self) -> None:
        self._begun += 1
        name = f"worker-{self._begun}"
        command = [
            *(sys.executable, "-m", "celery", "-A", "trial_edc.celery", "worker", "--beat", "-n", name),
            *("--concurrency", "1", "--schedule", str(self._folder / f"{name}.schedule")),
            *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
        ]
        with (self._folder / f"{name}.log").open("wb") as log:
            self.running.append(
                subprocess.Popen(
                    command,
                    cwd=CHECKOUT,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker, its beat and its children as a power cut would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
        self.running.remove(process)

    def stop(self) -> None:
        for process in list(self.running):
            self.kill(process)

    def last_words(self) -> str:
        logs = sorted(self._folder.glob("*.log"), key=lambda log: log.stat().st_mtime)
        return "\n".join(log.read_text(errors="replace")[-1500:] for log in logs[-2:])
