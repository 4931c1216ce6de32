"""Reads of a Y-90 treatment: mappings with their plans, who planned and checked, and what blocks the infusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from arms import plan_record
from arms.infusion_checks import (
    Block,
    Caution,
    Grade,
    InfusionFacts,
    Product,
    infusion_blocks,
    infusion_warnings,
    judge_mapping_age,
)
from arms.infusion_record import MAPPING_AGE
from arms.limits import infusion_limits
from arms.models import ActivityPlan, MaaMapping, PlanAuthor, PlanCheck, SafetyOverride, Y90Infusion
from arms.models.readings import (
    Readings,
    pregnancy_possible,
    pregnancy_tests,
    readings_at,
    settings_for,
)
from arms.selectors import Treatment
from arms.y90_course import Pair, lung_dose_before, pairs_of, resting_on
from eligibility.models import Staging
from eligibility.treatment_day import pregnant_on
from participants.models import MedicalHistory
from records import clock
from records.text import Text

INFUSION_VISIT = "Y-INF"
MAPPING_VISIT = "Y-MAP"
MAIN_PORTAL = ("III", "IV")


@dataclass(frozen=True, slots=True)
class Course:
    """A mapping with its plan, the people who worked on the plan, and the infusion that rests on it."""

    pair: Pair
    planned_by: PlanAuthor | None
    authors: frozenset[int]
    check: PlanCheck | None
    requests: tuple[SafetyOverride, ...]  # of this revision of the plan, confirmed or not
    infusion: Y90Infusion | None

    @property
    def mapping(self) -> MaaMapping:
        return self.pair.mapping

    @property
    def plan(self) -> ActivityPlan | None:
        return self.pair.plan

    @property
    def infused(self) -> bool:
        return self.infusion is not None and self.infusion.yinfdt is not None


@dataclass(frozen=True, slots=True)
class Y90State:
    """The courses of one participant in their order, and what blocks the next infusion on the newest of them."""

    courses: tuple[Course, ...]
    blocks: tuple[Block, ...]
    warnings: tuple[Text, ...]

    @property
    def current(self) -> Course | None:
        return self.courses[-1] if self.courses else None

    @property
    def aside(self) -> dict[str, SafetyOverride]:
        """What was asked for to be set aside on the current plan, by block."""
        return {one.code: one for one in (self.current.requests if self.current else ())}

    @property
    def open_blocks(self) -> tuple[Block, ...]:
        """The blocks that two people did not set aside."""
        aside = {code for code, request in self.aside.items() if request.confirmed}
        return tuple(block for block in self.blocks if not (block.overridable and block.code in aside))


def y90_state(treatment: Treatment) -> Y90State:
    """Put a participant's mappings, plans and infusions together; three queries for the people.

    An infusion that was recorded is not blocked any more: what happened is recorded as it happened. The age of the
    mapping and of the pregnancy test is that of today, of an infusion that is still to be given.
    """
    book = treatment.book
    pairs = pairs_of(book.of(MaaMapping), book.of(ActivityPlan))
    infusions = book.of(Y90Infusion)
    courses = _courses(pairs, infusions)
    current = courses[-1] if courses else None
    done = [one for one in infusions if one.yinfdt]
    facts = replace(
        _facts(treatment, current),
        earlier_lung_dose=lung_dose_before(
            pairs,
            done,
            None,
            lambda plan: plan_record.predict(plan.answers, _plan_context(treatment, plan)).lung.value,
        ),
        earlier_infusions=len(done),
        mapping_used=current is not None and current.infused,
    )
    limits = infusion_limits(treatment.settings)
    if current is not None and current.infused:
        return Y90State(courses, infusion_blocks(facts, limits), ())
    blocks = (*infusion_blocks(facts, limits), *_mapping_too_old(treatment, current))
    return Y90State(courses, blocks, infusion_warnings(facts, limits))


def _courses(pairs: tuple[Pair, ...], infusions: list[Y90Infusion]) -> tuple[Course, ...]:
    plans = [pair.plan.pk for pair in pairs if pair.plan is not None]
    authors: list[PlanAuthor] = []
    checks: list[PlanCheck] = []
    if plans:
        authors = list(PlanAuthor.objects.filter(plan__in=plans).select_related("by"))
        checks = list(PlanCheck.objects.filter(plan__in=plans).select_related("by"))
    requests = SafetyOverride.of_plans([pair.plan for pair in pairs if pair.plan is not None])
    found = []
    for pair in pairs:
        plan = pair.plan
        mine = [one for one in authors if plan is not None and one.plan_id == plan.pk]
        found.append(
            Course(
                pair=pair,
                planned_by=mine[-1] if mine else None,
                authors=frozenset(one.by_id for one in mine),
                check=next((one for one in checks if _of(one, plan)), None),
                requests=tuple(one for one in requests if _of(one, plan)),
                infusion=next((one for one in infusions if resting_on(pairs, one.yinfdt) is pair), None),
            )
        )
    return tuple(found)


def _of(entry: Any, plan: Any) -> bool:
    """Whether a check or a request is about this plan as it stands."""
    return plan is not None and (entry.plan_id, entry.revision) == (plan.pk, plan.revision)


def _mapping_too_old(treatment: Treatment, current: Course | None) -> list[Block]:
    at = current.mapping.ymapdtc if current else None
    if at is None or at > treatment.now:
        return []
    judged = judge_mapping_age(
        clock.day(at),
        treatment.today,
        recent=treatment.settings["y90_mapping_recent"],
        limit=treatment.settings["y90_mapping_limit"],
    )
    return [Block(MAPPING_AGE, True, judged.message)] if judged.grade is Grade.REASON else []


def _facts(treatment: Treatment, current: Course | None) -> InfusionFacts:
    """What is known before the infusion, but for infusions before; no query."""
    book = treatment.book
    mapping, plan = (current.mapping, current.plan) if current else (None, None)
    visit = book.visit(INFUSION_VISIT)
    here = readings_at(book, visit) if visit else Readings()
    staged, history = book.last(Staging), book.last(MedicalHistory)
    cautions = {
        Caution.ASCITES: staged is not None and staged.ascites not in (None, "NONE"),
        Caution.MAIN_PORTAL_THROMBOSIS: any(one.pvtt in MAIN_PORTAL for one in book.of(Staging)),
        Caution.CONTRAST_ANAPHYLAXIS: history is not None and "CONTRAST" in (history.allergy or []),
        Caution.VARICES: history is not None and history.varices == "SEVERE",
    }
    prediction = (
        plan_record.predict(plan.answers, _plan_context(treatment, plan)) if plan is not None else None
    )
    limits = infusion_limits(treatment.settings)
    return InfusionFacts(
        product=Product(plan.msphere) if plan and plan.msphere else Product.OTHER,
        mapping_complete=mapping is not None and mapping.submitted,
        plan_complete=plan is not None and plan.submitted,
        planned_by=current.planned_by.by_id if current and current.planned_by else None,
        checked_by=current.check.by_id if current and current.check else None,
        planned_activity=plan.aplan if plan else None,
        lsf=plan.lsf / 100 if plan and plan.lsf is not None else None,
        lung_dose=prediction.lung.value if prediction else None,
        lung_activity=prediction.lung_activity if prediction else None,
        gastrointestinal_uncorrectable=_gastrointestinal(mapping, plan),
        pregnancy_possible=pregnancy_possible(book),
        pregnant=pregnant_on(pregnancy_tests(book), treatment.today, hours=limits.pregnancy_hours),
        bilirubin=here.certain("bilirubin", limits.bilirubin),
        granulocytes=here.certain("neutrophils", limits.granulocytes),
        tumour_replacement_percent=_replacement(plan),
        child_pugh=staged.cptot if staged else None,
        cautions=frozenset(caution for caution, present in cautions.items() if present),
    )


def _plan_context(treatment: Treatment, plan: ActivityPlan) -> Mapping[str, Any]:
    """The settings a plan was begun under; asked for only where any setting was ever changed."""
    settings = treatment.settings
    return {"settings": settings_for(plan, treatment.today) if settings.version else settings}


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
