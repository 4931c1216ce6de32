"""Adverse events, serious ones included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import TextItem
from records.text import Text


class AdverseEvent(CaseReportForm):
    form = FormFacts(
        "AE", Text("Adverse events", "不良事件/严重不良事件"), ("AE",), several=True, listed=("aeterm",)
    )

    aeterm = TextItem(Text("Event", "不良事件名称"), missing=(), name_cdash="AE.AETERM")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
