"""What is checked and computed across the laboratory results of one visit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from eligibility.laboratory_results import person_of
from eligibility.renal import ImpossibleKidneyInput, egfr_ckd_epi_2021
from records import clock
from records.definition import Derived
from records.findings import Finding, Level
from records.items import Item, MeasuredItem
from records.text import Text

Items = Mapping[str, Item]

AFP_FLAG = 400


def laboratory_known(
    items: Items, answers: Mapping[str, Any], context: Mapping[str, Any]
) -> Iterable[Finding]:
    """Refuse a laboratory that is none of the site's."""
    chosen = answers.get("lblab")
    if chosen and chosen not in context.get("laboratories", {}):
        words = Text("Choose one of the site's laboratories.", "请选择本中心的实验室。")
        yield Finding("lblab", Level.HARD, words)


def only_laboratory(answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
    """Name the laboratory where the site has a single one and nobody chose."""
    known = context.get("laboratories") or {}
    if len(known) != 1 or answers.get("lblab"):
        return {}
    [code] = known
    return {"lblab": Derived(code, Text("The site's only laboratory.", "本中心唯一的实验室。"))}


def routine_before_consent(
    items: Items, answers: Mapping[str, Any], context: Mapping[str, Any]
) -> Iterable[Finding]:
    """Refuse samples before consent that are not marked as routine care (check X01)."""
    consent = context.get("icfdtc")
    if not consent or answers.get("lbsoc") == "Y":
        return
    words = Text(
        "{label} is before the informed consent. Correct the date, or mark the sample as routine care.",
        "{label}早于知情同意，请更正日期，或注明为知情同意前的常规诊疗样本。",
    )
    sampled = answers.get("lbdtc")
    if sampled and sampled < consent:
        yield Finding("lbdtc", Level.HARD, words.format(label=items["lbdtc"].label), "X01")
    for name in ("virdtc", "hcgdtc"):
        day = answers.get(name)
        if day and day < clock.day(consent):
            yield Finding(name, Level.HARD, words.format(label=items[name].label), "X01")


def parts_of_a_whole(items: Items, answers: Mapping[str, Any]) -> Iterable[Finding]:
    """Refuse a part above its whole: neutrophils or lymphocytes above white cells, direct above total bilirubin.

    A bound is compared where it cannot be otherwise: a part ">…", a whole "<…".
    """
    words = Text(
        "{part} {value} cannot be more than {whole} {limit}. Check both.",
        "{part}（{value}）不应大于{whole}（{limit}），请核对两者。",
    )
    for part, whole, read in (("neut", "wbc", ""), ("lym", "wbc", ""), ("dbil", "tbil", "_si")):
        value, limit = answers.get(part + read), answers.get(whole + read)
        open_ = answers.get(f"{part}_c") == "LT" or answers.get(f"{whole}_c") == "GT"
        if value is not None and limit is not None and value > limit and not open_:
            yield Finding(
                part,
                Level.HARD,
                words.format(
                    part=items[part].label,
                    value=f"{value.normalize():f}",
                    whole=items[whole].label,
                    limit=f"{limit.normalize():f}",
                ),
            )


# Below this, in the first unit, a value looks as if it was reported in the other one (check X22).
UNIT_ASKED_BELOW = {"alb": 8, "tbil": 3, "crea": 5, "hgb": 25}


def unit_plausible(items: Items, answers: Mapping[str, Any]) -> Iterable[Finding]:
    """Ask whether a value that is far too low was reported in the test's other unit (check X22)."""
    words = Text(
        "{label} {value} {unit}: was it reported in {other}? Choose the unit, or confirm the value.",
        "{label} {value} {unit}：报告单位是否为{other}？请选择正确单位，或填写说明予以确认。",
    )
    for name, limit in UNIT_ASKED_BELOW.items():
        item = items[name]
        assert isinstance(item, MeasuredItem)
        value, unit = answers.get(name), answers.get(f"{name}_u")
        if value is None or unit != item.unit or value >= limit:
            continue
        other = next(one for one in item.units if one != item.unit)
        yield Finding(
            name,
            Level.SOFT,
            words.format(label=item.label, value=f"{value:f}", unit=unit, other=other),
            "X22",
        )


LEFT_OPEN = Text("The reported value leaves it open.", "报告值无法判定。")


def egfr(answers: Mapping[str, Any], context: Mapping[str, Any]) -> Derived:
    """Estimate the filtration rate at the age on the day of the sample."""
    needed = Derived(None, Text("Needs creatinine, sex and date of birth.", "需要肌酐、性别和出生日期。"))
    creatinine, sex, born = answers.get("crea_si"), context.get("sex"), context.get("brthdtc")
    if creatinine is None or sex is None or not born:
        return needed
    if answers.get("crea_c"):
        return Derived(None, LEFT_OPEN)
    age = person_of(answers, context).age
    if age is None:
        return needed
    try:
        rate = egfr_ckd_epi_2021(creatinine_umol_l=creatinine, age_years=age, sex=sex)
    except ImpossibleKidneyInput:
        return needed
    reason = Text("Creatinine {value} µmol/L, {age} years.", "肌酐{value} µmol/L，{age}岁。")
    return Derived(
        rate.quantize(Decimal("0.1"), ROUND_HALF_UP),
        reason.format(value=f"{creatinine.normalize():f}", age=age),
    )


def afp_high(answers: Mapping[str, Any]) -> Derived:
    """Mark alpha-fetoprotein above 400 ng/mL; open where a value beyond the measuring range leaves it so."""
    value, comparator = answers.get("afp_si"), answers.get("afp_c")
    if value is None:
        return Derived(None, Text("Needs alpha-fetoprotein.", "需要甲胎蛋白。"))
    above = value > AFP_FLAG or (value == AFP_FLAG and comparator == "GT")
    # "< 600" and "> 300" say nothing about 400.
    if (above and comparator == "LT") or (not above and comparator == "GT"):
        return Derived(None, LEFT_OPEN)
    return Derived(
        "Y" if above else "N",
        Text("{value} ng/mL.", "{value} ng/mL。").format(value=f"{value.normalize():f}"),
    )
