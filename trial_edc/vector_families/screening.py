"""Worked cases of screening: stage, liver function, laboratory grades, age, the criteria."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from eligibility.cnlc import DIFFUSE, StageResult, stage
from eligibility.criteria import conclude, judge
from eligibility.facts import Condition, Facts, GradedTest, Outcome
from eligibility.lab_grades import TEST_OF_ITEM, TESTS, LabGrade, grade_lab
from eligibility.liver_function import albi, child_pugh
from eligibility.renal import egfr_ckd_epi_2021
from participants.dates import age_if_certain, trial_day
from trial_edc.vector_families.family import Family
from trial_edc.vector_reading import Case


def cnlc(case: Case) -> Mapping[str, object]:
    found = staged(case)
    return {"stage": found.stage.value, "record_I3": found.record_i3.value}


def staged(case: Case) -> StageResult:
    """Stage the inputs of a case, in which diameters are given in cm."""
    number = case.raw("tumour_number")
    centimetres = case.maybe_number("largest_cm")
    return stage(
        ps=case.maybe_whole("ps"),
        child_pugh=case.maybe_word("child_pugh"),
        tumour_number=DIFFUSE if number == DIFFUSE else case.maybe_whole("tumour_number"),
        largest_mm=None if centimetres is None else centimetres * 10,
        vascular_thrombus=case.maybe_word("vascular_thrombus"),
        extrahepatic=case.maybe_word("extrahepatic"),
    )


def child_pugh_family(case: Case) -> Mapping[str, object]:
    found = child_pugh(
        bilirubin_umol_l=case.maybe_number("bili_umol"),
        albumin_g_l=case.maybe_number("alb_g_l"),
        inr=case.maybe_number("inr"),
        pt_prolongation_s=case.maybe_number("pt_prolong_s"),
        ascites=_ascites(case.maybe_word("ascites")),
        encephalopathy=_encephalopathy(case.maybe_word("enceph")),
    )
    return {"points": list(found.points), "score": found.score, "cls": found.child_class}


def _ascites(written: str | None) -> str | None:
    """Take the words in which ascites is usually written for the trial's codes."""
    word = (written or "").upper()
    if re.search("MOD|SEV|REFRACT|LARGE|GROSS", word):
        return "MODSEV"
    return "MILD" if re.search("MILD|SLIGHT|CONTROL", word) else written


def _encephalopathy(written: str | None) -> str | None:
    """Take a grade of encephalopathy, alone or as a span, for the trial's codes."""
    grades = set(re.findall("[0-4]", written or ""))
    if grades and grades <= {"1", "2"}:
        return "G1_2"
    return "G3_4" if grades and grades <= {"3", "4"} else written


def albi_family(case: Case) -> Mapping[str, object]:
    found = albi(bilirubin_umol_l=case.maybe_number("bili_umol"), albumin_g_l=case.maybe_number("alb_g_l"))
    return {"albi": found.value, "grade": found.grade, "mALBI": found.modified}


def egfr(case: Case) -> Mapping[str, object]:
    rate = egfr_ckd_epi_2021(
        creatinine_umol_l=case.number("scr"), age_years=case.whole("age"), sex=case.word("sex")
    )
    return {"egfr": rate}


def ctcae(case: Case) -> Mapping[str, object]:
    return {"grade": graded(case).grade}


def graded(case: Case) -> LabGrade:
    """Grade a case that writes its limits as `ULN 111, baseline 100` or `LLN 125`."""
    test = case.word("test").upper()
    test = TEST_OF_ITEM.get(test.lower(), test)
    if test not in TESTS:
        raise case.complain(f"there is no rule for the test {test}; there are {', '.join(TESTS)}.")
    written = case.maybe_word("limit") or ""
    limits = {
        word.upper(): Decimal(number)
        for word, number in re.findall(
            r"(ULN|LLN|baseline)\s*[:=]?\s*([0-9]+(?:\.[0-9]+)?)", written, re.IGNORECASE
        )
    }
    if re.search("[0-9]", written) and not limits:
        raise case.complain(f"limit {written!r} must be written as in 'ULN 111, baseline 100' or 'LLN 125'.")
    return grade_lab(
        test,
        case.number("value"),
        lower=limits.get("LLN"),
        upper=limits.get("ULN"),
        baseline=limits.get("BASELINE"),
    )


def age(case: Case) -> Mapping[str, object]:
    born, consent = case.partial("born"), case.moment("consent")
    results = {result.id: result for result in judge(Facts(brthdtc=born, icfdtc=consent))}
    certain = None if born is None or consent is None else age_if_certain(born, trial_day(consent))
    return {"age": certain, "I1": results["I1"].outcome.value}


def window_30_days(case: Case) -> Mapping[str, object]:
    facts = Facts(gibdtc=case.partial("event"), cvdtc="NONE", planned_treatment=case.day("treatment"))
    found = {result.id: result for result in judge(facts)}["E8"]
    return {
        "E8": found.outcome.value,
        "soft_query": bool(found.warnings),
        "data_error": found.data_error,
    }


