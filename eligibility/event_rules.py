"""What an adverse event is to the protocol: related or not, a SUSAR or not, and collected or not.

Source: GCP 2020 (NMPA and NHC) and the protocol, as in protocol specification sections 8.19 and 9.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from participants.dates import PartialDate, trial_day
from records.text import Text


class ImpossibleReport(ValueError):
    """Moments or codes that contradict each other; `sentence` says which."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


# Relation and SUSAR ---------------------------------------------------------------------------------


class Relation(StrEnum):
    """How an event is related to a treatment, from certainly to certainly not."""

    DEFINITE = "DEFINITE"
    PROBABLE = "PROBABLE"
    POSSIBLE = "POSSIBLE"
    UNLIKELY = "UNLIKELY"
    UNRELATED = "UNRELATED"


RELATION_WORDS: Final = {
    Relation.DEFINITE: Text("Definitely related", "肯定有关"),
    Relation.PROBABLE: Text("Probably related", "很可能有关"),
    Relation.POSSIBLE: Text("Possibly related", "可能有关"),
    Relation.UNLIKELY: Text("Probably not related", "可能无关"),
    Relation.UNRELATED: Text("Not related", "肯定无关"),
}
RELATED: Final = frozenset({Relation.DEFINITE, Relation.PROBABLE, Relation.POSSIBLE})


def is_related(relations: Collection[str | None]) -> bool | None:
    """Say whether an event is related to any treatment, possible or above.

    `relations` holds a code of Relation for each treatment, None where it is not judged; None is returned as long
    as an open judgement could still change the answer, and where there is none at all. Raises ImpossibleReport
    for another code. Source: protocol specification section 9.
    """
    known = [_relation(code) for code in relations if code is not None]
    if any(one in RELATED for one in known):
        return True
    return False if known and len(known) == len(relations) else None


def _relation(code: str) -> Relation:
    try:
        return Relation(code)
    except ValueError:
        words = Text(
            "There is no relation {code}; there are {known}.", "没有代码为{code}的相关性，可选：{known}。"
        )
        raise ImpossibleReport(words.format(code=code, known=", ".join(Relation))) from None


@dataclass(frozen=True, slots=True)
class Susar:
    """Whether an event is a suspected unexpected serious adverse reaction; None as long as it is open."""

    susar: bool | None
    reason: Text


def judge_susar(*, serious: bool | None, relations: Collection[str | None], expected: bool | None) -> Susar:
    """Judge a SUSAR: serious, related (possible or above) to any treatment, and unexpected, all three.

    None is an answer that is missing; one answer that says no decides without the others. Raises
    ImpossibleReport for a relation that is not known. Source: protocol specification section 9.
    """
    related = is_related(relations)
    answers = (
        (serious, Text("serious", "严重"), Text("not serious", "不严重")),
        (related, Text("related", "相关"), Text("not related", "不相关")),
        (None if expected is None else not expected, Text("unexpected", "非预期"), Text("expected", "预期")),
    )
    denied = [no for answer, _, no in answers if answer is False]
    if denied:
        words = Text("No SUSAR: {words}.", "非SUSAR：{words}。")
        return Susar(False, words.format(words=Text.join(denied, zh="、")))
    if any(answer is None for answer, _, _ in answers):
        open_ones = [yes for answer, yes, _ in answers if answer is None]
        words = Text("Not decided: {words}.", "尚未判定：{words}。")
        return Susar(None, words.format(words=Text.join(open_ones, zh="、")))
    return Susar(True, Text("Serious, related and unexpected.", "严重、相关且非预期。"))


# Which events are collected -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CollectionDays:
    """For how many days after each treatment adverse events are collected; study settings."""

    after_haic: int = 30
    after_y90: int = 90
    after_hepatectomy: int = 90


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which an adverse event has to begin to be collected, both included; None is still open."""

    first: dt.date
    last: dt.date | None


COLLECTION_DAYS: Final = CollectionDays()


def collection_period(
    consented: dt.date | dt.datetime,
    *,
    haic_ends: Iterable[dt.date] = (),
    infusions: Iterable[dt.date] = (),
    hepatectomies: Iterable[dt.date] = (),
    haic_goes_on: bool = False,
    limits: CollectionDays = COLLECTION_DAYS,
) -> Period:
    """Return the period in which adverse events are collected.

    From consent to 30 days after the end of the last HAIC cycle, 90 days after the last Y-90 infusion and 90 days
    after the last hepatectomy, whichever is latest, or as many as `limits` says; open as long as there was no
    treatment, and while it is not known which HAIC cycle is the last or when it ended (`haic_goes_on`). Raises
    ImpossibleReport for a treatment before consent. Source: protocol specification section 9.
    """
    first = trial_day(consented)
    last: dt.date | None = None
    for days, after in (
        (haic_ends, limits.after_haic),
        (infusions, limits.after_y90),
        (hepatectomies, limits.after_hepatectomy),
    ):
        for day in days:
            if day < first:
                words = Text("The treatment of {day} lies before consent.", "{day}的治疗早于知情同意。")
                raise ImpossibleReport(words.format(day=day))
            end = day + dt.timedelta(days=after)
            last = end if last is None else max(last, end)
    return Period(first, None if haic_goes_on else last)


class Collected(StrEnum):
    """Where an event belongs by the day it began.

    HISTORY: before consent, medical history. ALWAYS: an adverse event. IF_RELATED: after the period, only a serious
    event that is related. UNKNOWN: a partial date that lies on both sides of consent.
    """

    HISTORY = "HISTORY"
    ALWAYS = "ALWAYS"
    IF_RELATED = "IF_RELATED"
    UNKNOWN = "UNKNOWN"


COLLECTED_WORDS: Final = {
    Collected.HISTORY: Text("Began before consent: medical history.", "发生于知情同意之前：记入既往史。"),
    Collected.ALWAYS: Text("Within the period of collection.", "在收集期内。"),
    Collected.IF_RELATED: Text(
        "After the period of collection: only a related serious event.",
        "收集期之后：仅收集相关的严重不良事件。",
    ),
    Collected.UNKNOWN: Text(
        "The date leaves open whether it began before consent.",
        "日期不完整，无法判断是否发生于知情同意之前。",
    ),
}


def judge_onset(began: PartialDate, period: Period) -> Collected:
    """Say where an event belongs by its first day, which may be known only in part.

    The day of consent and the last day of the period belong to it. A date that may lie within the period or
    after it is taken as within. Source: protocol specification section 9.
    """
    before = began.is_before(period.first)
    if before:
        return Collected.HISTORY
    if before is None:
        return Collected.UNKNOWN
    if period.last is not None and began.earliest > period.last:
        return Collected.IF_RELATED
    return Collected.ALWAYS
