"""Efficacy: closed unless the study setting opens it; whoever looks is recorded before anything is worked out.

The figures of a look are worked out once, in every language, when it is made: what it shows never changes, and later
data are seen under a look of their own alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
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
from dashboards.kept import cards_of, figures_for, figures_of_once
from dashboards.models import EfficacyLook, Figures
from dashboards.policies import efficacy_is_shown
from dashboards.sections import EFFICACY, EFFICACY_TITLE
from dashboards.tasks import work_out
from dashboards.views import csv_of, frame, shown_of
from participants.models import ARMS
from records import clock
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
        asked = _asked(request, look, question)
        for language, _name in settings.LANGUAGES:
            figures_for(EFFICACY, {**asked, "language": language}, work_out, now=machine_now(request))
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
    found = next((one for one in cards_of(kept) if one.id == card), None) if kept else None
    if found is None:
        raise Http404
    return csv_of(request, card, found, question.today)


def _asked(request: PageRequest, look: EfficacyLook, now: Question) -> dict[str, Any]:
    """What a look asked of a worker on its day, in the language of the page."""
    view = replace(now.view, site=look.site, arm=look.arm, since=look.since, until=look.until, log=False)
    assert isinstance(request.user, User)
    question = replace(now, view=view, today=clock.day(look.at))
    return {**asked_of_a_worker(question, request.user), "look": look.pk}


def _kept(request: PageRequest, pk: int) -> tuple[Question, Figures | None]:
    """A look of one's own while efficacy is shown: what was asked, and what is kept of it (None: nothing any more)."""
    look = get_object_or_404(EfficacyLook, pk=pk, by_id=request.user.pk)
    now = question_of(request, P)
    if not efficacy_is_shown(now.settings):
        raise Http404
    if look.site is not None and look.site not in now.view.own_sites:
        raise Http404
    asked = _asked(request, look, now)
    return question_for(asked, P), figures_of_once(EFFICACY, asked, now=machine_now(request))


def _seen(request: PageRequest, pk: int) -> tuple[Question, dict[str, Any]]:
    question, kept = _kept(request, pk)
    if kept is None:
        return question, {"gone": True, "view": question.view}
    cards = [
        replace(card, csv_url=reverse("dashboards:look_table", args=[pk, card.id])) for card in cards_of(kept)
    ]
    again = reverse("dashboards:look_figures", args=[pk])
    shown = shown_of(kept, again, ahead=request.trial_clock.ahead)
    return question, {**shown, "once": True, "cards": cards}
