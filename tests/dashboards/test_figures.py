"""Figures of the dashboard equal those that other code makes of an export: read with csv, counted in plain Python.

Over the whole demo, whose stories reach every form and every state.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from math import sqrt
from statistics import fmean, quantiles, variance
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.access import Access
from accounts.models import Site, User
from dashboards import flow
from dashboards.cards import Card, Question
from dashboards.sections import CARDS
from dashboards.selectors import View, sites_seen
from participants.models import ARMS
from records import clock, study
from tests.conftest import create_database, drop_database, use_database
from tests.exports.conftest import Files, written

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo-figures")]

Row = dict[str, str]
HERE: list[dict[str, str]] = [
    {},
    {"site": "02"},
    {"arm": "Y90"},
    {"since": "2026-10-01", "until": "2027-01-31"},
]


@pytest.fixture(scope="module", autouse=True)
def export(django_db_setup: None, template_database: str, django_db_blocker: Any) -> Iterator[Files]:
    """The demo in a database of its own, and an export of all of it."""
    shared = connection.settings_dict["NAME"]
    name = f"demo_{uuid.uuid4().hex[:12]}"
    create_database(name, template_database)
    with django_db_blocker.unblock():
        use_database(name)
        try:
            call_command("load_demo", verbosity=0)
            yield written()
        finally:
            use_database(shared)
            drop_database(name)


class Cohort:
    """The rows of an export that belong to some participants; `table` gives a file's."""

    def __init__(
        self, export: Files, *, site: str = "", arm: str = "", since: str = "", until: str = ""
    ) -> None:
        self._export, self._site, self._arm, self._since, self._until = export, site, arm, since, until
        self.table = cache(self._table)

    def people(self, *, of_both_arms: bool = False) -> dict[str, Row]:
        """The participants by their number."""
        return {
            row["SUBJID"]: row
            for row in self._export.rows("participants.csv")
            if self._site in ("", row["SITE"])
            and (of_both_arms or self._arm in ("", row["ARM"]))
            and (self._since or "0") <= in_shanghai(row["REGISTERED_AT"])[:10] <= (self._until or "9")
        }

    def _table(self, name: str, of_both_arms: bool = False) -> list[Row]:
        seen = self.people(of_both_arms=of_both_arms)
        return [row for row in self._export.rows(name) if row["SUBJID"] in seen]

    def submitted(self, form: str) -> list[Row]:
        return [row for row in self.table(f"forms/{form}.csv") if row["FORMSTATE"] == "SUBMITTED"]

    def arm(self, row: Row) -> str:
        return self.people(of_both_arms=True)[row["SUBJID"]]["ARM"]


