"""On paper: the blank casebook, a participant's, and the visit plan a participant takes home."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import Permission
from accounts.pages import PageRequest, one_at_a_time, page
from casebook.actions import print_casebook
from casebook.calendar import contact_of
from casebook.history import role_words
from casebook.printing import plan
from casebook.printing.blank import blank_casebook
from casebook.printing.typesetting import typeset
from followup.selectors import series_in_use
from participants.header import crumbs, strip
from participants.selectors import participant_or_404, schedule_in_force, schedule_of
from records import clock
from records.study import STUDY_ID


def _handed_out(pdf: bytes, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}.pdf"'
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": disposition})


@require_safe
@page(Permission.SEE_PARTICIPANTS)
@one_at_a_time
def blank(request: PageRequest) -> HttpResponse:
    """The blank casebook of the schedule in force; `?annotated=1` names each item and its place in CDISC terms."""
    today = clock.day(request.now)
    schedule = schedule_of(schedule_in_force(today).pk)
    annotated = request.GET.get("annotated") == "1"
    content = blank_casebook(schedule, series_in_use(schedule, today), annotated=annotated)
    by = request.access.actor(Permission.SEE_PARTICIPANTS, None)
    pdf = typeset("blank", content, by=by, now=request.now)
    kind = "annotated-casebook" if annotated else "blank-casebook"
    return _handed_out(pdf, f"{STUDY_ID}-{kind}-v{schedule.version}")


@require_safe
@never_cache
@page(Permission.SEE_PARTICIPANTS)
@one_at_a_time
def visit_plan(request: PageRequest, pk: int) -> HttpResponse:
    """The visits a participant still has ahead, for taking home."""
    participant = participant_or_404(request.access, pk)
    today = clock.day(request.now)
    content = plan.visit_plan(participant, participant.visits.all(), contact_of(participant.site), today)
    by = request.access.actor(Permission.SEE_PARTICIPANTS, participant.site_id)
    pdf = typeset("plan", content, by=by, now=request.now)
    return _handed_out(pdf, f"{STUDY_ID}-{participant.number}-visits-{today:%Y%m%d}")


@never_cache
@page(Permission.SEE_PARTICIPANTS)
@one_at_a_time
def filled(request: PageRequest, pk: int) -> HttpResponse:
    """A participant's casebook: who printed it before, and a button that prints it now."""
    participant = participant_or_404(request.access, pk)
    may_see_trail = request.access.may(Permission.SEE_TRAIL, participant.site_id)
    if request.method == "POST":
        with_trail = bool(request.POST.get("with_trail"))
        if with_trail and not may_see_trail:
            raise PermissionDenied(_("Your role does not see the audit trail."))
        _printing, pdf = print_casebook(
            participant=participant,
            with_trail=with_trail,
            by=request.access.actor(Permission.SEE_PARTICIPANTS, participant.site_id),
            now=request.now,
        )
        today = clock.day(request.now)
        return _handed_out(pdf, f"{STUDY_ID}-{participant.number}-casebook-{today:%Y%m%d}")
    printings = participant.printings.select_related("by")[:50]
    return render(
        request,
        "casebook/print.html",
        {
            "breadcrumb": [*crumbs(participant), (_("Casebook as PDF"), "")],
            "participant": participant,
            "strip": strip(participant, clock.day(request.now)),
            "printings": [(printing, role_words(printing.role)) for printing in printings],
            "may_see_trail": may_see_trail,
        },
    )
