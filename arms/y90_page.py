"""The Y-90 part of the treatment page in words: five steps, mappings with their plans, blocks, and the arithmetic."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from arms.dosimetry import decay_factor
from arms.infusion_record import corrected, delivered
from arms.models import ArmAssignment, Y90Infusion
from arms.models.readings import settings_for
from arms.page import address, facts_of, moment, place_of, shown, span
from arms.selectors import Treatment
from arms.y90_selectors import INFUSION_VISIT, MAPPING_VISIT, Course, Y90State
from participants.models import Visit
from records.checks import Entry
from records.text import Text
from records.treatment_settings import PRODUCT_CLASS

# Blocks that say a step is missing: the stepper shows them already.
STEPS_MISSING = {"MAPPING", "MAPPING_USED", "PLAN", "TWO_PEOPLE", "ACTIVITY"}
STEPS_MISSING |= {"LUNG_DOSE_UNKNOWN", "LUNG_SHUNT_UNKNOWN", "LUNG_ACTIVITY_UNKNOWN", "GI_UNKNOWN"}
# Hours between calibration and infusion for which the activity to order is worked out before a vial is there.
AHEAD = (24, 48, 72, 96)

MAPPING = ("ymapdtc", "ymdtok", "yvess", "yextra", "ycoil", "maaact", "maatime", "spectime")
PLAN = (
    "msphere",
    "ymethod",
    "lsf",
    "lsfcalc",
    "exupt",
    "vperf",
    "tnr",
    "dtarget",
    "acalc",
    "aplan",
    "dlung",
    "dlungcum",
    "dperf",
    "dnorm",
    "dtum",
)
INFUSION = ("yinfdt", "ylot", "ynetact", "ypct", "ystasis", "ypostmod", "ypostdt", "ydistok", "yextdep")
DISCHARGE = ("yfeel24", "ydisch", "ydosrate")

Steps = list[dict[str, Any]]


def steps(state: Y90State, treatment: Treatment, *, may_enter: bool, may_check: bool) -> Steps:
    """The five steps on the newest mapping: what is done, what is next with its button, what waits or is blocked."""
    book, course = treatment.book, state.current
    mapping_visit, infusion_visit = book.visit(MAPPING_VISIT), book.visit(INFUSION_VISIT)
    plan = course.plan if course else None
    infusion = course.infusion if course else None
    planned, infused = plan is not None and plan.submitted, course is not None and course.infused
    number = course.pair.number if course else None
    given = treatment.assignment
    done = [
        given is not None and given.submitted,
        course is not None and course.mapping.submitted,
        planned and course is not None and (course.check is not None or infused),
        infused,
        infused and infusion is not None and infusion.submitted,
    ]
    mapped_at = address(mapping_visit, "YMAP", number)
    infused_at = place_of(infusion) if infusion else address(infusion_visit, "YTRT")
    words = [
        (_("MDT"), _assignment_note(given), address(given.visit, "ARM") if given else ""),
        (_("Angiography, 99mTc-MAA"), _mapping_note(course, mapping_visit), mapped_at),
        (_("SPECT and activity"), _plan_note(course), address(mapping_visit, "YDOS", number)),
        (_("Infusion"), _infusion_note(infusion, infusion_visit), infused_at),
        (_("Distribution, discharge"), _imaging_note(infusion, treatment), infused_at),
    ]
    begun = [given, course, plan, infusion, infusion]
    first_open = done.index(False) if False in done else len(done)
    blocked = any(block.code not in STEPS_MISSING for block in state.open_blocks)
    found = []
    for position, ((title, note, url), is_done) in enumerate(zip(words, done, strict=True)):
        step = {"title": title, "note": note, "url": url, "state": "waiting", "action": ""}
        if is_done:
            step["state"] = "done"
        elif position == first_open:
            step["state"] = "stopped" if position == 3 and blocked else "current"
            if position == 2 and planned:
                # Of a submitted plan only the second person's check is missing.
                if may_check:
                    step["url"], step["action"] = "#check", _("Check the plan")
            elif may_enter and url and step["state"] == "current":
                step["action"] = _("Continue") if begun[position] else _("Open the form")
        elif not begun[position]:
            step["url"] = ""
        found.append(step)
    return found


def _assignment_note(record: ArmAssignment | None) -> str:
    return shown(record, "armdtc") if record else ""


def _planned(visit: Visit | None) -> str:
    if visit is None or visit.target_from is None:
        return ""
    return _("planned %(span)s") % {"span": span(visit.target_from, visit.target_to)}


def _mapping_note(course: Course | None, visit: Visit | None) -> str:
    if course is None:
        return _planned(visit)
    again = _("mapping %(number)s") % {"number": course.pair.number} if course.pair.number > 1 else ""
    return " · ".join(words for words in (moment(course.mapping.ymapdtc), again) if words)


def _plan_note(course: Course | None) -> str:
    plan = course.plan if course else None
    if course is None or plan is None:
        return ""
    words = shown(plan, "aplan") if plan.aplan else _("draft")
    if plan.submitted and course.check is None and not course.infused:
        unchecked = _("not checked by a second person yet")
        return f"{words} · {unchecked}"
    return words


def _infusion_note(record: Y90Infusion | None, visit: Visit | None) -> str:
    return moment(record.yinfdt) if record is not None and record.yinfdt else _planned(visit)


def _imaging_note(record: Y90Infusion | None, treatment: Treatment) -> str:
    if record is None or record.yinfdt is None:
        return ""
    if record.ypostdt is None:
        wanted = record.yinfdt + timedelta(hours=treatment.settings["y90_scan_wanted"])
        return _("scan wanted by %(moment)s") % {"moment": moment(wanted)}
    return f"{shown(record, 'ypostmod')}, {moment(record.ypostdt)}"


# Each mapping with what followed from it -------------------------------------------------------------


def course_cards(state: Y90State, treatment: Treatment) -> list[dict[str, Any]]:
    """The mappings, the newest first, each with its plan, the people, the infusion and the arithmetic."""
    return [
        {
            "number": course.pair.number,
            "current": course is state.current,
            "course": course,
            "mapping": facts_of(course.mapping, MAPPING),
            "mapping_url": place_of(course.mapping),
            "plan": facts_of(course.plan, PLAN) if course.plan else [],
            "plan_url": place_of(course.plan) if course.plan else "",
            "infusion": facts_of(course.infusion, INFUSION) if course.infusion else [],
            "discharge": facts_of(course.infusion, DISCHARGE) if course.infusion else [],
            "infusion_url": place_of(course.infusion) if course.infusion else "",
            "arithmetic": arithmetic(course, treatment),
        }
        for course in state.courses[::-1]
    ]


def arithmetic(course: Course, treatment: Treatment) -> dict[str, Any]:
    """Every activity brought to the start of the infusion, each with hours and decay factor; and what to order.

    Before a vial is there, what has to be ordered so that the planned activity is left at the infusion.
    """
    plan, infusion = course.plan, course.infusion
    settings = treatment.settings
    if infusion is not None and settings.version:
        settings = settings_for(infusion, treatment.today)
    planned: Decimal | None = plan.aplan if plan else None
    answers = Entry.of(infusion).answers if infusion else {}
    labels = {
        "ycalact": _("Calibration"),
        "ypreact": _("Assay before infusion"),
        "yresact": _("Residual"),
    }
    rows = [
        {
            "label": labels[one.item],
            "activity": f"{one.activity:.3f}",
            "at": moment(one.measured_at),
            "hours": f"{one.hours:.2f}",
            "factor": f"{one.factor:.4f}",
            "result": f"{one.at_infusion:.4f}",
        }
        for one in corrected(answers, settings)
    ]
    found = delivered(answers, {"settings": settings}) if infusion else None
    orders = []
    if planned and not course.infused:
        for hours in AHEAD:
            factor = decay_factor(Decimal(-hours), settings["y90_half_life"])
            orders.append({"hours": hours, "factor": f"{factor:.4f}", "result": f"{planned * factor:.3f}"})
    return {
        "half_life": settings["y90_half_life"],
        "planned": f"{planned:.3f}" if planned else "",
        "rows": rows,
        "orders": orders,
        "before": f"{found.before:.4f}" if found else "",
        "residual": f"{found.residual:.4f}" if found else "",
        "net": f"{found.net:.4f}" if found else "",
        "percent": f"{found.percent:.2f}" if found else "",
        "off_plan": f"{100 * (found.net - planned) / planned:+.1f}" if found and planned else "",
    }


# What blocks -----------------------------------------------------------------------------------------


def block_rows(state: Y90State, person_id: int | None, *, may_ask: bool, may_confirm: bool) -> Steps:
    """Each block with who asked for it to be set aside and who confirmed it, or what this person can do about it."""
    if state.current is None or state.current.infused:
        return []
    rows = []
    for block in state.blocks:
        if block.code in STEPS_MISSING:
            continue
        request = state.aside.get(block.code) if block.overridable else None
        waits = request is not None and not request.confirmed
        rows.append(
            {
                "code": block.code,
                "words": block.message,
                "overridable": block.overridable,
                "request": request,
                "confirmation": request.confirmation if request is not None and request.confirmed else None,
                "may_ask": may_ask
                and block.overridable
                and request is None
                and state.current.plan is not None,
                "may_confirm": waits and may_confirm and request is not None and request.by_id != person_id,
                "waits": waits,
            }
        )
    return rows


def why_not_check(course: Course | None, person_id: int | None, may_enter: bool) -> Text | None:
    """Why this person cannot confirm the plan; None where they can."""
    if not may_enter:
        return Text("Your role does not check plans here.", "您的角色不能在此复核活度计算。")
    if course is None or course.plan is None or not course.plan.submitted:
        return Text("The plan has not been submitted yet.", "活度计算尚未提交。")
    if person_id in course.authors:
        return Text("You entered this plan. A second person checks it.", "该计算由您录入，须由另一人复核。")
    return None


def product_class(treatment: Treatment) -> Text:
    """Whether the microspheres are handled as a drug or as a device (C21)."""
    return PRODUCT_CLASS.label(treatment.settings["product_class"])
