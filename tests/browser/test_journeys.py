"""The whole path in a browser, one participant per arm: every form of the casebook, typed as at the hospital."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.access import Permission
from accounts.models import Role, Site
from eligibility.laboratories.actions import add_laboratory, begin_with_usual_limits
from exports.models import ExportJob
from participants.workflow import ParticipantState
from records import clock
from records.definition import forms
from tests.browser.casebook import Casebook, export_as, lost, morning_of, printed
from tests.browser.conftest import Desk, System
from tests.browser.journey import (
    assign,
    decide,
    finish,
    follow_up_after_hepatectomy,
    have_an_event,
    lesion_of,
    operate,
    register,
    review,
    screen,
)
from tests.casebook.printing import Printed
from tests.cast import START, actor, make_person, make_site
from tests.followup.conftest import wait_until
from trial_edc.demo.walks import PLAN, cycle_answers, infusion_answers, mapping_answers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Sit = Callable[..., Desk]

AFTER_HEPATECTOMY = ("PREOP", "SURG", "PH-M1", "PH-M3", "PH-M6", "EOT")
OF_AN_ARM = {"HAIC": {"HAIC"}, "Y90": {"YMAP", "YDOS", "YTRT"}}


@pytest.fixture
def hospital(own_database: str) -> Site:
    """A site with its laboratory and people, the trial's data manager and its system administrator, on 2026-09-01."""
    clock.move_to(START)
    site = make_site()
    make_person("coordinator", Role.COORDINATOR, site)
    make_person("investigator", Role.INVESTIGATOR, site)
    make_person("monitor", Role.MONITOR, site)
    manages = actor(make_person("datamanager", Role.DATA_MANAGER), Permission.CHANGE_STUDY_SETTINGS, site)
    make_person("sysadmin", Role.SYSTEM_ADMINISTRATOR)
    laboratory = add_laboratory(
        site=site, code="LAB1", name_en="Hospital laboratory", name_zh="检验科", by=manages, now=START
    )
    begin_with_usual_limits(laboratory=laboratory, effective_from=START.date(), by=manages, now=START)
    return site


def assert_complete(book: Casebook, arm: str, treatment: tuple[str, ...]) -> None:
    """No form is missing up to month 6 after hepatectomy, nothing is left to settle, and each form was typed."""
    expected = dict.fromkeys(("SCR", *treatment, *AFTER_HEPATECTOMY), "all forms submitted")
    assert book.complete() == expected
    page = book.coordinator.page
    assert page.locator("#checks").count() == 0, page.locator("#checks").inner_text()
    throughout = page.locator(".form-link", has=page.locator(".mark-partial"))
    assert throughout.count() == 0, throughout.all_inner_texts()
    book.coordinator.open("/participants/")
    cells = page.locator("tr", has_text=book.number).locator(".mark")
    marks = {re.sub(r"^mark mark-", "", cell.get_attribute("class") or "") for cell in cells.all()}
    assert marks <= {"submitted", "upcoming", "superseded", "na"}, marks
    others = set().union(*(codes for one, codes in OF_AN_ARM.items() if one != arm))
    assert {typed.form for typed in book.typed} == set(forms()) - others


def assert_kept(book: Casebook, desk: Sit) -> None:
    """The PDF, the response page and the export hold what was typed."""
    participant = book.participant
    pdf = Printed(printed(book.investigator, participant))
    assert book.number in pdf.page(1)
    assert len(pdf) > 20
    assert pdf.lacks(["Sintilimab", "Abdominal pain", "Hypertension"]) == []

    book.investigator.open(f"/participants/{participant.pk}/response/?criteria=RECIST11")
    shown = book.investigator.text()
    for words in ("PR", "NED", "44.0", "censored"):
        assert words in shown, shown

    assert lost(book, export_as(desk("datamanager"))) == []


