"""Follow the response of one participant: nadir, back-dating of new lesions, best overall response.

Source: RECIST 1.1 (Eisenhauer 2009) and mRECIST (Lencioni and Llovet 2010), as in protocol specification 6.2
and 6.3.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeVar

from eligibility.lesions import Category, Criteria, Lesion, State, TargetSum, sum_targets
from followup.response.judging import (
    PROGRESSIVE,
    ImpossibleResponse,
    Margin,
    NewLesion,
    NonTarget,
    NonTargetResult,
    Overall,
    OverallResult,
    Target,
    TargetResult,
    code_of,
    judge_after_hepatectomy,
    judge_non_targets,
    judge_overall,
    judge_targets,
)
from records.text import Text

Thing = TypeVar("Thing")

LEAST_DAYS_OF_SD: Final = 42
CONFIRMATION_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class Imaging:
    """The imaging of one assessment, dated by its latest examination.

    `non_target` the investigator's answer, None to judge it from the lesions' states. `markers_normal`: tumour
    markers, None where not known. `resected` and `margin`: a hepatectomy lies before it.
    """

    on: dt.date
    lesions: Sequence[Lesion]
    new_lesion: NewLesion = NewLesion.N
    non_target: NonTarget | None = None
    markers_normal: bool | None = True
    resected: bool = False
    margin: Margin | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One assessment judged by one set of criteria; `nadir_mm` is the smallest sum before it."""

    on: dt.date
    criteria: Criteria
    sum: TargetSum
    nadir_mm: Decimal | None
    target: TargetResult
    non_target: NonTargetResult
    overall: OverallResult
    new_lesion: NewLesion
    new_ids: frozenset[str]

    @property
    def reading(self) -> Reading:
        return Reading(self.on, self.overall.response, self.new_lesion, self.new_ids)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one assessment says; `new_ids` are the new lesions seen, empty where they carry no id."""

    on: dt.date
    overall: Overall
    new_lesion: NewLesion = NewLesion.N
    new_ids: frozenset[str] = frozenset()


def evaluate(baseline: Imaging, later: Iterable[Imaging], criteria: Criteria) -> tuple[Evaluation, ...]:
    """Judge every assessment after the baseline, in the order of time.

    The nadir is the smallest sum so far, baseline included, of assessments in which every target entered the
    sum. Once all targets were gone, one that reappears (other than a node, which the sum decides) is PD even
    where nodes below 10 mm keep the smallest sum above 0. Where all targets are resected there is no target response any more (NA); where some are, the
    others alone can reach PD, otherwise NE. Assessments after a hepatectomy are judged as such.
    Raises ImpossibleResponse for two assessments on one day, one not after the baseline, a baseline target
    without its diameter, a listed new lesion where none is said to be, and otherwise as `judge_targets`; raises
    ImpossibleLesion for targets not chosen at baseline and as `sum_targets`.
    Source: protocol specification 6.1 to 6.3.
    """
    chosen = [lesion.id for lesion in baseline.lesions if lesion.category is Category.TARGET]
    start = sum_targets(baseline.lesions, criteria)
    if start.not_evaluable or start.resected:
        words = Text("Without a diameter at baseline: {ids}.", "基线缺少径线：{ids}。")
        raise ImpossibleResponse(words.format(ids=", ".join((*start.not_evaluable, *start.resected))))
    found: list[Evaluation] = []
    nadir, were_gone = start.tenths, False
    for imaging in in_order(later, lambda one: one.on):
        if imaging.on <= baseline.on:
            words = Text(
                "The assessment of {day} does not lie after the baseline of {first}.",
                "{day}的评价不晚于{first}的基线。",
            )
            raise ImpossibleResponse(words.format(day=imaging.on, first=baseline.on))
        total = sum_targets(imaging.lesions, criteria, chosen=chosen)
        target = _target(criteria, start, nadir, total)
        if were_gone and target.response not in (Target.PD, Target.NA):
            target = _reappeared(imaging.lesions, criteria) or target
        found.append(_evaluated(imaging, criteria, total, nadir if chosen else None, target))
        if total.complete:
            nadir, were_gone = min(nadir, total.tenths), were_gone or total.gone
    return tuple(found)


def _target(criteria: Criteria, start: TargetSum, nadir: int, total: TargetSum) -> TargetResult:
    if not start.targets:
        return TargetResult(Target.NA, Text("There is no target lesion.", "无靶病灶。"))
    if len(total.resected) == total.targets:
        return TargetResult(Target.NA, Text("The targets were resected.", "靶病灶已切除。"))
    return judge_targets(
        criteria,
        baseline=start.mm,
        nadir=Decimal(nadir) / 10,
        current=total.mm,
        gone=total.gone,
        evaluable=total.complete,
    )


def _reappeared(lesions: Iterable[Lesion], criteria: Criteria) -> TargetResult | None:
    back = [
        lesion.id
        for lesion in lesions
        if lesion.category is Category.TARGET and not lesion.is_node and lesion.is_gone(criteria) is False
    ]
    if not back:
        return None
    words = Text("{ids} reappeared after all targets were gone.", "靶病灶全部消失后{ids}再次出现。")
    return TargetResult(Target.PD, words.format(ids=", ".join(back)))


def _evaluated(
    imaging: Imaging, criteria: Criteria, total: TargetSum, nadir: int | None, target: TargetResult
) -> Evaluation:
    new_ids = frozenset(
        lesion.id
        for lesion in imaging.lesions
        if lesion.category is Category.NEW and lesion.state not in (State.ABSENT, State.RESECTED)
    )
    if new_ids and imaging.new_lesion is NewLesion.N:
        words = Text(
            "{ids} listed as new, yet no new lesion is said to be there.",
            "已列出新病灶{ids}，但新病灶填“无”。",
        )
        raise ImpossibleResponse(words.format(ids=", ".join(sorted(new_ids))))
    if imaging.non_target is None:
        others = judge_non_targets(imaging.lesions, criteria, markers_normal=imaging.markers_normal)
    else:
        answer = Text("As judged by the investigator.", "由研究者判定。")
        others = NonTargetResult(code_of(NonTarget, imaging.non_target), answer)
    if imaging.resected:
        overall = judge_after_hepatectomy(imaging.margin, others.response, imaging.new_lesion)
    else:
        overall = judge_overall(target.response, others.response, imaging.new_lesion)
    return Evaluation(
        imaging.on,
        criteria,
        total,
        None if nadir is None else Decimal(nadir) / 10,
        target,
        others,
        overall,
        imaging.new_lesion,
        new_ids,
    )


def in_order(things: Iterable[Thing], day: Callable[[Thing], dt.date]) -> list[Thing]:
    """Sort by day. Raises ImpossibleResponse where two assessments have one day."""
    found = sorted(things, key=day)
    for one, other in pairwise(found):
        if day(one) == day(other):
            words = Text("There are two assessments on {day}.", "{day}有两次评价。")
            raise ImpossibleResponse(words.format(day=day(one)))
    return found


# Back-dating ----------------------------------------------------------------------------------------


def back_dated(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the readings in order of time with progression moved to where a new lesion was first seen.

    A new lesion that is certain (Y) and had been equivocal makes PD (after hepatectomy, RECURRENCE) of the
    earliest assessment that saw it. Going back stops at an assessment that was evaluable and saw no new lesion;
    assessments not evaluable are passed over. Where both readings name their new lesions, one must be the same;
    where one names none, they are taken to be the same. Raises ImpossibleResponse for two readings on one day.
    Source: RECIST 1.1; protocol specification 6.3.
    """
    found = in_order(readings, lambda one: one.on)
    for place, certain in enumerate(found):
        if certain.new_lesion is not NewLesion.Y:
            continue
        first = None
        for before in range(place - 1, -1, -1):
            earlier = found[before]
            if earlier.new_lesion is NewLesion.N:
                if earlier.overall is Overall.NE:
                    continue
                break
            if _same_lesion(earlier, certain):
                first = before
        if first is not None and found[first].overall not in PROGRESSIVE:
            after = found[first].overall is Overall.NED
            found[first] = replace(found[first], overall=Overall.RECURRENCE if after else Overall.PD)
    return tuple(found)


