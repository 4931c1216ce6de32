"""Judge a Y-90 treatment: what blocks the infusion, what deserves a warning, what was delivered.

Limits are study settings (arms/limits.py). Units as in arms/dosimetry.py.
Source: protocol specification sections 5.4, 5.5, 5.7 and 5.8.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from arms.dosimetry import CONSTANTS, DosimetryError, decayed, hours_between
from records.text import Text

# What a pregnancy that is known, or not ruled out, is called among the blocks.
PREGNANCY = "PREGNANCY"


class Grade(StrEnum):
    """OK; QUERY, may be confirmed; REASON, mandatory (or, for a mapping too old, a new mapping)."""

    OK = "OK"
    QUERY = "QUERY"
    REASON = "REASON"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A graded value with the sentence for the screen."""

    grade: Grade
    message: Text


class Product(StrEnum):
    RESIN = "RESIN"
    GLASS = "GLASS"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class InfusionLimits:
    """Limits of the infusion; a limit itself is still within."""

    lung_dose_gy: Decimal = Decimal(30)
    lung_dose_query_gy: Decimal = Decimal(25)
    lung_dose_cumulative_gy: Decimal = Decimal(50)
    lsf_warning: Decimal = Decimal("0.10")
    lsf_resin: Decimal = Decimal("0.20")
    lung_activity_glass_gbq: Decimal = Decimal("0.61")
    pregnancy_hours: int = 72
    bilirubin: Decimal = Decimal("34.2")
    granulocytes: Decimal = Decimal("1.5")
    tumour_replacement_percent: Decimal = Decimal(70)
    child_pugh_from: int = 8


DEFAULT_LIMITS = InfusionLimits()


class Caution(StrEnum):
    """Findings that ask for a second thought before infusion but do not forbid it."""

    COAGULOPATHY = "COAGULOPATHY"
    CONTRAST_ANAPHYLAXIS = "CONTRAST_ANAPHYLAXIS"
    RENAL_OR_LIVER_DYSFUNCTION = "RENAL_OR_LIVER_DYSFUNCTION"
    VARICES = "VARICES"
    LIVER_RADIATION = "LIVER_RADIATION"
    ASCITES = "ASCITES"
    MAIN_PORTAL_THROMBOSIS = "MAIN_PORTAL_THROMBOSIS"


CAUTION_WORDS = {
    Caution.COAGULOPATHY: Text("Coagulopathy.", "凝血功能障碍。"),
    Caution.CONTRAST_ANAPHYLAXIS: Text("Anaphylaxis to contrast medium.", "对比剂严重过敏。"),
    Caution.RENAL_OR_LIVER_DYSFUNCTION: Text("Severe renal or liver dysfunction.", "严重肝肾功能不全。"),
    Caution.VARICES: Text("Untreated high-risk varices.", "未经治疗的高危静脉曲张。"),
    Caution.LIVER_RADIATION: Text("Earlier radiation of the liver.", "既往肝脏放疗。"),
    Caution.ASCITES: Text("Ascites.", "腹水。"),
    Caution.MAIN_PORTAL_THROMBOSIS: Text("Thrombosis of the main portal vein.", "门静脉主干血栓。"),
}


@dataclass(frozen=True, slots=True)
class InfusionFacts:
    """What is known before the infusion; None where it is not.

    `lung_dose` predicted for this treatment, `earlier_lung_dose` of treatments before (Gy). `lung_activity`
    is F × A in GBq. `mapping_complete`, `plan_complete`: YMAP and YDOS of the same mapping; `mapping_used`: an
    infusion rests on it already. `planned_by` and `checked_by` are opaque. `pregnant`: by a test that is recent
    enough. `bilirubin` µmol/L, with `bilirubin_reversible` for a reversible cause.
    """

    product: Product
    mapping_complete: bool
    plan_complete: bool
    planned_by: object
    checked_by: object
    planned_activity: Decimal | None
    lsf: Decimal | None
    lung_dose: Decimal | None
    lung_activity: Decimal | None
    earlier_lung_dose: Decimal = Decimal(0)
    gastrointestinal_uncorrectable: bool | None = None
    pregnancy_possible: bool = False
    pregnant: bool | None = None
    earlier_infusions: int = 0
    mapping_used: bool = False
    bilirubin: Decimal | None = None
    bilirubin_reversible: bool = False
    granulocytes: Decimal | None = None
    tumour_replacement_percent: Decimal | None = None
    child_pugh: int | None = None
    cautions: frozenset[Caution] = frozenset()


@dataclass(frozen=True, slots=True)
class Block:
    """A reason not to infuse; `overridable` by nuclear physician and investigator, two people together."""

    code: str
    overridable: bool
    message: Text


