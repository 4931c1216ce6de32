"""Reads of follow-up: what a calendar depends on, which visits wait, and which reminders were sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.access import Access, Permission
from arms.models import ArmAssignment, ResectabilityReview
from arms.reviews import Decision
from followup.course import Assessment
from followup.models import Reminder, ReminderAttempt, ReminderMessage, TumourResponse
from followup.schedule import WINDOW_WORDS, PlannedVisit, WindowStatus, window_status
from followup.workflow import UNDECIDED, MessageState, ReminderState
from participants.models import Participant, Visit, VisitHeader
from participants.schedule_file import Anchor, Schedule
from participants.selectors import CaseForms, case_forms_of, visits_for
from participants.workflow import ParticipantState, VisitState
from records.study import SERIES, value
from records.text import Text

CLOSED = (
    ParticipantState.SCREEN_FAILURE,
    ParticipantState.COMPLETED,
    ParticipantState.WITHDRAWN,
    ParticipantState.DIED,
)
# A visit in one of these states still has something to be done at it.
WAITING = (VisitState.PLANNED, VisitState.STARTED)
MOST_AT_ONCE = 500


# ---- what a calendar depends on --------------------------------------------------------------------


def series_in_use(schedule: Schedule, today: date) -> frozenset[str]:
    """The series of visits followed on a day: the schedule's, and of those the sponsor chooses, the chosen; one query."""
    return (schedule.series_on() - frozenset(SERIES.values)) | frozenset(value("followup_series", today))


def planned_visit(visit: Visit) -> PlannedVisit | None:
    """A stored visit's dates as the planner reads them; None for one that was never planned."""
    if visit.target_from is None or visit.target_to is None or visit.anchor_date is None:
        return None
    return PlannedVisit(
        visit.code,
        Anchor(visit.anchor),
        visit.anchor_date,
        visit.target_from,
        visit.target_to,
        visit.window_open,
        visit.window_close,
        visit.series,
    )


def assessments_of(participant: Participant) -> list[Assessment]:
    """The tumour assessments that were submitted, by the day they were made; one query."""
    return assessments_in(case_forms_of(participant, (TumourResponse,)))


def assessments_in(book: CaseForms) -> list[Assessment]:
    """The same of forms read before."""
    made = [(one.rsdtc, one.pk, one) for one in book.of(TumourResponse) if one.submitted and one.rsdtc]
    return [
        Assessment(one.visit.code, on, one.rscat or "", one.rsinv or "", one.recurfl or "")
        for on, _pk, one in sorted(made)
    ]


def decisions_in(book: CaseForms) -> list[Decision]:
    """The decisions of the MDT's reviews that were submitted, by their day."""
    held = [(one.resdtc, one.pk, one) for one in book.of(ResectabilityReview) if one.submitted and one.resdtc]
    return [decision for *_when, one in sorted(held) if (decision := one.decision) is not None]


def cycles_at_assignment(book: CaseForms) -> int | None:
    """How many HAIC cycles the board planned at assignment; None in the other arm, or in none."""
    planned = next((one.hplan for one in book.of(ArmAssignment) if one.submitted), None)
    return int(planned) if planned else None


def visits_seen(book: CaseForms) -> dict[str, date]:
    """The actual day of each visit that took place, by code (the first of repeated ones)."""
    seen = [one for one in book.of(VisitHeader) if one.submitted and one.svdone == "Y"]
    seen.sort(key=lambda one: (one.visit.occurrence, one.repeat), reverse=True)
    return {one.visit.code: one.svstdtc for one in seen if one.svstdtc is not None}


# ---- which visits wait -----------------------------------------------------------------------------


def waiting_visits(visits: QuerySet[Visit], today: date) -> QuerySet[Visit]:
    """Of these visits, the ones whose window has opened and that are not done, of people still in the trial."""
    return (
        visits.filter(status__in=WAITING)
        .exclude(participant__status__in=CLOSED)
        .annotate(opens=Coalesce("window_open", "target_from"))
        .filter(opens__lte=today)
        .select_related("participant")
        .order_by(F("window_close").asc(nulls_last=True), "participant__number", "position")
    )


def status_of(visit: Visit, today: date, closing_days: int) -> WindowStatus | None:
    """Where today lies in a visit's window; None for a visit done, dropped, or never planned."""
    planned = planned_visit(visit)
    if planned is None or visit.status not in WAITING:
        return None
    return window_status(planned, today, closing_days)


@dataclass(slots=True)
class DueVisits:
    """Visits that wait for somebody, the most pressing first in each list."""

    overdue: list[Visit] = field(default_factory=list)
    closing: list[Visit] = field(default_factory=list)
    open: list[Visit] = field(default_factory=list)


