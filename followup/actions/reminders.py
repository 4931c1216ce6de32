"""The verbs of reminders: create what is due, gather it into messages, drop what is not needed any more.

Each is one committed step. What follows, the sending of a message, is followup/actions/messages.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import salted_hmac

from accounts.access import Actor
from accounts.attribution import action
from followup.due_reminders import Due, due_now, quiet_hours_of
from followup.models import Reminder, ReminderAttempt, ReminderMessage
from followup.reminder_rules import About
from followup.workflow import MessageState, ReminderState
from participants.models import Visit

# The first number of the advisory locks of reminders; "REMI" in ASCII. The second is a message's, or 0 to gather.
LOCK_SPACE = 0x52454D49
GATHERING = 0
# What is not on its way yet: it waits for a message, or its message waits to be sent.
NOT_UNDER_WAY = Q(status=ReminderState.WAITING) | Q(
    status=ReminderState.IN_MESSAGE, message__status=MessageState.DUE
)


@action
def create_due_reminders(*, by: Actor, now: datetime) -> None:
    """Write down every reminder due now that is not there yet, and drop those not needed any more.

    Run twice, or by two at once, it creates none a second time: the key is unique. The number of queries
    does not depend on how much is due.
    """
    due = due_now(now)
    _cancel_all_but(due, Reminder.objects.filter(NOT_UNDER_WAY).values_list("pk", "key"))
    known = dict(Reminder.objects.filter(key__in=due).values_list("key", "status"))
    new = [_reminder(one, now) for key, one in sorted(due.items()) if key not in known]
    if new:
        Reminder.objects.bulk_create(new, ignore_conflicts=True)
    if ReminderState.CANCELLED in known.values():
        Reminder.objects.filter(key__in=due, status=ReminderState.CANCELLED).update(
            status=ReminderState.WAITING, message=None, due_since=now
        )


def _reminder(due: Due, now: datetime) -> Reminder:
    return Reminder(
        key=due.key,
        participant_id=due.occasion.participant_id,
        recipient=due.person,
        rule=due.rule.name,
        about=due.rule.about,
        after=due.rule.after,
        channel=due.rule.channel,
        due_since=now,
        **due.occasion.about,
    )


def _cancel_all_but(due: Collection[str], unsent: Iterable[tuple[int, str]]) -> None:
    stale = [pk for pk, key in unsent if key not in due]
    if stale:
        _cancel(stale)


def _cancel(pks: Sequence[int]) -> None:
    """Cancel reminders not under way, and messages that are empty then; what is just being sent stays.

    Messages are locked before reminders and each in their order, as whoever claims one does.
    """
    in_messages = Reminder.objects.filter(pk__in=pks, status=ReminderState.IN_MESSAGE)
    # A sender that claims one of them meanwhile is waited for, and its message left alone.
    still = list(
        ReminderMessage.objects.select_for_update()
        .filter(pk__in=list(in_messages.values_list("message_id", flat=True)), status=MessageState.DUE)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    unsent = list(
        Reminder.objects.select_for_update()
        .filter(
            Q(status=ReminderState.WAITING) | Q(status=ReminderState.IN_MESSAGE, message__in=still),
            pk__in=pks,
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    Reminder.objects.filter(pk__in=unsent).update(status=ReminderState.CANCELLED)
    carried = Reminder.objects.filter(message=OuterRef("pk"), status=ReminderState.IN_MESSAGE)
    ReminderMessage.objects.filter(~Exists(carried), pk__in=still).update(status=MessageState.CANCELLED)


@action
def drop_reminders(*, visits: Sequence[Visit], by: Actor, now: datetime) -> None:
    """Cancel what was not sent yet about visits that are done, dropped, or have another window now."""
    unsent = list(
        Reminder.objects.filter(NOT_UNDER_WAY, visit__in=visits).values_list("pk", "key", "participant_id")
    )
    if unsent:
        due = due_now(now, {participant for _pk, _key, participant in unsent})
        _cancel_all_but(due, [(pk, key) for pk, key, _participant in unsent])


# ---- into messages ---------------------------------------------------------------------------------


def message_id_of(key: str) -> str:
    """Derive the Message-ID, the same for every sending of this message and unlike those of another trial."""
    host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
    return f"<{salted_hmac('followup.reminder', key, algorithm='sha256').hexdigest()[:40]}@{host}>"


@action
def gather_messages(*, by: Actor, now: datetime) -> None:
    """Put what waits into messages: what is urgent each into its own, the rest into the one message of the day.

    That one is written outside the recipient's quiet hours, for each site and channel; what comes due after it left
    waits for the next day. One process gathers at a time, another leaves it to that one. A reminder in other hands is
    waited for, as the message of the day would leave without it; a message in other hands is left to the next time.
    The number of queries depends on the number of messages alone.
    """
    if not _gathering_alone():
        return
    groups: dict[str, list[Reminder]] = defaultdict(list)
    waiting = Reminder.objects.select_for_update(of=["self"]).filter(status=ReminderState.WAITING)
    for one in waiting.select_related("participant", "recipient__reminder_preference").order_by("pk"):
        if About(one.about).urgent:
            groups[f"NOW:{one.key}"].append(one)
        elif not (quiet := quiet_hours_of(one.recipient)).at(now):
            place = f"{one.participant.site_id}:{one.recipient_id}:{one.channel}"
            groups[f"DAY:{place}:{quiet.day(now)}"].append(one)
    if not groups:
        return
    left = ReminderAttempt.objects.filter(message=OuterRef("pk"), handed_over_at__isnull=False)
    written = ReminderMessage.objects.filter(key__in=groups)
    taken = set(written.values_list("key", flat=True))
    free = {
        message.key: message
        for message in written.select_for_update(of=["self"], skip_locked=True).annotate(
            left_once=Exists(left)
        )
    }
    for key, reminders in groups.items():
        if key in taken and (key not in free or not _takes_more(free[key])):
            continue
        message = free.get(key) or _new_message(key, reminders[0], now)
        if message.status == MessageState.CANCELLED:
            message.status, message.tries, message.next_try_at = MessageState.DUE, 0, now
            message.save(update_fields=["status", "tries", "next_try_at"])
        Reminder.objects.filter(pk__in=[one.pk for one in reminders]).update(
            status=ReminderState.IN_MESSAGE, message=message
        )


def _takes_more(message: ReminderMessage) -> bool:
    """Whether a message already written can take reminders along: nothing of it ever left, or it says only this."""
    if message.status == MessageState.CANCELLED and message.urgent:
        return True
    left_once: bool = message.left_once  # type: ignore[attr-defined]
    return message.status in (MessageState.DUE, MessageState.CANCELLED) and not left_once


def _new_message(key: str, first: Reminder, now: datetime) -> ReminderMessage:
    return ReminderMessage.objects.create(
        key=key,
        message_id=message_id_of(key),
        site_id=first.participant.site_id,
        recipient_id=first.recipient_id,
        channel=first.channel,
        urgent=About(first.about).urgent,
        gathered_at=now,
        next_try_at=now,
    )


def _gathering_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, GATHERING])
        return bool(cursor.fetchone()[0])
