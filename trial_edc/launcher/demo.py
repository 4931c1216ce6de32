"""The demo: every process of the system on this machine, with data in one folder, until Ctrl-C."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from trial_edc.launcher import mail, postgres, processes, valkey
from trial_edc.launcher.folder import (
    CHECKOUT,
    MARKER,
    FolderInUse,
    Lock,
    demo_folder,
    lock,
    own_folder,
    prepare,
    remove,
    secret,
    service_account,
)
from trial_edc.launcher.processes import CannotStart, Service

HOST = "127.0.0.1"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Demo:
    """One run of the demo; `started` is in order of starting."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.address = f"http://{HOST}:{port}"
        self.started: list[Service] = []
        self.environment = dict(os.environ)

    # Services

    def start_services(self) -> None:
        account = service_account()
        environment = self.environment
        environment.setdefault("SECRET_KEY", secret(self.folder, "django"))
        environment.setdefault("TRAIL_SEAL_KEY", secret(self.folder, "trail-seals"))
        environment.setdefault(
            "TRAIL_SEAL_FILE", str(own_folder(self.folder / "seals", None) / "trail.jsonl")
        )
        environment.setdefault("INSECURE_HTTP", "1")
        environment.setdefault("ALLOWED_HOSTS", f"{HOST},localhost")
        environment.setdefault("SITE_ADDRESS", self.address)
        environment.setdefault("EXPORT_ROOT", str(own_folder(self.folder / "exports", None)))
        environment.setdefault("FILES_ROOT", str(own_folder(self.folder / "files", None)))
        environment.setdefault("STATIC_ROOT", str(own_folder(self.folder / "static", None)))
        environment["PYTHONUNBUFFERED"] = "1"
        if "EMAIL_URL" not in environment:
            service, environment["EMAIL_URL"] = mail.start(self.folder)
            self.started.append(service)
        if "CELERY_BROKER_URL" not in environment:
            broker = valkey.start(self.folder, account, durable=True)
            self.started.append(broker.service)
            environment["CELERY_BROKER_URL"] = broker.url
        if "DATABASE_URL" not in environment:
            database = postgres.start(self.folder, account, durable=True)
            self.started.append(database.service)
            environment["DATABASE_URL"] = database.url("app")
            environment["DATABASE_MIGRATE_URL"] = database.url("migrator")
        written = self.folder / "secrets" / "environment.json"
        changed = {name: value for name, value in environment.items() if os.environ.get(name) != value}
        with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(changed, file)

    # Django's commands

    def manage(self, *words: str) -> Service:
        """Start one of manage.py's commands; its log holds what it says this time."""
        (self.folder / "logs" / f"{words[0]}.log").unlink(missing_ok=True)
        return processes.start(
            words[0],
            [sys.executable, "manage.py", *words],
            folder=self.folder,
            environment=self.environment,
            cwd=CHECKOUT,
        )

    def finish(self, service: Service) -> None:
        if service.process.wait():
            raise CannotStart(f"manage.py {service.name} failed:\n{processes.last_lines(service.log, 40)}")

    def prepare_application(self) -> None:
        """Migrate, collect and load; what has not changed since the last start is not done again."""
        own_database = "DATABASE_URL" not in os.environ
        code = _state(
            path
            for top in sorted(CHECKOUT.iterdir())
            if top.is_dir() and (top / "__init__.py").exists() and top.name != "tests"
            for path in top.rglob("*")
            if "__pycache__" not in path.parts
        )
        static = _state([*(CHECKOUT / "static").rglob("*"), CHECKOUT / "requirements.txt"])
        collecting = None
        if not self._done("collectstatic", static):
            collecting = self.manage("collectstatic", "--noinput", "--verbosity=0")
        if not (own_database and self._done("migrate", code)):
            print("Preparing the database", flush=True)
            self.finish(self.manage("migrate", "--database-kind=DEMO", "--verbosity=0"))
            self._do("migrate", code)
        if not (own_database and self._done("load_demo", "loaded")):
            print("Loading the demo trial where the database is empty", flush=True)
            self.finish(self.manage("load_demo"))
            self._do("load_demo", "loaded")
        if collecting is not None:
            self.finish(collecting)
            self._do("collectstatic", static)

    def _done(self, name: str, state: str) -> bool:
        path = self.folder / "done" / name
        return path.exists() and path.read_text() == state

    def _do(self, name: str, state: str) -> None:
        own_folder(self.folder / "done", None)
        (self.folder / "done" / name).write_text(state)

    # The application's processes

    def start_application(self, listener: socket.socket) -> None:
        celery = [sys.executable, "-m", "celery", "--app=trial_edc"]
        schedule = own_folder(self.folder / "beat", None) / "schedule"
        programs: list[tuple[str, list[str], Sequence[int]]] = [
            (
                "web",
                [
                    *(sys.executable, "-m", "gunicorn", "trial_edc.wsgi", f"--bind=fd://{listener.fileno()}"),
                    *("--workers=2", "--threads=4", "--no-control-socket"),
                    # The path without the query: somebody may have searched for initials.
                    *("--access-logfile=-", '--access-logformat=%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s'),
                ],
                [listener.fileno()],
            ),
            ("worker", [*celery, "worker", "--concurrency=2", "--loglevel=INFO"], []),
            ("beat", [*celery, "beat", f"--schedule={schedule}", "--pidfile=", "--loglevel=INFO"], []),
        ]
        for name, command, descriptors in programs:
            service = processes.start(
                name,
                command,
                folder=self.folder,
                environment=self.environment,
                cwd=CHECKOUT,
                pass_fds=descriptors,
            )
            self.started.append(service)
        listener.close()

    def wait_for_the_page(self) -> None:
        """Wait until the sign-in page is answered with 200, redirects followed, past any proxy."""
        browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            self.see_that_all_live()
            with contextlib.suppress(OSError), browser.open(self.address, timeout=30) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        log = self.folder / "logs" / "web.log"
        raise CannotStart(f"The page does not answer. The end of {log}:\n{processes.last_lines(log)}")

    def introduce(self, accounts: str) -> None:
        print(f"\nThe demo trial is open at {self.address}\n\n{accounts}\n")
        if "EMAIL_URL" not in os.environ:
            print(f"Mail it sends is kept in {self.folder / 'mail'}")
        print(f"Its data and logs are in {self.folder}; `make clean-demo` removes them.")
        print("Ctrl-C stops it.", flush=True)

    def see_that_all_live(self) -> None:
        for service in self.started:
            if service.process.poll() is not None:
                raise CannotStart(
                    f"{service.name} ended by itself (status {service.process.returncode}). "
                    f"The end of {service.log}:\n{processes.last_lines(service.log)}"
                )

    def stop(self) -> None:
        """End the application first, then what it stands on; then whatever may be left."""
        names = ("web", "worker", "beat")
        processes.stop([service for service in self.started if service.name in names])
        processes.stop([service for service in self.started if service.name not in names])
        processes.end_leftovers(self.folder)


