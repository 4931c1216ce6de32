"""The pages of the dashboard, each card's table as a CSV file, and the lists behind the flow of participants."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import Permission
from accounts.models import User
from accounts.pages import PageRequest, machine_now, one_at_a_time, page, unattended
from casebook.paging import CountedPaginator
from dashboards import flow
from dashboards.asking import asked_of_a_worker, question_of
from dashboards.cards import Card, Question
from dashboards.kept import cards_of, figures_for, key_of
from dashboards.models import Figures
from dashboards.sections import CARDS, EFFICACY, EFFICACY_TITLE, LOG, SECTIONS, Section, section_of
from dashboards.tasks import work_out
from participants.models import ARMS
from records import clock
from records.text import Text

FICTITIOUS = "虚构数据 / Fictitious data"
A_PAGE = 50
LOG_TITLE = Text("Historical screening log", "历史筛选日志")


def frame(request: PageRequest, question: Question, section: str) -> dict[str, Any]:
    """What every page of the dashboard shows: its filters and the way to the other sections."""
    tabs = [(name, one.title, address_of(name) + question.query) for name, one in SECTIONS.items()]
    if request.access.may_somewhere(Permission.SEE_EFFICACY):
        tabs.append((EFFICACY, EFFICACY_TITLE, reverse("dashboards:efficacy")))
    return {
        "view": question.view,
        "where": question.where,
        "arms": ARMS.items(),
        "today": question.today,
        "section": section,
        "tabs": tabs,
    }


def address_of(section: str) -> str:
    if section == "enrolment":
        return reverse("dashboards:enrolment")
    return reverse("dashboards:section", args=[section])


@require_safe
@page(Permission.SEE_DASHBOARD)
def enrolment(request: PageRequest) -> HttpResponse:
    """Enrolment, screening, stages and follow-up of the sites a person may see; or the historical screening log."""
    question = question_of(request)
    found = Section(LOG_TITLE, LOG) if question.view.log else SECTIONS["enrolment"]
    cards = _with_tables([ask(question) for ask in found.cards.values()], question)
    context = {**frame(request, question, "enrolment"), "title": found.title, "cards": cards}
    return render(request, "dashboards/section.html", context)


@require_safe
@page(Permission.SEE_DASHBOARD)
def section(request: PageRequest, section: str) -> HttpResponse:
    """One section of the sites a person may see, as a worker worked it out within the last minutes."""
    if section == "enrolment":
        return redirect(reverse("dashboards:enrolment") + question_of(request).query)
    question, shown = _worked_out(request, section)
    context = {**frame(request, question, section), **shown, "title": SECTIONS[section].title}
    return render(request, "dashboards/section.html", context)


@unattended
@require_safe
@never_cache
@page(Permission.SEE_DASHBOARD)
def figures(request: PageRequest, section: str) -> HttpResponse:
    """The cards of a section alone: a page whose figures are being worked out asks for them."""
    _question, shown = _worked_out(request, section)
    return render(request, "dashboards/_cards.html", shown)


def _worked_out(request: PageRequest, section: str) -> tuple[Question, dict[str, Any]]:
    if section not in SECTIONS or not SECTIONS[section].by_worker:
        raise Http404
    question = question_of(request)
    assert isinstance(request.user, User)
    asked = asked_of_a_worker(question, request.user)
    kept = figures_for(section, asked, work_out, now=machine_now(request))
    again = reverse("dashboards:figures", args=[section]) + question.query
    shown = shown_of(kept, again, ahead=request.trial_clock.ahead)
    return question, {**shown, "cards": _with_tables(cards_of(kept), question)}


def shown_of(kept: Figures, again: str, *, ahead: timedelta) -> dict[str, Any]:
    """What the template of cards is told of kept figures.

    `again` is where a page that waits asks; `ahead` how far the clock people see stands before the machine's.
    """
    at = kept.worked_out_at
    return {"waiting": again if kept.cards is None else "", "worked_out_at": at and at + ahead}


def _with_tables(cards: Iterable[Card], question: Question) -> list[Card]:
    return [
        replace(card, csv_url=reverse("dashboards:table", args=[card.id]) + question.query) for card in cards
    ]


@require_safe
@page(Permission.SEE_DASHBOARD)
@one_at_a_time
def table(request: PageRequest, card: str) -> HttpResponse:
    """One card's table under the same filters, marked as UTF-8 for spreadsheets."""
    question = question_of(request)
    ask = {**CARDS, **LOG}.get(card)
    if ask is None:
        raise Http404
    found = _kept_card(request, card, question)
    return csv_of(request, card, found or ask(question), question.today)


def _kept_card(request: PageRequest, name: str, question: Question) -> Card | None:
    """A card as the page shows it, where a worker has worked it out."""
    section = section_of(name)
    if not section or not SECTIONS[section].by_worker:
        return None
    assert isinstance(request.user, User)
    key = key_of(section, asked_of_a_worker(question, request.user))
    kept = Figures.objects.filter(key=key).first()
    return next((card for card in cards_of(kept) if card.id == name), None) if kept else None


def csv_of(request: PageRequest, name: str, card: Card, today: date) -> HttpResponse:
    """A card's table, its finding and its source."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    fictitious = request.trial_clock.kind != clock.TrialClock.Kind.TRIAL and name not in LOG
    mark, said = ("-fictitious", [[FICTITIOUS]]) if fictitious else ("", [])
    response["Content-Disposition"] = f'attachment; filename="{name}-{today:%Y%m%d}{mark}.csv"'
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
        **frame(request, question, "enrolment"),
        "title": words,
        "where": question.people,
        "page": CountedPaginator(found, A_PAGE).get_page(request.GET.get("page")),
        "back": reverse("dashboards:enrolment") + question.query + "#flow",
        "pages": question.query.removeprefix("?") + "&",
    }
    return render(request, "dashboards/people.html", context)
