"""What is judged of a participant stands still meanwhile: who decides waits for those who save, and they for them.

Everybody who saves a form takes three locks together with others, of the trial, the site and the participant
(monitoring/migrations/0002_still.py). Who relies on all of a participant takes the last one alone. Whoever locks rows
and saves forms afterwards takes the three before the rows, so that nobody waits in a circle. PostgreSQL gives the locks
back when the transaction ends.
"""

from __future__ import annotations

from django.db import connection

from participants.models import Participant

# From the widest to the narrowest, as those who save take them.
ALONE = (
    "SELECT pg_advisory_xact_lock_shared(7307, 0), pg_advisory_xact_lock_shared(7308, %(site)s), "
    "pg_advisory_xact_lock(7309, %(participant)s)"
)
TOGETHER = (
    "SELECT pg_advisory_xact_lock_shared(7307, 0), pg_advisory_xact_lock_shared(7308, %(site)s), "
    "pg_advisory_xact_lock_shared(7309, %(participant)s)"
)


def stand_still(participant: Participant) -> None:
    """Wait until nobody saves a form of a participant, and keep others from it until the transaction ends."""
    _lock(ALONE, participant)


def save_among_others(participant: Participant) -> None:
    """Take what every save of a form of this participant takes, before rows are locked."""
    _lock(TOGETHER, participant)


def _lock(sql: str, participant: Participant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"site": participant.site_id, "participant": participant.pk})
