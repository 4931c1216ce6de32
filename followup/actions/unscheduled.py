"""Unscheduled visits: begun when they happen, and numbered after the last visit that has begun."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from followup.schedule import ScheduleError, unscheduled_number
from followup.selectors import CLOSED
from participants.actions import move_visit
from participants.models import Participant, Visit
from participants.selectors import schedule_in_force, schedule_of
from participants.workflow import VisitState
from records import clock, events
from records.findings import Refused

UNSCHEDULED = "UNS"


@action
def add_unscheduled_visit(*, participant: Participant, by: Actor, now: datetime) -> Visit:
    """Begin an unscheduled visit, numbered 0.01 after the last visit that has begun.

    Raises Refused for a participant who is locked or has left the trial, and after 99 of them in a row.
    """
    participant = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    events.ask_act_guards(events.Act(participant))
    if participant.status in CLOSED:
        raise Refused(
            _("A participant who is “%(status)s” has no further visits.")
            % {"status": participant.status_words}
        )
    version = schedule_in_force(clock.day(now))
    definition = schedule_of(version.pk).visit(UNSCHEDULED)
    begun = [visit for visit in participant.visits.all() if visit.begun]
    planned = [visit.position for visit in begun if visit.code != UNSCHEDULED]
    used = {visit.position for visit in begun if visit.code == UNSCHEDULED}
    last = max(planned, default=Decimal(schedule_of(version.pk).visit("SCR").order))
    try:
        number = unscheduled_number(last, used)
    except ScheduleError as full:
        raise Refused(_("There are 99 unscheduled visits after this one already.")) from full
    visit = Visit.objects.create(
        participant=participant,
        schedule=version,
        code=UNSCHEDULED,
        occurrence=len(used) + 1,
        position=number,
        series=definition.series,
        label_en=definition.label.en,
        label_zh=definition.label.zh,
        forms=list(definition.forms),
        optional=list(definition.optional),
    )
    move_visit(visit=visit, to=VisitState.STARTED, by=by, now=now)
    return visit
