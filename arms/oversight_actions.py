"""The verbs of oversight: keep who worked on a plan, check it, set a block aside by two people, read a notice once."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from arms.infusion_checks import Block
from arms.models import (
    ActivityPlan,
    NoticeRead,
    OverrideConfirmation,
    PlanAuthor,
    PlanCheck,
    SafetyOverride,
)
from arms.selectors import treatment_of
from arms.y90_selectors import y90_state
from records import events
from records.findings import Overtaken, Refused
from records.items import items_of


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

    Raises Refused for a plan not submitted or locked, for anybody who entered any part of it, and for a role that
    does not enter data; Overtaken where the plan is not the one the person saw.
    """
    plan = ActivityPlan.objects.select_for_update().get(pk=plan.pk)
    if by.person is None or Permission.ENTER_DATA not in GRANTS.get(by.role, ()):
        raise Refused(_("Your role does not check plans."))
    events.ask_act_guards(events.Act.on(plan))
    _ask_same(plan, revision)
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


def _ask_same(plan: ActivityPlan, revision: int) -> None:
    if plan.revision != revision:
        raise Overtaken(_("The plan was changed after you opened it. Look at it again, then go on."))


@action
def request_override(
    *, plan: ActivityPlan, revision: int, code: str, reason: str, by: Actor, now: datetime
) -> SafetyOverride:
    """Ask, with a reason, that one block of the infusion be set aside for the plan as it stands.

    It holds once another person has confirmed it. Raises Refused for a role that does not enter data, without a
    reason, for a block that is not there, that nobody may set aside, or that was asked for already, and for a plan
    that is locked; Overtaken where the plan is not the one the person saw.
    """
    plan = ActivityPlan.objects.select_for_update().select_related("participant").get(pk=plan.pk)
    if by.person is None or Permission.ENTER_DATA not in GRANTS.get(by.role, ()):
        raise Refused(_("Your role does not ask for a block to be set aside."))
    events.ask_act_guards(events.Act.on(plan))
    _ask_same(plan, revision)
    if not reason.strip():
        raise Refused(_("Write the reason."))
    block = _block(plan, code, now)
    if not block.overridable:
        raise Refused(_("This block cannot be set aside."))
    try:
        with transaction.atomic():
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
    except IntegrityError as refused:
        if "override_once_a_block" not in str(refused):
            raise
        raise Refused(_("It has been asked for already.")) from refused


@action
def confirm_override(*, override: SafetyOverride, by: Actor, now: datetime) -> OverrideConfirmation:
    """Confirm as a second person that a block is set aside.

    Raises Refused for a role that does not assign arms, for whoever asked, for a request confirmed already,
    where plan or block are no longer those it was asked for, and where the plan is locked.
    """
    plan = ActivityPlan.objects.select_for_update().filter(pk=override.plan_id).first()
    if by.person is None or Permission.ASSIGN_ARM not in GRANTS.get(by.role, ()):
        raise Refused(_("Only an investigator sets a block aside."))
    if by.person.pk == override.by_id:
        raise Refused(_("You asked for it. A second person confirms it."))
    if plan is None or plan.revision != override.revision:
        raise Refused(
            _("The plan has changed since this was asked for. Ask again for the plan as it stands.")
        )
    events.ask_act_guards(events.Act.on(plan))
    _block(plan, override.code, now)
    return OverrideConfirmation.objects.create(
        participant_id=override.participant_id,
        override=override,
        requested_by_id=override.by_id,
        by=by.person,
        at=now,
    )


def _block(plan: ActivityPlan, code: str, now: datetime) -> Block:
    """The block still in the way of the newest plan; Refused where it is gone."""
    state = y90_state(treatment_of(plan.participant, now))
    if state.current is None or state.current.plan is None or state.current.plan.pk != plan.pk:
        raise Refused(_("A newer mapping has taken the place of this plan."))
    block = next((one for one in state.open_blocks if one.code == code), None)
    if block is None:
        raise Refused(_("This block is not there any more."))
    return block


@action
def read_notice(*, notice: str, by: Actor, now: datetime) -> None:
    """Keep that a person has read a notice, so that it is not shown again."""
    NoticeRead.objects.get_or_create(person=by.author, notice=notice, defaults={"at": now})
