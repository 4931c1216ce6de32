"""Endpoints from the forms: the same function for one participant's page and for all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from arms.models import Hepatectomy, OtherTreatment, Pathology
from followup.endpoint_facts import EndpointFacts, endpoint_facts
from followup.endpoints import Rule
from followup.models import SurvivalFollowUp, TumourResponse
from participants.actions import move_visit, set_anchor
from participants.models import Participant, Visit, VisitHeader
from participants.schedule_file import Anchor
from participants.workflow import VisitState
from records import study
from tests.cast import START, make_participant
from tests.followup.conftest import counted
from tests.imaged import measure
from trial_edc.demo.filling import fill
from trial_edc.demo.imaging import assess, image, new_lesion

M1, M3, M5 = ("Y-M1", date(2026, 10, 5)), ("Y-M3", date(2026, 12, 5)), ("Y-M5", date(2027, 2, 4))
TODAY = date(2027, 3, 1)
STABLE = ((58, 50), (40, 38))


def now(on: date) -> datetime:
    return datetime.combine(on, START.timetz()) + timedelta(hours=1)


def seen(
    participant: Participant, visit: tuple[str, date], by: Actor, sizes: Any = STABLE, **more: Any
) -> None:
    code, on = visit
    assessment = {name: more.pop(name) for name in ("recurrence", "investigator") if name in more}
    measure(participant, code, on, by, sizes, **more)
    assess(participant, code, by=by, now=now(on), **assessment)


def facts(participant: Participant, today: date = TODAY) -> EndpointFacts:
    return endpoint_facts([participant.pk], today=today)[participant.pk]


def free(participant: Participant, criteria: str = "") -> tuple[date, bool, str]:
    endpoint = facts(participant).progression_free(criteria)
    assert endpoint is not None
    return endpoint.date, endpoint.event, str(endpoint.rule)


def died(participant: Participant, on: date, by: Actor) -> None:
    answers = {
        "ssdtc": on,
        "ssstat": "DEAD",
        "tumstat": "UNKNOWN",
        "dthdtc": on,
        "dthcaus": "HCC",
        "autopsy": "N",
    }
    none_yet = {"dthreport": "ND"}
    fill(participant, "SURV", answers, by=by, now=now(on), visit_code="LOG", missing=none_yet)


def told(participant: Participant, repeat: int, by: Actor, **answers: Any) -> None:
    """A submitted contact as a row, past the checks of its form."""
    SurvivalFollowUp.objects.create(
        participant=participant,
        visit=Visit.objects.get(participant=participant, code="LOG"),
        repeat=repeat,
        state="SUBMITTED",
        entered_at=START,
        entered_by=by.person,
        submitted_at=START,
        submitted_by=by.person,
        **answers,
    )


def treated(participant: Participant, intent: str, on: date, by: Actor) -> None:
    OtherTreatment.objects.create(
        participant=participant,
        visit=Visit.objects.get(participant=participant, code="LOG"),
        state="SUBMITTED",
        sactint=intent,
        sactstdtc=on,
        entered_at=START,
        entered_by=by.person,
        submitted_at=START,
        submitted_by=by.person,
    )


def test_nothing_is_counted_before_assignment(participant: Participant) -> None:
    found = facts(participant)
    assert (found.history, found.progression_free(), found.overall_survival()) == (None, None, None)
    assert found.problems["RECIST11"].en == "No arm is assigned, so no time runs yet."
    assert found.missing == ()


def test_without_events_the_last_adequate_assessment_counts(
    imaged: Participant, by_coordinator: Actor
) -> None:
    assert free(imaged) == (date(2026, 9, 1), False, Rule.NO_EVENT)
    seen(imaged, M1, by_coordinator)
    seen(imaged, M3, by_coordinator)
    assert free(imaged) == (M3[1], False, Rule.NO_EVENT)
    alive = facts(imaged).overall_survival()
    assert alive is not None
    assert (alive.date, alive.event, alive.rule) == (M3[1], False, Rule.ALIVE)


def test_images_not_adequate_do_not_count(imaged: Participant, by_coordinator: Actor) -> None:
    seen(imaged, M1, by_coordinator)
    image(imaged, "Y-M3", by=by_coordinator, now=now(M3[1]), lesions=[], imgqual="N", imgqualr="Motion")
    assess(imaged, "Y-M3", by=by_coordinator, now=now(M3[1]), investigator="SD")
    assert free(imaged) == (M1[1], False, Rule.NO_EVENT)
    assert "Imaging not adequate: Y-90 month 3." in [one.en for one in facts(imaged).missing]


def test_progression_is_an_event_of_its_own_criteria(imaged: Participant, by_coordinator: Actor) -> None:
    seen(imaged, M1, by_coordinator, ((40, 20), (30, 10)))
    seen(imaged, M3, by_coordinator, ((44, 30), (33, 10)))  # +10 % by RECIST 1.1, +33 % viable
    assert free(imaged) == (M3[1], False, Rule.NO_EVENT)
    assert free(imaged, "MRECIST") == (M3[1], True, Rule.PROGRESSION)
    response = facts(imaged).duration_of_response()
    assert response is not None
    assert (response.start, response.date, response.days) == (M1[1], M3[1], 62)


def test_the_criteria_are_a_study_setting(
    imaged: Participant, by_coordinator: Actor, data_manager: Any
) -> None:
    seen(imaged, M1, by_coordinator, ((40, 20), (30, 10)))
    seen(imaged, M3, by_coordinator, ((44, 30), (33, 10)))
    study.StudySetting.objects.create(
        key="pfs_criteria",
        version=1,
        value="MRECIST",
        effective_from=date(2026, 9, 1),
        reason="Sponsor",
        set_at=START,
        set_by=data_manager,
    )
    assert facts(imaged).criteria == "MRECIST"
    assert free(imaged) == (M3[1], True, Rule.PROGRESSION)


def test_the_investigators_response_decides_and_drafts_do_not_count(
    imaged: Participant, by_coordinator: Actor
) -> None:
    seen(imaged, M1, by_coordinator)
    seen(imaged, M3, by_coordinator, investigator="PD")
    assert free(imaged) == (M3[1], True, Rule.PROGRESSION)
    code, on = M5
    measure(imaged, code, on, by_coordinator, STABLE)
    answers = {"rsdtc": on, "rscat": "RECIST11", "ntrgresp": "NONCRNONPD", "rsinv": "SD"}
    fill(imaged, "RSP", answers, by=by_coordinator, now=now(on), visit_code=code, submit=False)
    assert [one.en for one in facts(imaged).missing] == [
        "Not submitted, so not counted: assessment at Y-90 month 5."
    ]


def test_a_lesion_first_called_equivocal_dates_the_progression(
    imaged: Participant, by_coordinator: Actor
) -> None:
    nodule = [new_lesion(1, "LUNG", Decimal(6))]
    seen(imaged, M1, by_coordinator, new=nodule, newles="EQUIVOCAL")
    assert free(imaged) == (M1[1], False, Rule.NO_EVENT)
    seen(imaged, M3, by_coordinator, new=nodule)
    assert free(imaged) == (M1[1], True, Rule.PROGRESSION)


def test_a_death_is_an_event_and_two_missed_assessments_censor_it(
    imaged: Participant, by_coordinator: Actor
) -> None:
    seen(imaged, M1, by_coordinator)
    died(imaged, date(2027, 2, 10), by_coordinator)
    # Month 3 (to 2026-12-19) was missed; the window of month 5 was still open.
    assert free(imaged) == (date(2027, 2, 10), True, Rule.DEATH)
    alive = facts(imaged).overall_survival()
    assert alive is not None
    assert (alive.date, alive.event, alive.days) == (date(2027, 2, 10), True, 163)
    fill(
        imaged,
        "SURV",
        {"ssdtc": date(2027, 3, 1), "dthdtc": date(2027, 2, 19)},
        by=by_coordinator,
        now=now(date(2027, 3, 1)),
        visit_code="LOG",
        reason="The certificate came",
    )
    assert free(imaged) == (M1[1], False, Rule.MISSED)


def test_a_visit_put_off_is_missed_and_said_to_be(imaged: Participant, by_coordinator: Actor) -> None:
    seen(imaged, M1, by_coordinator)
    visit = Visit.objects.get(participant=imaged, code="Y-M3")
    move_visit(visit=visit, to=VisitState.MISSED, by=by_coordinator, now=now(date(2027, 1, 10)))
    assert [one.en for one in facts(imaged, date(2027, 1, 10)).missing] == [
        "No assessment, and the window has passed: Y-90 month 3."
    ]


def test_recurrence_after_hepatectomy_and_what_its_margin_means(
    imaged: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    seen(imaged, M1, by_coordinator, ((40, 20), (30, 10)))
    operated = date(2026, 12, 20)
    place = Visit.objects.get(participant=imaged, code="SURG")
    surgery = Hepatectomy.objects.create(
        participant=imaged,
        visit=place,
        state="SUBMITTED",
        surgdtc=operated,
        surgyn="Y",
        margin_i="R0",
        entered_at=START,
        entered_by=by_investigator.person,
        submitted_at=START,
        submitted_by=by_investigator.person,
    )
    set_anchor(participant=imaged, anchor=Anchor.A2, day=operated, by=by_investigator, now=now(operated))
    removed = [
        {"lnkid": f"T0{n}", "lescat": "TARGET", "lesloc": place, "lesst": "RESECTED"}
        for n, place in ((1, "S6"), (2, "S3"))
    ]
    for code, on, came_back in (
        ("PH-M1", date(2027, 1, 20), "NONE"),
        ("PH-M3", date(2027, 3, 22), "INTRAHEPATIC"),
    ):
        image(imaged, code, by=by_coordinator, now=now(on), lesions=removed)
        assess(imaged, code, by=by_coordinator, now=now(on), recurrence=came_back)
    assert free(imaged) == (date(2027, 3, 22), True, Rule.RECURRENCE)
    found = facts(imaged).recurrence_free()
    assert found is not None
    assert (found.start, found.date, found.event) == (operated, date(2027, 3, 22), True)
    surgery.margin_i = "R2"
    surgery.save()
    assert free(imaged) == (date(2027, 3, 22), True, Rule.REGROWTH)
    assert facts(imaged).recurrence_free() is None
    # The pathologist has the last word.
    specimen = Pathology.objects.create(
        participant=imaged,
        visit=place,
        state="SUBMITTED",
        pathno="P1",
        rmargin="R0",
        entered_at=START,
        entered_by=by_investigator.person,
        submitted_at=START,
        submitted_by=by_investigator.person,
    )
    assert free(imaged) == (date(2027, 3, 22), True, Rule.RECURRENCE)
    specimen.delete()
    treated(imaged, "ADJUVANT", date(2027, 2, 1), by_investigator)
    assert free(imaged)[1:] == (True, Rule.REGROWTH)
    adjuvant = facts(imaged).progression_free(censor_adjuvant=True)
    assert adjuvant is not None
    assert (adjuvant.date, adjuvant.rule) == (date(2027, 1, 20), Rule.ADJUVANT_TREATMENT)


def test_other_treatment_ends_the_observation(
    imaged: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    seen(imaged, M1, by_coordinator, ((40, 20), (30, 10)))
    seen(imaged, M3, by_coordinator, ((70, 30), (60, 10)))
    assert free(imaged) == (M3[1], True, Rule.PROGRESSION)
    treated(imaged, "THERAPEUTIC", date(2026, 11, 1), by_investigator)
    assert free(imaged) == (M1[1], False, Rule.OTHER_TREATMENT)


def test_what_cannot_have_happened_is_said(
    imaged: Participant, by_coordinator: Actor, by_investigator: Actor
) -> None:
    seen(imaged, M1, by_coordinator)
    set_anchor(participant=imaged, anchor=Anchor.A0, day=date(2026, 10, 6), by=by_investigator, now=START)
    found = facts(imaged)
    assert found.history is None
    assert (
        found.problems["RECIST11"].en
        == "The assessment of 2026-10-05 lies before the assignment of 2026-10-06."
    )


def test_a_contradiction_among_assessments_takes_no_death_away(
    imaged: Participant, by_coordinator: Actor
) -> None:
    seen(imaged, M1, by_coordinator)
    seen(imaged, M3, by_coordinator)
    told(imaged, 1, by_coordinator, ssstat="DEAD", dthdtc=date(2026, 11, 20))
    VisitHeader.objects.filter(participant=imaged, visit__code="Y-M3").delete()
    found = facts(imaged)
    assert (found.history, found.progression_free()) == (None, None)
    dead = found.overall_survival()
    assert dead is not None
    assert (dead.date, dead.event, dead.rule) == (date(2026, 11, 20), True, Rule.DEATH)
    # Somebody who speaks with the dead contradicts the death itself.
    told(imaged, 2, by_coordinator, ssstat="ALIVE", lastalive=date(2026, 12, 1))
    found = facts(imaged)
    assert found.overall_survival() is None
    assert found.problems["RECIST11"]


def test_who_is_alive_was_last_seen_wherever_assessments_contradict(
    imaged: Participant, by_coordinator: Actor
) -> None:
    seen(imaged, M1, by_coordinator)
    seen(imaged, M3, by_coordinator)
    later = TumourResponse.objects.filter(participant=imaged, visit__code="Y-M3")
    later.filter(rscat="RECIST11").update(rsdtc=M1[1])
    found = facts(imaged)
    assert found.history is None
    alive = found.overall_survival()
    assert alive is not None
    assert (alive.date, alive.event) == (M3[1], False)


@pytest.mark.parametrize("criteria", ["RECIST11", "MRECIST"])
def test_a_visit_assessed_by_the_other_criteria_only_is_missing(
    imaged: Participant, by_coordinator: Actor, criteria: str
) -> None:
    code, on = M1
    measure(imaged, code, on, by_coordinator, STABLE)
    assess(imaged, code, by=by_coordinator, now=now(on), criteria=[criteria])
    missing = [one.en for one in facts(imaged, on).missing]
    assert missing == ([] if criteria == "RECIST11" else ["Not assessed by RECIST 1.1: Y-90 month 1."])


def test_one_costs_as_many_queries_as_all(imaged: Participant, by_coordinator: Actor) -> None:
    others = [make_participant(imaged.site, by_coordinator, initials="QQ") for _number in range(3)]
    with counted() as empty:
        endpoint_facts([others[0].pk], today=TODAY)
    seen(imaged, M1, by_coordinator)
    seen(imaged, M3, by_coordinator)
    with counted() as full:
        found = endpoint_facts([imaged.pk, *(one.pk for one in others)], today=TODAY)
    assert len(full) == len(empty) == 12
    assert set(found) == {imaged.pk, *(one.pk for one in others)}
