"""A query from the field to its closing, by keyboard, on the real system."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.access import Permission
from accounts.models import Role, Site
from monitoring.models import Query
from participants.models import Participant, Visit
from records import clock
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.walks import VITAL_SIGNS, fill

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def measured(own_database: str) -> Participant:
    clock.move_to(START)
    site: Site = make_site()
    enters = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    make_person("monitor", Role.MONITOR, site)
    participant = make_participant(site, enters)
    fill(participant, "VS", VITAL_SIGNS, by=enters, now=START)
    return participant


def form_of(participant: Participant) -> str:
    return f"/visits/{Visit.objects.get(participant=participant, code='SCR').pk}/VS/"


def say(page: Any, name: str, words: str, button: str) -> None:
    """Go to the words by Tab from the drawer's title, type, and press the button that follows."""
    page.locator("#drawer-title:focus").wait_for()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id").startswith(name):
            break
    page.keyboard.type(words)
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == button:
            break
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    page.locator("#drawer-body [role=status]").wait_for()


def test_a_query_is_asked_answered_and_closed_with_the_keyboard(measured: Participant, desk: Any) -> None:
    monitor = desk("monitor")
    monitor.open(form_of(measured))
    monitor.page.locator("#id_weight").focus()
    monitor.page.keyboard.press("Alt+q")
    say(monitor.page, "ask_", "Does the ward chart say 56 kg?", "Ask")
    mark = monitor.page.locator("#qm_weight")
    assert "query-open" in mark.get_attribute("class")
    assert monitor.page.locator("#qm_").inner_text() == "Queries: 1 open"
    monitor.page.keyboard.press("Escape")
    assert not monitor.page.locator("#drawer[open]").count()

    coordinator = desk("coordinator")
    coordinator.open("/")
    assert "Queries to answer (1)" in coordinator.text()
    coordinator.open(form_of(measured))
    coordinator.page.locator("#id_weight").fill("56")
    coordinator.page.keyboard.press("Tab")
    coordinator.page.locator("#id_reason").fill("Misread")
    with coordinator.page.expect_navigation():
        coordinator.page.keyboard.press("Control+s")
    coordinator.page.locator("#id_weight").focus()
    coordinator.page.keyboard.press("Alt+q")
    say(coordinator.page, "answer_", "Yes, corrected.", "Answer")
    assert "65.0 kg" in coordinator.page.locator("#drawer-body .followed del").inner_text()
    assert "query-answered" in coordinator.page.locator("#qm_weight").get_attribute("class")

    monitor.open("/")
    assert "Answered queries, to close (1)" in monitor.text()
    monitor.open(form_of(measured))
    monitor.page.locator("#qm_weight").focus()
    monitor.page.keyboard.press("Enter")
    say(monitor.page, "close_", "Thank you", "Close the query")
    assert Query.objects.get().is_closed
    assert "query-closed" in monitor.page.locator("#qm_weight").get_attribute("class")
