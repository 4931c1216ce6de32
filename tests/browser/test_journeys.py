"""The whole path in a browser, one participant per arm, as the people of the trial walk it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Role, Site
from exports.models import ExportJob
from followup.models import SymptomRecord
from participants.models import Participant, Visit
from participants.workflow import ParticipantState
from records import clock
from records.items import items_of
from tests.browser.conftest import Desk, System
from tests.cast import START, make_person, make_site
from tests.followup.conftest import wait_until
from trial_edc.demo.walks import (
    ASSIGNMENT,
    DEMOGRAPHICS,
    HISTORY,
    JUDGEMENT,
    LABORATORY,
    PLAN,
    STAGING,
    VIROLOGY,
    VITAL_SIGNS,
    cycle_answers,
    infusion_answers,
    mapping_answers,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Sit = Callable[..., Desk]


@pytest.fixture
def hospital(own_database: str) -> Site:
    """A site with its people, the trial's data manager and its system administrator, on 2026-09-01."""
    clock.move_to(START)
    site = make_site()
    make_person("coordinator", Role.COORDINATOR, site)
    make_person("investigator", Role.INVESTIGATOR, site)
    make_person("monitor", Role.MONITOR, site)
    make_person("datamanager", Role.DATA_MANAGER)
    make_person("sysadmin", Role.SYSTEM_ADMINISTRATOR)
    return site


EXAMINATION = {"imgmod": "CEMRI", "imgqual": "Y", "imgeval": "INVESTIGATOR"}
BASELINE_LESION = {"lnkid": "T01", "lescat": "TARGET", "lesloc": "S6", "ldiam": "72", "viadiam": "66"}


def visit_of(number: str, code: str) -> Visit:
    return Visit.objects.get(participant__number=number, code=code)


def enter(desk: Desk, number: str, visit_code: str, form: str, answers: dict[str, Any]) -> None:
    """Open a form, type the answers, submit with the keyboard; what is unusual is confirmed with a word."""
    desk.open(f"/visits/{visit_of(number, visit_code).pk}/{form}/")
    desk.fill(answers)
    desk.submit_form()
    questions = desk.page.locator("input.confirm")
    if questions.count():
        for position in range(questions.count()):
            questions.nth(position).fill("Checked against the source")
        desk.submit_form()
    assert desk.errors() == "", (form, desk.errors())


def register(desk: Desk, initials: str) -> str:
    desk.open("/participants/new/")
    desk.fill(
        {
            "initials": initials,
            "consent_signed_at": "2026-9-1 09:00",
            "consent_version": "1.0",
            "consent_signer": "SUBJECT",
            "copy_given": "Y",
        }
    )
    desk.press("Register")
    return desk.page.locator(".strip h1").inner_text().split()[0]


def screen(desk: Desk, number: str) -> None:
    """Fill the screening forms; the stage appears while one types."""
    today = clock.today()
    now = clock.now()
    enter(desk, number, "SCR", "SV", {"svdone": "Y", "svstdtc": today, "svmode": "CLINIC"})
    enter(desk, number, "SCR", "DM", DEMOGRAPHICS)
    enter(desk, number, "SCR", "MH", HISTORY)
    enter(desk, number, "SCR", "VS", VITAL_SIGNS)
    enter(desk, number, "SCR", "LB", {**LABORATORY, **VIROLOGY, "lbdtc": now, "virdtc": today})

    desk.open(f"/visits/{visit_of(number, 'SCR').pk}/STG/")
    desk.fill({**STAGING, "imgdtc": today - timedelta(days=5)})
    panel = desk.page.locator(".derived-panel")
    panel.get_by_text("Ib", exact=True).first.wait_for()
    assert "5" in panel.inner_text()
    desk.submit_form()
    assert desk.errors() == ""

    desk.open(f"/visits/{visit_of(number, 'SCR').pk}/IMG/")
    desk.fill({**EXAMINATION, "imgdtc": today - timedelta(days=5)})
    desk.page.locator("[data-add-row]").click()
    desk.fill({f"lesions-n1-{name}": value for name, value in BASELINE_LESION.items()})
    desk.submit_form()
    assert desk.errors() == ""
    enter(desk, number, "SCR", "IE", {**JUDGEMENT, "trtpdtc": today + timedelta(days=6)})


