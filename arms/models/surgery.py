"""Hepatectomy after the study treatment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from arms import codelists
from arms.infusion_checks import Grade, judge_hepatectomy_interval
from eligibility.models import Staging
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.schedule_file import Anchor
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, IntegerItem, TextItem
from records.text import Text

OPERATED = Text("Date of hepatectomy (A2)", "手术日期（A2）")
AFTER_HAIC = (21, 28)  # days from A1


class Hepatectomy(CaseReportForm):
    form = FormFacts("SURG", Text("Hepatectomy", "肝切除术"), ("PR",))

    surgdtc = DateItem(OPERATED, section=Text("Operation", "手术"), missing=(), name_cdash="PR.PRSTDTC")
    surgrsn = TextItem(
        Text("Reason for the interval since treatment", "距治疗间隔的原因"),
        help=Text(
            "Required less than 60 or more than 180 days after Y-90.",
            "距钇-90输注少于60天或超过180天时必填。",
        ),
        required=NEVER,
        missing=(),
        width="l",
        name_cdash="SUPPPR",
    )
    noresrsn = CodeItem(
        Text("If explored but not resected, why", "探查未切除的原因"),
        help=Text("Leave empty when the liver was resected.", "已行切除时不填。"),
        codes=codelists.NOT_RESECTED,
        required=NEVER,
        missing=(),
        name_cdash="SUPPPR",
    )
    surganat = CodeItem(
        Text("Plane of resection", "切除方式"), codes=codelists.RESECTION_PLANE, name_cdash="PR.PRTRT"
    )
    surgtype = CodeItem(Text("Operation", "术式"), codes=codelists.RESECTION, name_cdash="PR.PRTRT")
    surgapp = CodeItem(Text("Approach", "入路"), codes=codelists.APPROACH, name_cdash="SUPPPR")
    surgmin = IntegerItem(
        Text("Duration", "手术时长"), unit="min", hard=(30, 1200), width="s", name_cdash="PR.PRDUR"
    )
    surgebl = IntegerItem(
        Text("Blood loss", "出血量"),
        unit="mL",
        hard=(0, 20000),
        soft=(None, 1500),
        width="s",
        name_cdash="SUPPPR",
    )
    surgtx = CodeItem(Text("Transfusion", "输血"), codes=NY, name_cdash="CM.CMTRT")
    surgtxu = IntegerItem(
        Text("Red cells transfused", "红细胞输注量"),
        unit="U",
        hard=(1, 100),
        required=When(surgtx="Y"),
        shown_when=When(surgtx="Y"),
        width="s",
        name_cdash="CM.CMDOSE",
    )
    pringle = IntegerItem(
        Text("Inflow occlusion, total", "肝门阻断时间"),
        unit="min",
        hard=(0, 180),
        required=NEVER,
        width="s",
        name_cdash="SUPPPR",
    )
    thrombx = CodeItem(
        Text("Thrombectomy", "取栓"), codes=NY, required=When(cnlc="IIIa"), name_cdash="PR.PRTRT"
    )
    margin_i = CodeItem(
        Text("Margin as judged by the surgeon", "术者判断切缘"), codes=codelists.MARGIN, name_cdash="SUPPPR"
    )
    hospout = DateItem(
        Text("Discharge", "出院日期"), section=Text("Discharge", "出院"), name_cdash="HO.HOENDTC"
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the index procedure's day (`treated_on`) and the stage at screening."""
        stage = Staging.objects.filter(participant_id=visit.participant_id).order_by("visit__position")
        anchors = visit.participant.anchors.filter(name=Anchor.A1)
        return {
            **super().context(visit=visit, **place),
            "treated_on": anchors.values_list("date", flat=True).first(),
            "cnlc": stage.values_list("cnlc", flat=True).first(),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        operated, discharged = answers.get("surgdtc"), answers.get("hospout")
        yield from not_before_consent("surgdtc", OPERATED, operated, context)
        if operated and discharged and discharged < operated:
            words = Text("Discharge lies before the operation.", "出院日期早于手术日期。")
            yield Finding("hospout", Level.HARD, words)
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
            judged = judge_hepatectomy_interval(treated, operated)
            if judged.grade is Grade.QUERY:
                yield Finding("surgdtc", Level.SOFT, judged.message)
            elif judged.grade is Grade.REASON and not answers.get("surgrsn"):
                yield Finding("surgrsn", Level.HARD, judged.message)
        elif not AFTER_HAIC[0] <= (operated - treated).days <= AFTER_HAIC[1]:
            words = Text(
                "Hepatectomy {days} days after the last cycle; planned are {low}–{high}. Confirm with a word.",
                "末次HAIC后{days}天行肝切除术，计划为{low}–{high}天，请说明并确认。",
            ).format(days=(operated - treated).days, low=AFTER_HAIC[0], high=AFTER_HAIC[1])
            yield Finding("surgdtc", Level.SOFT, words)
