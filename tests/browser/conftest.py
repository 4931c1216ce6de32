"""The whole system beside a browser: gunicorn, a Celery worker, an SMTP server and Chromium, on a database of their own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from records.zone import TRIAL_ZONE
from tests.conftest import at_database

# Playwright keeps an event loop in this thread; the ORM is used from it all the same, by tests alone.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_passwords() -> None:
    """Accounts sign in at a server with the settings of production."""


@pytest.fixture(autouse=True)
def plain_static_files() -> None:
    """Assets are collected and hashed as in production."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mailbox:
    """What the SMTP server received."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 – the name aiosmtpd calls
        self.messages.append(message_from_bytes(envelope.content))
        return "250 OK"


@dataclass
class System:
    """The running system: its address, its mail, and its processes."""

    address: str
    mailbox: Mailbox
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the web server at the address."""
        place = self.address.removeprefix("http://")
        return self.start(
            # Browsers keep connections open on which they ask nothing; a thread waits there, not the worker.
            *("gunicorn", "trial_edc.wsgi", "--bind", place, "--workers", "2", "--threads", "8"),
            *("--log-level", "warning"),
        )

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            process.wait(timeout=30)


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files collected, hashed and compressed as in production."""
    root = tmp_path_factory.mktemp("static")
    settings.STATIC_ROOT = str(root)
    call_command("collectstatic", interactive=False, verbosity=0)
    return root


@pytest.fixture
def system(own_database: str, static_files: Path, tmp_path: Path) -> Iterator[System]:
    """Web server, worker and mail on this test's own database."""
    mailbox, mail_port, port = Mailbox(), free_port(), free_port()
    mail = Controller(mailbox, hostname="127.0.0.1", port=mail_port)
    mail.start()
    environment = {
        **os.environ,
        "DATABASE_URL": at_database(os.environ["DATABASE_URL"], own_database),
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "STATIC_ROOT": str(static_files),
        "EXPORT_ROOT": str(tmp_path / "exports"),
        "FILES_ROOT": str(tmp_path / "files"),
        "SITE_ADDRESS": f"http://127.0.0.1:{port}",
        "INSECURE_HTTP": "1",
        # A queue of its own, so that workers of tests running beside this one leave it alone.
        "CELERY_QUEUE": own_database,
        "BEAT_SECONDS": "1",
        "PYTHONWARNINGS": "ignore",
    }
    running = System(f"http://127.0.0.1:{port}", mailbox, environment)
    try:
        running.serve()
        running.start(
            "celery",
            "-A",
            "trial_edc",
            "worker",
            "--concurrency",
            "1",
            "--loglevel",
            "WARNING",
            "-Q",
            own_database,
        )
        _wait_for(running)
        yield running
    finally:
        running.stop()
        mail.stop()


def _wait_for(running: System) -> None:
    """Knock until the sign-in page answers; a server that died says so at once."""
    request = urllib.request.Request(running.address + "/sign-in/")
    for _attempt in range(600):
        assert running.processes[0].poll() is None, "the web server ended"
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.status == 200
                return
        except (ConnectionError, TimeoutError, urllib.error.URLError):
            running.processes[0].poll()
            try:
                running.processes[0].wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError("the web server did not answer")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


class Desk:
    """One person at a browser: signs in, fills forms, presses buttons; notes every complaint of the browser."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        # A refused form answers 422 on purpose, a refused page 403; the browser notes both as errors. htmx
        # notes a computation cut short because the page was left; what a server refuses is noted below.
        expected = r"status of (401|403|409|422)|^htmx:(afterRequest|sendAbort|sendError)"
        if message.type in ("error", "warning") and not re.search(expected, message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.status not in (401, 403, 409, 422):
            self.complaints.append(f"{response.status} {response.url}")

    def sign_in(self, username: str) -> Desk:
        self.page.goto(self.address + "/sign-in/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        with self.page.expect_navigation():
            self.page.click("main button")
        return self

    def speak(self, language: str) -> None:
        """Switch the language in the header, where it is not spoken already."""
        button = self.page.locator(f"[name=language][value='{language}']")
        if button.count():
            with self.page.expect_navigation():
                button.click()

    def open(self, path: str) -> int:
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        assert answer is not None
        return answer.status

    def fill(self, answers: dict[str, Any]) -> None:
        """Type answers into the form shown, each the way its field takes it."""
        for name, value in answers.items():
            self._answer(name, value)

    def _answer(self, name: str, value: Any) -> None:
        fields = self.page.locator(f"[name='{name}']")
        first = fields.first
        tag = first.evaluate("field => field.type || field.tagName")
        if tag in ("radio", "checkbox"):
            for code in value if isinstance(value, list) else [value]:
                self.page.locator(f"[name='{name}'][value='{code}']").check()
        elif tag == "select-one":
            first.select_option(str(value))
        else:
            first.fill(as_text(value))

    def leave_out(self, name: str, reason: str) -> None:
        """Say why an item has no value, with Alt+M as on the keyboard."""
        self.page.locator(f"[name='{name}']").first.focus()
        self.page.keyboard.press("Alt+m")
        self.page.locator(f"[name='{name}__missing']").select_option(reason)

    def submit_form(self) -> None:
        """Submit with the keyboard, as a coordinator would."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+Enter")

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).first.click()

    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def errors(self) -> str:
        summary = self.page.locator("[data-error-summary]")
        return summary.inner_text() if summary.count() else ""


def as_text(value: Any) -> str:
    if hasattr(value, "astimezone"):
        return str(value.astimezone(TRIAL_ZONE).strftime("%Y-%m-%d %H:%M"))
    return str(value)


@pytest.fixture
def desk(chromium: Browser, system: System) -> Iterator[Any]:
    """Open a desk for a person; at the end no desk may have a complaint."""
    desks: list[Desk] = []

    def sit_down(username: str, locale: str = "en", width: int = 1440) -> Desk:
        context = chromium.new_context(
            locale=locale, viewport={"width": width, "height": 900}, accept_downloads=True
        )
        context.set_default_timeout(60_000)
        desks.append(Desk(context, system.address))
        return desks[-1].sign_in(username)

    yield sit_down
    complaints = [complaint for one in desks for complaint in one.complaints]
    for one in desks:
        one.context.close()
    assert complaints == []
