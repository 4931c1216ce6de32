"""The planner at work: keep one participant's calendar in step with what is known."""

from __future__ import annotations

from datetime import datetime

from accounts.access import Actor
from followup.schedule import CurrentVisit, Facts, Plan, PlannedVisit, plan, replan
from participants.actions import move_visit
from participants.models import Participant, Visit
from participants.schedule_file import Anchor, Schedule
from participants.selectors import anchor_dates, schedule_in_force, schedule_of
from participants.workflow import ParticipantState, VisitState
from records import clock, events
from records.trail import action

CLOSED = (ParticipantState.SCREEN_FAILURE, ParticipantState.WITHDRAWN, ParticipantState.DIED)


def facts_of(participant: Participant, now: datetime) -> Facts:
    """What the calendar of a participant depends on, as it is known now."""
    anchors = {Anchor(name): day for name, day in anchor_dates(participant).items()}
    closed_on = None
    if participant.status in CLOSED:
        closed_on = clock.day(participant.statuses.filter(status__in=CLOSED).latest("id").at)
    return Facts(anchors=anchors, arm=participant.arm, closed_on=closed_on)


def _current(visit: Visit) -> CurrentVisit:
    dates = None
    if visit.target_from is not None and visit.target_to is not None and visit.anchor_date is not None:
        dates = PlannedVisit(
            visit.code,
            Anchor(visit.anchor),
            visit.anchor_date,
            visit.target_from,
            visit.target_to,
            visit.window_open,
            visit.window_close,
            visit.series,
        )
    return CurrentVisit(visit, visit.code, VisitState(visit.status), dates)


def _put_dates(visit: Visit, planned: PlannedVisit) -> None:
    visit.series = planned.series
    visit.anchor, visit.anchor_date = str(planned.anchor), planned.anchor_date
    visit.target_from, visit.target_to = planned.target_from, planned.target_to
    visit.window_open, visit.window_close = planned.window_open, planned.window_close


@action
def replan_participant(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Bring the stored visits in step with the schedule; what has begun stays as it is."""
    participant = Participant.objects.select_for_update().get(pk=participant.pk)
    version = schedule_in_force(clock.day(now))
    schedule = schedule_of(version.pk)
    planned: Plan = plan(schedule, facts_of(participant, now))
    stored = list(participant.visits.select_for_update())
    changes = replan([_current(visit) for visit in stored], planned)

    Visit.objects.bulk_create([_new_visit(participant, version.pk, schedule, dates) for dates in changes.add])
    for move in changes.move:
        visit = move.visit.id
        assert isinstance(visit, Visit)
        _put_dates(visit, move.plan)
        visit.schedule = version
        visit.save()
        move_visit(visit=visit, to=VisitState.PLANNED, by=by, now=now)
    for drops, state in ((changes.supersede, VisitState.SUPERSEDED), (changes.cancel, VisitState.CANCELLED)):
        for drop in drops:
            assert isinstance(drop.visit.id, Visit)
            move_visit(visit=drop.visit.id, to=state, by=by, now=now, reason=drop.reason.zh)


def _new_visit(participant: Participant, version_id: int, schedule: Schedule, dates: PlannedVisit) -> Visit:
    definition = schedule.visit(dates.code)
    visit = Visit(
        participant=participant,
        schedule_id=version_id,
        code=dates.code,
        position=definition.order,
        label_en=definition.label.en,
        label_zh=definition.label.zh,
        forms=list(definition.forms),
    )
    _put_dates(visit, dates)
    return visit


def follow_anchor(event: events.AnchorMoved) -> None:
    """A date visits are counted from became known or changed."""
    replan_participant(participant=event.participant, by=event.by, now=event.now)


def follow_status(event: events.ParticipantMoved) -> None:
    """Screen failure, withdrawal or death close the calendar."""
    if event.status in CLOSED:
        replan_participant(participant=event.participant, by=event.by, now=event.now)
