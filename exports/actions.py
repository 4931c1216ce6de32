"""The verbs of an export: request, begin, finish, fail, cancel, take up again, download."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.access import Access, Actor, Permission
from accounts.attribution import action
from accounts.models import Site
from audit.filters import TrailFilter
from audit.selectors import scope_of
from exports.asked import Asked
from exports.models import DAYS_KEPT, ExportDownload, ExportJob, ExportProgress, SiteCopy
from exports.policies import ask_move, ask_wishes, sound_file
from exports.selectors import exportable_sites
from exports.workflow import ExportFailure, ExportState
from records.findings import Refused
from records.sign_of_life import nobody_works_on

# First key of the advisory locks by which a worker shows that it is at work on a job (the second key).
SIGN_OF_LIFE = 0x4558
MOST_ATTEMPTS = 3
PLAINLY = Asked()
# A message to the worker that has had no answer for so long is taken as lost.
QUEUED_AT_MOST = timedelta(minutes=10)


@action
def request_export(
    *,
    access: Access,
    sites: Collection[Site] | None,
    historical: bool,
    by: Actor,
    now: datetime,
    asked: Asked = PLAINLY,
    kept_days: int = DAYS_KEPT,
) -> ExportJob:
    """Queue an export of some sites, None for the whole trial.

    The worker still has to be told. Raises PermissionDenied where the person may not export all of it,
    Refused where no site is named or wishes exclude each other.
    """
    ask_scope(access, sites)
    ask_wishes(asked, historical=historical, kept_days=kept_days)
    return queue(
        requested_at=now,
        requested_by=by.author,
        requested_as=by.role,
        scope=ExportJob.Scope.ALL if sites is None else ExportJob.Scope.SITES,
        site_ids=sorted(site.pk for site in sites or ()),
        historical=historical,
        asked=asked.kept(),
        kept_days=kept_days,
    )


def queue(**facts: Any) -> ExportJob:
    """Keep what was asked for; within an action, whose verb has seen that it may be."""
    job = ExportJob.objects.create(**facts)
    ExportProgress.objects.create(job=job, touched=job.requested_at)
    return job


def ask_scope(access: Access, sites: Collection[Site] | None) -> None:
    """Refuse who may not export all of these sites, and an export of none."""
    if sites is None:
        if not access.everywhere(Permission.EXPORT):
            raise PermissionDenied(_("Your role does not export the whole trial."))
    elif not sites:
        raise Refused(_("Choose at least one site."))
    elif not {site.pk for site in sites} <= {site.pk for site in exportable_sites(access)}:
        raise PermissionDenied(_("Your role does not export this site."))


@action
def request_trail(*, access: Access, asked: TrailFilter, by: Actor, now: datetime) -> ExportJob:
    """Queue an export of the trail as this person may read it, under filters; the worker still has to be told."""
    scope = scope_of(access)
    if scope.site_ids == ():
        raise PermissionDenied(_("Your role does not read the audit trail."))
    return queue(
        requested_at=now,
        requested_by=by.author,
        requested_as=by.role,
        scope=ExportJob.Scope.ALL if scope.site_ids is None else ExportJob.Scope.SITES,
        site_ids=list(scope.site_ids or ()),
        content=ExportJob.Content.TRAIL,
        filters=asked.given(),
    )


def _locked(job_id: int) -> ExportJob:
    return ExportJob.objects.select_for_update().get(pk=job_id)


def _end(job: ExportJob, status: ExportState, by: Actor, now: datetime, *also: str) -> None:
    job.status, job.finished_at, job.finished_by = status, now, by.person
    job.save(update_fields=["status", "finished_at", "finished_by", *also])


@action
def begin(*, job_id: int, by: Actor, now: datetime) -> ExportJob | None:
    """Start writing an export, or start it again after its worker was lost; None where it has ended.

    Only for a worker that holds the job's sign of life: a job found running then has nobody else.
    """
    job = _locked(job_id)
    if not job.under_way:
        return None
    if job.attempts >= MOST_ATTEMPTS:
        fail(job_id=job_id, failure=ExportFailure.ATTEMPTS, detail="", by=by, now=now)
        return None
    job.status, job.attempts, job.data_as_of = ExportState.RUNNING, job.attempts + 1, now
    job.save(update_fields=["status", "attempts", "data_as_of"])
    return job


@action
def finish(
    *, job_id: int, rows: int, size: int, sha256: str, file_name: str, by: Actor, now: datetime
) -> ExportJob:
    """Note that the file is written and what it is; Refused where the export was cancelled meanwhile."""
    job = _locked(job_id)
    ask_move(job, ExportState.DONE)
    job.rows, job.size, job.sha256, job.file_name = rows, size, sha256, file_name
    _end(job, ExportState.DONE, by, now, "rows", "size", "sha256", "file_name")
    return job


@action
def fail(*, job_id: int, failure: ExportFailure, detail: str, by: Actor, now: datetime) -> None:
    """Note that an export cannot be written, and why."""
    job = _locked(job_id)
    ask_move(job, ExportState.FAILED)
    job.failure, job.failure_detail = failure, detail[:500]
    _end(job, ExportState.FAILED, by, now, "failure", "failure_detail")


@action
def cancel(*, job_id: int, by: Actor, now: datetime) -> None:
    """Stop an export that has not ended; the worker notices at its next row."""
    job = _locked(job_id)
    ask_move(job, ExportState.CANCELLED)
    _end(job, ExportState.CANCELLED, by, now)


@action
def take_up_again(*, by: Actor, now: datetime) -> list[int]:
    """Queue again what lost its worker, and name what has waited too long; gives the jobs to tell a worker of.

    A running job whose sign of life is free has nobody working on it, however that came about.
    """
    to_tell = []
    for job in ExportJob.objects.filter(status=ExportState.RUNNING).order_by("id"):
        if nobody_works_on(SIGN_OF_LIFE, job.pk) and _locked(job.pk).status == ExportState.RUNNING:
            job.status = ExportState.QUEUED
            job.save(update_fields=["status"])
            to_tell.append(job.pk)
    waiting = ExportProgress.objects.filter(job__status=ExportState.QUEUED, touched__lte=now - QUEUED_AT_MOST)
    to_tell += waiting.order_by("job_id").values_list("job_id", flat=True)
    ExportProgress.objects.filter(job_id__in=to_tell).update(touched=now)
    return sorted(set(to_tell))


@action
def download(*, job: ExportJob, by: Actor, now: datetime) -> ExportDownload:
    """Record that a person takes the file away; Refused where the file is not the one that was written."""
    sound_file(job)
    assert by.person is not None
    return ExportDownload.objects.create(job=job, at=now, by=by.person)


@action
def request_copy(*, access: Access, site: Site, casebooks: bool, by: Actor, now: datetime) -> ExportJob:
    """Queue a certified copy of one site, `casebooks` with each participant's as PDF; the worker still has to be told.

    Raises PermissionDenied where the person may take none of this site.
    """
    if not access.may(Permission.TAKE_COPY, site.pk):
        raise PermissionDenied(_("Your role does not take a copy of this site."))
    job = queue(
        requested_at=now,
        requested_by=by.author,
        requested_as=by.role,
        scope=ExportJob.Scope.SITES,
        site_ids=[site.pk],
        historical=True,
        content=ExportJob.Content.COPY,
    )
    SiteCopy.objects.create(job=job, casebooks=casebooks)
    return job


@action
def finish_copy(
    *,
    job_id: int,
    manifest_sha256: str,
    rows: int,
    size: int,
    sha256: str,
    file_name: str,
    by: Actor,
    now: datetime,
) -> None:
    """Note that a certified copy is written, with its manifest's hash; Refused where it was cancelled meanwhile."""
    finish(job_id=job_id, rows=rows, size=size, sha256=sha256, file_name=file_name, by=by, now=now)
    copy = SiteCopy.objects.get(job_id=job_id)
    copy.manifest_sha256 = manifest_sha256
    copy.save(update_fields=["manifest_sha256"])
