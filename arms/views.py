"""The treatment page of a participant: assignment, the arm's own workflow, what follows it, and what comes next."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.pages import PageRequest, page
from arms import after_page, haic_page, y90_page
from arms import page as words
from arms.models import ActivityPlan, NoticeRead, SafetyOverride
from arms.oversight_actions import check_plan, confirm_override, read_notice, request_override
from arms.selectors import HaicState, Treatment, haic_state, treatment_of
from arms.y90_selectors import y90_state
from participants.header import crumbs, strip
from participants.models import Demographics, Participant
from participants.selectors import participant_or_404
from participants.workflow import ParticipantState
from records import clock
from records.findings import Refused

DOSE_NOTICE = "OXALIPLATIN"


@page(Permission.SEE_PARTICIPANTS)
def workflow(request: PageRequest, pk: int) -> HttpResponse:
    """Show how far treatment has come; plans are checked, blocks set aside by two people, a notice read here."""
    participant = participant_or_404(request.access, pk)
    if request.method != "POST":
        return _page(request, participant)
    verbs = {
        "check": (Permission.ENTER_DATA, _check),
        "request": (Permission.ENTER_DATA, _request),
        "confirm": (Permission.ASSIGN_ARM, _confirm),
        "notice": (Permission.ASSIGN_ARM, _notice),
    }
    permission, verb = verbs.get(request.POST.get("action", ""), (None, None))
    if permission is None or verb is None:
        raise Http404
    by = request.access.actor(permission, participant.site_id)
    try:
        said = verb(request, participant, by)
    except Refused as refused:
        return _page(request, participant, refusal=str(refused.sentence), status=422)
    messages.success(request, said)
    return redirect("arms:workflow", participant.pk)


def _plan(participant: Participant) -> ActivityPlan:
    """The plan of the newest mapping; 404 where there is none."""
    plan = ActivityPlan.objects.filter(participant=participant).order_by("visit__occurrence", "repeat").last()
    if plan is None:
        raise Http404
    return plan


def _revision(request: PageRequest) -> int:
    given = request.POST.get("revision", "")
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else 0


def _check(request: PageRequest, participant: Participant, by: Actor) -> str:
    check_plan(plan=_plan(participant), revision=_revision(request), by=by, now=request.now)
    return _("The plan is checked.")


def _request(request: PageRequest, participant: Participant, by: Actor) -> str:
    request_override(
        plan=_plan(participant),
        revision=_revision(request),
        code=request.POST.get("code", ""),
        reason=request.POST.get("reason", ""),
        by=by,
        now=request.now,
    )
    return _("Asked for. A second person, an investigator, confirms it here.")


def _confirm(request: PageRequest, participant: Participant, by: Actor) -> str:
    given = request.POST.get("override", "")
    override = get_object_or_404(
        SafetyOverride, participant=participant, pk=int(given) if re.fullmatch(r"[0-9]{1,18}", given) else 0
    )
    confirm_override(override=override, by=by, now=request.now)
    return _("The block is set aside by two people.")


def _notice(request: PageRequest, participant: Participant, by: Actor) -> str:
    read_notice(notice=DOSE_NOTICE, by=by, now=request.now)
    return _("Noted. It is not shown to you again.")


def _page(
    request: PageRequest, participant: Participant, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    may_enter = request.access.may(Permission.ENTER_DATA, participant.site_id)
    treatment = treatment_of(participant, request.now)
    record = treatment.assignment
    given: dict[str, Any] = {
        "participant": participant,
        "breadcrumb": [*crumbs(participant), (_("Treatment"), "")],
        "refusal": refusal,
        "may_enter": may_enter,
        "assignment": words.assignment(record, treatment.book.visit("SCR"), may_enter),
        "waits_for_eligibility": participant.status == ParticipantState.SCREENING,
        "screen_failure": participant.status == ParticipantState.SCREEN_FAILURE,
    }
    next_step = None
    haic: HaicState | None = None
    if participant.arm == "HAIC":
        haic = haic_state(treatment)
        cards = haic_page.cycle_cards(haic, treatment, may_enter)
        next_step = haic_page.next_step(cards, treatment)
        given |= {
            "cycles": cards,
            "haic_facts": haic_page.summary(haic, treatment),
            "notice": _dose_notice(request, treatment),
        }
    elif participant.arm == "Y90":
        given |= _y90(request, treatment, may_enter)
        next_step = _first_action(given["steps"])
    elif participant.status == ParticipantState.ELIGIBLE and given["assignment"]["url"]:
        next_step = (given["assignment"]["action"], given["assignment"]["url"])
    if participant.arm:
        given |= _after(treatment, haic, may_enter)
        next_step = next_step or _first_action(given["after_steps"])
    person = treatment.book.last(Demographics)
    known = {"sex": person.sex, "age": person.age} if person else None
    given["strip"] = strip(participant, clock.day(request.now), next_step if may_enter else None, known)
    return render(request, "arms/workflow.html", given, status=status)


def _first_action(steps: list[dict[str, Any]]) -> tuple[str, str] | None:
    return next(((step["title"], step["url"]) for step in steps if step["action"] and step["url"]), None)


def _after(treatment: Treatment, haic: HaicState | None, may_enter: bool) -> dict[str, Any]:
    return {
        "recheck": words.recheck(treatment),
        "deviations": words.deviations(treatment),
        "after_steps": after_page.steps(treatment, haic, may_enter=may_enter),
        "after_panels": after_page.panels(treatment),
        "complications": after_page.complication_rows(treatment),
        "others": after_page.other_treatments(treatment),
    }


def _dose_notice(request: PageRequest, treatment: Treatment) -> str:
    """The note on the dose of oxaliplatin, for an investigator who has not read it yet."""
    if not request.access.may(Permission.ASSIGN_ARM, treatment.participant.site_id):
        return ""
    if NoticeRead.objects.filter(person_id=request.user.pk, notice=DOSE_NOTICE).exists():
        return ""
    return haic_page.dose_notice(treatment)


def _y90(request: PageRequest, treatment: Treatment, may_enter: bool) -> dict[str, Any]:
    state = y90_state(treatment)
    why_not_check = y90_page.why_not_check(state.current, request.user.pk, may_enter)
    may_confirm = request.access.may(Permission.ASSIGN_ARM, treatment.participant.site_id)
    return {
        "y90": state,
        "steps": y90_page.steps(state, treatment, may_enter=may_enter, may_check=why_not_check is None),
        "courses": y90_page.course_cards(state, treatment),
        "blocks": y90_page.block_rows(state, request.user.pk, may_ask=may_enter, may_confirm=may_confirm),
        "map_again_url": words.address(treatment.book.visit("Y-MAP"), "YMAP") if may_enter else "",
        "product_class": y90_page.product_class(treatment),
        "why_not_check": why_not_check,
        "typed": {"code": request.POST.get("code", ""), "reason": request.POST.get("reason", "")},
    }
