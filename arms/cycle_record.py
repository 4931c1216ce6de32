"""What a HAIC cycle's form computes and checks from its answers and from what it reads of other forms.

Answers are named as the items of the form; `context` carries what `HaicCycle.context` collects. Doses are
calculated from the body surface area used, and are for verification only.
Source: protocol specification sections 4.2 to 4.4 and 8.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from arms import day_checks
from arms.haic_cycles import (
    AgeGrade,
    CycleError,
    Gate,
    GateOutcome,
    Interval,
    IntervalGrade,
    judge_interval,
    judge_laboratory_age,
)
from arms.haic_dosing import (
    INFUSIONS,
    DeviationGrade,
    PlannedDoses,
    Timeline,
    check_timeline,
    judge_deviation,
    may_keep_bsa,
    planned_doses,
)
from arms.limits import deviation_limits, factors_of, interval_limits, timeline_limits
from participants.body import BsaFormula, ImpossibleBody, body_surface_area, rounded_bsa
from records import clock
from records.definition import Derived
from records.findings import Finding, Level
from records.text import Text

Answers = Mapping[str, Any]
INTERRUPTED = ("INTERRUPTED", "STOPPED")
FIRST_AFTER_REVIEW = 3
BSA_TOLERANCE = Decimal("0.02")
HEPATIC_ARTERIES = {"CHA", "PHA", "LHA", "RHA", "VARIANT"}
# Each infusion's key in the form's item names: oxadose, lvdose, fu1dose, fu2dose …
KEYS = tuple(one.key for one in INFUSIONS)

NEEDS_BODY = Text("Needs height and this visit's weight.", "需要身高和本次访视体重。")
NEEDS_AREA = Text("Needs the body surface area.", "需要体表面积。")
NEEDS_DOSE = Text("Needs the dose given.", "需要实际剂量。")


def area_of(height: Decimal | None, weight: Decimal | None, formula: str) -> Decimal | None:
    """Return the body surface area in m², rounded to 2 decimals; None where a measure is missing or impossible."""
    if height is None or weight is None:
        return None
    try:
        return rounded_bsa(body_surface_area(height_cm=height, weight_kg=weight, formula=BsaFormula(formula)))
    except ImpossibleBody:
        return None


def calculated_area(context: Mapping[str, Any]) -> Decimal | None:
    """Return the body surface area by the formula of the study settings from this visit's measures."""
    return area_of(context["height"], context["weight"], context["settings"]["bsa_formula_haic"])


def calculated_doses(answers: Answers, context: Mapping[str, Any]) -> PlannedDoses | None:
    """Return the doses (mg) for the body surface area used, or for the calculated one while none is entered."""
    area = answers.get("hbsa") or calculated_area(context)
    if area is None or area <= 0:
        return None
    return planned_doses(area, factors_of(context["settings"]))


def first_day(answers: Answers) -> date | None:
    """Return the day a cycle starts: of its first infusion, or of catheterisation while that is not known."""
    start = answers.get("oxast") or answers.get("hprocdt")
    return clock.day(start) if start else None


def catheterised_on(answers: Answers) -> date | None:
    """Return the day of catheterisation, from which the windows before treatment are counted."""
    start = answers.get("hprocdt")
    return clock.day(start) if start else None


# Derived items ------------------------------------------------------------------------------------


def derive(answers: Answers, context: Mapping[str, Any]) -> dict[str, Derived]:
    """Compute cycle number, gate, area, doses, deviations and interval, each with its reason."""
    number = context["cycle"]
    gate: Gate = context["gate_judged"]
    area, formula = calculated_area(context), context["settings"]["bsa_formula_haic"]
    body = Text("{formula}: {height} cm, {weight} kg.", "{formula}：{height} cm，{weight} kg。").format(
        formula=formula.replace("_", " ").title(), height=context["height"], weight=context["weight"]
    )
    found = {
        "cycle": Derived(number, Text("From the visit.", "由访视得出。")),
        "hgo": Derived(str(gate.outcome), gate_words(gate)),
        "hbsac": Derived(area, NEEDS_BODY if area is None else body),
        "hbsaf": Derived(None if area is None else formula, Text("Study setting.", "研究设置。")),
        **_doses(answers, context),
    }
    judged = interval(answers, context)
    words = Text("Needs the start of this and of the previous cycle.", "需要本疗程和上一疗程的开始时间。")
    found["hint"] = Derived(judged.days, judged.message) if judged else Derived(None, words)
    return found