def decide(desk: Desk, participant: Participant) -> None:
    desk.open(f"/eligibility/{participant.pk}/")
    assert desk.page.locator(".verdict-pass").count() >= 17
    desk.press("Confirm eligibility")
    participant.refresh_from_db()
    assert participant.status == ParticipantState.ELIGIBLE


def go_to(moment: datetime) -> datetime:
    clock.move_to(moment)
    return clock.now()


def export_as(desk: Desk) -> dict[str, list[dict[str, str]]]:
    """Ask for an export, watch it finish, download it, and read its tables."""
    desk.open("/exports/")
    desk.press("Request the export")
    link = desk.page.get_by_role("link", name=re.compile("Download")).first
    link.wait_for(timeout=60_000)
    with desk.page.expect_download() as coming:
        link.click()
    content = zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes()))
    return {
        name: list(csv.DictReader(io.StringIO(content.read(name).decode("utf-8"))))
        for name in content.namelist()
        if name.endswith(".csv")
    }


def follow_up(desk: Desk, number: str, code: str) -> None:
    """Record a follow-up visit with what was found, on the day it is aimed at."""
    visit = visit_of(number, code)
    assert visit.target_from is not None
    now = go_to(datetime.combine(visit.target_from, START.timetz()))
    enter(desk, number, code, "SV", {"svdone": "Y", "svstdtc": clock.day(now), "svmode": "CLINIC"})
    enter(desk, number, code, "VS", {k: v for k, v in VITAL_SIGNS.items() if k != "height"})
    enter(desk, number, code, "LB", {**LABORATORY, "lbdtc": now})
    lesion = {"lesions-n1-lesst": "PRESENT", "lesions-n1-ldiam": "44", "lesions-n1-viadiam": "20"}
    enter(desk, number, code, "IMG", {**EXAMINATION, "imgdtc": clock.day(now), **lesion, "newles": "N"})
    found = {"rsdtc": clock.day(now), "rscat": "RECIST11", "ntrgresp": "NA", "rsinv": "PR"}
    enter(desk, number, code, "RSP", found)
    symptoms = {item.name: 0 for item in items_of(SymptomRecord) if item.name.startswith("sym_")}
    enter(desk, number, code, "SYM", {"symdtc": clock.day(now), **symptoms, "sym_fatigue": 8})


