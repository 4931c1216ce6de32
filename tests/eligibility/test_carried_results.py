"""What the laboratory form asked once for all results is carried over to each of them by the migrations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import environ
import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.access import Permission
from accounts.models import Role
from participants.models import Visit
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.conftest import at_database

pytestmark = pytest.mark.slow

BEFORE = "0003_casebook"
AFTER = "0007_results_carried"


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("eligibility", name)])


@pytest.fixture
def as_migrator(own_database: str) -> Iterator[None]:
    """This test's own database, worked in by the role that migrates."""
    application = dict(connection.settings_dict)
    connection.close()
    url = at_database(settings.DATABASE_MIGRATE_URL, own_database)
    connection.settings_dict.update(environ.Env.db_url_config(url))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(application)


FORMER = {
    "afp": "60500",
    "afpc": "GT",
    "pivka": "312",
    "pivkac": "EQ",
    "pivkau": "mAU/mL",
    "alt": "260",
    "tbil": "15",
    "lbcs": ["ALT", "BILI", "K"],
}


def test_signs_units_and_significance_go_to_their_results(as_migrator: None) -> None:
    clock.move_to(START)
    site = make_site()
    person = make_person("coordinator", Role.COORDINATOR, site)
    participant = make_participant(site, actor(person, Permission.ENTER_DATA, site))
    visit = Visit.objects.get(participant=participant, code="SCR")
    migrate(BEFORE)
    plain = {"participant_id": participant.pk, "visit_id": visit.pk, "repeat": 1, "state": "DRAFT"}
    kept = {"missing": json.dumps({"pivkau": "NK", "wbc": "ND"}), "confirmed": "{}", "derived_by": "1"}
    row: dict[str, Any] = {**plain, **kept, "revision": 1, "row_numbers": "{}", "entered_at": START, **FORMER}
    with connection.cursor() as cursor:
        columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
        # The unit and the reason why it is missing exclude each other: a second form has the reason.
        first = {**row, "missing": json.dumps({"wbc": "ND"})}
        cursor.execute(
            f"INSERT INTO eligibility_laboratory ({columns}) VALUES ({places})", list(first.values())
        )
        second = {**row, "repeat": 2, "pivkau": None, "lbcs": None, "afpc": None}
        cursor.execute(
            f"INSERT INTO eligibility_laboratory ({columns}) VALUES ({places})", list(second.values())
        )
    migrate(AFTER)
    names = "afp_c, pivka_c, pivka_u, pivka_si, alt_cs, tbil_cs, k_cs, missing"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM eligibility_laboratory ORDER BY repeat")
        (*carried, missing), (*other, reasons) = cursor.fetchall()
    assert carried == ["GT", None, "mAU/mL", 312, "CS", "CS", None]
    assert json.loads(missing) == {"wbc": "ND"}
    assert other == [None, None, None, None, None, None, None]
    assert json.loads(reasons) == {"wbc": "ND"}
