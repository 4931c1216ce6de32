"""Walk participants along the path by the real actions: one section per room, each beginning where the last ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.access import Actor
from arms.oversight_actions import check_plan
from eligibility import selectors as eligibility
from eligibility.actions import confirm_eligible
from eligibility.codelists import PUNCTURE_CHECK, VIRAL_LOAD
from participants.models import CaseReportForm, Participant, Visit
from records import clock
from records.definition import forms
from trial_edc.demo.after_treatment import decide
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.imaging import (
    assess,
    baseline_of,
    image,
    imaged_before,
    lesions_at,
    lesions_of_tumour,
    lesions_showing,
)
from trial_edc.demo.typical import (
    ASSIGNMENT,
    DEMOGRAPHICS,
    HISTORY,
    JUDGEMENT,
    LABORATORY,
    MAPPING,
    PLAN,
    STAGING,
    VIRAL_LOADS,
    VIROLOGY,
    VITAL_SIGNS,
    cycle_answers,
    infusion_answers,
    mapping_answers,
)

# The typical answers are handed on: whoever walks changes them.
__all__ = [
    "AFTER_A_CYCLE",
    "ASSIGNMENT",
    "BETWEEN_CYCLES",
    "DEMOGRAPHICS",
    "HISTORY",
    "JUDGEMENT",
    "LABORATORY",
    "MAPPING",
    "PLAN",
    "STAGING",
    "VIRAL_LOADS",
    "VIROLOGY",
    "VITAL_SIGNS",
    "Answers",
    "cycle_answers",
    "infusion_answers",
    "mapping_answers",
    "walk_through_cycle",
    "walk_through_review",
    "walk_through_visit",
    "walk_to_assigned",
    "walk_to_eligible",
    "walk_to_haic_done",
    "walk_to_screened",
    "walk_to_y90_done",
    "walk_to_y90_planned",
]

# The answers of several forms, by their codes.
Answers = Mapping[str, Mapping[str, Any]]

# ---- eligibility ----------------------------------------------------------------------------------


def walk_to_screened(
    participant: Participant, *, by: Actor, now: datetime, submit: bool = True, **changed: Any
) -> Participant:
    """Enter and submit the screening forms of somebody eligible; change answers by form: `VS={"ecog": "2"}`.

    An answer changed to None is left out with the reason ND where its item offers that.
    """
    today = clock.day(now)
    forms_in_order: dict[str, dict[str, Any]] = {
        "SV": {"svdone": "Y", "svstdtc": today, "svmode": "CLINIC"},
        "DM": DEMOGRAPHICS,
        "MH": HISTORY,
        "VS": VITAL_SIGNS,
        "LB": {**LABORATORY, **VIROLOGY, "lbdtc": now, "virdtc": today},
        "STG": {**STAGING, "imgdtc": today - timedelta(days=5)},
        "IE": {**JUDGEMENT, "trtpdtc": today + timedelta(days=6)},
    }
    for code, answers in forms_in_order.items():
        _answer(participant, code, {**answers, **changed.get(code, {})}, by=by, now=now, submit=submit)
    listed = changed.get("IMG", {}).get("lesions")
    image(
        participant,
        "SCR",
        by=by,
        now=now,
        on=today - timedelta(days=5),
        lesions=listed or lesions_of_tumour(**{**STAGING, **changed.get("STG", {})}),
        submit=submit,
    )
    participant.refresh_from_db()
    return participant


def _answer(
    participant: Participant,
    code: str,
    asked: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    visit_code: str = "SCR",
    submit: bool = True,
) -> None:
    """Fill in a form, what is None left out with the first reason its item offers, every question confirmed."""
    model: Any = forms()[code]
    left_out = {
        name: model._meta.get_field(name).missing[0]
        for name, value in asked.items()
        if value is None and model._meta.get_field(name).missing
    }
    fill(
        participant,
        code,
        dict(asked),
        by=by,
        now=now,
        visit_code=visit_code,
        submit=submit,
        missing=left_out,
        confirmed=dict.fromkeys(asked, CONFIRMED),
    )


def walk_to_eligible(
    participant: Participant, *, by: Actor, investigator: Actor, now: datetime, **changed: Any
) -> Participant:
    """Screen a participant and confirm eligibility: `by` enters, `investigator` decides."""
    walk_to_screened(participant, by=by, now=now, **changed)
    saw = eligibility.seen(eligibility.assess(participant, now))
    confirm_eligible(participant=participant, saw=saw, by=investigator, now=now)
    participant.refresh_from_db()
    return participant


# ---- arms -----------------------------------------------------------------------------------------

BETWEEN_CYCLES = timedelta(days=21)
AFTER_A_CYCLE = timedelta(hours=73)


def walk_to_assigned(
    participant: Participant,
    arm: str,
    *,
    investigator: Actor,
    now: datetime,
    cycles: int = 2,
    **changed: Any,
) -> Participant:
    """Hold the MDT and assign an arm to somebody eligible, on the day of `now`."""
    today = clock.day(now)
    planned = {"hplan": str(cycles)} if arm == "HAIC" else {}
    answers = {**ASSIGNMENT, "mdtdtc": today, "armcd": arm, "armdtc": today, **planned, **changed}
    fill(participant, "ARM", answers, by=investigator, now=now, confirmed=dict.fromkeys(changed, CONFIRMED))
    participant.refresh_from_db()
    return participant


def walk_through_visit(
    participant: Participant,
    code: str,
    *,
    by: Actor,
    now: datetime,
    headed: bool = True,
    answers: Answers | None = None,
) -> None:
    """Enter what every visit of treatment has: header, vital signs, and laboratory where it is due.

    `answers` by form take the place of the typical ones; other forms named there are filled in as well.
    """
    given = dict(answers or {})
    header = given.pop("SV", {})
    if headed:
        fill(
            participant,
            "SV",
            {
                "svdone": "Y",
                "svstdtc": clock.day(now),
                "svmode": "INPATIENT",
                "svoowrsn": "As arranged",
                **header,
            },
            by=by,
            now=now,
            visit_code=code,
        )
    at: dict[str, Any] = {"by": by, "now": now, "visit_code": code}
    punctured = {"punct": "NORMAL"} if code in PUNCTURE_CHECK else {}
    _answer(participant, "VS", {**VITAL_SIGNS, **punctured, **given.pop("VS", {})}, **at)
    due = Visit.objects.values_list("forms", flat=True).get(participant=participant, code=code)
    measured = given.pop("LB", {})
    if "LB" in due:
        loads = {**VIRAL_LOADS, "virdtc": clock.day(now)} if code in VIRAL_LOAD else {}
        _answer(participant, "LB", {**LABORATORY, **loads, "lbdtc": now, **measured}, **at)
    for other, asked in given.items():
        _answer(participant, other, asked, **at)


def walk_through_cycle(
    participant: Participant,
    number: int,
    *,
    by: Actor,
    start: datetime,
    answers: Answers | None = None,
    **changed: Any,
) -> CaseReportForm:
    """Enter and submit one HAIC cycle catheterised at `start`; it is entered after discharge."""
    visit_code = f"H-C{number}"
    walk_through_visit(participant, visit_code, by=by, now=start, answers=answers)
    record = fill(
        participant,
        "HAIC",
        cycle_answers(start, **changed),
        by=by,
        now=start + AFTER_A_CYCLE,
        visit_code=visit_code,
        confirmed=dict.fromkeys(changed, CONFIRMED),
    )
    participant.refresh_from_db()
    return record


def walk_through_review(
    participant: Participant, code: str, *, by: Actor, now: datetime, nextstep: str, response: str = "PR"
) -> None:
    """Re-examine after treatment, say how the tumour responded, and decide on the next step."""
    walk_through_visit(participant, code, by=by, now=now)
    baseline = baseline_of(participant)
    after_surgery = participant.anchors.filter(name="A2", date__lt=clock.day(now)).exists()
    if after_surgery:
        lesions = lesions_at(baseline, 0, 0, "RESECTED")
    else:
        lesions = lesions_showing(response, baseline, imaged_before(participant))
    image(participant, code, by=by, now=now, lesions=lesions)
    assess(participant, code, by=by, now=now)
    if "RES" in Visit.objects.get(participant=participant, code=code).forms:
        decide(participant, code, by=by, now=now, nextstep=nextstep)
    participant.refresh_from_db()


def walk_to_haic_done(
    participant: Participant,
    *,
    by: Actor,
    investigator: Actor,
    now: datetime,
    cycles: int = 2,
    response: str = "PR",
) -> Participant:
    """Assign HAIC to somebody eligible at `now` and give 2 or 4 cycles, the first two days later.

    Cycles begin 21 days apart; cycle 3 follows the review, 28 days after the end of cycle 2, at which the tumour
    shows `response`.
    """
    walk_to_assigned(participant, "HAIC", investigator=investigator, now=now, cycles=cycles)
    start = now + timedelta(days=2)
    for number in range(1, cycles + 1):
        if number == 3:
            review = start - BETWEEN_CYCLES + AFTER_A_CYCLE + timedelta(days=25)
            walk_through_review(
                participant, "H-R2", by=by, now=review, nextstep="CONTINUE_HAIC", response=response
            )
            start = review + timedelta(days=3)
        walk_through_cycle(participant, number, by=by, start=start)
        start += BETWEEN_CYCLES
    return participant


def walk_to_y90_planned(
    participant: Participant,
    *,
    by: Actor,
    investigator: Actor,
    now: datetime,
    plan: dict[str, Any] | None = None,
    mapping: dict[str, Any] | None = None,
) -> CaseReportForm:
    """Assign Y-90 to somebody eligible at `now`, map two days later, and plan as `by`; gives the plan."""
    walk_to_assigned(participant, "Y90", investigator=investigator, now=now)
    at = now + timedelta(days=2)
    later = at + timedelta(hours=3)
    walk_through_visit(participant, "Y-MAP", by=by, now=at)
    confirmed = dict.fromkeys([*PLAN, *MAPPING], CONFIRMED)
    fill(
        participant,
        "YMAP",
        mapping_answers(at, **(mapping or {})),
        by=by,
        now=later,
        visit_code="Y-MAP",
        confirmed=confirmed,
    )
    return fill(
        participant,
        "YDOS",
        {**PLAN, **(plan or {})},
        by=by,
        now=later,
        visit_code="Y-MAP",
        confirmed=confirmed,
    )


def walk_to_y90_done(
    participant: Participant, *, by: Actor, investigator: Actor, now: datetime
) -> Participant:
    """Assign Y-90 to somebody eligible at `now`, map after 2 days, check the plan, infuse after 9, discharge."""
    plan: Any = walk_to_y90_planned(participant, by=by, investigator=investigator, now=now)
    check_plan(plan=plan, revision=plan.revision, by=investigator, now=now + timedelta(days=3))
    at = now + timedelta(days=9)
    walk_through_visit(participant, "Y-INF", by=by, now=at)
    fill(
        participant,
        "YTRT",
        infusion_answers(at),
        by=by,
        now=at + timedelta(hours=27),
        visit_code="Y-INF",
    )
    participant.refresh_from_db()
    return participant
