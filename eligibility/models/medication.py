"""Concomitant medication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eligibility import event_codelists
from eligibility.models.adverse_event import AdverseEvent
from participants.dates import PartialDate
from participants.models import CaseReportForm, Condition, Visit
from participants.models.forms import not_in_future
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DecimalItem, LinkItem, PartialDateItem, TextItem
from records.text import Text

ENDS_BEFORE = Text("The medication ends before it starts.", "结束日期早于开始日期。")
NO_SUCH_EVENT = Text("There is no adverse event of this number.", "没有该序号的不良事件。")
NO_SUCH_CONDITION = Text("There is no condition of this number in the history.", "病史中没有该序号的疾病。")


class ConcomitantMedication(CaseReportForm):
    form = FormFacts(
        "CM",
        Text("Concomitant medication", "合并用药"),
        ("CM",),
        several=True,
        listed=("cmtrt", "cmcat", "cmstdtc", "cmenrf"),
    )

    cmtrt = TextItem(
        Text("Drug", "药物名称"),
        section=Text("Drug", "药物"),
        missing=(),
        width="l",
        name_cdash="CM.CMTRT",
    )
    cmatc = TextItem(
        Text("ATC code", "ATC编码"),
        max_length=10,
        required=NEVER,
        missing=(),
        width="s",
        name_cdash="CM.CMCLASCD",
    )
    cmcat = CodeItem(
        Text("Category", "类别"),
        codes=event_codelists.DRUG_CATEGORY,
        missing=(),
        name_cdash="CM.CMCAT",
    )
    cmdose = DecimalItem(
        Text("Dose", "剂量"),
        places=3,
        hard=(0, 100000),
        missing=("NK",),
        width="s",
        name_cdash="CM.CMDOSE",
    )
    cmdosu = CodeItem(
        Text("Unit", "剂量单位"),
        codes=event_codelists.DOSE_UNIT,
        missing=("NK",),
        width="s",
        name_cdash="CM.CMDOSU",
    )
    cmdosfrq = CodeItem(
        Text("Frequency", "频次"),
        codes=event_codelists.FREQUENCY,
        missing=("NK",),
        name_cdash="CM.CMDOSFRQ",
    )
    cmroute = CodeItem(
        Text("Route", "途径"), codes=event_codelists.ROUTE, missing=("NK",), name_cdash="CM.CMROUTE"
    )
    cmstdtc = PartialDateItem(
        Text("Start date", "开始日期"),
        section=Text("Time", "时间"),
        missing=("NK",),
        name_cdash="CM.CMSTDTC",
    )
    cmenrf = CodeItem(Text("Ongoing", "是否持续"), codes=NY, missing=("NK",), name_cdash="CM.CMENRF")
    cmendtc = PartialDateItem(
        Text("End date", "结束日期"),
        required=When(cmenrf="N"),
        shown_when=When(cmenrf="N"),
        missing=("NK",),
        name_cdash="CM.CMENDTC",
    )
    cmindc = TextItem(
        Text("Indication", "用药原因"),
        section=Text("Why it is taken", "用药原因"),
        missing=("NK",),
        width="l",
        name_cdash="CM.CMINDC",
    )
    cmaeno = LinkItem(
        Text("Adverse event treated (number)", "相关不良事件（序号）"),
        hard=(1, None),
        required=NEVER,
        missing=(),
        name_cdash="RELREC (AE)",
    )
    cmmhno = LinkItem(
        Text("Condition treated (number)", "相关病史（序号）"),
        hard=(1, None),
        required=NEVER,
        missing=(),
        name_cdash="RELREC (MH)",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add `cmaeno_choices` and `cmmhno_choices`: what a drug may be taken for, pairs of a number and words."""
        return {
            **super().context(visit=visit, **place),
            "cmaeno_choices": events_of(visit.participant_id),
            "cmmhno_choices": conditions_of(visit.participant_id),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        start, end = answers.get("cmstdtc"), answers.get("cmendtc")
        if start and end and PartialDate.parse(end).latest < PartialDate.parse(start).earliest:
            yield Finding("cmendtc", Level.HARD, ENDS_BEFORE)
        for item, words in (("cmaeno", NO_SUCH_EVENT), ("cmmhno", NO_SUCH_CONDITION)):
            number = answers.get(item)
            if number is not None and str(number) not in dict(context[f"{item}_choices"]):
                yield Finding(item, Level.HARD, words, on_submission=True)


def events_of(participant_id: int) -> list[tuple[str, str]]:
    """The participant's adverse events: number, and words to tell them apart. One query."""
    known = AdverseEvent.objects.filter(participant_id=participant_id).order_by("repeat")
    return [
        (str(number), f"{number} · {term or '–'} {began or ''}".rstrip())
        for number, term, began in known.values_list("repeat", "aeterm", "aestdtc")
    ]


def conditions_of(participant_id: int) -> list[tuple[str, str]]:
    """The conditions of the participant's history: number of the row, and its words. One query."""
    known = Condition.objects.filter(participant_id=participant_id).order_by("number")
    return [
        (str(number), f"{number} · {term or '–'}") for number, term in known.values_list("number", "mhterm")
    ]
