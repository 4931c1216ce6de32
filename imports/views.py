"""Bring a table in: upload it, say what its columns mean, look at the dry run, order it to be stored, keep the report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Permission
from accounts.models import Role
from accounts.pages import PageRequest, page, unattended
from imports import actions
from imports.forms import PARTICIPANT_BY, VISIT_BY, UploadForm, as_lines, mapping_posted
from imports.mapping import Column, Mapping, read
from imports.models import ImportJob, SavedMapping
from imports.policies import file_of
from imports.reading import Format, UnreadableFile, rows_of
from imports.report import facts_of, report_lines, template_csv, template_xlsx
from imports.selectors import (
    forms_offered,
    import_sites,
    job_or_404,
    jobs_for,
    kept_for,
    remembered,
    saved_mappings,
)
from imports.targets import guess, importable, target_of, targets_of, units_of
from imports.tasks import work
from imports.words import lines_of
from imports.workflow import OUTCOME_WORDS, ImportState, Outcome
from participants.models import CaseReportForm
from records import clock
from records.findings import Refused
from records.study import STUDY_ID
from records.text import Text

JOBS = 20
ROWS = 50
SAMPLES = 3
BADGES = {
    ImportState.MAPPING: "info",
    ImportState.QUEUED: "info",
    ImportState.CHECKING: "accent",
    ImportState.CHECKED: "warn",
    ImportState.ORDERED: "info",
    ImportState.RUNNING: "accent",
    ImportState.OUTDATED: "warn",
    ImportState.DONE: "good",
    ImportState.FAILED: "bad",
    ImportState.CANCELLED: "",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """An import as lists and its own page show it."""

    job: ImportJob

    @property
    def badge(self) -> str:
        return BADGES[self.job.state]

    @property
    def role(self) -> str:
        return str(Role(self.job.uploaded_as).label)

    @property
    def counts(self) -> list[tuple[Outcome, Text, int]]:
        return [(one, OUTCOME_WORDS[one], self.job.counts.get(one, 0)) for one in Outcome if self.job.counts]

    @property
    def total(self) -> int:
        return sum(self.job.counts.values())

    @property
    def progress(self) -> dict[str, object]:
        job, done = self.job, self.job.progress.rows_done
        words = {
            ImportState.QUEUED: _("Waiting for the dry run"),
            ImportState.CHECKING: _("Dry run: %(done)s of %(total)s rows"),
            ImportState.ORDERED: _("Waiting to be stored"),
            ImportState.RUNNING: _("Storing: %(done)s of %(total)s rows"),
        }[job.state]
        working = job.state in (ImportState.CHECKING, ImportState.RUNNING)
        return {
            "percent": min(100, 100 * done // job.rows) if working else None,
            "text": words % {"done": done, "total": job.rows} if working else words,
        }


@page(Permission.IMPORT)
def overview(request: PageRequest) -> HttpResponse:
    """Upload a file, and see the imports there were."""
    form = UploadForm(request.POST or None, request.FILES or None, sites=import_sites(request.access))
    if request.method == "POST" and form.is_valid():
        try:
            job = actions.upload(
                access=request.access,
                site=form.cleaned_data["site"],
                form=form.cleaned_data["form"],
                chunks=form.cleaned_data["file"].chunks(),
                now=request.now,
            )
        except Refused as refused:
            form.add_error("file", str(refused.sentence))
        else:
            return redirect("imports:columns", job.pk)
    jobs = Paginator(jobs_for(request.access), JOBS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": jobs,
        "query": "",
        "lines": [Summary(job) for job in jobs],
        "forms": forms_offered(),
    }
    return render(request, "imports/list.html", context, status=422 if form.errors else 200)


# -- templates -------------------------------------------------------------------------------------------


def _form_or_404(code: str) -> type[CaseReportForm]:
    model = importable(code)
    if model is None:
        raise Http404
    return model


@require_safe
@page(Permission.IMPORT)
def template_as_csv(request: PageRequest, code: str) -> HttpResponse:
    """An empty table for a form."""
    return _file(template_csv(_form_or_404(code)).encode(), "text/csv; charset=utf-8", f"{code}.csv")


@require_safe
@page(Permission.IMPORT)
def template_as_xlsx(request: PageRequest, code: str) -> HttpResponse:
    """The same as a workbook that says what each column takes."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(template_xlsx(_form_or_404(code)), kind, f"{code}.xlsx")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{STUDY_ID}-{name}"'
    return response


