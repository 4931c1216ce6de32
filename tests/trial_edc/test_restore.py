"""A backup made as the README says is restored into a working system: rows, triggers, rights, trail, files."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.access import Permission
from accounts.models import Role
from participants.actions.files import read_file, store_file
from participants.models import Participant, StoredFile
from records import clock
from records.models import TrailEntry
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.conftest import at_database, create_database, drop_database, use_database
from trial_edc.launcher.postgres import programs

pytestmark = pytest.mark.slow

# What the database's own books say, by name so that it compares between two databases.
BOOKS = {
    "owners and rights": "SELECT relname, relkind, relowner::regrole, relacl FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace ORDER BY relname",
    "rights on columns": "SELECT attrelid::regclass, attname, attacl FROM pg_attribute "
    "WHERE attacl IS NOT NULL AND attrelid >= 16384 ORDER BY attrelid::regclass::text, attname",
    "triggers": "SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname",
    "functions": "SELECT oid::regprocedure, proowner::regrole, prosecdef, proacl, proconfig, prosrc FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace AND proname LIKE '%trail%' ORDER BY 1::text",
    # PostgreSQL writes a restored check's lists in other words of the same meaning.
    "constraints": "SELECT conrelid::regclass, conname, contype, convalidated, "
    "CASE WHEN contype <> 'c' THEN pg_get_constraintdef(oid) END FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, conname",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "what items' checks were made from": "SELECT objoid::regclass, description FROM pg_description "
    "WHERE classoid = 'pg_class'::regclass AND description LIKE 'items %' ORDER BY objoid::regclass::text",
    "sequences": "SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename",
}


def in_database(name: str, query: str) -> list[tuple[Any, ...]]:
    superuser = psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], name))
    try:
        with superuser.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        superuser.close()


def rows_of(name: str) -> dict[str, tuple[Any, ...]]:
    """Of every table the number of its rows and a hash over all of them."""
    tables = in_database(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {
        table: in_database(
            name,
            f'SELECT count(*), md5(string_agg(r::text, chr(10) ORDER BY r::text COLLATE "C")) FROM "{table}" r',
        )[0]
        for (table,) in tables
    }


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(programs(Path(), None) / program), *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def restored(own_database: str, tmp_path: Path, settings: Any) -> Iterator[tuple[str, str]]:
    """A database with a participant and a file, and what pg_restore made of its backup: both names."""
    settings.FILES_ROOT = str(tmp_path / "files")
    clock.move_to(START)
    site = make_site()
    by = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    participant = make_participant(site, by)
    raw = b"\x89PNG\r\n\x1a\n a report"
    store_file(participant=participant, content=io.BytesIO(raw), size=len(raw), by=by, now=START)
    name = f"restored_{uuid.uuid4().hex[:12]}"
    admin, backup = os.environ["DATABASE_ADMIN_URL"], tmp_path / "trial.backup"
    run("pg_dump", "--format=custom", f"--file={backup}", at_database(admin, own_database))
    shutil.copytree(tmp_path / "files", tmp_path / "files.backup")
    shutil.rmtree(tmp_path / "files")
    create_database(name)
    try:
        run("pg_restore", "--exit-on-error", f"--dbname={at_database(admin, name)}", str(backup))
        shutil.copytree(tmp_path / "files.backup", tmp_path / "files")
        yield own_database, name
    finally:
        use_database(own_database)
        drop_database(name)


@pytest.mark.line("R2")
def test_a_restored_database_is_the_one_that_was_backed_up(restored: tuple[str, str]) -> None:
    before, after = restored
    rows = rows_of(after)
    assert rows == rows_of(before)
    assert rows["records_trailentry"][0] > 10
    for what, query in BOOKS.items():
        there = in_database(after, query)
        assert there, what
        assert there == in_database(before, query), what


@pytest.mark.line("R2")
def test_a_restored_system_goes_on_with_its_trail(restored: tuple[str, str], settings: Any) -> None:
    _before, after = restored
    use_database(after)
    assert connection.settings_dict["USER"] == project.DATABASE_APP_ROLE
    known = TrailEntry.objects.count()
    participant = Participant.objects.get()
    by = actor(participant.registered_by, Permission.ENTER_DATA, participant.site)
    assert make_participant(participant.site, by, initials="NEW").number == "01-002"
    [entry] = TrailEntry.objects.filter(relation="participants_participant", operation="INSERT", id__gt=known)
    assert (entry.person_id, entry.role, entry.changes["initials"]) == (
        participant.registered_by_id,
        "COORDINATOR",
        [None, "NEW"],
    )
    for statement in ("UPDATE records_trailentry SET reason = ''", "DELETE FROM records_trailentry"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(IntegrityError, match="participant_initials_only"), transaction.atomic():
        Participant.objects.update(initials="a")
    assert read_file(StoredFile.objects.get()).endswith(b"a report")
    # The migrations know it, and there is nothing to bring in step.
    settings.DATABASE_MIGRATE_URL = at_database(project.DATABASE_MIGRATE_URL, after)
    call_command("migrate", check_unapplied=True, verbosity=0)