def _same_lesion(one: Reading, other: Reading) -> bool:
    return not one.new_ids or not other.new_ids or bool(one.new_ids & other.new_ids)


def first_progression(readings: Iterable[Reading]) -> dt.date | None:
    """Return the day of the first PD or recurrence, new lesions back-dated; None where there is none.

    Raises ImpossibleResponse for two readings on one day. Source: protocol specification 6.3 and 6.4.
    """
    return next((one.on for one in back_dated(readings) if one.overall in PROGRESSIVE), None)


# Best overall response ------------------------------------------------------------------------------

BEST_FIRST: Final = (
    Overall.CR,
    Overall.PR,
    Overall.SD,
    Overall.NONCRNONPD,
    Overall.PD,
    Overall.NE,
)


@dataclass(frozen=True, slots=True)
class BestResponse:
    """The best overall response and the day it was first seen; None where nothing could be counted.

    `responded_on` is the day of the first CR or PR, from which the duration of response runs: a PR before the
    best, a CR, included; None without an objective response.
    """

    response: Overall
    on: dt.date | None
    reason: Text
    responded_on: dt.date | None = None

    @property
    def is_objective(self) -> bool:
        """Say whether it counts for the objective response rate: CR or PR."""
        return self.response in (Overall.CR, Overall.PR)

    @property
    def is_control(self) -> bool:
        """Say whether it counts for the disease control rate: CR, PR, or SD of at least 42 days."""
        return self.is_objective or self.response is Overall.SD


