"""What an imaging form says of itself: what cannot be, what is asked about, and the sums of the targets.

Source: protocol specification 6.1, 8.8 and check X24. The lesions' arithmetic is eligibility/lesions.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from eligibility.codelists import LESION_CATEGORY, LESION_LOCATION, MODALITY
from eligibility.imaging_sets import (
    INVESTIGATOR,
    Examination,
    ImagingCourse,
    ImagingSet,
    course_of,
    lesion_of,
)
from eligibility.lesions import (
    IN_LIVER,
    TENTH,
    THROMBUS,
    TOO_SMALL_MM,
    Category,
    Criteria,
    ImpossibleLesion,
    Lesion,
    State,
    check_targets,
    sum_targets,
)
from records.checks import at_row
from records.definition import Derived
from records.findings import Finding, Level
from records.text import Text

LESIONS = "lesions"
NUMBERED = {
    "TARGET": re.compile(r"T0[1-5]"),
    "NONTARGET": re.compile(r"NT(0[1-9]|[1-9][0-9])"),
    "NEW": re.compile(r"NEW(0[1-9]|[1-9][0-9])"),
}
LEAST_NEW_NODULE_MM = Decimal(10)
RESECTED_ALONG = IN_LIVER | THROMBUS

AFTER_TREATMENT = Text(
    "Baseline imaging lies after treatment began on {day}. It belongs to a later visit, or the date is wrong.",
    "基线影像晚于治疗开始日（{day}），应归入后续访视，或请核对日期。",
)
LONG_BEFORE = Text(
    "{days} days before treatment ({day}); at most {most} are foreseen. Repeat it, or confirm it with a word.",
    "距治疗（{day}）{days}天，计划最长{most}天。请复查，或填写说明予以确认。",
)
NOT_LATER = Text(
    "Not later than the baseline imaging of {day}. Correct one of the dates.",
    "不晚于基线影像日期（{day}），请更正其中之一。",
)
SAME_DAY = Text(
    "The imaging of visit {visit} has this date. An examination belongs to one visit.",
    "访视“{visit}”的影像检查为同一日期。一次检查只归入一个访视。",
)
OTHER_MODALITY = Text(
    "At baseline: {baseline}. Lesions are followed by the same modality; confirm the change with a word.",
    "基线检查方式为{baseline}。病灶随访应采用相同方式，如有变更请填写说明予以确认。",
)
NOT_LISTED = Text(
    "{ids} of the baseline are not listed. Add them, or confirm that another examination of this visit shows them.",
    "未列出基线病灶{ids}。请补充，或说明由本次访视的其他检查评价。",
)
NUMBER_FORM = {
    "TARGET": Text("A target is T01 to T05.", "靶病灶编号为T01～T05。"),
    "NONTARGET": Text("A non-target lesion is NT01 to NT99.", "非靶病灶编号为NT01～NT99。"),
    "NEW": Text("A new lesion is NEW01 to NEW99.", "新病灶编号为NEW01～NEW99。"),
}
TWICE = Text("{id} is listed twice.", "{id}重复。")
ELSEWHERE = Text(
    "{id} is listed in another examination of this visit. Keep it in one.",
    "{id}已在本次访视的另一项检查中列出，请只保留一处。",
)
NEW_AT_BASELINE = Text("At baseline no lesion is new.", "基线时无新病灶。")
NOT_OF_BASELINE = Text(
    "{id} was not listed at baseline. A lesion that appears later is a new one (NEW01 …).",
    "基线未列出{id}。之后出现的病灶应填为新病灶（NEW01…）。",
)
RELABELLED = Text(
    "{id} was “{was}” before. A lesion keeps its number, category and location.",
    "{id}此前为“{was}”。病灶的编号、类别和部位不得更改。",
)
SMALL = Text(
    "A target too small to measure is entered as 5 mm. Enter 5, or confirm the size with a word.",
    "靶病灶过小无法测量时填5 mm。请填5，或填写说明予以确认。",
)
NOT_RESECTED = Text(
    "No hepatectomy is on record. Correct the state, or confirm it with a word.",
    "无肝切除记录。请更正状态，或填写说明予以确认。",
)
NO_NEW_LISTED = Text(
    "A new lesion is there: list it among the lesions (NEW01 …).", "有新病灶时，请在病灶中列出（NEW01…）。"
)
NEW_LISTED = Text(
    "New lesions are listed ({ids}). Answer yes or equivocal, or take them out.",
    "已列出新病灶（{ids}）。请选择“有”或“可疑”，或将其删除。",
)
SMALL_NEW = Text(
    "By mRECIST a new nodule of the liver counts from 10 mm with the enhancement of HCC. Confirm it with a word, or call it equivocal.",
    "按mRECIST，肝内新结节≥10 mm且具典型HCC强化方式才计为新病灶。请填写说明予以确认，或选择“可疑”。",
)


# -- checks ------------------------------------------------------------------------------------------


def findings(answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[Finding]:
    """Check an imaging form; `context` as eligibility.models.Imaging.context gives it."""
    evaluator = answers.get("imgeval") or INVESTIGATOR
    others: tuple[Examination, ...] = context["examinations"]
    course = course_of(others, evaluator)
    siblings = [one for one in others if one.visit == context["visit_id"] and one.evaluator == evaluator]
    follow_up = context["follow_up"] == "Y"
    rows: list[Mapping[str, Any]] = answers.get(LESIONS) or []
    yield from _numbers(rows, siblings)
    if follow_up:
        yield from _follow_up_date(answers.get("imgdtc"), course, context, siblings)
        yield from _modality(answers, course, rows, siblings, context)
        yield from _same_lesions(rows, course, context["visit_id"])
        yield from _new_lesions(answers, rows)
    else:
        yield from _baseline_date(answers.get("imgdtc"), context)
        yield from (
            Finding(at_row(LESIONS, index, "lescat"), Level.HARD, NEW_AT_BASELINE)
            for index, row in enumerate(rows)
            if row.get("lescat") == Category.NEW
        )
    yield from _sizes(rows, siblings, follow_up, context)


def _baseline_date(on: date | None, context: Mapping[str, Any]) -> Iterator[Finding]:
    treated, planned = context["treated_on"], context["treatment_planned_on"]
    if on is None:
        return
    if treated is not None and on > treated:
        yield Finding("imgdtc", Level.HARD, AFTER_TREATMENT.format(day=treated))
        return
    begins, most = treated or planned, context["imaging_days"]
    if begins is not None and (begins - on).days > most:
        words = LONG_BEFORE.format(days=(begins - on).days, day=begins, most=most)
        yield Finding("imgdtc", Level.SOFT, words)


def _follow_up_date(
    on: date | None, course: ImagingCourse, context: Mapping[str, Any], siblings: list[Examination]
) -> Iterator[Finding]:
    if on is None:
        return
    if course.baseline is not None and course.baseline.on is not None and on <= course.baseline.on:
        yield Finding("imgdtc", Level.HARD, NOT_LATER.format(day=course.baseline.on))
    dated = max([on, *(one.on for one in siblings if one.on is not None)])
    for one in course.later:
        if one.visit != context["visit_id"] and one.on == dated:
            yield Finding("imgdtc", Level.HARD, SAME_DAY.format(visit=one.label))


def _modality(
    answers: Mapping[str, Any],
    course: ImagingCourse,
    rows: list[Mapping[str, Any]],
    siblings: list[Examination],
    context: Mapping[str, Any],
) -> Iterator[Finding]:
    """Ask about a modality other than at baseline (X24), and about lesions of the baseline left out."""
    if course.baseline is None:
        return
    words = other_modality(answers.get("imgmod"), course.baseline)
    if words is not None:
        yield Finding("imgmod", Level.SOFT, words, "X24")
    if answers.get("imgqual") != "Y" or context["resected_on"] is not None:
        return
    here = {row.get("lnkid") for row in (*rows, *(row for one in siblings for row in one.rows))}
    lost = sorted(course.baseline.listed - here)
    if lost:
        yield Finding("imgmod", Level.SOFT, NOT_LISTED.format(ids=", ".join(lost)))


def other_modality(modality: str | None, baseline: ImagingSet) -> Text | None:
    """The question about a modality that is none of the baseline's; None where it is one, or nothing is known."""
    before = baseline.modalities
    if not modality or not before or modality in before:
        return None
    named = [MODALITY.label(code) for code in MODALITY.values if code in before]
    return OTHER_MODALITY.format(baseline=Text.join(named, en=", ", zh="、"))


