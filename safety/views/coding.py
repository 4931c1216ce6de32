"""Adverse events to be coded by the licensed dictionary: what waits, what is suggested, what was chosen."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission
from accounts.pages import PageRequest, page
from records.findings import Refused
from safety.actions.coding import code_event
from safety.selectors.clocks import event_or_404
from safety.selectors.coding import (
    coding_of,
    events_to_code,
    needs_code,
    newest_release,
    search,
    suggestions,
)


@page(Permission.CODE_EVENTS)
def to_code(request: PageRequest) -> HttpResponse:
    """List every event, those that wait for a code first."""
    release = newest_release()
    found = events_to_code(request.access, release)
    return render(
        request,
        "safety/coding.html",
        {
            "breadcrumb": [(_("Safety"), reverse("safety:overview")), (_("Coding"), "")],
            "release": release,
            "rows": [(one, needs_code(one, release)) for one in found],
            "waiting": sum(needs_code(one, release) for one in found),
        },
    )


@page(Permission.CODE_EVENTS)
def code(request: PageRequest, pk: int, number: int) -> HttpResponse:
    """One event with what it may be coded as; posting `llt` codes it, posting `typed` looks for other terms."""
    event = event_or_404(request.access, pk, number, Permission.CODE_EVENTS)
    release = newest_release()
    typed = request.POST.get("typed", "").strip()[:100]
    wanted = request.POST.get("llt", "")
    if request.method == "POST" and release is not None and wanted.isascii() and wanted.isdigit():
        try:
            code_event(
                event=event,
                release=release,
                llt=int(wanted[:9]),
                reason=request.POST.get("reason", "")[:500],
                by=request.access.actor(Permission.CODE_EVENTS, event.participant.site_id),
                now=request.now,
            )
        except Refused as refused:
            messages.error(request, str(refused.sentence))
        else:
            messages.success(request, _("The event is coded."))
            return redirect("safety:coding")
    places = [] if release is None else search(release, typed) if typed else suggestions(release, event)
    return render(
        request,
        "safety/code_event.html",
        {
            "breadcrumb": [
                (_("Safety"), reverse("safety:overview")),
                (_("Coding"), reverse("safety:coding")),
                (_("Adverse event %(number)s") % {"number": number}, ""),
            ],
            "event": event,
            "release": release,
            "places": places,
            "typed": typed,
            "codings": coding_of(event),
        },
    )
