"""One export from beginning to end, as a worker runs it."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.access import SYSTEM, Actor
from accounts.models import Site
from audit.filters import TrailFilter
from audit.selectors import Scope
from exports import actions
from exports.certified.writing import write_copy
from exports.deidentify import ONCE
from exports.formats.base import Unfit
from exports.formats.registry import WHOLE
from exports.models import ExportJob, ExportProgress
from exports.policies import file_of
from exports.selectors import site_codes
from exports.snapshots import same_snapshot
from exports.stamp import Stamp
from exports.trail_file import write_trail
from exports.workflow import ExportFailure, ExportState
from exports.writing import snapshot, write_bundle
from records import clock
from records.findings import Refused
from records.sign_of_life import sign_of_life

log = logging.getLogger(__name__)

SECONDS_BETWEEN_REPORTS = 0.3


class Cancelled(Exception):
    """The export was cancelled while it was being written."""


class Reporter:
    """Writes down how far the export is, a few times a second, and notices that it was cancelled."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._table = ""
        self._told = 0.0

    def __call__(self, table: str, done: int, total: int) -> None:
        moment = time.monotonic()
        if moment - self._told < SECONDS_BETWEEN_REPORTS:
            return
        self._told = moment
        known = ExportProgress.objects.filter(job_id=self._job_id, job__status=ExportState.RUNNING)
        if not known.update(table=table, rows_done=done, rows_total=total, touched=clock.now()):
            raise Cancelled


def run(job_id: int) -> None:
    """Write an export that is queued, or whose worker was lost; nothing where it has ended or is being written.

    Where the disk refuses, the job fails with that reason. Any other error leaves it running without a sign
    of life, so that the next sweep takes it up again.
    """
    with sign_of_life(actions.SIGN_OF_LIFE, job_id) as reader:
        if reader is None:
            return
        job = actions.begin(job_id=job_id, by=SYSTEM, now=clock.now())
        if job is None:
            # Ended; a worker that was killed may have left what it had written.
            _clear(ExportJob(pk=job_id))
            return
        try:
            _write(job, reader)
        except (Cancelled, Refused):
            file_of(job).unlink(missing_ok=True)
        except Unfit as unfit:
            actions.fail(
                job_id=job_id, failure=ExportFailure.UNFIT, detail=str(unfit), by=SYSTEM, now=clock.now()
            )
        except OSError as refused:
            log.exception("Export %s could not be stored", job_id)
            detail = f"{type(refused).__name__}: {refused.strerror}"
            actions.fail(
                job_id=job_id, failure=ExportFailure.STORAGE, detail=detail, by=SYSTEM, now=clock.now()
            )


def _clear(job: ExportJob) -> None:
    """Remove what a worker that was killed had written."""
    unfinished = file_of(job).with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    for folder in unfinished.parent.glob(f"{file_of(job).stem}-*"):
        shutil.rmtree(folder)


def _stamp(job: ExportJob) -> Stamp:
    assert job.data_as_of is not None
    return Stamp(
        export=job.pk,
        requested_at=job.requested_at,
        requested_by=job.requested_by_id,
        requested_as=job.requested_as,
        data_as_of=job.data_as_of,
        sites=site_codes(job),
        historical=job.historical,
        fictitious=clock.read().kind != clock.TrialClock.Kind.TRIAL,
        asked=job.wishes,
        definition=job.definition.name if job.definition else "",
        key=f"definition {job.definition_id}" if job.definition_id else ONCE,
    )


def _write(job: ExportJob, reader: BaseDatabaseWrapper) -> None:
    root = Path(settings.EXPORT_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(job)
    path = file_of(job)
    unfinished = path.with_suffix(".part")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            with snapshot(reader):
                rows, manifest_sha256 = _write_content(job, file, reader)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    written: dict[str, Any] = {"rows": rows, "size": size, "sha256": digest, "file_name": path.name}
    if job.content == ExportJob.Content.COPY:
        actions.finish_copy(
            job_id=job.pk, manifest_sha256=manifest_sha256, **written, by=SYSTEM, now=clock.now()
        )
    else:
        actions.finish(job_id=job.pk, **written, by=SYSTEM, now=clock.now())


def _write_content(job: ExportJob, file: IO[bytes], reader: BaseDatabaseWrapper) -> tuple[int, str]:
    """Write what was asked for; gives its rows and, of a certified copy, the manifest's hash."""
    stamp, report = _stamp(job), Reporter(job.pk)
    site_ids = None if job.scope == ExportJob.Scope.ALL else job.site_ids
    match job.content:
        case ExportJob.Content.TRAIL:
            rows = write_trail(
                target=file,
                reader=reader,
                stamp=stamp,
                scope=Scope(None if site_ids is None else tuple(site_ids)),
                asked=TrailFilter.of(job.filters),
                report=report,
            )
            return rows, ""
        case ExportJob.Content.COPY:
            [site_id] = job.site_ids
            return write_copy(
                target=file,
                reader=reader,
                seen=partial(same_snapshot, reader),
                stamp=stamp,
                site=Site.objects.get(pk=site_id),
                by=Actor(job.requested_by, job.requested_as, site_id),
                casebooks=job.copy.casebooks,
                report=report,
            )
        case _:
            whole = WHOLE.get(stamp.asked.format)
            if whole is not None:
                return whole.write(stamp, reader, site_ids, file, report), ""
            rows, _files = write_bundle(
                target=file, reader=reader, stamp=stamp, site_ids=site_ids, report=report
            )
            return rows, ""
