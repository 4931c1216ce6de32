"""Request an export of the audit trail, watch it being written, take its file away."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Permission
from accounts.pages import PageRequest, page, unattended
from audit.filters import TrailFilter
from exports import actions
from exports.models import ExportJob
from exports.views import cancelled, handed_out, listed, queued, row_of

TRAIL = ExportJob.Content.TRAIL


@page(Permission.SEE_TRAIL)
def trail(request: PageRequest) -> HttpResponse:
    """Request an export of the trail under the filters of the address, and see those there were."""
    asked = TrailFilter.of(request.POST or request.GET)
    if request.method == "POST":
        job = actions.request_trail(
            access=request.access,
            asked=asked,
            by=request.access.actor(Permission.SEE_TRAIL, None),
            now=request.now,
        )
        return queued(job)
    context = {
        "breadcrumb": [(_("Audit trail"), reverse("audit:trail")), (_("Export"), "")],
        "asked": asked,
        **listed(request, TRAIL),
    }
    return render(request, "exports/trail.html", context)


@never_cache
@require_safe
@unattended
@page(Permission.SEE_TRAIL)
def trail_state(request: PageRequest, pk: int) -> HttpResponse:
    """One export's row, asked for every second while it is under way."""
    return row_of(request, pk, TRAIL)


@require_POST
@page(Permission.SEE_TRAIL)
def trail_cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Stop an export that has not ended."""
    return cancelled(request, pk, TRAIL)


@never_cache
@require_safe
@page(Permission.SEE_TRAIL)
def trail_download(request: PageRequest, pk: int) -> HttpResponse:
    """Hand out an export's file, and record who took it."""
    return handed_out(request, pk, TRAIL)
