"""What is found at a follow-up visit: the assessment of the tumour's response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from followup import codelists
from participants.models import AnchorDate, CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.schedule_file import Anchor
from records.conditions import NEVER, When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, TextItem
from records.text import Text

NEW_LESION_IS_PD = Text(
    "A new lesion means PD. Correct the overall response, or confirm it with a word.",
    "出现新病灶应评为PD。请更正总体疗效，或填写说明予以确认。",
)
NON_TARGET_IS_PD = Text(
    "PD of non-target lesions makes the overall response PD. Correct one, or confirm it with a word.",
    "非靶病灶PD时总体疗效应为PD。请更正其中之一，或填写说明予以确认。",
)
NED_ONLY_RESECTED = Text(
    "NED describes a participant after hepatectomy, and none is recorded. Correct it, or confirm it with a word.",
    "NED用于肝切除术后的受试者，目前无肝切除记录。请更正，或填写说明予以确认。",
)
CR_OF_REMOVED = Text(
    "After hepatectomy, removed lesions are no CR: choose NED, or PD at recurrence. Correct it, or confirm it with a word.",
    "肝切除术后不以已切除的病灶评为CR：应选NED，复发时选PD。请更正，或填写说明予以确认。",
)
RECURRENCE_IS_PD = Text(
    "A recurrence is PD. Correct the overall response, or the recurrence, or confirm it with a word.",
    "术后复发应评为PD。请更正总体疗效或复发情况，或填写说明予以确认。",
)


class TumourResponse(CaseReportForm):
    """One assessment by one set of criteria; sums of lesions are not kept here yet."""

    form = FormFacts(
        "RSP", Text("Tumour response", "疗效评价"), ("RS",), several=True, listed=("rscat", "rsdtc", "rsinv")
    )

    rsdtc = DateItem(
        Text("Assessment date (latest imaging of the set)", "评价日期（以本次最晚影像日期为准）"),
        section=Text("Assessment", "评价"),
        missing=(),
        name_cdash="RS.RSDTC",
    )
    rscat = CodeItem(
        Text("Criteria", "评价标准"), codes=codelists.CRITERIA, missing=(), name_cdash="RS.RSCAT"
    )
    ntrgresp = CodeItem(
        Text("Non-target response", "非靶病灶疗效"),
        codes=codelists.NON_TARGET_RESPONSE,
        missing=("ND",),
        name_cdash="RS.RSORRES NTRGRESP",
    )
    newles = CodeItem(
        Text("New lesion", "新病灶"),
        codes=codelists.NEW_LESION,
        missing=("ND",),
        name_cdash="RS.RSORRES NEWLES",
    )
    rsinv = CodeItem(
        Text("Investigator's overall response", "研究者总体疗效"),
        codes=codelists.OVERALL_RESPONSE,
        missing=(),
        name_cdash="RS.RSORRES OVRLRESP (RSEVAL INVESTIGATOR)",
    )
    recurfl = CodeItem(
        Text("Recurrence after resection, and where", "术后复发及部位"),
        codes=codelists.RECURRENCE,
        section=Text("After hepatectomy", "肝切除术后"),
        required=When(resected="Y"),
        shown_when=When(resected="Y"),
        missing=("ND",),
        name_cdash="RS.RSORRES / CE",
    )
    rsfind = TextItem(
        Text("What was found", "检查所见"),
        section=Text("Findings", "所见"),
        max_length=500,
        required=NEVER,
        missing=(),
        width="l",
        name_cdash="SUPPRS",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add `resected`: Y where a hepatectomy is on record. One query more."""
        resected = AnchorDate.objects.filter(participant_id=visit.participant_id, name=Anchor.A2).exists()
        return {**super().context(visit=visit, **place), "resected": "Y" if resected else "N"}

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        yield from not_before_consent(
            "rsdtc", Text("Assessment date", "评价日期"), answers.get("rsdtc"), context
        )
        overall = answers.get("rsinv")
        if overall and overall != "PD":
            if answers.get("newles") == "Y":
                yield Finding("rsinv", Level.SOFT, NEW_LESION_IS_PD)
            elif answers.get("ntrgresp") == "PD":
                yield Finding("rsinv", Level.SOFT, NON_TARGET_IS_PD)
            elif answers.get("recurfl") not in (None, "NONE"):
                yield Finding("rsinv", Level.SOFT, RECURRENCE_IS_PD)
            elif overall == "NED" and context.get("resected") != "Y":
                yield Finding("rsinv", Level.SOFT, NED_ONLY_RESECTED)
            elif overall == "CR" and context.get("resected") == "Y":
                yield Finding("rsinv", Level.SOFT, CR_OF_REMOVED)
