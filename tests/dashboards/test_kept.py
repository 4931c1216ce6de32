"""Figures are worked out by a worker, kept, shown at once, and made anew when they are old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from dashboards import kept, views
from dashboards.cards import Card
from dashboards.models import Figures
from dashboards.sections import SECTIONS
from dashboards.tasks import work_out
from records import clock
from tests.cast import make_person
from tests.dashboards.conftest import NOW, Trial

WORKED_OUT = [name for name, section in SECTIONS.items() if section.by_worker]


class Told:
    """Stands where the message to the worker leaves, and keeps it."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def delay(self, **message: Any) -> None:
        self.messages.append(message)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(views, "work_out", told)
    return told


@pytest.fixture
def today(db: None) -> datetime:
    clock.move_to(NOW)
    return NOW


@pytest.mark.parametrize("section", WORKED_OUT)
def test_a_section_is_worked_out_once_and_then_shown(
    section: str,
    client: Client,
    trial: Trial,
    today: datetime,
    told: Told,
    django_capture_on_commit_callbacks: Any,
) -> None:
    client.force_login(trial.everywhere)
    address = reverse("dashboards:section", args=[section])
    with django_capture_on_commit_callbacks(execute=True):
        waiting = client.get(address).content.decode()
    figures = reverse("dashboards:figures", args=[section])
    assert f'hx-get="{figures}?site="' in waiting
    with django_capture_on_commit_callbacks(execute=True):
        assert "hx-get" in client.get(figures).content.decode()
    (message,) = told.messages
    work_out(**message)
    for page in (client.get(address), client.get(figures)):
        shown = page.content.decode()
        assert f'hx-get="{figures}' not in shown
        assert all(f'id="{name}-finding"' in shown for name in SECTIONS[section].cards)
    assert len(told.messages) == 1


def test_somebody_of_one_site_gets_other_figures_and_two_of_the_same_sites_the_same(
    client: Client, trial: Trial, today: datetime, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    colleague = make_person("colleague", Role.COORDINATOR, trial.sites[0])
    with django_capture_on_commit_callbacks(execute=True):
        for person in (trial.everywhere, trial.here, colleague):
            client.force_login(person)
            client.get(reverse("dashboards:section", args=["conduct"]))
    assert [message["sites"] for message in told.messages] == [
        [site.pk for site in trial.sites],
        [trial.sites[0].pk],
    ]
    for message in told.messages:
        work_out(**message)
    client.force_login(colleague)
    assert (
        trial.sites[1].name_en
        not in client.get(reverse("dashboards:section", args=["conduct"])).content.decode()
    )


def test_nothing_is_kept_for_somebody_who_sees_other_sites_meanwhile(trial: Trial, today: datetime) -> None:
    asked = {
        "user": trial.here.pk,
        "sites": [site.pk for site in trial.sites],
        "everywhere": False,
        "site": None,
        "arm": "",
        "since": "",
        "until": "",
        "today": "2027-06-15",
        "language": "en",
    }
    work_out(key="k" * 64, section="conduct", **asked)
    assert not Figures.objects.exists()


def ask(told: Told, now: datetime, callbacks: Any) -> int:
    before = len(told.messages)
    with callbacks(execute=True):
        kept.figures_for("safety", {"user": 1, "site": None}, told, now=now)  # type: ignore[arg-type]
    return len(told.messages) - before


def test_old_figures_are_made_anew_and_a_lost_message_is_sent_again(
    db: None, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    callbacks = django_capture_on_commit_callbacks
    key = kept.key_of("safety", {"user": 2, "site": None})
    assert ask(told, NOW, callbacks) == 1
    assert ask(told, NOW + kept.UNANSWERED, callbacks) == 0
    lost = NOW + kept.UNANSWERED + timedelta(seconds=1)
    assert ask(told, lost, callbacks) == 1
    kept.keep(key, "safety", [Card("x", "finding", "source", rows=[("a", 1)])], now=lost)
    assert ask(told, lost + kept.FRESH, callbacks) == 0
    old = lost + kept.FRESH + timedelta(seconds=1)
    assert ask(told, old, callbacks) == 1
    assert ask(told, old, callbacks) == 0
    (card,) = kept.cards_of(Figures.objects.get(key=key))
    assert (card.finding, [list(row) for row in card.rows]) == ("finding", [["a", 1]])


def test_figures_nobody_asked_for_in_a_day_are_forgotten(db: None) -> None:
    kept.keep("a" * 64, "safety", [], now=NOW)
    kept.keep("b" * 64, "safety", [], now=NOW + kept.FORGOTTEN)
    assert Figures.objects.count() == 2
    kept.keep("b" * 64, "safety", [], now=NOW + kept.FORGOTTEN + timedelta(seconds=1))
    assert Figures.objects.get().key == "b" * 64


def test_a_kept_table_is_the_kept_card(
    client: Client, trial: Trial, today: datetime, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(trial.everywhere)
    with django_capture_on_commit_callbacks(execute=True):
        client.get(reverse("dashboards:section", args=["conduct"]), {"site": ""})
    key = told.messages[0]["key"]
    kept.keep(key, "conduct", [Card("visits", "As kept", "source", ["a"], [("1",)])], now=NOW)
    table = client.get(reverse("dashboards:table", args=["visits"]), {"site": ""}).content.decode()
    assert "As kept" in table