def gate_words(gate: Gate) -> Text:
    """Return the reasons of a gate as one sentence, those to be confirmed included."""
    parts = [*gate.reasons, *gate.confirm]
    if gate.outcome is GateOutcome.GO and not gate.confirm:
        return Text("All values within the limits.", "各项均在界值内。")
    return Text.join(parts, " ", "")


def _doses(answers: Answers, context: Mapping[str, Any]) -> dict[str, Derived]:
    doses = calculated_doses(answers, context)
    factors = factors_of(context["settings"])
    per_area = dict(
        zip(KEYS, (factors.oxaliplatin, factors.leucovorin, factors.fu_2h, factors.fu_46h), strict=True)
    )
    found: dict[str, Derived] = {}
    for key in KEYS:
        name = key.lower()
        given = answers.get(f"{name}dose")
        if doses is None:
            found[f"{name}calc"] = Derived(None, NEEDS_AREA)
            found[f"{name}dev"] = Derived(None, NEEDS_AREA)
            continue
        words = Text(
            "{factor} mg/m² × {area} m²; for verification only.",
            "{factor} mg/m² × {area} m²；计算值仅供核对。",
        )
        area = doses.of(key) / per_area[key]
        found[f"{name}calc"] = Derived(doses.of(key), words.format(factor=per_area[key], area=f"{area:.2f}"))
        if given is None:
            found[f"{name}dev"] = Derived(None, NEEDS_DOSE)
        else:
            judged = judge_deviation(Decimal(given), doses.of(key), deviation_limits(context["settings"]))
            shown = judged.percent.quantize(Decimal("0.1"), ROUND_HALF_UP)
            found[f"{name}dev"] = Derived(shown, judged.message)
    return found


def interval(answers: Answers, context: Mapping[str, Any]) -> Interval | None:
    """Judge the days since the previous cycle; None for cycle 1, or where a date is missing or out of order."""
    start, before = first_day(answers), context["previous_day"]
    if start is None or before is None or start < before:
        return None
    limits = interval_limits(context["settings"])
    return judge_interval(before, start, after_review=context["cycle"] == FIRST_AFTER_REVIEW, limits=limits)


# Findings -----------------------------------------------------------------------------------------


