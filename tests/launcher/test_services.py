"""Services for the time of one command, on real PostgreSQL and Valkey."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from tests.launcher.conftest import Person, command_line, family, survivors

# What the command of a run says about the services it was given.
LOOK = """
import os, psycopg2, socket
from urllib.parse import urlsplit
for name in ("DATABASE_URL", "DATABASE_MIGRATE_URL"):
    with psycopg2.connect(os.environ[name]).cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('server_version_num')::int / 10000")
        print(*cursor.fetchone())
broker = urlsplit(os.environ["CELERY_BROKER_URL"])
with socket.create_connection((broker.hostname, broker.port)) as connection:
    connection.sendall(f"AUTH {broker.password}\\r\\nPING\\r\\n".encode())
    lines = connection.makefile()
    print(lines.readline().strip(), lines.readline().strip(), "DATABASE_ADMIN_URL" in os.environ)
"""
# Says that the services run, then waits until its stdin closes or somebody ends it.
STAY = "import sys; print('here', flush=True); sys.stdin.read()"


@pytest.fixture
def place(open_place: Path) -> dict[str, str]:
    return {"TRIAL_DATA_DIR": str(open_place / "data")}


def test_a_command_finds_both_logins_and_the_broker(me: Person, place: dict[str, str]) -> None:
    look = (0, "trial_app 18\ntrial_owner 18\n+OK +PONG False\n")
    assert me.run("services", "--", sys.executable, "-c", LOOK, **place) == look
    tests = (0, "trial_app 18\ntrial_owner 18\n+OK +PONG True\n")
    assert me.run("services", "--for-tests", "--", sys.executable, "-c", LOOK, **place) == tests


def test_an_ordinary_account_gets_the_same(ordinary: Person, place: dict[str, str], open_place: Path) -> None:
    open_place.chmod(0o777)
    look = (0, "trial_app 18\ntrial_owner 18\n+OK +PONG False\n")
    assert ordinary.run("services", "--", *ordinary.python, "-c", LOOK, **place) == look


def test_the_status_of_the_command_is_given_and_its_folder_gone(
    me: Person, place: dict[str, str], open_place: Path
) -> None:
    assert me.run("services", "--", "sh", "-c", "exit 7", **place) == (7, "")
    assert list((open_place / "data-tests").glob("run-*")) == []
    assert me.run("services", "--", "no-such-program", **place) == (
        1,
        "no-such-program: No such file or directory\n",
    )


def test_two_runs_at_once_have_databases_of_their_own(me: Person, place: dict[str, str]) -> None:
    write = "import os,psycopg2; psycopg2.connect(os.environ['DATABASE_MIGRATE_URL']).cursor().execute('SELECT 1')"
    table = write.replace("SELECT 1", "CREATE TABLE same (id int)") + "; print('made')"
    runs = [me.start("services", "--", sys.executable, "-c", table, **place) for _ in range(2)]
    assert [run.communicate(timeout=120)[0] for run in runs] == ["made\n", "made\n"]


def test_the_cache_of_runs_is_removed_but_not_under_a_run(
    me: Person, place: dict[str, str], open_place: Path
) -> None:
    base = open_place / "data-tests"
    run = me.start("services", "--", sys.executable, "-c", STAY, **place)
    assert run.stdout is not None
    assert run.stdout.readline() == "here\n"
    assert me.run("clean-tests", **place) == (1, f"Tests are running in {base}: it stays.\n")
    run.terminate()
    run.communicate(timeout=60)
    assert me.run("clean-tests", **place) == (0, f"Removed {base}\n")
    assert me.run("clean-tests", **place) == (0, "There is nothing cached for tests.\n")
    assert list(open_place.iterdir()) == []


@pytest.mark.parametrize("deadly", ["terminate", "kill"])
def test_the_services_end_with_a_run_that_is_ended(
    me: Person, place: dict[str, str], open_place: Path, deadly: str
) -> None:
    run = me.start("services", "--", sys.executable, "-c", STAY, **place)
    assert run.stdout is not None
    assert run.stdout.readline() == "here\n"
    then = family(run)
    names = {process.name() for process in then}
    assert {"postgres", "valkey-server"} <= names
    getattr(run, deadly)()
    run.communicate(timeout=60)
    assert survivors(then) == []
    # The next run sweeps what a killed one could not.
    assert me.run("services", "--", "true", **place) == (0, "")
    assert list((open_place / "data-tests").glob("run-*")) == []


def test_nothing_but_programs_is_open_to_other_accounts(
    me: Person, place: dict[str, str], open_place: Path
) -> None:
    run = me.start("services", "--", sys.executable, "-c", STAY, **place)
    assert run.stdout is not None
    assert run.stdout.readline() == "here\n"
    try:
        base = open_place / "data-tests"
        assert stat.S_IMODE(base.stat().st_mode) & stat.S_IRWXO == 0
        commands = [command_line(process) for process in family(run)]
        secrets = [path.read_text() for path in base.glob("run-*/secrets/*")]
        assert len(secrets) == 4
        assert [command for command in commands for word in secrets if word in command] == []
    finally:
        run.kill()
        run.communicate()
