"""Complications after hepatectomy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import TextItem
from records.text import Text


class PostoperativeComplication(CaseReportForm):
    form = FormFacts(
        "POC",
        Text("Post-operative complications", "术后并发症"),
        ("AE", "CE"),
        several=True,
        listed=("pocterm",),
    )

    pocterm = TextItem(Text("Complication", "并发症名称"), missing=(), name_cdash="AE.AETERM")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
