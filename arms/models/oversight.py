"""Who planned a Y-90 activity, who checked it, and which blocks two people set aside, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from arms.models.planning import ActivityPlan
from participants.models import Participant
from records.models import AppendOnly


def _plan(name: str) -> Any:
    """A reference to a plan that stays as it is when the plan is removed: who worked on it is not forgotten."""
    return models.ForeignKey(ActivityPlan, models.DO_NOTHING, db_constraint=False, related_name=name)


class PlanAuthor(AppendOnly):
    """A person who entered or changed a plan; one row for each revision."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    plan = _plan("authors")
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "revision"], name="plan_author_once_a_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} r{self.revision}"


class PlanCheck(AppendOnly):
    """A second person checked one revision of a plan; any later change of the plan asks for a new check."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    plan = _plan("checks")
    revision = models.PositiveIntegerField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "revision"], name="plan_checked_once_a_revision"),
            models.CheckConstraint(condition=~Q(by=F("planned_by")), name="plan_checked_by_a_second_person"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} r{self.revision}"


class SafetyOverride(AppendOnly):
    """One person's request to set a block of the infusion aside, for one revision of the plan; holds once confirmed."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    plan = _plan("overrides")
    revision = models.PositiveIntegerField()
    code = models.CharField(max_length=24)
    # What was set aside, in words as they stood then.
    block_en = models.CharField(max_length=300)
    block_zh = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "revision", "code"], name="override_once_a_block"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.code}"

    @classmethod
    def of_plans(cls, plans: Sequence[ActivityPlan]) -> list[SafetyOverride]:
        """Everything asked for on these plans, with who confirmed it; one query, none without a plan."""
        if not plans:
            return []
        people = ("by", "confirmation__by")
        return list(cls.objects.filter(plan__in=[plan.pk for plan in plans]).select_related(*people))

    @classmethod
    def set_aside(cls, plans: Sequence[ActivityPlan]) -> list[SafetyOverride]:
        """Those of them that a second person confirmed."""
        return [one for one in cls.of_plans(plans) if one.confirmed]

    @property
    def confirmed(self) -> bool:
        return hasattr(self, "confirmation")


class OverrideConfirmation(AppendOnly):
    """A second person, an investigator, confirmed the request: the block is set aside."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    override = models.OneToOneField(SafetyOverride, models.PROTECT, related_name="confirmation")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(by=F("requested_by")), name="override_confirmed_by_a_second_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.override_id}"


class NoticeRead(AppendOnly):
    """A person has read a notice that is shown once, such as the one about the dose of oxaliplatin (C17)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    notice = models.CharField(max_length=24)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["person", "notice"], name="notice_read_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.notice}"
