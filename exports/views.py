"""Request an export, watch it being written, take its file away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, Permission
from accounts.models import Role, Site
from accounts.pages import PageRequest, page, unattended
from audit.filters import TrailFilter
from exports import actions, definition_actions
from exports.asked import Asked
from exports.forms import ExportRequestForm
from exports.models import ExportDefinition, ExportJob
from exports.policies import ask_saved, file_of
from exports.schedules import Schedule
from exports.selectors import PERMISSIONS, definitions_for, job_or_404, jobs_for, site_codes
from exports.tasks import write_export
from exports.wishes import refusals_in_words, wishes_in_words
from exports.workflow import ExportFailure, ExportState
from records import clock
from records.findings import Refused
from records.study import STUDY_ID

JOBS = 20
BADGES = {
    ExportState.QUEUED: "info",
    ExportState.RUNNING: "accent",
    ExportState.DONE: "good",
    ExportState.FAILED: "bad",
    ExportState.CANCELLED: "",
}
# What an address's name begins with, and the template of a row, by what the export holds.
BEFORE = {ExportJob.Content.DATA: "", ExportJob.Content.TRAIL: "trail_", ExportJob.Content.COPY: "copy_"}
ROWS = {
    ExportJob.Content.DATA: "exports/_job.html",
    ExportJob.Content.TRAIL: "exports/_job.html",
    ExportJob.Content.COPY: "exports/_copy.html",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An export as the page shows it."""

    job: ExportJob
    sites: list[Site]

    @property
    def badge(self) -> str:
        return BADGES[ExportState(self.job.status)]

    @property
    def addresses(self) -> dict[str, str]:
        """Where the row is asked for again, cancelled and downloaded."""
        before = BEFORE[ExportJob.Content(self.job.content)]
        return {
            name: reverse(f"exports:{before}{name}", args=[self.job.pk])
            for name in ("state", "cancel", "download")
        }

    @property
    def filters(self) -> list[str]:
        """What an export of the trail was narrowed to."""
        return TrailFilter.of(self.job.filters).words()

    @property
    def wishes(self) -> list[str]:
        """What an export of data holds, where it is not all."""
        if self.job.content != ExportJob.Content.DATA:
            return []
        return wishes_in_words(self.job.wishes, historical=self.job.historical)

    @property
    def unfit(self) -> list[str]:
        """What the format could not hold, column by column."""
        return refusals_in_words(self.job) if self.job.failure == ExportFailure.UNFIT else []

    @property
    def role(self) -> str:
        return str(Role(self.job.requested_as).label)

    @property
    def progress(self) -> dict[str, object]:
        progress = self.job.progress
        if self.job.status == ExportState.QUEUED:
            words = _("Waiting for the worker")
        else:
            words = _("%(done)s of %(total)s rows, now %(table)s") % {
                "done": progress.rows_done,
                "total": progress.rows_total,
                "table": progress.table,
            }
        return {
            "percent": progress.percent if self.job.status == ExportState.RUNNING else None,
            "text": words,
        }


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A saved export as the page shows it."""

    definition: ExportDefinition
    sites: list[Site]

    @property
    def wishes(self) -> list[str]:
        return wishes_in_words(Asked.of(self.definition.asked), historical=self.definition.historical)

    @property
    def refusal(self) -> str:
        """Why it is not made any more, though it was saved once; empty where it is."""
        try:
            ask_saved(self.definition)
        except Refused as refused:
            return str(refused.sentence)
        return ""


def saved_lines(definitions: list[ExportDefinition]) -> list[SavedLine]:
    """Saved exports with the sites each names; one query."""
    named = {pk for one in definitions for pk in one.site_ids}
    sites = list(Site.objects.filter(pk__in=named)) if named else []
    return [SavedLine(one, [site for site in sites if site.pk in one.site_ids]) for one in definitions]


def lines_of(jobs: list[ExportJob]) -> list[Line]:
    """Exports with the sites each names; one query."""
    named = {pk for job in jobs for pk in job.site_ids}
    sites = list(Site.objects.filter(pk__in=named)) if named else []
    return [Line(job, [site for site in sites if site.pk in job.site_ids]) for job in jobs]


@page(Permission.EXPORT)
def overview(request: PageRequest) -> HttpResponse:
    """Request an export or save one under a name, and see those there were."""
    form = ExportRequestForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        try:
            return _asked_for(request, form)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
    context = {
        "form": form,
        "saved": saved_lines(list(definitions_for(request.access))),
        **listed(request, ExportJob.Content.DATA),
    }
    return render(request, "exports/list.html", context, status=422 if form.errors else 200)


def _asked_for(request: PageRequest, form: ExportRequestForm) -> HttpResponse:
    by = request.access.actor(Permission.EXPORT, None)
    facts: dict[str, Any] = {
        "access": request.access,
        "sites": form.chosen(),
        "historical": form.cleaned_data["historical"],
        "asked": form.asked(),
        "kept_days": form.kept,
        "by": by,
        "now": request.now,
    }
    name = form.cleaned_data["name"].strip()
    if not name:
        return queued(actions.request_export(**facts))
    schedule = Schedule(form.cleaned_data["schedule"] or Schedule.NEVER)
    definition = definition_actions.save_definition(name=name, schedule=schedule, **facts)
    messages.success(request, _("“%(name)s” is saved.") % {"name": definition.name})
    return redirect("exports:list")


@never_cache
@require_safe
@unattended
@page(Permission.EXPORT)
def state(request: PageRequest, pk: int) -> HttpResponse:
    """One export's row, asked for every second while it is under way."""
    return row_of(request, pk, ExportJob.Content.DATA)


