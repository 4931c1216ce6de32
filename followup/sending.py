"""Send a message, at most once as far as anybody can know.

1. Take the message's lock: a session-level advisory lock of PostgreSQL, which ends with the session and so
   with the process. Whoever does not get it leaves: somebody else is at work.
2. Claim, and commit: an attempt stands in the database before the server is called.
3. Speak with the server up to its go-ahead for the message; commit that the message leaves now.
4. Send it, read the answer, commit the outcome.

A process that dies in between leaves a claim whose lock is free; `reclaim` finds it and knows from step 3
whether anything can have been sent. The lock needs a session of its own: a connection pooler between the
worker and PostgreSQL must pool sessions, not transactions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.access import SYSTEM
from followup.actions import abandon, claim, conclude, hand_over
from followup.actions.messages import NotMine
from followup.actions.reminders import LOCK_SPACE
from followup.channels import NotDelivered, Unanswered, channels
from followup.letters import letter
from followup.models import ReminderMessage
from followup.reminder_rules import Channel
from followup.selectors import carried_by
from followup.workflow import MessageState, Outcome
from records import clock

logger = logging.getLogger(__name__)


@contextmanager
def locked(message_id: int) -> Iterator[bool]:
    """Hold a message's lock; gives False at once where another session holds it."""
    number = message_id % (2**31 - 1) + 1  # 0 is for gathering
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, number])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, number])


def reclaim() -> None:
    """Conclude the claims of senders that are gone; one query where there is none."""
    claimed = ReminderMessage.objects.filter(status=MessageState.CLAIMED).values_list("pk", flat=True)
    for message_id in list(claimed):
        with locked(message_id) as mine:
            if mine:
                abandon(message_id=message_id, by=SYSTEM, now=clock.now())


def send(message_id: int) -> None:
    """Send one message if it is due and nobody else is at it."""
    with locked(message_id) as mine:
        if not mine:
            return
        attempt = claim(message_id=message_id, by=SYSTEM, now=clock.now())
        if attempt is None:
            return
        message = ReminderMessage.objects.select_related("recipient__reminder_preference").get(pk=message_id)
        answer, fault = None, ""
        try:
            answer = channels()[Channel(message.channel)].deliver(
                letter(message, carried_by(message), clock.now()),
                attempt.address,
                before_it_leaves=lambda: hand_over(attempt=attempt, by=SYSTEM, now=clock.now()),
            )
            outcome = Outcome.SENT
        except NotDelivered as refused:
            outcome = Outcome.REFUSED if refused.lasting else Outcome.RETRY
            answer, fault = refused.answer, refused.fault
        except Unanswered as silent:
            outcome, answer, fault = Outcome.UNCERTAIN, silent.answer, silent.fault
        except NotMine:
            logger.warning(
                "Message %s was taken over while it was being sent; it was not sent here.", message_id
            )
            return
        conclude(
            attempt=attempt, outcome=outcome, answer=answer, fault=fault[:40], by=SYSTEM, now=clock.now()
        )
