"""The treatment page of a participant: assignment, the arm's own workflow, and what comes next."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Permission
from accounts.pages import PageRequest, page
from arms import page as words
from arms import y90_page
from arms.actions import check_plan, override_block
from arms.models import PlanAuthor
from arms.selectors import assignment_of, haic_state, y90_state
from participants.header import crumbs, strip
from participants.models import Participant, Visit
from participants.selectors import participant_or_404
from participants.workflow import ParticipantState
from records import clock
from records.findings import Refused

VISITS = ("SCR", "Y-MAP", "Y-INF", "SURG")


@page(Permission.SEE_PARTICIPANTS)
def workflow(request: PageRequest, pk: int) -> HttpResponse:
    """Show how far treatment has come; a second person checks a plan, an investigator sets a block aside here."""
    participant = participant_or_404(request.access, pk)
    if request.method != "POST":
        return _page(request, participant)
    if participant.arm != "Y90":
        raise Http404
    permission, verb = {
        "check": (Permission.ENTER_DATA, _check),
        "override": (Permission.ASSIGN_ARM, _override),
    }.get(request.POST.get("action", ""), (None, None))
    if permission is None or verb is None:
        raise Http404
    state = y90_state(participant, request.now)
    if state.plan is None:
        raise Http404
    try:
        said = verb(request, state.plan, request.access.actor(permission, participant.site_id))
    except Refused as refused:
        return _page(request, participant, refusal=str(refused.sentence), status=422)
    messages.success(request, said)
    return redirect("arms:workflow", participant.pk)


def _check(request: PageRequest, plan: Any, by: Any) -> str:
    revision = request.POST.get("revision", "")
    check_plan(
        plan=plan,
        revision=int(revision) if re.fullmatch(r"[0-9]{1,9}", revision) else 0,
        by=by,
        now=request.now,
    )
    return _("The plan is checked.")


def _override(request: PageRequest, plan: Any, by: Any) -> str:
    override_block(
        plan=plan,
        code=request.POST.get("code", ""),
        reason=request.POST.get("reason", ""),
        by=by,
        now=request.now,
    )
    return _("The block is set aside, with your reason.")


def _page(
    request: PageRequest, participant: Participant, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    may_enter = request.access.may(Permission.ENTER_DATA, participant.site_id)
    visits = {visit.code: visit for visit in Visit.objects.filter(participant=participant, code__in=VISITS)}
    record = assignment_of(participant)
    given: dict[str, Any] = {
        "participant": participant,
        "breadcrumb": [*crumbs(participant), (_("Treatment"), "")],
        "refusal": refusal,
        "may_enter": may_enter,
        "assignment": words.assignment(record, visits.get("SCR"), may_enter),
        "waits_for_eligibility": participant.status == ParticipantState.SCREENING,
        "screen_failure": participant.status == ParticipantState.SCREEN_FAILURE,
        "surgery": visits.get("SURG"),
        "surgery_url": words.address(visits.get("SURG"), "SURG"),
    }
    next_step = None
    if participant.arm == "HAIC":
        state = haic_state(participant, request.now)
        cards = words.cycle_cards(state, record, may_enter)
        next_step = words.next_of_haic(cards, state, participant)
        given |= {"cycles": cards, "haic_facts": words.haic_summary(state)}
    elif participant.arm == "Y90":
        given |= _y90(request, participant, record, visits, may_enter)
        next_step = next(
            ((step["title"], step["url"]) for step in given["steps"] if step["action"] and step["url"]), None
        )
    elif participant.status == ParticipantState.ELIGIBLE and given["assignment"]["url"]:
        next_step = (given["assignment"]["action"], given["assignment"]["url"])
    given["strip"] = strip(participant, clock.day(request.now), next_step if may_enter else None)
    return render(request, "arms/workflow.html", given, status=status)


def _y90(
    request: PageRequest,
    participant: Participant,
    record: Any,
    visits: dict[str, Visit],
    may_enter: bool,
) -> dict[str, Any]:
    state = y90_state(participant, request.now)
    authors = set()
    if state.plan is not None:
        authors = set(PlanAuthor.objects.filter(plan=state.plan).order_by().values_list("by_id", flat=True))
    why_not_check = y90_page.why_not_check(state, request.user.pk, authors, may_enter)
    return {
        "y90": state,
        "steps": y90_page.steps(state, record, visits, may_enter=may_enter, may_check=why_not_check is None),
        "mapping_facts": y90_page.mapping_facts(state.mapping) if state.mapping else [],
        "plan_facts": y90_page.plan_facts(state.plan) if state.plan else [],
        "infusion_facts": y90_page.infusion_facts(state.infusion) if state.infusion else [],
        "blocks": y90_page.block_rows(state),
        "why_not_check": why_not_check,
        "may_override": request.access.may(Permission.ASSIGN_ARM, participant.site_id),
        "typed": {"code": request.POST.get("code", ""), "reason": request.POST.get("reason", "")},
    }
