"""Steps of a journey, from consent to six months after hepatectomy, as a coordinator and an investigator take them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from participants.workflow import ParticipantState
from records import clock
from tests.browser.casebook import EXAMINATION, SYMPTOMS, Answers, Casebook
from tests.browser.conftest import Desk
from tests.cast import START
from trial_edc.demo.after_treatment import LESION, OPERATION, RESULTS, REVIEW, SPECIMEN
from trial_edc.demo.walks import (
    ASSIGNMENT,
    DEMOGRAPHICS,
    HISTORY,
    JUDGEMENT,
    LABORATORY,
    STAGING,
    VIROLOGY,
    VITAL_SIGNS,
)

BASELINE_LESION = {"lnkid": "T01", "lescat": "TARGET", "lesloc": "S6", "ldiam": "72.0", "viadiam": "66.0"}
CONDITION = {"mhterm": "Hypertension", "mhstdtc": "2019", "mhenrf": "Y", "mhtoxgr": 2}
ANTIVIRAL = {
    "cmtrt": "Entecavir",
    "cmcat": "ANTIHBV",
    "cmdose": "0.5",
    "cmdosu": "mg",
    "cmdosfrq": "QD",
    "cmroute": "ORAL",
    "cmstdtc": "2026-08",
    "cmenrf": "Y",
    "cmindc": "Chronic hepatitis B",
}
TREATMENTS = ("drug", "haic", "y90", "maa", "surg")
# With the tumour shrunk or gone, AFP is within the limits.
AFTER = {"LB": {"afp": "5.20"}}


def register(coordinator: Desk, investigator: Desk, initials: str) -> Casebook:
    """Register somebody who consented an hour ago."""
    coordinator.open("/participants/new/")
    coordinator.fill(
        {
            "initials": initials,
            "consent_signed_at": "2026-9-1 09:00",
            "consent_version": "1.0",
            "consent_signer": "SUBJECT",
            "copy_given": "Y",
        }
    )
    coordinator.press("Register")
    number = coordinator.page.locator(".strip h1").inner_text().split()[0]
    return Casebook(coordinator, investigator, number)


def screen(book: Casebook) -> None:
    """Fill in the screening forms; the stage appears while one types."""
    today, desk = clock.today(), book.coordinator
    imaged = today - timedelta(days=5)
    book.enter("SCR", "SV", {"svdone": "Y", "svstdtc": today, "svmode": "CLINIC"})
    book.enter("SCR", "DM", DEMOGRAPHICS)
    book.enter("SCR", "MH", HISTORY, rows={"conditions": [CONDITION]})
    book.enter("SCR", "VS", VITAL_SIGNS)
    raised = {"alt": "68.0", "alt_cs": "NCS"}
    book.enter("SCR", "LB", {**LABORATORY, **VIROLOGY, "lbdtc": START, "virdtc": today, **raised})
    examined = {**EXAMINATION, "imgdtc": imaged}
    book.enter("SCR", "IMG", examined, rows={"lesions": [BASELINE_LESION]})

    desk.open(f"/visits/{book.visit('SCR').pk}/STG/")
    staging = {**STAGING, "imgdtc": imaged}
    desk.fill(staging)
    panel = desk.page.locator(".derived-panel")
    panel.get_by_text("Ib", exact=True).first.wait_for()
    assert "5" in panel.inner_text()
    book.submit(desk, "SCR", "STG", staging, {}, {})
    book.enter("SCR", "IE", {**JUDGEMENT, "trtpdtc": today + timedelta(days=6)})
    book.enter("SCR", "SYM", {"symdtc": today, **SYMPTOMS})
    book.enter("LOG", "CM", ANTIVIRAL)


def decide(book: Casebook) -> None:
    """The investigator confirms eligibility."""
    participant, desk = book.participant, book.investigator
    desk.open(f"/eligibility/{participant.pk}/")
    assert desk.page.locator(".verdict-pass").count() >= 17
    desk.press("Confirm eligibility")
    participant.refresh_from_db()
    assert participant.status == ParticipantState.ELIGIBLE


def assign(book: Casebook, arm: str, **planned: Any) -> None:
    """The investigator enters the MDT's decision on the arm."""
    today = clock.today()
    answers = {**ASSIGNMENT, "mdtdtc": today, "armcd": arm, "armdtc": today, **planned}
    book.enter("SCR", "ARM", answers, by=book.investigator)


