"""Judge the 17 criteria of the protocol, and conclude on eligibility.

Logic of three values and a fourth: PASS, FAIL, UNKNOWN, and RULING where the protocol's text leaves a case
to the sponsor. Unknown is never a pass, and no FAIL can be overridden. The table CRITERIA leads from each
criterion to its rule (rules_inclusion.py, rules_exclusion.py) and to the answers it rests on.
Source: NCT07070076 registry record (criteria); protocol specification section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from eligibility import rules_exclusion as exclusion
from eligibility import rules_inclusion as inclusion
from eligibility.criteria_wording import WORDING
from eligibility.facts import Conclusion, CriteriaSettings, CriterionResult, Facts, Kind, Ruling
from eligibility.soft_queries import SOFT_QUERIES
from eligibility.verdicts import FAIL, PASS, RULING, Rule
from records.text import Text

DEFAULT_SETTINGS: Final = CriteriaSettings()

CONSENT_AND_BIRTH = (("DM", "brthdtc"), ("DM", "icfdtc"))
STAGING = tuple(("STG", name) for name in ("cpcls", "tumnum", "tummax", "vascinv", "exhep"))
EVENTS = (("MH", "gibdtc"), ("MH", "cvdtc"), ("IE", "trtpdtc"))
WOMEN = tuple(("DM", name) for name in ("sex", "childpot", "lactate", "contraok"))

CRITERIA: Final[tuple[tuple[str, Kind, tuple[tuple[str, str], ...], Rule], ...]] = (
    ("I1", Kind.MACHINE, CONSENT_AND_BIRTH, inclusion.i1_age),
    ("I2", Kind.MACHINE, (("VS", "ecog"),), inclusion.i2_ecog),
    ("I3", Kind.MACHINE, (("VS", "ecog"), *STAGING), inclusion.i3_stage),
    ("I4", Kind.MACHINE, (("MH", "priortx"),), inclusion.i4_untreated),
    ("I5", Kind.BOTH, (("STG", "exhep"), ("IE", "potres")), inclusion.i5_resectable),
    ("I6", Kind.MACHINE, (("DM", "icfdtc"), ("DM", "icfver")), inclusion.i6_consent),
    (
        "E1",
        Kind.BOTH,
        (("MH", "conditions"), ("LB", "lbtoxgr"), ("IE", "e1j")),
        exclusion.e1_severe_condition,
    ),
    ("E2", Kind.MACHINE, (("MH", "maligoth"),), exclusion.e2_malignancy),
    ("E3", Kind.BOTH, (("MH", "allergy"),), exclusion.e3_allergy),
    ("E4", Kind.MACHINE, (("MH", "transpl"),), exclusion.e4_transplant),
    ("E5", Kind.MACHINE, (("MH", "priortx"), ("MH", "priorifn")), exclusion.e5_prior_treatment),
    ("E6", Kind.MACHINE, (("LB", "hivab"),), exclusion.e6_hiv),
    ("E7", Kind.MACHINE, (("MH", "subabuse"),), exclusion.e7_abuse),
    ("E8", Kind.MACHINE, EVENTS, exclusion.e8_event),
    ("E9", Kind.MACHINE, (*WOMEN, ("LB", "hcg")), exclusion.e9_pregnancy),
    ("E10", Kind.JUDGEMENT, (("MH", "psych"),), exclusion.e10_psychiatric),
    ("E11", Kind.JUDGEMENT, (("IE", "e11j"),), exclusion.e11_other),
)


def judge(facts: Facts, settings: CriteriaSettings = DEFAULT_SETTINGS) -> tuple[CriterionResult, ...]:
    """Judge all criteria, in the order I1 to I6, E1 to E11.

    The result is a suggestion: an investigator may answer more strictly, never more leniently. Contradicting
    answers give UNKNOWN with `data_error`.
    Source: protocol specification section 3.
    """
    results = []
    for criterion, kind, deciding, rule in CRITERIA:
        found = rule(facts, settings)
        soft = SOFT_QUERIES.get(criterion)
        warnings = (*found.warnings, *(soft(facts, settings) if soft else ()))
        results.append(
            CriterionResult(
                criterion,
                WORDING[criterion],
                kind,
                found.outcome,
                found.reason,
                found.value,
                deciding,
                warnings,
                found.data_error,
            )
        )
    return tuple(results)


def apply_rulings(
    results: Iterable[CriterionResult], rulings: Mapping[str, Ruling], on: date
) -> tuple[CriterionResult, ...]:
    """Settle what waits for a ruling by those in force on a day (their own first day included).

    `rulings` by criterion id. A ruling settles nothing but RULING: a FAIL stays, an UNKNOWN stays.
    Source: protocol specification section 3, rulings.
    """
    settled = []
    for result in results:
        ruling = rulings.get(result.id)
        if result.outcome is RULING and ruling is not None and ruling.effective_from <= on:
            words = Text("Sponsor ruling {reference} of {day}.", "申办者裁定{reference}（{day}）。").format(
                reference=ruling.reference, day=ruling.effective_from.isoformat()
            )
            reason = Text("{one} {two}", "{one}{two}").format(one=result.reason, two=words)
            settled.append(replace(result, outcome=PASS if ruling.accepts else FAIL, reason=reason))
        else:
            settled.append(result)
    return tuple(settled)


def conclude(
    results: Iterable[CriterionResult], rulings: Mapping[str, Ruling] | None = None, *, on: date
) -> Conclusion:
    """Conclude on eligibility: any FAIL is INELIGIBLE, else any UNKNOWN or RULING is PENDING, else ELIGIBLE.

    `on` is the day of the decision, on which a ruling must be in force to count. No criteria at all are PENDING.
    Source: protocol specification section 3.
    """
    outcomes = {result.outcome for result in apply_rulings(results, rulings or {}, on)}
    if FAIL in outcomes:
        return Conclusion.INELIGIBLE
    return Conclusion.ELIGIBLE if outcomes == {PASS} else Conclusion.PENDING
