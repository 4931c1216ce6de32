"""The three database roles of roles.sql, as the launcher and a production administrator make them."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege

from trial_edc.launcher import postgres
from trial_edc.launcher.folder import service_account, throwaway_folder

ADMIN, MIGRATOR, APP = "DATABASE_ADMIN_URL", "DATABASE_MIGRATE_URL", "DATABASE_URL"


@contextmanager
def cursor(url: str) -> Iterator[Any]:
    """A cursor in the untouched first database of the test server; what it does is rolled back."""
    with closing(psycopg2.connect(url)) as login, login.cursor() as opened:
        yield opened


def asked(variable: str, question: str) -> list[tuple[Any, ...]]:
    with cursor(os.environ[variable]) as answering:
        answering.execute(question)
        return list(answering.fetchall())


def test_each_role_is_what_the_architecture_says() -> None:
    roles = asked(
        ADMIN,
        "SELECT rolname, rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls "
        "FROM pg_roles WHERE rolname LIKE 'trial%' ORDER BY rolname",
    )
    assert roles == [
        ("trial_app", True, False),
        ("trial_migrator", True, False),
        ("trial_owner", False, False),
    ]


def test_only_the_migrator_is_a_member_of_anything() -> None:
    members = asked(
        ADMIN,
        "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members "
        "WHERE member::regrole::text LIKE 'trial%'",
    )
    assert members == [("trial_migrator", "trial_owner")]


def test_the_application_owns_nothing() -> None:
    assert (
        asked(ADMIN, "SELECT 1 FROM pg_shdepend WHERE refobjid = 'trial_app'::regrole AND deptype = 'o'")
        == []
    )


def test_the_owner_has_the_database_and_the_schema() -> None:
    owners = asked(
        ADMIN,
        "SELECT datdba::regrole::text, nspowner::regrole::text FROM pg_database, pg_namespace "
        "WHERE datname = current_database() AND nspname = 'public'",
    )
    assert owners == [("trial_owner", "trial_owner")]


def test_the_migrator_acts_as_the_owner() -> None:
    assert asked(MIGRATOR, "SELECT current_user::text, session_user::text") == [
        ("trial_owner", "trial_migrator")
    ]


def test_what_the_migrator_makes_belongs_to_the_owner_extension_included() -> None:
    with cursor(os.environ[MIGRATOR]) as migrating:
        migrating.execute("CREATE EXTENSION btree_gist; CREATE TABLE made (id int)")
        migrating.execute("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'made'")
        assert migrating.fetchall() == [("trial_owner",)]


@pytest.mark.parametrize(
    "attempt",
    [
        "CREATE TABLE public.mine (id int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION btree_gist",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "SET ROLE trial_owner",
        "SET ROLE trial_migrator",
        "ALTER ROLE trial_app CREATEDB",
        "SET session_replication_role = replica",
        "ALTER DATABASE trial SET timezone = 'UTC'",
        "GRANT trial_owner TO trial_app",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT rolpassword FROM pg_authid",
    ],
)
def test_the_application_is_refused(attempt: str) -> None:
    with closing(psycopg2.connect(os.environ[APP])) as login:
        login.autocommit = True
        with login.cursor() as attempting, pytest.raises(InsufficientPrivilege):
            attempting.execute(attempt)


def test_an_administrator_runs_the_same_file_under_other_names_and_again() -> None:
    prefix = f"other_{uuid.uuid4().hex[:8]}"
    admin = urlsplit(os.environ[ADMIN])
    psql = postgres.programs(throwaway_folder(), service_account()) / "psql"
    command = [str(psql), "-X", "-q", "-v", f"prefix={prefix}", "-v", f"database={prefix}"]
    command += ["-f", str(postgres.ROLES), urlunsplit(admin._replace(path="/postgres"))]
    try:
        for password in ("first", "second"):
            passwords = {"TRIAL_MIGRATOR_PASSWORD": f"m-{password}", "TRIAL_APP_PASSWORD": f"a-{password}"}
            done = subprocess.run(command, check=False, env=passwords, capture_output=True, text=True)
            assert (done.returncode, done.stdout + done.stderr) == (0, "")
        address = f"127.0.0.1:{admin.port}/{prefix}"
        with cursor(f"postgres://{prefix}_migrator:m-second@{address}") as answering:
            answering.execute("SELECT current_user::text, current_database()::text")
            assert answering.fetchall() == [(f"{prefix}_owner", prefix)]
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(f"postgres://{prefix}_app:a-first@{address}")
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(f"postgres://trial_app:{urlsplit(os.environ[APP]).password}@{address}")
    finally:
        with closing(psycopg2.connect(os.environ[ADMIN])) as login:
            login.autocommit = True
            with login.cursor() as dropping:
                dropping.execute(f"DROP DATABASE IF EXISTS {prefix} WITH (FORCE)")
                dropping.execute(f"DROP ROLE {prefix}_owner, {prefix}_migrator, {prefix}_app")


def test_without_passwords_the_file_stops() -> None:
    psql = postgres.programs(throwaway_folder(), service_account()) / "psql"
    url = urlunsplit(urlsplit(os.environ[ADMIN])._replace(path="/postgres"))
    command = [
        str(psql),
        "-X",
        "-q",
        "-v",
        "prefix=never",
        "-v",
        "database=never",
        "-f",
        str(postgres.ROLES),
        url,
    ]
    done = subprocess.run(
        command, check=False, env={"TRIAL_APP_PASSWORD": "x"}, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "TRIAL_MIGRATOR_PASSWORD is not set." in done.stderr
    assert asked(ADMIN, "SELECT 1 FROM pg_roles WHERE rolname LIKE 'never%'") == []