def have_an_event(book: Casebook, day: date, **related: str) -> None:
    """Enter an adverse event of a day and its night, its term looked up in CTCAE, and what it is `related` to."""
    desk = book.coordinator
    desk.open(f"/visits/{book.visit('LOG').pk}/AE/")
    desk.fill({"aeterm": "pain below the ribs on the right"})
    desk.page.focus("#id_aedecod")
    desk.page.keyboard.type("abdominal pain")
    # The list of all that was typed has it first; that of the first word only may not.
    desk.page.locator("[role=option][aria-selected=true]", has_text="Abdominal pain").wait_for()
    desk.page.keyboard.press("Enter")
    assert desk.page.locator("#id_aedecod").input_value() == "Abdominal pain"
    answers = {
        "aestdtc": day,
        "aetoxgr": 2,
        "aeout": "RECOVERED",
        "aeendtc": day + timedelta(days=1),
        "aesi": "NONE",
        "aeser": "N",
        "aeacn": "NOTCHANGED",
        **{f"aerel_{treatment}": relation for treatment, relation in related.items()},
    }
    missing = {f"aerel_{other}": "NA" for other in TREATMENTS if other not in related}
    desk.fill(answers)
    for name, reason in missing.items():
        desk.leave_out(name, reason)
    chosen = {"aeterm": "pain below the ribs on the right", "aedecod": "Abdominal pain"}
    book.submit(desk, "LOG", "AE", {**answers, **chosen}, {}, missing)


def operate(book: Casebook, at: datetime) -> None:
    """Hepatectomy, with what came before and after it, entered when the specimen was read."""
    today = clock.day(at)
    clock.move_to(at + timedelta(days=12))
    usual = {form: book.usual("SURG", form, at, "INPATIENT") for form in ("SV", "VS", "LB", "STG")}
    for form, answers in usual.items():
        book.enter("SURG", form, {**answers, **AFTER.get(form, {})})
    operation = {**OPERATION, "surgdtc": today, "hospout": today + timedelta(days=9)}
    book.enter("SURG", "SURG", operation)
    specimen = {**SPECIMEN, "pathno": f"P{today:%y%m%d}"}
    book.enter("SURG", "PATH", specimen, rows={"lesions": [LESION]})
    complication = {
        "pocterm": "BILELEAK",
        "cdgrade": "II",
        "cdsuffd": "N",
        "bilegr": "A",
        "pocdtc": today + timedelta(days=3),
        "pocenrf": "N",
        "pocendtc": today + timedelta(days=8),
        "reop": "N",
        "readm": "N",
    }
    book.enter("SURG", "POC", complication)
    before = at - timedelta(days=2)
    for form in book.visit("PREOP").forms:
        book.enter("PREOP", form, {**book.usual("PREOP", form, before, "INPATIENT"), **AFTER.get(form, {})})


def lesion_of(longest: str, viable: str) -> Answers:
    """The lesion of the baseline as it is measured at a later visit."""
    return {"lesions-n1-lesst": "PRESENT", "lesions-n1-ldiam": longest, "lesions-n1-viadiam": viable}


def review(book: Casebook, code: str, at: datetime) -> None:
    """Re-examine after treatment: the tumour has shrunk, and the MDT finds it resectable."""
    decision = {"resdtc": clock.day(at), **REVIEW, **RESULTS["HEPATECTOMY"], "nextstep": "HEPATECTOMY"}
    book.attend(code, at, IMG=lesion_of("44.0", "20.0"), RSP={"rsinv": "PR"}, RES=decision, **AFTER)


def follow_up_after_hepatectomy(book: Casebook) -> None:
    """Months 1, 3 and 6 after hepatectomy, each on its day, without recurrence."""
    for code in ("PH-M1", "PH-M3", "PH-M6"):
        taken_out = {"lesions-n1-lesst": "RESECTED"}
        found = {"rsinv": "NED", "recurfl": "NONE"}
        book.attend(code, book.aimed_at(code), IMG=taken_out, RSP=found, **AFTER)


def finish(book: Casebook, operated: date) -> None:
    """What is kept throughout: adjuvant treatment, a deviation, the end of treatment, survival at month 6."""
    today = clock.today()
    adjuvant = {
        "sacttype": "IMMUNO",
        "sactint": "ADJUVANT",
        "sactstdtc": operated + timedelta(days=40),
        "sactenrf": "Y",
        "sactdrug": "Sintilimab",
        "sactwhy": "HIGHRISK",
    }
    book.enter("LOG", "SACT", adjuvant)
    deviation = {
        "dvterm": "The diary of symptoms of one week was lost",
        "dvdecod": "MISSEDTEST",
        "dvsev": "MINOR",
        "dvdtc": today - timedelta(days=20),
    }
    book.enter("LOG", "DV", deviation, another=True)
    ended = operated + timedelta(days=9)
    book.enter("LOG", "DS", {"dsscat": "EOT", "dsstdtc": ended, "dsdecod": "COMPLETED"})
    book.enter("EOT", "SV", {"svdone": "Y", "svstdtc": ended, "svmode": "INPATIENT"})
    alive = {"ssdtc": today, "ssstat": "ALIVE", "lastalive": today, "tumstat": "FREE"}
    book.enter("LOG", "SURV", alive)
