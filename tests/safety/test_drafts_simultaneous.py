"""Two workers and a person at the same moment, on connections of their own: a deviation is drafted once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.access import SYSTEM, Actor, Permission
from accounts.models import Role
from participants.models import Participant
from participants.selectors import schedule_of
from records import clock
from safety.actions import keep_deviations, watch
from safety.models import ClockMark, DeviationDraft, ProtocolDeviation
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.safety.entering import at, enter

PATIENCE = 60
LATE = at("2026-10-02 08:01")


@pytest.fixture
def here(own_database: str) -> Iterator[tuple[Participant, Actor]]:
    schedule_of.cache_clear()
    clock.move_to(START)
    site = make_site()
    by = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    yield make_participant(site, by), by
    schedule_of.cache_clear()


def at_once(*jobs: Callable[[], Any]) -> list[str]:
    """Run jobs on a thread and a connection each, all let go at the same moment; give what went wrong."""
    wrong: list[str] = []
    gate = threading.Barrier(len(jobs), timeout=PATIENCE)

    def run(job: Callable[[], Any]) -> None:
        try:
            gate.wait()
            job()
        except Exception as error:  # noqa: BLE001 - whatever it is, the comparison below shows it
            wrong.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return wrong


def test_watchers_at_the_same_moment_mark_and_draft_once(here: tuple[Participant, Actor]) -> None:
    participant, by = here
    answers = {"aeterm": "liver abscess", "aeser": "Y", "saeaware": at("2026-10-01 08:00")}
    enter(participant, "AE", answers, submit=False, by=by, now=at("2026-10-01 09:00"))
    jobs = [lambda: watch(by=SYSTEM, now=LATE)] * 4
    assert at_once(*jobs) == []
    assert ClockMark.objects.count() == 2
    assert (DeviationDraft.objects.count(), ProtocolDeviation.objects.count()) == (1, 1)


def test_a_worker_a_rule_and_a_person_get_a_number_each(here: tuple[Participant, Actor]) -> None:
    participant, by = here
    answers = {"aeterm": "liver abscess", "aeser": "Y", "saeaware": at("2026-10-01 08:00")}
    enter(participant, "AE", answers, submit=False, by=by, now=at("2026-10-01 09:00"))
    other = {"aeterm": "bleeding", "aeser": "Y", "saeaware": at("2026-10-01 07:00")}
    enter(participant, "AE", other, submit=False, by=by, now=at("2026-10-01 09:00"))
    jobs: list[Callable[[], Any]] = [
        lambda: watch(by=SYSTEM, now=LATE),
        lambda: keep_deviations(participant=participant, names=["SAELATE"], by=SYSTEM, now=LATE),
        lambda: keep_deviations(participant=participant, names=["SAELATE"], by=SYSTEM, now=LATE),
    ]
    assert at_once(*jobs) == []
    drafted = DeviationDraft.objects.order_by("repeat")
    assert [(one.repeat, one.stands) for one in drafted] == [(1, True), (2, True)]
    assert sorted(ProtocolDeviation.objects.values_list("repeat", flat=True)) == [1, 2]
    assert {one.deviation_id for one in drafted} == set(
        ProtocolDeviation.objects.values_list("pk", flat=True)
    )
    enter(participant, "AE", {"saerep": LATE}, repeat=1, submit=False, by=by, now=LATE + timedelta(minutes=1))
    assert ProtocolDeviation.objects.count() == 2
