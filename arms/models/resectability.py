"""The review by the multidisciplinary team whether the tumour can be resected, and how treatment goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from arms import codelists
from arms.haic_cycles import LAST_CYCLE, days_after_last_cycle
from arms.models.haic import HaicCycle
from arms.models.readings import settings_for
from arms.reviews import AGAINST_RESECTION, CONTINUE, HEPATECTOMY, RESECTABLE, Decision
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.schedule_file import Anchor
from participants.selectors import case_forms_of
from records import clock
from records.codelists import NY
from records.conditions import When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, DecimalItem, MultiCodeItem, TextItem
from records.text import Text

REVIEWED = Text("Review date", "评估日期")
NOT_RESECTABLE = When(resres=("NOTYET", *AGAINST_RESECTION))
# The visits of the reviews the protocol foresees; at any other one a review has no window.
HAIC_REVIEWS, Y90_REVIEW = ("H-R2", "H-R4"), "Y-M3"

ASK = Text(" Confirm with a word.", "请说明并确认。")
NO_HAIC = Text(
    "HAIC goes on only in the HAIC arm, and after fewer than {most} cycles. Choose another decision.",
    "仅HAIC组且未满{most}个疗程者可继续HAIC，请选择其他后续方案。",
)
AGAINST = Text(
    "Hepatectomy was decided although the result speaks against it. Correct one, or confirm it with a word.",
    "评估结论不支持切除，但后续方案为肝切除。请更正其中之一，或填写说明予以确认。",
)
CONTRAINDICATED = Text(
    "Hepatectomy was decided although surgery is contraindicated. Correct one, or confirm it with a word.",
    "存在手术禁忌，但后续方案为肝切除。请更正其中之一，或填写说明予以确认。",
)
RESECTABLE_AND_NOT = Text(
    "The tumour is resectable and another decision was taken. Correct one, or confirm it with a word.",
    "评估结论为可切除，但后续方案不是肝切除。请更正其中之一，或填写说明予以确认。",
)
PROGRESSION_AND_ON = Text(
    "HAIC goes on although the tumour progresses or cannot be resected. Correct one, or confirm it with a word.",
    "肿瘤进展或不可切除，但后续方案为继续HAIC。请更正其中之一，或填写说明予以确认。",
)


def _percent(label: Text, low: int, soft_to: str | None = None) -> DecimalItem:
    return DecimalItem(
        label,
        unit="%",
        places=1,
        digits=4,
        hard=(low, 100),
        soft=(None, soft_to) if soft_to else None,
        required=When(nextstep=HEPATECTOMY),
        missing=("ND",),
        width="s",
        name_cdash="RS.RSORRES",
    )


class ResectabilityReview(CaseReportForm):
    form = FormFacts("RES", Text("Resectability review (MDT)", "可切除性再评估（MDT）"), ("RS", "DS"))

    resdtc = DateItem(REVIEWED, section=Text("Review", "评估"), missing=(), name_cdash="RS.RSDTC")
    resres = CodeItem(
        Text("Result", "评估结论"), codes=codelists.REVIEW_RESULT, missing=(), name_cdash="RS.RSORRES"
    )
    reswhy = MultiCodeItem(
        Text("Reason not resectable", "不可切除原因"),
        codes=codelists.WHY_NOT_RESECTABLE,
        required=NOT_RESECTABLE,
        shown_when=NOT_RESECTABLE,
        missing=(),
        name_cdash="SUPPRS",
    )
    flr2 = _percent(Text("Future liver remnant", "剩余肝体积比"), 5)
    icgr15 = _percent(Text("ICG-R15", "ICG-R15"), 0, "29.9")
    surgcontra = CodeItem(
        Text("Surgical contraindication", "手术禁忌"), codes=NY, missing=(), name_cdash="RS.RSORRES"
    )
    surgcontrad = TextItem(
        Text("Which contraindication", "手术禁忌说明"),
        required=When(surgcontra="Y"),
        shown_when=When(surgcontra="Y"),
        missing=(),
        width="l",
        name_cdash="SUPPRS",
    )
    nextstep = CodeItem(
        Text("Decision", "后续方案"),
        section=Text("Decision", "后续决定"),
        help=Text(
            "Cycles 3 and 4 follow only where HAIC is continued.", "选择“继续HAIC”后方可进行第3、4疗程。"
        ),
        codes=codelists.NEXT_STEP,
        missing=(),
        name_cdash="DS.DSDECOD",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add the cycles given before (`cycles`), the end of the last one (`last_end`), A1 (`treated_on`), the settings."""
        book = case_forms_of(visit.participant, (cls, HaicCycle))
        cycles = [one for one in book.of(HaicCycle) if one.visit.position < visit.position]
        ends = [clock.day(one.hcathout) for one in cycles if one.hcathout]
        this = next((one for one in book.of(cls) if one.visit_id == visit.pk), None)
        anchors = visit.participant.anchors.filter(name=Anchor.A1)
        return {
            **super().context(visit=visit, **place),
            "cycles": len(cycles),
            "last_end": max(ends, default=None),
            "treated_on": anchors.values_list("date", flat=True).first(),
            "settings": settings_for(this, place["today"]),
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        yield from not_before_consent("resdtc", REVIEWED, answers.get("resdtc"), context)
        yield from _in_time(answers.get("resdtc"), context)
        result, step = answers.get("resres"), answers.get("nextstep")
        if step == CONTINUE and (context.get("arm") != "HAIC" or context["cycles"] >= LAST_CYCLE):
            yield Finding("nextstep", Level.HARD, NO_HAIC.format(most=LAST_CYCLE))
        elif step == CONTINUE and result in AGAINST_RESECTION:
            yield Finding("nextstep", Level.SOFT, PROGRESSION_AND_ON)
        elif step == HEPATECTOMY and result in ("NOTYET", *AGAINST_RESECTION):
            yield Finding("nextstep", Level.SOFT, AGAINST)
        elif step == HEPATECTOMY and answers.get("surgcontra") == "Y":
            yield Finding("nextstep", Level.SOFT, CONTRAINDICATED)
        elif result == RESECTABLE and step not in (None, HEPATECTOMY):
            yield Finding("nextstep", Level.SOFT, RESECTABLE_AND_NOT)

    @property
    def decision(self) -> Decision | None:
        """What it decides once it is submitted; None before."""
        if not self.submitted or self.resdtc is None:
            return None
        return Decision(self.resdtc, self.resres or "", self.nextstep or "")


def _in_time(on: date | None, context: Mapping[str, Any]) -> Iterable[Finding]:
    """Ask about a review outside the window the protocol plans for it."""
    settings = context["settings"]
    if context.get("visit_code") in HAIC_REVIEWS:
        since, window = context["last_end"], "haic_review"
        words = Text(
            "The review is {days} days after the end of the last cycle; planned are {low}–{high}.",
            "评估距末次疗程结束{days}天，计划为{low}–{high}天。",
        )
    elif context.get("visit_code") == Y90_REVIEW:
        since, window = context["treated_on"], "review_y90"
        words = Text(
            "The review is {days} days after the infusion; planned are {low}–{high}.",
            "评估距输注{days}天，计划为{low}–{high}天。",
        )
    else:
        return
    if on is None or since is None:
        return
    days, low, high = days_after_last_cycle(since, on), settings[f"{window}_from"], settings[f"{window}_to"]
    if not low <= days <= high:
        yield Finding("resdtc", Level.SOFT, words.format(days=days, low=low, high=high) + ASK)
