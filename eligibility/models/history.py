"""Patients of a hospital's historical screening log: staged and judged, but no participants."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Site
from eligibility import codelists
from records.models import AppendOnly

POINTS = ("tbil", "alb", "inr", "ascites", "enceph")
# Nobody in a log has consented, so nobody in it is eligible.
CONCLUSIONS = ("INELIGIBLE", "PENDING")


class HistoricalEntry(AppendOnly):
    """One patient of a screening log, with where it came from, what it said and what came out.

    Not a participant: no consent, number, arm or signature, and no relation to those who have them, so that
    nothing that counts or exports participants can meet it. Added once and never changed.

    given      every cell of the line as it stood in the file, by heading
    read       by item: the value as read, exact, in the item's (SI) unit, beside the value as given
    doubtful   values that were refused or are implausible, each with its sentence in both languages
    criteria   the results of the 17 criteria; `failing` and `not_settled` (unknown or waiting for a ruling) sum up
    rules      the versions of the rules that read and judged
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="historical_entries")
    origin_name = models.CharField(max_length=120)
    origin_sha256 = models.CharField(max_length=64)
    source_row = models.PositiveIntegerField()
    source_patient = models.CharField(max_length=20)
    age_given = models.CharField(max_length=20, blank=True, default="")
    given = models.JSONField()
    read = models.JSONField()
    doubtful = models.JSONField(default=list, blank=True)

    child_pugh_points = models.JSONField()
    child_pugh_score = models.PositiveSmallIntegerField(null=True)
    child_pugh_class = models.CharField(max_length=1, blank=True, default="")
    child_pugh_reason = models.JSONField()
    albi = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    albi_grade = models.CharField(max_length=2, blank=True, default="")
    cnlc = models.CharField(max_length=7)
    cnlc_edition = models.CharField(max_length=4)
    cnlc_reason = models.JSONField()
    criteria = models.JSONField()
    failing = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    not_settled = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    conclusion = models.CharField(max_length=10)
    rules = models.JSONField()

    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["site_id", "origin_name", "source_row"]
        constraints = [
            # The same file at whichever site and under whichever name, and the same name at one site.
            models.UniqueConstraint(
                fields=["origin_sha256", "source_patient"], name="historical_entry_once_a_file"
            ),
            models.UniqueConstraint(
                fields=["site", "origin_name", "source_patient"], name="historical_entry_once_a_name"
            ),
            models.CheckConstraint(
                condition=Q(origin_sha256__regex=r"^[0-9a-f]{64}$")
                & ~Q(origin_name="")
                & ~Q(source_patient="")
                & Q(source_row__gte=2),
                name="historical_entry_says_its_origin",
            ),
            models.CheckConstraint(
                condition=Q(conclusion__in=CONCLUSIONS), name="historical_entry_is_never_eligible"
            ),
            models.CheckConstraint(
                condition=Q(cnlc__in=codelists.CNLC.values, cnlc_edition__in=codelists.CNLC_EDITION.values),
                name="historical_entry_stage_known",
            ),
            models.CheckConstraint(
                condition=Q(child_pugh_score__isnull=True, child_pugh_class="")
                | Q(child_pugh_score__gte=5, child_pugh_score__lte=6, child_pugh_class="A")
                | Q(child_pugh_score__gte=7, child_pugh_score__lte=9, child_pugh_class="B")
                | Q(child_pugh_score__gte=10, child_pugh_score__lte=15, child_pugh_class="C"),
                name="historical_entry_child_pugh_class_is_its_score",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin_name} {self.source_patient}"
