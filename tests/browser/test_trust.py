"""From verification to lock at a browser: verified, asked, corrected, renewed, signed, voided, signed again, locked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from accounts.access import Permission
from accounts.models import Role
from participants.models import Participant, Visit
from records import clock
from tests.browser.conftest import PASSWORD, Desk
from tests.browser.test_accessibility import complaints_of
from tests.browser.test_queries import say
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import HISTORY, VITAL_SIGNS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DEMOGRAPHICS = {"brthdtc": "1970-05-04", "sex": "M", "ethnic_cn": "HAN"}


@pytest.fixture
def visit(own_database: str) -> Visit:
    """A screening visit with three forms submitted, and everybody who works on it."""
    clock.move_to(START)
    site = make_site()
    by = actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    make_person("investigator", Role.INVESTIGATOR, site)
    make_person("monitor", Role.MONITOR, site)
    make_person("manager", Role.DATA_MANAGER)
    participant: Participant = make_participant(site, by)
    fill(participant, "DM", DEMOGRAPHICS, by=by, now=START)
    fill(participant, "VS", VITAL_SIGNS, by=by, now=START)
    row = {"mhterm": "Hypertension", "mhstdtc": "2015", "mhenrf": "N"}
    fill(participant, "MH", {**HISTORY, "conditions": [row]}, by=by, now=START)
    return Visit.objects.select_related("participant__site").get(participant=participant, code="SCR")


def sit(desk: Any, who: str) -> Desk:
    one: Desk = desk(who)
    one.speak("en")
    return one


def correct(one: Desk, name: str, value: str, reason: str) -> None:
    one.page.fill(f"[name={name}]", value)
    one.page.keyboard.press("Tab")
    one.page.locator("#id_reason").wait_for()
    one.page.fill("#id_reason", reason)
    one.press("Save the change")


def sign(one: Desk, address: str, **typed: str) -> None:
    one.open(address)
    one.fill({**typed, "password": PASSWORD})
    one.press("Sign")
    assert "Signed:" in one.text()


def test_data_come_to_be_trusted_and_a_correction_is_seen_by_all(visit: Visit, desk: Any) -> None:
    form, about = f"/visits/{visit.pk}/VS/", f"/monitoring/visits/{visit.pk}/VS/1/"

    # The monitor ticks two fields with the keyboard alone, then verifies the whole.
    monitor = sit(desk, "monitor")
    monitor.open(form)
    page = monitor.page
    for name in ("height", "weight"):
        page.focus(f"#id_{name}")
        page.keyboard.press("Alt+v")
    assert page.locator(".seen-tick:checked").count() == 2
    monitor.press("Verify what is ticked")
    assert page.locator(".seen-complete").count() == 2
    assert "Verified in part" in monitor.text()
    monitor.press("Verify this form")
    assert "Verified" in page.locator(".crf-head").inner_text()

    # And asks about the weight. Until the question is closed, nothing is signed.
    page.locator("#id_weight").focus()
    page.keyboard.press("Alt+q")
    say(page, "ask_", "Does the ward chart say 66 kg?", "Ask")
    page.keyboard.press("Escape")
    investigator = sit(desk, "investigator")
    investigator.open(about + "sign/")
    assert investigator.page.get_by_role("button", name="Sign", exact=True).is_disabled()

    # The coordinator corrects with a reason and answers; what was verified falls, and the monitor renews it.
    coordinator = sit(desk, "coordinator")
    coordinator.open("/")
    assert "Queries to answer (1)" in coordinator.text()
    coordinator.open(form)
    correct(coordinator, "weight", "66", "Misread")
    coordinator.page.locator("#id_weight").focus()
    coordinator.page.keyboard.press("Alt+q")
    say(coordinator.page, "answer_", "Yes, corrected.", "Answer")
    monitor.open("/")
    assert "Changed since verified (1)" in monitor.text()
    monitor.open(form)
    assert "Verified, changed since: Weight" in monitor.text()
    page.focus("#id_weight")
    page.keyboard.press("Alt+v")
    monitor.press("Verify what is ticked")
    assert page.locator(".seen-changed").count() == 0
    page.locator("#qm_weight").focus()
    page.keyboard.press("Enter")
    say(page, "close_", "Thank you", "Close the query")

    # The investigator signs; a correction voids it; it is on the list again, and signed again with the password alone.
    sign(investigator, about + "sign/", username="investigator")
    assert "“I have reviewed these data" in investigator.text()
    coordinator.open(form)
    correct(coordinator, "pulse", "80", "Counted again")
    investigator.open("/")
    assert "To sign (1)" in investigator.text()
    investigator.open(form)
    assert "Voided by a change of VS: Coordinator" in investigator.text()
    assert "reason: Counted again" in investigator.text()
    sign(investigator, about + "sign/")

    # The data manager locks; nobody enters; unlocking names whose signature is at stake.
    manager = sit(desk, "manager")
    manager.open(f"/monitoring/visits/{visit.pk}/")
    manager.page.locator("summary", has_text="Lock").click()
    manager.press("Lock")
    assert "Locked" in manager.text()
    coordinator.open(form)
    assert "The visit is locked" in coordinator.text()
    assert coordinator.page.get_by_role("button", name="Save the change").count() == 0
    manager.open(f"/monitoring/visits/{visit.pk}/")
    manager.page.locator("summary").filter(has_text="Unlock").last.click()
    details = manager.page.locator("details.hold[open]")
    assert "These signatures stand" in details.inner_text() and "Investigator" in details.inner_text()


SCREENS = os.environ.get("SCREENS", "")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_fit_and_are_accessible(visit: Visit, desk: Any, language: str, width: int) -> None:
    form = f"/visits/{visit.pk}/VS/"
    shown = {
        "monitor": [form, f"/visits/{visit.pk}/MH/", f"/monitoring/visits/{visit.pk}/", "/monitoring/"],
        "investigator": [f"/monitoring/visits/{visit.pk}/VS/1/sign/", "/monitoring/to-sign/"],
        "manager": ["/monitoring/plan/", "/monitoring/plan/VS/", f"/monitoring/participants/{visit.participant_id}/", "/participants/"],
    }  # fmt: skip
    for person, addresses in shown.items():
        one: Desk = desk(person, width=width)
        one.speak(language)
        for number, address in enumerate(addresses):
            assert one.open(address) == 200
            over = one.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if SCREENS:
                one.page.screenshot(
                    path=Path(SCREENS) / f"{person}-{number}-{language}-{width}.png", full_page=True
                )
            assert over <= 0, address
            assert complaints_of(one) == [], address
            if number == 0 and person == "monitor":
                with one.page.expect_navigation():
                    one.page.click("button[value=all]")
                if SCREENS:
                    one.page.screenshot(
                        path=Path(SCREENS) / f"verified-{language}-{width}.png", full_page=True
                    )