def test_a_participant_of_the_y90_arm_from_consent_to_the_export(
    hospital: Site, system: System, desk: Sit
) -> None:
    coordinator, investigator = desk("coordinator"), desk("investigator")
    number = register(coordinator, "ZQ")
    participant = Participant.objects.get(number=number)

    # No treatment form opens before eligibility is confirmed.
    coordinator.open(f"/visits/{visit_of(number, 'SCR').pk}/ARM/")
    assert "opens when the investigator has confirmed eligibility" in coordinator.text()

    screen(coordinator, number)
    decide(investigator, participant)
    today = clock.today()
    arm = {**ASSIGNMENT, "mdtdtc": today, "armcd": "Y90", "armdtc": today}
    enter(investigator, number, "SCR", "ARM", arm)

    now = go_to(START + timedelta(days=2, hours=3))
    at = now - timedelta(hours=3)
    enter(coordinator, number, "Y-MAP", "YMAP", mapping_answers(at))
    enter(coordinator, number, "Y-MAP", "YDOS", PLAN)
    investigator.open(f"/treatment/{participant.pk}/")
    assert "verification only" in investigator.text()
    investigator.press("Confirm as the second person")

    infusion = START + timedelta(days=9)
    go_to(infusion + timedelta(hours=27))
    enter(coordinator, number, "Y-INF", "YTRT", infusion_answers(infusion))
    participant.refresh_from_db()
    assert participant.status == ParticipantState.FOLLOW_UP
    assert str(visit_of(number, "Y-M1").target_from) == "2026-10-10"

    follow_up(coordinator, number, "Y-M1")
    coordinator.open(f"/participants/{participant.pk}/")
    assert "6/7 forms submitted" in coordinator.text()  # the liver scores are not entered

    monitor = desk("monitor")
    monitor.open(f"/visits/{visit_of(number, 'Y-M1').pk}/RSP/")
    assert "your role does not enter data" in monitor.text()
    monitor.open(f"/participants/{participant.pk}/trail/")
    assert "Total bilirubin" in monitor.text()

    data_manager = desk("datamanager")
    tables = export_as(data_manager)
    (row,) = [row for row in tables["forms/RSP.csv"] if row["SUBJID"] == number]
    assert (row["RSINV"], row["OVRLRESP"], row["BOR"]) == ("PR", "PR", "PR")
    (lesion,) = [row for row in tables["forms/IMG_LESIONS.csv"] if row["VISIT"] == "Y-M1"]
    assert (lesion["LNKID"], lesion["LDIAM"]) == ("T01", "44.0")

    administrator = desk("sysadmin")
    for path in (f"/participants/{participant.pk}/", "/participants/", "/dashboard/", "/exports/"):
        assert administrator.open(path) in (403, 404), path
    file = f"/exports/{ExportJob.objects.latest('pk').pk}/file/"
    assert administrator.page.request.get(system.address + file).status in (403, 404)


def test_a_participant_of_the_haic_arm_from_consent_to_a_reminder(
    hospital: Site, system: System, desk: Sit, tmp_path: Path
) -> None:
    coordinator, investigator = desk("coordinator"), desk("investigator")
    number = register(coordinator, "LM")
    participant = Participant.objects.get(number=number)
    screen(coordinator, number)
    decide(investigator, participant)
    today = clock.today()
    arm = {**ASSIGNMENT, "mdtdtc": today, "armcd": "HAIC", "hplan": "2", "armdtc": today}
    enter(investigator, number, "SCR", "ARM", arm)

    for cycle in (1, 2):
        start = START + timedelta(days=2 + 21 * (cycle - 1))
        now = go_to(start)
        code = f"H-C{cycle}"
        enter(coordinator, number, code, "VS", {**VITAL_SIGNS, "punct": "NORMAL"})
        enter(coordinator, number, code, "LB", {**LABORATORY, "lbdtc": now})
        go_to(start + timedelta(hours=73))
        coordinator.open(f"/visits/{visit_of(number, code).pk}/HAIC/")
        assert "verification only" in coordinator.page.locator("body").inner_text()
        enter(coordinator, number, code, "HAIC", cycle_answers(start))
    participant.refresh_from_db()
    assert participant.status == ParticipantState.FOLLOW_UP

    # The calendar moved with the end of the last cycle; when its window opens, the site is reminded by mail.
    review = visit_of(number, "H-R2")
    assert review.window_open is not None
    go_to(datetime.combine(review.window_open, START.timetz()))
    system.start("celery", "-A", "trial_edc", "beat", "--schedule", str(tmp_path / "beat"), "--pidfile", "")
    message = wait_until(lambda: system.mailbox.messages, "a reminder")[0]
    assert message["To"] == "coordinator@example.org"
    assert "LM" not in message.as_string()
    link = re.search(r"http://\S+", message.get_payload(decode=True).decode())
    assert link is not None
    coordinator.open(link[0])
    assert number in coordinator.text()
    wait_until(lambda: "sent" in reload(coordinator).lower(), "the reminder's outcome on the page")

    investigator.open("/dashboard/")
    assert "286" in investigator.text()


def reload(desk: Desk) -> str:
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
