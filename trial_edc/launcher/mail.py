"""A real SMTP server on loopback that keeps every message as a file and sends none on."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from trial_edc.launcher import processes
from trial_edc.launcher.folder import own_folder
from trial_edc.launcher.processes import Service


class Keep:
    """Answers DATA with 250 once the message is a file in the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{next(self.numbers)}"
        content = envelope.original_content or b""
        recipients = ", ".join(envelope.rcpt_tos).encode()
        new = self.folder / f"{name}.part"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(b"X-Envelope-To: " + recipients + b"\r\n" + content)
        new.rename(self.folder / f"{name}.eml")
        return "250 OK"


def start(folder: Path) -> tuple[Service, str]:
    """Start the catcher on a socket bound here, so that no other takes the port; gives it and its EMAIL_URL."""
    kept = own_folder(folder / "mail", None)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        descriptor = listener.fileno()
        service = processes.start(
            "mail",
            [sys.executable, "-m", "trial_edc.launcher.mail", str(descriptor), str(kept)],
            folder=folder,
            environment=dict(os.environ),
            cwd=Path.cwd(),
            pass_fds=[descriptor],
        )
        return service, f"smtp://127.0.0.1:{listener.getsockname()[1]}"


async def serve(descriptor: int, folder: Path) -> None:
    handler = Keep(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, loop=loop),
        sock=socket.socket(fileno=descriptor),
    )
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("descriptor", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    asyncio.run(serve(options.descriptor, options.folder))
