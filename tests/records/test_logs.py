"""What the logs say of an error of the database: which check, never the row."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import User
from records.logs import WithoutRows
from records.middleware import MOST_BYTES


def written(error: BaseException, *words: object) -> str:
    record = logging.LogRecord(
        "trial", logging.ERROR, __file__, 1, "it failed %r", words, (type(error), error, error.__traceback__)
    )
    return WithoutRows("{message}", style="{").format(record)


def test_a_refused_row_is_left_out_of_the_logs(coordinator: User) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET full_name = %s, username = 'CAPITALS' WHERE id = %s",
            ["line one\nline two", coordinator.pk],
        )
    raised = str(refused.value)
    assert "line two" in raised
    for line in (written(refused.value), written(refused.value, refused.value)):
        assert "violates check constraint" in line
        assert "DETAIL:  (left out)" in line
        assert "line one" not in line
        assert "line two" not in line


def test_all_logs_are_written_so() -> None:
    logged: Any = settings.LOGGING
    assert {one["()"] for one in logged["formatters"].values()} == {"records.logs.WithoutRows"}
    assert {one["formatter"] for one in logged["handlers"].values()} == set(logged["formatters"])


@pytest.mark.django_db
def test_a_body_larger_than_any_page_takes_is_not_read() -> None:
    class Unread:
        def read(self, *_size: int) -> bytes:
            raise AssertionError("The body was read.")

        readline = read

    sent = {"CONTENT_LENGTH": str(MOST_BYTES + 1), "wsgi.input": Unread()}
    assert Client().post("/sign-in/", **sent).status_code == 413  # type: ignore[arg-type]
