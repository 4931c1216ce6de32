"""The Y-90 part of the treatment page in words: five steps in order, key numbers, blocks and warnings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from arms.models import ActivityPlan, ArmAssignment, MaaMapping, Y90Infusion
from arms.page import address, moment, shown
from arms.selectors import INFUSION_VISIT, MAPPING_VISIT, Y90State
from participants.models import Visit
from records.text import Text

# Blocks that say a step is missing: the stepper shows them already.
STEPS_MISSING = {"MAPPING", "PLAN", "TWO_PEOPLE", "ACTIVITY"}


def steps(
    state: Y90State,
    assignment: ArmAssignment | None,
    visits: dict[str, Visit],
    *,
    may_enter: bool,
    may_check: bool,
) -> list[dict[str, Any]]:
    """The five steps: what is done, what is next with its button, what waits and what is blocked."""
    mapping_visit, infusion_visit = visits.get(MAPPING_VISIT), visits.get(INFUSION_VISIT)
    mapped = state.mapping is not None and state.mapping.submitted
    planned = state.plan is not None and state.plan.submitted
    infused = state.infusion is not None and state.infusion.yinfdt is not None
    imaged = infused and state.infusion is not None and state.infusion.submitted
    done = [
        assignment is not None and assignment.submitted,
        mapped,
        planned and (state.check is not None or infused),
        infused,
        imaged,
    ]
    words = [
        (_("MDT"), _assignment_note(assignment), address(assignment.visit, "ARM") if assignment else ""),
        (
            _("Angiography, 99mTc-MAA"),
            _mapping_note(state.mapping, mapping_visit),
            address(mapping_visit, "YMAP"),
        ),
        (_("SPECT and activity"), _plan_note(state), address(mapping_visit, "YDOS")),
        (_("Infusion"), _infusion_note(state, infusion_visit), address(infusion_visit, "YTRT")),
        (_("Distribution, discharge"), _imaging_note(state.infusion), address(infusion_visit, "YTRT")),
    ]
    first_open = done.index(False) if False in done else len(done)
    blocked = bool([block for block in state.open_blocks if block.code not in STEPS_MISSING])
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
                step["action"] = _("Continue") if _begun(state, position) else _("Open the form")
        elif not _begun(state, position):
            step["url"] = ""
        found.append(step)
    return found


def _begun(state: Y90State, position: int) -> bool:
    records = (None, state.mapping, state.plan, state.infusion, state.infusion)
    return records[position] is not None


def _assignment_note(record: ArmAssignment | None) -> str:
    return shown(record, "armdtc") if record else ""


def _mapping_note(record: MaaMapping | None, visit: Visit | None) -> str:
    if record is not None:
        return moment(record.ymapdtc)
    if visit is not None and visit.target_from:
        return _("planned %(first)s to %(last)s") % {"first": visit.target_from, "last": visit.target_to}
    return ""


def _plan_note(state: Y90State) -> str:
    plan = state.plan
    if plan is None:
        return ""
    words = shown(plan, "aplan") if plan.aplan else _("draft")
    if plan.submitted and state.check is None and state.infusion is None:
        unchecked = _("not checked by a second person yet")
        return f"{words} · {unchecked}"
    return words


def _infusion_note(state: Y90State, visit: Visit | None) -> str:
    if state.infusion is not None and state.infusion.yinfdt:
        return moment(state.infusion.yinfdt)
    if visit is not None and visit.target_from:
        return _("planned %(first)s to %(last)s") % {"first": visit.target_from, "last": visit.target_to}
    return ""


def _imaging_note(record: Y90Infusion | None) -> str:
    if record is None or record.ypostdt is None:
        return ""
    return f"{shown(record, 'ypostmod')}, {moment(record.ypostdt)}"


def plan_facts(plan: ActivityPlan) -> list[tuple[str, str]]:
    """The numbers of a plan, each calculated one labelled so by its own words."""
    names = (
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
    return _facts(plan, names)


def mapping_facts(record: MaaMapping) -> list[tuple[str, str]]:
    """What angiography and simulation found."""
    return _facts(record, ("ymapdtc", "yvess", "yextra", "ycoil", "maaact", "maatime", "spectime"))


def infusion_facts(record: Y90Infusion) -> list[tuple[str, str]]:
    """What was delivered, and where it went."""
    names = (
        "yinfdt",
        "ypreact",
        "yresact",
        "ynetact",
        "ypct",
        "ystasis",
        "ydistok",
        "yextdep",
        "ydisch",
        "ydosrate",
    )
    return _facts(record, names)


def _facts(record: Any, names: tuple[str, ...]) -> list[tuple[str, str]]:
    fields = {name: record._meta.get_field(name) for name in names}
    found = []
    for name, field in fields.items():
        value = getattr(record, name)
        if value is None:
            continue
        words = moment(value) if field.kind == "datetime" else shown(record, name)
        found.append((str(field.label), words))
    return found


def block_rows(state: Y90State) -> list[dict[str, Any]]:
    """Each block with who set it aside and why, or whether it can be set aside."""
    aside = {override.code: override for override in state.overrides}
    return [
        {
            "code": block.code,
            "words": block.message,
            "overridable": block.overridable,
            "override": aside.get(block.code),
        }
        for block in state.blocks
        if block.code not in STEPS_MISSING
    ]


def why_not_check(state: Y90State, person_id: int | None, authors: set[int], may_enter: bool) -> Text | None:
    """Why this person cannot confirm the plan; None where they can."""
    if not may_enter:
        return Text("Your role does not check plans here.", "您的角色不能在此复核活度计算。")
    if state.plan is None or not state.plan.submitted:
        return Text("The plan has not been submitted yet.", "活度计算尚未提交。")
    if person_id in authors:
        return Text("You entered this plan. A second person checks it.", "该计算由您录入，须由另一人复核。")
    return None
