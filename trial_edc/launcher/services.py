"""Services for the time of one command: a PostgreSQL and a broker of its own, thrown away afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from trial_edc.launcher import postgres, processes, valkey
from trial_edc.launcher.folder import (
    MARKER,
    FolderInUse,
    lock,
    own_folder,
    prepare,
    remove,
    service_account,
    throwaway_folder,
)
from trial_edc.launcher.processes import Account, CannotStart, Service


def _sweep(base: Path) -> None:
    """Remove the folders of runs that were killed."""
    for run in base.glob("run-*"):
        try:
            held = lock(run)
        except (FolderInUse, FileNotFoundError):
            continue
        processes.end_leftovers(run)
        shutil.rmtree(run, ignore_errors=True)
        held.release()


def _cached_cluster(base: Path, account: Account | None) -> Path:
    """Give a stopped cluster with its roles to copy from; initdb would take most of a start."""
    cache = base / f"cluster-{postgres.stamp()}"
    if not cache.exists():
        for old in base.glob("cluster-*"):
            shutil.rmtree(old)
        new = base / "cluster.new"
        processes.end_leftovers(new)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o710)
        if account is not None:
            os.chown(new, 0, account.gid)
        database = postgres.start(new, account, durable=False, share=base)
        processes.stop([database.service])
        new.rename(cache)
    return cache


def _copy(source: Path, target: Path, account: Account | None) -> None:
    shutil.copytree(source, target)
    if account is not None:
        for path in [target, *target.rglob("*")]:
            os.chown(path, account.uid, account.gid)


def run(command: Sequence[str], *, for_tests: bool, durable: bool = False) -> int:
    """Run a command beside throwaway services and give its exit status.

    Its environment names the services; the superuser's URL is in it for tests alone, which clone databases.
    `durable` lets PostgreSQL write as in a real trial: slower, and what a speed is measured on.
    """
    account = service_account()
    base = throwaway_folder()
    prepare(base, account)
    entry = lock(base, wait=True)
    try:
        _sweep(base)
        cache = _cached_cluster(base, account)
        postgres.programs(base, account)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=base))
        held = lock(folder)
    finally:
        entry.release()
    if account is not None:
        os.chown(folder, 0, account.gid)
        folder.chmod(0o710)
    own_folder(folder / "postgres", account)
    _copy(cache / "postgres" / "data", folder / "postgres" / "data", account)
    shutil.copyfile(cache / "postgres" / "roles", folder / "postgres" / "roles")
    shutil.copytree(cache / "secrets", folder / "secrets")
    started: list[Service] = []
    try:
        database = postgres.start(folder, account, durable=durable, share=base)
        started.append(database.service)
        broker = valkey.start(folder, account, durable=False)
        started.append(broker.service)
        environment = {
            **os.environ,
            "DATABASE_URL": database.url("app"),
            "DATABASE_MIGRATE_URL": database.url("migrator"),
            "CELERY_BROKER_URL": broker.url,
            "SECRET_KEY": secrets.token_hex(32),
            "INSECURE_HTTP": "1",
            "EXPORT_ROOT": str(own_folder(folder / "exports", None)),
            "FILES_ROOT": str(own_folder(folder / "files", None)),
            "STATIC_ROOT": str(own_folder(folder / "static", None)),
            "TRAIL_SEAL_KEY": secrets.token_hex(32),
            "TRAIL_SEAL_FILE": str(own_folder(folder / "seals", None) / "trail.jsonl"),
        }
        environment.pop("DATABASE_ADMIN_URL", None)
        if for_tests:
            environment["DATABASE_ADMIN_URL"] = database.url("admin")
        return _run_in_front(command, environment)
    finally:
        processes.stop(started)
        shutil.rmtree(folder, ignore_errors=True)
        held.release()


def _run_in_front(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run the command in the terminal's foreground: Ctrl-C is its own to answer, SIGTERM is passed on."""
    try:
        process = subprocess.Popen(
            command, env=environment, preexec_fn=processes.ends_with_parent(signal.SIGTERM)
        )
    except OSError as error:
        raise CannotStart(f"{command[0]}: {error.strerror}") from None
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    try:
        status = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return status if status >= 0 else 128 - status


def clean() -> int:
    """Remove what runs have cached for the next, unless one is under way."""
    base = throwaway_folder()
    if not (base / MARKER).exists():
        print("There is nothing cached for tests.")
        return 0
    entry = lock(base, wait=True)
    _sweep(base)
    if any(base.glob("run-*")):
        raise CannotStart(f"Tests are running in {base}: it stays.")
    remove(base)
    entry.release()
    print(f"Removed {base}")
    return 0
