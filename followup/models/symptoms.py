"""Symptoms as the participant records them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import DateItem
from records.text import Text


class SymptomRecord(CaseReportForm):
    form = FormFacts(
        "SYM", Text("Symptom record", "受试者症状记录"), ("QS", "FA"), several=True, listed=("symdtc",)
    )

    symdtc = DateItem(Text("Date", "记录日期"), missing=(), name_cdash="QS.QSDTC")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
