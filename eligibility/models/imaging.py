"""One imaging examination with the lesions seen on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import DateItem
from records.text import Text


class Imaging(CaseReportForm):
    form = FormFacts(
        "IMG",
        Text("Imaging and lesion measurements", "影像学检查与病灶测量"),
        ("PR", "TU", "TR"),
        several=True,
        listed=("imgdtc",),
    )

    imgdtc = DateItem(Text("Imaging date", "检查日期"), missing=(), name_cdash="PR.PRSTDTC")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
