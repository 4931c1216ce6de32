"""The tumour response form: what follows from the lesions, what it asks at which visit, and what it asks about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from followup.models import TumourResponse
from followup.tumour_course import defaults
from participants.models import AnchorDate, Participant, Visit
from records.checks import Entry, derive, findings_of, settle
from records.items import items_of
from tests.followup.lesions import (
    A0,
    BASELINE_ON,
    NOW,
    SCREENING,
    answered,
    context,
    course,
    examination,
    other,
    target,
)

M1, M2, M3 = 2, 3, 4
FIRST, SECOND, THIRD = date(2026, 11, 10), date(2027, 1, 10), date(2027, 3, 10)
ANSWERS = {"rsdtc": FIRST, "rscat": "RECIST11", "ntrgresp": "NA"}
BEFORE = examination(SCREENING, BASELINE_ON, target("100"))
STABLE = course(BEFORE, examination(M1, FIRST, target("95")))


def judged(known: Any, visit: int, criteria: str = "RECIST11", **answers: Any) -> tuple[Any, Any, Any]:
    """Target response, overall response and best response of a visit's form."""
    given = {"rscat": criteria, "ntrgresp": "NA", "recurfl": None, **answers}
    found = TumourResponse.derive(given, context(known, visit))
    return tuple(found[name].value for name in ("trgresp", "ovrlresp", "bor"))  # type: ignore[return-value]


def found(known: dict[str, Any], **answers: Any) -> list[tuple[str, str]]:
    """Item and level of each finding of a form submitted with these answers; the investigator agrees."""
    typed = Entry({item.name: None for item in items_of(TumourResponse)} | ANSWERS | answers)
    settle(TumourResponse, typed, known)
    derive(TumourResponse, typed, known)
    if "rsinv" not in answers:
        typed.answers["rsinv"] = typed.answers["ovrlresp"]
    return [(one.item, str(one.level)) for one in findings_of(TumourResponse, typed, known, complete=True)]


# -- what follows from the lesions: the worked cases of the specification, 6.2 and 6.3 ---------------


@pytest.mark.parametrize(
    ("criteria", "baseline", "nadir", "now", "expected"),
    [
        ("RECIST11", "100", "100", "71", "SD"),
        ("RECIST11", "100", "100", "70.1", "SD"),
        ("RECIST11", "100", "100", "70", "PR"),
        ("RECIST11", "100", "60", "71.9", "SD"),
        ("RECIST11", "100", "60", "72", "PD"),
        ("RECIST11", "30", "20", "24", "SD"),
        ("RECIST11", "30", "20", "25", "PD"),
        ("MRECIST", "30", "20", "24", "PD"),
        ("MRECIST", "30", "20", "23.9", "SD"),
        ("RECIST11", "50", "50", "59", "SD"),
        ("RECIST11", "50", "50", "60", "PD"),
        ("MRECIST", "85", "85", "0", "CR"),
        ("RECIST11", "20", "18", "22", "SD"),
        ("RECIST11", "20", "18", "23", "PD"),
        ("RECIST11", "50", "0", "5", "PD"),
    ],
)
def test_the_target_response_follows_from_baseline_and_nadir(
    criteria: str, baseline: str, nadir: str, now: str, expected: str
) -> None:
    sets = [examination(SCREENING, BASELINE_ON, target(baseline))]
    if nadir != baseline:
        sets.append(examination(M1, FIRST, target(nadir)))
    # By mRECIST a lesion is gone that does not enhance, whatever its size.
    last = target(baseline, now) if criteria == "MRECIST" and now == "0" else target(now)
    sets.append(examination(M2, SECOND, last))
    assert judged(course(*sets), M2, criteria)[0] == expected


@pytest.mark.parametrize(
    ("size", "non_target", "new", "expected"),
    [
        ("0", "CR", "N", "CR"),
        ("0", "NA", "N", "CR"),
        ("0", "NONCRNONPD", "N", "PR"),
        ("0", "NE", "N", "PR"),
        ("60", "CR", "N", "PR"),
        ("60", "NONCRNONPD", "N", "PR"),
        ("60", "NE", "N", "PR"),
        ("95", "NONCRNONPD", "N", "SD"),
        ("95", "NE", "N", "SD"),
        (None, "NONCRNONPD", "N", "NE"),
        (None, "PD", "N", "PD"),
        ("130", "CR", "N", "PD"),
        ("60", "PD", "N", "PD"),
        ("0", "CR", "Y", "PD"),
        ("60", "NONCRNONPD", "Y", "PD"),
        (None, "NE", "Y", "PD"),
        ("60", "NONCRNONPD", "EQUIVOCAL", "PR"),
    ],
)
def test_the_overall_response_puts_both_and_new_lesions_together(
    size: str | None, non_target: str, new: str, expected: str
) -> None:
    lesion = target(size) if size else {**target(None), "lesst": "NE"}
    known = course(BEFORE, examination(M1, FIRST, lesion, new_lesion=new))
    assert judged(known, M1, ntrgresp=non_target)[1] == expected


