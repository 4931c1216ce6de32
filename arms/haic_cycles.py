"""Judge whether a HAIC cycle may begin, and how far the cycles lie apart.

Limits are study settings (arms/limits.py), because the protocol's own section on dose and delay is not public.
Source: protocol specification sections 0.2 (C8), 4.3 and 4.4; defaults of the pre-cycle limits from
published FOLFOX-HAIC trials.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from records.text import Text

LAST_CYCLE = 4


class CycleError(ValueError):
    """Input that no cycle can have."""


class GateOutcome(StrEnum):
    """GO: within the limits; HOLD: the cycle has to wait; UNKNOWN: a value is missing, so not GO."""

    GO = "GO"
    HOLD = "HOLD"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Pre-cycle limits; a value equal to its limit is within.

    Hold: neutrophils and platelets (10⁹/L) or albumin (g/L) below, bilirubin (µmol/L) above. Confirm:
    ECOG and Child-Pugh score at or above; INR and creatinine (multiples of the upper limit of normal) above.
    """

    neutrophils: Decimal = Decimal("1.2")
    platelets: Decimal = Decimal(60)
    bilirubin: Decimal = Decimal(30)
    albumin: Decimal = Decimal(30)
    confirm_ecog: int = 2
    confirm_child_pugh: int = 8
    confirm_inr: Decimal = Decimal("1.7")
    confirm_creatinine_uln: Decimal = Decimal("1.5")


@dataclass(frozen=True, slots=True)
class GateValues:
    """What is known before the cycle, None where not; units as GateLimits.

    `pregnancy_possible`: a woman of childbearing potential, for whom `pregnant` has to be known.
    """

    neutrophils: Decimal | None
    platelets: Decimal | None
    bilirubin: Decimal | None
    albumin: Decimal | None
    ecog: int | None = None
    child_pugh: int | None = None
    inr: Decimal | None = None
    creatinine_uln: Decimal | None = None
    infection_or_bleeding: bool | None = None
    pregnancy_possible: bool = False
    pregnant: bool | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """The suggestion with its reasons; `confirm` lists what the physician should confirm in any case."""

    outcome: GateOutcome
    reasons: tuple[Text, ...]
    confirm: tuple[Text, ...]


DEFAULT_GATE_LIMITS = GateLimits()

_BELOW = Text("{name} {value} {unit} is below {limit}.", "{name} {value} {unit}，低于 {limit}。")
_ABOVE = Text("{name} {value} {unit} is above {limit}.", "{name} {value} {unit}，高于 {limit}。")
_MISSING = Text("{name} is missing.", "缺少{name}。")
_ANC = Text("Neutrophil count", "中性粒细胞计数")
_PLT = Text("Platelet count", "血小板计数")
_TBIL = Text("Total bilirubin", "总胆红素")
_ALB = Text("Albumin", "白蛋白")


def judge_gate(values: GateValues, limits: GateLimits = DEFAULT_GATE_LIMITS) -> Gate:
    """Judge the checks before a cycle.

    HOLD when neutrophils < 1.2, platelets < 60, bilirubin > 30 or albumin < 30, or pregnancy is known;
    otherwise UNKNOWN when one of them is missing; otherwise GO. Equality is within. ECOG ≥ 2, Child-Pugh ≥ 8
    points, INR > 1.7, creatinine > 1.5 × ULN, active infection or bleeding do not hold: they ask for
    confirmation. Raises CycleError for a negative value. Source: protocol specification 4.3.
    """
    holds: list[Text] = []
    missing: list[Text] = []
    measured = (
        (_ANC, values.neutrophils, limits.neutrophils, "×10⁹/L", True),
        (_PLT, values.platelets, limits.platelets, "×10⁹/L", True),
        (_TBIL, values.bilirubin, limits.bilirubin, "µmol/L", False),
        (_ALB, values.albumin, limits.albumin, "g/L", True),
    )
    for name, value, limit, unit, is_least in measured:
        if value is None:
            missing.append(_MISSING.format(name=name))
            continue
        if value < 0:
            raise CycleError(f"{name.en} cannot be {value}.")
        if value < limit if is_least else value > limit:
            sentence = _BELOW if is_least else _ABOVE
            holds.append(sentence.format(name=name, value=value, unit=unit, limit=limit))
    if values.pregnant:
        holds.append(Text("The pregnancy test is positive.", "妊娠试验阳性。"))
    elif values.pregnancy_possible and values.pregnant is None:
        missing.append(_MISSING.format(name=Text("Pregnancy test", "妊娠试验")))
    outcome = GateOutcome.HOLD if holds else GateOutcome.UNKNOWN if missing else GateOutcome.GO
    return Gate(outcome, (*holds, *missing), _to_confirm(values, limits))


