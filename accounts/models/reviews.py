"""The periodic review of access: who looked through the roles of a site, and what they said of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import RoleHeld, Site, User


class AccessReview(models.Model):
    """One review of the roles at a site, or of those held at all sites (site empty). Appended, never changed."""

    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="access_reviews")
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.site_id or '*'} {self.reviewed_at:%Y-%m-%d}"


class AccessReviewLine(models.Model):
    """What a review says of one role held: it goes on, or a system administrator shall end it."""

    class Verdict(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("to be kept")
        TO_END = "TO_END", _("to be ended")

    review = models.ForeignKey(AccessReview, models.PROTECT, related_name="lines")
    held = models.ForeignKey(RoleHeld, models.PROTECT, related_name="review_lines")
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    reason = models.CharField(max_length=200, blank=True, default="")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "held"], name="role_reviewed_once_a_review"),
            models.CheckConstraint(condition=Q(verdict__in=["CONFIRMED", "TO_END"]), name="verdict_known"),
            models.CheckConstraint(
                condition=Q(verdict="CONFIRMED") | ~Q(reason=""), name="ending_is_asked_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_id} {self.verdict}"