@pytest.mark.parametrize(
    ("non_target", "expected"),
    [("CR", "CR"), ("NONCRNONPD", "NONCRNONPD"), ("NE", "NE"), ("PD", "PD"), ("NA", "NED")],
)
def test_without_targets_the_others_decide(non_target: str, expected: str) -> None:
    known = course(examination(SCREENING, BASELINE_ON, other()), examination(M1, FIRST, other()))
    assert judged(known, M1, ntrgresp=non_target)[:2] == ("NA", expected)


def test_both_criteria_stand_beside_each_other() -> None:
    known = course(BEFORE, examination(M1, FIRST, target("95", "40")))
    assert judged(known, M1, "RECIST11")[:2] == ("SD", "SD")
    assert judged(known, M1, "MRECIST")[:2] == ("PR", "PR")


def test_the_best_response_ends_at_progression_and_needs_six_weeks_for_sd() -> None:
    early = A0.replace(month=10, day=31)
    assert judged(course(BEFORE, examination(M1, early, target("95"))), M1)[2] == "NE"
    on_time = A0.replace(month=11, day=1)  # day 42
    assert judged(course(BEFORE, examination(M1, on_time, target("95"))), M1)[2] == "SD"
    sets = [BEFORE, examination(M1, FIRST, target("60")), examination(M2, SECOND, target("80"))]
    answers = {(M1, "RECIST11"): answered(), (M2, "RECIST11"): answered()}
    assert judged(course(*sets, answers=answers), M2)[1:] == ("PD", "PR")
    after = examination(M3, THIRD, target("0"))
    assert judged(course(*sets, after, answers=answers), M3)[1:] == ("CR", "PR")
    assert judged(course(*sets, answers=answers, other_treatment_on=date(2026, 10, 1)), M2)[2] == "NE"
    asked = {**defaults(), "response_confirmed_after": 28}
    assert judged(course(*sets, answers=answers, settings=asked), M2)[2] == "SD"
    late = {**defaults(), "stable_disease_from": 60}
    stable = course(BEFORE, examination(M1, FIRST, target("95")), settings=late)
    assert judged(stable, M1)[2] == "NE"


# -- after hepatectomy -------------------------------------------------------------------------------

OPERATED = date(2026, 12, 20)
RESECTED = {"lnkid": "T01", "lescat": "TARGET", "lesloc": "S6", "lesst": "RESECTED"}


@pytest.mark.parametrize(
    ("rows", "new", "recurrence", "expected"),
    [
        ((RESECTED,), "N", "NONE", ("NA", "NED")),
        ((), "N", "NONE", ("NE", "NED")),
        ((RESECTED,), "N", "INTRAHEPATIC", ("NA", "PD")),
        ((RESECTED,), "Y", "NONE", ("NA", "PD")),
        ((RESECTED,), "EQUIVOCAL", "NONE", ("NA", "NED")),
    ],
)
def test_removed_lesions_are_no_cr(
    rows: tuple[dict[str, Any], ...], new: str, recurrence: str, expected: tuple[str, str]
) -> None:
    before = examination(M1, FIRST, target("60"))
    known = course(BEFORE, before, examination(M2, SECOND, *rows, new_lesion=new), operated_on=OPERATED)
    assert judged(known, M2, recurfl=recurrence)[:2] == expected
    assert judged(known, M1)[:2] == ("PR", "PR")


def test_the_response_before_surgery_stays_the_best() -> None:
    sets = [BEFORE, examination(M1, FIRST, target("60")), examination(M2, SECOND, RESECTED)]
    assert judged(course(*sets, operated_on=OPERATED), M2, recurfl="NONE")[1:] == ("NED", "PR")