def findings(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    """Check a cycle across its items and against the forms it depends on."""
    yield from day_checks.findings("hprocdt", catheterised_on(answers), context["first_day"])
    yield from _gate(answers, context)
    yield from _pregnancy(answers, context)
    yield from _area(answers, context)
    yield from _deviations(answers, context)
    yield from _interval(answers, context)
    vessels = set(answers.get("hangio") or [])
    if vessels and ("SMA" not in vessels or not vessels & HEPATIC_ARTERIES):
        words = Text(
            "Arteriography of the superior mesenteric and a hepatic artery is planned. Confirm with a word.",
            "方案要求行肠系膜上动脉及肝动脉造影，请说明并确认。",
        )
        yield Finding("hangio", Level.SOFT, words)
    if answers.get("hcomp") not in (None, "NONE"):
        words = Text(
            "A complication is an adverse event. Confirm that it is recorded as one.",
            "操作并发症属不良事件，请确认已记录。",
        )
        yield Finding("hcomp", Level.SOFT, words)
    for finding in check_timeline(timeline_of(answers), timeline_limits(context["settings"])):
        yield Finding(finding.item.lower(), finding.level, finding.message, finding.check)


def timeline_of(answers: Answers) -> Timeline:
    """Give the times of a cycle as the time checks read them."""
    spans = {key: (answers.get(f"{key.lower()}st"), answers.get(f"{key.lower()}en")) for key in KEYS}
    return Timeline(
        catheterised=answers.get("hprocdt"),
        infusions=spans,
        catheter_out=answers.get("hcathout"),
        bandage_start=answers.get("hbandst"),
        bandage_end=answers.get("hbanden"),
        discharged=answers.get("hdisch"),
        interrupted=frozenset(key for key in KEYS if answers.get(f"{key.lower()}adj") in INTERRUPTED),
    )


def _gate(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    gate: Gate = context["gate_judged"]
    if gate.outcome is GateOutcome.GO and gate.confirm and not answers.get("hgorsn"):
        words = Text("Confirm that the cycle is given: {why}", "请确认仍进行本疗程：{why}")
        yield Finding("hgorsn", Level.SOFT, words.format(why=Text.join(list(gate.confirm), " ", "")))
    sampled: datetime | None = context["sampled_at"]
    start = first_day(answers)
    if sampled is None or start is None:
        return
    recent, limit = (context["settings"][f"haic_laboratory_{name}"] for name in ("recent", "limit"))
    values = {"day": clock.day(sampled), "days": (start - clock.day(sampled)).days}
    try:
        age = judge_laboratory_age(clock.day(sampled), start, recent=recent, limit=limit)
    except CycleError:
        words = Text(
            "The laboratory sample ({day}) was taken after the cycle began.",
            "检验采样日期（{day}）晚于疗程开始。",
        )
        yield Finding("hprocdt", Level.SOFT, words.format(**values))
        return
    if age is AgeGrade.QUERY:
        words = Text(
            "The laboratory values are {days} days old ({day}), more than {limit}. Confirm with a word.",
            "检验结果距疗程开始已{days}天（{day}），超过{limit}天，请说明并确认。",
        )
        yield Finding("hprocdt", Level.SOFT, words.format(**values, limit=recent))
    elif age is AgeGrade.REFUSED:
        words = Text(
            "The laboratory values are {days} days old ({day}), more than {limit}. Enter new ones at this visit.",
            "检验结果距疗程开始已{days}天（{day}），超过{limit}天，须录入新的检验结果。",
        )
        yield Finding("hprocdt", Level.HARD, words.format(**values, limit=limit))


def _pregnancy(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    """A test too old, or taken later, is no test before this cycle; a missing one holds the check (HGO)."""
    test, start = context["pregnancy_test"], catheterised_on(answers)
    if test is None or start is None:
        return
    days, limit = (start - test.on).days, context["settings"]["haic_pregnancy_days"]
    if not 0 <= days <= limit:
        words = Text(
            "The pregnancy test of {day} is not within {limit} days before the cycle. Enter a new one at this visit.",
            "妊娠试验（{day}）不在疗程开始前{limit}天内，须录入新的妊娠试验结果。",
        )
        yield Finding("hprocdt", Level.HARD, words.format(day=test.on, limit=limit))


def _area(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    used, calculated = answers.get("hbsa"), calculated_area(context)
    high = context["settings"]["haic_bsa_high"]
    if used is not None and used > high:
        words = Text(
            "A body surface area of {used} m² is above {limit} m². Confirm with a word.",
            "体表面积{used} m²超过{limit} m²，请说明并确认。",
        )
        yield Finding("hbsa", Level.SOFT, words.format(used=used, limit=high))
    if used is None or calculated is None or abs(used - calculated) <= BSA_TOLERANCE:
        return
    first, weight, weight_first = context["area_first"], context["weight"], context["weight_first"]
    change = Decimal(context["settings"]["haic_keep_bsa_change"])
    kept = context["settings"]["haic_keep_bsa"] == "KEEP" and first is not None and used == first
    if kept and weight and weight_first and may_keep_bsa(weight, weight_first, change):
        return
    words = Text(
        "The body surface area used, {used} m², differs from the calculated {calculated} m² by more than {limit}.",
        "计算用体表面积{used} m²与公式值{calculated} m²相差超过{limit}。",
    )
    values = {"used": used, "calculated": calculated, "limit": BSA_TOLERANCE}
    yield Finding("hbsa", Level.HARD, words.format(**values))


def _deviations(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    doses = calculated_doses(answers, context)
    for key in KEYS:
        name = key.lower()
        given = answers.get(f"{name}dose")
        if doses is None or given is None or answers.get(f"{name}adjrsn"):
            continue
        judged = judge_deviation(Decimal(given), doses.of(key), deviation_limits(context["settings"]))
        if judged.grade is DeviationGrade.QUERY:
            yield Finding(f"{name}dose", Level.SOFT, judged.message)
        elif judged.grade is DeviationGrade.REASON:
            yield Finding(f"{name}adjrsn", Level.HARD, judged.message)


def _interval(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    start, before = first_day(answers), context["previous_day"]
    if start and before and start < before:
        words = Text("The cycle begins before the previous one ({day}).", "本疗程早于上一疗程（{day}）。")
        yield Finding("hprocdt", Level.HARD, words.format(day=before))
    judged = interval(answers, context)
    if judged is None or answers.get("hintrsn"):
        return
    if judged.grade is IntervalGrade.QUERY:
        yield Finding("hprocdt", Level.SOFT, judged.message)
    elif judged.grade is not IntervalGrade.IN_WINDOW:
        yield Finding("hintrsn", Level.HARD, judged.message)
