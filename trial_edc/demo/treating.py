"""Treat somebody as their body and their liver ask for: doses and activities by the trial's own pure modules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from arms.cycle_record import area_of
from arms.haic_dosing import planned_doses
from arms.limits import factors_of
from arms.oversight_actions import check_plan
from arms.plan_record import calculated_activity
from participants.models import CaseReportForm, Visit
from records import clock, study
from trial_edc.demo.attending import answers_at
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.scene import Scene
from trial_edc.demo.typical import PLAN, infusion_answers, mapping_answers
from trial_edc.demo.walks import (
    AFTER_A_CYCLE,
    walk_through_cycle,
    walk_through_visit,
    walk_to_assigned,
)

MEMBERS = ("ONCOLOGY", "PATHOLOGY", "RADIOTHERAPY")
BASES = {
    "HAIC": ("MDT", "MDT", "MDT", "COST", "PREFERENCE", "SUPPLY"),
    "Y90": ("MDT", "MDT", "MDT", "PREFERENCE"),
}
ADJUSTED = Decimal("0.8")
# What comes off the calculated dose where a story reduces one of the drugs.
DRUGS = ("oxa", "lv", "fu1", "fu2")


def visit_of(scene: Scene, code: str) -> Visit:
    return Visit.objects.get(participant=scene.participant, code=code)


def assign(scene: Scene, arm: str, at: datetime, cycles: int = 2) -> None:
    """The MDT meets and assigns an arm; why not resected at once follows from the tumour."""
    tumour, draw = scene.person.tumour, scene.draw
    reasons = ["HUGE"] if tumour.largest >= 100 else []
    reasons += ["THROMBUS"] if tumour.thrombus else []
    reasons += ["MULTIPLE"] if tumour.number > 1 else []
    reasons += ["REMNANT"] if not reasons or draw.random() < 0.3 else []
    members = ["HPBSURG", "INTERVENTION", "NUCLEAR", "IMAGING", *draw.sample(MEMBERS, draw.randint(0, 2))]
    low = 41 if scene.person.cirrhosis else 32
    walk_to_assigned(
        scene.participant,
        arm,
        investigator=scene.team.investigator,
        now=at,
        cycles=cycles,
        potrsn=reasons,
        mdtmem=members,
        flrpct=Decimal(f"{draw.uniform(low, 52):.1f}"),
        armbasis=draw.choice(BASES[arm]),
    )


# ---- HAIC -----------------------------------------------------------------------------------------


def give_cycle(
    scene: Scene, number: int, start: datetime, *, reduced: str = "", **changed: Any
) -> CaseReportForm:
    """Give one HAIC cycle: the doses calculated from the body surface area of that day, to the whole mg.

    `reduced` names why 80 % of oxaliplatin were given.
    """
    visit = visit_of(scene, f"H-C{number}")
    answers = answers_at(scene, visit, start)
    settings = study.in_force(clock.day(start))
    area = area_of(scene.person.height, scene.weight, settings["bsa_formula_haic"])
    assert area is not None
    doses = planned_doses(area, factors_of(settings))
    given = {f"{drug}dose": _whole(doses.of(drug.upper())) for drug in DRUGS}
    if reduced:
        given["oxadose"] = _whole(doses.of("OXA") * ADJUSTED)
        changed |= {"oxaadj": "REDUCED", "oxaadjrsn": reduced}
    vessels = ["SMA", "CHA", scene.draw.choice(("PHA", "RHA", "VARIANT"))]
    tip = scene.draw.choice(("PHA", "PHA", "RHA", "LHA"))
    scene.treated.append((f"C{number}", start))
    return walk_through_cycle(
        scene.participant,
        number,
        by=scene.team.coordinator,
        start=start,
        answers=answers,
        hbsa=area,
        hangio=vessels,
        hcath=tip,
        **given,
        **changed,
    )


def _whole(dose: Decimal) -> int:
    return int(dose.quantize(Decimal(1), ROUND_HALF_UP))


def end_of_cycle(start: datetime) -> datetime:
    return start + AFTER_A_CYCLE


# ---- Y-90 -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan's answers, its activity calculated."""

    answers: dict[str, Any]

    @property
    def activity(self) -> Decimal:
        activity: Decimal = self.answers["aplan"]
        return activity


def map_liver(scene: Scene, at: datetime, *, repeat: int = 1, **changed: Any) -> None:
    """Angiography and 99mTc-MAA, with the visit they belong to where it is the first."""
    if repeat == 1:
        visit = visit_of(scene, "Y-MAP")
        answers = answers_at(scene, visit, at)
        walk_through_visit(scene.participant, "Y-MAP", by=scene.team.coordinator, now=at, answers=answers)
        scene.treated.append(("MAP", at))
    activity = Decimal(f"{scene.draw.uniform(110, 185):.1f}")
    vessels = scene.draw.choice((["RHA"], ["RHA", "SEGMENTAL"], ["LHA"], ["RHA", "MHA"]))
    answers = mapping_answers(at, **{"maaact": activity, "yvess": vessels, **changed})
    _confirmed(scene, "YMAP", answers, at + timedelta(hours=3), repeat)


