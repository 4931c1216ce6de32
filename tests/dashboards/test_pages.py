"""Who sees which figures, in which language, in how many queries."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, Site
from dashboards.cards import Question
from dashboards.enrolment import CARDS
from dashboards.log_cards import LOG
from eligibility.models.history import HistoricalEntry
from records import clock
from tests.cast import make_person
from tests.dashboards.conftest import NOW, Trial, make_people, question_of, store

ADDRESS = reverse("dashboards:enrolment")


def table_of(name: str) -> str:
    return reverse("dashboards:table", args=[name])


@pytest.fixture
def today(db: None) -> datetime:
    clock.move_to(NOW)
    return NOW


def test_the_system_administrator_and_people_without_a_role_are_refused(
    client: Client, today: datetime
) -> None:
    for person in (make_person("sysadmin", Role.SYSTEM_ADMINISTRATOR), make_person("nobody")):
        client.force_login(person)
        assert client.get(ADDRESS).status_code == 403
        assert client.get(table_of("enrolment")).status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMINISTRATOR])
def test_everybody_in_the_trial_sees_the_figures_of_their_sites(
    role: Role, client: Client, trial: Trial, today: datetime
) -> None:
    person = make_person("somebody", role, trial.sites[0])
    client.force_login(person)
    shown = client.get(ADDRESS).content.decode()
    number = sum(one.was("ASSIGNED") for one in trial.seen(trial.here))
    assert f"{number} of 286 enrolled at the sites you see" in shown
    assert trial.sites[1].name_en not in shown


def test_a_filter_on_a_site_that_is_not_ones_own_falls_away(
    client: Client, trial: Trial, today: datetime
) -> None:
    client.force_login(trial.here)
    plain = figures(client.get(ADDRESS).content.decode())
    assert figures(client.get(ADDRESS, {"site": trial.sites[1].pk}).content.decode()) == plain
    assert figures(client.get(ADDRESS, {"site": "x", "arm": "x"}).content.decode()) == plain


def test_without_a_filter_the_site_chosen_in_the_bar_counts(
    client: Client, trial: Trial, today: datetime
) -> None:
    client.force_login(trial.everywhere)
    client.post(reverse("choose_site"), {"site": trial.sites[1].pk})
    chosen = figures(client.get(ADDRESS, {"site": trial.sites[1].pk}).content.decode())
    everything = figures(client.get(ADDRESS, {"site": ""}).content.decode())
    assert figures(client.get(ADDRESS).content.decode()) == chosen != everything


def figures(page: str) -> dict[str, object]:
    """The data of every picture on a page."""
    found = re.findall(r'<canvas id="([a-z-]+)" data-chart data-given="(.*?)"', page)
    return {name: json.loads(unescape(data)) for name, data in found}


def pictures(question: Question) -> dict[str, object]:
    """The data of every card of enrolment that has a chart."""
    cards = {name: ask(question) for name, ask in CARDS.items()}
    return {name: card.data for name, card in cards.items() if card.data}


def test_the_pictures_are_those_of_the_cards(client: Client, trial: Trial, today: datetime) -> None:
    client.force_login(trial.everywhere)
    site = trial.sites[1]
    shown = figures(client.get(ADDRESS, {"site": site.pk, "arm": "Y90"}).content.decode())
    question = question_of(trial.everywhere, site=site, arm="Y90")
    assert shown == pictures(question)


def test_the_number_of_queries_is_the_same_for_few_and_many(
    client: Client, site: Site, other_site: Site, today: datetime
) -> None:
    monitor = make_person("monitor", Role.MONITOR)
    client.force_login(monitor)
    counts = []
    # One of each first: a card without anything to show asks less.
    for number in (40, 200):
        store(make_people([site, other_site], number), monitor)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 21


def test_each_table_can_be_taken_away_under_the_same_filters(
    client: Client, trial: Trial, today: datetime
) -> None:
    client.force_login(trial.everywhere)
    site = trial.sites[0]
    page = client.get(ADDRESS, {"site": site.pk, "arm": "HAIC"}).content.decode()
    for name in CARDS:
        address = f"{table_of(name)}?site={site.pk}&amp;arm=HAIC"
        assert address in page or not CARDS[name](question_of(trial.everywhere, site=site, arm="HAIC")).rows
        answer = client.get(address.replace("&amp;", "&"))
        assert answer["Content-Disposition"] == f'attachment; filename="{name}-20270615-fictitious.csv"'
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        card = CARDS[name](question_of(trial.everywhere, site=site, arm="HAIC"))
        expected = [[str(cell) for cell in row] for row in (card.columns, *card.rows)]
        said = ["虚构数据 / Fictitious data"]
        assert rows == [*expected, [], [card.finding], [card.source], said]
    assert client.get(table_of("nothing")).status_code == 404


def test_the_page_speaks_both_languages(client: Client, trial: Trial, today: datetime) -> None:
    client.force_login(trial.everywhere)
    english = client.get(ADDRESS).content.decode()
    client.cookies["django_language"] = "zh-hans"
    chinese = client.get(ADDRESS).content.decode()
    assert "behind plan" in english or "ahead of plan" in english
    assert "入组" in chinese
    main = re.search(r"<main.*</main>", chinese, re.S)
    assert main is not None
    words = re.sub(
        r"<[^>]+>|Hospital|HAIC|SIRT|CNLC|CSV|PNG|ECOG|PS|Child-Pugh|CTCAE|HIV|class", " ", main[0]
    )
    assert [word for word in re.findall(r"[A-Za-z]{4,}", words) if word not in ENGLISH_DATA] == []


# Words of the pictures' data that are codes in both languages.
ENGLISH_DATA = {
    "colour",
    "IIIa",
    "IIIb",
    "type",
    "step",
    "labels",
    "series",
    "label",
    "data",
    "plan",
    "true",
    "null",
    "horizontal",
    "stacked",
}


def test_the_historical_log_is_shown_apart_and_never_counted(
    client: Client, trial: Trial, today: datetime
) -> None:
    for number in range(4):
        entry(trial.sites[number % 2], trial, number)
    client.force_login(trial.everywhere)
    plain = figures(client.get(ADDRESS).content.decode())
    assert plain == pictures(question_of(trial.everywhere))
    shown = client.get(ADDRESS, {"log": "1"}).content.decode()
    assert "1 of 4 patients of the log fail no criterion (25 %)" in shown
    log = figures(shown)
    assert list(log) == list(LOG)
    assert log["log-stages"]["labels"] == ["Ib", "IIIa"]  # type: ignore[index]
    client.force_login(trial.here)
    assert "0 of 2 patients of the log" in client.get(ADDRESS, {"log": "1"}).content.decode()


def entry(site: Site, trial: Trial, number: int) -> HistoricalEntry:
    settled = number == 3
    return HistoricalEntry.objects.create(
        site=site,
        origin_name="log.csv",
        origin_sha256=f"{number:064x}",
        source_row=number + 2,
        source_patient=str(number),
        given={},
        read={},
        child_pugh_points={},
        child_pugh_reason={},
        cnlc="Ib" if number < 3 else "IIIa",
        cnlc_edition="2022",
        cnlc_reason={},
        criteria=[],
        failing=[] if settled else ["I3", "E1"],
        not_settled=[],
        conclusion="PENDING" if settled else "INELIGIBLE",
        rules={},
        imported_at=datetime(2027, 1, 1, tzinfo=UTC),
        imported_by=trial.everywhere,
    )
