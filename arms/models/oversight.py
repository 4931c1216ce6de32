"""Who planned a Y-90 activity, who checked it, and which blocks an investigator set aside, with the reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from arms.models.planning import ActivityPlan
from participants.models import Participant
from records.models import AppendOnly


class PlanAuthor(AppendOnly):
    """A person who entered or changed a plan; one row for each revision."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    plan = models.ForeignKey(ActivityPlan, models.PROTECT, related_name="authors")
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
    plan = models.ForeignKey(ActivityPlan, models.PROTECT, related_name="checks")
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
    """A block of the infusion set aside by an investigator, for one revision of the plan."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    plan = models.ForeignKey(ActivityPlan, models.PROTECT, related_name="overrides")
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
    def codes_of(cls, plan_id: int | None, revision: int | None) -> frozenset[str]:
        """The blocks set aside for a revision of a plan."""
        if plan_id is None:
            return frozenset()
        return frozenset(
            cls.objects.filter(plan_id=plan_id, revision=revision).values_list("code", flat=True)
        )