@require_POST
@page(Permission.EXPORT)
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Stop an export that has not ended."""
    return cancelled(request, pk, ExportJob.Content.DATA)


@never_cache
@require_safe
@page(Permission.EXPORT)
def download(request: PageRequest, pk: int) -> HttpResponse:
    """Hand out an export's file, and record who took it."""
    return handed_out(request, pk, ExportJob.Content.DATA)


# ---- What the pages of every content share -------------------------------------------------------------

LISTS = {
    ExportJob.Content.DATA: "exports:list",
    ExportJob.Content.TRAIL: "exports:trail",
    ExportJob.Content.COPY: "exports:copies",
}
FILES = {
    ExportJob.Content.DATA: "export",
    ExportJob.Content.TRAIL: "trail",
    ExportJob.Content.COPY: "copy",
}


def queued(job: ExportJob) -> HttpResponse:
    """Tell the worker of what was asked for, and lead back to the list."""
    # A broker that is away costs nobody the request: the sweep finds it.
    transaction.on_commit(partial(write_export.delay, job.pk), robust=True)
    return redirect(LISTS[ExportJob.Content(job.content)])


def listed(request: PageRequest, content: ExportJob.Content) -> dict[str, Any]:
    """What a list of this content shows: a page of those there were, as templates/exports/_jobs.html reads them."""
    jobs = Paginator(jobs_for(request.access, content), JOBS).get_page(request.GET.get("page"))
    return {"page": jobs, "query": "", "lines": lines_of(list(jobs))}


def _actor(request: PageRequest, job: ExportJob) -> Actor:
    """The person in the role that lets them have this; a copy's at its site."""
    content = ExportJob.Content(job.content)
    site_id = job.site_ids[0] if content == ExportJob.Content.COPY else None
    return request.access.actor(PERMISSIONS[content], site_id)


def row_of(request: PageRequest, pk: int, content: ExportJob.Content) -> HttpResponse:
    job = job_or_404(request.access, pk, content)
    [line] = lines_of([job])
    return render(request, ROWS[content], {"line": line, "fresh": not job.under_way})


def cancelled(request: PageRequest, pk: int, content: ExportJob.Content) -> HttpResponse:
    job = job_or_404(request.access, pk, content)
    try:
        actions.cancel(job_id=job.pk, by=_actor(request, job), now=request.now)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return redirect(LISTS[content])


def handed_out(request: PageRequest, pk: int, content: ExportJob.Content) -> HttpResponse:
    job = job_or_404(request.access, pk, content)
    try:
        actions.download(job=job, by=_actor(request, job), now=request.now)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return redirect(LISTS[content])
    assert job.data_as_of is not None
    sites = site_codes(job) if content == ExportJob.Content.COPY else None
    what = "-".join([FILES[content], *(f"site{code}" for code in sites or ())])
    real = request.trial_clock.kind == clock.TrialClock.Kind.TRIAL
    mark = "" if real else "-fictitious"
    name = f"{STUDY_ID}-{what}-{job.pk:06d}-{clock.day(job.data_as_of):%Y%m%d}{mark}.zip"
    return FileResponse(  # type: ignore[return-value]
        file_of(job).open("rb"), as_attachment=True, filename=name, content_type="application/zip"
    )
