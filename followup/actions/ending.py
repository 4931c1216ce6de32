"""How treatment and participation end: what the forms of disposition and survival say moves the participant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.access import Actor
from accounts.attribution import action
from followup import codelists
from followup.actions.planner import replan_participant
from followup.models import Disposition, SurvivalFollowUp
from participants.actions import move_participant, set_anchor
from participants.models import THROUGHOUT, Participant, ParticipantStatus, Visit
from participants.schedule_file import Anchor
from participants.selectors import next_repeat
from participants.workflow import ParticipantState
from records import clock, events
from records.actions import save_record
from records.checks import Entry
from records.models import Record

S = ParticipantState
# States that follow from what these forms say; everybody else is where treatment and visits have led.
ENDED = (S.COMPLETED, S.WITHDRAWN, S.DIED)
# The study ended for another reason than that it was completed, or that the participant died or never began.
NO_WITHDRAWAL = ("COMPLETED", "DEATH", "SCREENFAILURE")


def follow_end(event: events.Submitted | events.Corrected | events.Deleted) -> None:
    """A form of disposition or survival was declared complete, corrected or removed."""
    if event.record.form.code in ("DS", "SURV"):
        settle_end(participant=event.record.participant, by=event.by, now=event.now)


@action
def settle_end(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Bring the end anchors and the participant's status in step with the submitted forms.

    A death counts before a withdrawal, a withdrawal from everything or another end of the study before its
    completion. Where no form says so any more, the participant returns to where they were. The end of
    treatment alone, or a withdrawal from treatment only, leads from treatment to follow-up.
    """
    locked = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    if locked.status == S.SCREEN_FAILURE:
        return
    submitted: dict[str, Any] = {"participant": locked, "state": Record.State.SUBMITTED}
    ends = {row.dsscat or "": row for row in Disposition.objects.filter(**submitted)}
    died = SurvivalFollowUp.objects.filter(**submitted, ssstat="DEAD").exists()
    wanted, reason = _where(ends, died)
    if wanted is not None and locked.status != wanted:
        _move(locked, wanted, reason, by, now)
    elif wanted is None and locked.status in ENDED:
        _return(locked, by, now)
    for kind, anchor in (("EOT", Anchor.EOT), ("EOS", Anchor.EOS)):
        day = ends[kind].dsstdtc if kind in ends else None
        set_anchor(participant=locked, anchor=anchor, day=day, by=by, now=now)
    if "EOT" in ends and locked.status == S.ON_TREATMENT:
        move_participant(participant=locked, to=S.FOLLOW_UP, by=by, now=now)
    participant.status = locked.status


def _where(ends: dict[str, Disposition], died: bool) -> tuple[ParticipantState | None, str]:
    """The state the forms lead to, None where they end nothing, and the reason in words."""
    if died:
        return S.DIED, ""
    for kind, row in ends.items():
        left = kind == "EOS" and row.dsdecod not in NO_WITHDRAWAL
        if left or row.wdscope == "ALL":
            words = codelists.WHY_ENDED.label(row.dsdecod or "")
            return S.WITHDRAWN, f"{words.zh} / {words.en}"
    if "EOS" in ends and ends["EOS"].dsdecod == "COMPLETED":
        return S.COMPLETED, ""
    return None, ""


def _move(participant: Participant, to: ParticipantState, reason: str, by: Actor, now: datetime) -> None:
    if participant.status in ENDED and to is not S.DIED:
        _return(participant, by, now)
    if to is S.COMPLETED and participant.status == S.ON_TREATMENT:
        move_participant(participant=participant, to=S.FOLLOW_UP, by=by, now=now)
    move_participant(participant=participant, to=to, by=by, now=now, reason=reason)


def _return(participant: Participant, by: Actor, now: datetime) -> None:
    """Lead back to the last state before the end that no form says any more, and open the calendar again."""
    before = (
        ParticipantStatus.objects.filter(participant=participant)
        .exclude(status__in=ENDED)
        .order_by("-id")
        .values_list("status", flat=True)
        .first()
    )
    assert before is not None  # everybody began in screening
    reason = "表单更正 / the form that said so was corrected"
    move_participant(participant=participant, to=S(before), by=by, now=now, reason=reason)
    replan_participant(participant=participant, by=by, now=now)


def record_screen_failure(event: events.ParticipantMoved) -> None:
    """A declared screen failure is the end of the study, with the criteria that failed."""
    if event.status != S.SCREEN_FAILURE:
        return
    places = Visit.objects.select_related("participant")
    log = places.filter(participant=event.participant, series=THROUGHOUT).first()
    if log is None:
        return
    status = ParticipantStatus.objects.filter(participant=event.participant).latest("id")
    repeat = next_repeat(Disposition, log)
    today = clock.day(event.now)
    save_record(
        model=Disposition,
        place={"participant": log.participant, "visit": log, "repeat": repeat},
        entry=Entry(
            {"dsscat": "EOS", "dsstdtc": today, "dsdecod": "SCREENFAILURE", "dsterm": status.reason or None}
        ),
        context=Disposition.context(visit=log, repeat=repeat, today=today, now=event.now),
        submit=True,
        by=event.by,
        now=event.now,
    )