def plan_activity(
    scene: Scene, at: datetime, *, repeat: int = 1, submit: bool = True, **changed: Any
) -> CaseReportForm:
    """Work out the activity from the volumes of this liver: glass by dose, resin by body surface area."""
    answers = _volumes(scene) | changed
    answers["aplan"] = _activity(scene, answers, at) if "aplan" not in changed else changed["aplan"]
    if answers["msphere"] == "GLASS" and "lsf" not in changed:
        # The product's limit: not more than 0.61 GBq to the lungs.
        answers["lsf"] = min(answers["lsf"], (Decimal(48) / answers["aplan"]).quantize(Decimal("0.1")))
        answers["aplan"] = _activity(scene, answers, at)
    answers["cntlung"] = int(answers["lsf"] * 10_000)
    answers["cntliver"] = 1_000_000 - answers["cntlung"]
    return _confirmed(scene, "YDOS", answers, at, repeat, submit=submit)


def _volumes(scene: Scene) -> dict[str, Any]:
    person, draw = scene.person, scene.draw
    # An ellipsoid that fills three quarters of the ball of its longest diameter; smaller tumours add a tenth each.
    millimetres = float(person.tumour.largest)
    tumour = round(
        0.75 * 3.1416 / 6 * (millimetres / 10) ** 3 * (1 + 0.1 * (min(person.tumour.number, 5) - 1))
    )
    normal = round(person.liver_ml * 0.85)
    found: dict[str, Any] = {
        **PLAN,
        "msphere": person.sphere,
        "spectmod": draw.choice(("SPECT", "SPECTCT")),
        "vtumour": tumour,
        "vliver": tumour + normal,
        "lsf": person.lung_shunt,
    }
    if person.sphere == "GLASS":
        perfused = tumour + round(normal * draw.uniform(0.3, 0.5))
        dose = draw.choice((120, 120, 130, 150)) if perfused < 1800 else 110
        return {**found, "vperf": perfused, "dtarget": dose}
    perfused = tumour + round(normal * draw.uniform(0.62, 0.98))
    none = {"dtarget": None, "dtargeto": None, "residex": None}
    return {**found, "ymethod": "BSA", "vperf": perfused, **none}


def _activity(scene: Scene, answers: dict[str, Any], at: datetime) -> Decimal:
    context = {
        "height": scene.person.height,
        "weight": scene.weight,
        "settings": study.in_force(clock.day(at)),
    }
    calculated = calculated_activity(answers, context).value
    assert calculated is not None
    return calculated.quantize(Decimal("0.001"), ROUND_HALF_UP)


def _confirmed(
    scene: Scene, code: str, answers: dict[str, Any], at: datetime, repeat: int, *, submit: bool = True
) -> CaseReportForm:
    return fill(
        scene.participant,
        code,
        answers,
        by=scene.team.coordinator,
        now=at,
        visit_code="Y-MAP",
        repeat=repeat,
        submit=submit,
        confirmed=dict.fromkeys(answers, CONFIRMED),
    )


def check(scene: Scene, plan: Any, at: datetime) -> None:
    """The second person checks the plan."""
    check_plan(plan=plan, revision=plan.revision, by=scene.team.investigator, now=at)


def infuse(scene: Scene, activity: Decimal, at: datetime, **changed: Any) -> None:
    """Infuse what was planned, assayed before and after; delivered are 96 to 99 % of it."""
    visit = visit_of(scene, "Y-INF")
    answers = answers_at(scene, visit, at)
    walk_through_visit(scene.participant, "Y-INF", by=scene.team.coordinator, now=at, answers=answers)
    typical = infusion_answers(at)
    part = activity / PLAN["aplan"]
    off = Decimal(f"{scene.draw.uniform(0.985, 1.03):.3f}")
    left = Decimal(f"{scene.draw.uniform(0.5, 1.5):.2f}")
    measured = {
        "ycalact": (typical["ycalact"] * part * off).quantize(Decimal("0.001")),
        "ypreact": (typical["ypreact"] * part * off).quantize(Decimal("0.001")),
        "yresact": (typical["yresact"] * part * left).quantize(Decimal("0.001")),
        "ylot": f"{scene.person.sphere[0]}{at:%y%m}{scene.draw.randint(1, 9)}",
        "ydosrate": Decimal(f"{scene.draw.uniform(0.6, 4.2):.2f}"),
    }
    given = infusion_answers(at, **measured, **changed)
    fill(
        scene.participant,
        "YTRT",
        given,
        by=scene.team.coordinator,
        now=at + timedelta(hours=27),
        visit_code="Y-INF",
        confirmed=dict.fromkeys(given, CONFIRMED),
    )
    scene.participant.refresh_from_db()
    scene.treated.append(("Y90", at))
