"""What the worker does for the dashboard: work out the cards of a section, and keep them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from celery import shared_task
from django.utils.translation import override

from accounts.access import Permission
from dashboards.asking import question_for
from dashboards.cards import Ask
from dashboards.kept import keep
from dashboards.models import Figures
from dashboards.sections import EFFICACY, SECTIONS
from records import clock


@shared_task(name="dashboards.tasks.work_out")
def work_out(*, key: str, section: str, **asked: Any) -> None:
    """Work out a section as it was asked for; safe to be told twice.

    Nothing is kept where the person may meanwhile see other sites than those asked for. Of a look at efficacy
    figures are made once, and on its own day alone: later data need a look of their own.
    """
    if section == EFFICACY and not _still_wanted(key, asked["today"]):
        return
    permission = Permission.SEE_EFFICACY if section == EFFICACY else Permission.SEE_DASHBOARD
    with override(asked["language"]):
        question = question_for(asked, permission)
        if [site.pk for site in question.view.sites] == asked["sites"]:
            cards = [ask(question) for ask in _cards(section).values()]
            keep(key, section, cards, now=clock.real_now())


def _still_wanted(key: str, day: str) -> bool:
    """Whether figures that are made once are waited for, on the day they are of."""
    return day == clock.today().isoformat() and Figures.objects.filter(key=key, worked_out_at=None).exists()


def _cards(section: str) -> Mapping[str, Ask]:
    if section != EFFICACY:
        return SECTIONS[section].cards
    # Its statistics load slowly, and a server of pages never needs them.
    found: Mapping[str, Ask] = import_module("dashboards.efficacy").CARDS
    return found
