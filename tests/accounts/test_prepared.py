"""Statements that stay planned: values by place and by name, and what becomes of them when something goes wrong."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DataError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Site
from accounts.prepared import ask
from tests.conftest import as_superuser_of

NAMED = "SELECT %(day)s::date, %(word)s::text || '%%', %(day)s::date + %(days)s::int"


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_named_values_are_put_into_their_places_however_often_they_stand_there() -> None:
    given = {"days": 2, "day": date(2026, 12, 31), "word": "a'b", "unused": 1}
    assert ask(NAMED, given) == [(date(2026, 12, 31), "a'b%", date(2027, 1, 2))]


@pytest.mark.django_db
@pytest.mark.parametrize("value", [None, "", "肝细胞癌 \U0001f9ea", "'; DROP TABLE x; --", "%s $1"])
def test_a_value_comes_back_as_it_went(value: str | None) -> None:
    assert ask("SELECT %s::text, %s::bigint[]", [value, []]) == [(value, [])]


@pytest.mark.django_db
def test_a_statement_is_planned_once_and_counted_each_time_it_is_asked() -> None:
    ask("SELECT %s::int + 1", [1])
    before = prepared()
    with CaptureQueriesContext(connection) as captured:
        assert [ask("SELECT %s::int + 1", [number]) for number in (1, 2)] == [[(2,)], [(3,)]]
    assert (prepared(), len(captured)) == (before, 2)


@pytest.mark.django_db
def test_it_stays_planned_over_a_transaction_that_was_rolled_back() -> None:
    with pytest.raises(DataError), transaction.atomic():
        ask("SELECT 10 / %s::int", [0])
    assert ask("SELECT 10 / %s::int", [2]) == [(5,)]


@pytest.mark.django_db
def test_a_statement_postgresql_does_not_understand_is_an_error_like_any_other() -> None:
    for _time in range(2):
        with pytest.raises(ProgrammingError, match="no_such_table"), transaction.atomic():
            ask("SELECT * FROM no_such_table WHERE id = %s", [1])


def test_each_connection_plans_for_itself(own_database: str) -> None:
    by_code = "SELECT name_en FROM accounts_site WHERE code = %s"
    Site.objects.create(code="01", name_en="x", name_zh="x")
    assert ask(by_code, ["01"]) == [("x",)]
    connection.close()
    assert ask(by_code, ["01"]) == [("x",)]


def test_rows_follow_a_table_that_changes_while_the_connection_lives(own_database: str) -> None:
    """Every column is named in a statement, so another one in the table does not matter to it."""
    by_code = "SELECT to_jsonb(one) FROM accounts_site one WHERE code = %s"
    Site.objects.create(code="01", name_en="x", name_zh="x")
    assert "more" not in str(ask(by_code, ["01"]))
    as_superuser_of(own_database, "ALTER TABLE accounts_site ADD more int DEFAULT 7")
    assert "more" in str(ask(by_code, ["01"]))
