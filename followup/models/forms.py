"""What is found at a follow-up visit: the assessment of the tumour's response."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from eligibility.codelists import METASTASIS_SITE
from eligibility.lesions import Criteria
from followup import codelists
from followup.models.survival import died_on, not_after_death
from followup.tumour_course import Answer, TumourCourse, read_course
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from records.conditions import NEVER, When
from records.definition import Derived, FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, MultiCodeItem, TextItem
from records.text import Text

ASSESSED = Text("Assessment date (latest imaging of the set)", "评价日期（以本次最晚影像日期为准）")
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
NEW_IS_RECURRENCE = Text(
    "The imaging shows a new lesion after hepatectomy. Say where the tumour came back, or confirm it with a word.",
    "影像显示肝切除术后出现新病灶。请填写复发部位，或填写说明予以确认。",
)
DIFFERS = Text(
    "Computed: {computed}. {reason} Correct one, or say why it differs.",
    "系统计算为{computed}。{reason}请更正其中之一，或说明不一致的原因。",
)
NON_TARGETS_DIFFER = Text(
    "By the states of the lesions: {computed}. {reason} Correct one, or say why it differs.",
    "按病灶状态应为{computed}。{reason}请更正其中之一，或说明不一致的原因。",
)
WITHOUT_IMAGING = Text(
    "No imaging with a date is entered at this visit. Enter it first, or confirm it with a word.",
    "本次访视未录入影像检查。请先录入，或填写说明予以确认。",
)
OTHER_DATE = Text(
    "The latest imaging of this visit is of {day}. Correct the date, or confirm it with a word.",
    "本次访视最晚影像日期为{day}。请更正日期，或填写说明予以确认。",
)
TARGETS_LOST = Text(
    "{ids} of the baseline are not in the imaging of this visit. Add them there with their state, or confirm it with a word.",
    "本次访视影像中缺少基线靶病灶{ids}。请在影像表中补充其状态，或填写说明予以确认。",
)
ALREADY = Text(
    "This visit has an assessment by {criteria} (number {repeat}). Open that one.",
    "本次访视已有{criteria}评价（第{repeat}条），请打开该记录。",
)


class TumourResponse(CaseReportForm):
    """One assessment by one set of criteria, judged from all imaging (followup/tumour_course.py)."""

    form = FormFacts(
        "RSP",
        Text("Tumour response", "疗效评价"),
        ("RS", "CE"),
        several=True,
        listed=("rscat", "rsdtc", "ovrlresp", "rsinv"),
    )
    rules_version = "RESPONSE-1"

    rsdtc = DateItem(
        ASSESSED,
        section=Text("Assessment", "评价"),
        missing=(),
        name_cdash="RS.RSDTC",
    )
    rscat = CodeItem(
        Text("Criteria", "评价标准"), codes=codelists.CRITERIA, missing=(), name_cdash="RS.RSCAT"
    )
    trgresp = CodeItem(
        Text("Target response", "靶病灶疗效"),
        codes=codelists.TARGET_RESPONSE,
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES TRGRESP",
    )
    ntrgresp = CodeItem(
        Text("Non-target response", "非靶病灶疗效"),
        codes=codelists.NON_TARGET_RESPONSE,
        missing=("ND",),
        name_cdash="RS.RSORRES NTRGRESP",
    )
    ovrlresp = CodeItem(
        Text("Overall response", "总体疗效"),
        codes=codelists.OVERALL_RESPONSE,
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES OVRLRESP",
    )
    rsinv = CodeItem(
        Text("Investigator's overall response", "研究者总体疗效"),
        codes=codelists.OVERALL_RESPONSE,
        missing=(),
        name_cdash="RS.RSORRES OVRLRESP (RSEVAL INVESTIGATOR)",
    )
    bor = CodeItem(
        Text("Best overall response", "最佳疗效"),
        codes=codelists.OVERALL_RESPONSE,
        help=Text("Up to this assessment.", "截至本次评价。"),
        derived=True,
        required=NEVER,
        name_cdash="RS.RSORRES BESTRESP",
    )
    recurfl = CodeItem(
        Text("Recurrence after resection", "术后复发"),
        codes=codelists.RECURRENCE,
        section=Text("After hepatectomy", "肝切除术后"),
        required=When(resected="Y"),
        shown_when=When(resected="Y"),
        missing=("ND",),
        name_cdash="RS.RSORRES / CE",
    )
    recursite = MultiCodeItem(
        Text("Site outside the liver", "肝外复发部位"),
        codes=METASTASIS_SITE,
        required=When(resected="Y", recurfl=("EXTRAHEPATIC", "BOTH")),
        shown_when=When(resected="Y", recurfl=("EXTRAHEPATIC", "BOTH")),
        missing=("NK",),
        name_cdash="CE.CELOC",
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
        """Add `course` (followup/tumour_course.py), `visit_id`, `resected`, and `died_on`; six queries more.

        `resected` is Y where the visit's imaging, or without any the day the visit is aimed at, lies after the
        hepatectomy.
        """
        given = super().context(visit=visit, **place)
        course = read_course(visit.participant_id, cls._default_manager.all(), given["today"])
        return {
            **given,
            **cls.context_of(course, visit, given["today"]),
            "died_on": died_on(visit.participant_id),
        }

    @classmethod
    def context_of(cls, course: TumourCourse, visit: Visit, today: date) -> dict[str, Any]:
        """What the derivations of a visit read of a course that was read already."""
        imaging = course.imaging.at(visit.pk)
        on = (imaging.on if imaging else None) or visit.target_from or today
        return {
            "course": course,
            "settings": course.settings,
            "visit_id": visit.pk,
            "resected": "Y" if course.is_resected(on) else "N",
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        yield from not_before_consent("rsdtc", ASSESSED, answers.get("rsdtc"), context)
        yield from not_after_death("rsdtc", ASSESSED, answers.get("rsdtc"), context)
        yield from _against_imaging(answers, context)
        yield from _against_what_is_computed(answers, context)

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        return _course_with(answers, context).respond(context["visit_id"], answers.get("rscat"))


def _course_with(answers: Mapping[str, Any], context: Mapping[str, Any]) -> TumourCourse:
    """The course as it is with the answers that stand on the form now."""
    course: TumourCourse = context["course"]
    if not answers.get("rscat"):
        return course
    answer = Answer(answers.get("ntrgresp") or "", answers.get("recurfl") or "", answers.get("rsinv") or "")
    return course.with_answer(context["visit_id"], answers["rscat"], answer)


def _against_imaging(answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Finding]:
    """Hold an assessment against the imaging of its visit, and against other assessments of it."""
    course: TumourCourse = context["course"]
    visit, criteria = context["visit_id"], answers.get("rscat")
    other = course.answers.get((visit, criteria or ""))
    if other is not None and other.repeat != context["repeat"]:
        words = ALREADY.format(criteria=codelists.CRITERIA.label(criteria or ""), repeat=other.repeat)
        yield Finding("rscat", Level.HARD, words)
    imaging = course.imaging.at(visit)
    if answers.get("rsdtc") and imaging is None:
        yield Finding("rsdtc", Level.SOFT, WITHOUT_IMAGING)
    elif answers.get("rsdtc") and imaging and answers["rsdtc"] != imaging.on:
        yield Finding("rsdtc", Level.SOFT, OTHER_DATE.format(day=imaging.on))
    lost = course.lost_targets(visit)
    if lost:
        yield Finding("trgresp", Level.SOFT, TARGETS_LOST.format(ids=", ".join(lost)))
    said = answers.get("ntrgresp")
    found = course.non_targets(visit, Criteria(criteria)) if criteria and said else None
    if found is not None and said != found.response:
        computed = codelists.NON_TARGET_RESPONSE.label(found.response.value)
        words = NON_TARGETS_DIFFER.format(computed=computed, reason=found.reason)
        yield Finding("ntrgresp", Level.SOFT, words)
    if imaging and imaging.new_lesion == "Y" and answers.get("recurfl") == "NONE":
        yield Finding("recurfl", Level.SOFT, NEW_IS_RECURRENCE)


def _against_what_is_computed(answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Finding]:
    """Ask about an investigator's response that differs from the computed one, or contradicts itself."""
    judged, computed = answers.get("rsinv"), answers.get("ovrlresp")
    if not judged:
        return
    if computed is not None:
        if judged != computed:
            reason = _course_with(answers, context).respond(context["visit_id"], answers.get("rscat"))
            words = DIFFERS.format(
                computed=codelists.OVERALL_RESPONSE.label(computed), reason=reason["ovrlresp"].reason
            )
            yield Finding("rsinv", Level.SOFT, words)
        return
    resected = context.get("resected") == "Y"
    if judged != "PD":
        if answers.get("ntrgresp") == "PD":
            yield Finding("rsinv", Level.SOFT, NON_TARGET_IS_PD)
        elif answers.get("recurfl") not in (None, "NONE"):
            yield Finding("rsinv", Level.SOFT, RECURRENCE_IS_PD)
        elif judged == "NED" and not resected:
            yield Finding("rsinv", Level.SOFT, NED_ONLY_RESECTED)
        elif judged == "CR" and resected:
            yield Finding("rsinv", Level.SOFT, CR_OF_REMOVED)
