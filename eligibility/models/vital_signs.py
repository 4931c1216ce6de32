"""Vital signs, physical examination and performance status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from eligibility import codelists
from participants.body import BsaFormula, ImpossibleBody, body_surface_area, rounded_bsa
from participants.models import CaseReportForm, Visit, VisitHeader
from participants.models.forms import not_in_future
from records import study
from records.codelists import NY
from records.conditions import NEVER, Either, When
from records.definition import Derived, FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DecimalItem, IntegerItem, TextItem
from records.text import Text

WEIGHT_CHANGE = Decimal("0.10")
WEIGHT_CHANGE_DAYS = 45  # a change within so many days is check X17
HEIGHT_CHANGE_CM = 3
MILLIMETRES_OF_MERCURY = "mmHg"


class VitalSigns(CaseReportForm):
    form = FormFacts(
        "VS",
        Text("Vital signs, physical examination, ECOG", "生命体征、体格检查与ECOG评分"),
        ("VS", "PE", "RS"),
    )

    height = DecimalItem(
        Text("Height", "身高"),
        section=Text("Body", "身高体重"),
        unit="cm",
        places=1,
        hard=(120, 220),
        soft=(140, 195),
        required=When(visit_code="SCR"),
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES HEIGHT",
    )
    weight = DecimalItem(
        Text("Weight", "体重"),
        unit="kg",
        places=1,
        hard=(30, 200),
        soft=(38, 110),
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES WEIGHT",
    )
    bsa = DecimalItem(
        Text("Body surface area", "体表面积"),
        unit="m²",
        places=2,
        hard=("1.0", "2.8"),
        soft=("1.2", "2.3"),
        derived=True,
        required=NEVER,
        name_cdash="VS.VSORRES BSA",
    )
    bsaform = CodeItem(
        Text("Formula of the body surface area", "体表面积公式"),
        codes=study.BSA_FORMULA,
        derived=True,
        required=NEVER,
        name_cdash="SUPPVS",
    )
    temp = DecimalItem(
        Text("Temperature", "体温"),
        section=Text("Vital signs", "生命体征"),
        unit="°C",
        places=1,
        hard=(33, 43),
        soft=("35.5", "38.0"),
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES TEMP",
    )
    pulse = IntegerItem(
        Text("Pulse", "脉搏"),
        unit="/min",
        hard=(20, 250),
        soft=(50, 110),
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES PULSE",
    )
    sysbp = IntegerItem(
        Text("Systolic pressure", "收缩压"),
        unit=MILLIMETRES_OF_MERCURY,
        hard=(50, 280),
        soft=(90, 160),
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES SYSBP",
    )
    diabp = IntegerItem(
        Text("Diastolic pressure", "舒张压"),
        unit=MILLIMETRES_OF_MERCURY,
        hard=(20, 180),
        soft=(50, 100),
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES DIABP",
    )
    resp = IntegerItem(
        Text("Respiration", "呼吸"),
        unit="/min",
        hard=(5, 60),
        soft=(12, 24),
        required=NEVER,
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES RESP",
    )
    spo2 = IntegerItem(
        Text("Oxygen saturation", "血氧饱和度"),
        unit="%",
        hard=(50, 100),
        soft=(94, None),
        required=Either(When(arm="Y90", series=("Y", "NR")), When(arm="Y90", visit_code=("PREOP", "PH-M6"))),
        missing=("ND",),
        width="s",
        name_cdash="VS.VSORRES OXYSAT",
    )
    ecog = CodeItem(
        Text("ECOG performance status", "ECOG评分"),
        codes=codelists.ECOG,
        section=Text("Performance status and examination", "体力状况与体格检查"),
        missing=("ND",),
        name_cdash="RS.RSORRES ECOG",
    )
    peabn = CodeItem(
        Text("Physical examination abnormal", "体格检查异常"),
        codes=NY,
        missing=("ND",),
        name_cdash="PE.PEORRES",
    )
    peabntx = TextItem(
        Text("Describe the abnormal findings", "异常情况描述"),
        required=When(peabn="Y"),
        shown_when=When(peabn="Y"),
        missing=(),
        width="l",
        name_cdash="PE.PEORRES",
    )
    punct = CodeItem(
        Text("Puncture site check", "穿刺点情况"),
        codes=codelists.PUNCTURE_SITE,
        required=When(visit_code=codelists.PUNCTURE_CHECK),
        shown_when=When(visit_code=codelists.AFTER_PUNCTURE),
        missing=("ND",),
        name_cdash="PE.PEORRES",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add what was measured before: `height_before` (the first), `weight_before` (the last) and its day
        `weighed_on`, and the day of this visit, `visit_on`. Three queries more, with the formula in force."""
        others = (
            cls._default_manager.filter(participant_id=visit.participant_id)
            .exclude(visit_id=visit.pk)
            .order_by("visit__position", "visit__occurrence", "repeat")
            .values("visit_id", "visit__position", "visit__occurrence", "height", "weight")
        )
        days = dict(
            VisitHeader.objects.filter(participant_id=visit.participant_id).values_list("visit_id", "svstdtc")
        )
        given = {
            **super().context(visit=visit, **place),
            **dict.fromkeys(("height_before", "weight_before", "weighed_on")),
            "visit_on": days.get(visit.pk) or place["today"],
        }
        for row in others:
            if (row["visit__position"], row["visit__occurrence"]) > (visit.position, visit.occurrence):
                break
            given["height_before"] = given["height_before"] or row["height"]
            if row["weight"]:
                given["weight_before"], given["weighed_on"] = row["weight"], days.get(row["visit_id"])
        given["bsa_formula"] = BsaFormula(study.value("bsa_formula_haic", place["today"]))
        return given

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        systolic, diastolic = answers.get("sysbp"), answers.get("diabp")
        if systolic is not None and diastolic is not None and systolic <= diastolic:
            yield Finding(
                "diabp",
                Level.HARD,
                Text(
                    "The diastolic pressure {low} must be below the systolic {high}. Check both.",
                    "舒张压（{low}）应低于收缩压（{high}），请核对两者。",
                ).format(low=diastolic, high=systolic),
            )
        yield from _weight_change(answers.get("weight"), context)
        height, first = answers.get("height"), context.get("height_before")
        if height is not None and first and abs(height - first) > HEIGHT_CHANGE_CM:
            yield Finding(
                "height",
                Level.SOFT,
                Text(
                    "The height differs by more than 3 cm from {first} cm at an earlier visit. Correct it, or confirm it.",
                    "身高与此前记录（{first} cm）相差超过3 cm，请更正或填写说明予以确认。",
                ).format(first=first),
                "X23",
            )
        if answers.get("punct") not in (None, "NORMAL"):
            yield Finding(
                "punct",
                Level.SOFT,
                Text(
                    "The puncture site is not normal. Is it recorded as an adverse event?",
                    "穿刺点异常，是否已记录为不良事件？",
                ),
            )

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        height = answers.get("height") or context.get("height_before")
        weight = answers.get("weight")
        formula: BsaFormula = context["bsa_formula"]
        name = study.BSA_FORMULA.label(formula)
        if height is None or weight is None:
            reason = Text("Needs height and weight.", "需要身高和体重。")
            return {"bsa": Derived(None, reason), "bsaform": Derived(None, reason)}
        try:
            area = rounded_bsa(body_surface_area(height_cm=height, weight_kg=weight, formula=formula))
        except ImpossibleBody:
            reason = Text("No area for this height and weight.", "该身高体重无法计算体表面积。")
            return {"bsa": Derived(None, reason), "bsaform": Derived(None, reason)}
        reason = Text(
            "{formula}, height {height} cm, weight {weight} kg; for verification only.",
            "{formula}，身高{height} cm，体重{weight} kg；计算值仅供核对。",
        ).format(formula=name, height=height, weight=weight)
        return {"bsa": Derived(area, reason), "bsaform": Derived(str(formula), reason)}


def _weight_change(weight: Decimal | None, context: Mapping[str, Any]) -> Iterable[Finding]:
    """Ask about a change of more than 10 % since the weight before; within 45 days it is check X17."""
    before = context.get("weight_before")
    if weight is None or not before or abs(weight - before) <= WEIGHT_CHANGE * before:
        return
    weighed, today = context.get("weighed_on"), context.get("visit_on")
    days = (today - weighed).days if weighed and today else None
    words = Text(
        "The weight changed by more than 10 % since the last one, {before} kg{when}. Correct it, or confirm it.",
        "体重较上次（{before} kg{when}）变化超过10%，请更正或填写说明予以确认。",
    )
    when = Text("", "") if days is None else Text(" {days} days before", "，{days}天前").format(days=days)
    soon = days is None or days <= WEIGHT_CHANGE_DAYS
    yield Finding("weight", Level.SOFT, words.format(before=before, when=when), "X17" if soon else "")
