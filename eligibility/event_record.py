"""What the form of an adverse event computes and checks from its answers.

Answers are named as the items of the form; `context` carries what `AdverseEvent.context` collects. Nothing here
reads another form: what does not fit elsewhere is found after the event was saved (safety/cross_checks.py).
Source: protocol specification sections 8.19, 8.26 and 9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eligibility import ctcae
from eligibility.event_rules import is_related, judge_susar
from participants.dates import PartialDate, trial_day
from records.definition import Derived
from records.findings import Finding, Level
from records.text import Text

Answers = Mapping[str, Any]

RELATIONS = ("aerel_drug", "aerel_haic", "aerel_y90", "aerel_maa", "aerel_surg")
SERIOUS_BECAUSE = ("aesdth", "aeslife", "aeshosp", "aesdisab", "aescong", "aesmie")
SHORTEST_NARRATIVE = 50

CONFIRM = Text(" Correct it, or confirm it with a word.", "请更正，或填写说明予以确认。")
ENDS_BEFORE = Text("The event ends before it starts.", "结束日期早于开始日期。")
NO_SUCH_GRADE = Text(
    "CTCAE has no grade {grade} for “{term}”. Choose another grade or another term.",
    "CTCAE中“{term}”没有{grade}级，请选择其他分级或其他术语。",
)
FATAL_IS_FIVE = Text(
    "Grade 5 is death: grade 5 and a fatal outcome go together.", "5级即死亡：5级与转归“死亡”应同时成立。"
)
FATAL_IS_SERIOUS = Text("A fatal event is serious, because of death.", "死亡事件属严重不良事件（死亡）。")
DEATH_IS_FATAL = Text(
    "The event is serious because of death, and the outcome is another one.",
    "严重标准为死亡，但转归不是死亡。",
)
NO_CRITERION = Text(
    "A serious event meets at least one of the six criteria. Answer one with yes.",
    "严重不良事件至少符合六项标准之一，请至少选择一项“是”。",
)
AWARE_BEFORE_START = Text(
    "The investigator became aware before the event began ({start}).", "获知时间早于事件开始日期（{start}）。"
)
BEFORE_AWARENESS = Text("{label} lies before awareness.", "{label}早于获知时间。")
SHORT = Text(
    "The narrative of a complete report has at least {least} characters; this one has {length}.",
    "完整报告的事件经过不少于{least}个字符，目前为{length}个。",
)

SENT = {
    "saerep": Text("The report to the sponsor", "首次报告申办者时间"),
    "saeec": Text("The report to the ethics committee", "报告伦理委员会时间"),
    "saeorg": Text("The report to the institution", "报告机构时间"),
}


def related(answers: Answers, missing: Mapping[str, str]) -> bool | None:
    """Say whether the event is related to any treatment given; None while a judgement is open.

    A treatment that was not given (NA) cannot have caused it.
    """
    given = [answers.get(name) for name in RELATIONS if missing.get(name) != "NA"]
    return is_related(given) if given else False


def yes(answer: str | None) -> bool | None:
    """Read Y and N; None for no answer."""
    return None if answer is None else answer == "Y"


def coded(answer: bool | None) -> str | None:
    return None if answer is None else "Y" if answer else "N"


def derive(answers: Answers, context: Mapping[str, Any]) -> dict[str, Derived]:
    """Compute the class of the term, whether the event is related, and whether it is a SUSAR."""
    missing = context.get("missing", {})
    group = ctcae.class_of(answers.get("aedecod"))
    known = related(answers, missing)
    relation_words = {
        True: Text("At least one relation is possible or more.", "至少一项相关性为“可能”及以上。"),
        False: Text("No relation is possible or more.", "各项相关性均低于“可能”。"),
        None: Text("Needs the relations to the treatments given.", "需要判断与各治疗的相关性。"),
    }
    judged = judge_susar(
        serious=yes(answers.get("aeser")),
        relations=[answers.get(name) for name in RELATIONS if missing.get(name) != "NA"] or ["UNRELATED"],
        expected=yes(answers.get("saeexp")),
    )
    return {
        "aebodsys": Derived(
            group.en if group else None,
            group or Text("Follows from the CTCAE term.", "由CTCAE术语得出。"),
        ),
        "aerelany": Derived(coded(known), relation_words[known]),
        "susar": Derived(coded(judged.susar), judged.reason),
    }


def findings(answers: Answers) -> Iterable[Finding]:
    """Check an adverse event across its items."""
    yield from _dates(answers)
    yield from _grade_and_outcome(answers)
    if answers.get("aeser") == "Y":
        yield from _serious(answers)


def _dates(answers: Answers) -> Iterable[Finding]:
    start, end = answers.get("aestdtc"), answers.get("aeendtc")
    if start and end and PartialDate.parse(end).latest < PartialDate.parse(start).earliest:
        yield Finding("aeendtc", Level.HARD, ENDS_BEFORE)


def _grade_and_outcome(answers: Answers) -> Iterable[Finding]:
    grade, outcome, term = (
        answers.get("aetoxgr"),
        answers.get("aeout"),
        ctcae.CTCAE.get(answers.get("aedecod")),
    )
    if grade is not None and term is not None and grade not in term.grades:
        words = NO_SUCH_GRADE.format(grade=grade, term=term.words)
        yield Finding("aetoxgr", Level.HARD, words, on_submission=True)
    if grade is not None and outcome is not None and (grade == ctcae.FATAL) != (outcome == "FATAL"):
        yield Finding("aetoxgr", Level.SOFT, FATAL_IS_FIVE + CONFIRM)
    if outcome == "FATAL" and (answers.get("aeser") == "N" or answers.get("aesdth") == "N"):
        yield Finding("aeser", Level.SOFT, FATAL_IS_SERIOUS + CONFIRM)
    if outcome is not None and outcome != "FATAL" and answers.get("aesdth") == "Y":
        yield Finding("aesdth", Level.SOFT, DEATH_IS_FATAL + CONFIRM)


def _serious(answers: Answers) -> Iterable[Finding]:
    criteria = [answers.get(name) for name in SERIOUS_BECAUSE]
    if "Y" not in criteria and None not in criteria:
        yield Finding("aesdth", Level.HARD, NO_CRITERION, on_submission=True)
    aware = answers.get("saeaware")
    start = PartialDate.parse(answers["aestdtc"]) if answers.get("aestdtc") else None
    if aware and start and trial_day(aware) < start.earliest:
        yield Finding("saeaware", Level.HARD, AWARE_BEFORE_START.format(start=start))
    for name, label in SENT.items():
        if aware and answers.get(name) and answers[name] < aware:
            yield Finding(name, Level.HARD, BEFORE_AWARENESS.format(label=label))
    narrative = (answers.get("saenarr") or "").strip()
    if narrative and len(narrative) < SHORTEST_NARRATIVE:
        words = SHORT.format(least=SHORTEST_NARRATIVE, length=len(narrative))
        yield Finding("saenarr", Level.HARD, words, on_submission=True)