# A man of 56 with a single tumour of 7.2 cm, Child-Pugh A, who satisfies every criterion.
ELIGIBLE: Final[Mapping[str, object]] = {
    "brthdtc": "1970-03-14",
    "icfdtc": "2026-08-10T09:30",
    "icf_version_approved": True,
    "staging": {
        "ps": 0,
        "child_pugh": "A",
        "tumour_number": 1,
        "largest_cm": Decimal("7.2"),
        "vascular_thrombus": "N",
        "extrahepatic": "N",
    },
    "priortx": "N",
    "priorifn": "N",
    "potres": "Y",
    "conditions": [],
    "labs": [{"test": "PLT", "value": 180, "limit": "LLN 125"}],
    "labs_complete": True,
    "ecg_done": True,
    "maligoth": "N",
    "allergy": ["NONE"],
    "transpl": "N",
    "hivab": "NEG",
    "subabuse": "N",
    "gibdtc": "NONE",
    "cvdtc": "NONE",
    "planned_treatment": "2026-08-20",
    "sex": "M",
    "psych": "NONE",
    "e11j": "N",
    "chest_ct": True,
}
WORDS: Final = (
    *("priortx", "priorifn", "potres", "e1j", "maligoth", "transpl", "hivab", "subabuse", "sex"),
    *("childpot", "lactate", "contraok", "hcg", "psych", "e11j", "pvtt"),
)
DAYS: Final = ("planned_treatment", "hcg_date", "imaging_date", "labs_date", "ecog_date", "virology_date")
FLAGS: Final = ("icf_version_approved", "labs_complete", "ecg_done", "chest_ct")
OTHERS: Final = (
    *("brthdtc", "icfdtc", "first_procedure", "staging", "conditions", "labs"),
    *("allergy", "gibdtc", "cvdtc", "childpugh_score"),
)


def eligibility(case: Case) -> Mapping[str, object]:
    """Judge a case that states how its facts differ from the eligible man; a staging is merged likewise."""
    changes = case.inner("facts")
    content = {**ELIGIBLE, **changes.content}
    if changes.has("staging"):
        content["staging"] = {
            **case.as_case(ELIGIBLE["staging"], "staging").content,
            **changes.inner("staging").content,
        }
    results = judge(facts_of(Case(content, changes.where)))
    return {
        "conclusion": conclude(
            results, on=case.whole_day("on") if case.has("on") else _consent_day(content)
        ).value,
        "not_passed": {
            result.id: result.outcome.value for result in results if result.outcome is not Outcome.PASS
        },
        "soft_queries": [result.id for result in results if result.warnings],
        "data_errors": [result.id for result in results if result.data_error],
    }


def _consent_day(content: Mapping[str, object]) -> Any:
    return trial_day(
        Case(content, "consent").moment("icfdtc") or Case(ELIGIBLE, "consent").whole_day("icfdtc")
    )


def facts_of(case: Case) -> Facts:
    """Turn the facts of a case into those the criteria are judged from."""
    for name in case.content:
        if name not in (*WORDS, *DAYS, *FLAGS, *OTHERS):
            raise case.complain(f"{name} is not a fact that criteria are judged from.")
    known: dict[str, Any] = {}
    for names, reader in ((WORDS, Case.maybe_word), (DAYS, Case.day), (FLAGS, Case.flag)):
        known |= {name: reader(case, name) for name in names if case.has(name)}
    staging = case.inner("staging")
    labs, conditions = case.inners("labs"), case.inners("conditions")
    return Facts(
        brthdtc=case.partial("brthdtc"),
        icfdtc=case.moment("icfdtc"),
        first_procedure=case.moment("first_procedure") if case.has("first_procedure") else None,
        ecog=staging.maybe_whole("ps"),
        cnlc=staged(staging),
        exhep=staging.maybe_word("extrahepatic"),
        allergy=case.words("allergy"),
        gibdtc="NONE" if case.raw("gibdtc") == "NONE" else case.partial("gibdtc"),
        cvdtc="NONE" if case.raw("cvdtc") == "NONE" else case.partial("cvdtc"),
        childpugh_score=case.maybe_whole("childpugh_score") if case.has("childpugh_score") else None,
        conditions=None
        if conditions is None
        else tuple(
            Condition(one.word("name"), one.maybe_whole("grade"), one.flag("ongoing")) for one in conditions
        ),
        lab_grades=None
        if labs is None
        else tuple(GradedTest(found.test, found.grade) for found in (graded(one) for one in labs)),
        **known,
    )


FAMILIES: Final[Mapping[str, Family]] = {
    "cnlc": Family(cnlc, ("stage", "record_I3")),
    "child_pugh": Family(child_pugh_family, ("points", "score", "cls")),
    "albi": Family(albi_family, ("albi", "grade", "mALBI"), {"albi": 4}),
    "egfr": Family(egfr, ("egfr",), {"egfr": 1}),
    "ctcae": Family(ctcae, ("grade",)),
    "age": Family(age, ("age", "I1")),
    "window_30_days": Family(window_30_days, ("E8", "soft_query", "data_error")),
    "eligibility": Family(eligibility, ("conclusion", "not_passed", "soft_queries", "data_errors")),
}
