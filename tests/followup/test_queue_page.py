"""The queue's health: what tells that nothing gets out, who sees it, and that it shows nothing of a participant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM
from accounts.models import Role, Site, User
from followup.actions import beat
from followup.models import ReminderMessage
from followup.queue import SILENT_AFTER, health, tasks_waiting
from followup.tasks import search
from followup.workflow import MessageState
from participants.models import Participant
from records import clock
from tests.cast import START, make_person
from tests.followup.conftest import Mailbox, counted
from tests.followup.reminded import CLOSING, find, messages, sent

PAGE = "followup:queue"


@pytest.fixture
def uncertain(participant: Participant, mailbox: Mailbox) -> ReminderMessage:
    find(CLOSING)
    mailbox.answers["DATA"] = "drop"
    return sent(messages()[0])


def test_the_worker_is_silent_from_the_first_moment_after_five_minutes(at_start: Any) -> None:
    assert health(START).silent
    beat(task="find_reminders", by=SYSTEM, now=START)
    assert not health(START + SILENT_AFTER).silent
    assert health(START + SILENT_AFTER + timedelta(seconds=1)).silent


def test_a_search_leaves_its_sign_of_life(at_start: Any) -> None:
    search()
    found = health(clock.now())
    assert found.began is not None and found.ended is not None
    assert timedelta(0) <= found.ended - found.began < timedelta(minutes=1)


def test_what_waits_too_long_is_late(participant: Participant) -> None:
    find(CLOSING)
    found = health(CLOSING + timedelta(minutes=15))
    assert (found.lag_words.en, found.late) == ("15 minutes", False)
    assert health(CLOSING + timedelta(minutes=16)).late


def test_states_and_failures_are_counted(uncertain: ReminderMessage, site: Site) -> None:
    found = health(CLOSING + timedelta(minutes=1))
    assert {state: number for state, _words, number in found.states if number} == {"UNCERTAIN": 1}
    [failed] = found.failures
    assert (failed.cause, failed.number) == ("SMTPServerDisconnected", 1)
    assert health(CLOSING + timedelta(days=8)).failures == []


def test_tasks_at_the_broker_are_counted_whatever_their_priority(settings: Any) -> None:
    settings.CELERY_TASK_DEFAULT_QUEUE = "queue-of-this-test"
    with redis.Redis.from_url(configured.CELERY_BROKER_URL) as broker:
        lists = ("queue-of-this-test", "queue-of-this-test\x06\x166")
        try:
            for name in lists:
                broker.rpush(name, "a task")
            assert tasks_waiting() == 2
        finally:
            broker.delete(*lists)
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert tasks_waiting() is None


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.DATA_MANAGER, 200),
        (Role.SYSTEM_ADMINISTRATOR, 200),
        (Role.COORDINATOR, 403),
        (Role.INSPECTOR, 403),
        (None, 403),
    ],
)
def test_data_managers_and_system_administrators_see_it(
    client: Client, site: Site, at_start: Any, role: Role | None, status: int
) -> None:
    place = site if role == Role.COORDINATOR else None
    client.force_login(make_person("somebody", role, place))
    assert client.get(reverse(PAGE)).status_code == status


def test_it_shows_nothing_of_a_participant_and_only_data_managers_decide(
    client: Client,
    uncertain: ReminderMessage,
    participant: Participant,
    data_manager: User,
    system_administrator: User,
) -> None:
    client.cookies["django_language"] = "en"
    address = reverse("followup:settle_message", args=[uncertain.pk])
    for person, decides in ((data_manager, True), (system_administrator, False)):
        client.force_login(person)
        page = client.get(reverse(PAGE)).content.decode()
        assert participant.number not in page and "SCR" not in page
        assert "Delivery uncertain" in page and "Coordinator" in page
        assert (address in page) is decides
    client.force_login(data_manager)
    answer = client.post(address, {"settlement": "DELIVERED", "next": reverse(PAGE)})
    assert answer.headers["Location"] == reverse(PAGE)
    uncertain.refresh_from_db()
    assert uncertain.status == MessageState.SENT


def test_the_page_reads_as_much_for_many_messages_as_for_one(
    client: Client, uncertain: ReminderMessage, data_manager: User, coordinator: User, site: Site
) -> None:
    client.force_login(data_manager)

    def queries() -> int:
        with counted() as found:
            assert client.get(reverse(PAGE)).status_code == 200
        return len(found)

    one = queries()
    for number in range(5):
        ReminderMessage.objects.create(
            key=f"more-{number}",
            message_id=f"<more-{number}@trial>",
            site=site,
            recipient=coordinator,
            channel="MAIL",
            gathered_at=CLOSING,
            next_try_at=CLOSING,
            status="FAILED",
        )
    assert queries() == one