def infusion_blocks(facts: InfusionFacts, limits: InfusionLimits = DEFAULT_LIMITS) -> tuple[Block, ...]:
    """List what blocks the infusion; empty when nothing does.

    Requirements (no override): mapping and plan of the same mapping complete and not used before, planned and
    checked by two people, planned activity above 0, and every value known that a limit is held against. Override
    by two people: predicted lung dose > 30 Gy or cumulative > 50 Gy, lung shunt > 20 % (resin, and any product
    that is not glass), uncorrectable gastrointestinal uptake or shunt, pregnancy positive or unknown where
    possible, a second infusion. No override: glass F × A > 0.61 GBq, the limit of the product, which the
    protocol does not list among those that may be set aside.
    Source: protocol specification 0.2 (C10), 5.4, 5.5, 5.7 and 5.8.
    """
    return (*_requirements(facts), *_lung_blocks(facts, limits), *_other_blocks(facts, limits))


def _requirements(facts: InfusionFacts) -> list[Block]:
    found: list[Block] = []
    if facts.mapping_used:
        message = Text(
            "An infusion was given after this mapping already. Map again.",
            "本次造影/MAA已用于一次输注，须重新造影模拟。",
        )
        found.append(Block("MAPPING_USED", False, message))
    if not facts.mapping_complete:
        message = Text("Angiography and 99mTc-MAA are not complete.", "造影与MAA模拟尚未完成。")
        found.append(Block("MAPPING", False, message))
    if not facts.plan_complete:
        message = Text(
            "SPECT validation and activity planning of this mapping are not complete.",
            "本次模拟对应的SPECT验证与活度计算尚未完成。",
        )
        found.append(Block("PLAN", False, message))
    if facts.planned_by is None or facts.checked_by is None or facts.planned_by == facts.checked_by:
        message = Text(
            "The plan needs two people: planned by and checked by.", "活度计算须由两人分别计算和复核。"
        )
        found.append(Block("TWO_PEOPLE", False, message))
    if facts.planned_activity is None or facts.planned_activity <= 0:
        message = Text("There is no planned activity above 0.", "缺少大于0的计划活度。")
        found.append(Block("ACTIVITY", False, message))
    return found


def _lung_blocks(facts: InfusionFacts, limits: InfusionLimits) -> list[Block]:
    found: list[Block] = []
    if facts.lung_dose is None:
        message = Text("The predicted lung dose is not known.", "预测肺剂量未知。")
        found.append(Block("LUNG_DOSE_UNKNOWN", False, message))
    else:
        total = facts.lung_dose + facts.earlier_lung_dose
        if facts.lung_dose > limits.lung_dose_gy:
            message = Text(
                "Predicted lung dose {value} Gy is above {limit} Gy.",
                "预测肺剂量 {value} Gy，高于 {limit} Gy。",
            ).format(value=f"{facts.lung_dose:.2f}", limit=limits.lung_dose_gy)
            found.append(Block("LUNG_DOSE", True, message))
        if total > limits.lung_dose_cumulative_gy:
            message = Text(
                "Cumulative lung dose {value} Gy is above {limit} Gy.",
                "累计肺剂量 {value} Gy，高于 {limit} Gy。",
            ).format(value=f"{total:.2f}", limit=limits.lung_dose_cumulative_gy)
            found.append(Block("LUNG_DOSE_CUMULATIVE", True, message))
    if facts.product is not Product.GLASS:
        if facts.lsf is None:
            message = Text("The lung shunt fraction is not known.", "肺分流率未知。")
            found.append(Block("LUNG_SHUNT_UNKNOWN", False, message))
        elif facts.lsf > limits.lsf_resin:
            message = Text("Lung shunt {value} % is above {limit} %.", "肺分流率 {value}%，高于 {limit}%。")
            message = message.format(value=f"{facts.lsf * 100:.2f}", limit=f"{limits.lsf_resin * 100:.0f}")
            found.append(Block("LUNG_SHUNT", True, message))
    elif facts.lung_activity is None:
        message = Text("The activity reaching the lungs is not known.", "进入肺部的活度未知。")
        found.append(Block("LUNG_ACTIVITY_UNKNOWN", False, message))
    elif facts.lung_activity > limits.lung_activity_glass_gbq:
        message = Text(
            "{value} GBq would reach the lungs, more than {limit} GBq.",
            "预计 {value} GBq 进入肺部，高于 {limit} GBq。",
        ).format(value=f"{facts.lung_activity:.4f}", limit=limits.lung_activity_glass_gbq)
        found.append(Block("LUNG_ACTIVITY", False, message))
    return found


