"""Figures a worker has worked out and keeps for a while, and who looked at efficacy."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Site
from participants.models import ARMS
from records.models import AppendOnly


class Figures(models.Model):
    """The cards of one section under one set of filters and in one language, as a worker worked them out.

    `cards` is empty while that is under way. `key` is the SHA-256 of what was asked (dashboards/kept.py).
    """

    key = models.CharField(max_length=64, primary_key=True)
    section = models.CharField(max_length=20)
    asked_at = models.DateTimeField()  # of the machine, as is the next
    worked_out_at = models.DateTimeField(null=True)
    cards = models.JSONField(null=True)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE", "DELETE")
    outside_trail: ClassVar[str] = (
        "Worked out of rows that stand in the trail; overwritten every few minutes."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cards__isnull=True, worked_out_at__isnull=True)
                | Q(cards__isnull=False, worked_out_at__isnull=False),
                name="figures_have_their_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.key[:8]}"


class EfficacyLook(AppendOnly):
    """One time somebody had efficacy worked out: who, in which role, when, and for whom."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="+"
    )  # null: all the person may see
    arm = models.CharField(max_length=4, blank=True, default="")  # "" for both
    since = models.DateField(null=True)  # registered from
    until = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(arm__in=["", *ARMS]), name="efficacy_look_arm_known"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lte=F("until")),
                name="efficacy_look_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"look {self.pk}"
