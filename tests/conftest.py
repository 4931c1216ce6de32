"""Databases for tests: real PostgreSQL, the application's own role, and reset by cloning a template.

The superuser of the test server makes the databases; everything else runs with the privileges of
production. `db` rolls a test back; `own_database` gives a test a clone of its own, to commit in, to
serve to other processes, and to be dropped afterwards.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import translation

pytest_plugins = ["tests.cast", "tests.imaged"]

# How fast the machine is says nothing about a rule.
hypothesis.settings.register_profile(
    "rules", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("rules")


def at_database(url: str, name: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def as_superuser(statement: str) -> None:
    _ask(os.environ["DATABASE_ADMIN_URL"], statement)


def as_superuser_of(database: str, statement: str) -> None:
    _ask(at_database(os.environ["DATABASE_ADMIN_URL"], database), statement)


def _ask(url: str, statement: str) -> None:
    administrator = psycopg2.connect(url)
    administrator.autocommit = True
    try:
        with administrator.cursor() as cursor:
            cursor.execute(statement)
    finally:
        administrator.close()


def owner() -> str:
    return settings.DATABASE_APP_ROLE.removesuffix("_app") + "_owner"


def application() -> str:
    return settings.DATABASE_APP_ROLE


def create_database(name: str, template: str = "template1") -> None:
    as_superuser(f'CREATE DATABASE "{name}" OWNER "{owner()}" TEMPLATE "{template}"')
    as_superuser(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')


def drop_database(name: str) -> None:
    as_superuser(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def use_database(name: str) -> None:
    """Point Django at another database of the test server."""
    for open_connection in connections.all():
        open_connection.close()
    connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def template_database(worker_id: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the test kind, never written to by a test."""
    name = f"template_{worker_id}_{uuid.uuid4().hex[:8]}"
    create_database(name)
    migrate_url = settings.DATABASE_MIGRATE_URL
    settings.DATABASE_MIGRATE_URL = at_database(migrate_url, name)
    try:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            call_command("migrate", verbosity=0, database_kind="TEST", interactive=False)
    finally:
        settings.DATABASE_MIGRATE_URL = migrate_url
    if broken := os.environ.get("SABOTAGE_SQL"):  # validation/: what notices it
        with psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], name)) as administrator:
            administrator.cursor().execute(broken)
        administrator.close()
    yield name
    drop_database(name)


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database of tests that roll back: one clone a worker process."""
    name = f"shared_{template_database}"
    create_database(name, template_database)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        use_database(name)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        use_database(template_database)
    drop_database(name)


@contextmanager
def _a_clone(template: str, blocker: Any) -> Iterator[str]:
    """A database of its own for as long as the block, in the place of the shared one."""
    shared = connection.settings_dict["NAME"]
    name = f"own_{uuid.uuid4().hex[:12]}"
    create_database(name, template)
    with blocker.unblock():
        use_database(name)
        try:
            yield name
        finally:
            use_database(shared)
            drop_database(name)


@pytest.fixture(scope="module")
def database_of_the_module(
    django_db_setup: None, template_database: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """A clone for all tests of one module, none of which asks for another database."""
    with _a_clone(template_database, django_db_blocker) as name:
        yield name


@pytest.fixture
def own_database(
    django_db_setup: None, template_database: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[str]:
    """A clone for one test that commits, runs other processes, or attacks; gives its name."""
    with _a_clone(template_database, django_db_blocker) as name:
        yield name


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences are compared in English, whatever a test before left active."""
    with translation.override("en"):
        yield


@pytest.fixture
def client() -> Client:
    """A browser that prefers English."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any, tmp_path: Path) -> None:
    """Pages name their assets without a collected manifest."""
    settings.STATIC_ROOT = str(tmp_path)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Nobody attacks the passwords of tests; a slow hash would cost more than the test.

    The algorithm is production's, so that a server beside the test can read what is stored.
    """
    settings.PASSWORD_HASHERS = ["tests.cast.QuickHasher"]
