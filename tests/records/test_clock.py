"""The trial's clock: the machine's in a real trial, movable in a demo or a test, and Beijing's calendar days."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.core.exceptions import BadRequest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from records import clock
from records.clock import ClockCannotMove, TrialClock
from records.middleware import TrialMiddleware
from tests.conftest import at_database

SOON = timedelta(seconds=30)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-08-31T15:59:59.999999+00:00", date(2026, 8, 31)),
        ("2026-08-31T16:00:00+00:00", date(2026, 9, 1)),
        ("2026-09-01T15:59:59+00:00", date(2026, 9, 1)),
        ("2026-12-31T16:00:00+00:00", date(2027, 1, 1)),
        ("2026-09-01T00:00:00+08:00", date(2026, 9, 1)),
        ("2026-08-31T23:59:00+08:00", date(2026, 8, 31)),
        ("2026-08-31T12:00:00-04:00", date(2026, 9, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(instant: str, day: date) -> None:
    assert clock.day(moment(instant)) == day


@pytest.mark.parametrize("target", ["2026-03-01T02:00:00+00:00", "2031-12-31T23:59:00+08:00"])
def test_a_test_clock_moves_back_and_forth(db: None, target: str) -> None:
    clock.move_to(moment(target))
    assert timedelta(0) <= clock.now() - moment(target) < SOON
    assert clock.now().tzinfo == UTC


def test_a_clock_that_was_moved_runs_on(db: None) -> None:
    clock.move_to(moment("2026-09-01T02:00:00+00:00"))
    first, second = clock.now(), clock.now()
    assert first < second


@pytest.mark.parametrize(
    ("target", "today"),
    [("2026-09-30T15:59:00+00:00", date(2026, 9, 30)), ("2026-09-30T16:00:00+00:00", date(2026, 10, 1))],
)
def test_today_is_the_day_in_shanghai(db: None, target: str, today: date) -> None:
    clock.move_to(moment(target))
    assert clock.today() == today


def test_a_request_reads_the_clock_once_and_the_driver_takes_it(db: None, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    clock.move_to(moment("2026-09-01T02:00:00+00:00"))
    seen: list[Any] = []

    def view(request: Any) -> HttpResponse:
        seen.append(request.now)
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::timestamptz", [request.now])
            seen.extend(cursor.fetchone())
        return HttpResponse()

    with django_assert_num_queries(2):
        TrialMiddleware(view)(RequestFactory().get("/"))
    now, returned = seen
    assert now == returned
    assert clock.day(now) == date(2026, 9, 1)


@pytest.mark.parametrize("where", ["get", "post"])
def test_a_character_the_database_cannot_hold_is_refused_at_the_door(db: None, where: str) -> None:
    def view(request: Any) -> HttpResponse:
        raise AssertionError("never reached")

    factory = RequestFactory()
    request = factory.get("/?q=%00") if where == "get" else factory.post("/", {"reason": "a\0b"})
    with pytest.raises(BadRequest):
        TrialMiddleware(view)(request)


def make_it(kind: str, name: str) -> None:
    """Mark a database as whoever makes it does: with more rights than the application."""
    with psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], name)) as administrator:
        administrator.cursor().execute("UPDATE records_trialclock SET kind = %s, ahead = '0'", [kind])
    administrator.close()


def test_the_clock_of_a_real_trial_is_the_machines_and_refuses_to_move(
    own_database: str, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    make_it("TRIAL", own_database)
    with pytest.raises(ClockCannotMove, match="real trial"):
        clock.move_to(moment("2026-03-01T02:00:00+00:00"))
    assert abs(clock.now() - clock._machine_now()) < SOON
    with django_assert_num_queries(0):
        clock.now()


def test_a_demos_clock_moves(own_database: str) -> None:
    make_it("DEMO", own_database)
    clock.move_to(moment("2026-03-01T02:00:00+00:00"))
    assert clock.today() == date(2026, 3, 1)


def test_a_database_without_a_mark_is_a_real_trials(own_database: str) -> None:
    with psycopg2.connect(at_database(os.environ["DATABASE_ADMIN_URL"], own_database)) as administrator:
        administrator.cursor().execute("DELETE FROM records_trialclock")
    administrator.close()
    assert clock.read().kind == TrialClock.Kind.TRIAL
    with pytest.raises(ClockCannotMove):
        clock.move_to(moment("2026-03-01T02:00:00+00:00"))


def test_not_even_the_owner_moves_the_clock_of_a_real_trial(own_database: str) -> None:
    make_it("TRIAL", own_database)
    with pytest.raises(IntegrityError, match="trial_clock_never_moves"), transaction.atomic():
        TrialClock.objects.update(ahead=timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, ahead FROM records_trialclock")
        assert cursor.fetchall() == [("TRIAL", timedelta(0))]
