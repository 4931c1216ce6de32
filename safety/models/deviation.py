"""Deviations from the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.conditions import When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, TextItem
from records.text import Text
from safety import codelists

MAJOR = When(dvsev="MAJOR")
REPORTED_BEFORE = Text(
    "It was reported to the ethics committee before it happened.", "报告伦理委员会日期早于偏离发生日期。"
)


class ProtocolDeviation(CaseReportForm):
    form = FormFacts(
        "DV",
        Text("Protocol deviations", "方案偏离"),
        ("DV",),
        several=True,
        listed=("dvterm", "dvdecod", "dvsev", "dvdtc"),
    )

    dvterm = TextItem(
        Text("Deviation", "偏离描述"), max_length=500, missing=(), width="l", name_cdash="DV.DVTERM"
    )
    dvdecod = CodeItem(
        Text("Category", "类别"), codes=codelists.CATEGORY, missing=(), name_cdash="DV.DVDECOD"
    )
    dvsev = CodeItem(Text("Severity", "严重程度"), codes=codelists.SEVERITY, missing=(), name_cdash="SUPPDV")
    dvdtc = DateItem(Text("Date", "发生日期"), missing=(), name_cdash="DV.DVSTDTC")
    dvact = TextItem(
        Text("Action", "处理措施"),
        section=Text("What was done", "处理"),
        max_length=500,
        required=MAJOR,
        missing=(),
        width="l",
        name_cdash="SUPPDV",
    )
    dvec = DateItem(
        Text("Reported to the ethics committee on", "报告伦理委员会日期"),
        required=MAJOR,
        missing=("ND",),
        name_cdash="SUPPDV",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        happened, reported = answers.get("dvdtc"), answers.get("dvec")
        if happened and reported and reported < happened:
            yield Finding("dvec", Level.HARD, REPORTED_BEFORE)
