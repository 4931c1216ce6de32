"""The verbs of a message: claim, hand over, conclude, settle, note that it came back.

Each is one committed step, so that whatever process dies between two of them, the rows say how far a
message has come. followup/sending.py calls them in order; docs say why nothing is sent twice unnoticed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from followup.due_reminders import due_now, quiet_hours_of, reachable_by
from followup.models import Reminder, ReminderAttempt, ReminderMessage
from followup.reminder_rules import Channel
from followup.workflow import MESSAGE_MOVES, MESSAGE_WORDS, MessageState, Outcome, ReminderState, Settlement
from records import clock, study
from records.findings import Refused

# Between one try and the next; after the last the message has failed, and a person decides.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
MOST_TRIES = len(WAITS) + 1


class NotMine(Exception):
    """The attempt was concluded by somebody else meanwhile: its sender was taken for dead."""


def _move(message: ReminderMessage, to: MessageState) -> None:
    if to not in MESSAGE_MOVES[MessageState(message.status)]:
        raise Refused(
            _("A reminder that is “%(now)s” cannot become “%(to)s”.")
            % {"now": message.status_words, "to": MESSAGE_WORDS[to]}
        )
    message.status = to


def _locked(pk: int) -> ReminderMessage:
    found = ReminderMessage.objects.select_for_update(of=["self"])
    return found.select_related("recipient__reminder_preference").get(pk=pk)


@action
def claim(*, message_id: int, by: Actor, now: datetime) -> ReminderAttempt | None:
    """Begin an attempt, or say None: sent, in other hands, waiting for its next try, or not needed any more.

    Reminders that are not due any more are dropped from it first. In quiet hours it waits for their end.
    """
    message = _locked(message_id)
    if message.status != MessageState.DUE or message.next_try_at > now:
        return None
    if not _still_needed(message, now):
        _move(message, MessageState.CANCELLED)
        message.save(update_fields=["status"])
        return None
    quiet = quiet_hours_of(message.recipient)
    if not message.urgent and quiet.at(now):
        message.next_try_at = quiet.end_after(now)
        message.save(update_fields=["next_try_at"])
        return None
    _move(message, MessageState.CLAIMED)
    message.save(update_fields=["status"])
    return ReminderAttempt.objects.create(
        message=message,
        number=message.attempts.count() + 1,
        address=reachable_by(Channel(message.channel), message.recipient),
        started_at=now,
    )


def _still_needed(message: ReminderMessage, now: datetime) -> bool:
    """Drop the reminders not due any more, and say whether one is left."""
    carried = list(
        Reminder.objects.select_for_update()
        .filter(message=message, status=ReminderState.IN_MESSAGE)
        .order_by("pk")
    )
    due = due_now(now, {one.participant_id for one in carried}) if carried else {}
    stale = [one.pk for one in carried if one.key not in due]
    if stale:
        Reminder.objects.filter(pk__in=stale).update(status=ReminderState.CANCELLED)
    return len(stale) < len(carried)


@action
def hand_over(*, attempt: ReminderAttempt, by: Actor, now: datetime) -> None:
    """Write down that the message leaves now. NotMine where the attempt was concluded meanwhile: then it must not."""
    if not ReminderAttempt.objects.filter(pk=attempt.pk, outcome__isnull=True).update(handed_over_at=now):
        raise NotMine


@action
def conclude(
    *,
    attempt: ReminderAttempt,
    outcome: Outcome,
    by: Actor,
    now: datetime,
    answer: int | None = None,
    fault: str = "",
) -> None:
    """End an attempt with its outcome and lead the message on; NotMine where somebody else did."""
    message = _locked(attempt.message_id)
    attempt = ReminderAttempt.objects.get(pk=attempt.pk)
    if attempt.outcome is not None:
        raise NotMine
    attempt.outcome, attempt.finished_at = outcome, now
    attempt.answer, attempt.fault = answer, fault
    if outcome in (Outcome.RETRY, Outcome.INTERRUPTED, Outcome.UNCERTAIN):
        message.tries += 1
    if outcome is Outcome.SENT:
        _move(message, MessageState.SENT)
    elif outcome is Outcome.UNCERTAIN:
        _move(message, MessageState.UNCERTAIN)
        again = study.value("uncertain_reminders", clock.day(now)) == "RESEND"
        if again and message.tries < MOST_TRIES:
            _move(message, MessageState.DUE)
            message.next_try_at = now
            attempt.settled, attempt.settled_at = Settlement.SEND_AGAIN, now
    elif outcome is Outcome.REFUSED or message.tries >= MOST_TRIES:
        _move(message, MessageState.FAILED)
    else:
        _move(message, MessageState.DUE)
        # A sender that died was not the server's fault: no reason to wait.
        message.next_try_at = now if outcome is Outcome.INTERRUPTED else now + WAITS[message.tries - 1]
    attempt.save()
    message.save(update_fields=["status", "tries", "next_try_at"])


@action
def abandon(*, message_id: int, by: Actor, now: datetime) -> None:
    """Conclude the attempt of a sender that is gone; only for whoever holds the message's lock.

    What had not been handed over was not sent, and is tried again. What had been may have arrived.
    """
    message = _locked(message_id)
    if message.status != MessageState.CLAIMED:
        return
    attempt = message.attempts.get(outcome__isnull=True)
    outcome = Outcome.UNCERTAIN if attempt.handed_over_at else Outcome.INTERRUPTED
    conclude(attempt=attempt, outcome=outcome, by=by, now=now)


@action
def settle_message(
    *, message: ReminderMessage, settlement: Settlement, by: Actor, now: datetime
) -> ReminderMessage:
    """Decide about a message that failed, came back or may not have arrived: it was delivered, or is sent again.

    Raises Refused where there is nothing (any more) to decide.
    """
    message = _locked(message.pk)
    delivered = settlement is Settlement.DELIVERED
    if not message.undecided or (delivered and message.status != MessageState.UNCERTAIN):
        raise Refused(
            _("This reminder is “%(now)s”: nothing is left to decide.") % {"now": message.status_words}
        )
    attempt = message.attempts.latest("number")
    attempt.settled, attempt.settled_at, attempt.settled_by = settlement, now, by.person
    attempt.save(update_fields=["settled", "settled_at", "settled_by"])
    _move(message, MessageState.SENT if delivered else MessageState.DUE)
    if not delivered:
        message.tries, message.next_try_at = 0, now
    message.save(update_fields=["status", "tries", "next_try_at"])
    return message


@action
def note_bounce(*, message_id: str, code: str, by: Actor, now: datetime) -> bool:
    """Mark a message as come back, by its Message-ID; False where no message that left has it.

    Told twice it is marked once.
    """
    found = ReminderMessage.objects.select_for_update().filter(message_id=message_id).first()
    if found is None or found.status not in (
        MessageState.SENT,
        MessageState.UNCERTAIN,
        MessageState.BOUNCED,
    ):
        return False
    if found.status != MessageState.BOUNCED:
        _move(found, MessageState.BOUNCED)
        found.bounced_at, found.bounce_code = now, code[:12]
        found.save(update_fields=["status", "bounced_at", "bounce_code"])
    return True
