"""The eligibility page of a participant, and the sponsor's rulings."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.pages import PageRequest, page
from eligibility import page as words
from eligibility import policies
from eligibility.actions import confirm_eligible, declare_screen_failure, record_ruling
from eligibility.facts import Conclusion
from eligibility.forms import RulingForm
from eligibility.models import SponsorRuling
from eligibility.selectors import assess, decisions_of, seen
from participants.header import crumbs, strip
from participants.models import Participant
from participants.selectors import participant_or_404
from participants.workflow import ParticipantState
from records import clock
from records.findings import Refused

OPEN_STATES = (ParticipantState.SCREENING, ParticipantState.ELIGIBLE)
STANDS_ON_THE_DECISION = (
    ParticipantState.ELIGIBLE,
    ParticipantState.ASSIGNED,
    ParticipantState.ON_TREATMENT,
    ParticipantState.FOLLOW_UP,
)


@page(Permission.SEE_PARTICIPANTS)
def decide(request: PageRequest, pk: int) -> HttpResponse:
    """Show what the data say of each criterion; an investigator of the site decides here."""
    participant = participant_or_404(request.access, pk)
    if request.method == "POST":
        return _decide(request, participant)
    return _page(request, participant)


def _investigator(request: PageRequest, participant: Participant) -> Actor | None:
    if not request.access.may(Permission.DECIDE_ELIGIBILITY, participant.site_id):
        return None
    return request.access.actor(Permission.DECIDE_ELIGIBILITY, participant.site_id)


def _decide(request: PageRequest, participant: Participant) -> HttpResponse:
    by = _investigator(request, participant)
    if by is None:
        raise PermissionDenied(_("An investigator of this site decides on eligibility."))
    saw, reason = request.POST.get("saw", ""), request.POST.get("reason", "")
    try:
        if request.POST.get("action") == "confirm":
            confirm_eligible(participant=participant, saw=saw, by=by, now=request.now)
            messages.success(
                request, _("Eligibility of %(number)s confirmed.") % {"number": participant.number}
            )
        else:
            declare_screen_failure(participant=participant, saw=saw, reason=reason, by=by, now=request.now)
            messages.success(
                request, _("Screen failure of %(number)s recorded.") % {"number": participant.number}
            )
    except Refused as refused:
        return _page(request, participant, refusal=str(refused.sentence), reason=reason)
    return redirect("eligibility:decide", participant.pk)


def _page(
    request: PageRequest, participant: Participant, *, refusal: str = "", reason: str = ""
) -> HttpResponse:
    assessment = assess(participant, request.now)
    by = _investigator(request, participant)
    decisions = decisions_of(participant)
    return render(
        request,
        "eligibility/decide.html",
        {
            "breadcrumb": [*crumbs(participant), (_("Eligibility"), "")],
            "participant": participant,
            "saw": seen(assessment),
            "strip": strip(participant, clock.day(request.now)),
            "conclusion": words.conclusion(assessment),
            "criteria": words.criterion_rows(assessment),
            "liver": words.liver(assessment),
            "stage": words.stage(assessment),
            "decisions": [(decision, words.kept_rows(decision)) for decision in decisions],
            "open": participant.status in OPEN_STATES,
            "confirmed": participant.status != ParticipantState.SCREENING,
            "unsupported": participant.status in STANDS_ON_THE_DECISION
            and assessment.conclusion is not Conclusion.ELIGIBLE,
            "why_not_confirm": words.why_not(policies.ask_confirm, assessment, by),
            "why_not_fail": words.why_not(policies.ask_screen_failure, assessment, by),
            "failing": ", ".join(assessment.failing),
            "is_investigator": by is not None,
            "refusal": refusal,
            "reason": reason,
        },
        status=422 if refusal else 200,
    )


@page(Permission.SEE_PARTICIPANTS)
def rulings(request: PageRequest) -> HttpResponse:
    """List the sponsor's rulings; a data manager of all sites records one here."""
    may_record = request.access.everywhere(Permission.CHANGE_STUDY_SETTINGS)
    form = RulingForm(request.POST or None) if may_record else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied(_("A data manager of all sites records rulings of the sponsor."))
        if form.is_valid():
            answers = {**form.cleaned_data, "accepts": form.cleaned_data["accepts"] == "Y"}
            try:
                record_ruling(
                    **answers,
                    by=request.access.actor_everywhere(Permission.CHANGE_STUDY_SETTINGS),
                    now=request.now,
                )
            except Refused as refused:
                form.add_error(None, str(refused.sentence))
            else:
                messages.success(request, _("Ruling %(number)s recorded.") % {"number": answers["reference"]})
                return redirect(reverse("eligibility:rulings"))
    return render(
        request,
        "eligibility/rulings.html",
        {
            "breadcrumb": [(_("Rulings of the sponsor"), "")],
            "rulings": SponsorRuling.objects.select_related("recorded_by").order_by("-effective_from", "-id"),
            "form": form,
        },
        status=422 if form is not None and form.is_bound else 200,
    )
