"""A serious adverse event at a browser: the term chosen with the keyboard, the clock, the report and its versions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.access import SYSTEM, Permission
from accounts.models import Role, Site
from participants.models import Participant
from records import clock
from safety.actions import watch
from tests.browser.conftest import Desk
from tests.browser.test_accessibility import complaints_of
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.safety.entering import EVENT, NOT_GIVEN, at, enter, log_of, serious
from tests.safety.meddra_folder import chinese, english
from trial_edc.demo.walks import fill

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def participant(own_database: str) -> Participant:
    """Somebody in screening, and the people who look after safety."""
    clock.move_to(START)
    site: Site = make_site()
    coordinator = make_person("coordinator", Role.COORDINATOR, site)
    make_person("datamanager", Role.DATA_MANAGER)
    return make_participant(site, actor(coordinator, Permission.ENTER_DATA, site))


def wait_for_options(desk: Desk, words: str) -> None:
    desk.page.locator("[role=option]", has_text=words).first.wait_for()


def test_a_term_is_chosen_and_graded_with_the_keyboard_alone(participant: Participant, desk: Any) -> None:
    one: Desk = desk("coordinator")
    one.speak("en")
    one.open(f"/visits/{log_of(participant).pk}/AE/1/")
    page = one.page
    page.focus("#id_aeterm")
    page.keyboard.type("platelets fell to 40")
    page.keyboard.press("Tab")
    page.keyboard.type("血小板")
    wait_for_options(one, "Platelet count decreased")
    field = page.locator("#id_aedecod")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert field.input_value() == "Platelet count decreased"
    assert field.get_attribute("aria-expanded") == "false"
    grades = page.locator("[data-grade-of=aedecod] .choice:visible")
    assert grades.count() == 4
    assert "<50,000 - 25,000/mm3" in grades.nth(2).inner_text()
    page.locator("output", has_text="Investigations").wait_for()
    page.focus("#id_aetoxgr_0")
    page.keyboard.press("3")
    assert page.locator("#id_aetoxgr_2").is_checked()
    # Taken back, the general wording stands there again, and grade 5 with it.
    page.fill("#id_aedecod", "")
    assert grades.count() == 5
    page.fill("#id_aedecod", "zzz")
    page.locator(".term-status:not(.visually-hidden)", has_text="No such term").wait_for()
    page.keyboard.press("Control+s")
    page.locator("[data-error-summary]").wait_for()
    assert "CTCAE v4.03 has no term of this name" in one.errors()


# Typed on and Enter pressed at once, before the list of the new words can be there.
TYPED_ON = """() => {
  const field = document.querySelector("#id_aedecod");
  field.value = "abdominal pain";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}"""


def test_no_term_is_chosen_from_a_list_of_what_was_typed_before(participant: Participant, desk: Any) -> None:
    one: Desk = desk("coordinator")
    one.speak("en")
    one.open(f"/visits/{log_of(participant).pk}/AE/1/")
    page, field = one.page, one.page.locator("#id_aedecod")
    page.focus("#id_aedecod")
    page.keyboard.type("abdominal")
    page.locator("[role=option][aria-selected=true]").wait_for()
    page.evaluate(TYPED_ON)
    assert field.input_value() == "abdominal pain"
    page.locator("[role=option][aria-selected=true]", has_text="Abdominal pain").wait_for()
    page.keyboard.press("Enter")
    assert field.input_value() == "Abdominal pain"


def test_the_clock_runs_from_awareness_to_the_report(participant: Participant, desk: Any) -> None:
    one: Desk = desk("coordinator")
    one.speak("en")
    one.open(f"/visits/{log_of(participant).pk}/AE/1/")
    aware = START - timedelta(minutes=50)
    one.fill({"aeterm": "liver abscess", "aeser": "Y"})
    one.page.locator("#id_saeaware").wait_for()
    one.fill({"saeaware": aware})
    with one.page.expect_navigation():
        one.page.keyboard.press("Control+s")
    assert "23 h 9 min left" in one.text() or "23 h 10 min left" in one.text()
    one.open("/")
    assert "SAE clocks running (1)" in one.text()
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="Report 01-001").click()
    one.press("File the report")
    assert "The report is filed." in one.text()
    assert "Reported in time" in one.text()
    one.open(f"/safety/{participant.pk}/events/1/reports/1/")
    assert "首次报告" in one.text() and "Initial report" in one.text()
    one.open("/")
    assert "SAE clocks running" not in one.text()


@pytest.fixture
def busy(participant: Participant, tmp_path: Path) -> Participant:
    """Clocks of every light, a reported event with a version, drafts, and a dictionary of invented terms."""
    site = participant.site
    by = actor(make_person("second", Role.COORDINATOR, site), Permission.ENTER_DATA, site)
    now = at("2026-10-02 09:00")
    clock.move_to(now)
    fill(participant, "IE", {"procdtc": START - timedelta(hours=2)}, by=by, now=now, submit=False)
    for aware in ("2026-10-02 08:00", "2026-10-01 12:00", "2026-10-01 08:00"):
        least = {"aeterm": f"liver abscess {aware[8:10]}", "aeser": "Y", "saeaware": at(aware)}
        enter(participant, "AE", least, submit=False, by=by, now=now)
    enter(
        participant,
        "AE",
        serious("2026-09-20 08:00", aerel_drug="PROBABLE", saeexp="N", aeslife="Y"),
        missing={name: "NA" for name in NOT_GIVEN if name != "aerel_drug"},
        by=by,
        now=now,
    )
    enter(participant, "AE", {**EVENT, "aeterm": "blue knee"}, missing=NOT_GIVEN, by=by, now=now)
    watch(by=SYSTEM, now=now)
    folders = [str(english(tmp_path / "en")), "--chinese", str(chinese(tmp_path / "zh"))]
    call_command("import_meddra", *folders, "--version", "99.0", "--commit", "--by", "datamanager")
    return participant


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390)])
def test_no_page_of_safety_breaks_a_rule_of_accessibility(
    language: str, width: int, busy: Participant, desk: Any
) -> None:
    log = log_of(busy).pk
    coordinator, manager = desk("coordinator", width=width), desk("datamanager", width=width)
    coordinator.speak(language)
    coordinator.open(f"/safety/{busy.pk}/events/4/")
    with coordinator.page.expect_navigation():
        coordinator.page.locator("main form button.btn-primary").click()
    found = {}
    for one, paths in (
        (
            coordinator,
            [
                "/",
                "/safety/",
                f"/participants/{busy.pk}/",
                f"/safety/{busy.pk}/events/1/",
                f"/safety/{busy.pk}/events/4/",
                f"/safety/{busy.pk}/events/4/reports/1/",
                f"/visits/{log}/AE/4/",
                f"/visits/{log}/CM/1/",
                f"/visits/{log}/DV/1/",
            ],
        ),
        (manager, ["/safety/recipients/", "/safety/coding/", f"/safety/coding/{busy.pk}/5/"]),
    ):
        one.speak(language)
        for path in paths:
            assert one.open(path) == 200, path
            if complaints := complaints_of(one):
                found[path] = complaints
    assert found == {}
