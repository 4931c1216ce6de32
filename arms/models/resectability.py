"""The review by the multidisciplinary team whether the tumour can be resected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import DateItem
from records.text import Text


class ResectabilityReview(CaseReportForm):
    form = FormFacts(
        "RES", Text("Resectability review (MDT)", "可切除性再评估"), ("RS", "DS"), several=False, listed=()
    )

    resdtc = DateItem(Text("Review date", "评估日期"), missing=(), name_cdash="RS.RSDTC")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
