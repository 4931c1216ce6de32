"""What earlier rooms tell later ones, and what they ask of them.

An earlier room publishes an event or asks the guards, of records or of acts; the functions of later rooms that
answer are listed in one table (`settings.EVENT_TABLE`, the module trial_edc/wiring.py) and called here, in the
same transaction and in the order of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings

from accounts.access import Actor
from records.findings import Finding


@dataclass(frozen=True, slots=True)
class Event:
    by: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Saved(Event):
    """A form was stored, for the first time or again, complete or not; `changed` names its items.

    `submits`: it was declared complete by the same act, of which an event of its own follows. `reason`: why, where
    one was given; for values computed again, what brought that about. `findings` is what its checks found, and `entry`
    what was entered (records.checks.Entry); nothing and None for values computed again.
    """

    record: Any
    changed: frozenset[str]
    submits: bool = False
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    entry: Any = None


@dataclass(frozen=True, slots=True)
class Submitted(Event):
    """A form was declared complete by the person who entered it."""

    record: Any


@dataclass(frozen=True, slots=True)
class Corrected(Event):
    """A form that had been submitted was changed, with a reason."""

    record: Any
    changed: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Deleted(Event):
    """A form was removed, with a reason; `record` is what it was."""

    record: Any
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnchorMoved(Event):
    """A date that visits are counted from became known, changed, or is no longer known."""

    participant: Any
    anchor: str


@dataclass(frozen=True, slots=True)
class ParticipantMoved(Event):
    """A participant's status changed."""

    participant: Any
    status: str


@dataclass(frozen=True, slots=True)
class Act:
    """What a person does that is no form: decide, check, code, answer; about a participant, or a record of theirs.

    `visit_id`, `form` and `repeat` name the record, entered or not; 0, "" and 0 the participant as a whole.
    """

    participant: Any
    visit_id: int = 0
    form: str = ""
    repeat: int = 0

    @classmethod
    def on(cls, record: Any) -> Act:
        return cls(record.participant, record.visit_id, record.form.code, record.repeat)


Subscriber = Callable[[Any], None]
# A guard raises records.findings.Refused where the change may not be made now, or the act may not be done.
Guard = Callable[..., None]
ActGuard = Callable[[Act], None]
# Whether somebody has something typed into a record that is not saved yet.
Typing = Callable[[Any], bool]

EVENTS: tuple[type[Event], ...] = (Saved, Submitted, Corrected, Deleted, AnchorMoved, ParticipantMoved)


@cache
def _table() -> tuple[Mapping[type[Event], tuple[Subscriber, ...]], tuple[Guard, ...]]:
    wiring = import_module(settings.EVENT_TABLE)
    return wiring.SUBSCRIBERS, wiring.GUARDS


def publish(event: Event) -> None:
    """Tell every subscriber of this kind of event, in the table's order."""
    for subscriber in _table()[0].get(type(event), ()):
        subscriber(event)


def ask_guards(*, record: Any, by: Actor, now: datetime) -> None:
    """Ask whether a record may be changed now; raises Refused with a sentence where it may not."""
    for guard in _table()[1]:
        guard(record=record, by=by, now=now)


@cache
def _act_guards() -> tuple[ActGuard, ...]:
    guards: tuple[ActGuard, ...] = import_module(settings.EVENT_TABLE).ACT_GUARDS
    return guards


def ask_act_guards(act: Act) -> None:
    """Ask whether this may be done now; raises Refused with a sentence where it may not.

    To be asked inside the act's transaction: what the guards found holds until that ends.
    """
    for guard in _act_guards():
        guard(act)


def is_typed_into(record: Any) -> bool:
    """Whether anybody has something typed into a record and not saved: nothing automatic takes it from under them."""
    asked: tuple[Typing, ...] = import_module(settings.EVENT_TABLE).TYPING
    return any(one(record) for one in asked)