def _to_confirm(values: GateValues, limits: GateLimits) -> tuple[Text, ...]:
    found: list[Text] = []
    if values.ecog is not None and values.ecog >= limits.confirm_ecog:
        found.append(Text("ECOG {value}.", "ECOG {value} 分。").format(value=values.ecog))
    if values.child_pugh is not None and values.child_pugh >= limits.confirm_child_pugh:
        found.append(
            Text("Child-Pugh {value} points.", "Child-Pugh {value} 分。").format(value=values.child_pugh)
        )
    if values.inr is not None and values.inr > limits.confirm_inr:
        found.append(_ABOVE.format(name="INR", value=values.inr, unit="", limit=limits.confirm_inr))
    if values.creatinine_uln is not None and values.creatinine_uln > limits.confirm_creatinine_uln:
        name, unit = Text("Creatinine", "肌酐"), "× ULN"
        limit = limits.confirm_creatinine_uln
        found.append(_ABOVE.format(name=name, value=values.creatinine_uln, unit=unit, limit=limit))
    if values.infection_or_bleeding:
        found.append(Text("Active infection or bleeding.", "活动性感染或出血。"))
    return tuple(found)


class IntervalAnchor(StrEnum):
    """The day of the previous cycle from which the interval is counted; a study setting."""

    START = "START"
    END = "END"


class IntervalGrade(StrEnum):
    """What an interval asks for.

    QUERY brings a minor deviation, REASON a mandatory reason and a deviation; DISCONTINUE asks besides
    whether treatment ends.
    """

    IN_WINDOW = "IN_WINDOW"
    QUERY = "QUERY"
    REASON = "REASON"
    DISCONTINUE = "DISCONTINUE"


@dataclass(frozen=True, slots=True)
class IntervalLimits:
    """Limits in days, study settings; each named day still has the milder grade."""

    window_from: int = 21
    window_to: int = 28
    query_from: int = 18
    query_to: int = 42
    discontinue_after: int = 58
    window_to_after_review: int = 42


@dataclass(frozen=True, slots=True)
class Interval:
    """A judged interval; `deviation` says whether a protocol deviation is drafted."""

    days: int
    grade: IntervalGrade
    message: Text

    @property
    def deviation(self) -> bool:
        return self.grade is not IntervalGrade.IN_WINDOW


DEFAULT_INTERVAL_LIMITS = IntervalLimits()


def judge_interval(
    previous: dt.date,
    start: dt.date,
    *,
    after_review: bool = False,
    limits: IntervalLimits = DEFAULT_INTERVAL_LIMITS,
) -> Interval:
    """Judge the days between two cycles.

    `previous` is the start (or, by setting, the end) of the cycle before. Below 18 days a reason; 18–20 a
    query; 21–28 in window; 29–42 a query; 43–58 a reason; above 58 the question of discontinuing. With
    `after_review` (the first cycle after a required review, cycle 3) 21–42 is in window. Raises CycleError
    when the cycle lies before the previous one. Source: protocol specification 4.4.
    """
    days = (start - previous).days
    if days < 0:
        raise CycleError(f"A cycle on {start} lies before the previous one on {previous}.")
    window_to = limits.window_to_after_review if after_review else limits.window_to
    values = {"days": days, "low": limits.window_from, "high": window_to}
    if limits.window_from <= days <= window_to:
        message = Text("{days} days, within {low}–{high}.", "间隔 {days} 天，在 {low}–{high} 天内。")
        return Interval(days, IntervalGrade.IN_WINDOW, message.format(**values))
    if days > limits.discontinue_after:
        message = Text(
            "{days} days since the previous cycle, more than {limit}."
            " Decide whether treatment is discontinued; a reason is required.",
            "距上一疗程 {days} 天，超过 {limit} 天。须决定是否终止治疗，并填写原因。",
        )
        return Interval(
            days, IntervalGrade.DISCONTINUE, message.format(days=days, limit=limits.discontinue_after)
        )
    if limits.query_from <= days <= limits.query_to:
        message = Text(
            "{days} days since the previous cycle; planned are {low}–{high}. Minor deviation.",
            "距上一疗程 {days} 天，计划为 {low}–{high} 天，属轻微方案偏离。",
        )
        return Interval(days, IntervalGrade.QUERY, message.format(**values))
    message = Text(
        "{days} days since the previous cycle; planned are {low}–{high}. A reason is required; deviation.",
        "距上一疗程 {days} 天，计划为 {low}–{high} 天，须填写原因，属方案偏离。",
    )
    return Interval(days, IntervalGrade.REASON, message.format(**values))


