"""Take a certified copy of a site, watch it being written, take its file away."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Permission
from accounts.pages import PageRequest, page, unattended
from exports import actions
from exports.certified.writing import VERIFY
from exports.forms import CopyRequestForm
from exports.models import ExportJob
from exports.views import cancelled, handed_out, listed, queued, row_of

COPY = ExportJob.Content.COPY


@page(Permission.TAKE_COPY)
def copies(request: PageRequest) -> HttpResponse:
    """One button for each site, and the copies there were."""
    form = CopyRequestForm(request.POST or None, access=request.access)
    if request.method == "POST":
        if not form.is_valid():
            raise Http404  # only another site's button, or none, is refused
        site = form.chosen()
        job = actions.request_copy(
            access=request.access,
            site=site,
            casebooks=form.cleaned_data["casebooks"],
            by=request.access.actor(Permission.TAKE_COPY, site.pk),
            now=request.now,
        )
        return queued(job)
    return render(request, "exports/copies.html", {"form": form, **listed(request, COPY)})


@never_cache
@require_safe
@unattended
@page(Permission.TAKE_COPY)
def copy_state(request: PageRequest, pk: int) -> HttpResponse:
    """One copy's row, asked for every second while it is under way."""
    return row_of(request, pk, COPY)


@require_POST
@page(Permission.TAKE_COPY)
def copy_cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Stop a copy that has not ended."""
    return cancelled(request, pk, COPY)


@never_cache
@require_safe
@page(Permission.TAKE_COPY)
def copy_download(request: PageRequest, pk: int) -> HttpResponse:
    """Hand out a copy's file, and record who took it."""
    return handed_out(request, pk, COPY)


@require_safe
@page(Permission.TAKE_COPY)
def script(request: PageRequest) -> HttpResponse:
    """The script that checks a copy, from here rather than from the copy itself."""
    return FileResponse(  # type: ignore[return-value]
        VERIFY.open("rb"), as_attachment=True, filename="verify.py", content_type="text/x-python"
    )
