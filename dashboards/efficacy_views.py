"""Efficacy: closed unless the study setting opens it; whoever looks is recorded before anything is worked out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Permission
from accounts.models import Role, User
from accounts.pages import PageRequest, machine_now, page, unattended
from dashboards import actions
from dashboards.asking import asked_of_a_worker, question_for, question_of
from dashboards.cards import Question
from dashboards.kept import cards_of, figures_for
from dashboards.models import EfficacyLook, Figures
from dashboards.policies import efficacy_is_shown
from dashboards.sections import EFFICACY, EFFICACY_TITLE
from dashboards.tasks import work_out
from dashboards.views import csv_of, frame, shown_of
from participants.models import ARMS
from records.findings import Refused

LOOKS = 20
P = Permission.SEE_EFFICACY


@require_http_methods(["GET", "HEAD", "POST"])
@page(P)
def efficacy(request: PageRequest) -> HttpResponse:
    """Whether efficacy is shown, who looked so far, and to look."""
    if request.method == "POST":
        question = question_of(request, P, request.POST)
        site = question.view.site
        by = request.access.actor(P, site.pk if site else None)
        try:
            look = actions.look_at_efficacy(question=question, by=by, now=request.now)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("dashboards:efficacy")
        return redirect("dashboards:look", pk=look.pk)
    question = question_of(request, P)
    context = {
        **frame(request, question, EFFICACY),
        "title": EFFICACY_TITLE,
        "shown": efficacy_is_shown(question.settings),
        "may_open": request.access.everywhere(Permission.CHANGE_STUDY_SETTINGS),
        "looks": [_line(look) for look in _looks(request)[:LOOKS]],
    }
    return render(request, "dashboards/efficacy.html", context)


def _looks(request: PageRequest) -> Any:
    """The looks a person may know of: everybody's where they see the whole trial, otherwise their own."""
    looks = EfficacyLook.objects.select_related("by", "site")
    return looks if request.access.everywhere(P) else looks.filter(by_id=request.user.pk)


def _line(look: EfficacyLook) -> dict[str, Any]:
    return {"look": look, "role": Role(look.role).label, "arm": ARMS.get(look.arm)}


@require_safe
@page(P)
def look(request: PageRequest, pk: int) -> HttpResponse:
    """What one look of one's own shows."""
    question, shown = _seen(request, pk)
    context = {**frame(request, question, EFFICACY), **shown, "title": EFFICACY_TITLE}
    return render(request, "dashboards/look.html", context)


@unattended
@require_safe
@never_cache
@page(P)
def look_figures(request: PageRequest, pk: int) -> HttpResponse:
    """The cards of a look alone: its page asks for them while they are worked out."""
    _question, shown = _seen(request, pk)
    return render(request, "dashboards/_cards.html", shown)


@require_safe
@page(P)
def look_table(request: PageRequest, pk: int, card: str) -> HttpResponse:
    """The table of one card of a look."""
    question, kept = _kept(request, pk)
    found = next((one for one in cards_of(kept) if one.id == card), None)
    if found is None:
        raise Http404
    return csv_of(request, card, found, question.today)


def _kept(request: PageRequest, pk: int) -> tuple[Question, Figures]:
    """A look of one's own while efficacy is shown: what was asked, and what is kept of it."""
    look = get_object_or_404(EfficacyLook, pk=pk, by_id=request.user.pk)
    now = question_of(request, P)
    if not efficacy_is_shown(now.settings):
        raise Http404
    site, view = look.site, now.view
    if site is not None and site not in view.own_sites:
        raise Http404
    view = replace(view, site=site, arm=look.arm, since=look.since, until=look.until, log=False)
    assert isinstance(request.user, User)
    asked = {**asked_of_a_worker(replace(now, view=view), request.user), "look": look.pk}
    kept = figures_for(EFFICACY, asked, work_out, now=machine_now(request), once=True)
    return question_for(asked, P), kept


def _seen(request: PageRequest, pk: int) -> tuple[Question, dict[str, Any]]:
    question, kept = _kept(request, pk)
    cards = [
        replace(card, csv_url=reverse("dashboards:look_table", args=[pk, card.id])) for card in cards_of(kept)
    ]
    again = reverse("dashboards:look_figures", args=[pk])
    return question, {**shown_of(kept, again, ahead=request.trial_clock.ahead), "cards": cards}
