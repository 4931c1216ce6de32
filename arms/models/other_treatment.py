"""Anti-tumour treatment outside the protocol, adjuvant or therapeutic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from arms import codelists
from participants.models import CaseReportForm
from participants.models.forms import not_before_consent, not_in_future
from records.codelists import NY
from records.conditions import When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, TextItem
from records.text import Text

STARTED = Text("Start date", "开始日期")
BY_DRUG = ("TACE", "HAIC", "TARGETED", "IMMUNO", "TARGIMM", "CHEMO", "TCM", "INTERFERON")
ENDS_FIRST = Text(
    "The end lies before the start. Correct one of the two.", "结束日期早于开始日期，请更正其中之一。"
)


class OtherTreatment(CaseReportForm):
    form = FormFacts(
        "SACT",
        Text("Other anti-tumour treatment", "其他抗肿瘤治疗"),
        ("CM", "PR"),
        several=True,
        listed=("sacttype", "sactint", "sactstdtc"),
    )

    sacttype = CodeItem(
        Text("Type", "类型"), codes=codelists.OTHER_TREATMENT, missing=(), name_cdash="CM.CMCAT"
    )
    sactint = CodeItem(
        Text("Intent", "目的"),
        help=Text("Adjuvant: after resection, without recurrence.", "辅助：切除术后、无复发时给予。"),
        codes=codelists.INTENT,
        missing=(),
        name_cdash="SUPPCM",
    )
    # It censors progression-free survival, so it is never missing.
    sactstdtc = DateItem(STARTED, missing=(), name_cdash="CM.CMSTDTC")
    sactenrf = CodeItem(Text("Ongoing", "是否持续"), codes=NY, missing=(), name_cdash="CM.CMENRF")
    sactendtc = DateItem(
        Text("End date", "结束日期"),
        required=When(sactenrf="N"),
        shown_when=When(sactenrf="N"),
        missing=("NK",),
        name_cdash="CM.CMENDTC",
    )
    sactdrug = TextItem(
        Text("Drug(s)", "药物"),
        required=When(sacttype=BY_DRUG),
        missing=("NK",),
        width="l",
        name_cdash="CM.CMTRT",
    )
    sactwhy = CodeItem(
        Text("Reason", "原因"), codes=codelists.WHY_OTHER_TREATMENT, missing=(), name_cdash="CM.CMINDC"
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        begun, ended = answers.get("sactstdtc"), answers.get("sactendtc")
        yield from not_before_consent("sactstdtc", STARTED, begun, context)
        if begun and ended and ended < begun:
            yield Finding("sactendtc", Level.HARD, ENDS_FIRST)