def _state(paths: Iterable[Path]) -> str:
    """Sum up which files there are and when each was written."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        with contextlib.suppress(OSError):
            found = path.stat()
            if path.is_file():
                digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _listen(port: int) -> socket.socket:
    """Take the port before anything is started; the web server gets this very socket."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {port} on {HOST} is taken by another program: "
                "choose another, as in `make demo PORT=8001`."
            ) from None
        raise CannotStart(f"Port {port} on {HOST} cannot be used: {error.strerror}.") from None
    return listener


def _port() -> int:
    word = os.environ.get("PORT") or "8000"
    if not word.isdecimal() or not 0 < int(word) < 65536:
        raise CannotStart(f"PORT is a number from 1 to 65535, not {word}.")
    return int(word)


def _hold(folder: Path) -> Lock:
    try:
        return lock(folder)
    except FolderInUse as used:
        raise CannotStart(
            f"A demo of this checkout is already running: {used.holder}. "
            "Ctrl-C in its terminal or `make clean-demo` ends it."
        ) from None


def _interrupt_once() -> None:
    """Let the first signal interrupt; further ones must not interrupt the stopping."""

    def interrupt(number: int, frame: object) -> None:
        for stopping in STOPPING:
            signal.signal(stopping, signal.SIG_IGN)
        raise KeyboardInterrupt

    for stopping in STOPPING:
        signal.signal(stopping, interrupt)


def run() -> int:
    """Run the demo until it is interrupted; 0 then, CannotStart when it cannot run (on)."""
    port = _port()
    if "DATABASE_URL" in os.environ and "DATABASE_MIGRATE_URL" not in os.environ:
        raise CannotStart("DATABASE_URL is set: set DATABASE_MIGRATE_URL, the migrator's login, as well.")
    folder = demo_folder()
    prepare(folder, service_account())
    held = _hold(folder)
    _interrupt_once()
    demo = Demo(folder, port)
    try:
        # What a killed run left behind may hold the port.
        processes.end_leftovers(folder)
        listener = _listen(port)
        held.say(f"process {os.getpid()}, {demo.address}")
        print("Starting", flush=True)
        try:
            demo.start_services()
            demo.prepare_application()
            accounts = demo.manage("demo_accounts")
            demo.start_application(listener)
            demo.finish(accounts)
            demo.wait_for_the_page()
            demo.introduce(processes.last_lines(accounts.log, 100))
            while True:
                time.sleep(0.5)
                demo.see_that_all_live()
        finally:
            for stopping in STOPPING:
                signal.signal(stopping, signal.SIG_IGN)
            demo.stop()
    except KeyboardInterrupt:
        print("\nStopped. `make demo` goes on with the same data.")
        return 0
    finally:
        held.release()


def _end_holder(folder: Path, said: str) -> Lock:
    """Ask the launcher that holds the folder to stop, as Ctrl-C does, and take the folder over."""
    words = said.replace(",", "").split()
    with contextlib.suppress(psutil.Error):
        holder = psutil.Process(int(words[1])) if len(words) > 1 and words[1].isdecimal() else None
        if holder is not None and "trial_edc.launcher" in holder.cmdline():
            holder.terminate()
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        with contextlib.suppress(FolderInUse):
            return lock(folder)
        time.sleep(0.1)
    return _hold(folder)


def clean() -> int:
    """Stop the demo wherever it runs, and remove its folder."""
    folder = demo_folder()
    if not (folder / MARKER).exists():
        remove(folder)
        print("There are no demo data.")
        return 0
    try:
        held = lock(folder)
    except FolderInUse as used:
        held = _end_holder(folder, used.holder)
    processes.end_leftovers(folder)
    remove(folder)
    held.release()
    print(f"Removed {folder}")
    return 0


def attach(command: Sequence[str]) -> int:
    """Run a command in the environment of the running demo, as `manage.py shell` would need."""
    folder = demo_folder()
    try:
        if (folder / MARKER).exists():
            lock(folder).release()
        raise CannotStart("The demo does not run: start it by `make demo`.")
    except FolderInUse:
        changed = json.loads((folder / "secrets" / "environment.json").read_text())
    return subprocess.run(command, check=False, env={**os.environ, **changed}).returncode