# -- what cannot be judged says why ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "criteria", "reason"),
    [
        (course(examination(M1, FIRST, target("60"))), "RECIST11", "There is no baseline imaging"),
        (course(BEFORE), "RECIST11", "There is no dated imaging at this visit"),
        (STABLE, None, "Choose the criteria"),
        (
            course(examination(SCREENING, BASELINE_ON, target(None)), examination(M1, FIRST, target("60"))),
            "RECIST11",
            "Without a diameter at baseline: T01",
        ),
        (
            course(BEFORE, examination(M1, BASELINE_ON, target("60"))),
            "RECIST11",
            "does not lie after the baseline",
        ),
    ],
)
def test_what_cannot_be_judged_says_why(known: Any, criteria: str | None, reason: str) -> None:
    results = TumourResponse.derive({"rscat": criteria, "ntrgresp": "NA"}, context(known, M1))
    assert {one.value for one in results.values()} == {None}
    assert all(reason in one.reason.en and one.reason.zh for one in results.values())


def test_a_reason_names_the_numbers() -> None:
    known = course(BEFORE, examination(M1, FIRST, target("60")), examination(M2, SECOND, target("71.9")))
    results = TumourResponse.derive({"rscat": "RECIST11", "ntrgresp": "NONCRNONPD"}, context(known, M2))
    assert results["trgresp"].reason.en == (
        "Sum 71.9 mm, -28.1 % from the baseline, 100.0 mm. Sum 71.9 mm, +19.8 % (+11.9 mm) from the smallest, 60.0 mm."
    )
    assert results["ovrlresp"].reason.en == "Targets SD, other lesions non-CR/non-PD."


# -- checks ------------------------------------------------------------------------------------------


def test_a_plain_assessment_is_complete_without_decision_and_recurrence() -> None:
    assert found(context(STABLE, M1)) == []


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("rsdtc", [("rsdtc", "HARD")]),
        ("rscat", [("rscat", "HARD"), ("rsinv", "HARD")]),
        ("ntrgresp", [("ntrgresp", "HARD")]),
        ("rsinv", [("rsinv", "HARD")]),
    ],
)
def test_each_answer_is_needed(missing: str, expected: list[tuple[str, str]]) -> None:
    assert found(context(STABLE, M1), **{missing: None}) == expected


def test_after_hepatectomy_the_form_asks_for_recurrence_and_its_site() -> None:
    known = course(BEFORE, examination(M1, FIRST, RESECTED), operated_on=date(2026, 10, 20))
    resected = context(known, M1, resected="Y", visit_code="PH-M1")
    assert found(resected) == [("recurfl", "HARD")]
    assert found(resected, recurfl="NONE") == []
    assert found(resected, recurfl="INTRAHEPATIC") == []
    assert found(resected, recurfl="BOTH") == [("recursite", "HARD")]
    assert found(resected, recurfl="BOTH", recursite=["LUNG"]) == []


def test_a_new_lesion_after_hepatectomy_is_a_recurrence_somewhere() -> None:
    known = course(BEFORE, examination(M1, FIRST, RESECTED, new_lesion="Y"), operated_on=date(2026, 10, 20))
    resected = context(known, M1, resected="Y")
    assert found(resected, recurfl="NONE") == [("recurfl", "SOFT")]
    assert found(resected, recurfl="INTRAHEPATIC") == []


GROWN = course(BEFORE, examination(M1, FIRST, target("130")))
LOST = course(
    examination(SCREENING, BASELINE_ON, target("50"), target("40", name="T02")),
    examination(M1, FIRST, target("50")),
)
WITH_OTHERS = course(
    examination(SCREENING, BASELINE_ON, target("50"), other()), examination(M1, FIRST, target("50"), other())
)


