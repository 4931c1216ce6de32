"""The dry run and the run of an import from beginning to end, as a worker does them."""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import SYSTEM, Actor
from accounts.attribution import attributed
from accounts.models import User
from imports import actions
from imports.judging import Judged, ResultHash, Twice, enter, problem, refused, result_of
from imports.mapping import Mapping, read
from imports.models import ImportJob, ImportRow
from imports.places import NoPlace, named_participant, participants_by_name
from imports.policies import ordered_by_somebody_entitled, sound_file
from imports.reading import Figure, FileRow, Format, UnreadableFile, rows_of
from imports.targets import importable
from imports.workflow import ImportFailure, ImportState, Outcome
from participants.models import CaseReportForm
from records import clock
from records.findings import Level, Refused
from records.sign_of_life import sign_of_life

log = logging.getLogger(__name__)

SECONDS_BETWEEN_REPORTS = 0.3
ROWS_AT_ONCE = 500


class Cancelled(Exception):
    """The import was cancelled during its dry run."""


class Changed(Exception):
    """A row does not come out as it did in the dry run."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


class Reporter:
    """Writes down how far a worker is, a few times a second, beside its transaction; notices a cancelled dry run."""

    def __init__(self, job_id: int, other: BaseDatabaseWrapper) -> None:
        self._job_id = job_id
        self._other = other
        self._told = 0.0

    def __call__(self, done: int) -> None:
        moment = time.monotonic()
        if moment - self._told < SECONDS_BETWEEN_REPORTS:
            return
        self._told = moment
        with self._other.cursor() as cursor:
            cursor.execute(
                "UPDATE imports_importprogress p SET rows_done = %s, touched = %s FROM imports_importjob j "
                "WHERE p.job_id = %s AND j.id = p.job_id AND j.status IN ('CHECKING', 'RUNNING')",
                [done, clock.now(), self._job_id],
            )
            if not cursor.rowcount:
                raise Cancelled


@dataclass(frozen=True, slots=True)
class Task:
    """One job as the worker reads it."""

    job: ImportJob
    mapping: Mapping
    model: type[CaseReportForm]
    path: Path

    @classmethod
    def of(cls, job: ImportJob) -> Task:
        model = importable(job.form)
        assert model is not None and job.mapping is not None
        return cls(job, read(job.mapping), model, sound_file(job))

    def rows(self) -> Iterator[FileRow]:
        form = Format(self.job.kind, self.job.encoding, self.job.delimiter)
        return rows_of(self.path, form, tuple(self.job.headings))


class Spool:
    """The rows of a file in the order of its participants, kept on the disk: only where each begins is in memory."""

    def __init__(self, task: Task, file: IO[bytes]) -> None:
        self._file = file
        self._places: list[tuple[int, int, int]] = []  # participant or 0, row, where it begins
        known = participants_by_name(task.job.site, task.mapping.participant_by)
        for row in task.rows():
            person, wrong, heading = 0, row.problem, ""
            if wrong is None:
                try:
                    person = named_participant(task.mapping, row.cells, known)
                except NoPlace as unknown:
                    wrong, heading = unknown.sentence, unknown.heading
            self._places.append((person, row.number, file.tell()))
            kept = row.cells if wrong is None else problem(wrong, heading)
            figures = [name for name, text in kept.items() if isinstance(text, Figure)]
            file.write(json.dumps([kept, figures], ensure_ascii=False).encode() + b"\n")
        self._places.sort()

    def strangers(self) -> Iterator[Judged]:
        """The rows that name no participant of the site, each refused with what is wrong with it."""
        for person, number, begins in self._places:
            if person:
                return
            yield refused(number, [self._read(begins)])

    def by_participant(self) -> Iterator[tuple[int, list[FileRow]]]:
        """The rows of one participant after those of another."""
        for person, places in groupby(self._places, key=lambda place: place[0]):
            if person:
                yield person, [FileRow(number, self._read(begins)) for _person, number, begins in places]

    def _read(self, begins: int) -> dict[str, str]:
        self._file.seek(begins)
        kept: dict[str, str]
        kept, figures = json.loads(self._file.readline())
        return kept | {name: Figure(kept[name]) for name in figures}


def origin_of(job_id: int, row: int, reason: str) -> str:
    """What the trail keeps at each change as its reason."""
    return _("Import %(import)s, row %(row)s. %(reason)s") % {"import": job_id, "row": row, "reason": reason}


def run(job_id: int) -> None:
    """Do the dry run of an import, or store it, whichever it waits for; nothing where it waits for neither.

    An error nobody foresaw leaves it under way without a sign of life, so that the next sweep takes it up again: what
    a run had stored by then is undone with its transaction.
    """
    with sign_of_life(actions.SIGN_OF_LIFE, job_id) as other:
        if other is None:
            return
        job = actions.begin_work(job_id=job_id, by=SYSTEM, now=clock.now())
        if job is None:
            return
        report = Reporter(job_id, other)
        person: User = (
            job.ordered_by if job.state == ImportState.RUNNING and job.ordered_by else job.uploaded_by
        )
        try:
            with translation.override(person.language):
                if job.state == ImportState.CHECKING:
                    _dry_run(Task.of(job), report)
                else:
                    _store(job, report)
        except Cancelled:
            pass
        except Changed as found:
            actions.note_outdated(job_id=job_id, row=found.row, by=SYSTEM, now=clock.now())
        except (Refused, UnreadableFile, OSError) as unreadable:
            log.exception("Import %s could not be read", job_id)
            if ImportJob.objects.filter(
                pk=job_id, status__in=(ImportState.CHECKING, ImportState.RUNNING)
            ).exists():
                actions.fail(
                    job_id=job_id,
                    failure=ImportFailure.FILE,
                    detail=str(unreadable),
                    by=SYSTEM,
                    now=clock.now(),
                )


# -- the dry run -----------------------------------------------------------------------------------------


class Tally:
    """Counts rows by what they come to, and gathers what each kind of check asks about."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys((str(outcome) for outcome in Outcome), 0)
        self.asked: dict[str, dict[str, Any]] = {}

    def add(self, judged: Judged) -> None:
        self.counts[str(judged.outcome)] += 1
        if judged.outcome is Outcome.REFUSED:
            return
        for one in judged.findings:
            if one["level"] == Level.SOFT:
                kind = self.asked.setdefault(
                    one["kind"], {"en": one["en"], "zh": one["zh"], "row": judged.number, "count": 0}
                )
                kind["count"] += 1