# -- the columns -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column as the page shows it: what stands in it, and what it is taken for."""

    place: int
    heading: str
    samples: list[str]
    target: str
    label: Text | str
    unit: str
    values: str
    is_key: bool
    place_of_row: list[str]


@page(Permission.IMPORT)
def columns(request: PageRequest, pk: int) -> HttpResponse:
    """Say what each column means, and have the dry run done."""
    job = job_or_404(request.access, pk)
    if not job.open:
        return redirect("imports:import", job.pk)
    if request.method == "POST":
        mapping = mapping_posted(request.POST, job)
        name = request.POST.get("save_as", "").strip()
        try:
            actions.assign_columns(
                job_id=job.pk,
                mapping=mapping,
                save_as=name,
                by=request.access.actor(Permission.IMPORT, job.site_id),
                now=request.now,
            )
        except Refused as refused:
            return _columns_page(request, job, mapping, name, refusal=str(refused.sentence))
        _tell(job)
        return redirect("imports:import", job.pk)
    saved = saved_mappings(job.site_id, job.form)
    mapping, name = _proposed(request, job, saved)
    return _columns_page(request, job, mapping, name, saved=saved)


def _proposed(request: PageRequest, job: ImportJob, saved: list[SavedMapping]) -> tuple[Mapping, str]:
    """The mapping the page begins with: the one asked for, the job's own, the one remembered, or a guess."""
    wanted = request.GET.get("use", "")
    kept = kept_for(job.form, job.headings)
    if wanted in kept:
        return kept[wanted][1], ""
    chosen = next((one for one in saved if str(one.pk) == wanted), None)
    if chosen is None and wanted != "guess":
        if job.mapping is not None:
            return read(job.mapping), job.mapping_name
        chosen = remembered(saved, job.headings)
    if chosen is not None:
        return read(chosen.mapping), chosen.name
    return guess(_form_or_404(job.form), job.headings), ""


def _columns_page(
    request: PageRequest,
    job: ImportJob,
    mapping: Mapping,
    name: str,
    *,
    refusal: str = "",
    saved: list[SavedMapping] | None = None,
) -> HttpResponse:
    model = _form_or_404(job.form)
    context = {
        "job": job,
        "refusal": refusal,
        "mapping": mapping,
        "lines": list(_column_lines(job, mapping, model)),
        "targets": list(targets_of(model)),
        "units": units_of(model),
        "participant_by": PARTICIPANT_BY.items(),
        "visit_by": VISIT_BY.items(),
        "fixed": as_lines(mapping.fixed),
        "several": model.form.several,
        "saved": saved_mappings(job.site_id, job.form) if saved is None else saved,
        "kept": [(stem, words) for stem, (words, _mapping) in kept_for(job.form, job.headings).items()],
        "save_as": name,
        "used": request.GET.get("use", ""),
        "delimiter": {",": _("commas"), ";": _("semicolons"), "\t": _("tabs")}.get(job.delimiter, ""),
    }
    return render(request, "imports/columns.html", context, status=422 if refusal else 200)


def _column_lines(job: ImportJob, mapping: Mapping, model: type[CaseReportForm]) -> Any:
    given = {column.heading: column for column in mapping.columns}
    try:
        form = Format(job.kind, job.encoding, job.delimiter)
        first = list(islice(rows_of(file_of(job.key), form, tuple(job.headings)), SAMPLES))
    except (UnreadableFile, OSError):
        first = []
    for place, heading in enumerate(job.headings):
        column = given.get(heading, Column(heading, ""))
        target = target_of(model, column.target)
        roles = {
            mapping.participant: _("participant"),
            mapping.visit: _("visit"),
            mapping.repeat: _("record"),
        }
        yield ColumnLine(
            place,
            heading,
            [row.cells[heading] for row in first if row.cells.get(heading, "").strip()],
            column.target,
            target.label if target else "",
            column.unit,
            as_lines(column.values),
            column.target in mapping.key,
            [words for named, words in roles.items() if named == heading],
        )


