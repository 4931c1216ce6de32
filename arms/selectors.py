"""Reads of a participant's treatment: assignment, HAIC cycles, the Y-90 steps and what blocks the infusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from arms import plan_record
from arms.haic_cycles import Gate
from arms.infusion_checks import (
    Block,
    Caution,
    Grade,
    InfusionFacts,
    InfusionLimits,
    Product,
    infusion_blocks,
    infusion_warnings,
    judge_mapping_age,
)
from arms.infusion_record import MAPPING_AGE
from arms.models import (
    ActivityPlan,
    ArmAssignment,
    HaicCycle,
    MaaMapping,
    PlanAuthor,
    PlanCheck,
    SafetyOverride,
    Y90Infusion,
)
from arms.models.haic import CYCLE_VISITS
from arms.models.readings import Readings, gate_of, readings_of
from eligibility.models import Staging
from participants.models import Demographics, MedicalHistory, Participant, Visit
from records import clock, study

REVIEW_VISIT = "H-R2"
INFUSION_VISIT = "Y-INF"
MAPPING_VISIT = "Y-MAP"
MAIN_PORTAL = ("III", "IV")


def assignment_of(participant: Participant) -> ArmAssignment | None:
    """The participant's MDT and assignment form, as far as it has come."""
    return (
        ArmAssignment.objects.filter(participant=participant).select_related("visit", "submitted_by").first()
    )


# HAIC ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cycle:
    """One HAIC cycle as the calendar has it: its visit, its form where begun, and the check before it."""

    number: int
    visit: Visit | None
    record: HaicCycle | None
    gate: Gate | None
    readings: Readings | None


@dataclass(frozen=True, slots=True)
class HaicState:
    cycles: tuple[Cycle, ...]
    reviews: Mapping[str, Visit]
    settings: Mapping[str, Any]


def haic_state(participant: Participant, now: datetime) -> HaicState:
    """Read the cycles of a participant in the HAIC arm; seven queries however many cycles there are."""
    codes = [*CYCLE_VISITS, REVIEW_VISIT, "H-R4"]
    visits = {visit.code: visit for visit in Visit.objects.filter(participant=participant, code__in=codes)}
    records = {
        record.visit.code: record
        for record in HaicCycle.objects.filter(participant=participant).select_related("visit")
    }
    settings = study.in_force(clock.day(now))
    cycles = [visits[code] for code in CYCLE_VISITS if code in visits]
    readings = readings_of(participant.pk, cycles)
    scores = dict(
        Staging.objects.filter(participant=participant)
        .order_by("visit__position")
        .values_list("visit__position", "cptot")
    )
    possible = Demographics.objects.filter(participant=participant, sex="F", childpot="Y").exists()
    found = []
    for code, number in CYCLE_VISITS.items():
        visit = visits.get(code)
        gate = None
        if visit is not None:
            known = [score for position, score in scores.items() if position <= visit.position]
            gate = gate_of(readings[visit.pk], known[-1] if known else None, possible, settings)
        found.append(
            Cycle(number, visit, records.get(code), gate, readings[visit.pk] if visit is not None else None)
        )
    reviews = {code: visits[code] for code in (REVIEW_VISIT, "H-R4") if code in visits}
    return HaicState(tuple(found), reviews, settings)


# Y-90 ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Y90State:
    """The five steps of one participant, the open blocks, and those set aside for this revision of the plan."""

    mapping: MaaMapping | None
    plan: ActivityPlan | None
    planned_by: PlanAuthor | None
    check: PlanCheck | None
    infusion: Y90Infusion | None
    blocks: tuple[Block, ...]
    overrides: tuple[SafetyOverride, ...]
    warnings: tuple[Any, ...]
    prediction: plan_record.Prediction | None

    @property
    def open_blocks(self) -> tuple[Block, ...]:
        """The blocks nobody set aside."""
        aside = {override.code for override in self.overrides}
        return tuple(block for block in self.blocks if not (block.overridable and block.code in aside))


