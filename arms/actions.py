"""The verbs of treatment: assign an arm, check a plan, set a block aside; and what follows from each form."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from arms import cycle_record
from arms.models import (
    ActivityPlan,
    ArmAssignment,
    HaicCycle,
    MaaMapping,
    PlanAuthor,
    PlanCheck,
    SafetyOverride,
)
from arms.models.haic import CYCLE_VISITS
from arms.models.readings import LABORATORY
from arms.policies import may_assign, treatment_begun
from arms.selectors import REVIEW_VISIT, y90_state
from participants.actions import move_participant, set_anchor
from participants.models import Participant, Visit
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState, VisitState
from records import clock, events
from records.actions import derive_again
from records.findings import Overtaken, Refused
from records.items import items_of

RECOMPUTED = "Recomputed from a changed answer / 因所依据的数据变更而重新计算"


# Assignment -----------------------------------------------------------------------------------------


def assign(event: events.Submitted) -> None:
    """A submitted ARM form assigns the arm: status, arm and A0. Refused for anybody but an investigator."""
    record = event.record
    if not isinstance(record, ArmAssignment):
        return
    participant = Participant.objects.select_for_update(no_key=True).get(pk=record.participant_id)
    if not may_assign(event.by, participant, event.now):
        raise Refused(_("An investigator assigns the arm. You can save the form as a draft."))
    if participant.status != ParticipantState.ELIGIBLE:
        raise Refused(
            _("Only a participant who is eligible is assigned; this one is “%(status)s”.")
            % {"status": participant.status_words}
        )
    _set_arm(participant, record)
    move_participant(participant=participant, to=ParticipantState.ASSIGNED, by=event.by, now=event.now)
    set_anchor(participant=participant, anchor=Anchor.A0, day=record.armdtc, by=event.by, now=event.now)


def reassign(event: events.Corrected) -> None:
    """A corrected ARM form moves A0, and the arm as long as nothing of either arm has been entered."""
    record = event.record
    if not isinstance(record, ArmAssignment) or not event.changed & {"armcd", "armdtc"}:
        return
    participant = Participant.objects.select_for_update(no_key=True).get(pk=record.participant_id)
    if not may_assign(event.by, participant, event.now):
        raise Refused(_("Arm and assignment date are corrected by an investigator."))
    if "armcd" in event.changed:
        if treatment_begun(participant):
            raise Refused(_("The arm cannot change any more: treatment forms have been entered."))
        _set_arm(participant, record)
    set_anchor(participant=participant, anchor=Anchor.A0, day=record.armdtc, by=event.by, now=event.now)


def _set_arm(participant: Participant, record: ArmAssignment) -> None:
    participant.arm = record.armcd
    participant.save(update_fields=["arm"])
    # The form page shows this very object once more.
    record.participant.arm = record.armcd


# Anchors and status ---------------------------------------------------------------------------------


def follow_dates(event: events.Saved) -> None:
    """Dates of a treatment form are the dates visits are counted from."""
    record = event.record
    for anchor, day in _anchors_of(record).items():
        set_anchor(participant=record.participant, anchor=anchor, day=day, by=event.by, now=event.now)
    if _given(record):
        _move(record.participant, ParticipantState.ASSIGNED, ParticipantState.ON_TREATMENT, event)
        if not record.submitted:
            _move(record.participant, ParticipantState.FOLLOW_UP, ParticipantState.ON_TREATMENT, event)


def _anchors_of(record: Any) -> dict[Anchor, date | None]:
    match getattr(record, "form", None) and record.form.code:
        case "HAIC":
            number = CYCLE_VISITS[record.visit.code]
            return {
                Anchor(f"C{number}_START"): cycle_record.first_day(record.answers),
                Anchor(f"C{number}_END"): _day(record.hcathout),
            }
        case "YMAP":
            newest = MaaMapping.objects.filter(participant_id=record.participant_id)
            mapped = newest.order_by("visit__occurrence", "repeat").values_list("ymapdtc", flat=True).last()
            return {Anchor.MAP: _day(mapped)}
        case "YTRT":
            return {Anchor.A1: _day(record.yinfdt)}
        case "SURG":
            return {Anchor.A2: None if record.noresrsn else record.surgdtc}
    return {}


def _day(moment: datetime | None) -> date | None:
    return clock.day(moment) if moment else None


def _given(record: Any) -> bool:
    """Whether the form says that study treatment was given."""
    if isinstance(record, HaicCycle):
        return cycle_record.first_day(record.answers) is not None
    return getattr(record, "yinfdt", None) is not None


def _move(
    participant: Participant, when: ParticipantState, to: ParticipantState, event: events.Event
) -> None:
    status = Participant.objects.values_list("status", flat=True).get(pk=participant.pk)
    if status == when:
        move_participant(participant=participant, to=to, by=event.by, now=event.now)


def end_treatment(event: events.Submitted | events.Corrected) -> None:
    """A submitted cycle, infusion or review may be the last step of treatment: follow-up begins.

    Stands behind the planner in the table of events, because it reads which cycles are still planned.
    """
    if event.record.form.code not in ("HAIC", "YTRT", "RSP", "SV"):
        return
    participant = Participant.objects.get(pk=event.record.participant_id)
    if participant.status == ParticipantState.ON_TREATMENT and _treated(participant, event.record):
        move_participant(participant=participant, to=ParticipantState.FOLLOW_UP, by=event.by, now=event.now)
        event.record.participant.status = participant.status


def _treated(participant: Participant, record: Any) -> bool:
    if participant.arm == "Y90":
        return record.form.code == "YTRT" and record.yinfdt is not None
    submitted = set(
        HaicCycle.objects.filter(participant=participant, submitted_at__isnull=False).values_list(
            "visit__code", flat=True
        )
    )
    visits = dict(Visit.objects.filter(participant=participant).values_list("code", "status"))
    ahead = [
        code
        for code in CYCLE_VISITS
        if visits.get(code) in (VisitState.PLANNED, VisitState.STARTED, VisitState.DONE)
        and code not in submitted
    ]
    planned = ArmAssignment.objects.filter(participant=participant).values_list("hplan", flat=True).first()
    # Four cycles were planned and the review after two has not spoken yet.
    waits = planned == "4" and len(submitted) < 4 and visits.get(REVIEW_VISIT) != VisitState.DONE
    return bool(submitted) and not ahead and not waits


def follow_readings(event: events.Saved) -> None:
    """Values a treatment form was computed from have changed: compute it again."""
    code = event.record.form.code if hasattr(event.record, "form") else ""
    if code == "HAIC" and event.changed & {"hprocdt", "oxast", "hcathout", "hbsa"}:
        after = CYCLE_VISITS[event.record.visit.code] + 1
        stale = (
            HaicCycle.objects.filter(visit__code=f"H-C{after}") if event.changed else HaicCycle.objects.none()
        )
        models: list[Any] = [stale]
    elif code == "VS" and event.changed & {"height", "weight", "ecog"}:
        here = {"visit__position__gte": event.record.visit.position}
        here |= {} if "height" in event.changed else {"visit_id": event.record.visit_id}
        models = [HaicCycle.objects.filter(**here), ActivityPlan.objects.filter(**here)]
    elif code == "LB" and event.changed & set(LABORATORY):
        models = [HaicCycle.objects.filter(visit_id=event.record.visit_id)]
    else:
        return
    for found in models:
        mine = found.filter(participant_id=event.record.participant_id)
        for record in mine.select_related("visit__participant"):
            context = type(record).context(visit=record.visit, today=clock.day(event.now), now=event.now)
            derive_again(record=record, context=context, by=event.by, now=event.now, reason=RECOMPUTED)


# The plan's second person, and overrides ------------------------------------------------------------


def note_author(event: events.Saved) -> None:
    """Keep who entered or changed a plan, so that somebody else checks it."""
    record = event.record
    if not isinstance(record, ActivityPlan) or event.by.person is None:
        return
    typed = {item.name for item in items_of(ActivityPlan) if not item.derived}
    if event.changed & typed:
        PlanAuthor.objects.create(
            participant_id=record.participant_id,
            plan=record,
            revision=record.revision,
            by=event.by.person,
            at=event.now,
        )


@action
def check_plan(*, plan: ActivityPlan, revision: int, by: Actor, now: datetime) -> PlanCheck:
    """Confirm as a second person that the activity of a plan was worked out correctly.

    Raises Refused for a plan not submitted, for anybody who entered any part of it, and for a role that does
    not enter data; Overtaken where the plan is not the one the person saw.
    """
    plan = ActivityPlan.objects.select_for_update().get(pk=plan.pk)
    if by.person is None or Permission.ENTER_DATA not in GRANTS.get(by.role, ()):
        raise Refused(_("Your role does not check plans."))
    if plan.revision != revision:
        raise Overtaken(_("The plan was changed after you opened it. Look at it again, then check it."))
    if not plan.submitted:
        raise Refused(_("The plan has not been submitted yet."))
    authors = set(PlanAuthor.objects.filter(plan=plan).order_by("id").values_list("by_id", flat=True))
    if by.person.pk in authors:
        raise Refused(_("You entered this plan. A second person checks it."))
    if PlanCheck.objects.filter(plan=plan, revision=revision).exists():
        raise Refused(_("The plan has been checked already."))
    planner = PlanAuthor.objects.filter(plan=plan).latest("id")
    return PlanCheck.objects.create(
        participant_id=plan.participant_id,
        plan=plan,
        revision=revision,
        planned_by_id=planner.by_id,
        by=by.person,
        at=now,
    )


@action
def override_block(*, plan: ActivityPlan, code: str, reason: str, by: Actor, now: datetime) -> SafetyOverride:
    """Set one block of the infusion aside, with a reason, for the plan as it stands.

    Raises Refused for a role that does not assign arms, without a reason, and for a block that is not there or
    that nobody may set aside.
    """
    plan = ActivityPlan.objects.select_for_update().select_related("participant").get(pk=plan.pk)
    if by.person is None or Permission.ASSIGN_ARM not in GRANTS.get(by.role, ()):
        raise Refused(_("Only an investigator sets a block aside."))
    if not reason.strip():
        raise Refused(_("Write the reason."))
    block = next((one for one in y90_state(plan.participant, now).open_blocks if one.code == code), None)
    if block is None:
        raise Refused(_("This block is not there any more."))
    if not block.overridable:
        raise Refused(_("This step cannot be left out."))
    return SafetyOverride.objects.create(
        participant_id=plan.participant_id,
        plan=plan,
        revision=plan.revision,
        code=code,
        block_en=block.message.en,
        block_zh=block.message.zh,
        reason=reason.strip(),
        by=by.person,
        at=now,
    )
