"""Databases of the bench's own and gunicorn servers over them, ended with the bench."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.report import CHECKOUT

PEER = "bench_peer"


class NotStarted(Exception):
    """A server did not answer."""


def at_database(url: str, name: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def as_superuser(*statements: str, database: str = "postgres") -> None:
    """Run statements one by one, each in a transaction of its own."""
    administrator = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], database))
    administrator.autocommit = True
    with contextlib.closing(administrator), administrator.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def make_peer_database() -> str:
    """Make the peer's database beside the trial's, on the same server; gives its URL."""
    password = secrets.token_hex(16)
    as_superuser(f"CREATE ROLE {PEER} LOGIN PASSWORD '{password}'", f"CREATE DATABASE {PEER} OWNER {PEER}")
    server = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    return urlunsplit(server._replace(netloc=f"{PEER}:{password}@127.0.0.1:{server.port}", path=f"/{PEER}"))


@contextlib.contextmanager
def serving(application: str, environment: Mapping[str, str], workers: int) -> Iterator[int]:
    """Serve an application by gunicorn on a free port, which is given; alike for product and peer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        port = int(listener.getsockname()[1])
        command = [
            *(sys.executable, "-m", "gunicorn", application, f"--bind=fd://{listener.fileno()}"),
            *(f"--workers={workers}", "--no-control-socket", "--log-level=warning"),
        ]
        server = subprocess.Popen(
            command, cwd=CHECKOUT, env={**os.environ, **environment}, pass_fds=[listener.fileno()]
        )
        try:
            _wait(server, port)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            browser.open(f"http://127.0.0.1:{port}/", timeout=30)
        except urllib.error.HTTPError:
            return  # it answers, if only that there is no such page
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise NotStarted("gunicorn does not answer; its words are above.")