def _numbers(rows: list[Mapping[str, Any]], siblings: list[Examination]) -> Iterator[Finding]:
    counted = Counter(row.get("lnkid") for row in rows)
    elsewhere = {row.get("lnkid") for one in siblings for row in one.rows}
    for index, row in enumerate(rows):
        name, category, place = row.get("lnkid"), row.get("lescat"), at_row(LESIONS, index, "lnkid")
        if not name:
            continue
        if category and not NUMBERED[category].fullmatch(name):
            yield Finding(place, Level.HARD, NUMBER_FORM[category])
        elif counted[name] > 1:
            yield Finding(place, Level.HARD, TWICE.format(id=name))
        elif name in elsewhere:
            yield Finding(place, Level.HARD, ELSEWHERE.format(id=name))


def _same_lesions(rows: list[Mapping[str, Any]], course: ImagingCourse, visit: int) -> Iterator[Finding]:
    """Refuse targets and non-targets that the baseline does not know, and a lesion under another label."""
    if course.baseline is None:
        return
    known = {row.get("lnkid"): row for one in course.baseline.examinations for row in one.rows}
    seen = {
        row.get("lnkid"): row
        for one in course.later
        if one.visit != visit
        for examination in one.examinations
        for row in examination.rows
    }
    for index, row in enumerate(rows):
        name, category = row.get("lnkid"), row.get("lescat")
        if not name or not category:
            continue
        was = known.get(name) or seen.get(name)
        if was is None:
            if category != Category.NEW:
                place = at_row(LESIONS, index, "lnkid")
                yield Finding(place, Level.HARD, NOT_OF_BASELINE.format(id=name))
            continue
        for item, codes in (("lescat", LESION_CATEGORY), ("lesloc", LESION_LOCATION)):
            if row.get(item) and was.get(item) and row[item] != was[item]:
                words = RELABELLED.format(id=name, was=codes.label(was[item]))
                yield Finding(at_row(LESIONS, index, item), Level.HARD, words)


