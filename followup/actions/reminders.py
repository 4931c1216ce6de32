"""The verbs of reminders: create what is due, claim, hand over, conclude, drop, settle.

Each is one committed step, so that whatever process dies between two of them, the rows say how far a
mail has come. followup/sending.py calls them in order; docs say why nothing is sent twice unnoticed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from accounts.models import Role, RoleHeld, User
from followup.models import Reminder, ReminderAttempt
from followup.schedule import WindowStatus
from followup.selectors import CLOSED, status_of, waiting_visits
from followup.workflow import REMINDER_MOVES, Outcome, ReminderKind, ReminderState, Settlement
from participants.models import Visit
from participants.workflow import VisitState
from records import clock, study
from records.findings import Refused

KINDS = {
    WindowStatus.OPEN: ReminderKind.OPENS,
    WindowStatus.CLOSING: ReminderKind.CLOSING,
    WindowStatus.OVERDUE: ReminderKind.OVERDUE,
}
# Between one try and the next; after the last the reminder has failed, and a person decides.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
MOST_TRIES = len(WAITS) + 1


class NotMine(Exception):
    """The attempt was concluded by somebody else meanwhile: its sender was taken for dead."""


# ---- what is due -----------------------------------------------------------------------------------


def kind_due(visit: Visit, today: date, closing_days: int) -> ReminderKind | None:
    """What there is to remind of today; None for a visit that waits for nobody.

    A visit that has begun needs no word that its window opens. Reads the visit's participant.
    """
    if visit.participant.status in CLOSED:
        return None
    status = status_of(visit, today, closing_days)
    kind = KINDS.get(status) if status else None
    return None if kind is ReminderKind.OPENS and visit.status == VisitState.STARTED else kind


def key_of(kind: ReminderKind, visit: Visit, recipient_id: int) -> str:
    """Name a reminder: another kind, visit, recipient or window is another reminder."""
    return f"{kind}:{visit.pk}:{recipient_id}:{visit.window_open or ''}:{visit.window_close or ''}"


def message_id_of(key: str) -> str:
    """Derive the Message-ID, the same for every sending of this reminder and unlike those of another trial."""
    host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
    return f"<{salted_hmac('followup.reminder', key, algorithm='sha256').hexdigest()[:40]}@{host}>"


def _coordinators(site_ids: Iterable[int], today: date) -> dict[int, list[User]]:
    """Who is written to at each site: coordinators of that day with an active account and an address; one query."""
    found: dict[int, list[User]] = defaultdict(list)
    held = RoleHeld.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        role=Role.COORDINATOR,
        site__in=set(site_ids),
        starts_on__lte=today,
        user__is_active=True,
    ).exclude(user__email="")
    for row in held.select_related("user"):
        assert row.site_id is not None
        found[row.site_id].append(row.user)
    return found


@action
def create_due_reminders(*, by: Actor, now: datetime) -> None:
    """Write down every reminder due now that is not there yet, and drop those not needed any more.

    Run twice, or by two at once, it creates none a second time: the key is unique. The number of queries
    does not depend on how many visits wait.
    """
    today = clock.day(now)
    closing_days = study.value("reminder_closing_days", today)
    visits = list(waiting_visits(Visit.objects.all(), today))
    people = _coordinators((visit.participant.site_id for visit in visits), today)
    wanted: dict[str, Reminder] = {}
    for visit in visits:
        kind = kind_due(visit, today, closing_days)
        for person in people[visit.participant.site_id] if kind else ():
            assert kind is not None
            key = key_of(kind, visit, person.pk)
            wanted[key] = Reminder(
                key=key,
                message_id=message_id_of(key),
                participant_id=visit.participant_id,
                visit=visit,
                recipient=person,
                kind=kind,
                window_open=visit.window_open,
                window_close=visit.window_close,
                due_on=today,
                next_try_at=now,
            )
    known = dict(Reminder.objects.filter(key__in=wanted).values_list("key", "status"))
    new = [reminder for key, reminder in wanted.items() if key not in known]
    if new:
        Reminder.objects.bulk_create(new, ignore_conflicts=True)
    if ReminderState.CANCELLED in known.values():
        Reminder.objects.filter(key__in=wanted, status=ReminderState.CANCELLED).update(
            status=ReminderState.DUE, due_on=today, next_try_at=now, tries=0
        )
    waiting = Reminder.objects.filter(status=ReminderState.DUE).values_list("pk", "key")
    stale = [pk for pk, key in waiting if key not in wanted]
    if stale:
        _cancel(stale)


def _cancel(pks: Iterable[int]) -> None:
    Reminder.objects.filter(pk__in=list(pks), status=ReminderState.DUE).update(status=ReminderState.CANCELLED)


@action
def drop_reminders(*, visits: Sequence[Visit], by: Actor, now: datetime) -> None:
    """Cancel what was not sent yet about visits that are done, dropped, or have another window now."""
    today = clock.day(now)
    unsent = list(
        Reminder.objects.filter(visit__in=visits, status=ReminderState.DUE).select_related(
            "visit__participant"
        )
    )
    if unsent:
        closing_days = study.value("reminder_closing_days", today)
        _cancel(reminder.pk for reminder in unsent if not _still_due(reminder, today, closing_days))


def _still_due(reminder: Reminder, today: date, closing_days: int) -> bool:
    kind = kind_due(reminder.visit, today, closing_days)
    return kind is not None and key_of(kind, reminder.visit, reminder.recipient_id) == reminder.key


# ---- sending, step by step -------------------------------------------------------------------------


def _move(reminder: Reminder, to: ReminderState) -> None:
    if to not in REMINDER_MOVES[ReminderState(reminder.status)]:
        raise Refused(
            _("A reminder that is “%(now)s” cannot become “%(to)s”.")
            % {"now": reminder.status_words, "to": Reminder(status=to).status_words}
        )
    reminder.status = to


def _locked(pk: int) -> Reminder:
    return Reminder.objects.select_for_update(of=["self"]).select_related("visit__participant").get(pk=pk)


@action
def claim(*, reminder_id: int, by: Actor, now: datetime) -> ReminderAttempt | None:
    """Begin an attempt, or say None: sent, in other hands, waiting for its next try, or not needed any more."""
    reminder = _locked(reminder_id)
    if reminder.status != ReminderState.DUE or reminder.next_try_at > now:
        return None
    today = clock.day(now)
    closing_days = study.value("reminder_closing_days", today)
    recipients = _coordinators([reminder.participant.site_id], today)[reminder.participant.site_id]
    if reminder.recipient_id not in {person.pk for person in recipients} or not _still_due(
        reminder, today, closing_days
    ):
        _move(reminder, ReminderState.CANCELLED)
        reminder.save(update_fields=["status"])
        return None
    _move(reminder, ReminderState.CLAIMED)
    reminder.save(update_fields=["status"])
    return ReminderAttempt.objects.create(
        participant_id=reminder.participant_id,
        reminder=reminder,
        number=reminder.attempts.count() + 1,
        started_at=now,
    )


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
    """End an attempt with its outcome and lead the reminder on; NotMine where somebody else did."""
    reminder = _locked(attempt.reminder_id)
    attempt = ReminderAttempt.objects.get(pk=attempt.pk)
    if attempt.outcome is not None:
        raise NotMine
    attempt.outcome, attempt.finished_at = outcome, now
    attempt.answer, attempt.fault = answer, fault
    if outcome in (Outcome.RETRY, Outcome.INTERRUPTED, Outcome.UNCERTAIN):
        reminder.tries += 1
    if outcome is Outcome.SENT:
        _move(reminder, ReminderState.SENT)
    elif outcome is Outcome.UNCERTAIN:
        _move(reminder, ReminderState.UNCERTAIN)
        again = study.value("uncertain_reminders", clock.day(now)) == "RESEND"
        if again and reminder.tries < MOST_TRIES:
            _move(reminder, ReminderState.DUE)
            reminder.next_try_at = now
            attempt.settled, attempt.settled_at = Settlement.SEND_AGAIN, now
    elif outcome is Outcome.REFUSED or reminder.tries >= MOST_TRIES:
        _move(reminder, ReminderState.FAILED)
    else:
        _move(reminder, ReminderState.DUE)
        # A sender that died was not the mail server's fault: no reason to wait.
        reminder.next_try_at = now if outcome is Outcome.INTERRUPTED else now + WAITS[reminder.tries - 1]
    attempt.save()
    reminder.save(update_fields=["status", "tries", "next_try_at"])


@action
def abandon(*, reminder_id: int, by: Actor, now: datetime) -> None:
    """Conclude the attempt of a sender that is gone; only for whoever holds the reminder's lock.

    What had not been handed over was not sent, and is tried again. What had been may have arrived.
    """
    reminder = _locked(reminder_id)
    if reminder.status != ReminderState.CLAIMED:
        return
    attempt = reminder.attempts.get(outcome__isnull=True)
    outcome = Outcome.UNCERTAIN if attempt.handed_over_at else Outcome.INTERRUPTED
    conclude(attempt=attempt, outcome=outcome, by=by, now=now)


@action
def settle_reminder(*, reminder: Reminder, settlement: Settlement, by: Actor, now: datetime) -> Reminder:
    """Decide about a reminder that failed or may not have arrived: it was delivered, or it is sent again.

    Raises Refused where there is nothing (any more) to decide.
    """
    reminder = _locked(reminder.pk)
    delivered = settlement is Settlement.DELIVERED
    if not reminder.undecided or (delivered and reminder.status == ReminderState.FAILED):
        raise Refused(
            _("This reminder is “%(now)s”: nothing is left to decide.") % {"now": reminder.status_words}
        )
    attempt = reminder.attempts.latest("number")
    attempt.settled, attempt.settled_at, attempt.settled_by = settlement, now, by.person
    attempt.save(update_fields=["settled", "settled_at", "settled_by"])
    _move(reminder, ReminderState.SENT if delivered else ReminderState.DUE)
    if not delivered:
        reminder.tries, reminder.next_try_at = 0, now
    reminder.save(update_fields=["status", "tries", "next_try_at"])
    return reminder
