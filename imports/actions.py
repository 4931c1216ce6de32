"""The verbs of an import: take up a file, assign its columns, queue the dry run, order it to be stored, cancel; and
what the worker notes of it."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.access import Access, Actor, Permission
from accounts.attribution import action
from accounts.models import Site
from imports.mapping import Mapping, fingerprint
from imports.models import ImportJob, ImportProgress, SavedMapping
from imports.policies import ask_move, file_of, sound_file
from imports.reading import MOST_BYTES, UnreadableFile, look_through
from imports.targets import importable, problems
from imports.workflow import (
    BACK_TO,
    BEGINS,
    OPEN,
    WAITING,
    WORKING,
    ImportFailure,
    ImportState,
)
from records.findings import Refused
from records.sign_of_life import nobody_works_on

# First key of the advisory locks by which a worker shows that it is at work on a job (the second key).
SIGN_OF_LIFE = 0x494D
MOST_ATTEMPTS = 3
# A message to the worker that has had no answer for so long is taken as lost.
QUEUED_AT_MOST = timedelta(minutes=10)
MOST_REASON = 500
MOST_WORD = 200
MOST_NAME = 80


def keep_file(chunks: Iterable[bytes]) -> tuple[str, int, str]:
    """Put what is uploaded into the folder of files; gives its key, its size and its hash. Refused above 50 MB."""
    key = secrets.token_hex(16)
    path = file_of(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise Refused(_("A file has at most 50 MB. Split it."))
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return key, size, digest.hexdigest()


def upload(*, access: Access, site: Site, form: str, chunks: Iterable[bytes], now: datetime) -> ImportJob:
    """Keep a file for a form of a site and look it through; Refused with what to do where it is no table."""
    if not access.may(Permission.IMPORT, site.pk):
        raise PermissionDenied(_("Your role does not import data at this site."))
    if importable(form) is None:
        raise Refused(_("Choose a form."))
    key, size, sha256 = keep_file(chunks)
    try:
        table = look_through(file_of(key))
    except UnreadableFile as unreadable:
        file_of(key).unlink()
        raise Refused(unreadable.sentence) from unreadable
    facts = {
        "key": key,
        "size": size,
        "sha256": sha256,
        "kind": table.format.kind,
        "encoding": table.format.encoding,
        "delimiter": table.format.delimiter,
        "headings": list(table.headings),
        "rows": table.rows,
    }
    by = access.actor(Permission.IMPORT, site.pk)
    return begin_import(site=site, form=form, facts=facts, by=by, now=now)


@action
def begin_import(
    *, site: Site, form: str, facts: AnyMapping[str, Any], by: Actor, now: datetime
) -> ImportJob:
    """Note a file that was kept and looked through."""
    job = ImportJob.objects.create(
        site=site, form=form, uploaded_at=now, uploaded_by=by.author, uploaded_as=by.role, **facts
    )
    ImportProgress.objects.create(job=job, touched=now)
    return job


def _locked(job_id: int) -> ImportJob:
    return ImportJob.objects.select_for_update().get(pk=job_id)


def _waits(job: ImportJob, now: datetime) -> None:
    ImportProgress.objects.filter(job=job).update(touched=now, rows_done=0)


@action
def assign_columns(*, job_id: int, mapping: Mapping, save_as: str, by: Actor, now: datetime) -> ImportJob:
    """Say what the columns mean, keep it under a name where one is given, and queue the dry run.

    The worker still has to be told. Refused with every problem the mapping has.
    """
    job = _locked(job_id)
    model = importable(job.form)
    assert model is not None
    found = problems(mapping, model, job.headings)
    if found or mapping.form != job.form:
        raise Refused(" ".join(str(one) for one in found) or _("This mapping is for another form."))
    if len(save_as) > MOST_NAME:
        raise Refused(_("A name has at most %(most)s characters.") % {"most": MOST_NAME})
    ask_move(job, ImportState.QUEUED)
    sound_file(job)
    if save_as:
        SavedMapping.objects.create(
            site_id=job.site_id,
            form=job.form,
            name=save_as,
            fingerprint=fingerprint(job.headings),
            mapping=mapping.as_json(),
            saved_at=now,
            saved_by=by.author,
        )
    job.mapping, job.mapping_name = mapping.as_json(), save_as
    job.status, job.attempts = ImportState.QUEUED, 0
    job.counts, job.asked, job.result_sha256, job.changed_row = {}, {}, "", None
    job.ordered_at, job.ordered_by, job.ordered_as = None, None, ""
    job.save(
        update_fields=[
            "ordered_at",
            "ordered_by",
            "ordered_as",
            "mapping", "mapping_name", "status", "attempts", "counts", "asked", "result_sha256", "changed_row",
        ]
    )  # fmt: skip
    _waits(job, now)
    return job


@action
def order(
    *, job_id: int, result_sha256: str, words: AnyMapping[str, str], by: Actor, now: datetime, reason: str
) -> ImportJob:
    """Order what the dry run found to be stored, all of it or nothing; the worker still has to be told.

    `result_sha256` is that of the dry run the person saw, `words` confirm what each kind of check asks about. Refused
    where a row is refused, where nothing would be stored, and without reason or words.
    """
    job = _locked(job_id)
    ask_move(job, ImportState.ORDERED)
    if job.result_sha256 != result_sha256:
        raise Refused(_("There was another dry run since. Look at it, then order it to be stored."))
    if job.refused:
        raise Refused(
            _("%(count)s rows are refused, so nothing is stored. Correct the file or the mapping.")
            % {"count": job.refused}
        )
    if not job.stores:
        raise Refused(_("Nothing in this file differs from what is stored."))
    sound_file(job)
    reason = reason.strip()
    if not reason or len(reason) > MOST_REASON - 60:
        raise Refused(
            _("Write where the data come from and why they are brought in; it is kept at each change.")
        )
    given = {kind: str(words.get(kind, "")).strip()[:MOST_WORD] for kind in job.asked}
    if not all(given.values()):
        raise Refused(_("Write a word for each kind of check that asks about a value."))
    job.status, job.attempts, job.reason, job.words = ImportState.ORDERED, 0, reason, given
    job.ordered_at, job.ordered_by, job.ordered_as = now, by.author, by.role
    job.save(
        update_fields=["status", "attempts", "reason", "words", "ordered_at", "ordered_by", "ordered_as"]
    )
    _waits(job, now)
    return job


@action
def cancel(*, job_id: int, by: Actor, now: datetime) -> None:
    """Drop an import that is not being stored yet; a worker at its dry run notices."""
    job = _locked(job_id)
    ask_move(job, ImportState.CANCELLED)
    _end(job, ImportState.CANCELLED, by, now)


# -- the worker ------------------------------------------------------------------------------------------


def _end(job: ImportJob, to: ImportState, by: Actor, now: datetime, *also: str) -> None:
    job.status, job.finished_at, job.finished_by = to, now, by.person
    job.save(update_fields=["status", "finished_at", "finished_by", *also])


@action
def begin_work(*, job_id: int, by: Actor, now: datetime) -> ImportJob | None:
    """Begin the dry run or the run of a job, or begin it again after its worker was lost; None where there is neither.

    Only for a worker that holds the job's sign of life: a job found under way then has nobody else.
    """
    job = _locked(job_id)
    if job.state not in (*WAITING, *WORKING):
        return None
    if job.attempts >= MOST_ATTEMPTS:
        fail(job_id=job_id, failure=ImportFailure.ATTEMPTS, detail="", by=by, now=now)
        return None
    job.status, job.attempts = BEGINS.get(job.state, job.state), job.attempts + 1
    if job.state == ImportState.CHECKING:
        job.data_as_of = now
        job.results.all()._raw_delete(job.results.db)
    job.save(update_fields=["status", "attempts", "data_as_of"])
    return job


@action
def finish_dry_run(
    *,
    job_id: int,
    counts: AnyMapping[str, int],
    asked: AnyMapping[str, Any],
    result_sha256: str,
    by: Actor,
    now: datetime,
) -> None:
    """Note what the dry run found; Refused where the import was cancelled meanwhile."""
    job = _locked(job_id)
    ask_move(job, ImportState.CHECKED)
    job.status, job.counts, job.asked, job.result_sha256 = (
        ImportState.CHECKED, dict(counts), dict(asked), result_sha256,
    )  # fmt: skip
    job.save(update_fields=["status", "counts", "asked", "result_sha256"])


@action
def finish_run(*, job_id: int, by: Actor, now: datetime) -> None:
    """Note that everything is stored, in the transaction that stores it."""
    job = _locked(job_id)
    ask_move(job, ImportState.DONE)
    _end(job, ImportState.DONE, by, now)


@action
def note_outdated(*, job_id: int, row: int, by: Actor, now: datetime) -> None:
    """Note that a row no longer came out as in the dry run: nothing was stored, and a new dry run has to be seen."""
    job = _locked(job_id)
    ask_move(job, ImportState.OUTDATED)
    job.status, job.changed_row = ImportState.OUTDATED, row
    job.save(update_fields=["status", "changed_row"])


@action
def fail(*, job_id: int, failure: ImportFailure, detail: str, by: Actor, now: datetime) -> None:
    """Note that an import cannot go on, and why."""
    job = _locked(job_id)
    ask_move(job, ImportState.FAILED)
    job.failure, job.failure_detail = failure, detail[:500]
    _end(job, ImportState.FAILED, by, now, "failure", "failure_detail")


@action
def take_up_again(*, by: Actor, now: datetime) -> list[int]:
    """Queue again what lost its worker, and name what has waited too long; gives the jobs to tell a worker of."""
    to_tell = []
    for job in ImportJob.objects.filter(status__in=WORKING).order_by("id"):
        if nobody_works_on(SIGN_OF_LIFE, job.pk) and (found := _locked(job.pk)).state in WORKING:
            found.status = BACK_TO[found.state]
            found.save(update_fields=["status"])
            to_tell.append(job.pk)
    waiting = ImportProgress.objects.filter(job__status__in=WAITING, touched__lte=now - QUEUED_AT_MOST)
    to_tell += waiting.order_by("job_id").values_list("job_id", flat=True)
    ImportProgress.objects.filter(job_id__in=to_tell).update(touched=now)
    return sorted(set(to_tell))


@action
def remove_old_files(*, kept_for: timedelta, by: Actor, now: datetime) -> int:
    """Remove the files of imports of which nothing was stored and that nobody has taken further for so long.

    The file of an import that was stored is kept as long as the database; gives how many were removed.
    """
    old = ImportJob.objects.select_for_update(of=("self",)).filter(
        status__in=[*OPEN, ImportState.FAILED, ImportState.CANCELLED],
        file_removed=False,
        progress__touched__lte=now - kept_for,
    )
    count = 0
    for job in old.order_by("id"):
        Path(file_of(job.key)).unlink(missing_ok=True)
        job.file_removed = True
        job.save(update_fields=["file_removed"])
        count += 1
    return count
