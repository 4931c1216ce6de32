"""The verbs of eligibility: confirm it, declare a screen failure, record a ruling; and keep scores in step."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from eligibility import policies
from eligibility.imaging_sets import BASELINE_VISIT
from eligibility.models import (
    EligibilityDecision,
    Imaging,
    Laboratory,
    SponsorRuling,
    Staging,
    VitalSigns,
)
from eligibility.models.decision import OPEN_TO_RULING
from eligibility.selectors import Assessment, assess, seen, snapshot_of
from participants.actions import move_participant
from participants.models import CaseReportForm, Participant
from participants.still import stand_still
from participants.workflow import ParticipantState
from records import clock, events
from records.actions import derive_again, derive_all_again
from records.findings import Overtaken, Refused

SHORTEST_REASON = 10


def _assess_locked(participant: Participant, saw: str, by: Actor, now: datetime) -> Assessment:
    stand_still(participant)
    locked = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    policies.ask_investigator(locked, by)
    events.ask_act_guards(events.Act(locked))
    assessment = assess(locked, now)
    if seen(assessment) != saw:
        raise Overtaken(
            _("What the decision rests on changed after you opened this page. Read it again, then decide.")
        )
    return assessment


@action
def confirm_eligible(*, participant: Participant, saw: str, by: Actor, now: datetime) -> EligibilityDecision:
    """Confirm that a participant may be assigned an arm, and keep all that lay before the investigator.

    `saw` is what they had before them (selectors.seen); whoever saves at that moment is waited for. Raises Refused
    (policies.py) for another role or site, forms not submitted, any criterion that fails, is unknown or waits for a
    ruling, and a participant who is locked; Overtaken where they saw something else than what stands.
    """
    assessment = _assess_locked(participant, saw, by, now)
    policies.ask_confirm(assessment)
    assert by.person is not None  # an investigator is a person
    decision = EligibilityDecision.objects.create(
        participant=participant,
        outcome=ParticipantState.ELIGIBLE,
        snapshot=snapshot_of(assessment),
        decided_at=now,
        decided_by=by.person,
    )
    move_participant(participant=participant, to=ParticipantState.ELIGIBLE, by=by, now=now)
    return decision


@action
def declare_screen_failure(
    *, participant: Participant, saw: str, reason: str, by: Actor, now: datetime
) -> EligibilityDecision:
    """End a participant's screening for the criteria that fail by the data or by the investigator's answer.

    `saw` as for `confirm_eligible`. Raises Refused (policies.py) for another role or site, where nothing fails, after
    assignment, for a reason shorter than ten characters, and a participant who is locked; Overtaken where they saw
    something else.
    """
    assessment = _assess_locked(participant, saw, by, now)
    policies.ask_screen_failure(assessment)
    assert by.person is not None  # an investigator is a person
    words = reason.strip()
    if len(words) < SHORTEST_REASON:
        raise Refused(_("Write the reason in at least 10 characters."))
    decision = EligibilityDecision.objects.create(
        participant=participant,
        outcome=ParticipantState.SCREEN_FAILURE,
        failing=assessment.failing,
        stricter=list(assessment.stricter),
        reason=words,
        snapshot=snapshot_of(assessment),
        decided_at=now,
        decided_by=by.person,
    )
    criteria = ", ".join(assessment.failing)
    move_participant(
        participant=participant,
        to=ParticipantState.SCREEN_FAILURE,
        by=by,
        now=now,
        reason=f"{criteria}: {words}"[:500],
    )
    return decision


@action
def record_ruling(
    *,
    criterion: str,
    reference: str,
    effective_from: date,
    accepts: bool,
    text: str,
    by: Actor,
    now: datetime,
) -> SponsorRuling:
    """Record what the sponsor clarified about a criterion; it holds for everybody from its date on.

    Raises Refused for another role than a data manager's of all sites, a criterion whose wording leaves nothing
    open, a missing number or text, and a number recorded before.
    """
    if not by.may(Permission.CHANGE_STUDY_SETTINGS, None, clock.day(now)):
        raise Refused(_("A data manager of all sites records rulings of the sponsor."))
    if criterion not in OPEN_TO_RULING:
        raise Refused(_("This criterion leaves nothing to a ruling."))
    if not reference.strip() or not text.strip():
        raise Refused(_("Write the number of the ruling and what it says."))
    try:
        with transaction.atomic():
            return SponsorRuling.objects.create(
                criterion=criterion,
                reference=reference.strip(),
                effective_from=effective_from,
                accepts=accepts,
                text=text.strip(),
                recorded_at=now,
                recorded_by=by.author,
            )
    except IntegrityError as refused:
        if "sponsor_ruling_recorded_once" not in str(refused):
            raise
        raise Refused(_("A ruling with this number is recorded already.")) from refused


# -- what other forms' answers change ---------------------------------------------------------------

# Items that derived values of another form read.
READ_BY_STAGING = {
    "VS": {"ecog"},
    "LB": {"tbil_si", "tbil_c", "alb_si", "alb_c", "inr", "inr_c", "pt", "pt_c", "ptctl"},
}
READ_BY_LABORATORY = {"DM": {"sex", "brthdtc"}, "LB": {"crea_si", "crea_c"}}
READ_BY_VITAL_SIGNS = {"VS": {"height"}}


def keep_derived_in_step(event: events.Saved) -> None:
    """Compute again the scores, stages and areas that read an answer which has just changed."""
    record, code = event.record, event.record.form.code

    def changed(read: dict[str, set[str]]) -> bool:
        return bool(read.get(code, set()) & event.changed)

    if changed(READ_BY_STAGING):
        _derive_again(event, Staging.objects.filter(visit_id=record.visit_id))
    if changed(READ_BY_LABORATORY) and (code == "DM" or record.visit.code == "SCR"):
        of_participant = Laboratory.objects.filter(participant_id=record.participant_id)
        _derive_again(
            event, of_participant if code == "DM" else of_participant.exclude(visit_id=record.visit_id)
        )
    if changed(READ_BY_VITAL_SIGNS):
        others = VitalSigns.objects.filter(participant_id=record.participant_id).exclude(
            visit_id=record.visit_id
        )
        _derive_again(event, others)


def _derive_again(event: events.Saved, found: Any) -> None:
    for record in found.select_related("visit__participant"):
        model: type[CaseReportForm] = type(record)
        record.participant = record.visit.participant
        derive_again(
            record=record,
            context=model.context(visit=record.visit, today=clock.day(event.now), now=event.now),
            by=event.by,
            now=event.now,
            reason=_because_of(event.record),
        )


READ_BY_SUMS = {"imgdtc", "imgqual", "imgeval", "lesions"}


def keep_sums_in_step(event: events.Saved | events.Deleted) -> None:
    """Add up again what other examinations sum: of the same visit, and all where the baseline changed.

    Six queries, however many examinations there are.
    """
    record = event.record
    if not isinstance(record, Imaging):
        return
    if isinstance(event, events.Saved) and not READ_BY_SUMS & event.changed:
        return
    examinations = Imaging.examinations_of(record.participant_id)
    at_baseline = record.visit.code == BASELINE_VISIT
    derive_all_again(
        model=Imaging,
        keys=[
            one.key
            for one in examinations
            if one.key != record.pk and (at_baseline or one.visit == record.visit_id)
        ],
        context_of=lambda other: Imaging.context_of(other, examinations),
        by=event.by,
        now=event.now,
        reason=_because_of(record),
    )


def _because_of(record: Any) -> str:
    title = record.form.title
    return f"{title.zh}更改后重新计算 / recomputed after a change to: {title.en}"


def refuse_pregnancy_test_of_a_man(event: events.Saved) -> None:
    """Refuse to call a participant male while a pregnancy test is recorded (check X03)."""
    record = event.record
    if record.form.code != "DM" or record.sex != "M":
        return
    if Laboratory.objects.filter(participant_id=record.participant_id, hcg__isnull=False).exists():
        raise Refused(
            _(
                "A pregnancy test is recorded for this participant. Remove it from the laboratory form, or correct the sex."
            )
        )


def no_treatment_before_eligibility(*, record: Any, by: Actor, now: datetime) -> None:
    """Guard: nothing beyond screening is entered before the investigator has confirmed eligibility."""
    visit = getattr(record, "visit", None)
    if visit is not None:
        policies.ask_before_treatment(
            record.participant, visit.code, record.form.code, throughout=visit.throughout
        )
