"""Survival, and death."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import DateItem
from records.text import Text


class SurvivalFollowUp(CaseReportForm):
    form = FormFacts(
        "SURV",
        Text("Survival follow-up and death", "生存随访与死亡"),
        ("SS", "DD"),
        several=True,
        listed=("ssdtc",),
    )

    ssdtc = DateItem(Text("Contact date", "随访日期"), missing=(), name_cdash="SS.SSDTC")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
