"""What the form of the Y-90 infusion computes and checks from its answers.

Answers are named as the items of the form; `context` carries what `Y90Infusion.context` collects. Activities
in GBq, brought to the start of the infusion. Source: protocol specification sections 5.3, 5.7, 5.8 and 8.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from arms.dosimetry import Delivered, DosimetryError, decay_factor, delivered_activity, hours_between
from arms.infusion_checks import (
    PREGNANCY,
    Grade,
    discharged_early,
    judge_assay,
    judge_mapping_age,
    judge_net_activity,
    scanned_late,
)
from arms.plan_record import rounded
from arms.y90_course import resting_on
from eligibility.treatment_day import latest_test, pregnant_on
from records import clock
from records.definition import Derived
from records.findings import Finding, Level
from records.text import Text

Answers = Mapping[str, Any]

ASK = Text(" Confirm with a word.", "请说明并确认。")
# What a mapping too old for an infusion is called among the overrides.
MAPPING_AGE = "MAPPING_AGE"
# Blocks that the form judges for the day of the infusion; before it is entered they are judged for today.
OF_THE_DAY = (MAPPING_AGE, PREGNANCY)

TEST_POSITIVE = Text(
    "The pregnancy test of {day}, the last one up to the infusion, is positive.",
    "输注前末次妊娠试验（{day}）为阳性。",
)
NOT_TESTED = Text(
    "No pregnancy test up to the infusion is at most {hours} hours old.",
    "输注前{hours}小时内无妊娠试验结果。",
)
NOT_INFUSED = Text(
    " Correct it where it was entered, or two people set the block aside.",
    "请在原表单更正或补录，或由两人共同申请例外。",
)
INFUSED = Text(
    " The infusion is recorded, so this is a deviation. Confirm with a word.",
    "输注已记录，属方案偏离，请说明并确认。",
)


@dataclass(frozen=True, slots=True)
class Planned:
    """What one mapping and its plan say of an infusion: when, how much (GBq), and which blocks two people set aside."""

    mapped_at: datetime | None
    activity: Decimal | None
    aside: frozenset[str]


@dataclass(frozen=True, slots=True)
class Corrected:
    """An activity (GBq) brought to the start of the infusion: hours until then, below 0 after it, and the factor."""

    item: str
    activity: Decimal
    measured_at: datetime
    hours: Decimal
    factor: Decimal
    at_infusion: Decimal


def corrected(answers: Answers, settings: Mapping[str, Any]) -> tuple[Corrected, ...]:
    """Bring calibration, assay and residual to the start of the infusion, those that are known; nothing rounded.

    Source: protocol specification 5.3.
    """
    infused, found = answers.get("yinfdt"), []
    for item, time in (("ycalact", "ycaldt"), ("ypreact", "ypredt"), ("yresact", "yresdt")):
        activity, measured = answers.get(item), answers.get(time)
        if infused is None or activity is None or measured is None:
            continue
        hours = hours_between(measured, infused)
        factor = decay_factor(hours, settings["y90_half_life"])
        found.append(Corrected(item, activity, measured, hours, factor, activity * factor))
    return tuple(found)


def delivered(answers: Answers, context: Mapping[str, Any]) -> Delivered | None:
    """Return the activities at infusion start; None while one is missing or they contradict each other."""
    names = ("ypreact", "ypredt", "yinfdt", "yresact", "yresdt")
    if any(answers.get(name) is None for name in names):
        return None
    try:
        return delivered_activity(
            assay=answers["ypreact"],
            assayed_at=answers["ypredt"],
            infused_at=answers["yinfdt"],
            residual=answers["yresact"],
            residual_at=answers["yresdt"],
            half_life_h=context["settings"]["y90_half_life"],
        )
    except DosimetryError:
        return None


def derive(answers: Answers, context: Mapping[str, Any]) -> dict[str, Derived]:
    """Compute net activity and the part delivered, with the activities they come from."""
    found = delivered(answers, context)
    if found is None:
        words = Text(
            "Needs assay and residual with their times, and the infusion start.",
            "需要输注前实测活度、残留活度及其时间和输注开始时间。",
        )
        return {"ynetact": Derived(None, words), "ypct": Derived(None, words)}
    words = Text(
        "{before} − {residual} GBq at infusion start, half-life {half_life} h; for verification only.",
        "输注开始时{before} − {residual} GBq，半衰期{half_life} h；计算值仅供核对。",
    ).format(
        before=f"{found.before:.4f}",
        residual=f"{found.residual:.4f}",
        half_life=context["settings"]["y90_half_life"],
    )
    return {
        "ynetact": Derived(rounded(found.net, "0.001"), words),
        "ypct": Derived(rounded(found.percent, "0.01"), words),
    }


def findings(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    """Check an infusion across its items and against mapping and plan."""
    yield from _since_mapping(answers, context)
    yield from _pregnancy(answers, context)
    yield from _activities(answers, context)
    yield from _after(answers, context["settings"])


def _since_mapping(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    infused, plan = answers.get("yinfdt"), resting_on(context["plans"], answers.get("yinfdt"))
    if not infused or plan is None or plan.mapped_at is None:
        return
    if infused < plan.mapped_at:
        words = Text("The infusion lies before its mapping ({day}).", "输注早于造影/MAA模拟（{day}）。")
        yield Finding("yinfdt", Level.HARD, words.format(day=clock.day(plan.mapped_at)))
        return
    settings = context["settings"]
    judged = judge_mapping_age(
        clock.day(plan.mapped_at),
        clock.day(infused),
        recent=settings["y90_mapping_recent"],
        limit=settings["y90_mapping_limit"],
    )
    if judged.grade is Grade.QUERY:
        yield Finding("yinfdt", Level.SOFT, judged.message)
    elif judged.grade is Grade.REASON and MAPPING_AGE not in plan.aside:
        yield Finding("yinfdt", Level.HARD, judged.message)


def _pregnancy(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    """Refuse an infusion after a positive test, or without a recent one, unless two people set that aside.

    What has happened is recorded all the same: on a form that was submitted with this day it is asked about.
    """
    infused, tests = answers.get("yinfdt"), context["pregnancy_tests"]
    plan = resting_on(context["plans"], infused)
    if infused is None or tests is None or (plan is not None and PREGNANCY in plan.aside):
        return
    on, hours = clock.day(infused), context["settings"]["y90_pregnancy_hours"]
    pregnant, latest = pregnant_on(tests, on, hours=hours), latest_test(tests, on)
    if pregnant is False:
        return
    words = TEST_POSITIVE.format(day=latest.on) if pregnant and latest else NOT_TESTED.format(hours=hours)
    if on == context["recorded_on"]:
        yield Finding("yinfdt", Level.SOFT, words + INFUSED)
    else:
        yield Finding("yinfdt", Level.HARD, words + NOT_INFUSED)


def _activities(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    assay, assayed_at = answers.get("ypreact"), answers.get("ypredt")
    calibrated, calibrated_at = answers.get("ycalact"), answers.get("ycaldt")
    settings = context["settings"]
    if assay and assayed_at and calibrated and calibrated_at:
        judged = judge_assay(
            assay=assay,
            assayed_at=assayed_at,
            calibrated=calibrated,
            calibrated_at=calibrated_at,
            limit=Decimal(settings["y90_assay"]),
            half_life_h=settings["y90_half_life"],
        )
        if judged.grade is Grade.QUERY:
            yield Finding("ypreact", Level.SOFT, judged.message + ASK)
    residual = answers.get("yresact")
    if assay is not None and residual is not None and residual >= assay:
        words = Text(
            "The residual must be less than the activity before infusion.", "残留活度应小于输注前实测活度。"
        )
        yield Finding("yresact", Level.HARD, words)
        return
    if answers.get("yinfdt") and answers.get("yresdt") and answers["yresdt"] < answers["yinfdt"]:
        words = Text("The residual was measured before the infusion began.", "残留活度测量时间早于输注开始。")
        yield Finding("yresdt", Level.HARD, words)
        return
    found = delivered(answers, context)
    if found is None or assay is None:
        return
    if found.net > assay:
        words = Text(
            "More would have been delivered than was assayed. Check the times.",
            "注入活度大于实测活度，请核对时间。",
        )
        yield Finding("ypredt", Level.HARD, words, "X18")
    most = settings["y90_residual_query"]
    if 100 * found.residual > most * found.before:
        words = Text("More than {limit} % remained.", "残留超过{limit}%。").format(limit=most)
        yield Finding("yresact", Level.SOFT, words + ASK)
    plan = resting_on(context["plans"], answers.get("yinfdt"))
    if plan is not None and plan.activity:
        accepted, query = (Decimal(settings[f"y90_net_{name}"]) for name in ("accepted", "query"))
        judged = judge_net_activity(found.net, plan.activity, accepted=accepted, query=query)
        if judged.grade is Grade.QUERY and not answers.get("ynetrsn"):
            yield Finding("yresact", Level.SOFT, judged.message)
        elif judged.grade is Grade.REASON and not answers.get("ynetrsn"):
            yield Finding("ynetrsn", Level.HARD, judged.message)


def _after(answers: Answers, settings: Mapping[str, Any]) -> Iterable[Finding]:
    infused = answers.get("yinfdt")
    if answers.get("ycath") == "DIFFERENT":
        words = Text("The position differs from MAA.", "注射位置与MAA不同。")
        yield Finding("ycath", Level.SOFT, words + ASK)
    if answers.get("yextdep") == "Y":
        words = Text(
            "Deposition outside the liver is an adverse event. Confirm that it is recorded as one.",
            "肝外沉积属不良事件，请确认已记录。",
        )
        yield Finding("yextdep", Level.SOFT, words)
    for name, words in (
        ("ypostdt", Text("Imaging lies before the infusion.", "术后显像时间早于输注开始。")),
        ("ydisch", Text("Discharge lies before the infusion.", "出院时间早于输注开始。")),
    ):
        if infused and answers.get(name) and answers[name] < infused:
            yield Finding(name, Level.HARD, words)
            return
    limit = settings["y90_scan_query"]
    if (
        infused
        and answers.get("ypostdt")
        and scanned_late(infused, answers["ypostdt"], timedelta(hours=limit))
    ):
        words = Text(
            "Imaging lies more than {hours} hours after the infusion.", "术后显像距输注超过{hours}小时。"
        )
        yield Finding("ypostdt", Level.SOFT, words.format(hours=limit) + ASK)
    least = settings["y90_discharge"]
    if infused and answers.get("ydisch") and discharged_early(infused, answers["ydisch"], hours=least):
        words = Text("Discharge less than {hours} hours after the infusion.", "输注后不足{hours}小时出院。")
        yield Finding("ydisch", Level.SOFT, words.format(hours=least) + ASK)
    if answers.get("yfeel24") == "UNWELL":
        words = Text(
            "Discomfort is an adverse event, and speaks against discharge. Confirm both.",
            "不适应记录为不良事件，且不宜出院，请说明并确认。",
        )
        yield Finding("yfeel24", Level.SOFT, words)
