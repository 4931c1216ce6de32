"""The trail: what it costs beside the same work without its trigger, and that it misses nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from accounts.attribution import attributed
from bench import trial
from bench.report import Figure
from bench.run import Run
from bench.servers import as_superuser
from eligibility.models import Laboratory
from records.models import TrailEntry
from trial_edc.demo.story import teams

TABLE = Laboratory._meta.db_table
ADDED = 2  # the repeat of what is added here and removed again
BULK_ROUNDS = 3

# Opens the transaction of one change: attributed with a reason, or plain.
Opening = Callable[[], AbstractContextManager[Any]]


class Work:
    """Laboratory forms of the largest database, and what is done with them."""

    def __init__(self, database: str, rows: int) -> None:
        self.database = database
        self.rows = list(Laboratory.objects.filter(repeat=1).order_by("pk")[:rows])
        keys = (self.rows[0].pk, self.rows[-1].pk)
        self.ours = Laboratory.objects.filter(repeat=1, pk__range=keys)
        self.added = Laboratory.objects.filter(repeat=ADDED)
        self.new: list[Laboratory] = []
        by = teams()["01"].coordinator
        self.attributed: Opening = lambda: attributed(by, "typing error")

    def save(self, part: list[Laboratory], opening: Opening) -> None:
        """Each row by itself, in its own transaction."""
        for row in part:
            row.urea = Decimal(6) if row.urea == Decimal(5) else Decimal(5)
            with opening():
                row.save()

    def update(self, opening: Opening) -> None:
        with opening():
            self.ours.update(urea=Decimal(7))
            self.ours.update(urea=Decimal(8))

    def build(self) -> None:
        """Make in memory what is added next."""
        names = [field.attname for field in Laboratory._meta.concrete_fields if not field.primary_key]
        self.new = [
            Laboratory(**{**{name: getattr(row, name) for name in names}, "repeat": ADDED})
            for row in self.rows
        ]

    def create(self, opening: Opening) -> None:
        with opening():
            Laboratory.objects.bulk_create(self.new)

    def type_sql(self, opening: Opening) -> None:
        with opening(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET urea = urea + 1 WHERE repeat = {ADDED}")  # noqa: S608

    def delete(self, opening: Opening) -> None:
        with opening():
            self.added.delete()

    def without_trail(self, job: Callable[[Opening], None]) -> float:
        as_superuser(f"ALTER TABLE {TABLE} DISABLE TRIGGER trail", database=self.database)
        try:
            return self._time(job, transaction.atomic)
        finally:
            as_superuser(f"ALTER TABLE {TABLE} ENABLE TRIGGER trail", database=self.database)

    def with_trail(self, job: Callable[[Opening], None]) -> tuple[float, int]:
        """Do it with the trail; gives the time, and how many entries the trail holds of it."""
        before = TrailEntry.objects.count()
        took = self._time(job, self.attributed)
        return took, TrailEntry.objects.count() - before

    def _time(self, job: Callable[[Opening], None], opening: Opening) -> float:
        started = time.perf_counter()
        job(opening)
        return time.perf_counter() - started


def audit(run: Run) -> list[Figure]:
    """Saves one by one; rows changed at once, added at once, changed by hand-typed SQL, and removed."""
    trial.use(run.all)
    work = Work(run.all, run.options.rows)
    count = len(work.rows)
    ratios: dict[str, list[float]] = {"saves": [], "update": [], "bulk": []}
    expected = found = 0

    def compared(name: str, job: Callable[[Opening], None], changes: int) -> None:
        nonlocal expected, found
        without = work.without_trail(job)
        if name == "bulk":
            work.without_trail(work.delete)
            work.build()
        took, entries = work.with_trail(job)
        ratios[name].append(took / without)
        expected, found = expected + changes, found + min(entries, changes)

    for number in range(run.options.rounds):
        part = work.rows[number :: run.options.rounds]
        compared("saves", lambda opening: work.save(part, opening), len(part))  # noqa: B023
    for _round in range(BULK_ROUNDS):
        compared("update", work.update, 2 * count)
        work.build()
        compared("bulk", work.create, count)
        for job in (work.type_sql, work.delete):
            entries = work.with_trail(job)[1]
            expected, found = expected + count, found + min(entries, count)
    peer = run.peer_audit
    medians = {name: statistics.median(of_rounds) for name, of_rounds in ratios.items()}
    words = {
        "saves": f"{count} saves, time with the trail over without",
        "bulk": f"bulk_create of {count}, the same",
        "update": f"set-based update of {count}, the same",
    }
    return [
        *(
            Figure(
                f"audit.{name}", words[name], f"× {medians[name]:.2f}", medians[name], f"× {peer[name]:.2f}"
            )
            for name in words
        ),
        Figure(
            "audit.captured",
            "changes in the trail, deletes and raw SQL too",
            f"{found} of {expected}",
            found / expected,
            "all" if peer["raw_sql_captured"] else "raw SQL missed",
        ),
    ]
