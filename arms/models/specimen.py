"""The pathology of a specimen of hepatectomy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from participants.models import CaseReportForm
from participants.models.forms import not_in_future
from records.definition import FormFacts
from records.findings import Finding
from records.items import TextItem
from records.text import Text


class Pathology(CaseReportForm):
    form = FormFacts("PATH", Text("Pathology", "病理"), ("MI",), several=True, listed=("pathno",))

    pathno = TextItem(Text("Pathology number", "病理号"), missing=(), name_cdash="MI.MIREFID")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
