"""Checks that read more than one form of a participant: what a check is, and the casebook it reads.

Rooms write their checks as plain functions and list them in one table (`CROSS_CHECKS` of settings.EVENT_TABLE,
the module trial_edc/wiring.py). A check runs when an answer it reads is saved, on whichever side, and daily where it
becomes true by time passing. What it finds stands at the form it concerns until it is corrected or confirmed with a
comment (participants/actions/discrepancies.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects

from accounts.reading import rows_where
from participants.models import CaseReportForm, Participant
from records import clock
from records.definition import forms, row_groups
from records.text import Text

# Reading every item of a form.
ALL: tuple[str, ...] = ()


@dataclass(slots=True)
class Casebook:
    """The forms of one participant as a check reads them: each kind of form in one query, when first asked for."""

    participant: Participant
    now: datetime
    _read: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return clock.day(self.now)

    def all(self, code: str) -> list[Any]:
        """Every record of a form, drafts included, in the order of the visits; rows inside come along."""
        if code not in self._read:
            model: Any = forms()[code]
            found = rows_where(model, {"participant": self.participant}, along=("visit",))
            prefetch_related_objects(found, *row_groups(model))
            found.sort(key=lambda one: (one.visit.position, one.visit.occurrence, one.repeat))
            self._read[code] = found
        return self._read[code]

    def at(self, code: str, visit_id: int) -> list[Any]:
        """The records of a form at one visit."""
        return [record for record in self.all(code) if record.visit_id == visit_id]

    def first(self, code: str, visit_code: str = "SCR") -> Any | None:
        """The first record of a form at the visit of this code; None where there is none."""
        return next((record for record in self.all(code) if record.visit.code == visit_code), None)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What a check found: the record and the item (or row address) it stands at, and a sentence.

    `about` keeps several findings of one check at the same item apart.
    """

    record: CaseReportForm
    item: str
    message: Text
    about: str = ""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """One check of specification section 8.26.

    reads  the items it reads, by form code; ALL for every item of a form
    find   gives what does not fit together in a casebook
    hard   what it finds is refused when the form it stands at is saved; adverse events are saved all the same
    daily  it becomes true by time passing, so it also runs once a day
    only_in  the participant's states in which a form of this code can break it; left out: any
    """

    id: str
    words: Text
    reads: Mapping[str, tuple[str, ...]]
    find: Callable[[Casebook], Iterable[Mismatch]]
    hard: bool = False
    daily: bool = False
    only_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def concerns(self, code: str, changed: Iterable[str] | None, status: str = "") -> bool:
        """Say whether it reads any of the changed items of a form; None: the form was removed or submitted."""
        if code not in self.reads or (status and status not in self.only_in.get(code, (status,))):
            return False
        items = self.reads[code]
        return changed is None or items == ALL or bool(set(items) & set(changed))


@cache
def cross_checks() -> tuple[CrossCheck, ...]:
    """Every check of the trial, in the order of the table."""
    found: tuple[CrossCheck, ...] = import_module(settings.EVENT_TABLE).CROSS_CHECKS
    return found
