"""Worked cases of treatment: body surface, HAIC doses and cycles, Y-90 physics, specimens and complications."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from arms.complications import grade_complication
from arms.dosimetry import (
    CONSTANTS,
    Compartments,
    activity_for_normal_dose,
    activity_for_tumour_dose,
    decay_factor,
    decayed,
    delivered_activity,
    geometric_mean,
    lung_activity,
    lung_dose,
    lung_shunt_fraction,
    mird_activity,
    partition_doses,
    resin_activity,
    resin_bsa,
)
from arms.haic_cycles import GateValues, judge_gate, judge_interval
from arms.haic_dosing import planned_doses
from arms.pathology import MPR_THRESHOLD, ResectedLesion, pathological_response
from participants.body import BsaFormula, body_surface_area, rounded_bsa
from trial_edc.vector_families.family import Family
from trial_edc.vector_reading import Case

LUNG_LIMIT_GY: Final = Decimal(30)


def bsa(case: Case) -> Mapping[str, object]:
    formulas = {
        "dubois": BsaFormula.DU_BOIS,
        "mosteller": BsaFormula.MOSTELLER,
        "stevenson": BsaFormula.STEVENSON,
    }
    height, weight = case.number("h"), case.number("w")
    return {
        name: body_surface_area(height_cm=height, weight_kg=weight, formula=formula)
        for name, formula in formulas.items()
    }


def haic_dose(case: Case) -> Mapping[str, object]:
    formula = case.code("formula", BsaFormula) if case.has("formula") else BsaFormula.MOSTELLER
    area = body_surface_area(height_cm=case.number("h"), weight_kg=case.number("w"), formula=formula)
    doses = planned_doses(rounded_bsa(area))
    return {
        "bsa": rounded_bsa(area),
        "oxaliplatin_mg": doses.oxaliplatin_mg,
        "leucovorin_mg": doses.leucovorin_mg,
        "fu_2h_mg": doses.fu_2h_mg,
        "fu_46h_mg": doses.fu_46h_mg,
        "fu_total_mg": doses.fu_total_mg,
    }


def cycle_gate(case: Case) -> Mapping[str, object]:
    gate = judge_gate(
        GateValues(
            case.maybe_number("anc"),
            case.maybe_number("plt"),
            case.maybe_number("tbil"),
            case.maybe_number("alb"),
        )
    )
    return {"outcome": gate.outcome.value, "reasons": [reason.en for reason in gate.reasons]}


def cycle_interval(case: Case) -> Mapping[str, object]:
    after_review = bool(case.flag("after_review")) if case.has("after_review") else False
    found = judge_interval(case.whole_day("previous"), case.whole_day("start"), after_review=after_review)
    return {"days": found.days, "grade": found.grade.value, "deviation": found.deviation}


def decay(case: Case) -> Mapping[str, object]:
    return {"factor": decay_factor(case.number("hours"), case.number("half_life_h"))}


def activity_at(case: Case) -> Mapping[str, object]:
    """An activity some hours later; the activity to order is the one wanted, hours before (negative)."""
    return {
        "activity": decayed(case.number("activity_gbq"), case.number("hours"), case.number("half_life_h"))
    }


def delivered(case: Case) -> Mapping[str, object]:
    found = delivered_activity(
        assay=case.number("assay_gbq"),
        assayed_at=case.whole_moment("assayed_at"),
        infused_at=case.whole_moment("infused_at"),
        residual=case.number("residual_gbq"),
        residual_at=case.whole_moment("residual_at"),
    )
    return {
        "before": found.before,
        "residual": found.residual,
        "net": found.net,
        "percent": found.percent,
    }


def lung_shunt(case: Case) -> Mapping[str, object]:
    """Counts of lung and liver, or anterior and posterior counts of each."""
    lung, liver = (
        geometric_mean(case.number(f"{organ}_anterior"), case.number(f"{organ}_posterior"))
        if case.has(f"{organ}_anterior")
        else case.number(organ)
        for organ in ("lung", "liver")
    )
    return {"lung_mean": lung, "liver_mean": liver, "lsf_percent": 100 * lung_shunt_fraction(lung, liver)}


def mird(case: Case) -> Mapping[str, object]:
    shunt, residual = case.number("lsf"), case.number("residual")
    wanted = (case.number("target_gy"), case.number("mass_kg"), shunt, residual)
    activity = mird_activity(*wanted, CONSTANTS.k_product)
    return {
        "A_K50": activity,
        "A_K49_67": mird_activity(*wanted, CONSTANTS.k_partition),
        "lung_gy_K50": lung_dose(activity, shunt, residual=residual),
        "FxA": lung_activity(activity, shunt, residual),
    }


def resin(case: Case) -> Mapping[str, object]:
    area = resin_bsa(case.number("h"), case.number("w"))
    found = resin_activity(
        area,
        case.number("v_tumour_ml"),
        case.number("v_liver_ml"),
        case.number("lsf"),
        lobe_ml=case.maybe_number("v_lobe_ml"),
    )
    results = {"bsa": area, "A_before": found.before, "lsf_factor": found.factor, "A_final": found.activity}
    for name in ("lsf_factor", "A_final"):
        # A case may write that nothing is to be given as 0, or as no result.
        if results[name] is None and case.content.get(name) == 0:
            results[name] = Decimal(0)
    return results


def partition(case: Case) -> Mapping[str, object]:
    body = Compartments(
        lsf=case.number("lsf"),
        tumour_to_normal=case.number("tn"),
        tumour_kg=case.number("m_t"),
        normal_kg=case.number("m_n"),
        lung_kg=case.number("m_lung"),
    )
    doses = partition_doses(case.number("A"), body)
    return {
        "D_normal": doses.normal,
        "D_tumour": doses.tumour,
        "D_lung": doses.lung,
        "lung_flag": ">30" if doses.lung > LUNG_LIMIT_GY else "ok",
    }


def partition_inverse(case: Case) -> Mapping[str, object]:
    """The activity for a wanted tumour dose, or the most that keeps a limit of the normal liver."""
    body = Compartments(
        lsf=case.number("lsf"),
        tumour_to_normal=case.number("tn"),
        tumour_kg=case.number("m_t"),
        normal_kg=case.number("m_n"),
        lung_kg=case.number("m_lung"),
    )
    if case.has("tumour_gy"):
        activity = activity_for_tumour_dose(case.number("tumour_gy"), body)
    else:
        activity = activity_for_normal_dose(case.number("normal_limit_gy"), body)
    doses = partition_doses(activity, body)
    return {"A": activity, "D_normal": doses.normal, "D_tumour": doses.tumour, "D_lung": doses.lung}


def clavien_dindo(case: Case) -> Mapping[str, object]:
    disability = bool(case.flag("disability")) if case.has("disability") else False
    found = grade_complication(case.words("measures") or (), disability=disability)
    return {"grade": str(found.grade), "major": found.grade.is_major}


def pathology(case: Case) -> Mapping[str, object]:
    lesions = [
        ResectedLesion(
            one.maybe_whole("viable"),
            one.maybe_whole("necrosis") if one.has("necrosis") else None,
            one.maybe_whole("fibrosis") if one.has("fibrosis") else None,
        )
        for one in case.inners("lesions") or ()
    ]
    found = pathological_response(
        lesions,
        positive_nodes=case.maybe_whole("positive_nodes"),
        mpr_threshold=case.whole("threshold") if case.has("threshold") else MPR_THRESHOLD,
    )
    return {"pCR": found.complete, "MPR": found.major}


FAMILIES: Final[Mapping[str, Family]] = {
    "bsa": Family(bsa, ("dubois", "mosteller", "stevenson"), {"dubois": 4, "mosteller": 4, "stevenson": 4}),
    "haic_dose": Family(
        haic_dose, ("bsa", "oxaliplatin_mg", "leucovorin_mg", "fu_2h_mg", "fu_46h_mg", "fu_total_mg")
    ),
    "cycle_gate": Family(cycle_gate, ("outcome", "reasons")),
    "cycle_interval": Family(cycle_interval, ("days", "grade", "deviation")),
    "decay": Family(decay, ("factor",), {"factor": 4}),
    "activity_at": Family(activity_at, ("activity",), {"activity": 3}),
    "delivered": Family(
        delivered,
        ("before", "residual", "net", "percent"),
        {"before": 4, "residual": 4, "net": 4, "percent": 2},
    ),
    "lung_shunt": Family(
        lung_shunt,
        ("lung_mean", "liver_mean", "lsf_percent"),
        {"lung_mean": 0, "liver_mean": 0, "lsf_percent": 1},
    ),
    "mird": Family(
        mird,
        ("A_K50", "A_K49_67", "lung_gy_K50", "FxA"),
        {"A_K50": 4, "A_K49_67": 4, "lung_gy_K50": 3, "FxA": 4},
    ),
    "resin_bsa": Family(
        resin, ("bsa", "A_before", "lsf_factor", "A_final"), {"bsa": 4, "A_before": 4, "A_final": 4}
    ),
    "partition": Family(
        partition,
        ("D_normal", "D_tumour", "D_lung", "lung_flag"),
        {"D_normal": 2, "D_tumour": 2, "D_lung": 2},
    ),
    "partition_inverse": Family(
        partition_inverse,
        ("A", "D_normal", "D_tumour", "D_lung"),
        {"A": 4, "D_normal": 1, "D_tumour": 1, "D_lung": 1},
    ),
    "clavien_dindo": Family(clavien_dindo, ("grade", "major")),
    "pathology": Family(pathology, ("pCR", "MPR")),
}
