"""Checks on one form: that they fired, at which answer, and what became of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Access, Actor
from accounts.models import Site, User
from followup.actions import add_unscheduled_visit
from monitoring.actions.firings import check_name, numbers_of, value_at
from monitoring.models import CheckFiring
from monitoring.selectors.scoreboard import Score, scoreboard
from participants.actions import confirm_discrepancy
from participants.models import Discrepancy, Participant
from records.checks import Entry, RowEntry
from records.findings import Finding, Level
from records.models import TrailEntry
from records.text import Text
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page, send
from tests.cast import START, make_person
from tests.monitoring.asking import LATER
from trial_edc.demo.walks import VITAL_SIGNS, fill

# Pulse: unusual above 120, not possible above 250.
HIGH, IMPOSSIBLE = "140", "999"


def kept() -> list[tuple[str, str, str, str]]:
    return list(CheckFiring.objects.order_by("id").values_list("check_id", "level", "value", "state"))


def signs(**changed: Any) -> dict[str, Any]:
    return {**{name: str(value) for name, value in VITAL_SIGNS.items()}, **changed}


@pytest.fixture
def page(participant: Participant, coordinator: User) -> tuple[Any, str]:
    return at_the_desk(coordinator), form_address(participant, "VS")


def test_an_unusual_answer_fires_once_however_often_it_is_saved(page: tuple[Any, str]) -> None:
    client, address = page
    for temp in ("36.6", "36.7"):
        send(client, address, {"pulse": HIGH, "temp": temp})
    assert kept() == [("VS.pulse", "SOFT", HIGH, "FIRED")]


def test_confirmed_with_a_word_it_is_dismissed(page: tuple[Any, str]) -> None:
    client, address = page
    response = send(client, address, signs(pulse=HIGH), "submit")
    assert response.status_code == 422
    assert kept() == [("VS.pulse", "SOFT", HIGH, "FIRED")]
    posted = {**on_the_page(Page(response)), "pulse__confirm": "After stairs", "action": "submit"}
    assert client.post(address, posted).status_code == 302
    assert kept() == [("VS.pulse", "SOFT", HIGH, "CONFIRMED")]


@pytest.mark.line("A7")
def test_corrected_it_led_to_a_change_and_the_trail_holds_the_first_value(page: tuple[Any, str]) -> None:
    client, address = page
    send(client, address, signs(pulse=HIGH, pulse__confirm="After stairs"), "submit")
    assert kept() == [("VS.pulse", "SOFT", HIGH, "CONFIRMED")]
    answer = send(client, address, {"pulse": "80", "reason": "Misread", "pulse__confirm": ""})
    assert answer.status_code == 302
    assert kept() == [("VS.pulse", "SOFT", HIGH, "CHANGED")]
    told = TrailEntry.objects.filter(relation="monitoring_checkfiring").order_by("id")
    assert [(one.operation, one.role) for one in told] == [
        ("INSERT", "COORDINATOR"),
        ("UPDATE", "COORDINATOR"),
    ]
    values = TrailEntry.objects.filter(relation="eligibility_vitalsigns", changes__has_key="pulse")
    assert [one.changes["pulse"] for one in values.order_by("id")] == [[None, 140], [140, 80]]


def test_another_unusual_answer_fires_anew(page: tuple[Any, str]) -> None:
    client, address = page
    send(client, address, {"pulse": HIGH})
    send(client, address, {"pulse": "141"})
    assert kept() == [("VS.pulse", "SOFT", HIGH, "CHANGED"), ("VS.pulse", "SOFT", "141", "FIRED")]


def test_what_was_refused_is_kept_with_what_was_typed(page: tuple[Any, str]) -> None:
    client, address = page
    assert send(client, address, {"pulse": IMPOSSIBLE}).status_code == 422
    assert send(client, address, {"pulse": IMPOSSIBLE}).status_code == 422
    assert kept() == [("VS.pulse", "HARD", IMPOSSIBLE, "FIRED")]
    send(client, address, {"pulse": "80"})
    assert kept() == [("VS.pulse", "HARD", IMPOSSIBLE, "CHANGED")]


def test_an_answer_not_given_yet_is_no_firing(page: tuple[Any, str]) -> None:
    client, address = page
    assert send(client, address, {"pulse": "80"}, "submit").status_code == 422
    assert kept() == []


def test_an_ordinary_form_fires_nothing(participant: Participant, by_coordinator: Actor) -> None:
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    assert kept() == []


def test_a_new_row_keeps_its_firing_when_it_has_its_number() -> None:
    """What fired at a row that was new on the page is the same firing once the row is stored."""
    row = RowEntry({"ldiam": Decimal("400.00")}, number=3, key="n1")
    entry = Entry({}, rows={"lesions": [row]})
    assert numbers_of(entry) == {"lesions-n1-ldiam": "lesions-3-ldiam"}
    assert value_at(entry, "lesions-n1-ldiam") == value_at(entry, "lesions-3-ldiam") == "400"
    assert value_at(entry, "lesions-2-ldiam") == ""
    assert check_name("IMG", Finding("lesions-n1-ldiam", Level.SOFT, Text("", ""))) == "IMG.lesions.ldiam"


# -- the scoreboard ------------------------------------------------------------------------------------


def scores(person: User, site: Site | None = None) -> dict[str, Score]:
    return {one.check: one for one in scoreboard(Access.of(person, START.date()), site)}


def test_the_scoreboard_adds_up_both_kinds_of_checks(
    measured: Participant, by_coordinator: Actor, coordinator: User, monitor: User
) -> None:
    add_unscheduled_visit(participant=measured, by=by_coordinator, now=LATER)
    client, address = at_the_desk(coordinator), form_address(measured, "VS", "UNS")
    send(client, address, {"height": "175.0", "pulse": IMPOSSIBLE})
    send(client, address, {"height": "175.0", "pulse": HIGH})
    found = scores(monitor)
    assert {
        name: (one.fired, one.changed, one.dismissed, one.open, one.refused) for name, one in found.items()
    } == {
        "VS.pulse": (2, 1, 0, 1, 1),
        "X23": (1, 0, 0, 1, 0),
    }
    confirm_discrepancy(discrepancy=Discrepancy.objects.get(), comment="Right", by=by_coordinator, now=LATER)
    one = scores(monitor)["X23"]
    assert (one.fired, one.dismissed, one.percent_changed) == (1, 1, 0)
    page = Page(at_the_desk(monitor).get("/monitoring/queries/checks/"))
    assert "Vital signs" in page.text and "X23" in page.text


def test_another_sites_checks_do_not_count(
    measured: Participant, coordinator: User, other_site: Site, data_manager: User
) -> None:
    send(at_the_desk(coordinator), form_address(measured, "VS"), {"pulse": HIGH, "reason": "x"})
    stranger = make_person("stranger", None)
    assert scores(stranger) == {}
    assert scores(data_manager, other_site) == {}
    assert "VS.pulse" in scores(data_manager)
