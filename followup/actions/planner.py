"""The planner at work: keep one participant's calendar in step with what is known."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from followup.actions.reminders import drop_reminders
from followup.calendars import as_current, facts_of
from followup.models import CalendarBasis
from followup.schedule import CurrentVisit, PlannedVisit, ScheduleError, haic_index_date, plan, replan
from followup.selectors import CLOSED
from participants.actions import set_anchor
from participants.models import Participant, Visit, VisitStatus
from participants.schedule_file import Anchor, Schedule
from participants.selectors import anchor_dates, schedule_in_force, schedule_of, schedules_in_force
from participants.workflow import VISIT_MOVES, VisitState
from records import clock, events, study
from records.findings import Refused
from records.text import Text

logger = logging.getLogger(__name__)

CYCLE_ENDS = {
    Anchor.C1_END: 1,
    Anchor.C2_END: 2,
    Anchor.C3_END: 3,
    Anchor.C4_END: 4,
}


@action
def replan_participant(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Bring the stored visits in step with the schedule; what has begun stays as it is.

    The number of queries does not depend on how many visits change. A second time changes nothing.
    Raises Refused where the dates contradict each other.
    """
    in_force = schedules_in_force(clock.day(now)).values("pk")[:1]
    locked = Participant.objects.select_for_update(no_key=True, of=("self",))
    participant = locked.annotate(version=in_force).get(pk=participant.pk)
    version: int = participant.version
    schedule = schedule_of(version)
    try:
        planned = plan(schedule, facts_of(participant, schedule, clock.day(now)))
    except ScheduleError as contradiction:
        raise Refused(
            _(
                "No calendar follows from these dates: the hepatectomy lies before the index procedure. Check both."
            )
        ) from contradiction
    stored = list(participant.visits.select_for_update(no_key=True))
    changes = replan([as_current(visit) for visit in stored if not visit.throughout], planned)
    known = {definition.code for definition in schedule.visits}
    kept = [_stored(current) for current in changes.keep if current.state is VisitState.PLANNED]
    kept += [visit for visit in stored if visit.throughout]
    outdated = [visit for visit in kept if visit.schedule_id != version and visit.code in known]
    if changes.nothing and not outdated:
        return
    Visit.objects.bulk_create([_new_visit(participant, version, schedule, dates) for dates in changes.add])
    moved = []
    for move in changes.move:
        visit = _stored(move.visit)
        _put_dates(visit, move.plan)
        _put_definition(visit, version, schedule)
        moved.append((visit, VisitState.PLANNED, None))
    for visit in outdated:
        # The dates are the same; another version may ask for other forms.
        _put_definition(visit, version, schedule)
        moved.append((visit, VisitState.PLANNED, None))
    dropped = [(_stored(drop.visit), VisitState.SUPERSEDED, drop.reason) for drop in changes.supersede]
    dropped += [(_stored(drop.visit), VisitState.CANCELLED, drop.reason) for drop in changes.cancel]
    _move([*moved, *dropped], by=by, now=now)
    drop_reminders(visits=[visit for visit, _state, _reason in [*moved, *dropped]], by=by, now=now)


def _move(steps: Sequence[tuple[Visit, VisitState, Text | None]], *, by: Actor, now: datetime) -> None:
    """Store new dates and append new steps of many visits; participants.actions.move_visit for one."""
    appended = []
    for visit, to, reason in steps:
        if visit.status == to:
            continue
        assert to in VISIT_MOVES[VisitState(visit.status)]
        visit.status = to
        appended.append(
            VisitStatus(
                participant_id=visit.participant_id,
                visit=visit,
                status=to,
                at=now,
                by=by.person,
                reason=reason.both if reason else "",
            )
        )
    Visit.objects.bulk_update(
        [visit for visit, _to, _reason in steps],
        [
            "schedule",
            "position",
            "label_en",
            "label_zh",
            "forms",
            "optional",
            "series",
            "anchor",
            "anchor_date",
            "target_from",
            "target_to",
            "window_open",
            "window_close",
            "status",
        ],
    )
    VisitStatus.objects.bulk_create(appended)


def _stored(current: CurrentVisit) -> Visit:
    assert isinstance(current.id, Visit)
    return current.id


def _put_dates(visit: Visit, planned: PlannedVisit) -> None:
    visit.series = planned.series
    visit.anchor, visit.anchor_date = str(planned.anchor), planned.anchor_date
    visit.target_from, visit.target_to = planned.target_from, planned.target_to
    visit.window_open, visit.window_close = planned.window_open, planned.window_close


