"""What `migrate` derives from the models: the database follows a range that changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import environ
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from eligibility.models import VitalSigns
from records.install import set_checks_aside
from tests.conftest import at_database


def checks_of(table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype = 'c'",
            [table],
        )
        return dict(cursor.fetchall())


def test_the_database_follows_a_range_that_changes(
    own_database: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATABASE_MIGRATE_URL = at_database(settings.DATABASE_MIGRATE_URL, own_database)
    table = VitalSigns._meta.db_table
    before = checks_of(table)
    assert "<= '200'::numeric" in before["weight_item"]

    monkeypatch.setattr(VitalSigns._meta.get_field("weight"), "hard", (Decimal(30), Decimal(150)))
    call_command("migrate", verbosity=0, interactive=False)

    after = checks_of(table)
    assert "<= '150'::numeric" in after.pop("weight_item")
    del before["weight_item"]
    assert after == before


def test_checks_stand_aside_while_data_moves_and_come_back(own_database: str, settings: Any) -> None:
    url = at_database(settings.DATABASE_MIGRATE_URL, own_database)
    settings.DATABASE_MIGRATE_URL = url
    table = VitalSigns._meta.db_table
    before = checks_of(table)
    application = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(environ.Env.db_url_config(url))
    set_checks_aside()
    connection.close()
    connection.settings_dict.update(application)
    assert [name for name in checks_of(table) if name.endswith("_item")] == []
    call_command("migrate", verbosity=0, interactive=False)
    assert checks_of(table) == before


def test_nothing_is_made_again_while_nothing_changes(own_database: str, settings: Any) -> None:
    settings.DATABASE_MIGRATE_URL = at_database(settings.DATABASE_MIGRATE_URL, own_database)

    def identities() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT oid FROM pg_constraint WHERE contype = 'c' ORDER BY oid")
            return [row[0] for row in cursor.fetchall()]

    before = identities()
    call_command("migrate", verbosity=0, interactive=False)
    assert identities() == before


def test_a_database_of_another_version_is_left_alone(own_database: str, settings: Any) -> None:
    settings.DATABASE_MIGRATE_URL = at_database(settings.DATABASE_MIGRATE_URL, own_database)
    application = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(environ.Env.db_url_config(settings.DATABASE_MIGRATE_URL))
    MigrationRecorder(connection).record_applied("diary", "0002_of_tomorrow")
    connection.close()
    connection.settings_dict.update(application)
    with pytest.raises(CommandError, match=r"diary\.0002_of_tomorrow is not known here"):
        call_command("migrate", verbosity=0, interactive=False)
