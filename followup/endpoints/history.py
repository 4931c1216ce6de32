"""What the times to an event of one participant are derived from: assessments, operations, treatments, death.

Source: protocol specification sections 6.4 and 6.5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from followup.response.judging import PROGRESSIVE, Margin, Overall
from records.text import Text


class ImpossibleHistory(ValueError):
    """A history that cannot have happened; `sentence` says what contradicts what."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class Intent(StrEnum):
    """Why another anticancer treatment is given: adjuvant without recurrence, or therapeutic."""

    ADJUVANT = "ADJUVANT"
    THERAPEUTIC = "THERAPEUTIC"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A tumour assessment after baseline by one set of criteria.

    `adequate`: every examination could be read; a result of NE is never adequate, a progression always is.
    `first_seen`: the day a new lesion that made it PD was first seen, where that lies before `on`.
    """

    on: dt.date
    result: Overall
    adequate: bool = True
    first_seen: dt.date | None = None

    @property
    def progressive(self) -> bool:
        return self.result in PROGRESSIVE

    @property
    def counts(self) -> bool:
        return self.progressive or (self.adequate and self.result is not Overall.NE)


@dataclass(frozen=True, slots=True)
class Slot:
    """The window of a scheduled tumour assessment; both ends belong to it."""

    opens: dt.date
    closes: dt.date


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation after the study treatment.

    `resected` False: explored only. `margin` of a resection, None where not known. `metastasis`: proven at it.
    """

    on: dt.date
    margin: Margin | None = None
    resected: bool = True
    metastasis: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """The start of an anticancer treatment outside the protocol."""

    on: dt.date
    intent: Intent


@dataclass(frozen=True, slots=True)
class History:
    """All that the endpoints of one participant depend on.

    `a0` arm assignment, from which time runs. `baseline`: there is a baseline tumour assessment. `slots`: the
    scheduled assessments. `last_alive_on`: last contact that confirmed life. `cut_off`: nothing after this day
    counts. Raises ImpossibleHistory for anything before A0, anything after death, two assessments on one day, a
    lesion first seen after the assessment or without progression, a recurrence or adjuvant treatment without a
    resection before it, a margin without resection, a slot that closes before it opens.
    """

    a0: dt.date
    baseline: bool = True
    assessments: tuple[Assessment, ...] = ()
    slots: tuple[Slot, ...] = ()
    operations: tuple[Operation, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    died_on: dt.date | None = None
    last_alive_on: dt.date | None = None
    cut_off: dt.date | None = None

    def __post_init__(self) -> None:
        for name, day in dated(self):
            if day < self.a0:
                words = Text(
                    "{name} of {day} lies before the assignment of {a0}.", "{day}的{name}早于{a0}的分组日期。"
                )
                raise ImpossibleHistory(words.format(name=name, day=day, a0=self.a0))
            if self.died_on is not None and day > self.died_on and name is not CUT_OFF:
                words = Text(
                    "{name} of {day} lies after the death of {died}.", "{day}的{name}晚于{died}的死亡日期。"
                )
                raise ImpossibleHistory(words.format(name=name, day=day, died=self.died_on))
        _check_assessments(self)
        _check_operations(self)
        for slot in self.slots:
            if slot.closes < slot.opens:
                words = Text(
                    "A window cannot close on {closes} before it opens on {opens}.",
                    "窗口期结束日{closes}早于开始日{opens}。",
                )
                raise ImpossibleHistory(words.format(closes=slot.closes, opens=slot.opens))


ASSESSED = Text("The assessment", "评价")
CUT_OFF = Text("The data cut-off", "数据截止日")


def dated(history: History) -> Iterator[tuple[Text, dt.date]]:
    yield from ((ASSESSED, one.on) for one in history.assessments)
    first_seen = Text("The first sight of a new lesion", "新病灶首见日")
    yield from ((first_seen, one.first_seen) for one in history.assessments if one.first_seen is not None)
    yield from ((Text("The operation", "手术"), one.on) for one in history.operations)
    yield from ((Text("The other treatment", "其他治疗"), one.on) for one in history.treatments)
    for name, day in (
        (Text("The death", "死亡"), history.died_on),
        (Text("The last contact", "末次确认存活日"), history.last_alive_on),
        (CUT_OFF, history.cut_off),
    ):
        if day is not None:
            yield name, day


def _check_assessments(history: History) -> None:
    days = [one.on for one in history.assessments]
    for one in history.assessments:
        if days.count(one.on) > 1:
            raise ImpossibleHistory(
                Text("There are two assessments on {day}.", "{day}有两次评价。").format(day=one.on)
            )
        if one.first_seen is not None and (one.first_seen > one.on or not one.progressive):
            words = Text(
                "A new lesion first seen on {seen} does not fit the assessment of {day}.",
                "新病灶首见日{seen}与{day}的评价不符。",
            )
            raise ImpossibleHistory(words.format(seen=one.first_seen, day=one.on))
        if one.result is Overall.RECURRENCE and resection_before(history, one.on) is None:
            words = Text("A recurrence on {day} needs a resection before it.", "{day}的复发之前须有切除术。")
            raise ImpossibleHistory(words.format(day=one.on))


def _check_operations(history: History) -> None:
    for one in history.operations:
        if one.margin is not None and not one.resected:
            words = Text(
                "The operation of {day} has a margin but no resection.", "{day}的手术未切除，不填切缘。"
            )
            raise ImpossibleHistory(words.format(day=one.on))
    for treatment in history.treatments:
        if treatment.intent is Intent.ADJUVANT and resection_before(history, treatment.on) is None:
            words = Text(
                "Adjuvant treatment on {day} needs a resection before it.", "{day}的辅助治疗之前须有切除术。"
            )
            raise ImpossibleHistory(words.format(day=treatment.on))


def resection_before(history: History, day: dt.date) -> Operation | None:
    """Return the latest resection on or before a day."""
    found = [one for one in history.operations if one.resected and one.on <= day]
    return max(found, key=lambda one: one.on, default=None)
