"""Reminders when the worker is killed, on real parts: PostgreSQL, broker, Celery worker and beat, SMTP server."""

from __future__ import annotations

import pytest

from accounts.access import SYSTEM, Permission
from accounts.models import Role
from followup.actions import abandon, create_due_reminders, gather_messages, settle_message
from followup.models import ReminderAttempt, ReminderMessage
from followup.workflow import MessageState, Outcome, Settlement
from records import clock, study
from tests.cast import actor, make_person
from tests.followup.conftest import (
    Mailbox,
    Trial,
    Workers,
    end_sessions_holding_advisory_locks,
    row_locked,
    wait_until,
)

pytestmark = pytest.mark.slow


def status(message: ReminderMessage) -> str:
    message.refresh_from_db()
    return message.status


def outcomes(message: ReminderMessage) -> list[tuple[str | None, bool]]:
    """Of each attempt: how it ended, and whether the message left."""
    return [(attempt.outcome, attempt.handed_over_at is not None) for attempt in message.attempts.all()]


@pytest.fixture
def message(trial: Trial) -> ReminderMessage:
    create_due_reminders(by=SYSTEM, now=trial.now)
    gather_messages(by=SYSTEM, now=trial.now)
    return ReminderMessage.objects.get()


def test_a_worker_killed_before_the_claim_sends_one_message_after_its_restart(
    trial: Trial, message: ReminderMessage, workers: Workers, mailbox: Mailbox
) -> None:
    with row_locked(trial.database, message.pk) as somebody_waits:
        worker = workers.start()
        wait_until(somebody_waits, "the worker is about to claim")
        workers.kill(worker)
    assert (status(message), outcomes(message), mailbox.kept) == (MessageState.DUE, [], [])

    workers.start()
    wait_until(lambda: status(message) == MessageState.SENT, "the reminder is sent")
    assert outcomes(message) == [(Outcome.SENT, True)]
    assert [one["Message-ID"] for one in mailbox.messages] == [message.message_id]


def test_a_worker_killed_after_the_claim_and_before_data_sends_one_message_after_its_restart(
    message: ReminderMessage, workers: Workers, mailbox: Mailbox
) -> None:
    gate = mailbox.gate("RCPT")
    worker = workers.start()
    wait_until(gate.reached.is_set, "the worker has named the recipient")
    assert (status(message), outcomes(message)) == (MessageState.CLAIMED, [(None, False)])
    workers.kill(worker)
    gate.opened.set()

    workers.start()
    wait_until(lambda: status(message) == MessageState.SENT, "the reminder is sent")
    assert outcomes(message) == [(Outcome.INTERRUPTED, False), (Outcome.SENT, True)]
    assert [one["Message-ID"] for one in mailbox.messages] == [message.message_id]


def kill_after_the_servers_250(
    trial: Trial, message: ReminderMessage, workers: Workers, mailbox: Mailbox
) -> None:
    """Kill a worker that has read the final 250 and waits to commit it; the server holds the message."""
    gate = mailbox.gate("DATA")
    worker = workers.start()
    wait_until(gate.reached.is_set, "the server has the whole message")
    with row_locked(trial.database, message.pk) as somebody_waits:
        gate.opened.set()
        wait_until(somebody_waits, "the worker is about to commit the outcome")
        workers.kill(worker)
    assert (status(message), outcomes(message)) == (MessageState.CLAIMED, [(None, True)])
    assert len(mailbox.kept) == 1


def test_a_worker_killed_after_250_and_before_the_commit_leaves_the_delivery_uncertain(
    trial: Trial, message: ReminderMessage, workers: Workers, mailbox: Mailbox
) -> None:
    kill_after_the_servers_250(trial, message, workers, mailbox)
    workers.start()
    wait_until(lambda: status(message) == MessageState.UNCERTAIN, "the lost claim is found")
    assert outcomes(message) == [(Outcome.UNCERTAIN, True)]
    assert str(message.status_words) == "Delivery uncertain"
    assert len(mailbox.kept) == 1


def test_by_study_setting_an_uncertain_reminder_is_sent_again_under_the_same_message_id(
    trial: Trial, message: ReminderMessage, workers: Workers, mailbox: Mailbox
) -> None:
    data_manager = actor(
        make_person("datamanager", Role.DATA_MANAGER),
        Permission.CHANGE_STUDY_SETTINGS,
        trial.participant.site,
    )
    study.set_value(
        key="uncertain_reminders",
        value="RESEND",
        effective_from=clock.day(trial.now),
        reason="Rather twice than never.",
        by=data_manager,
        now=trial.now,
    )
    kill_after_the_servers_250(trial, message, workers, mailbox)
    workers.start()
    wait_until(lambda: status(message) == MessageState.SENT, "the reminder is sent again")
    assert outcomes(message) == [(Outcome.UNCERTAIN, True), (Outcome.SENT, True)]
    assert [one["Message-ID"] for one in mailbox.messages] == [message.message_id] * 2
    first = message.attempts.earliest("number")
    assert (first.settled, first.settled_by) == (Settlement.SEND_AGAIN, None)


def test_a_person_has_an_uncertain_reminder_sent_again(
    trial: Trial, message: ReminderMessage, workers: Workers, mailbox: Mailbox
) -> None:
    kill_after_the_servers_250(trial, message, workers, mailbox)
    workers.start()
    wait_until(lambda: status(message) == MessageState.UNCERTAIN, "the lost claim is found")
    by = actor(trial.coordinator, Permission.SETTLE_REMINDERS, trial.participant.site)
    settle_message(message=message, settlement=Settlement.SEND_AGAIN, by=by, now=trial.now)
    wait_until(lambda: status(message) == MessageState.SENT, "the reminder is sent again")
    assert [one["Message-ID"] for one in mailbox.messages] == [message.message_id] * 2
    assert outcomes(message) == [(Outcome.UNCERTAIN, True), (Outcome.SENT, True)]


def test_two_workers_with_two_beats_send_each_reminder_once(
    trial: Trial, workers: Workers, mailbox: Mailbox
) -> None:
    for number in range(9):
        make_person(f"coordinator{number}", Role.COORDINATOR, trial.participant.site)
    workers.start()
    workers.start()
    wait_until(lambda: ReminderMessage.objects.filter(status=MessageState.SENT).count() == 10, "all are sent")
    wait_until(lambda: workers.searches() >= 8, "both have searched again")
    assert sorted(one["Message-ID"] for one in mailbox.messages) == sorted(
        ReminderMessage.objects.values_list("message_id", flat=True)
    )
    assert ReminderAttempt.objects.count() == 10


def test_a_sender_that_was_taken_for_dead_does_not_send(
    trial: Trial, message: ReminderMessage, workers: Workers, mailbox: Mailbox
) -> None:
    """Its database session ended, so its lock was free, but the process still speaks with the mail server."""
    gate = mailbox.gate("RCPT")
    workers.start()
    wait_until(gate.reached.is_set, "the worker has named the recipient")
    end_sessions_holding_advisory_locks(trial.database)
    abandon(message_id=message.pk, by=SYSTEM, now=trial.now)
    assert outcomes(message) == [(Outcome.INTERRUPTED, False)]
    gate.opened.set()
    wait_until(lambda: status(message) == MessageState.SENT, "a later attempt sends it")
    assert outcomes(message) == [(Outcome.INTERRUPTED, False), (Outcome.SENT, True)]
    assert len(mailbox.kept) == 1
