"""A participant at their phone on the real system: opened by the sheet's link, through an outage, to the site's page."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.access import Actor, Permission
from accounts.models import Role, User
from diary.actions import hand_out_link, revoke_link
from diary.models import DiaryEntry, DiaryLink, DiaryTask
from participants.models import Participant
from records import clock
from tests.browser.conftest import System, _wait_for
from tests.browser.test_accessibility import complaints_of
from tests.cast import START, actor, make_participant, make_person, make_site
from tests.diary.writing import CALL, YEAR, known

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAITING, SENT, REFUSED = (f"#list li[data-state='{state}']" for state in ("waiting", "sent", "refused"))


@pytest.fixture
def enters(own_database: str) -> Actor:
    clock.move_to(START)
    site = make_site()
    make_person("investigator", Role.INVESTIGATOR, site)
    return actor(make_person("coordinator", Role.COORDINATOR, site), Permission.ENTER_DATA, site)


@pytest.fixture
def participant(enters: Actor) -> Participant:
    return known(make_participant(User.objects.get(username="coordinator").roles.get().site, enters), enters)


class Phone:
    """The participant's phone; `complaints` is what its browser complained of, outages and refusals aside."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.context = browser.new_context(
            locale="zh-CN",
            viewport={"width": 390, "height": 844},
            has_touch=True,
            timezone_id="Asia/Shanghai",
        )
        self.context.set_default_timeout(30_000)
        self.address = address
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._console)
        self.requested: list[str] = []
        self.context.on("request", lambda request: self.requested.append(request.url + str(request.headers)))

    def _console(self, message: Any) -> None:
        expected = ("net::ERR_", "status of 401", "status of 422")
        if message.type == "error" and not any(words in message.text for words in expected):
            self.complaints.append(message.text)

    def open(self, token: str, path: str = "/my-record/") -> Page:
        self.page.goto(f"{self.address}{path}#{token}")
        self.page.locator("#year").fill(YEAR)
        self.page.locator("#opening .main").click()
        self.page.locator("#entry").wait_for()
        return self.page

    def choose(self, name: str, degree: int) -> None:
        self.page.locator(f"[name='{name}'][value='{degree}']").check(force=True)

    def save(self) -> None:
        self.page.locator("#entry > .main").click()


@pytest.fixture
def phone(chromium: Browser, system: System) -> Iterator[Phone]:
    one = Phone(chromium, system.address)
    yield one
    one.context.close()
    assert one.complaints == []


def token_for(participant: Participant, enters: Actor) -> str:
    return hand_out_link(participant=participant, call=CALL, by=enters, now=clock.now())[1]


def outage(system: System) -> None:
    """The web server is gone."""
    server = system.processes.pop(0)
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(timeout=30)


def back_again(system: System) -> None:
    system.serve()
    system.processes.insert(0, system.processes.pop())
    _wait_for(system)


def test_what_is_written_in_an_outage_is_sent_after_it(
    participant: Participant, enters: Actor, system: System, phone: Phone, desk: Any
) -> None:
    token = token_for(participant, enters)
    page = phone.open(token)
    assert page.url == f"{system.address}/my-record/"
    assert not any(token in one for one in phone.requested)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.choose("sym_pain", 2)
    phone.save()
    page.locator(SENT).wait_for()

    outage(system)
    page.reload()  # the shell comes from the phone
    page.locator("#entry").wait_for()
    page.locator("#temperature").fill("39，1")
    phone.choose("sym_fever", 8)
    page.locator("#note").fill("夜里发冷")
    phone.save()
    expect(page.locator("#severe")).to_contain_text(CALL)  # said without a connection
    page.locator(WAITING).wait_for()
    page.locator("#note").fill("还没写完")
    # What is being typed is kept a moment later.
    page.evaluate(
        "async () => { while ((await diary.keep.noted('typing'))?.answers.note !== '还没写完')"
        " await new Promise(requestAnimationFrame); }"
    )
    page.reload()
    page.locator(WAITING).wait_for()
    expect(page.locator("#note")).to_have_value("还没写完")
    assert "39" not in page.locator("#list").inner_text()
    assert DiaryEntry.objects.count() == 1

    back_again(system)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(SENT)).to_have_count(2)
    expect(page.locator(WAITING)).to_have_count(0)
    late = DiaryEntry.objects.get(note="夜里发冷")
    assert (str(late.temperature), late.sym_fever) == ("39.1", 8)
    assert DiaryTask.objects.get().entry == late

    site = desk("coordinator")
    site.open(f"/diary/{participant.pk}/")
    site.page.get_by_placeholder("What was done").fill("called, comes tomorrow")
    site.press("Done")
    assert "called, comes tomorrow" in site.text()


