"""What calendars depend on, read for one participant or for many, and what a version of the schedule would change.

Nothing is written here: followup/actions/planner.py stores what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from arms.models import ArmAssignment, ResectabilityReview
from arms.reviews import cycles_planned, latest, not_resectable_on
from followup.amendment import Amended, Unplannable, amended
from followup.course import progression_date
from followup.models import Disposition, SurvivalFollowUp, TumourResponse
from followup.schedule import CurrentVisit, Facts, ScheduleError, plan
from followup.selectors import (
    CLOSED,
    assessments_in,
    cycles_at_assignment,
    decisions_in,
    planned_visit,
    series_in_use,
    visits_seen,
)
from participants.models import Participant, Visit, VisitHeader
from participants.schedule_file import Anchor, Schedule
from participants.selectors import CaseForms, case_forms_of, case_forms_of_each
from participants.workflow import ParticipantState, VisitState
from records import clock

# The forms a calendar depends on.
PLANNING = (ResectabilityReview, ArmAssignment, TumourResponse, VisitHeader)
# Those that say when participation ended, besides.
ENDING = (Disposition, SurvivalFollowUp)
AT_ONCE = 200


def facts_of(participant: Participant, schedule: Schedule, today: date) -> Facts:
    """What the calendar of a participant depends on, as it is known now; three queries at most."""
    closed = participant.status in CLOSED
    book = case_forms_of(participant, (*PLANNING, *ENDING) if closed else PLANNING)
    closed_on = _ended_on(participant, book) if closed else None
    return facts_in(participant, book, series_in_use(schedule, today), closed_on)


def facts_in(
    participant: Participant, book: CaseForms, series_on: frozenset[str], closed_on: date | None
) -> Facts:
    """The same of forms read before."""
    anchors = {Anchor(name): day for name, day in book.anchors.items()}
    decisions = decisions_in(book)
    planned = cycles_at_assignment(book) if participant.arm == "HAIC" else None
    decided = latest(decisions, anchors.get(Anchor.C2_END) or anchors.get(Anchor.C2_START))
    return Facts(
        anchors=anchors,
        arm=participant.arm,
        haic_cycles=cycles_planned(planned, decided),
        series_on=series_on,
        closed_on=closed_on,
        progression_on=progression_date(assessments_in(book)),
        not_resectable_on=not_resectable_on(decisions),
        seen=visits_seen(book),
    )


def _ended_on(participant: Participant, book: CaseForms) -> date:
    """The day of the death, or of the end of the study, as the forms say it; else the day the status was set."""
    if participant.status == ParticipantState.DIED:
        days = [one.dthdtc for one in book.of(SurvivalFollowUp) if one.submitted and one.ssstat == "DEAD"]
    else:
        ends = [one for one in book.of(Disposition) if one.submitted]
        days = [one.dsstdtc for one in ends if one.dsscat == "EOS" or one.wdscope == "ALL"]
    known = [day for day in days if day is not None]
    return min(known) if known else clock.day(participant.statuses.filter(status__in=CLOSED).latest("id").at)


def as_current(visit: Visit) -> CurrentVisit:
    """A stored visit as the planner reads it, with itself as the opaque id."""
    return CurrentVisit(visit, visit.code, VisitState(visit.status), planned_visit(visit))


def amendments(schedule: Schedule, on: date) -> Iterator[Amended | Unplannable]:
    """What each open calendar would become under a version of the schedule that is in force on a day.

    In the order of participants' numbers; those who have left the trial keep theirs and are not told. One query for
    each couple of hundred participants, and nothing is written.
    """
    series_on = series_in_use(schedule, on)
    people = iter(Participant.objects.exclude(status__in=CLOSED).order_by("number"))
    while some := list(islice(people, AT_ONCE)):
        books = case_forms_of_each(some, PLANNING)
        for participant in some:
            book = books[participant.pk]
            try:
                planned = plan(schedule, facts_in(participant, book, series_on, None))
            except ScheduleError:
                yield Unplannable(participant.number)
                continue
            current = [as_current(visit) for visit in book.visits if not visit.throughout]
            yield amended(participant.number, current, planned, schedule)
