"""That a worker is at work on a job, shown by a lock of its database session.

The lock ends with the session, also where the process is killed: a job found running whose sign is free has nobody
working on it, however that came about. The lock needs a session of its own: a connection pooler between the worker and
PostgreSQL must pool sessions, not transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def sign_of_life(kind: int, job_id: int) -> Iterator[BaseDatabaseWrapper | None]:
    """Open a second connection that holds a job's sign of life; None where another worker has it.

    `kind`: the first key of the advisory locks of this kind of job; the job's number is the second.
    """
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, job_id])
            alone = bool(cursor.fetchone()[0])
        yield other if alone else None
    finally:
        other.close()


def nobody_works_on(kind: int, job_id: int) -> bool:
    """Whether a job's sign of life is free; if so it is kept until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [kind, job_id])
        return bool(cursor.fetchone()[0])
