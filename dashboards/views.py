"""The dashboard, and each card's table as a CSV file."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import Permission
from accounts.pages import PageRequest, one_at_a_time, page
from dashboards import cards, log_cards
from dashboards.selectors import View, sites_seen
from participants.models import ARMS
from records import clock, study

FICTITIOUS = "虚构数据 / Fictitious data"


def _asked(request: PageRequest) -> cards.Question:
    """The filters of the address; those that mean nothing to this person fall away.

    Where the address names no site, it is the one chosen in the bar on top of every page.
    """
    own = sites_seen(request.access)
    chosen = request.GET.get("site", str(request.session.get("site") or ""))
    arm = request.GET.get("arm", "")
    view = View(
        access=request.access,
        own_sites=own,
        site=next((site for site in own if str(site.pk) == chosen), None),
        arm=arm if arm in ARMS else "",
        log=request.GET.get("log") == "1",
    )
    today = clock.day(request.now)
    return cards.Question(view, today, study.in_force(today))


def _query(view: View) -> str:
    chosen = {"site": view.site.pk if view.site else "", "arm": view.arm, "log": "1" if view.log else ""}
    return "?" + urlencode({name: value for name, value in chosen.items() if value or name == "site"})


@require_safe
@page(Permission.SEE_DASHBOARD)
def enrolment(request: PageRequest) -> HttpResponse:
    """Enrolment, screening, stages and follow-up of the sites a person may see; or the historical screening log."""
    question = _asked(request)
    shown = log_cards.LOG if question.view.log else cards.TRIAL
    query = _query(question.view)
    context: dict[str, Any] = {
        "cards": [
            replace(ask(question), csv_url=reverse("dashboards:table", args=[name]) + query)
            for name, ask in shown.items()
        ],
        "view": question.view,
        "where": question.where,
        "arms": ARMS.items(),
        "today": question.today,
    }
    return render(request, "dashboards/enrolment.html", context)


@require_safe
@page(Permission.SEE_DASHBOARD)
@one_at_a_time
def table(request: PageRequest, card: str) -> HttpResponse:
    """One card's table under the same filters, marked as UTF-8 for spreadsheets."""
    question = _asked(request)
    ask = {**cards.TRIAL, **log_cards.LOG}.get(card)
    if ask is None:
        raise Http404
    found = ask(question)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    # The historical log is a published data set, also in a demonstration.
    fictitious = request.trial_clock.kind != clock.TrialClock.Kind.TRIAL and card in cards.TRIAL
    mark, said = ("-fictitious", [[FICTITIOUS]]) if fictitious else ("", [])
    response["Content-Disposition"] = f'attachment; filename="{card}-{question.today:%Y%m%d}{mark}.csv"'
    writer = csv.writer(response)
    writer.writerows([found.columns, *found.rows, [], [found.finding], [found.source], *said])
    return response
