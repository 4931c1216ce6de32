"""Adverse events, serious ones included: the medical fact, and what its report says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from eligibility import event_codelists, event_record
from eligibility.ctcae import CTCAE
from participants.dates import PartialDate
from participants.models import AnchorDate, CaseReportForm, FormRow, Participant
from participants.models.forms import not_in_future
from participants.schedule_file import Anchor
from records.codelists import NY
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts, RowFacts
from records.findings import Finding
from records.items import CodeItem, DateItem, DateTimeItem, GradeItem, PartialDateItem, TermItem, TextItem
from records.text import Text

SERIOUS = When(aeser="Y")


def _relation(label: Text, name_cdash: str = "AE.AEREL", section: Text | None = None) -> CodeItem:
    return CodeItem(
        label,
        section=section,
        codes=event_codelists.RELATION,
        missing=("NA",),
        name_cdash=name_cdash,
    )


def _criterion(label: Text, name_cdash: str) -> CodeItem:
    return CodeItem(label, codes=NY, required=SERIOUS, shown_when=SERIOUS, missing=(), name_cdash=name_cdash)


class AdverseEvent(CaseReportForm):
    form = FormFacts(
        "AE",
        Text("Adverse events and SAE", "不良事件/严重不良事件"),
        ("AE",),
        several=True,
        listed=("aeterm", "aestdtc", "aetoxgr", "aeser", "aeout"),
    )

    aeterm = TextItem(
        Text("Event", "不良事件名称"),
        section=Text("Event", "事件"),
        help=Text("In the words of the source; they are kept as typed.", "按原始记录填写，原文保留。"),
        missing=(),
        width="l",
        name_cdash="AE.AETERM",
    )
    aedecod = TermItem(
        Text("Term of CTCAE v4.03 or MedDRA", "CTCAE 4.03/MedDRA术语"),
        terms=CTCAE,
        required=NEVER,
        missing=(),
        name_cdash="AE.AEDECOD",
    )
    aebodsys = TextItem(
        Text("System organ class", "系统器官分类"), derived=True, required=NEVER, name_cdash="AE.AEBODSYS"
    )
    aestdtc = PartialDateItem(Text("Start date", "开始日期"), missing=("NK",), name_cdash="AE.AESTDTC")
    aetoxgr = GradeItem(
        Text("Worst grade CTCAE v4.03", "CTCAE 4.03 最高分级"),
        of="aedecod",
        hard=(1, 5),
        missing=("NK",),
        name_cdash="AE.AETOXGR",
    )
    aeout = CodeItem(
        Text("Outcome", "转归"), codes=event_codelists.OUTCOME, missing=(), name_cdash="AE.AEOUT"
    )
    aeendtc = PartialDateItem(
        Text("End date", "结束日期"),
        required=When(aeout=event_codelists.ENDED),
        shown_when=When(aeout=event_codelists.ENDED),
        missing=("NK",),
        name_cdash="AE.AEENDTC",
    )
    aesi = CodeItem(
        Text("Special interest", "特别关注不良事件"),
        codes=event_codelists.SPECIAL_INTEREST,
        missing=(),
        name_cdash="SUPPAE",
    )

    aeser = CodeItem(
        Text("Serious", "是否严重"),
        section=Text("Seriousness", "严重性"),
        codes=NY,
        missing=(),
        name_cdash="AE.AESER",
    )
    aesdth = _criterion(Text("Death", "死亡"), "AE.AESDTH")
    aeslife = _criterion(Text("Life-threatening", "危及生命"), "AE.AESLIFE")
    aeshosp = _criterion(Text("Hospitalisation, or prolonged", "住院或延长"), "AE.AESHOSP")
    aesdisab = _criterion(Text("Permanent or serious disability", "永久或严重残疾"), "AE.AESDISAB")
    aescong = _criterion(Text("Congenital anomaly", "先天异常"), "AE.AESCONG")
    aesmie = _criterion(Text("Other important medical event", "其他重要医学事件"), "AE.AESMIE")

    aerel_drug = _relation(
        Text("Relation to HAIC drugs", "与HAIC药物的关系"),
        section=Text("Relation and action", "相关性与措施"),
    )
    aerel_haic = _relation(Text("Relation to the HAIC procedure", "与HAIC操作的关系"), "AE.AERELNST")
    aerel_y90 = _relation(Text("Relation to Y-90 microspheres", "与钇-90微球的关系"))
    aerel_maa = _relation(Text("Relation to angiography and MAA", "与造影/MAA的关系"), "AE.AERELNST")
    aerel_surg = _relation(Text("Relation to hepatectomy", "与肝切除术的关系"), "AE.AERELNST")
    aerelany = CodeItem(
        Text("Related to a study treatment", "与研究治疗有关"),
        codes=NY,
        derived=True,
        required=NEVER,
        name_cdash="SUPPAE",
    )
    aeacn = CodeItem(
        Text("Action on treatment", "对治疗采取的措施"),
        codes=event_codelists.ACTION,
        missing=(),
        name_cdash="AE.AEACN",
    )

    saeaware = DateTimeItem(
        Text("Investigator became aware", "研究者获知时间"),
        section=Text("Report of a serious adverse event", "严重不良事件报告"),
        help=Text(
            "First awareness by any investigator of the site: the clock of 24 hours starts then.",
            "本中心任一研究者首次获知的时间，24小时报告时限由此计算。",
        ),
        required=SERIOUS,
        shown_when=SERIOUS,
        missing=(),
        name_cdash="SUPPAE",
    )
    saerep = DateTimeItem(
        Text("Initial report sent to sponsor", "首次报告申办者时间"),
        required=SERIOUS,
        shown_when=SERIOUS,
        missing=(),
        name_cdash="SUPPAE",
    )
    saeec = DateTimeItem(
        Text("Reported to the ethics committee", "报告伦理委员会时间"),
        required=SERIOUS,
        shown_when=SERIOUS,
        missing=("ND", "NA"),
        name_cdash="SUPPAE",
    )
    saeorg = DateTimeItem(
        Text("Reported to the institution", "报告机构时间"),
        required=SERIOUS,
        shown_when=SERIOUS,
        missing=("ND", "NA"),
        name_cdash="SUPPAE",
    )
    saeexp = CodeItem(
        Text("Expected", "是否预期"),
        codes=NY,
        required=When(aeser="Y", aerelany="Y"),
        shown_when=SERIOUS,
        missing=(),
        name_cdash="SUPPAE",
    )
    susar = CodeItem(
        Text("SUSAR", "可疑且非预期严重不良反应"),
        codes=NY,
        derived=True,
        required=NEVER,
        shown_when=SERIOUS,
        name_cdash="SUPPAE",
    )
    saenarr = TextItem(
        Text("Narrative", "事件经过"),
        help=Text("At least 50 characters in a complete report.", "完整报告不少于50个字符。"),
        max_length=4000,
        required=SERIOUS,
        shown_when=SERIOUS,
        missing=(),
        width="l",
        name_cdash="SUPPAE",
    )

    class Meta(CaseReportForm.Meta):
        indexes = [models.Index(fields=["aeser", "saeaware"], name="serious_events")]

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        yield from event_record.findings(answers)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        return event_record.derive(answers, context)


class FollowUpReport(FormRow):
    """What became known of a serious adverse event after its initial report."""

    rows = RowFacts(
        Text("Follow-up reports", "随访报告"),
        Text("Follow-up report", "随访报告"),
        after="saenarr",
        shown_when=SERIOUS,
    )

    record = models.ForeignKey(AdverseEvent, models.CASCADE, related_name="followups")
    saefudtc = DateItem(Text("Date of the follow-up report", "随访报告日期"), missing=(), name_cdash="SUPPAE")
    saefuinfo = TextItem(
        Text("New information", "新信息"), max_length=2000, missing=(), width="l", name_cdash="SUPPAE"
    )

    class Meta(FormRow.Meta):
        pass


def open_events(participant: Participant) -> list[AdverseEvent]:
    """The events that had not ended when the arm was assigned, or have not today: what criterion E1 reads.

    What began after assignment says nothing about eligibility. One query; two once an arm is assigned.
    """
    events = AdverseEvent.objects.filter(participant=participant).order_by("repeat")
    ongoing = list(events.exclude(aeout__in=event_codelists.ENDED).only("aeterm", "aetoxgr", "aestdtc"))
    if participant.arm is None:
        return ongoing
    assigned = AnchorDate.objects.filter(participant=participant, name=Anchor.A0).values_list(
        "date", flat=True
    )
    last = assigned.first()
    return [
        one
        for one in ongoing
        if last is None or not one.aestdtc or PartialDate.parse(one.aestdtc).earliest <= last
    ]
