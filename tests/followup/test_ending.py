"""The end of treatment, of the study, and of a life: what the forms ask, and what they move."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.access import Actor
from eligibility.actions import declare_screen_failure
from eligibility.selectors import assess, seen
from followup.models import Disposition, SurvivalFollowUp, SymptomRecord
from participants.actions import move_participant, set_anchor
from participants.models import Participant, VisitStatus
from participants.schedule_file import Anchor
from participants.selectors import anchor_dates
from participants.workflow import ParticipantState, VisitState
from records.actions import remove_record
from records.checks import Entry, findings_of, settle
from records.findings import Refused
from records.items import items_of
from records.models import Record
from tests.cast import START
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import walk_to_screened

S = ParticipantState
NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)
SIGNED = datetime(2026, 9, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=60)
ON = LATER.date()


def found(model: type[Record], known: dict[str, Any], **answers: Any) -> list[tuple[str, str]]:
    """Item and level of each finding of a form submitted with these answers."""
    base = {"today": NOW.date(), "now": NOW, "icfdtc": SIGNED, "repeat": 1, "died_on": None}
    typed = Entry({item.name: None for item in items_of(model)} | answers)
    if model is SurvivalFollowUp:
        typed.missing["dthreport"] = "ND"
    settle(model, typed, {**base, **known})
    return [(one.item, str(one.level)) for one in findings_of(model, typed, {**base, **known}, complete=True)]


# -- survival ----------------------------------------------------------------------------------------

CONTACT = date(2026, 11, 20)
ALIVE = {"ssdtc": CONTACT, "ssstat": "ALIVE", "lastalive": CONTACT, "tumstat": "STABLE"}
DEAD = {
    "ssdtc": CONTACT,
    "ssstat": "DEAD",
    "tumstat": "PROGRESSION",
    "dthdtc": date(2026, 11, 10),
    "dthcaus": "HCC",
    "autopsy": "N",
}
SEEN = {"visits_on": [date(2026, 11, 5)], "seen": [(SIGNED and Disposition.form.title, date(2026, 11, 5))]}


@pytest.mark.parametrize(
    ("known", "answers", "expected"),
    [
        ({}, ALIVE, []),
        ({}, {**ALIVE, "lastalive": None}, [("lastalive", "HARD")]),
        ({}, {**ALIVE, "ssstat": "LOST", "lastalive": date(2026, 11, 5)}, []),
        ({}, {**ALIVE, "lastalive": date(2026, 11, 4)}, [("lastalive", "HARD")]),
        ({}, {**ALIVE, "lastalive": date(2026, 11, 21)}, [("lastalive", "HARD")]),
        ({}, {**ALIVE, "ssdtc": date(2026, 11, 4), "lastalive": date(2026, 11, 4)}, []),
        ({}, {**ALIVE, "ssdtc": date(2026, 12, 2)}, [("ssdtc", "HARD")]),
        ({"died_on": date(2026, 11, 19)}, ALIVE, [("lastalive", "HARD")]),
        ({"died_on": CONTACT}, ALIVE, []),
        ({}, DEAD, []),
        ({}, {**DEAD, "dthdtc": None, "dthcaus": None}, [("dthdtc", "HARD"), ("dthcaus", "HARD")]),
        ({}, {**DEAD, "dthdtc": date(2026, 11, 5)}, []),
        ({}, {**DEAD, "dthdtc": date(2026, 11, 4)}, [("dthdtc", "HARD")]),
        ({}, {**DEAD, "dthdtc": date(2026, 11, 21)}, [("dthdtc", "HARD")]),
        ({}, {**DEAD, "dthdtc": date(2026, 8, 31)}, [("dthdtc", "HARD"), ("dthdtc", "HARD")]),
        ({"died_on": date(2026, 11, 9)}, DEAD, [("dthdtc", "HARD")]),
        ({"died_on": date(2026, 11, 10)}, DEAD, []),
        ({}, {**DEAD, "tumstat": None}, [("tumstat", "HARD")]),
    ],
)
def test_survival_asks_for_a_life_or_a_death_that_fits(
    known: dict[str, Any], answers: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(SurvivalFollowUp, {**SEEN, **known}, **answers) == expected


def test_a_death_asks_for_the_final_report_or_why_there_is_none() -> None:
    typed = Entry({item.name: None for item in items_of(SurvivalFollowUp)} | DEAD)
    known = {"today": NOW.date(), "now": NOW, "icfdtc": SIGNED, "died_on": None, **SEEN}
    found = findings_of(SurvivalFollowUp, typed, known, complete=True)
    assert [(one.item, str(one.level)) for one in found] == [("dthreport", "HARD")]


def test_who_is_alive_has_no_date_of_death() -> None:
    typed = Entry({item.name: None for item in items_of(SurvivalFollowUp)} | DEAD | {"ssstat": "ALIVE"})
    settle(SurvivalFollowUp, typed, {})
    assert [typed.answers[name] for name in ("dthdtc", "dthcaus", "autopsy")] == [None, None, None]


# -- disposition -------------------------------------------------------------------------------------

END = {"dsscat": "EOS", "dsstdtc": CONTACT, "dsdecod": "COMPLETED"}
OPEN = {"a0": date(2026, 9, 5), "status": S.FOLLOW_UP, "treated": True, "others": {}}


@pytest.mark.parametrize(
    ("known", "answers", "expected"),
    [
        ({}, END, []),
        ({}, {**END, "dsstdtc": date(2026, 9, 5)}, []),
        ({}, {**END, "dsstdtc": date(2026, 9, 4)}, [("dsstdtc", "HARD")]),
        ({"a0": None, "status": S.SCREENING}, {**END, "dsdecod": "PHYSICIAN"}, []),
        ({"status": S.ASSIGNED, "treated": False}, END, [("dsdecod", "HARD")]),
        ({"status": S.ASSIGNED, "treated": False}, {**END, "dsscat": "EOT"}, []),
        ({}, {**END, "dsdecod": "WITHDRAWAL"}, [("wdscope", "HARD")]),
        ({}, {**END, "dsdecod": "WITHDRAWAL", "wdscope": "ALL"}, []),
        ({}, {**END, "dsdecod": "WITHDRAWAL", "wdscope": "TREATMENT"}, [("wdscope", "HARD")]),
        ({}, {**END, "dsscat": "EOT", "dsdecod": "WITHDRAWAL", "wdscope": "TREATMENT"}, []),
        ({}, {**END, "dsdecod": "SCREENFAILURE"}, [("dsdecod", "HARD")]),
        ({"status": S.SCREEN_FAILURE, "a0": None}, {**END, "dsdecod": "SCREENFAILURE"}, []),
        ({"status": S.SCREEN_FAILURE, "a0": None}, {**END, "dsdecod": "LOST"}, [("dsdecod", "HARD")]),
        ({}, {**END, "dsdecod": "DEATH"}, [("dsdecod", "SOFT")]),
        ({"died_on": date(2026, 11, 19)}, {**END, "dsdecod": "DEATH"}, []),
        ({"others": {"EOS": {"repeat": 1, "dsstdtc": CONTACT}}}, END, [("dsscat", "HARD")]),
        ({"others": {"EOT": {"repeat": 1, "dsstdtc": CONTACT}}}, END, []),
        ({"others": {"EOT": {"repeat": 1, "dsstdtc": date(2026, 11, 21)}}}, END, [("dsstdtc", "HARD")]),
    ],
)
def test_an_end_has_its_date_and_reason(
    known: dict[str, Any], answers: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(Disposition, {**OPEN, **known}, **answers) == expected


# -- symptoms ----------------------------------------------------------------------------------------

SYMPTOMS = {item.name: 0 for item in items_of(SymptomRecord) if item.name.startswith("sym_")}
WRITTEN = {"symdtc": CONTACT, **SYMPTOMS}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (WRITTEN, []),
        ({**WRITTEN, "sym_pain": None}, [("sym_pain", "HARD")]),
        ({**WRITTEN, "sym_pain": 6}, []),
        ({**WRITTEN, "sym_pain": 7}, [("sym_pain", "SOFT")]),
        ({**WRITTEN, "sym_pain": 10}, [("sym_pain", "SOFT")]),
        ({**WRITTEN, "sym_pain": 11}, [("sym_pain", "HARD")]),
        ({**WRITTEN, "symtemp": 34}, []),
        ({**WRITTEN, "symtemp": 44}, [("symtemp", "HARD")]),
        ({**WRITTEN, "symtest": "AFP"}, [("symval", "HARD"), ("symunit", "HARD")]),
        ({**WRITTEN, "symtest": "AFP", "symval": "12", "symunit": "ng/mL"}, []),
        ({**WRITTEN, "symtest": "OTHER", "symval": "12", "symunit": "U"}, [("symtestd", "HARD")]),
        ({**WRITTEN, "symdtc": date(2026, 8, 31)}, [("symdtc", "HARD")]),
    ],
)
def test_symptoms_are_scored_and_severe_ones_asked_about(
    answers: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert len(SYMPTOMS) == 10
    assert found(SymptomRecord, {}, **answers) == expected


def test_nobody_writes_after_death() -> None:
    assert found(SymptomRecord, {"died_on": CONTACT}, **WRITTEN) == []
    assert found(SymptomRecord, {"died_on": date(2026, 11, 19)}, **WRITTEN) == [("symdtc", "HARD")]


# -- what they move ----------------------------------------------------------------------------------


def end(participant: Participant, by: Actor, which: str, why: str, *, repeat: int = 1, **more: Any) -> Any:
    answers = {"dsscat": which, "dsstdtc": ON, "dsdecod": why, **more}
    known = Disposition.objects.filter(participant=participant, repeat=repeat).exists()
    return fill(
        participant,
        "DS",
        answers,
        by=by,
        now=LATER,
        visit_code="LOG",
        repeat=repeat,
        reason="Corrected" if known else "",
        confirmed={"dsdecod": "Known from the family"},
    )


def contact(participant: Participant, by: Actor, status: str, **more: Any) -> Any:
    life = {"lastalive": ON} if status != "DEAD" else {"dthdtc": ON, "dthcaus": "HCC", "autopsy": "N"}
    known = SurvivalFollowUp.objects.filter(participant=participant).exists()
    answers = {"ssdtc": ON, "ssstat": status, "tumstat": "UNKNOWN", **life, **more}
    reason = "Corrected" if known else ""
    missing = {"dthreport": "ND"} if status == "DEAD" else {}
    return fill(
        participant, "SURV", answers, by=by, now=LATER, visit_code="LOG", reason=reason, missing=missing
    )


def status(participant: Participant) -> str:
    participant.refresh_from_db()
    return participant.status


def planned(participant: Participant) -> list[str]:
    return list(
        participant.visits.filter(status=VisitState.PLANNED)
        .exclude(series="LOG")
        .values_list("code", flat=True)
    )


def test_a_death_closes_the_calendar_and_its_correction_opens_it(
    imaged: Participant, by_coordinator: Actor
) -> None:
    before = planned(imaged)
    assert "Y-M3" in before
    contact(imaged, by_coordinator, "DEAD")
    assert (status(imaged), planned(imaged)) == (S.DIED, [])
    contact(imaged, by_coordinator, "ALIVE")
    assert (status(imaged), planned(imaged)) == (S.FOLLOW_UP, before)
    words = [one.reason for one in imaged.statuses.all()]
    assert words[-1].endswith("the form that said so was corrected")


@pytest.mark.parametrize("which", ["death", "withdrawal", "screen failure"])
def test_a_dropped_visit_names_the_day_the_forms_say_not_the_day_they_were_entered(
    participant: Participant, imaged: Participant, by_coordinator: Actor, by_investigator: Actor, which: str
) -> None:
    day = ON - timedelta(days=3)
    if which == "death":
        contact(imaged, by_coordinator, "DEAD", dthdtc=day)
    elif which == "withdrawal":
        end(imaged, by_coordinator, "EOT", "WITHDRAWAL", wdscope="ALL", dsstdtc=day)
    else:
        # No form says it before the status is set: the day of the status stands.
        day = ON
        Participant.objects.filter(pk=imaged.pk).update(status="SCREENING")
        imaged.refresh_from_db()
        move_participant(participant=imaged, to=S.SCREEN_FAILURE, by=by_investigator, now=LATER, reason="I2")
    why = VisitStatus.objects.filter(participant=imaged, visit__code="Y-M3").latest("id")
    assert why.reason.startswith(f"Participation ended on {day}.")


def test_a_death_removed_was_none(imaged: Participant, by_coordinator: Actor) -> None:
    record = contact(imaged, by_coordinator, "DEAD")
    remove_record(
        record=record, revision=record.revision, by=by_coordinator, now=LATER, reason="Other person"
    )
    assert status(imaged) == S.FOLLOW_UP


def test_a_draft_moves_nobody(imaged: Participant, by_coordinator: Actor) -> None:
    answers = {"ssdtc": ON, "ssstat": "DEAD", "dthdtc": ON}
    fill(imaged, "SURV", answers, by=by_coordinator, now=LATER, visit_code="LOG", submit=False)
    assert status(imaged) == S.FOLLOW_UP


@pytest.mark.parametrize(
    ("which", "why", "more", "expected"),
    [
        ("EOS", "COMPLETED", {}, S.COMPLETED),
        ("EOS", "WITHDRAWAL", {"wdscope": "ALL"}, S.WITHDRAWN),
        ("EOT", "WITHDRAWAL", {"wdscope": "ALL"}, S.WITHDRAWN),
        ("EOT", "WITHDRAWAL", {"wdscope": "TREATMENT"}, S.FOLLOW_UP),
        ("EOT", "PROGRESSION", {}, S.FOLLOW_UP),
        ("EOS", "LOST", {}, S.WITHDRAWN),
        ("EOS", "SPONSOR", {}, S.WITHDRAWN),
        ("EOS", "DEATH", {}, S.FOLLOW_UP),  # the survival form says when
    ],
)
def test_an_end_moves_the_participant(
    imaged: Participant, by_coordinator: Actor, which: str, why: str, more: dict[str, Any], expected: str
) -> None:
    end(imaged, by_coordinator, which, why, **more)
    assert status(imaged) == expected
    anchors = anchor_dates(imaged)
    assert anchors[which] == ON
    assert ({"EOT", "EOS"} - {which}).isdisjoint(anchors)


def test_who_withdraws_from_treatment_only_keeps_follow_up_and_has_no_more_treatment(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, imaged: Participant
) -> None:
    imaged.arm = "HAIC"
    imaged.save()
    at = LATER
    set_anchor(participant=imaged, anchor=Anchor.A1, day=None, by=by_investigator, now=at)
    for anchor, day in ((Anchor.C1_START, date(2026, 9, 5)), (Anchor.C1_END, date(2026, 9, 8))):
        set_anchor(participant=imaged, anchor=anchor, day=day, by=by_investigator, now=at)
    assert {"H-C1", "H-C2"} <= set(planned(imaged))
    end(imaged, by_coordinator, "EOT", "WITHDRAWAL", wdscope="TREATMENT")
    left = planned(imaged)
    assert {"H-C1", "H-C2"}.isdisjoint(left)
    assert "NR-M3" in left
    why = VisitStatus.objects.filter(participant=imaged, visit__code="H-C2").latest("id")
    assert why.reason.startswith("Treatment ended on")
    assert status(imaged) == S.FOLLOW_UP


def test_a_death_after_withdrawal_is_kept_and_its_correction_leads_back_to_it(
    imaged: Participant, by_coordinator: Actor
) -> None:
    end(imaged, by_coordinator, "EOS", "WITHDRAWAL", wdscope="ALL")
    contact(imaged, by_coordinator, "DEAD")
    assert status(imaged) == S.DIED
    contact(imaged, by_coordinator, "LOST")
    assert status(imaged) == S.WITHDRAWN


def test_a_corrected_reason_moves_on(imaged: Participant, by_coordinator: Actor) -> None:
    end(imaged, by_coordinator, "EOS", "WITHDRAWAL", wdscope="ALL")
    end(imaged, by_coordinator, "EOS", "COMPLETED", wdscope=None)
    assert status(imaged) == S.COMPLETED
    record = Disposition.objects.get(participant=imaged)
    remove_record(record=record, revision=record.revision, by=by_coordinator, now=LATER, reason="Goes on")
    assert status(imaged) == S.FOLLOW_UP
    assert "EOS" not in anchor_dates(imaged)
    assert "Y-M3" in planned(imaged)


def test_somebody_in_screening_may_withdraw(participant: Participant, by_coordinator: Actor) -> None:
    end(participant, by_coordinator, "EOS", "WITHDRAWAL", wdscope="ALL")
    assert status(participant) == S.WITHDRAWN


def test_a_screen_failure_is_the_end_of_the_study_with_its_criteria(
    participant: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_screened(participant, by=by_coordinator, now=at_start, VS={"ecog": "2"})
    saw = seen(assess(participant, at_start))
    declare_screen_failure(
        participant=participant, saw=saw, reason="ECOG 2 at screening", by=by_investigator, now=at_start
    )
    [record] = Disposition.objects.filter(participant=participant)
    assert record.submitted
    assert (record.visit.code, record.dsscat, record.dsdecod) == ("LOG", "EOS", "SCREENFAILURE")
    assert record.dsterm == "I2: ECOG 2 at screening"
    assert record.submitted_by_id == by_investigator.person_id
    assert status(participant) == S.SCREEN_FAILURE
    assert "EOS" not in anchor_dates(participant)
    with pytest.raises(Refused):
        end(participant, by_coordinator, "EOS", "LOST")
