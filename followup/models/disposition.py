"""The end of treatment, and the end of the study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import DateItem
from records.text import Text


class Disposition(CaseReportForm):
    form = FormFacts(
        "DS",
        Text("End of treatment / end of study", "治疗结束/研究结束"),
        ("DS",),
        several=True,
        listed=("dsstdtc",),
    )

    dsstdtc = DateItem(Text("Date", "日期"), missing=(), name_cdash="DS.DSSTDTC")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
