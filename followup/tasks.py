"""What worker and beat do: look for reminders that are due, and send the messages that carry them."""

from __future__ import annotations

from celery import shared_task

from accounts.access import SYSTEM
from followup import sending
from followup.actions import beat, create_due_reminders, gather_messages, replan_all_where_needed
from followup.selectors import messages_to_send
from records import clock

# The next search asks again for whatever was not sent, so what waited this long in the queue may be forgotten.
SECONDS_IN_THE_QUEUE = 600
SEARCH = "find_reminders"


def search() -> None:
    """Bring calendars in step, create and gather what is due, take back dead senders' claims, ask for all to be sent."""
    beat(task=SEARCH, by=SYSTEM, now=clock.now())
    replan_all_where_needed(by=SYSTEM, now=clock.now())
    create_due_reminders(by=SYSTEM, now=clock.now())
    gather_messages(by=SYSTEM, now=clock.now())
    sending.reclaim()
    for message_id in messages_to_send(clock.now()):
        send_reminder.delay(message_id)
    beat(task=SEARCH, by=SYSTEM, now=clock.now(), ended=True)


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def find_reminders() -> None:
    """Search, every minute."""
    search()


@shared_task(expires=SECONDS_IN_THE_QUEUE)
def send_reminder(message_id: int) -> None:
    """Send one message, if it is still due."""
    sending.send(message_id)
