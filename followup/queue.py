"""How the queue of messages does: signs of life, lag, counts, failures. It reads nothing of any participant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db.models import Count, Max, Min
from kombu.transport import redis as redis_transport

from accounts.access import Access, Permission
from followup.models import Heartbeat, Reminder, ReminderAttempt, ReminderMessage
from followup.reminder_rules import CHANNEL_WORDS, Channel, rough_span
from followup.workflow import (
    MESSAGE_WORDS,
    OUTCOME_WORDS,
    UNDECIDED,
    MessageState,
    Outcome,
    ReminderState,
)
from records.text import Text

# A search begins every minute; after so long without one, nobody is reminded of anything.
SILENT_AFTER = timedelta(minutes=5)
LATE_AFTER = timedelta(minutes=15)
LOOKED_BACK = timedelta(days=7)
SHOWN = 100
SECONDS_FOR_THE_BROKER = 2


@dataclass(frozen=True, slots=True)
class Failures:
    """Attempts of the last days that did not end well, of one kind."""

    channel: Text
    outcome: Text
    cause: str  # the answer's code, or the kind of error
    number: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """The queue at a moment. `tasks`: how many wait at the broker, None where it does not answer."""

    began: datetime | None
    ended: datetime | None
    silent: bool
    tasks: int | None
    lag: timedelta
    late: bool
    waiting: int
    states: Sequence[tuple[str, Text, int]]
    failures: Sequence[Failures]

    @property
    def lag_words(self) -> Text:
        return rough_span(self.lag)


def health(now: datetime) -> Health:
    """Read the queue; six queries and a question to the broker, whatever there is."""
    beat = Heartbeat.objects.filter(task="find_reminders").first() or Heartbeat()
    due = ReminderMessage.objects.filter(status=MessageState.DUE, next_try_at__lte=now)
    oldest = due.aggregate(oldest=Min("next_try_at"))["oldest"]
    lag = max(now - oldest, timedelta(0)) if oldest else timedelta(0)
    counts = dict(ReminderMessage.objects.order_by().values_list("status").annotate(number=Count("pk")))
    return Health(
        began=beat.began,
        ended=beat.ended,
        silent=beat.began is None or now - beat.began > SILENT_AFTER,
        tasks=tasks_waiting(),
        lag=lag,
        late=lag > LATE_AFTER,
        waiting=Reminder.objects.filter(status=ReminderState.WAITING).count(),
        states=[(str(state), MESSAGE_WORDS[state], counts.get(state, 0)) for state in MessageState],
        failures=_failures(now),
    )


def _failures(now: datetime) -> list[Failures]:
    found = (
        ReminderAttempt.objects.filter(finished_at__gte=now - LOOKED_BACK)
        .exclude(outcome=Outcome.SENT)
        .order_by()
        .values("message__channel", "outcome", "answer", "fault")
        .annotate(number=Count("pk"), last=Max("finished_at"))
    )
    return [
        Failures(
            CHANNEL_WORDS[Channel(one["message__channel"])],
            OUTCOME_WORDS[Outcome(str(one["outcome"]))],
            str(one["answer"] or one["fault"]),
            one["number"],
            one["last"],
        )
        for one in found.order_by("-number", "outcome")
    ]


def tasks_waiting() -> int | None:
    """How many tasks wait at the broker; None where it does not answer."""
    try:
        with redis.Redis.from_url(
            settings.CELERY_BROKER_URL,
            socket_timeout=SECONDS_FOR_THE_BROKER,
            socket_connect_timeout=SECONDS_FOR_THE_BROKER,
        ) as broker:
            lengths: list[Any] = [broker.llen(name) for name in _lists()]
            return sum(lengths)
    except redis.RedisError:
        return None


def _lists() -> list[str]:
    """The lists of the broker a queue is kept in: one for each priority, that of 0 under the queue's own name."""
    name, transport = settings.CELERY_TASK_DEFAULT_QUEUE, redis_transport.Channel
    return [f"{name}{transport.sep}{step}" if step else name for step in redis_transport.PRIORITY_STEPS]


def messages_to_settle(access: Access) -> list[ReminderMessage]:
    """The messages that wait for a person at the sites this one watches, the newest first; two queries."""
    here = access.at_sites(Permission.SEE_QUEUE)
    found = ReminderMessage.objects.filter(here, status__in=UNDECIDED).select_related("recipient", "site")
    return list(found.annotate(number=Count("reminders")).prefetch_related("attempts")[:SHOWN])
