"""The end of treatment, and the end of the study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from followup import codelists
from followup.models.survival import died_on
from participants.models import CaseReportForm, Visit
from participants.models.forms import not_before_consent, not_in_future
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState
from records.conditions import NEVER, When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, TextItem
from records.text import Text

ENDED = Text("Date", "日期")

BEFORE_ASSIGNMENT = Text(
    "The date lies before the assignment of {day}. Correct it.", "该日期早于分组日期（{day}），请更正。"
)
ALREADY = Text(
    "“{which}” is on record already (number {repeat}). Open that one.",
    "已有“{which}”记录（第{repeat}条），请打开该记录。",
)
BEFORE_END_OF_TREATMENT = Text(
    "The study cannot end before treatment did on {day}. Correct one of the dates.",
    "研究结束日期不能早于治疗结束日期（{day}），请更正其中之一。",
)
NOT_A_SCREEN_FAILURE = Text(
    "Screen failure is declared on the eligibility page by the investigator, who names the criteria.",
    "筛选失败须由研究者在入排判定页面声明并注明不符合的标准。",
)
IS_A_SCREEN_FAILURE = Text(
    "This participant failed screening: the study ends for that reason.",
    "该受试者筛选失败，研究结束原因应为“筛选失败”。",
)
FOLLOW_UP_GOES_ON = Text(
    "Who stops treatment only stays in follow-up: this is the end of treatment, not of the study.",
    "仅停止治疗者继续随访：应填“治疗结束”，而非“研究结束”。",
)
NOT_TREATED = Text(
    "Nobody completes the study who was not treated. Choose the reason why it ended.",
    "未接受治疗者不能填“完成”，请选择结束的原因。",
)
NO_DEATH = Text(
    "No death is on record. Enter it on the survival form, or confirm this with a word.",
    "无死亡记录。请在生存随访表录入，或填写说明予以确认。",
)


class Disposition(CaseReportForm):
    form = FormFacts(
        "DS",
        Text("End of treatment / end of study", "治疗结束/研究结束"),
        ("DS",),
        several=True,
        listed=("dsscat", "dsstdtc", "dsdecod"),
    )

    dsscat = CodeItem(
        Text("Which end", "结束类型"), codes=codelists.WHICH_END, missing=(), name_cdash="DS.DSSCAT"
    )
    dsstdtc = DateItem(ENDED, missing=(), name_cdash="DS.DSSTDTC")
    dsdecod = CodeItem(Text("Reason", "原因"), codes=codelists.WHY_ENDED, missing=(), name_cdash="DS.DSDECOD")
    wdscope = CodeItem(
        Text("If consent withdrawn: scope", "撤回范围"),
        codes=codelists.WITHDRAWAL_SCOPE,
        required=When(dsdecod="WITHDRAWAL"),
        shown_when=When(dsdecod="WITHDRAWAL"),
        missing=(),
        name_cdash="SUPPDS",
    )
    dsterm = TextItem(
        Text("Reason in words", "原因说明"),
        help=Text("Of a screen failure, the criteria that failed.", "筛选失败时为不符合的标准。"),
        max_length=500,
        required=NEVER,
        missing=(),
        width="l",
        name_cdash="DS.DSTERM",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def context(cls, *, visit: Visit, **place: Any) -> dict[str, Any]:
        """Add `a0`, `status`, `treated`, `died_on`, and `others`: the other records by which end; four queries more."""
        given = super().context(visit=visit, **place)
        rows = cls._default_manager.filter(participant_id=visit.participant_id).exclude(dsscat=None)
        anchors = visit.participant.anchors.filter(name=Anchor.A0)
        return {
            **given,
            "a0": anchors.values_list("date", flat=True).first(),
            "status": visit.participant.status,
            "treated": visit.participant.statuses.filter(status=ParticipantState.ON_TREATMENT).exists(),
            "died_on": died_on(visit.participant_id),
            "others": {
                row["dsscat"]: row
                for row in rows.values("dsscat", "dsstdtc", "repeat", "visit_id")
                if (row["visit_id"], row["repeat"]) != (visit.pk, given["repeat"])
            },
        }

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        day, which = answers.get("dsstdtc"), answers.get("dsscat")
        yield from not_before_consent("dsstdtc", ENDED, day, context)
        if day and context["a0"] and day < context["a0"]:
            yield Finding("dsstdtc", Level.HARD, BEFORE_ASSIGNMENT.format(day=context["a0"]))
        other = context["others"].get(which)
        if other is not None:
            words = ALREADY.format(which=codelists.WHICH_END.label(str(which)), repeat=other["repeat"])
            yield Finding("dsscat", Level.HARD, words)
        ended = context["others"].get("EOT", {}).get("dsstdtc")
        if which == "EOS" and day and ended and day < ended:
            yield Finding("dsstdtc", Level.HARD, BEFORE_END_OF_TREATMENT.format(day=ended))
        yield from _reason(answers, context)


def _reason(answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Finding]:
    why, which, status = answers.get("dsdecod"), answers.get("dsscat"), context["status"]
    if not why:
        return
    failed = status == ParticipantState.SCREEN_FAILURE
    if why == "SCREENFAILURE" and not failed:
        yield Finding("dsdecod", Level.HARD, NOT_A_SCREEN_FAILURE)
    elif failed and why != "SCREENFAILURE":
        yield Finding("dsdecod", Level.HARD, IS_A_SCREEN_FAILURE)
    if answers.get("wdscope") == "TREATMENT" and which == "EOS":
        yield Finding("wdscope", Level.HARD, FOLLOW_UP_GOES_ON)
    if why == "COMPLETED" and which == "EOS" and not context["treated"]:
        yield Finding("dsdecod", Level.HARD, NOT_TREATED)
    if why == "DEATH" and context["died_on"] is None:
        yield Finding("dsdecod", Level.SOFT, NO_DEATH)
