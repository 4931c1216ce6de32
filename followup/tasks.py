"""What worker and beat do: look for reminders that are due, and send them."""

from __future__ import annotations

from celery import shared_task

from accounts.access import SYSTEM
from followup import sending
from followup.actions import create_due_reminders, replan_all_where_needed
from followup.selectors import reminders_to_send
from records import clock

# The next search asks again for whatever was not sent, so what waited this long in the queue may be forgotten.
SECONDS_IN_THE_QUEUE = 600


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def find_reminders() -> None:
    """Bring calendars in step, create what is due, take back dead senders' claims, ask for all to be sent."""
    replan_all_where_needed(by=SYSTEM, now=clock.now())
    create_due_reminders(by=SYSTEM, now=clock.now())
    sending.reclaim()
    for reminder_id in reminders_to_send(clock.now()):
        send_reminder.delay(reminder_id)


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def send_reminder(reminder_id: int) -> None:
    """Send one reminder, if it is still due."""
    sending.send(reminder_id)
