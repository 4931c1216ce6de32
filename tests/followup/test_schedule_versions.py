"""Another version of the schedule reaches the visits that have not begun, whether or not their dates move."""

from __future__ import annotations

from accounts.access import SYSTEM, Actor
from followup.actions import replan_all_where_needed
from participants.actions import adopt_schedule, set_anchor
from participants.models import Participant, ScheduleVersion, Visit
from participants.schedule_file import Anchor
from participants.workflow import VisitState
from records import clock
from tests.cast import START


def test_a_form_added_to_visits_is_due_at_those_planned_and_not_at_those_begun(
    participant: Participant, by_investigator: Actor
) -> None:
    Participant.objects.filter(pk=participant.pk).update(arm="Y90", status="ON_TREATMENT")
    set_anchor(participant=participant, anchor=Anchor.A1, day=clock.day(START), by=by_investigator, now=START)
    before = {visit.code: visit for visit in participant.visits.all()}
    assert (before["SCR"].status, before["Y-M1"].status) == (VisitState.STARTED, VisitState.PLANNED)
    assert "MH" not in before["Y-M1"].forms
    first = ScheduleVersion.objects.get(number=1)
    source = first.source.replace(
        'forms = ["SV", "VS", "LB", "STG", "IMG"', 'forms = ["SV", "MH", "VS", "LB", "STG", "IMG"'
    ).replace('forms = ["SV", "DM", "MH"', 'forms = ["SV", "DM"')
    adopt_schedule(number=2, effective_from=first.effective_from, source=source, by=SYSTEM, now=START)

    replan_all_where_needed(by=SYSTEM, now=START)

    after = {visit.code: visit for visit in Visit.objects.select_related("schedule")}
    assert (after["Y-M1"].schedule.number, after["Y-M1"].status) == (2, VisitState.PLANNED)
    assert after["Y-M1"].forms == ["SV", "MH", *before["Y-M1"].forms[1:]]
    assert after["Y-M1"].window_open == before["Y-M1"].window_open
    assert (after["SCR"].schedule.number, after["SCR"].forms) == (1, before["SCR"].forms)