def _new_lesions(answers: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Iterator[Finding]:
    there = [
        row
        for row in rows
        if row.get("lescat") == Category.NEW and row.get("lesst") not in (State.ABSENT, State.RESECTED)
    ]
    said = answers.get("newles")
    if said == "Y" and not there:
        yield Finding("newles", Level.HARD, NO_NEW_LISTED)
    if said == "N" and there:
        ids = ", ".join(row.get("lnkid") or "–" for row in there)
        yield Finding("newles", Level.HARD, NEW_LISTED.format(ids=ids))
    if said == "Y" and there and all(_small_nodule(row) for row in there):
        yield Finding("newles", Level.SOFT, SMALL_NEW)


def _small_nodule(row: Mapping[str, Any]) -> bool:
    longest = row.get("ldiam")
    return row.get("lesloc") in IN_LIVER and longest is not None and longest < LEAST_NEW_NODULE_MM


def _sizes(
    rows: list[Mapping[str, Any]],
    siblings: list[Examination],
    follow_up: bool,
    context: Mapping[str, Any],
) -> Iterator[Finding]:
    lesions: dict[int, Lesion] = {}
    for index, row in enumerate(rows):
        try:
            lesion = lesion_of(row)
        except ImpossibleLesion as impossible:
            item = impossible.item
            if item == "lesst" and not follow_up:
                item = "ldiam"  # the baseline does not ask for the state
            yield Finding(at_row(LESIONS, index, item), Level.HARD, impossible.sentence)
            continue
        if lesion is not None:
            lesions[index] = lesion
    if not follow_up:
        yield from _targets(lesions, siblings)
        return
    for index, lesion in lesions.items():
        small = lesion.longest is not None and 0 < lesion.longest < TOO_SMALL_MM
        if lesion.category is Category.TARGET and not lesion.is_node and small:
            yield Finding(at_row(LESIONS, index, "ldiam"), Level.SOFT, SMALL)
        if lesion.state is State.RESECTED and context["resected_on"] is None:
            yield Finding(at_row(LESIONS, index, "lesst"), Level.SOFT, NOT_RESECTED)


def _targets(lesions: Mapping[int, Lesion], siblings: list[Examination]) -> Iterator[Finding]:
    """Check the targets of the baseline, each alone and all together, those of other examinations included."""
    alone: set[Finding] = set()
    for index, lesion in lesions.items():
        if lesion.category is Category.NEW:
            continue
        unmeasured = lesion.location in IN_LIVER and lesion.viable is None
        criteria = (Criteria.RECIST11,) if unmeasured else tuple(Criteria)
        measured = {"ldiam": lesion.longest, "saxis": lesion.short_axis}
        for found in check_targets([lesion], criteria=criteria):
            alone.add(found)
            # What is not measured yet is asked for on submission.
            if measured.get(found.item, Decimal(0)) is not None:
                yield Finding(at_row(LESIONS, index, found.item), found.level, found.message)
    here = {lesion.id: lesion for lesion in lesions.values() if lesion.category is not Category.NEW}
    try:
        elsewhere = {lesion.id: lesion for one in siblings if one.adequate for lesion in one.lesions}
    except ImpossibleLesion:
        return
    targets = [index for index, lesion in lesions.items() if lesion.category is Category.TARGET]
    together = list({**elsewhere, **here}.values())
    if not targets:
        return
    for found in check_targets(together, criteria=(Criteria.RECIST11,)):
        if found.item == "lescat" and found not in alone:
            yield Finding(at_row(LESIONS, targets[-1], "lescat"), found.level, found.message)


# -- what is derived ---------------------------------------------------------------------------------

SUMS = {"sumr11": Criteria.RECIST11, "summr": Criteria.MRECIST}
NO_TARGET = Text("No target is listed.", "未列出靶病灶。")
WHOLE_SET = Text("{terms}, over all examinations of this visit.", "{terms}（本次访视全部检查）。")
NO_DIAMETER = Text("Without a diameter: {ids}.", "无径线：{ids}。")
TAKEN_OUT = Text("Resected: {ids}.", "已切除：{ids}。")


def derive(answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
    """Add up the targets of the visit's set by both criteria; no sum where one has no diameter."""
    evaluator = answers.get("imgeval") or INVESTIGATOR
    others: tuple[Examination, ...] = context["examinations"]
    siblings = [one for one in others if one.visit == context["visit_id"] and one.evaluator == evaluator]
    baseline = course_of(others, evaluator).baseline if context["follow_up"] == "Y" else None
    try:
        own = [lesion_of(row) for row in answers.get(LESIONS) or [] if answers.get("imgqual") != "N"]
        lesions = [lesion for lesion in own if lesion is not None]
        lesions += [lesion for one in siblings if one.adequate for lesion in one.lesions]
        chosen = None
        if baseline is not None:
            chosen = [lesion.id for lesion in baseline.lesions if lesion.category is Category.TARGET]
        return {
            name: _sum(lesions, criteria, chosen, whole_set=bool(siblings)) for name, criteria in SUMS.items()
        }
    except ImpossibleLesion as impossible:
        return {name: Derived(None, impossible.sentence) for name in SUMS}


def _sum(lesions: list[Lesion], criteria: Criteria, chosen: list[str] | None, *, whole_set: bool) -> Derived:
    total = sum_targets(lesions, criteria, chosen=chosen)
    if not total.targets:
        return Derived(None, NO_TARGET)
    terms = " + ".join(
        f"{lesion.id} {diameter:.1f}"
        for lesion in sorted(lesions, key=lambda one: one.id)
        if lesion.category is Category.TARGET and (diameter := lesion.diameter(criteria)) is not None
    )
    if not total.complete:
        words = [
            text.format(ids=", ".join(ids))
            for text, ids in ((NO_DIAMETER, total.not_evaluable), (TAKEN_OUT, total.resected))
            if ids
        ]
        return Derived(None, Text.join(words, en=" ", zh=""))
    sentence = WHOLE_SET if whole_set else Text("{terms}.", "{terms}。")
    return Derived(total.mm.quantize(TENTH), sentence.format(terms=terms))


# -- what a new form begins with ---------------------------------------------------------------------


def offered_lesions(context: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """The lesions known so far, as rows to be measured: of the baseline, and new ones seen since.

    Those another examination of the visit lists are left out. What was resected stays so; at a visit aimed
    after the hepatectomy, what lay in the liver is offered as resected.
    """
    if context["follow_up"] != "Y":
        return []
    visit = context["visit_id"]
    course = course_of(context["examinations"])
    listed = {row.get("lnkid") for one in context["examinations"] if one.visit == visit for row in one.rows}
    operated: date | None = context["resected_on"]
    after = operated is not None and context["aimed_at"] > operated
    earlier = [one for one in (course.baseline, *course.later) if one is not None and one.visit != visit]
    known: dict[str, dict[str, Any]] = {}
    for one in earlier:
        for examination in one.examinations:
            for row in examination.rows:
                name = row.get("lnkid")
                if not name or name in listed:
                    continue
                kept = {item: row.get(item) for item in ("lnkid", "lescat", "lesloc", "leslocd")}
                state = State.RESECTED.value if row.get("lesst") == State.RESECTED else None
                if after and row.get("lesloc") in RESECTED_ALONG:
                    state = State.RESECTED.value
                known[name] = {**kept, "lesst": state}
    order = list(NUMBERED)
    return sorted(known.values(), key=lambda row: (order.index(row["lescat"] or "TARGET"), row["lnkid"]))