@pytest.mark.parametrize(
    ("known", "answers", "expected"),
    [
        (context(STABLE, M1), {"rsinv": "PR"}, [("rsinv", "SOFT")]),
        (context(STABLE, M1), {"rsinv": "SD"}, []),
        (context(GROWN, M1), {"rsinv": "SD"}, [("rsinv", "SOFT")]),
        (context(STABLE, M1), {"rsdtc": date(2026, 11, 9)}, [("rsdtc", "SOFT")]),
        (context(STABLE, M1), {"rsdtc": date(2026, 8, 31)}, [("rsdtc", "HARD"), ("rsdtc", "SOFT")]),
        (context(STABLE, M1), {"rsdtc": NOW.date().replace(day=2)}, [("rsdtc", "HARD"), ("rsdtc", "SOFT")]),
        (context(STABLE, M1, died_on=FIRST), {}, []),
        (context(STABLE, M1, died_on=date(2026, 11, 9)), {}, [("rsdtc", "HARD")]),
        (context(LOST, M1), {}, [("trgresp", "SOFT")]),
        (context(WITH_OTHERS, M1), {"ntrgresp": "NONCRNONPD"}, []),
        (context(WITH_OTHERS, M1), {"ntrgresp": "CR"}, [("ntrgresp", "SOFT")]),
        (context(WITH_OTHERS, M1), {"ntrgresp": "NA"}, [("ntrgresp", "SOFT")]),
        (context(STABLE, M1), {"ntrgresp": "NONCRNONPD"}, [("ntrgresp", "SOFT")]),
        (context(course(BEFORE), M1), {"rsinv": "SD"}, [("rsdtc", "SOFT")]),
        (context(course(BEFORE), M1), {"rsinv": "NED"}, [("rsdtc", "SOFT"), ("rsinv", "SOFT")]),
        (
            context(course(BEFORE), M1),
            {"ntrgresp": "PD", "rsinv": "SD"},
            [("rsdtc", "SOFT"), ("rsinv", "SOFT")],
        ),
        (
            context(course(BEFORE), M1, resected="Y"),
            {"rsinv": "CR", "recurfl": "NONE"},
            [("rsdtc", "SOFT"), ("rsinv", "SOFT")],
        ),
        (
            context(course(BEFORE), M1, resected="Y"),
            {"rsinv": "NED", "recurfl": "INTRAHEPATIC"},
            [("rsdtc", "SOFT"), ("rsinv", "SOFT")],
        ),
    ],
)
def test_what_does_not_go_together(
    known: dict[str, Any], answers: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(known, **answers) == expected


def test_a_visit_has_one_assessment_by_each_criteria() -> None:
    answers = {(M1, "RECIST11"): answered(repeat=1)}
    known = course(BEFORE, examination(M1, FIRST, target("95")), answers=answers)
    assert found(context(known, M1)) == []
    assert found(context(known, M1, repeat=2)) == [("rscat", "HARD")]
    assert found(context(known, M1, repeat=2), rscat="MRECIST") == []


def test_the_investigators_response_may_differ_with_the_computed_reason_before_them() -> None:
    known = context(GROWN, M1)
    typed = Entry({item.name: None for item in items_of(TumourResponse)} | ANSWERS | {"rsinv": "SD"})
    derive(TumourResponse, typed, known)
    [one] = findings_of(TumourResponse, typed, known, complete=True)
    assert one.message.en == (
        "Computed: PD (progressive disease). Targets PD, other lesions NA. Correct one, or say why it differs."
    )


def test_the_context_knows_a_hepatectomy_before_the_visit(
    participant: Participant, django_assert_num_queries: Any
) -> None:
    visit = Visit.objects.select_related("participant").get(participant=participant, code="SCR")

    def resected() -> str:
        with django_assert_num_queries(6):
            return str(TumourResponse.context(visit=visit, today=NOW.date(), now=NOW)["resected"])

    assert resected() == "N"
    day = AnchorDate.objects.create(participant=participant, name="A2", date=date(2026, 11, 1))
    assert resected() == "N"  # the visit is aimed at an earlier day
    visit.target_from = date(2026, 11, 2)
    assert resected() == "Y"
    day.date = date(2026, 11, 2)
    day.save()
    assert resected() == "N"


def test_every_code_fits_its_column_and_every_label_is_in_both_languages() -> None:
    for item in items_of(TumourResponse):
        assert item.label.en and item.label.zh
        for code, words in item.codes or ():
            assert len(code) <= 16
            assert words.en and words.zh


def test_sums_are_exact_to_a_tenth() -> None:
    baseline = examination(SCREENING, BASELINE_ON, target("33.3"), target("66.7", name="T02"))
    at_limit = examination(M1, FIRST, target("23.3"), target("46.7", name="T02"))
    assert judged(course(baseline, at_limit), M1)[0] == "PR"
    above = examination(M1, FIRST, target("23.4"), target("46.7", name="T02"))
    assert judged(course(baseline, above), M1)[0] == "SD"
    assert Decimal("23.4") + Decimal("46.7") == Decimal("70.1")
