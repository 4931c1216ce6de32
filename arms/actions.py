"""The verbs of treatment: assign an arm, check a plan, set a block aside; and what follows from each form."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from arms import cycle_record
from arms.models import (
    ActivityPlan,
    ArmAssignment,
    HaicCycle,
    Hepatectomy,
    MaaMapping,
    ResectabilityReview,
    Y90Infusion,
)
from arms.models.haic import CYCLE_VISITS
from arms.models.readings import LABORATORY
from arms.policies import may_assign, treatment_begun
from arms.reviews import MOST_CYCLES
from arms.selectors import review_after_two
from arms.y90_course import pairs_of, resting_on
from participants.actions import move_participant, set_anchor
from participants.models import Participant
from participants.schedule_file import Anchor
from participants.selectors import case_forms_of
from participants.workflow import ParticipantState, VisitState
from records import clock, events
from records.actions import derive_again
from records.findings import Refused

RECOMPUTED = "Recomputed from a changed answer / 因所依据的数据变更而重新计算"


# Assignment -----------------------------------------------------------------------------------------


def assign(event: events.Submitted) -> None:
    """A submitted ARM form assigns the arm: status, arm and A0. Refused for anybody but an investigator."""
    record = event.record
    if not isinstance(record, ArmAssignment):
        return
    participant = record.participant
    if not may_assign(event.by, participant, event.now):
        raise Refused(_("An investigator assigns the arm. You can save the form as a draft."))
    move_participant(
        participant=participant,
        to=ParticipantState.ASSIGNED,
        arm=record.armcd,
        only_from=ParticipantState.ELIGIBLE,
        by=event.by,
        now=event.now,
        refusal=_("Only a participant who is eligible is assigned; this one is “%(now)s”."),
    )
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
        # Treatment goes on; a correction of what was given before says nothing of that.
        if not record.submitted or record.revision == 1:
            _move(record.participant, ParticipantState.FOLLOW_UP, ParticipantState.ON_TREATMENT, event)


def follow_removed(event: events.Deleted) -> None:
    """A removed form is no longer one of those a date is taken from: the latest mapping, the first infusion or surgery."""
    record = event.record
    for anchor, day in _anchors_of(record).items():
        set_anchor(participant=record.participant, anchor=anchor, day=day, by=event.by, now=event.now)


def refuse_removal(event: events.Deleted) -> None:
    """A mapping stays as long as a plan rests on it, a plan as long as an infusion does."""
    record = event.record
    if isinstance(record, MaaMapping):
        plan = ActivityPlan.objects.filter(visit_id=record.visit_id, repeat=record.repeat)
        if plan.exists():
            raise Refused(
                _("An activity plan rests on this mapping. Remove the plan first, or correct the mapping.")
            )
    elif isinstance(record, ActivityPlan) and _is_infused(record):
        raise Refused(_("An infusion rests on this plan: it is corrected, not removed."))


def _is_infused(plan: ActivityPlan) -> bool:
    book = case_forms_of(plan.participant, (MaaMapping, Y90Infusion))
    pairs = pairs_of(book.of(MaaMapping), ())
    found = [resting_on(pairs, one.yinfdt) for one in book.of(Y90Infusion)]
    return any(pair is not None and pair.number == plan.repeat for pair in found)


def _anchors_of(record: Any) -> dict[Anchor, date | None]:
    """The dates a form gives, all of the participant's records of it taken together."""
    match getattr(record, "form", None) and record.form.code:
        case "HAIC":
            number = CYCLE_VISITS[record.visit.code]
            return {
                Anchor(f"C{number}_START"): cycle_record.first_day(record.answers),
                Anchor(f"C{number}_END"): _day(record.hcathout),
            }
        case "YMAP":
            mapped = MaaMapping.objects.filter(participant_id=record.participant_id, ymapdtc__isnull=False)
            return {Anchor.MAP: _day(mapped.order_by("ymapdtc").values_list("ymapdtc", flat=True).last())}
        case "YTRT":
            given = Y90Infusion.objects.filter(participant_id=record.participant_id, yinfdt__isnull=False)
            return {Anchor.A1: _day(given.order_by("yinfdt").values_list("yinfdt", flat=True).first())}
        case "SURG":
            resected = Hepatectomy.objects.filter(participant_id=record.participant_id, surgyn="Y")
            days = resected.exclude(surgdtc=None).order_by("surgdtc").values_list("surgdtc", flat=True)
            return {Anchor.A2: days.first()}
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
    if event.record.form.code not in ("HAIC", "YTRT", "RES", "SV"):
        return
    participant = Participant.objects.get(pk=event.record.participant_id)
    if participant.status == ParticipantState.ON_TREATMENT and _treated(participant, event.record):
        move_participant(participant=participant, to=ParticipantState.FOLLOW_UP, by=event.by, now=event.now)
        event.record.participant.status = participant.status


def _treated(participant: Participant, record: Any) -> bool:
    if participant.arm == "Y90":
        return record.form.code == "YTRT" and record.yinfdt is not None
    book = case_forms_of(participant, (HaicCycle, ArmAssignment, ResectabilityReview))
    submitted = {one.visit.code for one in book.of(HaicCycle) if one.submitted}
    visits = {visit.code: visit.status for visit in book.visits}
    ahead = [
        code
        for code in CYCLE_VISITS
        if visits.get(code) in (VisitState.PLANNED, VisitState.STARTED, VisitState.DONE)
        and code not in submitted
    ]
    planned = {one.hplan for one in book.of(ArmAssignment)}
    # Four cycles were planned and the review after two has not spoken yet.
    waits = planned == {str(MOST_CYCLES)} and len(submitted) < MOST_CYCLES and review_after_two(book) is None
    return bool(submitted) and not ahead and not waits


def follow_readings(event: events.Saved) -> None:
    """Values a treatment form was computed from have changed: compute it again."""
    if event.record.participant.arm is None and event.record.form.code != "IE":
        return  # nobody is treated before an arm is assigned
    for found in _computed_from(event):
        mine = found.filter(participant_id=event.record.participant_id)
        for record in mine.select_related("visit__participant"):
            record.participant = record.visit.participant
            place = {"repeat": record.repeat, "today": clock.day(event.now), "now": event.now}
            context = type(record).context(visit=record.visit, **place)
            derive_again(record=record, context=context, by=event.by, now=event.now, reason=RECOMPUTED)


def _computed_from(event: events.Saved) -> list[Any]:
    """The treatment forms that read what has just changed."""
    record, changed = event.record, event.changed
    match record.form.code:
        case "HAIC" if changed & {"hprocdt", "oxast", "hcathout", "hbsa"}:
            after = CYCLE_VISITS[record.visit.code] + 1
            return [HaicCycle.objects.filter(visit__code=f"H-C{after}")]
        case "VS" if changed & {"height", "weight", "ecog"}:
            here = {"visit__position__gte": record.visit.position}
            here |= {} if "height" in changed else {"visit_id": record.visit_id}
            return [HaicCycle.objects.filter(**here), ActivityPlan.objects.filter(**here)]
        case "LB" if changed & set(LABORATORY):
            return (
                [HaicCycle.objects.filter(visit_id=record.visit_id)]
                if record.participant.arm == "HAIC"
                else []
            )
        case "STG" if "cptot" in changed:
            return [HaicCycle.objects.filter(visit__position__gte=record.visit.position)]
        case "IE" if "potres" in changed:
            return [ArmAssignment.objects.all()]
        case "YTRT" if changed & {"yinfdt", "ydlungpost"}:
            return [ActivityPlan.objects.all()]
    return []
