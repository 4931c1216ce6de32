"""Laboratory results that call for an adverse event, where a person said that there is none."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from participants.models import Participant, Visit
from records.models import AppendOnly


class LaboratoryDismissal(AppendOnly):
    """A result of this grade is no adverse event, and why; a higher grade of the same result asks again."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    repeat = models.PositiveSmallIntegerField()
    test = models.CharField(max_length=16)
    grade = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    dismissed_at = models.DateTimeField()
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "repeat", "test", "grade"], name="laboratory_dismissed_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="laboratory_dismissed_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}/{self.repeat} {self.test}"
