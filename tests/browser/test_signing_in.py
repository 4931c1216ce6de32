"""The session of a page left open, and passkeys, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.access import Permission
from accounts.models import Role, SecondFactor, Session, SignInEvent
from eligibility.models import VitalSigns
from participants.models import Participant, Visit
from records import clock
from tests.browser.conftest import PASSWORD, System
from tests.cast import START, actor, make_participant, make_person, make_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

IDLE = 20
LONG = 60_000


@pytest.fixture
def short_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is left alone warns after ten seconds and signs out after twenty."""
    monkeypatch.setenv("IDLE_SECONDS", str(IDLE))


@pytest.fixture
def participant(own_database: str) -> Participant:
    clock.move_to(START)
    site = make_site()
    coordinator = make_person("coordinator", Role.COORDINATOR, site)
    return make_participant(site, actor(coordinator, Permission.ENTER_DATA, site))


def form_of(participant: Participant) -> str:
    return f"/visits/{Visit.objects.get(participant=participant, code='SCR').pk}/VS/"


def come_back(page: Page) -> None:
    page.locator("#again-password").fill(PASSWORD)
    page.locator("#sign-in-again button").click()


def test_a_page_left_alone_warns_signs_out_and_keeps_what_was_typed(
    short_idle: None, participant: Participant, desk: Any
) -> None:
    one = desk("coordinator")
    one.open(form_of(participant))
    page = one.page
    page.fill("[name=pulse]", "72")
    warning, door = page.locator("#session-warning"), page.locator("#sign-in-again")
    expect(warning).to_be_visible(timeout=LONG)
    warning.get_by_role("button").click()
    expect(warning).to_be_hidden()
    expect(warning).to_be_visible(timeout=LONG)
    expect(door).to_be_visible(timeout=LONG)
    expect(page.locator("#again-password")).to_be_focused()
    page.keyboard.press("Escape")
    expect(door).to_be_visible()
    page.locator("#again-password").fill("wrong")
    page.keyboard.press("Enter")
    expect(door.locator("[data-said]")).to_have_text(
        "The user name or the password is not right.", timeout=LONG
    )
    assert Session.objects.exclude(person=None).count() == 0
    come_back(page)
    expect(door).to_be_hidden(timeout=LONG)
    expect(page.locator("[name=pulse]")).to_have_value("72")
    expect(page.locator("[name=pulse]")).to_be_focused()
    one.press("Save")
    assert VitalSigns.objects.get().pulse == 72
    kinds = list(SignInEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["SIGNED_IN", "SIGNED_OUT", "FAILED", "SIGNED_IN"]
    one.complaints.clear()


def test_a_form_sent_without_a_session_is_held_back_and_sent_after_signing_in(
    participant: Participant, desk: Any
) -> None:
    one = desk("coordinator")
    one.open(form_of(participant))
    one.page.fill("[name=pulse]", "73")
    Session.objects.all().delete()
    one.page.get_by_role("button", name="Save", exact=True).click()
    expect(one.page.locator("#sign-in-again")).to_be_visible(timeout=LONG)
    with one.page.expect_navigation():
        come_back(one.page)
    assert VitalSigns.objects.get().pulse == 73
    one.complaints.clear()  # what was typed could not be kept on the server meanwhile: the console says so
    assert VitalSigns.objects.get().entered_by.username == "coordinator"


def test_nothing_is_sent_under_the_name_of_somebody_who_signed_in_meanwhile(
    participant: Participant, desk: Any
) -> None:
    make_person("colleague", Role.COORDINATOR, participant.site)
    one = desk("coordinator")
    one.open(form_of(participant))
    one.page.fill("[name=pulse]", "74")
    other = one.context.new_page()
    other.goto(one.address + "/")
    other.evaluate("document.querySelector('form[action=\"/sign-out/\"]').submit()")
    other.wait_for_url("**/sign-in/")
    other.fill("[name=username]", "colleague")
    other.fill("[name=password]", PASSWORD)
    with other.expect_navigation():
        other.click("main button")
    one.page.keyboard.press("Control+s")
    expect(one.page.locator("#sign-in-again")).to_be_visible(timeout=LONG)
    assert VitalSigns.objects.count() == 0
    one.complaints.clear()


def test_a_passkey_is_made_and_lets_its_owner_in(
    system: System, chromium: Browser, own_database: str
) -> None:
    clock.move_to(START)
    make_person("coordinator", Role.COORDINATOR, make_site())
    context = chromium.new_context(locale="en")
    context.set_default_timeout(LONG)
    page = context.new_page()
    keys = context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    answering = {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": {**kind, **answering}})
    # A passkey belongs to a name, never to a bare address.
    address = system.address.replace("127.0.0.1", "localhost")

    def first_step() -> None:
        page.goto(address + "/sign-in/")
        page.fill("[name=username]", "coordinator")
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation():
            page.click("main button")

    first_step()
    page.goto(address + "/account/passkey/")
    page.fill("main [name=password]", PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Make a passkey").click()
    assert len(re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", page.locator("main").inner_text())) == 10
    factor = SecondFactor.objects.get()
    assert (factor.kind, factor.name) == ("PASSKEY", "My passkey")
    context.clear_cookies()
    first_step()
    assert page.url.endswith("/sign-in/second/")
    with page.expect_navigation():
        page.get_by_role("button", name="Use a passkey").click()
    assert page.url == address + "/"
    assert list(SignInEvent.objects.order_by("-id").values_list("kind", flat=True)[:1]) == ["SIGNED_IN"]
    context.close()
