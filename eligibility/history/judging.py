"""Stage and judge one patient of a screening log by the rules participants are judged by.

Nothing is stored and nothing is asked of a database. What the log does not say stays unknown, and unknown is
never a pass; without consent no entry can come out as eligible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from eligibility import cnlc, reference_limits
from eligibility.criteria import DEFAULT_SETTINGS, conclude, judge
from eligibility.facts import Conclusion, CriterionResult, Facts, GradedTest
from eligibility.history.reading import Row
from eligibility.history.values import Values, laboratory_answers, read_values
from eligibility.lab_grades import SCREENING_TESTS
from eligibility.laboratory_results import lab_grades
from eligibility.liver_function import AlbiResult, ChildPughResult, albi, child_pugh
from eligibility.models.laboratory import Laboratory
from eligibility.models.staging import DEFAULT_EDITION, Staging
from eligibility.models.vital_signs import VitalSigns
from eligibility.reference_limits import limits_of
from eligibility.rules_inclusion import i1_age
from participants.dates import PartialDate
from records.text import Text
from records.zone import TRIAL_ZONE

EDITION: Final = DEFAULT_EDITION
RULES: Final[Mapping[str, str]] = {
    "log": "1",  # raised when the reading of a column or the judgement of an entry changes
    "VS": VitalSigns.rules_version,
    "LB": Laboratory.rules_version,
    "STG": Staging.rules_version,
    "reference_limits": reference_limits.VERSION,
}
SOME_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Judged:
    """What comes out for one patient of a log."""

    row: Row
    values: Values
    child_pugh: ChildPughResult
    albi: AlbiResult
    stage: cnlc.StageResult
    criteria: tuple[CriterionResult, ...]
    conclusion: Conclusion


def judge_row(row: Row) -> Judged:
    """Read, stage and judge one patient.

    Values in SI units, unrounded (eligibility/history/values.py). Child-Pugh, ALBI and CNLC as for participants;
    a missing value leaves them unknown unless the stage is decided without it. Criteria without data in the log
    stay unknown. Rulings of the sponsor are not applied: they are made for participants.
    Source: protocol specification sections 1.1, 2.1, 2.2 and 3.
    """
    values = read_values(row)
    score = child_pugh(
        bilirubin_umol_l=values.of("LB.tbil"),
        albumin_g_l=values.of("LB.alb"),
        inr=values.of("LB.inr"),
        ascites=values.of("STG.ascites"),
        encephalopathy=values.of("STG.enceph"),
    )
    grade = albi(bilirubin_umol_l=values.of("LB.tbil"), albumin_g_l=values.of("LB.alb"))
    stage = cnlc.stage(
        ps=values.whole("VS.ecog"),
        child_pugh=score.child_class,
        tumour_number=values.whole("STG.tumnum"),
        largest_mm=values.of("STG.tummax"),
        vascular_thrombus=values.of("STG.vascinv"),
        extrahepatic=values.of("STG.exhep"),
        edition=EDITION,
    )
    criteria = tuple(
        _on_a_log(result, values) for result in judge(_facts(values, score, stage), DEFAULT_SETTINGS)
    )
    return Judged(row, values, score, grade, stage, criteria, conclude(criteria, on=SOME_DAY))


def _facts(values: Values, score: ChildPughResult, stage: cnlc.StageResult) -> Facts:
    sex = values.of("DM.sex")
    answers = laboratory_answers(values)
    grades = tuple(GradedTest(one.test, one.grade) for one in lab_grades(answers, sex))
    return Facts(
        sex=sex,
        ecog=values.whole("VS.ecog"),
        cnlc=stage,
        exhep=values.of("STG.exhep"),
        hivab=values.of("LB.hivab"),
        lab_grades=grades or None,
        labs_complete=set(SCREENING_TESTS) <= {one.test for one in grades},
        childpugh_score=score.score,
        tbil=values.of("LB.tbil"),
        inr=values.of("LB.inr"),
        plt=values.of("LB.plt"),
        hgb=values.of("LB.hgb"),
        crea=values.of("LB.crea"),
        alt=values.of("LB.alt"),
        alt_uln=limits_of("ALT", sex).upper,
        ast=values.of("LB.ast"),
        ast_uln=limits_of("AST", sex).upper,
    )


def _on_a_log(result: CriterionResult, values: Values) -> CriterionResult:
    """Say of age and consent what holds for a log, where the participants' words would be wrong."""
    if result.id == "I1":
        return _age(result, values.whole("DM.age"))
    if result.id == "I6":
        return replace(
            result,
            reason=Text("A log has no informed consent.", "历史筛选日志无知情同意。"),
            value=Text("–", "–"),
        )
    return result


def _age(result: CriterionResult, age: int | None) -> CriterionResult:
    """Judge the age as given by the participants' rule.

    The rule counts years between two days. Somebody of `age` completed years on a first of January is one born
    on that day `age` years before, so these two days stand for the age; they are not kept.
    """
    if age is None:
        return replace(result, reason=Text("Not known: age.", "缺少：年龄。"))
    born = PartialDate(SOME_DAY.year - age, SOME_DAY.month, SOME_DAY.day)
    day = datetime(SOME_DAY.year, SOME_DAY.month, SOME_DAY.day, tzinfo=TRIAL_ZONE)
    found = i1_age(Facts(brthdtc=born, icfdtc=day), DEFAULT_SETTINGS)
    words = Text(
        "Age as given in the log; the protocol asks for {low} to {high}.",
        "日志所给年龄；方案要求{low}～{high}岁。",
    )
    return replace(
        result,
        outcome=found.outcome,
        reason=words.format(low=DEFAULT_SETTINGS.age_from, high=DEFAULT_SETTINGS.age_to),
        value=found.value,
    )
