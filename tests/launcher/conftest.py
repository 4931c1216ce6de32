"""Places and people for trying the launcher: folders that other accounts may pass, and an ordinary account."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from trial_edc.launcher import processes
from trial_edc.launcher.folder import CHECKOUT

# What the surrounding test run says about its own services is not for a launcher under test.
OF_THE_TEST_RUN = {
    *("DATABASE_URL", "DATABASE_MIGRATE_URL", "DATABASE_ADMIN_URL", "CELERY_BROKER_URL", "EMAIL_URL"),
    *(
        "SECRET_KEY",
        "INSECURE_HTTP",
        "EXPORT_ROOT",
        "FILES_ROOT",
        "STATIC_ROOT",
        "TRAIL_SEAL_KEY",
        "TRAIL_SEAL_FILE",
        "TRIAL_DATA_DIR",
        "SITE_ADDRESS",
        "PORT",
    ),
}


@dataclass
class Person:
    """Whoever types the commands; `change` are the arguments of Popen that make the process theirs."""

    name: str
    python: list[str]
    environment: dict[str, str]
    change: dict[str, object] = field(default_factory=dict)

    def start(self, *words: str, cwd: Path = CHECKOUT, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.python, "-m", "trial_edc.launcher", *words],
            cwd=cwd,
            env=self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self.change,  # type: ignore[call-overload]
        )

    def run(self, *words: str, cwd: Path = CHECKOUT, **environment: str) -> tuple[int, str]:
        """Give the exit status and what was said."""
        process = self.start(*words, cwd=cwd, **environment)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OF_THE_TEST_RUN}


@pytest.fixture
def me() -> Person:
    return Person("me", [sys.executable], _clean_environment())


@pytest.fixture
def ordinary() -> Person:
    """An account without rights, when the tests run as root; its Python must be one it can reach."""
    if os.geteuid() != 0:
        pytest.skip("the tests already run as an ordinary user")
    entry = pwd.getpwnam("nobody")
    change: dict[str, object] = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    site_packages = sysconfig.get_path("purelib")
    environment = _clean_environment() | {"HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    system_python = f"/usr/bin/python3.{sys.version_info.minor}"
    for python, path in ((sys.executable, ""), (system_python, site_packages)):
        tried = subprocess.run(
            ["/bin/sh", "-c", f"{python} -c 'import trial_edc, psycopg2'"],
            check=False,
            cwd=CHECKOUT,
            env=environment | {"PYTHONPATH": path},
            capture_output=True,
            **change,
        )
        if tried.returncode == 0:
            return Person("ordinary", [python], environment | {"PYTHONPATH": path}, change)
    pytest.skip("no Python on this machine is within reach of an account without rights")


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A new folder every account may pass; processes that serve a folder below it are ended at the end."""
    place = Path(tempfile.mkdtemp(prefix="trial-launcher-", dir="/var/tmp"))
    place.chmod(0o711)
    try:
        yield place
    finally:
        for folder in [place, *place.rglob("folder-of-trial-edc")]:
            processes.end_leftovers(folder if folder.is_dir() else folder.parent)
        shutil.rmtree(place)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The process and all it started, directly or not."""
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def survivors(processes_then: list[psutil.Process]) -> list[str]:
    """Who of them still lives after a moment of grace for the kernel and for orderly ends."""
    _, alive = psutil.wait_procs(processes_then, timeout=15)
    return [line for process in alive if (line := command_line(process))]


def command_line(process: psutil.Process) -> str:
    """What the process was started with; "" for one that has ended, reaped or not."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie is one as well
        return ""
