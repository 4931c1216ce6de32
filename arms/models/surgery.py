"""Hepatectomy after the study treatment, or an operation at which nothing could be resected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from arms import codelists
from arms.infusion_checks import Grade, judge_hepatectomy_interval
from arms.limits import hepatectomy_window
from arms.models.readings import record_at, settings_for
from eligibility.models import Staging
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.schedule_file import Anchor
from participants.selectors import case_forms_of
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, IntegerItem, TextItem
from records.text import Text

OPERATED = Text("Date of hepatectomy (A2)", "手术日期（A2）")
RESECTED, EXPLORED = When(surgyn="Y"), When(surgyn="N")


class Hepatectomy(CaseReportForm):
    form = FormFacts(
        "SURG",
        Text("Hepatectomy", "肝切除术"),
        ("PR",),
        several=True,
        listed=("surgdtc", "surgyn", "surgtype"),
    )

    surgdtc = DateItem(OPERATED, section=Text("Operation", "手术"), missing=(), name_cdash="PR.PRSTDTC")
    surgrsn = TextItem(
        Text("Reason for the interval since treatment", "距治疗间隔的原因"),
        help=Text(
            "Required far outside the planned interval after Y-90.",
            "距钇-90输注的间隔明显超出计划时必填。",
        ),
        required=NEVER,
        missing=(),
        width="l",
        name_cdash="SUPPPR",
    )
    surgyn = CodeItem(Text("Liver resected", "是否行肝切除"), codes=NY, missing=(), name_cdash="PR.PROCCUR")
    noresrsn = CodeItem(
        Text("If explored but not resected, why", "探查未切除的原因"),
        codes=codelists.NOT_RESECTED,
        required=EXPLORED,
        shown_when=EXPLORED,
        missing=(),
        name_cdash="SUPPPR",
    )
    surganat = CodeItem(
        Text("Plane of resection", "切除方式"),
        codes=codelists.RESECTION_PLANE,
        required=RESECTED,
        shown_when=RESECTED,
        missing=("NK",),
        name_cdash="PR.PRTRT",
    )
    surgtype = CodeItem(
        Text("Operation", "术式"),
        codes=codelists.RESECTION,
        required=RESECTED,
        shown_when=RESECTED,
        missing=(),
        name_cdash="PR.PRTRT",
    )
    surgapp = CodeItem(Text("Approach", "入路"), codes=codelists.APPROACH, missing=(), name_cdash="SUPPPR")
    surgmin = IntegerItem(
        Text("Duration", "手术时长"),
        unit="min",
        hard=(30, 1200),
        missing=("NK",),
        width="s",
        name_cdash="PR.PRDUR",
    )
    surgebl = IntegerItem(
        Text("Blood loss", "出血量"),
        unit="mL",
        hard=(0, 20000),
        soft=(None, 1500),
        missing=("NK",),
        width="s",
        name_cdash="SUPPPR",
    )
    surgtx = CodeItem(Text("Transfusion", "输血"), codes=NY, missing=("NK",), name_cdash="CM.CMTRT")
    surgtxu = IntegerItem(
        Text("Red cells transfused", "红细胞输注量"),
        unit="U",
        hard=(1, 100),
        required=When(surgtx="Y"),
        shown_when=When(surgtx="Y"),
        missing=("NK",),
        width="s",
        name_cdash="CM.CMDOSE",
    )
    pringle = IntegerItem(
        Text("Inflow occlusion, total", "肝门阻断时间"),
        unit="min",
        hard=(0, 180),
        required=NEVER,
        missing=("ND", "NK"),
        width="s",
        name_cdash="SUPPPR",
    )
    thrombx = CodeItem(
        Text("Thrombectomy", "取栓"),
        codes=NY,
        required=When(cnlc="IIIa"),
        missing=("NK",),
        name_cdash="PR.PRTRT",
    )
    margin_i = CodeItem(
        Text("Margin by surgeon", "术者判断切缘"),
        codes=codelists.MARGIN,
        required=RESECTED,
        shown_when=RESECTED,
        missing=(),
        name_cdash="SUPPPR",
    )
    hospout = DateItem(
        Text("Discharge date", "出院日期"),
        section=Text("Discharge", "出院"),
        missing=("NK",),
        name_cdash="HO.HOENDTC",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the index procedure's day (`treated_on`), the stage at screening (`cnlc`), the settings. Three more."""
        given = super().context(visit=visit, **place)
        book = case_forms_of(visit.participant, (cls, Staging))
        staged = [one.cnlc for one in book.of(Staging) if one.cnlc]
        anchors = visit.participant.anchors.filter(name=Anchor.A1)
        return {
            **given,
            "treated_on": anchors.values_list("date", flat=True).first(),
            "cnlc": staged[0] if staged else None,
            "settings": settings_for(record_at(book.of(cls), visit, given["repeat"]), place["today"]),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        operated, discharged = answers.get("surgdtc"), answers.get("hospout")
        yield from not_before_consent("surgdtc", OPERATED, operated, context)
        if operated and discharged and discharged < operated:
            words = Text("Discharge lies before the operation.", "出院日期早于手术日期。")
            yield Finding("hospout", Level.HARD, words)
        settings = context["settings"]
        treated: date | None = context["treated_on"]
        if not operated or not treated:
            return
        if operated < treated:
            words = Text(
                "The operation lies before the end of treatment (A1, {day}).",
                "手术日期早于介入治疗日期（A1，{day}）。",
            )
            yield Finding("surgdtc", Level.HARD, words.format(day=treated))
        elif context.get("arm") == "Y90":
            judged = judge_hepatectomy_interval(treated, operated, hepatectomy_window(settings))
            if judged.grade is Grade.QUERY:
                yield Finding("surgdtc", Level.SOFT, judged.message)
            elif judged.grade is Grade.REASON and not answers.get("surgrsn"):
                yield Finding("surgrsn", Level.HARD, judged.message)
        elif not settings["surgery_haic_from"] <= (operated - treated).days <= settings["surgery_haic_to"]:
            words = Text(
                "Hepatectomy {days} days after the last cycle; planned are {low}–{high}. Confirm with a word.",
                "末次HAIC后{days}天行肝切除术，计划为{low}–{high}天，请说明并确认。",
            ).format(
                days=(operated - treated).days,
                low=settings["surgery_haic_from"],
                high=settings["surgery_haic_to"],
            )
            yield Finding("surgdtc", Level.SOFT, words)

    @property
    def resected(self) -> bool:
        """Whether the liver was resected: only then is its day A2."""
        return self.surgyn == "Y" and self.surgdtc is not None
