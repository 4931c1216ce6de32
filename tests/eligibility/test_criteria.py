"""The 17 criteria: each rule with its outcomes, soft queries and rulings, and what holds for any facts."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.cnlc import StageResult, stage
from eligibility.criteria import CRITERIA, apply_rulings, conclude, judge
from eligibility.facts import (
    Condition,
    CriteriaSettings,
    CriterionResult,
    Facts,
    GradedTest,
    ImpossibleFact,
    Kind,
    Outcome,
    Ruling,
)
from participants.dates import PartialDate
from records.zone import TRIAL_ZONE

IDS = ("I1", "I2", "I3", "I4", "I5", "I6", *(f"E{number}" for number in range(1, 12)))
SIGNED = datetime(2026, 8, 10, 9, 30, tzinfo=TRIAL_ZONE)
TREATMENT = date(2026, 9, 30)


def staged(**changes: Any) -> StageResult:
    inputs: dict[str, Any] = {
        "ps": 0,
        "child_pugh": "A",
        "tumour_number": 1,
        "largest_mm": Decimal(72),
        "vascular_thrombus": "N",
        "extrahepatic": "N",
    }
    return stage(**{**inputs, **changes})


MAN = Facts(
    brthdtc=PartialDate(1970, 3, 14),
    icfdtc=SIGNED,
    icf_version_approved=True,
    ecog=0,
    cnlc=staged(),
    priortx="N",
    priorifn="N",
    exhep="N",
    potres="Y",
    conditions=(),
    lab_grades=(GradedTest("PLT", 0),),
    labs_complete=True,
    ecg_done=True,
    maligoth="N",
    allergy=("NONE",),
    transpl="N",
    hivab="NEG",
    subabuse="N",
    gibdtc="NONE",
    cvdtc="NONE",
    planned_treatment=TREATMENT,
    sex="M",
    psych="NONE",
    e11j="N",
    chest_ct=True,
)
WOMAN = replace(
    MAN, sex="F", childpot="Y", lactate="N", contraok="Y", hcg="NEG", hcg_date=TREATMENT - timedelta(days=3)
)


def judged(criterion: str, facts: Facts, settings: CriteriaSettings | None = None) -> CriterionResult:
    results = judge(facts, settings) if settings else judge(facts)
    return {result.id: result for result in results}[criterion]


def outcome(criterion: str, base: Facts = MAN, **changes: Any) -> str:
    return judged(criterion, replace(base, **changes)).outcome.value


def day(text: str) -> PartialDate:
    return PartialDate.parse(text)


def test_a_participant_who_meets_everything_is_eligible() -> None:
    for person in (MAN, WOMAN):
        results = judge(person)
        assert [(result.id, result.outcome.value, result.warnings) for result in results] == [
            (identity, "PASS", ()) for identity in IDS
        ]
        assert conclude(results, on=TREATMENT) == "ELIGIBLE"


def test_of_nobody_known_everything_is_unknown() -> None:
    results = judge(Facts())
    assert [(result.id, result.outcome.value) for result in results] == [
        (identity, "UNKNOWN") for identity in IDS
    ]
    assert conclude(results, on=TREATMENT) == "PENDING"


def test_each_criterion_names_the_answers_it_rests_on() -> None:
    assert [(result.id, result.kind, result.deciding[0]) for result in judge(MAN)] == [
        ("I1", Kind.MACHINE, ("DM", "brthdtc")),
        ("I2", Kind.MACHINE, ("VS", "ecog")),
        ("I3", Kind.MACHINE, ("VS", "ecog")),
        ("I4", Kind.MACHINE, ("MH", "priortx")),
        ("I5", Kind.BOTH, ("STG", "exhep")),
        ("I6", Kind.MACHINE, ("DM", "icfdtc")),
        ("E1", Kind.BOTH, ("MH", "conditions")),
        ("E2", Kind.MACHINE, ("MH", "maligoth")),
        ("E3", Kind.BOTH, ("MH", "allergy")),
        ("E4", Kind.MACHINE, ("MH", "transpl")),
        ("E5", Kind.MACHINE, ("MH", "priortx")),
        ("E6", Kind.MACHINE, ("LB", "hivab")),
        ("E7", Kind.MACHINE, ("MH", "subabuse")),
        ("E8", Kind.MACHINE, ("MH", "gibdtc")),
        ("E9", Kind.MACHINE, ("DM", "sex")),
        ("E10", Kind.JUDGEMENT, ("MH", "psych")),
        ("E11", Kind.JUDGEMENT, ("IE", "e11j")),
    ]


@pytest.mark.parametrize(
    ("born", "signed", "expected"),
    [
        ("2008-08-10", "2026-08-09T23:59", "FAIL"),
        ("2008-08-10", "2026-08-10T00:00", "PASS"),
        ("1950-08-11", "2026-08-10T23:59", "PASS"),
        ("1950-08-10", "2026-08-10T00:00", "FAIL"),
        ("2008-08", "2026-08-15T00:00", "UNKNOWN"),
        ("2008-08", "2026-09-01T00:00", "PASS"),
        ("1950", "2026-08-15T00:00", "UNKNOWN"),
        ("1949", "2026-08-15T00:00", "FAIL"),
    ],
)
def test_age(born: str, signed: str, expected: str) -> None:
    assert outcome("I1", brthdtc=day(born), icfdtc=datetime.fromisoformat(signed)) == expected


def test_age_counts_the_day_of_consent_in_the_zone_of_the_trial() -> None:
    # 16:30 in London on the eve of the birthday is half past midnight of the birthday in Guangzhou.
    assert outcome("I1", brthdtc=day("2008-08-10"), icfdtc=datetime(2026, 8, 9, 16, 30, tzinfo=UTC)) == "PASS"
    assert outcome("I1", brthdtc=day("2008-08-10"), icfdtc=datetime(2026, 8, 9, 15, 59, tzinfo=UTC)) == "FAIL"


def test_birth_after_consent_is_a_data_error() -> None:
    found = judged("I1", replace(MAN, brthdtc=day("2027-01-01")))
    assert (found.outcome, found.data_error) == (Outcome.UNKNOWN, True)


@pytest.mark.parametrize(
    ("ecog", "expected"), [(None, "UNKNOWN"), (0, "PASS"), (1, "PASS"), (2, "FAIL"), (3, "FAIL"), (4, "FAIL")]
)
def test_performance_status(ecog: int | None, expected: str) -> None:
    assert outcome("I2", ecog=ecog) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "PASS"),
        ({"largest_mm": Decimal(50)}, "FAIL"),
        ({"tumour_number": 2, "largest_mm": Decimal(30)}, "RULING"),
        ({"tumour_number": 2, "largest_mm": Decimal("30.1")}, "PASS"),
        ({"tumour_number": "DIFFUSE"}, "PASS"),
        ({"vascular_thrombus": "Y"}, "PASS"),
        ({"extrahepatic": "Y"}, "FAIL"),
        ({"child_pugh": "C"}, "FAIL"),
        ({"vascular_thrombus": "UNK"}, "UNKNOWN"),
    ],
)
def test_stage_in_the_words_of_the_record(changes: dict[str, Any], expected: str) -> None:
    assert outcome("I3", cnlc=staged(**changes)) == expected


def test_performance_status_2_stages_but_does_not_enter() -> None:
    facts = replace(MAN, ecog=2, cnlc=staged(ps=2))
    assert (judged("I2", facts).outcome, judged("I3", facts).outcome) == (Outcome.FAIL, Outcome.PASS)


@pytest.mark.parametrize(
    ("criterion", "item"), [("I4", "priortx"), ("E2", "maligoth"), ("E4", "transpl"), ("E7", "subabuse")]
)
def test_answers_that_have_to_be_no(criterion: str, item: str) -> None:
    assert [outcome(criterion, **{item: answer}) for answer in ("N", "Y", None)] == [
        "PASS",
        "FAIL",
        "UNKNOWN",
    ]


@pytest.mark.parametrize(
    ("metastasis", "resectable", "expected"),
    [
        ("N", "Y", "PASS"),
        ("N", "N", "FAIL"),
        ("Y", "Y", "FAIL"),
        ("Y", None, "FAIL"),
        (None, "N", "FAIL"),
        ("UNK", "N", "FAIL"),
        ("UNK", "Y", "UNKNOWN"),
        (None, "Y", "UNKNOWN"),
        ("N", None, "UNKNOWN"),
    ],
)
def test_resectability(metastasis: str | None, resectable: str | None, expected: str) -> None:
    assert outcome("I5", exhep=metastasis, potres=resectable) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "PASS"),
        ({"icfdtc": None}, "UNKNOWN"),
        ({"icf_version_approved": None}, "UNKNOWN"),
        ({"icf_version_approved": False}, "FAIL"),
        ({"first_procedure": SIGNED}, "PASS"),
        ({"first_procedure": SIGNED.replace(second=0), "icfdtc": SIGNED.replace(second=59)}, "PASS"),
        ({"first_procedure": SIGNED - timedelta(minutes=1)}, "FAIL"),
        ({"first_procedure": SIGNED - timedelta(minutes=1), "icf_version_approved": None}, "FAIL"),
        ({"first_procedure": SIGNED + timedelta(days=10)}, "PASS"),
    ],
)
def test_consent(changes: dict[str, Any], expected: str) -> None:
    assert outcome("I6", **changes) == expected


def test_consent_compares_moments_of_different_zones() -> None:
    signed = datetime(2026, 8, 10, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    procedure = datetime(2026, 8, 10, 1, 29, tzinfo=UTC)
    assert outcome("I6", icfdtc=signed, first_procedure=procedure) == "FAIL"
    assert outcome("I6", icfdtc=signed, first_procedure=procedure + timedelta(minutes=1)) == "PASS"


GRADE_3 = (GradedTest("PLT", 3),)
ONGOING = (Condition("Pneumonia", 3, ongoing=True),)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"lab_grades": (GradedTest("PLT", 2),)}, "PASS"),
        ({"lab_grades": GRADE_3}, "UNKNOWN"),
        ({"lab_grades": GRADE_3, "e1j": "TOLERATES"}, "PASS"),
        ({"lab_grades": GRADE_3, "e1j": "CANNOT"}, "FAIL"),
        ({"lab_grades": (GradedTest("PLT", 4),), "e1j": "CANNOT", "ecg_done": None}, "FAIL"),
        ({"conditions": ONGOING}, "UNKNOWN"),
        ({"conditions": ONGOING, "e1j": "TOLERATES"}, "PASS"),
        ({"conditions": ONGOING, "e1j": "CANNOT"}, "FAIL"),
        ({"conditions": (Condition("Pneumonia", 3, ongoing=False),)}, "PASS"),
        ({"conditions": (Condition("Pneumonia", 3, ongoing=None),)}, "UNKNOWN"),
        ({"conditions": (Condition("Gout", 2, ongoing=True),)}, "PASS"),
        ({"conditions": (Condition("Gout", None, ongoing=True),)}, "UNKNOWN"),
        ({"conditions": None}, "UNKNOWN"),
        ({"lab_grades": None}, "UNKNOWN"),
        ({"lab_grades": ()}, "UNKNOWN"),
        ({"lab_grades": (GradedTest("ALT", None),)}, "UNKNOWN"),
        ({"labs_complete": False}, "UNKNOWN"),
        ({"labs_complete": None}, "UNKNOWN"),
        ({"ecg_done": False}, "UNKNOWN"),
        ({"labs_complete": None, "lab_grades": GRADE_3, "e1j": "TOLERATES"}, "UNKNOWN"),
        ({"e1j": "CANNOT"}, "UNKNOWN"),
        ({"e1j": "TOLERATES"}, "PASS"),
    ],
)
def test_severe_conditions(changes: dict[str, Any], expected: str) -> None:
    assert outcome("E1", **changes) == expected


@pytest.mark.parametrize(
    ("allergies", "expected", "notes"),
    [
        (None, "UNKNOWN", 0),
        ((), "UNKNOWN", 0),
        (("NONE",), "PASS", 0),
        (("OTHER",), "PASS", 1),
        (("CONTRAST",), "FAIL", 0),
        (("PLATINUM",), "FAIL", 0),
        (("FLUOROURACIL",), "FAIL", 0),
        (("FOLINATE",), "FAIL", 0),
        (("ALBUMIN",), "FAIL", 0),
        (("OTHER", "MICROSPHERE"), "FAIL", 0),
    ],
)
def test_allergy(allergies: tuple[str, ...] | None, expected: str, notes: int) -> None:
    found = judged("E3", replace(MAN, allergy=allergies))
    assert (found.outcome.value, len(found.warnings)) == (expected, notes)


@pytest.mark.parametrize(
    ("treated", "interferon", "expected"),
    [
        ("N", "N", "PASS"),
        ("N", "HEP", "RULING"),
        ("N", "TUM", "FAIL"),
        ("Y", "N", "FAIL"),
        ("Y", "HEP", "FAIL"),
        ("Y", None, "FAIL"),
        (None, "TUM", "FAIL"),
        ("N", None, "UNKNOWN"),
        (None, "N", "UNKNOWN"),
        (None, "HEP", "UNKNOWN"),
    ],
)
def test_prior_treatment_and_interferon(treated: str | None, interferon: str | None, expected: str) -> None:
    assert outcome("E5", priortx=treated, priorifn=interferon) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("NEG", "PASS"), ("POS", "FAIL"), ("PENDING", "UNKNOWN"), ("CONFIRM", "UNKNOWN"), (None, "UNKNOWN")],
)
def test_hiv(answer: str | None, expected: str) -> None:
    assert outcome("E6", hivab=answer) == expected


@pytest.mark.parametrize("item", ["gibdtc", "cvdtc"])
@pytest.mark.parametrize(
    ("event", "expected", "queries"),
    [
        ("2026-09-30", "FAIL", 0),
        ("2026-08-31", "FAIL", 0),
        ("2026-08-30", "PASS", 1),
        ("2026-08-26", "PASS", 1),
        ("2026-08-25", "PASS", 0),
        ("2026-08", "UNKNOWN", 0),
        ("2026-09", "FAIL", 0),
        ("2026-07", "PASS", 0),
        ("2026", "UNKNOWN", 0),
        ("2025", "PASS", 0),
        ("2026-10-01", "UNKNOWN", 0),
    ],
)
def test_events_before_treatment(item: str, event: str, expected: str, queries: int) -> None:
    found = judged("E8", replace(MAN, **{item: day(event)}))
    assert (found.outcome.value, len(found.warnings)) == (expected, queries)


def test_the_worse_of_two_events_decides() -> None:
    late, early = day("2026-09-20"), day("2026-01-20")
    assert outcome("E8", gibdtc=late, cvdtc=early) == "FAIL"
    assert outcome("E8", gibdtc=early, cvdtc=late) == "FAIL"
    assert outcome("E8", gibdtc=None, cvdtc=late) == "FAIL"
    assert outcome("E8", gibdtc=None, cvdtc="NONE") == "UNKNOWN"
    assert (
        judged("E8", replace(MAN, gibdtc=late, cvdtc=early)).reason.en
        == "GI bleeding 10 days before treatment."
    )


def test_an_event_needs_the_day_of_treatment_and_none_does_not() -> None:
    assert outcome("E8", gibdtc=day("2020"), planned_treatment=None) == "UNKNOWN"
    assert outcome("E8", planned_treatment=None) == "PASS"


def test_event_after_treatment_is_a_data_error() -> None:
    assert judged("E8", replace(MAN, gibdtc=day("2026-10-01"))).data_error


def test_the_event_window_is_a_setting() -> None:
    settings = CriteriaSettings(event_days=28, event_soft_days=28)
    found = judged("E8", replace(MAN, gibdtc=day("2026-09-01")), settings)
    assert (found.outcome, found.warnings) == (Outcome.PASS, ())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "PASS"),
        ({"sex": None}, "UNKNOWN"),
        ({"hcg": "POS"}, "FAIL"),
        ({"hcg": "POS", "childpot": None}, "FAIL"),
        ({"hcg": None}, "UNKNOWN"),
        ({"lactate": "Y"}, "FAIL"),
        ({"lactate": None}, "UNKNOWN"),
        ({"contraok": "N"}, "FAIL"),
        ({"contraok": None}, "UNKNOWN"),
        ({"childpot": None}, "UNKNOWN"),
        ({"childpot": "N", "contraok": None, "hcg": None, "hcg_date": None}, "PASS"),
        ({"childpot": "N", "contraok": None, "hcg": None, "lactate": "Y"}, "FAIL"),
        ({"childpot": "N", "contraok": None, "hcg": None, "lactate": None}, "UNKNOWN"),
        ({"hcg_date": None}, "UNKNOWN"),
        ({"planned_treatment": None}, "UNKNOWN"),
        ({"hcg_date": TREATMENT}, "PASS"),
        ({"hcg_date": TREATMENT - timedelta(days=14)}, "PASS"),
        ({"hcg_date": TREATMENT - timedelta(days=15)}, "UNKNOWN"),
        ({"hcg_date": TREATMENT + timedelta(days=1)}, "UNKNOWN"),
    ],
)
def test_pregnancy(changes: dict[str, Any], expected: str) -> None:
    assert outcome("E9", WOMAN, **changes) == expected


@pytest.mark.parametrize(
    "changes", [{"hcg": "NEG"}, {"childpot": "N"}, {"lactate": "N"}, {"contraok": "Y"}, {"hcg": "POS"}]
)
def test_womens_answers_of_a_man_are_a_data_error(changes: dict[str, Any]) -> None:
    found = judged("E9", replace(MAN, **changes))
    assert (found.outcome, found.data_error) == (Outcome.UNKNOWN, True)


@pytest.mark.parametrize(
    ("answer", "expected"), [("NONE", "PASS"), ("NOIMPACT", "PASS"), ("IMPACT", "FAIL"), (None, "UNKNOWN")]
)
def test_psychiatric_disorder(answer: str | None, expected: str) -> None:
    assert outcome("E10", psych=answer) == expected


def test_another_factor_needs_its_reason() -> None:
    assert [outcome("E11", e11j=answer) for answer in ("N", "Y", None)] == ["PASS", "FAIL", "UNKNOWN"]
    assert len(judged("E11", replace(MAN, e11j="Y")).warnings) == 1
    explained = judged("E11", replace(MAN, e11j="Y", e11j_text="Leaves {the} country"))
    assert (explained.reason.zh, explained.warnings) == ("Leaves {the} country", ())


@pytest.mark.parametrize(
    ("criterion", "changes", "queries"),
    [
        ("I3", {"childpugh_score": 7}, 0),
        ("I3", {"childpugh_score": 8}, 1),
        ("I3", {"imaging_date": TREATMENT - timedelta(days=28)}, 0),
        ("I3", {"imaging_date": TREATMENT - timedelta(days=29)}, 1),
        ("I2", {"ecog_date": TREATMENT - timedelta(days=7)}, 0),
        ("I2", {"ecog_date": TREATMENT - timedelta(days=8)}, 1),
        ("I5", {"chest_ct": False}, 1),
        ("I5", {"chest_ct": None}, 1),
        ("I5", {"pvtt": "II"}, 0),
        ("I5", {"pvtt": "III"}, 1),
        ("I5", {"pvtt": "IV"}, 1),
        ("I5", {"flrpct": Decimal(30)}, 0),
        ("I5", {"flrpct": Decimal("29.9")}, 1),
        ("E1", {"tbil": Decimal("34.2")}, 0),
        ("E1", {"tbil": Decimal("34.3")}, 1),
        ("E1", {"inr": Decimal("2.0")}, 0),
        ("E1", {"inr": Decimal("2.01")}, 1),
        ("E1", {"plt": Decimal(40)}, 0),
        ("E1", {"plt": Decimal(39)}, 1),
        ("E1", {"hgb": Decimal(80)}, 0),
        ("E1", {"hgb": Decimal(79)}, 1),
        ("E1", {"crea": Decimal(221)}, 0),
        ("E1", {"crea": Decimal(222)}, 1),
        ("E1", {"alt": Decimal(200), "alt_uln": Decimal(40)}, 0),
        ("E1", {"alt": Decimal(201), "alt_uln": Decimal(40)}, 1),
        ("E1", {"alt": Decimal(900)}, 0),
        ("E1", {"ast": Decimal(176), "ast_uln": Decimal(35)}, 1),
        ("E1", {"labs_date": TREATMENT - timedelta(days=8)}, 1),
        ("E6", {"virology_date": TREATMENT - timedelta(days=90)}, 0),
        ("E6", {"virology_date": TREATMENT - timedelta(days=91)}, 1),
        ("E5", {"priorifn": "HEP"}, 1),
        ("E5", {"priorifn": "HEP", "priortx": "Y"}, 1),
        ("E5", {"priorifn": "TUM"}, 1),
    ],
)
def test_soft_queries(criterion: str, changes: dict[str, Any], queries: int) -> None:
    assert len(judged(criterion, replace(MAN, **changes)).warnings) == queries


SEVERAL = replace(MAN, cnlc=staged(tumour_number=2, largest_mm=Decimal(25)))
ACCEPTS = Ruling(accepts=True, reference="SR-01", effective_from=date(2026, 9, 1))
REJECTS = Ruling(accepts=False, reference="SR-02", effective_from=date(2026, 9, 1))


@pytest.mark.parametrize(
    ("rulings", "on", "expected"),
    [
        ({}, "2026-09-05", "PENDING"),
        ({"I3": ACCEPTS}, "2026-09-01", "ELIGIBLE"),
        ({"I3": ACCEPTS}, "2026-08-31", "PENDING"),
        ({"I3": REJECTS}, "2026-09-05", "INELIGIBLE"),
        ({"E5": ACCEPTS}, "2026-09-05", "PENDING"),
    ],
)
def test_a_ruling_settles_its_criterion_from_its_day(
    rulings: dict[str, Ruling], on: str, expected: str
) -> None:
    assert conclude(judge(SEVERAL), rulings, on=date.fromisoformat(on)) == expected


def test_a_ruling_is_named_in_the_reason() -> None:
    settled = {one.id: one for one in apply_rulings(judge(SEVERAL), {"I3": ACCEPTS}, TREATMENT)}["I3"]
    assert settled.outcome is Outcome.PASS
    assert settled.reason.zh.endswith("申办者裁定SR-01（2026-09-01）。")


def test_a_ruling_overrides_no_failure_and_fills_no_gap() -> None:
    rulings = dict.fromkeys(IDS, ACCEPTS)
    assert conclude(judge(replace(MAN, ecog=2)), rulings, on=TREATMENT) == "INELIGIBLE"
    assert conclude(judge(replace(MAN, ecog=None)), rulings, on=TREATMENT) == "PENDING"


def test_nothing_judged_is_not_eligible() -> None:
    assert conclude([], on=TREATMENT) == "PENDING"


@pytest.mark.parametrize(
    "changes",
    [
        {"ecog": 5},
        {"ecog": -1},
        {"priortx": "y"},
        {"hivab": "POSITIVE"},
        {"allergy": ("PENICILLIN",)},
        {"gibdtc": "2026-01-01"},
        {"lab_grades": (GradedTest("PLT", 6),)},
        {"conditions": (Condition("Gout", -1, ongoing=True),)},
        {"first_procedure": datetime.fromisoformat("2026-08-11")},
    ],
)
def test_impossible_fact_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleFact):
        replace(MAN, **changes)


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from((None, *values))


EVENTS = ("NONE", day("2026-09-20"), day("2026-08-28"), day("2026-08"), day("2019"), day("2026-10-02"))
all_facts = st.builds(
    Facts,
    brthdtc=maybe(day("1970-03-14"), day("1949"), day("1950"), day("2010-01"), day("2030-01-01")),
    icfdtc=maybe(SIGNED),
    icf_version_approved=maybe(True, False),
    first_procedure=maybe(SIGNED - timedelta(hours=1), SIGNED + timedelta(days=9)),
    ecog=maybe(0, 1, 2, 3, 4),
    cnlc=maybe(
        staged(),
        staged(largest_mm=Decimal(40)),
        staged(tumour_number=2, largest_mm=Decimal(25)),
        staged(child_pugh=None),
        staged(extrahepatic="Y"),
    ),
    priortx=maybe("N", "Y"),
    priorifn=maybe("N", "HEP", "TUM"),
    exhep=maybe("N", "Y", "UNK"),
    potres=maybe("N", "Y"),
    conditions=maybe((), ONGOING, (Condition("Gout", None, ongoing=None),)),
    lab_grades=maybe((), GRADE_3, (GradedTest("PLT", 1),), (GradedTest("PLT", None),)),
    labs_complete=maybe(True, False),
    ecg_done=maybe(True, False),
    e1j=maybe("TOLERATES", "CANNOT"),
    maligoth=maybe("N", "Y"),
    allergy=maybe((), ("NONE",), ("OTHER",), ("OTHER", "PLATINUM")),
    transpl=maybe("N", "Y"),
    hivab=maybe("NEG", "POS", "PENDING", "CONFIRM"),
    subabuse=maybe("N", "Y"),
    gibdtc=maybe(*EVENTS),
    cvdtc=maybe(*EVENTS),
    planned_treatment=maybe(TREATMENT),
    sex=maybe("F", "M"),
    childpot=maybe("N", "Y"),
    lactate=maybe("N", "Y"),
    contraok=maybe("N", "Y"),
    hcg=maybe("NEG", "POS"),
    hcg_date=maybe(TREATMENT, date(2026, 8, 1)),
    psych=maybe("NONE", "NOIMPACT", "IMPACT"),
    e11j=maybe("N", "Y"),
)
# Where these are empty, something has not happened or is not asked; emptying them removes no needed answer.
NOT_ALWAYS_ASKED = {"first_procedure", "e1j"}
ASKED_OF_WOMEN = {"childpot", "lactate", "contraok", "hcg", "hcg_date"}
SOFT_FIELDS = [field.name for field in fields(Facts)][
    [field.name for field in fields(Facts)].index("childpugh_score") :
]
DECIDING_FIELDS = [field.name for field in fields(Facts) if field.name not in {*SOFT_FIELDS, "e11j_text"}]


@given(all_facts, st.sets(st.sampled_from(DECIDING_FIELDS), min_size=1))
def test_taking_information_away_never_makes_a_criterion_pass(facts: Facts, hidden: set[str]) -> None:
    hidden = hidden - NOT_ALWAYS_ASKED
    if facts.sex != "F" or facts.childpot != "Y":
        hidden -= ASKED_OF_WOMEN
    poorer = replace(facts, **dict.fromkeys(hidden))
    for before, after in zip(judge(facts), judge(poorer), strict=True):
        assert before.outcome is Outcome.PASS or after.outcome is not Outcome.PASS, (before, after)


@given(all_facts)
def test_results_come_in_order_with_words_in_both_languages(facts: Facts) -> None:
    results = judge(facts)
    assert tuple(result.id for result in results) == IDS == tuple(row[0] for row in CRITERIA)
    for result in results:
        for words in (result.text, result.reason, *result.warnings):
            assert re.search("[一-鿿]", words.zh)
            assert not re.search("[一-鿿]", words.en)
            assert "{" not in words.en + words.zh
        assert not (result.data_error and result.outcome is Outcome.PASS)


@given(all_facts)
def test_conclusion_follows_the_outcomes(facts: Facts) -> None:
    results = judge(facts)
    outcomes = {result.outcome for result in results}
    expected = (
        "INELIGIBLE" if Outcome.FAIL in outcomes else "ELIGIBLE" if outcomes == {Outcome.PASS} else "PENDING"
    )
    assert conclude(results, on=TREATMENT) == expected


@given(
    st.sampled_from(sorted({*DECIDING_FIELDS} - NOT_ALWAYS_ASKED - ASKED_OF_WOMEN - {"planned_treatment"}))
)
def test_whoever_lacks_an_answer_is_not_eligible(hidden: str) -> None:
    assert conclude(judge(replace(MAN, **{hidden: None})), on=TREATMENT) == "PENDING"


@given(
    all_facts, st.decimals("1", "900", places=1), st.integers(5, 15), st.dates(date(2026, 1, 1), TREATMENT)
)
def test_soft_queries_decide_nothing(facts: Facts, value: Decimal, score: int, done: date) -> None:
    numbers = ("flrpct", "tbil", "inr", "plt", "hgb", "crea", "alt", "alt_uln", "ast", "ast_uln")
    dates = ("imaging_date", "labs_date", "ecog_date", "virology_date")
    others = {"childpugh_score": score, "pvtt": "IV", "chest_ct": False}
    assert sorted(SOFT_FIELDS) == sorted((*numbers, *dates, *others))
    richer = replace(facts, **dict.fromkeys(numbers, value), **dict.fromkeys(dates, done), **others)
    assert [one.outcome for one in judge(richer)] == [one.outcome for one in judge(facts)]


@given(all_facts)
def test_accepting_rulings_never_make_anybody_worse(facts: Facts) -> None:
    order = ["INELIGIBLE", "PENDING", "ELIGIBLE"]
    results = judge(facts)
    rulings = dict.fromkeys(IDS, ACCEPTS)
    assert order.index(conclude(results, on=TREATMENT)) <= order.index(
        conclude(results, rulings, on=TREATMENT)
    )
