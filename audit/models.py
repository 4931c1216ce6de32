"""Reviews of the audit trail: that somebody looked at it, at which part, and what they made of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from records.models import AppendOnly


class TrailReview(AppendOnly):
    """One review of the trail, completed: the period, the sites, the figures as they stood, and the findings."""

    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_as = models.CharField(max_length=20)  # the role
    from_day = models.DateField()  # in Shanghai, both included
    to_day = models.DateField()
    site_ids = ArrayField(models.BigIntegerField(), default=list)  # empty: every site
    # What was looked at: the number of entries, and how many of each kind of finding (audit/reviewing.py).
    figures = models.JSONField()
    findings = models.TextField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_day__lte=F("to_day")), name="trail_review_ends_after_its_start"
            ),
            models.CheckConstraint(condition=~Q(findings=""), name="trail_review_has_findings"),
        ]

    def __str__(self) -> str:
        return f"{self.from_day} – {self.to_day}"