def _tell(job: ImportJob) -> None:
    """Tell the worker; a broker that is away costs nobody the request: the sweep finds it."""
    transaction.on_commit(partial(work.delay, job.pk), robust=True)


# -- one import ------------------------------------------------------------------------------------------


@page(Permission.IMPORT)
def detail(request: PageRequest, pk: int) -> HttpResponse:
    """One import: how far it is, what its dry run found row by row, and what can be done next."""
    return _detail(request, job_or_404(request.access, pk))


def _detail(request: PageRequest, job: ImportJob, *, refusal: str = "") -> HttpResponse:
    if job.state == ImportState.MAPPING:
        return redirect("imports:columns", job.pk)
    shown = request.GET.get("outcome", "")
    if shown not in set(Outcome):
        shown = str(Outcome.REFUSED) if job.refused and "outcome" not in request.GET else ""
    rows = job.results.select_related("participant").order_by("number")
    if shown:
        rows = rows.filter(outcome=shown)
    listed = Paginator(rows, ROWS).get_page(request.GET.get("page")) if job.counts else None
    context = {
        "line": Summary(job),
        "job": job,
        "refusal": refusal,
        "page": listed,
        "query": f"outcome={shown}&",
        "shown": shown,
        "rows": lines_of(job, listed) if listed else [],
        "facts": facts_of(job),
        "asked": [
            (
                place,
                kind,
                Text(about["en"], about["zh"]),
                about,
                request.POST.get(f"word-{place}", job.words.get(kind, "")),
            )
            for place, (kind, about) in enumerate(job.asked.items())
        ],
        "can_order": job.state == ImportState.CHECKED and not job.refused and job.stores,
        "reason": request.POST.get("reason", job.reason),
        "cancellable": job.state
        not in (ImportState.RUNNING, ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED),
    }
    return render(request, "imports/import.html", context, status=422 if refusal else 200)


@require_POST
@page(Permission.IMPORT)
def order(request: PageRequest, pk: int) -> HttpResponse:
    """Have what the dry run found stored."""
    job = job_or_404(request.access, pk)
    words = {kind: request.POST.get(f"word-{place}", "") for place, kind in enumerate(job.asked)}
    try:
        actions.order(
            job_id=job.pk,
            result_sha256=request.POST.get("result", ""),
            words=words,
            reason=request.POST.get("reason", ""),
            by=request.access.actor(Permission.IMPORT, job.site_id),
            now=request.now,
        )
    except Refused as refused:
        return _detail(request, job, refusal=str(refused.sentence))
    _tell(job)
    return redirect("imports:import", job.pk)


@require_POST
@page(Permission.IMPORT)
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Drop an import of which nothing is being stored."""
    job = job_or_404(request.access, pk)
    try:
        actions.cancel(
            job_id=job.pk, by=request.access.actor(Permission.IMPORT, job.site_id), now=request.now
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return redirect("imports:list")


@never_cache
@require_safe
@unattended
@page(Permission.IMPORT)
def state(request: PageRequest, pk: int) -> HttpResponse:
    """How far an import is, asked for every second while a worker is at it; then the page is opened anew."""
    job = job_or_404(request.access, pk)
    if job.under_way:
        return render(request, "imports/_progress.html", {"line": Summary(job), "job": job})
    answer = HttpResponse(status=200)
    answer["HX-Refresh"] = "true"
    return answer


@never_cache
@require_safe
@page(Permission.IMPORT)
def report(request: PageRequest, pk: int) -> Any:
    """The report of an import as a file to keep."""
    job = job_or_404(request.access, pk)
    real = request.trial_clock.kind == clock.TrialClock.Kind.TRIAL
    mark = "" if real else "-fictitious"
    response = StreamingHttpResponse(
        report_lines(job, fictitious=not real), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{STUDY_ID}-import-{job.pk:06d}{mark}.csv"'
    return response
