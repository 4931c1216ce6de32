"""What somebody types is kept on the server until they save it, and offered to them again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from casebook.actions import forget_unsaved, keep_unsaved
from casebook.views.place import Place, page_of, place_or_404
from participants.models import Visit
from participants.selectors import visit_or_404
from records.findings import Refused

# Fields of the page that say nothing of what was typed.
OF_THE_PAGE = ("csrfmiddlewaretoken", "action", "page", "kept", "typed_by", "gone")


def _of_mine(request: PageRequest, visit_id: int, code: str, repeat: int | None) -> Place:
    """The form, where this person enters data, and be it removed meanwhile; 404 elsewhere."""
    return place_or_404(request, visit_id, code, repeat, Permission.ENTER_DATA, typed=True)


@require_POST
@page(Permission.ENTER_DATA)
def keep(request: PageRequest, visit_id: int, code: str, repeat: int | None = None) -> HttpResponse:
    """Keep what stands on the page, as it would be posted; the page sends it by itself (static/js/unsaved.js)."""
    place = _of_mine(request, visit_id, code, repeat)
    if (opened := page_of(request.POST)) is None:
        raise BadRequest("No page is named.")
    if request.POST.get("typed_by") != str(request.user.pk):
        # Somebody else has signed in in this browser: what was typed is not theirs.
        return HttpResponse(status=409)
    try:
        _keep(request, place, opened)
    except Refused as refused:
        return HttpResponse(str(refused.sentence), status=409)
    return HttpResponse(status=204)


def _keep(request: PageRequest, place: Place, opened: UUID) -> None:
    keep_unsaved(
        page=opened,
        person=request.access.actor(Permission.ENTER_DATA, place.visit.participant.site_id).author,
        visit=place.visit,
        form=place.code,
        repeat=place.typed_under,
        posted=[
            (name, value)
            for name, values in request.POST.lists()
            if name not in OF_THE_PAGE
            for value in values
        ],
        now=request.now,
    )


@require_POST
@page(Permission.ENTER_DATA)
def drop(request: PageRequest, visit_id: int, code: str, repeat: int | None = None) -> HttpResponse:
    """Drop what was typed and not saved, whether what it was typed into is still there or not."""
    visit = visit_or_404(request.access, visit_id, Permission.ENTER_DATA)
    forget_unsaved(
        person=request.access.actor(Permission.ENTER_DATA, visit.participant.site_id).author,
        visit=visit,
        form=code,
        repeat=repeat or 1,
    )
    messages.success(request, _("What you had typed was dropped."))
    return redirect(_left(request, visit, code, repeat))


def _left(request: PageRequest, visit: Visit, code: str, repeat: int | None) -> str:
    """Where somebody goes on: at the form, or without it at what there is of it, or at the participant."""
    for number in (repeat, None):
        try:
            return place_or_404(request, visit.pk, code, number).address()
        except Http404:
            continue
    return reverse("casebook:participant", args=[visit.participant_id])
