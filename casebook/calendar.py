"""The calendar of a site or of several: which visits stand at which day, for the month, the list, and the feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from accounts.models import Site
from casebook.models import SiteContact
from followup.selectors import CLOSED, WAITING, CalendarRow, calendar_rows
from participants.models import Participant, Visit, VisitHeader
from participants.workflow import VisitState
from records.models import Record
from records.text import Text

A_WEEK = 7
# A day of the month shows so many; the rest stands in the list.
MOST_A_DAY = 6


class Standing(StrEnum):
    """Why a visit stands at a day."""

    LAST_DAY = "LAST_DAY"
    TARGET = "TARGET"
    SEEN = "SEEN"


STANDING_WORDS = {
    Standing.LAST_DAY: Text("last day of the window", "窗口期最后一天"),
    Standing.TARGET: Text("target day", "计划日"),
    Standing.SEEN: Text("took place", "实际访视"),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """One visit at one day."""

    day: date
    standing: Standing
    visit_id: int
    number: str  # of the participant
    position: float


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of a day's month."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following - timedelta(days=1)


def weeks_of(first: date, last: date) -> list[list[date]]:
    """The weeks, from Monday on, that hold these days."""
    monday = first - timedelta(days=first.weekday())
    count = ((last - monday).days // A_WEEK) + 1
    return [[monday + timedelta(days=A_WEEK * week + day) for day in range(A_WEEK)] for week in range(count)]


def _headers() -> QuerySet[VisitHeader]:
    return VisitHeader.objects.filter(state=Record.State.SUBMITTED, svdone="Y").exclude(svstdtc=None)


def seen_at(participant: Participant) -> dict[int, date]:
    """The day each visit of a participant took place, by its id; one query."""
    rows = _headers().filter(participant=participant).order_by("repeat").values_list("visit_id", "svstdtc")
    found: dict[int, date] = {}
    for pk, day in rows:
        if day is not None:
            found.setdefault(pk, day)
    return found


def placed(visits: QuerySet[Visit], first: date, last: date, *, waiting: bool = False) -> list[Placed]:
    """Where these visits stand between two days, both included, in the order of days; two queries.

    A visit that took place stands at that day. Another one stands at its target and, while it waits, at the last day
    of its window; one that fell away, or waits for somebody who left the trial, stands nowhere.
    `waiting` leaves only those that wait.
    """
    inside = (first, last)
    seen: dict[int, date] = {}
    rows = _headers().filter(svstdtc__range=inside).order_by("-repeat")
    for pk, day in () if waiting else rows.values_list("visit_id", "svstdtc"):
        if day is not None:
            seen[pk] = day
    dated = Q(target_from__range=inside) | Q(window_close__range=inside)
    open_now = Q(status__in=WAITING) & ~Q(participant__status__in=CLOSED)
    past = Q(status=VisitState.MISSED) & dated | Q(pk__in=list(seen))
    chosen = visits.filter(dated & open_now if waiting else dated & open_now | past)
    found = [
        Placed(day, standing, pk, number, float(position))
        for pk, number, position, status, target, close in chosen.values_list(
            "pk", "participant__number", "position", "status", "target_from", "window_close"
        )
        for day, standing in _days(seen.get(pk), status, target, close)
        if first <= day <= last
    ]
    order = list(Standing)
    return sorted(found, key=lambda one: (one.day, order.index(one.standing), one.number, one.position))


def _days(
    seen: date | None, status: str, target: date | None, close: date | None
) -> Iterable[tuple[date, Standing]]:
    if seen is not None:
        yield seen, Standing.SEEN
        return
    if target is not None:
        yield target, Standing.TARGET
    if close is not None and close != target and status in WAITING:
        yield close, Standing.LAST_DAY


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit at one day as a page shows it."""

    row: CalendarRow
    standing: Standing
    day: date

    @property
    def words(self) -> Text:
        return STANDING_WORDS[self.standing]


def entries(found: Iterable[Placed], today: date) -> list[Entry]:
    """The same with each visit's state, words and address; two queries."""
    found = list(found)
    visits = Visit.objects.filter(pk__in={one.visit_id for one in found}).select_related("participant")
    rows: Mapping[int, CalendarRow] = {row.visit.pk: row for row in calendar_rows(visits, today)}
    return [Entry(rows[one.visit_id], one.standing, one.day) for one in found]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month: what stands at it, the first few told and the rest counted."""

    day: date
    inside: bool  # of the month itself, not of a week it shares
    today: bool
    entries: tuple[Entry, ...]
    more: int


def month(found: Iterable[Placed], first: date, last: date, today: date) -> list[list[Day]]:
    """The weeks of a month with what stands at each day."""
    by_day: dict[date, list[Placed]] = defaultdict(list)
    for one in found:
        by_day[one.day].append(one)
    told: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries((one for some in by_day.values() for one in some[:MOST_A_DAY]), today):
        told[entry.day].append(entry)
    return [
        [
            Day(
                day=day,
                inside=first <= day <= last,
                today=day == today,
                entries=tuple(told[day]),
                more=max(len(by_day[day]) - MOST_A_DAY, 0),
            )
            for day in week
        ]
        for week in weeks_of(first, last)
    ]


def contact_of(site: Site) -> str:
    """How participants of a site reach the study team; "" where nobody said."""
    newest = SiteContact.objects.filter(site=site).order_by("-id").values_list("words", flat=True).first()
    return newest or ""
