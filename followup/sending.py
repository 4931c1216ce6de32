"""Send a reminder, at most once as far as anybody can know.

1. Take the reminder's lock: a session-level advisory lock of PostgreSQL, which ends with the session and so
   with the process. Whoever does not get it leaves: somebody else is at work.
2. Claim, and commit: an attempt stands in the database before the mail server is called.
3. Speak with the mail server up to its go-ahead for the message; commit that the message leaves now.
4. Send it, read the answer, commit the outcome.

A process that dies in between leaves a claim whose lock is free; `reclaim` finds it and knows from step 3
whether anything can have been sent. The lock needs a session of its own: a connection pooler between the
worker and PostgreSQL must pool sessions, not transactions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.charset import BASE64, Charset
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.access import SYSTEM
from followup.actions import abandon, claim, conclude, hand_over
from followup.actions.reminders import NotMine
from followup.delivery import MailServer, NotDelivered, Unanswered, deliver
from followup.models import Reminder
from followup.workflow import Outcome, ReminderKind, ReminderState
from records import clock

logger = logging.getLogger(__name__)

# The first of the two numbers of every reminder's advisory lock; "REMI" in ASCII.
LOCK_SPACE = 0x52454D49

UTF8 = Charset("utf-8")
UTF8.body_encoding = BASE64


@contextmanager
def locked(reminder_id: int) -> Iterator[bool]:
    """Hold a reminder's lock; gives False at once where another session holds it."""
    number = reminder_id % 2**31
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
    claimed = Reminder.objects.filter(status=ReminderState.CLAIMED).values_list("pk", flat=True)
    for reminder_id in list(claimed):
        with locked(reminder_id) as mine:
            if mine:
                abandon(reminder_id=reminder_id, by=SYSTEM, now=clock.now())


def send(reminder_id: int) -> None:
    """Send one reminder if it is due and nobody else is at it."""
    with locked(reminder_id) as mine:
        if not mine:
            return
        attempt = claim(reminder_id=reminder_id, by=SYSTEM, now=clock.now())
        if attempt is None:
            return
        reminder = Reminder.objects.select_related("recipient").get(pk=reminder_id)
        answer, fault = None, ""
        try:
            answer = deliver(
                letter(reminder, clock.now()),
                mail_server(),
                before_it_leaves=lambda: hand_over(attempt=attempt, by=SYSTEM, now=clock.now()),
            )
            outcome = Outcome.SENT
        except NotDelivered as refused:
            outcome = Outcome.REFUSED if refused.lasting else Outcome.RETRY
            answer, fault = refused.answer, refused.fault
        except Unanswered as silent:
            outcome, fault = Outcome.UNCERTAIN, silent.fault
        except NotMine:
            logger.warning(
                "Reminder %s was taken over while it was being sent; it was not sent here.", reminder_id
            )
            return
        conclude(
            attempt=attempt, outcome=outcome, answer=answer, fault=fault[:40], by=SYSTEM, now=clock.now()
        )


def mail_server() -> MailServer:
    """The mail server of the settings (EMAIL_URL)."""
    return MailServer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        starttls=settings.EMAIL_USE_TLS,
        tls=settings.EMAIL_USE_SSL,
        seconds=settings.EMAIL_TIMEOUT,
    )


def letter(reminder: Reminder, now: datetime) -> EmailMessage:
    """Write the mail in its recipient's language: that a visit waits and where to look, nothing of whom."""
    address = settings.SITE_ADDRESS + reverse("casebook:participant", args=[reminder.participant_id])
    with override(reminder.recipient.language):
        what = {
            ReminderKind.OPENS: _("The time window of a visit is open."),
            ReminderKind.CLOSING: _("The time window of a visit closes soon."),
            ReminderKind.OVERDUE: _("The time window of a visit has passed."),
        }[ReminderKind(reminder.kind)]
        lines = [
            _("A visit in the trial needs your attention."),
            what,
            "",
            _("Sign in and open the casebook:"),
            address,
            "",
            _(
                "You receive this message as a coordinator of a trial site. It was sent by the trial's data system."
            ),
        ]
        message = EmailMessage(
            subject=_("Clinical trial: a visit needs your attention"),
            body="\n".join(lines) + "\n",
            to=[reminder.recipient.email],
            headers={
                "Message-ID": reminder.message_id,
                "Date": format_datetime(now),
                "Auto-Submitted": "auto-generated",
            },
        )
    message.encoding = UTF8
    return message