def _other_blocks(facts: InfusionFacts, limits: InfusionLimits) -> list[Block]:
    found: list[Block] = []
    if facts.gastrointestinal_uncorrectable is None:
        message = Text("Gastrointestinal uptake or shunt is not known.", "胃肠道摄取或分流情况未知。")
        found.append(Block("GI_UNKNOWN", False, message))
    elif facts.gastrointestinal_uncorrectable:
        message = Text(
            "Gastrointestinal uptake or shunt cannot be corrected.", "存在无法纠正的胃肠道摄取或分流。"
        )
        found.append(Block("GASTROINTESTINAL", True, message))
    if facts.pregnant:
        found.append(Block(PREGNANCY, True, Text("The pregnancy test is positive.", "妊娠试验阳性。")))
    elif facts.pregnancy_possible and facts.pregnant is None:
        message = Text(
            "A recent pregnancy test is missing: at most {hours} hours old.",
            "缺少{hours}小时内的妊娠试验结果。",
        ).format(hours=limits.pregnancy_hours)
        found.append(Block(PREGNANCY, True, message))
    if facts.earlier_infusions:
        message = Text(
            "One infusion is planned; this would be another.", "方案仅计划1次输注，本次为追加输注。"
        )
        found.append(Block("SECOND_INFUSION", True, message))
    return found


def infusion_warnings(facts: InfusionFacts, limits: InfusionLimits = DEFAULT_LIMITS) -> tuple[Text, ...]:
    """List what deserves a warning before infusion but does not block it.

    Lung shunt > 10 %, lung dose > 25 Gy, bilirubin > 34.2 µmol/L without reversible cause, granulocytes
    < 1.5 ×10⁹/L, tumour replacement > 70 %, Child-Pugh ≥ 8 points, and the cautions given.
    Source: protocol specification 5.4 and 5.7.
    """
    found: list[Text] = []
    above = Text("{name} {value} {unit} is above {limit}.", "{name} {value} {unit}，高于 {limit}。")
    checks = (
        (Text("Lung shunt", "肺分流率"), _percent(facts.lsf), "%", limits.lsf_warning * 100),
        (Text("Predicted lung dose", "预测肺剂量"), facts.lung_dose, "Gy", limits.lung_dose_query_gy),
        (
            Text("Total bilirubin", "总胆红素"),
            None if facts.bilirubin_reversible else facts.bilirubin,
            "µmol/L",
            limits.bilirubin,
        ),
        (
            Text("Tumour replacement", "肿瘤占肝体积比例"),
            facts.tumour_replacement_percent,
            "%",
            limits.tumour_replacement_percent,
        ),
    )
    for name, value, unit, limit in checks:
        if value is not None and value > limit:
            found.append(above.format(name=name, value=f"{value:.2f}", unit=unit, limit=_plain(limit)))
    if facts.granulocytes is not None and facts.granulocytes < limits.granulocytes:
        message = Text(
            "Granulocytes {value} ×10⁹/L are below {limit}.", "粒细胞 {value} ×10⁹/L，低于 {limit}。"
        )
        found.append(message.format(value=facts.granulocytes, limit=limits.granulocytes))
    if facts.child_pugh is not None and facts.child_pugh >= limits.child_pugh_from:
        message = Text("Child-Pugh {value} points.", "Child-Pugh {value} 分。")
        found.append(message.format(value=facts.child_pugh))
    return (*found, *(CAUTION_WORDS[one] for one in Caution if one in facts.cautions))


def _plain(limit: Decimal) -> str:
    """A limit without zeros that mean nothing: 10, not 10.0."""
    return f"{limit.normalize():f}"


def _percent(fraction: Decimal | None) -> Decimal | None:
    return None if fraction is None else fraction * 100


def judge_net_activity(
    net: Decimal, planned: Decimal, *, accepted: Decimal = Decimal(10), query: Decimal = Decimal(20)
) -> Judgement:
    """Judge the net activity against the plan (same unit): up to 10 % OK, up to 20 % a query, then a reason.

    Both limits belong to the milder grade; compared without a quotient. Raises DosimetryError for a negative
    net or a plan not above 0. Source: protocol specification 5.8.
    """
    if net < 0 or planned <= 0:
        raise DosimetryError("A net activity needs to be 0 or more, a planned one above 0.")
    difference, shown = 100 * abs(net - planned), f"{100 * (net - planned) / planned:+.1f}"
    message = Text("Net activity {percent} % from the plan.", "实际注入活度与计划相差 {percent}%。")
    if difference <= accepted * planned:
        return Judgement(Grade.OK, message.format(percent=shown))
    if difference <= query * planned:
        message = message + Text(" Check the activity.", "请核对活度。")
        return Judgement(Grade.QUERY, message.format(percent=shown))
    message = message + Text(" A reason is required.", "须填写原因。")
    return Judgement(Grade.REASON, message.format(percent=shown))


