"""Concomitant medication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import TextItem
from records.text import Text


class ConcomitantMedication(CaseReportForm):
    form = FormFacts(
        "CM", Text("Concomitant medication", "合并用药"), ("CM",), several=True, listed=("cmtrt",)
    )

    cmtrt = TextItem(Text("Drug", "药物名称"), missing=(), name_cdash="CM.CMTRT")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
