"""What the form of Y-90 activity planning computes and checks from its answers.

Answers are named as the items of the form; `context` carries what `ActivityPlan.context` collects. Everything
calculated is for verification only. Percentages of the form become fractions here; nothing is rounded before
it is compared. Source: protocol specification sections 5.2 to 5.6 and 8.12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from arms.dosimetry import (
    PRECISION,
    Compartments,
    DosimetryError,
    activity_for_tumour_dose,
    liver_mass,
    lung_activity,
    lung_dose,
    lung_shunt_fraction,
    mird_activity,
    mird_dose,
    partition_doses,
    resin_activity,
    resin_bsa,
)
from arms.limits import resin_reduction
from participants.body import BsaFormula, body_surface_area
from records.definition import Derived
from records.findings import Finding, Level
from records.text import Text

Answers = Mapping[str, Any]

VERIFY = Text(" For verification only.", "计算值仅供核对。")
MISSING = Text("Needs {items}.", "需要{items}。")
IMPOSSIBLE = Text("Not possible with these values.", "按所填数值无法计算。")
WORDS = {
    "lsf": Text("the lung shunt fraction", "肺分流率"),
    "aplan": Text("the planned activity", "计划活度"),
    "dtarget": Text("the prescribed dose", "处方剂量"),
    "vliver": Text("the liver volume", "全肝体积"),
    "vtumour": Text("the tumour volume", "肿瘤体积"),
    "vperf": Text("the perfused volume", "灌注区体积"),
    "tnr": Text("the tumour-to-normal ratio", "肿瘤/正常肝摄取比"),
    "height": Text("the height", "身高"),
    "weight": Text("the weight", "体重"),
}


@dataclass(frozen=True, slots=True)
class Worked:
    """A computed value, unrounded, with its reason; None where it cannot be computed."""

    value: Decimal | None
    reason: Text


@dataclass(frozen=True, slots=True)
class Prediction:
    """Doses in Gy of the planned activity; `lung_activity` in GBq (F × A), `perfused` the mean of both tissues."""

    lung: Worked
    perfused: Worked
    normal: Worked
    tumour: Worked
    lung_activity: Decimal | None


def _needs(answers: Mapping[str, Any], *names: str) -> Worked | None:
    absent = [WORDS[name] for name in names if answers.get(name) is None]
    return Worked(None, MISSING.format(items=Text.join(absent, ", ", "、"))) if absent else None


def _residual(answers: Answers) -> Decimal:
    return (answers.get("residex") or Decimal(0)) / 100


def shunt_from_counts(answers: Answers) -> Worked:
    """Return the lung shunt fraction in % recomputed from the counts."""
    lung, liver = answers.get("cntlung"), answers.get("cntliver")
    if lung is None or liver is None:
        return Worked(None, Text("Needs the counts of lung and liver.", "需要肺和肝计数。"))
    try:
        fraction = lung_shunt_fraction(Decimal(lung), Decimal(liver))
    except DosimetryError:
        return Worked(None, IMPOSSIBLE)
    words = Text("{lung} / ({lung} + {liver}) counts.", "计数 {lung} /（{lung} + {liver}）。")
    return Worked(100 * fraction, words.format(lung=lung, liver=liver))


def _compartments(answers: Answers, settings: Mapping[str, Any]) -> Compartments:
    density = settings["y90_liver_density"]
    return Compartments(
        lsf=answers["lsf"] / 100,
        tumour_to_normal=answers["tnr"],
        tumour_kg=liver_mass(Decimal(answers["vtumour"]), density),
        normal_kg=liver_mass(Decimal(answers["vperf"] - answers["vtumour"]), density),
        lung_kg=settings["y90_lung_mass"],
    )


def calculated_activity(answers: Answers, context: Mapping[str, Any]) -> Worked:
    """Return the activity in GBq by the method chosen, with the formula's words as reason.

    MIRD: dose to the perfused liver. BSA: resin; a lobe where the perfused volume is smaller than the liver.
    Partition: dose to the tumour, or to the perfused liver as a whole. Voxel dosimetry is not computed here.
    """
    method = answers.get("ymethod")
    try:
        with localcontext() as precise:
            precise.prec = PRECISION
            if method == "MIRD":
                return _by_mird(answers, context["settings"])
            if method == "BSA":
                return _by_bsa(answers, context)
            if method == "PARTITION":
                return _by_partition(answers, context["settings"])
    except DosimetryError:
        return Worked(None, IMPOSSIBLE)
    if method == "VOXEL":
        return Worked(None, Text("Voxel dosimetry is worked out elsewhere.", "体素剂量法由外部软件计算。"))
    return Worked(None, Text("Needs the planning method.", "需要活度计算方法。"))


def _by_mird(answers: Answers, settings: Mapping[str, Any]) -> Worked:
    if absent := _needs(answers, "dtarget", "vperf", "lsf"):
        return absent
    mass, k = liver_mass(Decimal(answers["vperf"]), settings["y90_liver_density"]), settings["y90_k_product"]
    activity = mird_activity(Decimal(answers["dtarget"]), mass, answers["lsf"] / 100, _residual(answers), k)
    words = Text(
        "{dose} Gy × {mass} kg / [{k} × (1 − LSF) × (1 − R)].",
        "{dose} Gy × {mass} kg / [{k} ×（1−LSF）×（1−R）]。",
    )
    return Worked(activity, words.format(dose=answers["dtarget"], mass=f"{mass:.3f}", k=k) + VERIFY)


def _by_bsa(answers: Answers, context: Mapping[str, Any]) -> Worked:
    if absent := _needs({**answers, **context}, "height", "weight", "vliver", "vtumour", "lsf"):
        return absent
    formula = BsaFormula(context["settings"]["bsa_formula_resin"])
    if formula is BsaFormula.DU_BOIS:
        area = resin_bsa(context["height"], context["weight"])
    else:
        area = body_surface_area(height_cm=context["height"], weight_kg=context["weight"], formula=formula)
    perfused, liver = answers.get("vperf"), answers["vliver"]
    lobe = Decimal(perfused) if perfused is not None and perfused < liver else None
    found = resin_activity(
        area,
        Decimal(answers["vtumour"]),
        Decimal(liver),
        answers["lsf"] / 100,
        lobe_ml=lobe,
        reduction=resin_reduction(context["settings"]),
    )
    words = Text("Body surface area {area} m² ({formula}). ", "体表面积{area} m²（{formula}）。").format(
        area=f"{area:.4f}", formula=formula.replace("_", " ").title()
    )
    return Worked(found.activity, words + found.reason + VERIFY)


def _by_partition(answers: Answers, settings: Mapping[str, Any]) -> Worked:
    if absent := _needs(answers, "dtarget", "tnr", "vtumour", "vperf", "lsf"):
        return absent
    body, k, dose = _compartments(answers, settings), settings["y90_k_partition"], Decimal(answers["dtarget"])
    if answers.get("dtargeto") == "PERFUSED":
        activity = mird_activity(dose, body.tumour_kg + body.normal_kg, body.lsf, k=k)
    else:
        activity = activity_for_tumour_dose(dose, body, k)
    words = Text(
        "Tumour {tumour} kg, normal perfused liver {normal} kg, K {k}.",
        "肿瘤{tumour} kg，正常灌注肝{normal} kg，K {k}。",
    ).format(tumour=f"{body.tumour_kg:.3f}", normal=f"{body.normal_kg:.3f}", k=k)
    return Worked(activity / (1 - _residual(answers)), words + VERIFY)


def predict(answers: Answers, context: Mapping[str, Any]) -> Prediction:
    """Return the doses of the planned activity after the expected residual.

    Lung and, where its volume is known, the mean of the perfused liver; normal liver and tumour by the
    partition model where the tumour-to-normal ratio and the volumes are known.
    """
    if absent := _needs(answers, "aplan", "lsf"):
        return Prediction(absent, absent, absent, absent, None)
    try:
        with localcontext() as precise:
            precise.prec = PRECISION
            return _predict(answers, context["settings"])
    except DosimetryError:
        nothing = Worked(None, IMPOSSIBLE)
        return Prediction(nothing, nothing, nothing, nothing, None)


def _predict(answers: Answers, settings: Mapping[str, Any]) -> Prediction:
    activity, residual, shunt = answers["aplan"], _residual(answers), answers["lsf"] / 100
    delivered, mass = activity * (1 - residual), settings["y90_lung_mass"]
    k = settings["y90_k_partition" if answers.get("ymethod") == "PARTITION" else "y90_k_product"]
    words = Text("{k} × {activity} GBq × {lsf} % to {mass} kg.", "{k} × {activity} GBq × {lsf}%，{mass} kg。")
    lung = Worked(
        lung_dose(activity, shunt, residual=residual, mass_kg=mass, k=k),
        words.format(k=k, activity=f"{delivered:.3f}", lsf=answers["lsf"], mass=mass) + VERIFY,
    )
    perfused = _needs(answers, "vperf")
    if perfused is None:
        kg = liver_mass(Decimal(answers["vperf"]), settings["y90_liver_density"])
        words = Text("Mean of {mass} kg perfused liver.", "灌注肝{mass} kg的平均剂量。").format(
            mass=f"{kg:.3f}"
        )
        perfused = Worked(mird_dose(delivered, kg, shunt, k), words + VERIFY)
    reaching = lung_activity(activity, shunt, residual)
    if absent := _needs(answers, "tnr", "vtumour", "vperf"):
        return Prediction(lung, perfused, absent, absent, reaching)
    doses = partition_doses(delivered, _compartments(answers, settings), settings["y90_k_partition"])
    model = Text("Partition model.", "分区模型。") + VERIFY
    return Prediction(lung, perfused, Worked(doses.normal, model), Worked(doses.tumour, model), reaching)


def rounded(value: Decimal | None, places: str) -> Decimal | None:
    """Round half up for storage and display; `places` such as "0.001"."""
    return None if value is None else value.quantize(Decimal(places), ROUND_HALF_UP)


def derive(answers: Answers, context: Mapping[str, Any]) -> dict[str, Derived]:
    """Compute shunt, activity and doses, each with its reason, and fill in the expected residual of glass."""
    found: dict[str, Derived] = {}
    if answers.get("msphere") == "GLASS" and answers.get("residex") is None:
        expected = context["settings"]["y90_residual_expected"]
        words = Text("{value} % unless another is entered.", "未填写时按{value}%。").format(value=expected)
        found["residex"] = Derived(expected, words)
        answers = {**answers, "residex": expected}
    shunt, activity, doses = (
        shunt_from_counts(answers),
        calculated_activity(answers, context),
        predict(answers, context),
    )
    total = None if doses.lung.value is None else doses.lung.value + context["lung_before"]
    words = Text("{before} Gy from infusions before.", "既往输注{before} Gy。").format(
        before=context["lung_before"]
    )
    return {
        **found,
        "lsfcalc": Derived(rounded(shunt.value, "0.01"), shunt.reason),
        "acalc": Derived(rounded(activity.value, "0.001"), activity.reason),
        "dlung": Derived(rounded(doses.lung.value, "0.1"), doses.lung.reason),
        "dlungcum": Derived(rounded(total, "0.1"), doses.lung.reason if total is None else words),
        "dperf": Derived(rounded(doses.perfused.value, "0.1"), doses.perfused.reason),
        "dnorm": Derived(rounded(doses.normal.value, "0.1"), doses.normal.reason),
        "dtum": Derived(rounded(doses.tumour.value, "0.1"), doses.tumour.reason),
    }


# Findings -----------------------------------------------------------------------------------------

BLOCKS_INFUSION = Text(
    " It blocks the infusion: see the treatment page.",
    "不能输注，详见治疗页面。",
)


def findings(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    """Check a plan across its items; what blocks the infusion is asked about here, and refused there."""
    yield from _volumes(answers)
    yield from _shunt(answers, context["settings"])
    yield from _method(answers)
    yield from _activity(answers, context)
    yield from _doses(answers, context)
    if answers.get("exupt") == "GI":
        words = Text("Gastrointestinal uptake was found.", "存在胃肠道摄取。") + BLOCKS_INFUSION
        yield Finding("exupt", Level.SOFT, words)


def _volumes(answers: Answers) -> Iterable[Finding]:
    words = Text("{part} cannot be larger than {whole}. Check both.", "{part}不应大于{whole}，请核对两者。")
    pairs = [("vtumour", "vliver"), ("vperf", "vliver")]
    if answers.get("ymethod") == "PARTITION":
        pairs.append(("vtumour", "vperf"))
    for part, whole in pairs:
        small, large = answers.get(part), answers.get(whole)
        if small is not None and large is not None and small > large:
            en = WORDS[part].en[0].upper() + WORDS[part].en[1:]
            yield Finding(part, Level.HARD, words.format(part=Text(en, WORDS[part].zh), whole=WORDS[whole]))


def _shunt(answers: Answers, settings: Mapping[str, Any]) -> Iterable[Finding]:
    entered, counted = answers.get("lsf"), shunt_from_counts(answers).value
    if entered is None:
        return
    if counted is not None and abs(entered - counted) > Decimal("0.05"):
        words = Text(
            "{entered} % was entered; the counts give {counted} %. Correct one, or confirm it with a word.",
            "填写值{entered}%与按计数计算值{counted}%不一致，请更正或填写说明予以确认。",
        )
        yield Finding("lsf", Level.SOFT, words.format(entered=entered, counted=f"{counted:.2f}"))
    warning, resin = settings["y90_lsf_warning"], settings["y90_lsf_resin"]
    if answers.get("msphere") == "RESIN" and entered > resin:
        words = Text("A lung shunt above {limit} % with resin.", "树脂微球肺分流率高于{limit}%。").format(
            limit=f"{resin.normalize():f}"
        )
        yield Finding("lsf", Level.SOFT, words + BLOCKS_INFUSION)
    elif entered > warning:
        words = Text(
            "A lung shunt above {limit} %. Confirm with a word.", "肺分流率高于{limit}%，请说明并确认。"
        )
        yield Finding("lsf", Level.SOFT, words.format(limit=f"{warning.normalize():f}"))


def _method(answers: Answers) -> Iterable[Finding]:
    method, product = answers.get("ymethod"), answers.get("msphere")
    if (method, product) == ("BSA", "GLASS"):
        words = Text(
            "The BSA method is for resin. Confirm with a word.", "体表面积法适用于树脂微球，请说明并确认。"
        )
        yield Finding("ymethod", Level.SOFT, words)
    if (method, product) == ("MIRD", "RESIN"):
        words = Text(
            "The one-compartment method is for glass. Confirm with a word.",
            "MIRD单室法适用于玻璃微球，请说明并确认。",
        )
        yield Finding("ymethod", Level.SOFT, words)
    if method == "MIRD" and answers.get("dtargeto") == "TUMOUR":
        words = Text(
            "One compartment gives the dose to the perfused liver, not to the tumour. Confirm with a word.",
            "MIRD单室法计算的是灌注肝剂量而非肿瘤剂量，请说明并确认。",
        )
        yield Finding("dtargeto", Level.SOFT, words)


def _activity(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    planned, calculated = answers.get("aplan"), calculated_activity(answers, context).value
    if planned is None:
        return
    settings = context["settings"]
    tolerance = settings["y90_net_accepted"]
    if calculated is not None and 100 * abs(planned - calculated) > tolerance * calculated:
        words = Text(
            "{planned} GBq planned, {calculated} GBq calculated: more than {limit} % apart. Confirm with a word.",
            "计划活度{planned} GBq与计算值{calculated} GBq相差超过{limit}%，请说明并确认。",
        )
        values = {"planned": planned, "calculated": f"{calculated:.3f}", "limit": tolerance}
        yield Finding("aplan", Level.SOFT, words.format(**values))
    usual = {
        "RESIN": (settings["y90_resin_low"], settings["y90_resin_high"]),
        "GLASS": (None, settings["y90_glass_high"]),
    }
    low, high = usual.get(answers.get("msphere") or "", (None, None))
    if (low is not None and planned < low) or (high is not None and planned > high):
        words = Text(
            "{planned} GBq is unusual for this product. Confirm with a word.",
            "{planned} GBq对该微球不常见，请说明并确认。",
        )
        yield Finding("aplan", Level.SOFT, words.format(planned=planned))


def _doses(answers: Answers, context: Mapping[str, Any]) -> Iterable[Finding]:
    doses, settings = predict(answers, context), context["settings"]
    lung, normal = doses.lung.value, doses.normal.value
    above = Text("Predicted {what} {value} Gy, above {limit} Gy.", "预测{what}{value} Gy，高于{limit} Gy。")
    ask = Text(" Confirm with a word.", "请说明并确认。")
    if lung is not None:
        what, total = Text("lung dose", "肺剂量"), lung + context["lung_before"]
        if lung > settings["y90_lung_dose"]:
            words = above.format(what=what, value=f"{lung:.2f}", limit=settings["y90_lung_dose"])
            yield Finding("aplan", Level.SOFT, words + BLOCKS_INFUSION)
        elif lung > settings["y90_lung_dose_query"]:
            words = above.format(what=what, value=f"{lung:.2f}", limit=settings["y90_lung_dose_query"])
            yield Finding("aplan", Level.SOFT, words + ask)
        if total > settings["y90_lung_dose_total"]:
            what = Text("cumulative lung dose", "累计肺剂量")
            words = above.format(what=what, value=f"{total:.2f}", limit=settings["y90_lung_dose_total"])
            yield Finding("aplan", Level.SOFT, words + BLOCKS_INFUSION)
    most = settings["y90_resin_normal_liver"]
    if normal is not None and answers.get("msphere") == "RESIN" and normal > most:
        what = Text("dose to normal liver", "正常肝剂量")
        words = above.format(what=what, value=f"{normal:.2f}", limit=most)
        yield Finding("aplan", Level.SOFT, words + ask)