def test_a_participant_of_the_y90_arm_from_consent_to_month_6_after_hepatectomy(
    hospital: Site, system: System, desk: Sit
) -> None:
    coordinator, investigator = desk("coordinator"), desk("investigator")
    book = register(coordinator, investigator, "ZQ")
    participant = book.participant

    # No treatment form opens before eligibility is confirmed.
    coordinator.open(f"/visits/{book.visit('SCR').pk}/ARM/")
    assert "opens when the investigator has confirmed eligibility" in coordinator.text()

    screen(book)
    decide(book)
    assign(book, "Y90")

    mapped = START + timedelta(days=2)
    book.attend("Y-MAP", mapped, mode="INPATIENT")
    clock.move_to(mapped + timedelta(hours=3))
    book.enter("Y-MAP", "YMAP", mapping_answers(mapped))
    book.enter("Y-MAP", "YDOS", PLAN)
    investigator.open(f"/treatment/{participant.pk}/")
    assert "verification only" in investigator.text()
    investigator.press("Confirm as the second person")

    infused = START + timedelta(days=9)
    book.attend("Y-INF", infused, mode="INPATIENT")
    clock.move_to(infused + timedelta(hours=27))
    book.enter("Y-INF", "YTRT", infusion_answers(infused))
    participant.refresh_from_db()
    assert participant.status == ParticipantState.FOLLOW_UP
    assert str(book.visit("Y-M1").target_from) == "2026-10-10"
    book.attend("Y-D1", infused + timedelta(hours=27), mode="INPATIENT")
    have_an_event(book, clock.day(infused), y90="PROBABLE", maa="UNRELATED")

    book.attend("Y-M1", book.aimed_at("Y-M1"), IMG=lesion_of("58.0", "50.0"), RSP={"rsinv": "SD"})
    reviewed = book.aimed_at("Y-M3")
    operated = reviewed + timedelta(days=5)
    review(book, "Y-M3", reviewed)
    operate(book, operated)
    follow_up_after_hepatectomy(book)
    finish(book, clock.day(operated))

    assert_complete(book, "Y90", ("Y-MAP", "Y-INF", "Y-D1", "Y-M1", "Y-M3"))
    assert_kept(book, desk)

    monitor = desk("monitor")
    monitor.open(f"/visits/{book.visit('Y-M1').pk}/RSP/1/")
    assert "your role does not enter data" in monitor.text()
    monitor.open(f"/participants/{participant.pk}/trail/")
    assert "Last known alive" in monitor.text()

    administrator = desk("sysadmin")
    for path in (f"/participants/{participant.pk}/", "/participants/", "/dashboard/", "/exports/"):
        assert administrator.open(path) in (403, 404), path
    file = f"/exports/{ExportJob.objects.latest('pk').pk}/file/"
    assert administrator.page.request.get(system.address + file).status in (403, 404)


def test_a_participant_of_the_haic_arm_from_consent_to_month_6_after_hepatectomy(
    hospital: Site, system: System, desk: Sit, tmp_path: Path
) -> None:
    coordinator, investigator = desk("coordinator"), desk("investigator")
    book = register(coordinator, investigator, "LM")
    participant = book.participant
    screen(book)
    decide(book)
    assign(book, "HAIC", hplan="2")

    for cycle in (1, 2):
        start = START + timedelta(days=2 + 21 * (cycle - 1))
        code = f"H-C{cycle}"
        book.attend(code, start, mode="INPATIENT")
        investigator.open(f"/treatment/{participant.pk}/")
        assert investigator.page.locator(".card-current .treatment-gate .verdict-pass").count() == 1
        assert "verification only" in investigator.text()
        clock.move_to(start + timedelta(hours=73))
        book.enter(code, "HAIC", cycle_answers(start))
    participant.refresh_from_db()
    assert participant.status == ParticipantState.FOLLOW_UP
    have_an_event(book, clock.day(start), drug="POSSIBLE", haic="PROBABLE")

    # The calendar moved with the end of the last cycle; when its window opens, the site is reminded by mail.
    opens = book.visit("H-R2").window_open
    assert opens is not None
    clock.move_to(morning_of(opens))
    system.start("celery", "-A", "trial_edc", "beat", "--schedule", str(tmp_path / "beat"), "--pidfile", "")
    message = wait_until(lambda: system.mailbox.messages, "a reminder")[0]
    assert message["To"] == "coordinator@example.org"
    assert "LM" not in message.as_string()
    link = re.search(r"http://\S+", message.get_payload(decode=True).decode())
    assert link is not None
    coordinator.open(link[0])
    assert book.number in coordinator.text()
    wait_until(lambda: "sent" in reminders(coordinator).lower(), "the reminder's outcome on the page")

    reviewed = book.aimed_at("H-R2")
    operated = reviewed + timedelta(days=4)
    review(book, "H-R2", reviewed)
    operate(book, operated)
    follow_up_after_hepatectomy(book)
    finish(book, clock.day(operated))

    assert_complete(book, "HAIC", ("H-C1", "H-C2", "H-R2"))
    assert_kept(book, desk)
    investigator.open("/dashboard/")
    assert "286" in investigator.text()


def reminders(desk: Desk) -> str:
    desk.page.reload()
    return desk.page.locator("#reminders").inner_text()


def test_the_path_in_chinese(hospital: Site, desk: Sit) -> None:
    coordinator = desk("coordinator", locale="zh-CN", width=390)
    with coordinator.page.expect_navigation():
        coordinator.page.locator("[name=language]").click()
    assert coordinator.page.locator("html").get_attribute("lang") == "zh-Hans"
    coordinator.open("/participants/new/")
    coordinator.fill({"initials": "张三", "consent_signed_at": "2026-9-1 09:00"})
    coordinator.press("登记")
    assert "字母" in coordinator.text()
    assert coordinator.page.locator("[name=consent_signed_at]").input_value() == "2026-09-01 09:00"