def judge_assay(
    *,
    assay: Decimal,
    assayed_at: dt.datetime,
    calibrated: Decimal,
    calibrated_at: dt.datetime,
    limit: Decimal = Decimal(10),
    half_life_h: Decimal = CONSTANTS.half_life_h,
) -> Judgement:
    """Judge the activity assayed before infusion against the calibration, decayed to the same moment.

    Up to 10 % OK, above it a query. Raises DosimetryError for a calibration not above 0.
    Source: protocol specification 5.8.
    """
    if calibrated <= 0 or assay < 0:
        raise DosimetryError("An assay needs to be 0 or more, a calibrated activity above 0.")
    expected = decayed(calibrated, hours_between(calibrated_at, assayed_at), half_life_h)
    shown = f"{100 * (assay - expected) / expected:+.1f}"
    message = Text(
        "Assay {percent} % from the decayed calibration of {expected} GBq.",
        "实测活度与衰变校正后的标定活度 {expected} GBq 相差 {percent}%。",
    ).format(percent=shown, expected=f"{expected:.3f}")
    within = 100 * abs(assay - expected) <= limit * expected
    return Judgement(Grade.OK if within else Grade.QUERY, message)


def judge_mapping_age(mapped: dt.date, infused: dt.date, *, recent: int = 14, limit: int = 30) -> Judgement:
    """Judge the days from mapping to infusion: up to 14 OK, 15–30 a query, above 30 a new mapping.

    Going without the new mapping takes an override. Raises DosimetryError for an infusion before its mapping.
    Source: protocol specification 5.7.
    """
    days = (infused - mapped).days
    if days < 0:
        raise DosimetryError(f"The infusion of {infused} lies before its mapping of {mapped}.")
    message = Text("{days} days after mapping.", "距造影/MAA {days} 天。").format(days=days)
    if days <= recent:
        return Judgement(Grade.OK, message)
    if days <= limit:
        return Judgement(Grade.QUERY, message + Text(" More than planned.", "超过计划间隔。"))
    return Judgement(Grade.REASON, message + Text(" Map again or override.", "须重新造影模拟或申请例外。"))


def discharged_early(infused: dt.datetime, discharged: dt.datetime, *, hours: int = 24) -> bool:
    """Say whether discharge lies less than 24 h after infusion start; exactly 24 h is in time.

    Source: NCT07070076 registry record; protocol specification 0.2 (C9) and 5.8.
    """
    return discharged - infused < dt.timedelta(hours=hours)


def scanned_late(start: dt.datetime, scanned: dt.datetime, limit: dt.timedelta) -> bool:
    """Say whether a scan lies more than the limit after injection (MAA: 60 min) or infusion (Y-90: 48 h).

    Source: protocol specification 5.7.
    """
    return scanned - start > limit


@dataclass(frozen=True, slots=True)
class HepatectomyWindow:
    """Days from Y-90 infusion to hepatectomy, both ends of each span included."""

    planned: tuple[int, int] = (90, 120)
    accepted: tuple[int, int] = (76, 148)
    query: tuple[int, int] = (60, 180)


DEFAULT_HEPATECTOMY_WINDOW = HepatectomyWindow()


def judge_hepatectomy_interval(
    infused: dt.date, operated: dt.date, window: HepatectomyWindow = DEFAULT_HEPATECTOMY_WINDOW
) -> Judgement:
    """Judge the days from infusion (A1) to hepatectomy: 90–120 planned.

    76–148 OK, 60–75 and 149–180 a query, outside 60–180 a reason. Raises DosimetryError for an operation
    before the infusion. Source: protocol specification 5.8.
    """
    days = (operated - infused).days
    if days < 0:
        raise DosimetryError(f"The operation of {operated} lies before the infusion of {infused}.")
    message = Text(
        "Hepatectomy {days} days after infusion; planned are {low}–{high}.",
        "输注后 {days} 天行肝切除术，计划为 {low}–{high} 天。",
    ).format(days=days, low=window.planned[0], high=window.planned[1])
    if window.accepted[0] <= days <= window.accepted[1]:
        return Judgement(Grade.OK, message)
    in_query = window.query[0] <= days <= window.query[1]
    return Judgement(Grade.QUERY if in_query else Grade.REASON, message)