def best_response(
    readings: Iterable[Reading],
    *,
    a0: dt.date,
    other_treatment_on: dt.date | None = None,
    hepatectomy_on: dt.date | None = None,
    confirm_days: int | None = None,
    least_days_of_sd: int = LEAST_DAYS_OF_SD,
) -> BestResponse:
    """Return the best overall response: the best of CR > PR > SD > NONCRNONPD > PD > NE.

    Counted are the assessments up to and including the first progression (new lesions back-dated), the day
    another therapeutic anticancer treatment starts, and the day of hepatectomy. SD counts from 42 days after A0
    (`least_days_of_sd`; day 42 itself counts); earlier, it says as little as NE. NED and recurrence are no
    response. With `confirm_days` (28 for 4 weeks; None, the default, asks for none) CR needs another CR, and PR
    another PR or CR, at least so many days later, with nothing worse than it in between but NE; a CR that only
    PR follows counts as PR, and an unconfirmed response as SD of its day. The response is dated by the first
    assessment that shows it. Nothing to count is NE.
    Raises ImpossibleResponse for an assessment before A0, two on one day, or a number of days below 0.
    Source: RECIST 1.1; protocol specification 6.3.
    """
    if least_days_of_sd < 0 or (confirm_days is not None and confirm_days < 0):
        raise ImpossibleResponse(Text("Days are counted from 0.", "天数不能小于0。"))
    counted = _counted(readings, a0, other_treatment_on, hepatectomy_on)
    for wanted in BEST_FIRST:
        for place, one in enumerate(counted):
            if _amounts_to(wanted, counted, place, a0, confirm_days, least_days_of_sd):
                words = Text("{response} on {day}.", "{day}为{response}。")
                reason = words.format(response=WORDS.get(wanted, wanted.value), day=one.on)
                if wanted is Overall.NE and one.overall is not Overall.NE:
                    reason = reason + Text(
                        " {seen} is too early or not confirmed.", "{seen}过早或未经确认。"
                    ).format(seen=WORDS.get(one.overall, one.overall.value))
                responded = (
                    counted[first].on
                    for first in range(place + 1)
                    if wanted in (Overall.CR, Overall.PR)
                    and _amounts_to(Overall.PR, counted, first, a0, confirm_days, least_days_of_sd)
                )
                return BestResponse(wanted, one.on, reason, next(responded, None))
    return BestResponse(Overall.NE, None, Text("There is no assessment that counts.", "无可计入的疗效评价。"))


WORDS: Final = {Overall.NONCRNONPD: "non-CR/non-PD"}


def _counted(
    readings: Iterable[Reading],
    a0: dt.date,
    other_treatment_on: dt.date | None,
    hepatectomy_on: dt.date | None,
) -> list[Reading]:
    last = min((day for day in (other_treatment_on, hepatectomy_on) if day is not None), default=dt.date.max)
    found: list[Reading] = []
    for one in back_dated(readings):
        if one.on < a0:
            words = Text(
                "The assessment of {day} lies before the assignment of {a0}.",
                "{day}的评价早于{a0}的分组日期。",
            )
            raise ImpossibleResponse(words.format(day=one.on, a0=a0))
        if one.on > last or one.overall is Overall.RECURRENCE:
            break
        if one.overall is not Overall.NED:
            found.append(one)
        if one.overall is Overall.PD:
            break
    return found


def _amounts_to(
    wanted: Overall,
    counted: Sequence[Reading],
    place: int,
    a0: dt.date,
    confirm_days: int | None,
    least_days_of_sd: int,
) -> bool:
    """Say whether an assessment alone, or with those after it, shows a response."""
    one = counted[place]
    if wanted in (Overall.CR, Overall.PR):
        enough = BEST_FIRST[: BEST_FIRST.index(wanted) + 1]
        if one.overall not in enough:
            return False
        return confirm_days is None or _confirmed(enough, counted, place, confirm_days)
    if wanted is Overall.SD:
        stable = (Overall.CR, Overall.PR, Overall.SD)
        return one.overall in stable and (one.on - a0).days >= least_days_of_sd
    if wanted is Overall.NE:
        return True
    return one.overall is wanted


def _confirmed(enough: Sequence[Overall], counted: Sequence[Reading], place: int, confirm_days: int) -> bool:
    for later in counted[place + 1 :]:
        if later.overall is Overall.NE:
            continue
        if later.overall not in enough:
            return False
        if (later.on - counted[place].on).days >= confirm_days:
            return True
    return False