def test_what_the_server_refuses_stays_and_is_said(
    participant: Participant, enters: Actor, system: System, phone: Phone
) -> None:
    page = phone.open(token_for(participant, enters))
    page.locator("#temperature").fill("50")
    phone.save()
    page.locator(REFUSED).wait_for()
    expect(page.locator(REFUSED)).to_contain_text("34至43")
    page.get_by_role("button", name="更改").click()
    page.locator("#temperature").fill("37.5")
    phone.save()
    page.locator(SENT).wait_for()
    page.get_by_role("button", name="更正").click()
    page.locator("#temperature").fill("37.8")
    with page.expect_response("**/my-record/entries/"):
        phone.save()
    expect(page.locator("#status")).to_have_text("全部内容已发送。")
    first, second = DiaryEntry.objects.order_by("id")
    assert (second.replaces, str(first.temperature), str(second.temperature)) == (first, "37.5", "37.8")

    revoke_link(link=DiaryLink.objects.get(), why="lost", by=enters, now=clock.now())
    phone.choose("sym_pain", 1)
    phone.save()
    expect(page.locator("#notice")).to_contain_text("链接已失效")
    page.locator(WAITING).wait_for()
    phone.open(token_for(participant, enters))
    page.locator(SENT).first.wait_for()
    expect(page.locator(WAITING)).to_have_count(0)
    assert DiaryEntry.objects.count() == 3


@pytest.mark.parametrize("path", ["/my-record/", "/my-record/en/"])
def test_the_phone_page_breaks_no_rule_of_accessibility_and_is_easy_to_touch(
    participant: Participant, enters: Actor, phone: Phone, path: str
) -> None:
    phone.page.goto(phone.address + path)
    phone.page.locator("#no-link").wait_for()
    found = complaints_of(phone)
    token = token_for(participant, enters)
    phone.page.goto("about:blank")
    phone.page.goto(f"{phone.address}{path}#{token}")
    phone.page.locator("#year").wait_for()
    found += complaints_of(phone)
    page = phone.open(token, path + "?again")
    phone.choose("sym_pain", 9)
    page.locator("summary").click()
    found += complaints_of(phone)
    phone.save()
    page.locator(SENT).wait_for()
    found += complaints_of(phone)
    assert found == []
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, textarea, summary, a, .degrees label, input:not([type=radio])")]
        .filter((one) => one.checkVisibility())
        .map((one) => [one.id || one.textContent.trim(), one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 44 || box.width < 44).map(([name]) => name)"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_sites_pages_break_no_rule_of_accessibility(
    participant: Participant, enters: Actor, phone: Phone, desk: Any
) -> None:
    phone.open(token_for(participant, enters))
    phone.choose("sym_pain", 9)
    phone.save()
    phone.page.locator(SENT).wait_for()
    found = {}
    for username, width, language in (("coordinator", 1440, "en"), ("investigator", 390, "zh-hans")):
        one = desk(username, width=width)
        one.speak(language)
        for path in ("/diary/", f"/diary/{participant.pk}/", f"/diary/{participant.pk}/contact/"):
            assert one.open(path) == 200
            found[username, path] = complaints_of(one)
        one.open(f"/diary/{participant.pk}/")
        with one.page.expect_navigation():
            one.page.locator("form[action$='/link/'] button").click()
        assert one.page.locator(".qr img").count() == 1
        found[username, "sheet"] = complaints_of(one)
    assert {place: complaints for place, complaints in found.items() if complaints} == {}
