"""Processes that end with the launcher, and finding those an unclean end has left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

# In the environment of every process started here; its value is the data folder the process serves.
MARK = "TRIAL_SERVICES_FOLDER"

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class CannotStart(Exception):
    """Something did not start; the sentence is for whoever typed the command."""


@dataclass(frozen=True)
class Account:
    """The unprivileged account the servers run as when the launcher is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Service:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals


def ends_with_parent(deadly: signal.Signals) -> Callable[[], None]:
    """Give a function for a new process to run before its program: Linux signals it when the parent dies."""
    parent = os.getpid()

    def arrange() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(deadly))
            if os.getppid() != parent:
                os._exit(1)

    return arrange


def as_account(account: Account | None) -> dict[str, object]:
    """Give the arguments of Popen that change to the account; none for an ordinary user."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def bare_environment() -> dict[str, str]:
    """Give an environment for the servers in which nothing of the caller's (PGHOST, TZ …) has a say."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def start(
    name: str,
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    cwd: Path,
    account: Account | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    stdin: str | None = None,
    pass_fds: Sequence[int] = (),
) -> Service:
    """Start a program in a session of its own, so that Ctrl-C reaches the launcher alone."""
    log = folder / "logs" / f"{name}.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        process = subprocess.Popen(
            command,
            env={**environment, MARK: str(folder)},
            cwd=cwd,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ends_with_parent(stop_signal),
            pass_fds=pass_fds,
            umask=0o077,
            **as_account(account),  # type: ignore[call-overload]
        )
    if stdin is not None and process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(stdin.encode())
    return Service(name=name, process=process, log=log, stop_signal=stop_signal)


def stop(services: Sequence[Service], *, patience: float = 10.0) -> None:
    """End the services together: each by its own signal, after `patience` seconds its session by SIGKILL."""
    for service in services:
        if service.process.poll() is None:
            service.process.send_signal(service.stop_signal)
    deadline = time.monotonic() + patience
    for service in services:
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.process.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(service.process.pid, signal.SIGKILL)
        service.process.wait()


def _serves(process: psutil.Process, folder: Path) -> bool:
    """Tell whether a process was started for the folder.

    PostgreSQL overwrites its environment with its title, but works in its data directory.
    """
    try:
        if process.name() == "postgres":
            return Path(process.cwd()).is_relative_to(folder)
        return bool(process.environ().get(MARK) == str(folder))
    except (psutil.Error, OSError):
        return False


def leftovers(folder: Path) -> list[psutil.Process]:
    """Find the processes started for a data folder, whoever is their parent now."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _serves(process, folder)
    ]


def end_leftovers(folder: Path) -> int:
    """End what an unclean end has left behind in a data folder; gives how many processes that were."""
    found = leftovers(folder)
    for process in found:
        with contextlib.suppress(psutil.Error):
            # SIGINT is PostgreSQL's orderly quick shutdown.
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, alive = psutil.wait_procs(found, timeout=5)
    for process in {*alive, *leftovers(folder)}:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    return len(found)


def last_lines(log: Path, count: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
