"""Soft queries beside the criteria: they ask for a second look and decide nothing.

Source: protocol specification section 0.2 (C5, C13, C15), section 3 (windows, safety checks of comparable trials).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from eligibility.facts import CriteriaSettings, Facts
from records.text import Text

ABOVE = Text("{name} {value} is above {limit}.", "{name} {value}，高于{limit}。")
BELOW = Text("{name} {value} is below {limit}.", "{name} {value}，低于{limit}。")
EARLY = Text(
    "{name} of {day} is more than {limit} days before treatment.", "{name}（{day}）距治疗超过{limit}天。"
)


def about_ecog(facts: Facts, settings: CriteriaSettings) -> tuple[Text, ...]:
    """Ask about an ECOG older than its window before treatment."""
    return _early(Text("ECOG", "ECOG评分"), facts.ecog_date, facts.planned_treatment, settings.ecog_days)


def about_stage(facts: Facts, settings: CriteriaSettings) -> tuple[Text, ...]:
    """Ask about Child-Pugh B of 8 points or more, and about old imaging."""
    found: tuple[Text, ...] = ()
    if facts.childpugh_score is not None and facts.childpugh_score >= settings.soft_childpugh_from:
        words = Text(
            "Child-Pugh {score} points: confirm treatment.", "Child-Pugh {score}分，请确认是否适合治疗。"
        )
        found = (words.format(score=facts.childpugh_score),)
    imaging = Text("Imaging", "影像学检查")
    return (*found, *_early(imaging, facts.imaging_date, facts.planned_treatment, settings.imaging_days))


def about_resection(facts: Facts, settings: CriteriaSettings) -> tuple[Text, ...]:
    """Ask about a missing chest CT, a thrombus of the main portal vein, and a small liver remnant."""
    found = []
    if not facts.chest_ct:
        found.append(Text("There is no chest CT.", "缺少胸部CT。"))
    if facts.pvtt in ("III", "IV"):
        words = Text(
            "Portal vein thrombus type {type}: confirm that resection is expected.",
            "门静脉癌栓程氏{type}型，请确认预计可切除。",
        )
        found.append(words.format(type=facts.pvtt))
    if facts.flrpct is not None and facts.flrpct < settings.soft_flr_below:
        words = Text(
            "Future liver remnant {value} % is below {limit} %.", "预计剩余肝体积比{value}%，低于{limit}%。"
        )
        found.append(words.format(value=facts.flrpct, limit=settings.soft_flr_below))
    return tuple(found)


def about_laboratory(facts: Facts, settings: CriteriaSettings) -> tuple[Text, ...]:
    """Ask about values beyond the limits of comparable trials, and about an old sample."""
    found = [
        ABOVE.format(name=name, value=value, limit=limit)
        for name, value, limit in (
            (Text("Bilirubin (µmol/L)", "总胆红素（µmol/L）"), facts.tbil, settings.soft_tbil_above),
            (Text("INR", "INR"), facts.inr, settings.soft_inr_above),
            (Text("Creatinine (µmol/L)", "肌酐（µmol/L）"), facts.crea, settings.soft_crea_above),
            (Text("ALT (U/L)", "ALT（U/L）"), facts.alt, _times(facts.alt_uln, settings)),
            (Text("AST (U/L)", "AST（U/L）"), facts.ast, _times(facts.ast_uln, settings)),
        )
        if value is not None and limit is not None and value > limit
    ]
    found += [
        BELOW.format(name=name, value=value, limit=limit)
        for name, value, limit in (
            (Text("Platelets (×10⁹/L)", "血小板（×10⁹/L）"), facts.plt, settings.soft_plt_below),
            (Text("Haemoglobin (g/L)", "血红蛋白（g/L）"), facts.hgb, settings.soft_hgb_below),
        )
        if value is not None and value < limit
    ]
    laboratory = Text("Laboratory", "实验室检查")
    return (*found, *_early(laboratory, facts.labs_date, facts.planned_treatment, settings.labs_days))


def about_prior_treatment(facts: Facts, settings: CriteriaSettings) -> tuple[Text, ...]:
    """Ask where treatment and interferon do not go together, or interferon was for hepatitis."""
    if facts.priorifn == "HEP" and facts.priortx == "Y":
        return (
            Text(
                "Interferon for hepatitis is not anti-tumour treatment: confirm that there was another.",
                "因肝炎使用干扰素不属于抗肿瘤治疗，请确认是否另有抗肿瘤治疗。",
            ),
        )
    if facts.priorifn == "HEP":
        return (
            Text("Antiviral interferon? Confirm with the sponsor.", "是否为抗病毒干扰素？请与申办者确认。"),
        )
    if facts.priorifn == "TUM" and facts.priortx == "N":
        return (
            Text(
                "Interferon for the tumour is a previous treatment: correct one of the two answers.",
                "因肿瘤使用干扰素属于既往抗肿瘤治疗，请更正其中一项。",
            ),
        )
    return ()


def about_virology(facts: Facts, settings: CriteriaSettings) -> tuple[Text, ...]:
    """Ask about virology older than its window before treatment."""
    virology = Text("Virology", "病毒学检查")
    return _early(virology, facts.virology_date, facts.planned_treatment, settings.virology_days)


SOFT_QUERIES: Final[Mapping[str, Callable[[Facts, CriteriaSettings], tuple[Text, ...]]]] = {
    "I2": about_ecog,
    "I3": about_stage,
    "I5": about_resection,
    "E1": about_laboratory,
    "E5": about_prior_treatment,
    "E6": about_virology,
}


def _times(upper: Decimal | None, settings: CriteriaSettings) -> Decimal | None:
    return None if upper is None else upper * settings.soft_transaminase_uln


def _early(name: Text, done: date | None, treatment: date | None, limit: int) -> tuple[Text, ...]:
    if done is None or treatment is None or (treatment - done).days <= limit:
        return ()
    return (EARLY.format(name=name, day=done.isoformat(), limit=limit),)