def _dry_run(task: Task, report: Reporter) -> None:
    """Store each participant's rows in a transaction of its own that is undone, and keep what came of them."""
    job, now = task.job, clock.now()
    by = Actor(job.uploaded_by, job.uploaded_as, job.site_id)
    tally, waiting = Tally(), []
    with tempfile.TemporaryFile() as file:
        spool = Spool(task, file)
        for done, judged in enumerate(_judged(task, spool, by, now), start=1):
            tally.add(judged)
            waiting.append(judged.as_row(job.pk))
            if len(waiting) >= ROWS_AT_ONCE:
                ImportRow.objects.bulk_create(waiting)
                waiting.clear()
            report(done)
    ImportRow.objects.bulk_create(waiting)
    digest = ResultHash()
    for row in results_in_order(job.pk):
        digest.add(row)
    actions.finish_dry_run(
        job_id=job.pk,
        counts=tally.counts,
        asked=tally.asked,
        result_sha256=digest.hexdigest(),
        by=SYSTEM,
        now=now,
    )


def _judged(task: Task, spool: Spool, by: Actor, now: datetime) -> Iterator[Judged]:
    yield from spool.strangers()
    for participant_id, rows in spool.by_participant():
        found = []
        with attributed(by), transaction.atomic():
            twice = Twice()
            for row in rows:
                found.append(_tried(task, row, participant_id, twice, by, now))
            transaction.set_rollback(True)
        yield from found


def _tried(task: Task, row: FileRow, participant_id: int, twice: Twice, by: Actor, now: datetime) -> Judged:
    """One row on top of those before it; what a refused row stored is undone at once."""
    with transaction.atomic():
        judged = enter(
            row,
            mapping=task.mapping,
            model=task.model,
            participant_id=participant_id,
            twice=twice,
            words=None,
            origin=origin_of(task.job.pk, row.number, "-"),
            by=by,
            now=now,
        )
        if judged.outcome is Outcome.REFUSED:
            transaction.set_rollback(True)
    return judged


def results_in_order(job_id: int) -> Iterator[ImportRow]:
    """The rows of a dry run in the order in which they are stored: by participant, then as in the file."""
    return (
        ImportRow.objects.filter(job_id=job_id)
        .order_by("participant_id", "number")
        .iterator(chunk_size=ROWS_AT_ONCE)
    )


# -- the run ---------------------------------------------------------------------------------------------


def _store(job: ImportJob, report: Reporter) -> None:
    """Store every row in one transaction, each only if it comes out as in the dry run; otherwise none."""
    now = clock.now()
    if not ordered_by_somebody_entitled(job, now):
        actions.fail(job_id=job.pk, failure=ImportFailure.RIGHTS, detail="", by=SYSTEM, now=now)
        return
    assert job.ordered_by is not None
    task, by = Task.of(job), Actor(job.ordered_by, job.ordered_as, job.site_id)
    with tempfile.TemporaryFile() as file:
        spool = Spool(task, file)
        for stranger in spool.strangers():
            raise Changed(stranger.number)
        with attributed(by, _("Import %(import)s. %(reason)s") % {"import": job.pk, "reason": job.reason}):
            digest, done = ResultHash(), 0
            for participant_id, rows in spool.by_participant():
                expected = {row.number: row for row in job.results.filter(participant_id=participant_id)}
                twice = Twice()
                for row in rows:
                    _store_row(task, row, participant_id, twice, expected.get(row.number), digest, by, now)
                    done += 1
                    report(done)
            if digest.hexdigest() != job.result_sha256:
                raise Changed(0)
            actions.finish_run(job_id=job.pk, by=by, now=now)


def _store_row(
    task: Task,
    row: FileRow,
    participant_id: int,
    twice: Twice,
    expected: ImportRow | None,
    digest: ResultHash,
    by: Actor,
    now: datetime,
) -> None:
    if expected is None:
        raise Changed(row.number)
    digest.add(expected)
    job = task.job
    words = {one["item"]: job.words[one["kind"]] for one in expected.findings if one["level"] == Level.SOFT}
    judged = enter(
        row,
        mapping=task.mapping,
        model=task.model,
        participant_id=participant_id,
        twice=twice,
        words=words,
        origin=origin_of(job.pk, row.number, job.reason),
        by=by,
        now=now,
    )
    if judged.outcome is Outcome.REFUSED or result_of(judged) != result_of(expected):
        raise Changed(row.number)
