"""The treatment page in words: what its parts share, the assignment, and the criteria judged again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from arms.deviations import Deviation, of_first_day, of_infusions, of_interval, of_number_of_cycles
from arms.models import ArmAssignment, HaicCycle, Y90Infusion
from arms.models.haic import CYCLE_VISITS
from arms.selectors import Treatment, first_treated_on, haic_state, rechecked
from eligibility.criteria_wording import WORDING
from eligibility.facts import Outcome
from participants.models import CaseReportForm, Visit
from participants.workflow import VisitState
from records import clock
from records.items import Item
from records.models import Record
from records.zone import TRIAL_ZONE

Card = dict[str, Any]
DROPPED = (VisitState.SUPERSEDED, VisitState.CANCELLED, VisitState.MISSED)


def address(visit: Visit | None, code: str, repeat: int | None = None) -> str:
    """Where a form is entered; "" where its visit is not in the calendar."""
    if visit is None:
        return ""
    return reverse("casebook:entry", args=[visit.pk, code, *([repeat] if repeat else [])])


def place_of(record: CaseReportForm) -> str:
    """Where a record is entered."""
    return address(record.visit, record.form.code, record.repeat if record.form.several else None)


def shown(record: Record, name: str) -> str:
    """An answer of a form in words, with its unit."""
    item = record._meta.get_field(name)
    assert isinstance(item, Item)
    value = getattr(record, name)
    words = moment(value) if item.kind == "datetime" and value else item.display(value)
    return f"{words} {item.unit}".strip() if words else "–"


def facts_of(record: Record, names: Iterable[str]) -> list[tuple[str, str]]:
    """The answers of a form that were given, each with its label."""
    return [
        (str(record._meta.get_field(name).label), shown(record, name))  # type: ignore[union-attr]
        for name in names
        if getattr(record, name) is not None
    ]


def moment(at: datetime | None) -> str:
    return at.astimezone(TRIAL_ZONE).strftime("%Y-%m-%d %H:%M") if at else "–"


def span(first: date | None, last: date | None) -> str:
    """Two days as one span: "2026-09-22 to 2026-09-29"; one day alone."""
    if first is None or last is None or first == last:
        return str(first or last or "")
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def state_of(record: Record) -> Card:
    """How far a form has come, as a badge."""
    if record.submitted:
        return {"state_words": _("submitted"), "state_kind": "good"}
    return {"state_words": _("draft"), "state_kind": "warn"}


# Assignment -----------------------------------------------------------------------------------------


def assignment(record: ArmAssignment | None, screening: Visit | None, may_enter: bool) -> Card:
    """The board's decision as facts, and the link to its form."""
    if record is None:
        return {
            "facts": [],
            "state_words": _("not begun"),
            "state_kind": "info",
            "url": address(screening, "ARM") if may_enter else "",
            "action": _("Open MDT and assignment"),
        }
    facts = [
        (_("Arm"), shown(record, "armcd")),
        (_("Assigned on (A0)"), shown(record, "armdtc")),
        (_("Basis"), shown(record, "armbasis")),
    ]
    if record.armcd == "HAIC":
        facts.append((_("Cycles planned"), shown(record, "hplan")))
    if record.submitted_by:
        facts.append((_("Assigned by"), str(record.submitted_by)))
    facts += [
        (_("Potentially resectable"), shown(record, "potres")),
        (_("Not resected at once because of"), shown(record, "potrsn")),
        (_("Future liver remnant"), shown(record, "flrpct")),
        (_("MDT"), shown(record, "mdtdtc")),
        (_("Disciplines"), shown(record, "mdtmem")),
    ]
    return {
        "facts": facts,
        **state_of(record),
        "url": address(record.visit, "ARM"),
        "action": _("Open the form") if record.submitted or not may_enter else _("Continue"),
    }


# The criteria judged again ----------------------------------------------------------------------------


def recheck(treatment: Treatment) -> Card:
    """Exclusion 8 and 9 for the day of the first treatment, for today while it is ahead."""
    day, judged = rechecked(treatment)
    title = _("Exclusion 8 and 9, if the first treatment were today, %(day)s")
    if first_treated_on(treatment.book) is not None:
        title = _("Exclusion 8 and 9 on the day of the first treatment, %(day)s")
    return {
        "title": title % {"day": day},
        "rows": [
            {
                "id": one.criterion,
                "text": WORDING[one.criterion],
                "verdict": one.outcome.value,
                "reason": one.reason,
                "warnings": one.warnings,
            }
            for one in judged
        ],
        "open": any(one.outcome is not Outcome.PASS or one.warnings for one in judged),
    }


# Deviations -----------------------------------------------------------------------------------------


def deviations(treatment: Treatment) -> list[Deviation]:
    """What in the course of treatment counts as a deviation, by day."""
    book = treatment.book
    found: list[Deviation] = []
    for record in book.of(HaicCycle):
        found += of_interval(*_interval(treatment, record))
    day, judged = rechecked(treatment)
    if first_treated_on(book) is not None:
        found += of_first_day(day, judged)
    found += of_infusions(clock.day(one.yinfdt) for one in book.of(Y90Infusion) if one.yinfdt)
    if treatment.participant.arm == "HAIC":
        end = book.visit("EOT")
        ended_on = end.anchor_date if end is not None and end.status not in DROPPED else None
        found += of_number_of_cycles(len(haic_state(treatment).recorded), ended_on)
    return sorted(found, key=lambda one: one.on)


def _interval(treatment: Treatment, record: HaicCycle) -> tuple[int, date, Any]:
    number = CYCLE_VISITS.get(record.visit.code, 0)
    before = next(
        (one for one in treatment.book.of(HaicCycle) if CYCLE_VISITS.get(one.visit.code) == number - 1), None
    )
    start = record.started_on
    judged = record.interval_from(before, treatment.settings) if before and start else None
    return number, start or treatment.today, judged