def y90_state(participant: Participant, now: datetime) -> Y90State:
    """Read the Y-90 steps of a participant; a constant number of queries.

    An infusion that has been recorded is not blocked any more: what happened is recorded as it happened.
    """
    mine = {"participant": participant}
    latest = ("visit__occurrence", "repeat")
    mapping = MaaMapping.objects.filter(**mine).select_related("visit").order_by(*latest).last()
    plan = ActivityPlan.objects.filter(**mine).select_related("visit__participant").order_by(*latest).last()
    infusions = list(Y90Infusion.objects.filter(**mine).select_related("visit").order_by(*latest))
    author = check = None
    overrides: tuple[SafetyOverride, ...] = ()
    prediction, lung_before = None, Decimal(0)
    settings = study.in_force(clock.day(now))
    if plan is not None:
        author = PlanAuthor.objects.filter(plan=plan).select_related("by").last()
        check = PlanCheck.objects.filter(plan=plan, revision=plan.revision).select_related("by").first()
        overrides = tuple(
            SafetyOverride.objects.filter(plan=plan, revision=plan.revision).select_related("by")
        )
        context = ActivityPlan.context(visit=plan.visit, today=clock.day(now), now=now)
        prediction, lung_before = plan_record.predict(plan.answers, context), context["lung_before"]
    number = mapping.visit.occurrence if mapping else 1
    current = next((one for one in infusions if one.visit.occurrence == number), None)
    earlier = len([one for one in infusions if one is not current and one.yinfdt])
    facts = replace(
        _facts(participant, mapping, plan, prediction),
        planned_by=author.by_id if author else None,
        checked_by=check.by_id if check else None,
        earlier_lung_dose=lung_before,
        earlier_infusions=earlier,
    )
    limits = InfusionLimits(
        lung_dose_gy=Decimal(settings["y90_lung_dose"]),
        lung_dose_cumulative_gy=Decimal(settings["y90_lung_dose_total"]),
    )
    treated = current is not None and current.yinfdt is not None
    blocks = () if treated else (*infusion_blocks(facts, limits), *_mapping_too_old(mapping, now))
    return Y90State(
        mapping=mapping,
        plan=plan,
        planned_by=author,
        check=check,
        infusion=current,
        blocks=blocks,
        overrides=overrides,
        warnings=() if treated else infusion_warnings(facts, limits),
        prediction=prediction,
    )


def _mapping_too_old(mapping: MaaMapping | None, now: datetime) -> list[Block]:
    if mapping is None or mapping.ymapdtc is None or mapping.ymapdtc > now:
        return []
    judged = judge_mapping_age(clock.day(mapping.ymapdtc), clock.day(now))
    return [Block(MAPPING_AGE, True, judged.message)] if judged.grade is Grade.REASON else []


def _facts(
    participant: Participant,
    mapping: MaaMapping | None,
    plan: ActivityPlan | None,
    prediction: plan_record.Prediction | None,
) -> InfusionFacts:
    """What is known before the infusion, but for people and infusions before; five queries."""
    visit = Visit.objects.filter(participant=participant, code=INFUSION_VISIT).last()
    here = readings_of(participant.pk, [visit])[visit.pk] if visit else Readings()
    woman = Demographics.objects.filter(participant=participant, sex="F", childpot="Y").exists()
    staged: Mapping[str, Any] = (
        Staging.objects.filter(participant=participant)
        .order_by("visit__position")
        .values("cptot", "ascites", "pvtt")
        .last()
    ) or {}
    history: Mapping[str, Any] = (
        MedicalHistory.objects.filter(participant=participant).values("allergy", "varices").last() or {}
    )
    cautions = {
        Caution.ASCITES: staged.get("ascites") not in (None, "NONE"),
        Caution.MAIN_PORTAL_THROMBOSIS: staged.get("pvtt") in MAIN_PORTAL,
        Caution.CONTRAST_ANAPHYLAXIS: "CONTRAST" in (history.get("allergy") or []),
        Caution.VARICES: history.get("varices") == "SEVERE",
    }
    product = Product(plan.msphere) if plan and plan.msphere else Product.OTHER
    return InfusionFacts(
        product=product,
        mapping_complete=mapping is not None and mapping.submitted,
        plan_complete=plan is not None and plan.submitted and _same_mapping(plan, mapping),
        planned_by=None,
        checked_by=None,
        planned_activity=plan.aplan if plan else None,
        lsf=plan.lsf / 100 if plan and plan.lsf is not None else None,
        lung_dose=prediction.lung.value if prediction else None,
        lung_activity=prediction.lung_activity if prediction else None,
        gastrointestinal_uncorrectable=_gastrointestinal(mapping, plan),
        pregnancy_possible=woman,
        pregnant=None if here.pregnancy_test is None else here.pregnancy_test == "POS",
        bilirubin=here.bilirubin,
        granulocytes=here.neutrophils,
        tumour_replacement_percent=_replacement(plan),
        child_pugh=staged.get("cptot"),
        cautions=frozenset(caution for caution, present in cautions.items() if present),
    )


def _same_mapping(plan: ActivityPlan, mapping: MaaMapping | None) -> bool:
    return mapping is not None and (plan.visit_id, plan.repeat) == (mapping.visit_id, mapping.repeat)


def _gastrointestinal(mapping: MaaMapping | None, plan: ActivityPlan | None) -> bool | None:
    """Whether uptake or shunt cannot be corrected; None where mapping or plan does not say yet."""
    if (mapping is not None and mapping.yextra == "UNCORRECTED") or (plan is not None and plan.exupt == "GI"):
        return True
    if mapping is None or plan is None or mapping.yextra is None or plan.exupt is None:
        return None
    return False


def _replacement(plan: ActivityPlan | None) -> Decimal | None:
    if plan is None or not plan.vtumour or not plan.vliver:
        return None
    return Decimal(100 * plan.vtumour) / plan.vliver
