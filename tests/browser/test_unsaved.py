"""Nothing typed is lost: it is kept while one types, offered again, and two people's answers are chosen from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.access import Permission
from accounts.models import Role
from eligibility.models import VitalSigns
from participants.models import Participant, Visit
from records import clock
from tests.browser.conftest import Desk, System
from tests.cast import START, actor, make_participant, make_person, make_site
from trial_edc.demo.filling import fill

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Sit = Callable[..., Desk]


@pytest.fixture
def participant(own_database: str) -> Participant:
    clock.move_to(START)
    site = make_site()
    person = make_person("coordinator", Role.COORDINATOR, site)
    make_person("second", Role.COORDINATOR, site)
    return make_participant(site, actor(person, Permission.ENTER_DATA, site))


def vital_signs(participant: Participant) -> str:
    return f"/visits/{Visit.objects.get(participant=participant, code='SCR').pk}/VS/"


def test_what_was_typed_outlives_a_closed_window(participant: Participant, system: System, desk: Sit) -> None:
    one = desk("coordinator")
    one.open(vital_signs(participant))
    one.page.locator("[name=height]").press_sequentially("171")
    one.page.get_by_text("What you type was kept at").wait_for()
    one.page.locator("[name=weight]").press_sequentially("66")
    with one.page.expect_response("**/unsaved/"):
        one.page.evaluate(
            "Object.defineProperty(document, 'visibilityState', {value: 'hidden'});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    one.page.close()

    one.page = one.context.new_page()
    one.open("/")
    one.page.get_by_role("link", name="Take up").click()
    one.page.get_by_text("stands on this page again").wait_for()
    assert one.page.locator("[name=height]").input_value() == "171"
    assert one.page.locator("[name=weight]").input_value() == "66"
    with one.page.expect_navigation():
        one.page.keyboard.press("Control+s")
    assert str(VitalSigns.objects.get().weight) == "66.0"
    one.open(vital_signs(participant))
    assert "did not save it" not in one.text()


def test_the_later_of_two_people_chooses_field_by_field(
    participant: Participant, system: System, desk: Sit
) -> None:
    by = actor(participant.registered_by, Permission.ENTER_DATA, participant.site)
    fill(participant, "VS", {"ecog": "0", "pulse": 70}, by=by, now=clock.now(), submit=False)
    first, second = desk("coordinator"), desk("second")
    first.open(vital_signs(participant))
    second.open(vital_signs(participant))
    first.fill({"height": "170", "ecog": "1", "pulse": ""})
    with first.page.expect_navigation():
        first.page.keyboard.press("Control+s")
    second.fill({"height": "171", "ecog": "2", "pulse": "75"})
    with second.page.expect_navigation():
        second.page.keyboard.press("Control+s")
    assert "Somebody else saved this form" in second.errors()

    row = second.page.locator("#id_ecog_row")
    assert "1" in row.locator("del").inner_text()
    row.get_by_role("button", name="Take this").click()
    assert second.page.locator("[name=ecog][value='1']").is_checked()
    row.get_by_role("button", name="Take mine back").click()
    assert second.page.locator("[name=ecog][value='2']").is_checked()
    row.get_by_role("button", name="Take this").click()
    pulse = second.page.locator("#id_pulse_row")
    assert "blank" in pulse.locator("del").inner_text()
    pulse.get_by_role("button", name="Take this").click()
    with second.page.expect_navigation():
        second.page.keyboard.press("Control+s")
    stored = VitalSigns.objects.get()
    assert (str(stored.height), stored.ecog, stored.pulse) == ("171.0", "1", None)