def due_visits(access: Access, today: date, visits: Q | None = None) -> DueVisits:
    """The visits this person sees that are overdue, closing or open; two queries whatever there is.

    `visits` narrows them, e.g. to one site. Each comes with its participant.
    """
    found = DueVisits()
    closing_days = value("reminder_closing_days", today)
    lists = {
        WindowStatus.OVERDUE: found.overdue,
        WindowStatus.CLOSING: found.closing,
        WindowStatus.OPEN: found.open,
    }
    for visit in waiting_visits(visits_for(access).filter(visits or Q()), today):
        status = status_of(visit, today, closing_days)
        if status in lists:
            lists[status].append(visit)
    return found


MARKS = {
    VisitState.PLANNED: "upcoming",
    VisitState.STARTED: "partial",
    VisitState.DONE: "submitted",  # its header was
    VisitState.MISSED: "missed",
    VisitState.SUPERSEDED: "superseded",
    VisitState.CANCELLED: "na",
}
WINDOW_MARKS = {
    WindowStatus.UPCOMING: "upcoming",
    WindowStatus.OPEN: "open",
    WindowStatus.CLOSING: "open",
    WindowStatus.OVERDUE: "overdue",
}
WINDOW_BADGES = {WindowStatus.CLOSING: "warn", WindowStatus.OVERDUE: "bad", WindowStatus.OPEN: "info"}


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One visit of a calendar as the pages of the calendar show it."""

    visit: Visit
    mark: str  # a state of templates/components/mark.html
    words: Text
    badge: str  # the colour of a badge, "" for plain words
    url: str  # of the visit's first form, "" where none is due


def calendar_rows(visits: Iterable[Visit], today: date) -> list[CalendarRow]:
    """Show these visits with their state or, while they wait, where today lies in the window; one query."""
    closing_days = value("reminder_closing_days", today)
    rows = []
    for visit in visits:
        state, window = VisitState(visit.status), status_of(visit, today, closing_days)
        mark, words, badge = MARKS[state], visit.status_words, ""
        if window is not None and (state is VisitState.PLANNED or window is WindowStatus.OVERDUE):
            mark, words, badge = WINDOW_MARKS[window], WINDOW_WORDS[window], WINDOW_BADGES.get(window, "")
        dropped = state in (VisitState.SUPERSEDED, VisitState.CANCELLED)
        url = (
            reverse("casebook:entry", args=[visit.pk, visit.forms[0]]) if visit.forms and not dropped else ""
        )
        rows.append(CalendarRow(visit, mark, words, badge, url))
    return rows


# ---- reminders -------------------------------------------------------------------------------------


def carried_by(message: ReminderMessage) -> list[Reminder]:
    """The reminders in a message, by participant and visit; one query."""
    found = Reminder.objects.filter(message=message, status=ReminderState.IN_MESSAGE)
    return list(
        found.select_related("participant", "visit").order_by("participant__number", "visit__position", "pk")
    )


def _attempts(path: str) -> Prefetch[str, QuerySet[ReminderAttempt], str]:
    return Prefetch(path, queryset=ReminderAttempt.objects.select_related("settled_by").order_by("number"))


def reminders_of(participant: Participant) -> list[Reminder]:
    """Every reminder about a participant with its message and its attempts, the newest first; two queries."""
    found = Reminder.objects.filter(participant=participant).select_related("recipient", "visit", "message")
    return list(found.prefetch_related(_attempts("message__attempts")))


def troubled_reminders(access: Access) -> QuerySet[Reminder]:
    """Reminders whose message waits for a person, at the sites where this one settles them, the longest due first."""
    found = Reminder.objects.filter(
        status=ReminderState.IN_MESSAGE,
        message__in=_messages_for(access).filter(status__in=UNDECIDED),
    )
    return found.select_related("participant", "recipient", "visit", "message").order_by("due_since", "pk")


def messages_to_send(now: datetime) -> list[int]:
    """The messages whose next try has come, urgent ones and the oldest first; at most as many as one search asks for."""
    due = ReminderMessage.objects.filter(status=MessageState.DUE, next_try_at__lte=now)
    return list(due.order_by("-urgent", "next_try_at", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def _messages_for(access: Access) -> QuerySet[ReminderMessage]:
    if not access.may_somewhere(Permission.SETTLE_REMINDERS):
        return ReminderMessage.objects.none()
    return ReminderMessage.objects.filter(access.at_sites(Permission.SETTLE_REMINDERS))


def message_or_404(access: Access, pk: int) -> ReminderMessage:
    """One message this person may settle; 404 for those of other sites."""
    found: Any = get_object_or_404(_messages_for(access), pk=pk)
    return found