def _new_visit(participant: Participant, version_id: int, schedule: Schedule, dates: PlannedVisit) -> Visit:
    visit = Visit(participant=participant, code=dates.code)
    _put_definition(visit, version_id, schedule)
    _put_dates(visit, dates)
    return visit


def _put_definition(visit: Visit, version_id: int, schedule: Schedule) -> None:
    """Name a visit, and the forms due at it, as a version of the schedule does."""
    definition = schedule.visit(visit.code)
    visit.schedule_id = version_id
    visit.position = definition.order
    visit.label_en, visit.label_zh = definition.label.en, definition.label.zh
    visit.forms, visit.optional = list(definition.forms), list(definition.optional)


# The lock under which one process at a time brings all calendars in step.
ALL_CALENDARS = 4908


def replan_all_where_needed(*, by: Actor, now: datetime) -> None:
    """Bring every calendar in step when another schedule or other series have come into force.

    Three queries as long as nothing changed. Each calendar is a step of its own, so pages wait for one at most; a
    run that was cut short is taken up by the next, and what is in step already is left. A calendar whose dates
    contradict each other keeps its visits. While one process does it, another leaves it to that one.
    """
    today = clock.day(now)
    chosen = study.value("followup_series", today)
    basis = f"{schedule_in_force(today).number}: {' '.join(chosen)}"
    if CalendarBasis.objects.filter(pk=1, basis=basis).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ALL_CALENDARS])
        if not cursor.fetchone()[0]:
            return
        try:
            _replan_all(basis, by=by, now=now)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ALL_CALENDARS])


def _replan_all(basis: str, *, by: Actor, now: datetime) -> None:
    for participant in Participant.objects.exclude(status__in=CLOSED).order_by("pk"):
        try:
            with transaction.atomic():
                replan_participant(participant=participant, by=by, now=now)
        except Refused as refused:
            logger.warning("The calendar of participant %s was left as it is: %s", participant.pk, refused)
    _keep_basis(basis=basis, by=by, now=now)


@action
def _keep_basis(*, basis: str, by: Actor, now: datetime) -> None:
    CalendarBasis.objects.update_or_create(pk=1, defaults={"basis": basis})


@action
def follow_haic_index(*, participant: Participant, by: Actor, now: datetime) -> bool:
    """Let A1 of a HAIC participant follow the end of the last cycle; True where it moved.

    Nothing is done for a participant without a HAIC cycle: in the other arm A1 is the infusion.
    """
    anchors = {Anchor(name): day for name, day in anchor_dates(participant).items()}
    ends = {number: anchors[name] for name, number in CYCLE_ENDS.items() if name in anchors}
    if not ends and participant.arm != "HAIC":
        return False
    index = haic_index_date(ends, ended=Anchor.EOT in anchors)
    if index == anchors.get(Anchor.A1):
        return False
    set_anchor(participant=participant, anchor=Anchor.A1, day=index, by=by, now=now)
    return True


def follow_anchor(event: events.AnchorMoved) -> None:
    """A date visits are counted from became known, changed or was forgotten.

    Where the end of a HAIC cycle moves A1 as well, the plan follows once, at A1's own event.
    """
    anchor = Anchor(event.anchor)
    if (anchor in CYCLE_ENDS or anchor is Anchor.EOT) and follow_haic_index(
        participant=event.participant, by=event.by, now=event.now
    ):
        return
    replan_participant(participant=event.participant, by=event.by, now=event.now)


def follow_form(event: events.Submitted | events.Corrected | events.Deleted) -> None:
    """An assessment, a review or a visit header was declared complete, corrected or removed, or other cycles planned."""
    record = event.record
    match record.form.code:
        case "SV":
            drop_reminders(visits=[record.visit], by=event.by, now=event.now)
        case "RSP" | "RES":
            pass
        case "ARM" if isinstance(event, events.Corrected) and "hplan" in event.changed:
            pass
        case _:
            return
    replan_participant(participant=record.participant, by=event.by, now=event.now)


def follow_status(event: events.ParticipantMoved) -> None:
    """Screen failure, withdrawal, death or completion close the calendar."""
    if event.status in CLOSED:
        replan_participant(participant=event.participant, by=event.by, now=event.now)
