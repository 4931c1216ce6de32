"""Asking for reminders and sending them, as worker and beat do, at a moment of the trial's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.access import SYSTEM
from followup import sending
from followup.actions import create_due_reminders, gather_messages
from followup.models import Reminder, ReminderMessage
from records import clock
from tests.cast import START

CLOSING = START + timedelta(days=26)  # screening closes on day 28
OVERDUE = START + timedelta(days=30)


def find(now: datetime) -> list[Reminder]:
    """Search as the worker does, without sending anything; gives every reminder, the oldest first."""
    clock.move_to(now)
    create_due_reminders(by=SYSTEM, now=now)
    gather_messages(by=SYSTEM, now=now)
    return list(Reminder.objects.order_by("pk"))


def messages() -> list[ReminderMessage]:
    return list(ReminderMessage.objects.order_by("pk"))


def sent(message: ReminderMessage) -> ReminderMessage:
    sending.send(message.pk)
    message.refresh_from_db()
    return message
