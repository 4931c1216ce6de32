"""The demo as a person meets it: started, found taken, interrupted, killed, started again, cleaned away."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.launcher.conftest import Person, family, survivors
from trial_edc.launcher.valkey import free_port

LAST_LINE = "Ctrl-C stops it.\n"


def said_until_open(demo: subprocess.Popen[str]) -> list[str]:
    """What the demo says until it is open, or until it gave up."""
    lines = []
    assert demo.stdout is not None
    for line in demo.stdout:
        lines.append(line)
        if line == LAST_LINE:
            break
    return lines


def page(address: str) -> tuple[int, str]:
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with browser.open(address, timeout=30) as answer:
        return answer.status, answer.geturl()


@contextlib.contextmanager
def running(person: Person, place: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    demo = person.start("demo", **place)
    try:
        yield demo, said_until_open(demo)
    finally:
        demo.terminate()
        demo.communicate(timeout=60)


def test_a_taken_port_is_a_sentence_and_nothing_starts(me: Person, open_place: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = me.run("demo", PORT=str(port), TRIAL_DATA_DIR=str(open_place / "data"))
    sentence = f"Port {port} on 127.0.0.1 is taken by another program: "
    assert said == (1, f"{sentence}choose another, as in `make demo PORT=8001`.\n")
    names = sorted(path.name for path in (open_place / "data").iterdir())
    assert names == ["folder-of-trial-edc", "lock"]


@pytest.mark.parametrize("word", ["http", "0", "70000"])
def test_a_port_that_is_none_is_a_sentence(me: Person, open_place: Path, word: str) -> None:
    said = me.run("demo", PORT=word, TRIAL_DATA_DIR=str(open_place / "data"))
    assert said == (1, f"PORT is a number from 1 to 65535, not {word}.\n")
    assert list(open_place.iterdir()) == []


def test_a_database_of_ones_own_needs_the_migrators_login_too(me: Person, open_place: Path) -> None:
    said = me.run("demo", DATABASE_URL="postgres://a@127.0.0.1/b", TRIAL_DATA_DIR=str(open_place / "data"))
    assert said == (1, "DATABASE_URL is set: set DATABASE_MIGRATE_URL, the migrator's login, as well.\n")


def test_cleaning_where_nothing_is_says_so(me: Person, open_place: Path) -> None:
    assert me.run("clean-demo", TRIAL_DATA_DIR=str(open_place / "data")) == (0, "There are no demo data.\n")


def test_attaching_to_no_demo_is_a_sentence(me: Person, open_place: Path) -> None:
    said = me.run("attach", "--", "true", TRIAL_DATA_DIR=str(open_place / "data"))
    assert said == (1, "The demo does not run: start it by `make demo`.\n")


@pytest.mark.slow
def test_a_day_with_the_demo(me: Person, open_place: Path) -> None:
    port = free_port()
    data = open_place / "data"
    place = {"PORT": str(port), "TRIAL_DATA_DIR": str(data)}
    address = f"http://127.0.0.1:{port}"
    count = ("attach", "--", *me.python, "manage.py", "shell", "--verbosity=0", "-c")
    people = (*count, "from accounts.models import User; print(User.objects.count())")

    # The first start: opened, with accounts, and nobody else's to enter.
    with running(me, place) as (demo, said):
        assert f"The demo trial is open at {address}\n" in said
        assert page(address)[0] == 200
        running_already = f"A demo of this checkout is already running: process {demo.pid}, {address}."
        ends_it = "Ctrl-C in its terminal or `make clean-demo` ends it."
        assert me.run("demo", **place) == (1, f"{running_already} {ends_it}\n")
        first_people = me.run(*people, **place)
        assert first_people[0] == 0
        then = family(demo)
        demo.send_signal(signal.SIGINT)
        assert demo.communicate(timeout=60)[0] == "\nStopped. `make demo` goes on with the same data.\n"
        assert demo.returncode == 0
        assert survivors(then) == []

    # The launcher alone is killed: nothing outlives it, and the next start goes on.
    with running(me, place) as (demo, said):
        assert said[-1] == LAST_LINE
        then = family(demo)
        demo.kill()
        assert survivors(then) == []

    # Everything is killed at once.
    with running(me, place) as (demo, said):
        assert said[-1] == LAST_LINE
        then = family(demo)
        for process in then:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        assert survivors(then) == []

    # The data are still there, and cleaning ends a running demo.
    with running(me, place) as (demo, said):
        assert said[-1] == LAST_LINE
        assert page(address)[0] == 200
        assert me.run(*people, **place) == first_people
        then = family(demo)
        assert me.run("clean-demo", **place) == (0, f"Removed {data}\n")
        assert survivors(then) == []
        assert list(open_place.iterdir()) == []
