"""Safety on one page: clocks that run, every serious event, results without an event, drafts of deviations."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page, working_site
from eligibility.models import AdverseEvent, Laboratory
from participants.models import Visit
from participants.selectors import next_repeat, participant_or_404
from records import clock, study
from records.findings import Refused
from safety.actions.prompts import dismiss_result
from safety.page import draft_row, prompt_row, worklist_row
from safety.selectors.clocks import running_clocks, watched_events
from safety.selectors.deviations import drafts_waiting
from safety.selectors.laboratory import prompts


@page(Permission.SEE_PARTICIPANTS)
def overview(request: PageRequest) -> HttpResponse:
    settings, site = study.in_force(clock.day(request.now)), working_site(request)
    here = Q(participant__site=site) if site else Q()
    running = running_clocks(request.access, request.now, settings, site)
    return render(
        request,
        "safety/overview.html",
        {
            "breadcrumb": [(_("Safety"), "")],
            "running": [worklist_row(one, request.now, settings) for one in running],
            "events": watched_events(request.access, request.now, settings, here),
            "prompts": [prompt_row(request.access, one) for one in prompts(request.access, here)],
            "drafts": [draft_row(one) for one in drafts_waiting(request.access, here)],
            "may_name_recipients": request.access.may_somewhere(Permission.CHANGE_STUDY_SETTINGS),
            "may_code": request.access.may_somewhere(Permission.CODE_EVENTS),
        },
    )


@page(Permission.ENTER_DATA)
def new_event(request: PageRequest, pk: int) -> HttpResponse:
    """Open the form of one more adverse event."""
    participant = participant_or_404(request.access, pk, Permission.ENTER_DATA)
    log = Visit.objects.filter(participant=participant, code="LOG").first()
    if log is None:
        raise Http404
    number = next_repeat(AdverseEvent, log)
    return redirect("casebook:entry", log.pk, "AE", number)


@require_POST
@page(Permission.ENTER_DATA)
def dismiss(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a result is no adverse event, and why."""
    participant = participant_or_404(request.access, pk, Permission.ENTER_DATA)
    typed = request.POST
    form = Laboratory.objects.filter(
        participant=participant, visit_id=_number(typed.get("visit")), repeat=_number(typed.get("repeat"))
    ).first()
    if form is None:
        raise Http404
    try:
        dismiss_result(
            laboratory=form,
            test=typed.get("test", ""),
            reason=typed.get("reason", ""),
            by=request.access.actor(Permission.ENTER_DATA, participant.site_id),
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    else:
        messages.success(request, _("The result is noted as no adverse event."))
    back = {"participant": reverse("casebook:participant", args=[pk])}
    return redirect(back.get(typed.get("back", ""), reverse("safety:overview")))


def _number(typed: str | None) -> int:
    """A number that was posted; 0, which nothing has, for anything else."""
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