def in_shanghai(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")


@pytest.fixture(params=HERE, ids=str)
def narrowed(request: pytest.FixtureRequest) -> dict[str, str]:
    return request.param


@pytest.fixture
def cohort(export: Files, narrowed: dict[str, str]) -> Cohort:
    return Cohort(export, **narrowed)


@pytest.fixture
def card(narrowed: dict[str, str]) -> Callable[[str], Card]:
    """A card of the data manager's under the same filters."""
    question = question_under(narrowed)
    return lambda name: CARDS[name](question)


def question_under(narrowed: dict[str, str]) -> Question:
    today = clock.today()
    access = Access.of(User.objects.get(username="datamanager"), today)
    days = {name: date.fromisoformat(narrowed[name]) for name in ("since", "until") if name in narrowed}
    site = Site.objects.get(code=narrowed["site"]) if "site" in narrowed else None
    view = View(access, sites_seen(access), site, narrowed.get("arm", ""), **days)
    return Question(view, today, study.in_force(today))


def table_of(card: Card) -> dict[str, list[Any]]:
    """The cells of a card's rows by the first, which names the row."""
    found = {str(row[0]): list(row[1:]) for row in card.rows}
    assert len(found) == len(card.rows)
    return found


# -- enrolment ---------------------------------------------------------------------------------------


def test_enrolment(card: Callable[[str], Card], cohort: Cohort, narrowed: dict[str, str]) -> None:
    assigned = [row for row in cohort.table("statuses.csv") if row["STATUS"] == "ASSIGNED"]
    by_month = Counter(in_shanghai(row["AT"])[:7] for row in assigned)
    shown = {month: cells[0] for month, cells in table_of(card("enrolment")).items()}
    assert {month: number for month, number in shown.items() if number} == by_month
    by_site = Counter(row["SITE"] for row in assigned)
    sites = {name[:2]: cells[-1] for name, cells in table_of(card("sites")).items() if name[:2].isdigit()}
    assert {code: number for code, number in sites.items() if number} == by_site


def test_the_flow(card: Callable[[str], Card], cohort: Cohort, narrowed: dict[str, str]) -> None:
    people = cohort.people(of_both_arms=True)
    ever: dict[str, set[str]] = {number: set() for number in people}
    for row in cohort.table("statuses.csv", True):
        ever[row["SUBJID"]].add(row["STATUS"])
    cut = {row["SUBJID"] for row in cohort.table("anchors.csv", True) if row["ANCHOR"] == "A2"}
    found = {name: table_of(card("flow"))[str(words)][0] for name, (words, _which) in flow.BOXES.items()}
    assert found["registered"] == len(people)
    assert found["screen-failures"] == sum("SCREEN_FAILURE" in states for states in ever.values())
    for arm in ARMS:
        mine = {number for number, row in people.items() if row["ARM"] == arm and "ASSIGNED" in ever[number]}
        treated = {number for number in mine if "ON_TREATMENT" in ever[number]}
        here = arm.lower()
        assert found[f"assigned-{here}"] == len(mine)
        assert found[f"treated-{here}"] == len(treated)
        assert found[f"resected-{here}"] == len(treated & cut)
        assert found[f"died-{here}"] == sum(people[number]["STATUS"] == "DIED" for number in treated)


@pytest.mark.parametrize(("name", "form", "item"), [("child-pugh", "STG", "CPCLS"), ("ecog", "VS", "ECOG")])
def test_findings_of_screening(
    name: str, form: str, item: str, card: Callable[[str], Card], cohort: Cohort
) -> None:
    rows = [row for row in cohort.submitted(form) if row["VISIT"] == "SCR"]
    counted = Counter(row[item] for row in rows)
    shown = {words[0]: cells[-1] for words, cells in table_of(card(name)).items() if words != "Not known"}
    assert shown == {code: number for code, number in counted.items() if code}


def test_why_failed(card: Callable[[str], Card], cohort: Cohort) -> None:
    failed = [row for row in cohort.table("decisions.csv", True) if row["OUTCOME"] == "SCREEN_FAILURE"]
    counted = Counter(criterion for row in failed for criterion in row["FAILING"].split())
    assert {words.split()[0]: cells[0] for words, cells in table_of(card("failures")).items()} == counted


def test_how_arms_were_chosen(card: Callable[[str], Card], cohort: Cohort) -> None:
    chosen = cohort.submitted("ARM")
    shown = table_of(card("arm-basis"))
    assert sorted(cells[-1] for cells in shown.values()) == sorted(
        Counter(row["ARMBASIS"] for row in chosen).values()
    )
    assert sum(cells[-1] for cells in table_of(card("arm-choosers")).values()) == len(chosen)


# -- balance -----------------------------------------------------------------------------------------


def last_samples(rows: list[Row]) -> list[Row]:
    """The last sample of screening of each participant."""
    last: dict[str, Row] = {}
    for row in rows:
        if row["VISIT"] == "SCR":
            known = last.get(row["SUBJID"])
            if known is None or int(row["REPEAT"]) > int(known["REPEAT"]):
                last[row["SUBJID"]] = row
    return list(last.values())


@pytest.mark.parametrize("narrowed", [{}, {"site": "01"}], ids=str)
def test_the_baseline_table(card: Callable[[str], Card], cohort: Cohort, narrowed: dict[str, str]) -> None:
    shown = table_of(card("baseline"))
    for label, form, item, places in [
        ("Age, years", "DM", "AGE", 0),
        ("Largest tumour, mm", "STG", "TUMMAX", 0),
        ("ALBI score", "STG", "ALBI", 2),
        ("Albumin, g/L", "LB", "ALB_SI", 1),
        ("Platelets, ×10⁹/L", "LB", "PLT", 0),
    ]:
        values: dict[str, list[float]] = {arm: [] for arm in ARMS}
        for row in last_samples(cohort.submitted(form)):
            if cohort.arm(row) and row[item]:
                values[cohort.arm(row)].append(float(row[item]))
        first, second = values.values()
        cells = shown[label]
        for place, known in ((0, first), (2, second)):
            low, middle, high = quantiles(known, n=4, method="inclusive")
            words = [
                float(number) for number in re.findall(r"-?[0-9]+\.?[0-9]*", cells[place].replace("–", " "))
            ]
            assert words == pytest.approx([middle, low, high], abs=0.5 * 10**-places + 1e-9)
            assert cells[place + 1] == len(known)
        pooled = sqrt((variance(first) + variance(second)) / 2)
        assert float(cells[4]) == pytest.approx((fmean(first) - fmean(second)) / pooled, abs=0.0051)


@pytest.mark.parametrize("narrowed", [{}, {"site": "01"}], ids=str)
def test_shares_of_the_baseline_table(
    card: Callable[[str], Card], cohort: Cohort, narrowed: dict[str, str]
) -> None:
    shown = table_of(card("baseline"))
    for label, form, item, code in [
        ("Sex: Male", "DM", "SEX", "M"),
        ("CNLC stage: IIb", "STG", "CNLC", "IIb"),
        ("HBsAg: Positive", "LB", "HBSAG", "POS"),
    ]:
        shares = []
        for place, arm in enumerate(ARMS):
            known = [row[item] for row in last_samples(cohort.submitted(form)) if cohort.arm(row) == arm]
            known = [answer for answer in known if answer]
            part = known.count(code)
            assert shown[label][2 * place].startswith(f"{part} (")
            assert shown[label][2 * place + 1] == len(known)
            shares.append(part / len(known))
        one, other = shares
        spread = sqrt((one * (1 - one) + other * (1 - other)) / 2)
        if spread:
            assert float(shown[label][4]) == pytest.approx((one - other) / spread, abs=0.0051)


def test_the_love_plot_is_the_table(card: Callable[[str], Card]) -> None:
    table = {name: cells[-1] for name, cells in table_of(card("baseline")).items() if cells[-1] != "–"}
    assert {name: cells[0] for name, cells in table_of(card("love-plot")).items()} == table
    sizes = card("love-plot").data["series"][0]["data"]  # type: ignore[index]
    assert sizes == sorted(sizes, reverse=True)
