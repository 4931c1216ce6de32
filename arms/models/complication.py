"""Complications after hepatectomy, graded by Clavien-Dindo and, where there is one, by ISGLS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from arms import codelists
from arms.complications import ClavienDindo, Degree, ImpossibleComplication, in_period
from arms.models.readings import record_at, settings_for
from arms.models.surgery import Hepatectomy
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_in_future
from participants.selectors import case_forms_of
from records.codelists import NY
from records.conditions import When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, TextItem
from records.text import Text

NAMED_IN_WORDS = When(pocterm=("INFECTION", "OTHER"))

LATE = Text(
    "It began {days} days after hepatectomy, more than {limit}: later ones are adverse events. Confirm with a word.",
    "并发症开始于术后{days}天，超过{limit}天，应作为不良事件记录。请说明并确认。",
)
ENDS_FIRST = Text(
    "The end lies before the start. Correct one of the two.", "结束日期早于开始日期，请更正其中之一。"
)
DEATH = Text(
    "Grade V is death: confirm that the death is recorded.",
    "Clavien-Dindo V级为死亡，请确认已记录死亡。",
)


class PostoperativeComplication(CaseReportForm):
    form = FormFacts(
        "POC",
        Text("Post-operative complications", "术后并发症"),
        ("AE", "CE"),
        several=True,
        listed=("pocterm", "cdgrade", "pocdtc"),
    )

    pocterm = CodeItem(
        Text("Complication", "并发症名称"), codes=codelists.COMPLICATION, missing=(), name_cdash="AE.AETERM"
    )
    poctermd = TextItem(
        Text("Complication in words", "并发症描述"),
        required=NAMED_IN_WORDS,
        shown_when=NAMED_IN_WORDS,
        missing=(),
        width="l",
        name_cdash="AE.AETERM",
    )
    cdgrade = CodeItem(
        Text("Clavien-Dindo grade", "Clavien-Dindo分级"),
        help=Text(
            "II: drugs, transfusion. IIIa, IIIb: intervention without, with general anaesthesia."
            " IVa, IVb: failure of one organ, of several. V: death.",
            "II：药物或输血；IIIa/IIIb：非全麻/全麻下干预；IVa/IVb：单/多器官功能障碍；V：死亡。",
        ),
        codes=codelists.CLAVIEN_DINDO,
        missing=(),
        name_cdash="SUPPAE",
    )
    cdsuffd = CodeItem(
        Text("Disability at discharge (suffix d)", "出院时仍有功能障碍（后缀d）"),
        codes=NY,
        missing=(),
        name_cdash="SUPPAE",
    )
    phlfgr = CodeItem(
        Text("ISGLS grade of liver failure", "肝衰竭ISGLS分级"),
        codes=codelists.ISGLS,
        required=When(pocterm="PHLF"),
        shown_when=When(pocterm="PHLF"),
        missing=(),
        name_cdash="SUPPAE",
    )
    bilegr = CodeItem(
        Text("ISGLS grade of bile leak", "胆漏ISGLS分级"),
        codes=codelists.ISGLS,
        required=When(pocterm="BILELEAK"),
        shown_when=When(pocterm="BILELEAK"),
        missing=(),
        name_cdash="SUPPAE",
    )
    pocdtc = DateItem(Text("Start date", "开始日期"), missing=("NK",), name_cdash="AE.AESTDTC")
    pocenrf = CodeItem(Text("Ongoing", "是否持续"), codes=NY, missing=(), name_cdash="AE.AEENRF")
    pocendtc = DateItem(
        Text("End date", "结束日期"),
        required=When(pocenrf="N"),
        shown_when=When(pocenrf="N"),
        missing=("NK",),
        name_cdash="AE.AEENDTC",
    )
    reop = CodeItem(Text("Re-operation", "再手术"), codes=NY, missing=(), name_cdash="SUPPAE")
    readm = CodeItem(Text("Readmission", "再入院"), codes=NY, missing=(), name_cdash="SUPPAE")

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the day of the first operation (`operated_on`) and the settings. Two queries more."""
        given = super().context(visit=visit, **place)
        book = case_forms_of(visit.participant, (cls, Hepatectomy))
        operated = [one.surgdtc for one in book.of(Hepatectomy) if one.surgdtc]
        return {
            **given,
            "operated_on": min(operated, default=None),
            "settings": settings_for(record_at(book.of(cls), visit, given["repeat"]), place["today"]),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        begun, ended, operated = answers.get("pocdtc"), answers.get("pocendtc"), context["operated_on"]
        limit = context["settings"]["complication_days"]
        try:
            if begun and operated and not in_period(operated, begun, days=limit):
                words = LATE.format(days=(begun - operated).days, limit=limit)
                yield Finding("pocdtc", Level.SOFT, words)
        except ImpossibleComplication as impossible:
            yield Finding("pocdtc", Level.HARD, impossible.sentence)
        if begun and ended and ended < begun:
            yield Finding("pocendtc", Level.HARD, ENDS_FIRST)
        grade, disabled = answers.get("cdgrade"), answers.get("cdsuffd")
        if grade == "V":
            yield Finding("cdgrade", Level.SOFT, DEATH)
        if grade:
            try:
                ClavienDindo(Degree[grade], disability=disabled == "Y")
            except ImpossibleComplication as impossible:
                yield Finding("cdsuffd", Level.HARD, impossible.sentence)

    @property
    def grade(self) -> ClavienDindo | None:
        """Its grade by Clavien and Dindo, which is compared as such; None where it is not known yet."""
        return ClavienDindo(Degree[self.cdgrade], disability=self.cdsuffd == "Y") if self.cdgrade else None