class Review(StrEnum):
    """What the MDT review after a pair of cycles decided."""

    CONTINUE = "CONTINUE"
    STOP = "STOP"


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a cycle may be recorded, with the sentence that explains a refusal."""

    allowed: bool
    reason: Text


def may_begin_cycle(number: int, recorded: frozenset[int], review: Review | None) -> Permission:
    """Say whether a cycle may begin, given the cycles recorded and the review after cycle 2.

    Cycles follow one another without a gap; cycles 3 and 4 need a review that says continue; there is no
    cycle 5. Raises CycleError for a number below 1. Source: protocol specification 0.2 (C8) and 4.4.
    """
    if number < 1:
        raise CycleError(f"There is no cycle {number}.")
    if number > LAST_CYCLE:
        message = Text("HAIC has at most {last} cycles.", "HAIC 最多 {last} 个疗程。")
        return Permission(False, message.format(last=LAST_CYCLE))
    if number in recorded:
        message = Text("Cycle {number} is recorded already.", "第{number}疗程已记录。")
        return Permission(False, message.format(number=number))
    if number > 1 and number - 1 not in recorded:
        message = Text("Cycle {before} has not been recorded.", "第{before}疗程尚未记录。")
        return Permission(False, message.format(before=number - 1))
    if number > 2 and review is not Review.CONTINUE:
        message = Text(
            "Cycle {number} needs a review after cycle 2 that says continue.",
            "第{number}疗程须在第2疗程后评估结论为继续HAIC方可进行。",
        )
        return Permission(False, message.format(number=number))
    message = Text("Cycle {number} may begin.", "可开始第{number}疗程。")
    return Permission(True, message.format(number=number))


def total_needs_reason(cycles: int) -> bool:
    """Say whether the number of cycles at the end of treatment needs a reason: any but 2 or 4.

    Raises CycleError outside 0–4. Source: protocol specification 0.2 (C8) and 4.4.
    """
    if not 0 <= cycles <= LAST_CYCLE:
        raise CycleError(f"{cycles} cycles are not possible.")
    return cycles not in (2, LAST_CYCLE)


class AgeGrade(StrEnum):
    """RECENT enough; QUERY; REFUSED, to be repeated."""

    RECENT = "RECENT"
    QUERY = "QUERY"
    REFUSED = "REFUSED"


def judge_laboratory_age(sampled: dt.date, start: dt.date, *, recent: int = 3, limit: int = 7) -> AgeGrade:
    """Judge the days from a sample to the cycle it clears: up to 3 recent, 4–7 a query, above 7 refused.

    Raises CycleError for a sample taken after the day the cycle starts. Source: protocol specification 4.4.
    """
    days = (start - sampled).days
    if days < 0:
        raise CycleError(f"The sample of {sampled} was taken after the cycle of {start} began.")
    return AgeGrade.RECENT if days <= recent else AgeGrade.QUERY if days <= limit else AgeGrade.REFUSED


def days_after_last_cycle(last_end: dt.date, on: dt.date) -> int:
    """Count the days from the end of the last cycle (catheter removed) to an examination or review.

    The end itself is day 0; negative before it. Planned are 21–28 for the re-examination and 21–35 for the MDT's
    review, both study settings, both ends included. Source: protocol specification 4.4.
    """
    return (on - last_end).days
