"""Deviations from the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import TextItem
from records.text import Text


class ProtocolDeviation(CaseReportForm):
    form = FormFacts("DV", Text("Protocol deviations", "方案偏离"), ("DV",), several=True, listed=("dvterm",))

    dvterm = TextItem(Text("Deviation", "偏离描述"), missing=(), name_cdash="DV.DVTERM")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
