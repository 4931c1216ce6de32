"""The pages of the dashboard, each card's table as a CSV file, and the lists behind the flow of participants."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import Permission
from accounts.pages import PageRequest, one_at_a_time, page
from casebook.paging import CountedPaginator
from dashboards import flow
from dashboards.asking import question_of
from dashboards.cards import Card, Question
from dashboards.sections import CARDS, LOG, SECTIONS
from participants.models import ARMS
from records import clock
from records.text import Text

FICTITIOUS = "虚构数据 / Fictitious data"
A_PAGE = 50
LOG_TITLE = Text("Historical screening log", "历史筛选日志")


def frame(question: Question, section: str) -> dict[str, Any]:
    """What every page of the dashboard shows: its filters and the way to the other sections."""
    return {
        "view": question.view,
        "where": question.where,
        "arms": ARMS.items(),
        "today": question.today,
        "section": section,
        "tabs": [(name, one.title, _address(name) + question.query) for name, one in SECTIONS.items()],
    }


def _address(section: str) -> str:
    if section == "enrolment":
        return reverse("dashboards:enrolment")
    return reverse("dashboards:section", args=[section])


@require_safe
@page(Permission.SEE_DASHBOARD)
def enrolment(request: PageRequest) -> HttpResponse:
    """Enrolment, screening, stages and follow-up of the sites a person may see; or the historical screening log."""
    question = question_of(request)
    if question.view.log:
        return _shown(request, question, "enrolment", LOG_TITLE, LOG)
    return _shown(request, question, "enrolment", SECTIONS["enrolment"].title, SECTIONS["enrolment"].cards)


@require_safe
@page(Permission.SEE_DASHBOARD)
def section(request: PageRequest, section: str) -> HttpResponse:
    """One section of the sites a person may see."""
    if section not in SECTIONS:
        raise Http404
    found = SECTIONS[section]
    return _shown(request, question_of(request), section, found.title, found.cards)


def _shown(request: PageRequest, question: Question, section: str, title: Text, asked: Any) -> HttpResponse:
    cards = [
        replace(ask(question), csv_url=reverse("dashboards:table", args=[name]) + question.query)
        for name, ask in asked.items()
    ]
    return render(
        request, "dashboards/section.html", {**frame(question, section), "title": title, "cards": cards}
    )


@require_safe
@page(Permission.SEE_DASHBOARD)
@one_at_a_time
def table(request: PageRequest, card: str) -> HttpResponse:
    """One card's table under the same filters, marked as UTF-8 for spreadsheets."""
    question = question_of(request)
    ask = {**CARDS, **LOG}.get(card)
    if ask is None:
        raise Http404
    return csv_of(request, card, ask(question), question)


def csv_of(request: PageRequest, name: str, card: Card, question: Question) -> HttpResponse:
    """A card's table, its finding and its source."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    fictitious = request.trial_clock.kind != clock.TrialClock.Kind.TRIAL and name not in LOG
    mark, said = ("-fictitious", [[FICTITIOUS]]) if fictitious else ("", [])
    response["Content-Disposition"] = f'attachment; filename="{name}-{question.today:%Y%m%d}{mark}.csv"'
    writer = csv.writer(response)
    writer.writerows([card.columns, *card.rows, [], [card.finding], [card.source], *said])
    return response


@require_safe
@page(Permission.SEE_DASHBOARD)
def people(request: PageRequest, box: str) -> HttpResponse:
    """The participants in one box of the flow, under the filters of the page it stands on."""
    if box not in flow.BOXES:
        raise Http404
    question = question_of(request)
    words, which = flow.BOXES[box]
    found = flow.people(question.view).filter(which).select_related("site").order_by("number")
    context = {
        **frame(question, "enrolment"),
        "title": words,
        "where": question.people,
        "page": CountedPaginator(found, A_PAGE).get_page(request.GET.get("page")),
        "back": reverse("dashboards:enrolment") + question.query + "#flow",
        "pages": question.query.removeprefix("?") + "&",
    }
    return render(request, "dashboards/people.html", context)
