"""Anti-tumour treatment outside the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import DateItem
from records.text import Text


class OtherTreatment(CaseReportForm):
    form = FormFacts(
        "SACT",
        Text("Other anti-tumour treatment", "其他抗肿瘤治疗"),
        ("CM", "PR"),
        several=True,
        listed=("sactstdtc",),
    )

    sactstdtc = DateItem(Text("Start", "开始日期"), missing=(), name_cdash="CM.CMSTDTC")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
