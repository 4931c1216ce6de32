"""The questions of eligibility that a person answers: the MDT's and the investigator's judgement, and two dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eligibility import codelists
from eligibility.laboratory_results import SERIOUS_GRADE
from eligibility.models.adverse_event import open_events
from eligibility.models.laboratory import Laboratory
from participants.models import CaseReportForm, Condition, Visit
from participants.models.forms import FUTURE, not_before_consent
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, DateTimeItem, MultiCodeItem, TextItem
from records.text import Text

SHORTEST_REASON = 10
STRICTER = When(iestrict=codelists.CRITERIA.values)
FIRST_PROCEDURE = Text("First study-specific procedure", "首次研究相关操作时间")
PLANNED_TREATMENT = Text("First treatment planned on", "计划首次治疗日期")


class Judgement(CaseReportForm):
    """Answers a rule cannot give; the verdict on each criterion is computed, never typed."""

    form = FormFacts("IE", Text("Eligibility: judgement", "入选/排除标准：判断项"), ("IE",))

    potres = CodeItem(
        Text(
            "The MDT expects complete (R0) resection after the study treatment",
            "MDT预计研究治疗后可完整（R0）切除",
        ),
        codes=NY,
        section=Text("Multidisciplinary team", "多学科讨论（MDT）"),
        missing=("NK",),
        name_cdash="SUPPIE (I5)",
    )
    trtpdtc = DateItem(
        PLANNED_TREATMENT,
        section=Text("Dates", "日期"),
        help=Text(
            "First HAIC catheterisation, or for Y-90 the earlier of mapping and infusion.",
            "HAIC首次置管日期；钇-90为造影/MAA与输注中较早者。",
        ),
        missing=("NK",),
        name_cdash="SUPPIE (E8)",
    )
    procdtc = DateTimeItem(
        FIRST_PROCEDURE,
        help=Text("Leave empty where there was none yet.", "尚未进行时留空。"),
        required=NEVER,
        missing=(),
        name_cdash="SUPPIE (I6)",
    )
    ecgyn = CodeItem(
        Text("ECG done in screening", "筛选期是否完成心电图"),
        codes=NY,
        section=Text("Judgement of the investigator", "研究者判断"),
        missing=(),
        name_cdash="EG.EGPERF (E1)",
    )
    # `severe` comes from the history and the laboratory: the question is asked only where it matters.
    e1j = CodeItem(
        Text(
            "A condition above CTCAE grade 2: does the participant tolerate the treatment?",
            "存在CTCAE＞2级的情况：能否耐受治疗",
        ),
        codes=codelists.TOLERATES,
        required=When(severe="Y"),
        shown_when=When(severe="Y"),
        missing=(),
        name_cdash="SUPPIE (E1)",
    )
    e11j = CodeItem(
        Text(
            "Any other factor likely to affect enrolment or the evaluation of results",
            "是否存在其他可能影响入组或结果评价的因素",
        ),
        codes=NY,
        missing=(),
        name_cdash="SUPPIE (E11)",
    )
    e11tx = TextItem(
        Text("Which factor", "具体因素"),
        required=When(e11j="Y"),
        shown_when=When(e11j="Y"),
        missing=(),
        width="l",
        name_cdash="SUPPIE (E11)",
    )
    iestrict = MultiCodeItem(
        Text("Criteria the investigator judges more strictly than the data", "研究者判定较系统更严格的标准"),
        codes=codelists.CRITERIA,
        section=Text("Stricter answers", "更严格的判定"),
        help=Text(
            "Each one chosen counts as not fulfilled. A failed criterion cannot be overridden.",
            "所选标准均视为不符合；系统判定不符合的标准不能更改为符合。",
        ),
        required=NEVER,
        missing=(),
        name_cdash="IE.IEORRES",
    )
    ieovrd = TextItem(
        Text("Why the investigator differs from the system", "研究者结论与系统不一致说明"),
        required=STRICTER,
        shown_when=STRICTER,
        missing=(),
        width="l",
        name_cdash="SUPPIE",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add `severe`: Y where history, an adverse event or a result at this visit is above CTCAE grade 2."""
        grade = (
            Laboratory.objects.filter(visit_id=visit.pk).order_by("-repeat").values_list("lbtoxgr", flat=True)
        )
        ongoing = Condition.objects.filter(
            participant_id=visit.participant_id, mhtoxgr__gte=SERIOUS_GRADE
        ).exclude(mhenrf="N")
        severe = (
            (grade.first() or 0) >= SERIOUS_GRADE
            or ongoing.exists()
            or any((one.aetoxgr or 0) >= SERIOUS_GRADE for one in open_events(visit.participant))
        )
        return {**super().context(visit=visit, **place), "severe": "Y" if severe else "N"}

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        planned, first = answers.get("trtpdtc"), answers.get("procdtc")
        yield from not_before_consent("trtpdtc", PLANNED_TREATMENT, planned, context)
        if first and first > context["now"]:
            yield Finding("procdtc", Level.HARD, FUTURE.format(label=FIRST_PROCEDURE))
        reason = answers.get("ieovrd")
        if reason is not None and len(reason.strip()) < SHORTEST_REASON:
            yield Finding(
                "ieovrd",
                Level.HARD,
                Text("Write the reason in at least 10 characters.", "请填写不少于10个字符的说明。"),
            )
