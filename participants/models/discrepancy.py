"""What a check across forms found, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from participants.models.participant import Participant, Visit
from participants.workflow import DISCREPANCY_WORDS, DiscrepancyState
from records.models import AppendOnly
from records.text import Text


class Discrepancy(models.Model):
    """Two forms of a participant that do not fit together, by one check, at one item of one record.

    Found, confirmed by the site with a comment, or closed because the check finds it no longer; found again it is
    opened again. Each step stands in DiscrepancyStep.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="discrepancies")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    check_id = models.CharField(max_length=8)
    form = models.CharField(max_length=8)
    record_id = models.BigIntegerField()
    repeat = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=80)
    about = models.CharField(max_length=80, blank=True, default="")
    message_en = models.TextField()
    message_zh = models.TextField()
    status = models.CharField(max_length=9, default=DiscrepancyState.OPEN)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["participant_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "check_id", "form", "record_id", "item", "about"],
                name="discrepancy_found_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in DiscrepancyState]),
                name="discrepancy_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["form", "record_id"], name="discrepancies_of_a_record"),
            models.Index(fields=["status", "participant"], name="discrepancies_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.form} {self.record_id}"

    @property
    def message(self) -> Text:
        return Text(self.message_en, self.message_zh)

    @property
    def status_words(self) -> Text:
        return DISCREPANCY_WORDS[DiscrepancyState(self.status)]

    @property
    def is_open(self) -> bool:
        return self.status == DiscrepancyState.OPEN


class DiscrepancyStep(AppendOnly):
    """One step of a discrepancy: found, confirmed with a comment, closed."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    discrepancy = models.ForeignKey(Discrepancy, models.PROTECT, related_name="steps")
    status = models.CharField(max_length=9)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    comment = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in DiscrepancyState]),
                name="discrepancy_step_known",
            ),
            models.CheckConstraint(
                condition=~Q(status=str(DiscrepancyState.CONFIRMED)) | (~Q(comment="") & Q(by__isnull=False)),
                name="discrepancy_confirmed_with_a_comment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.discrepancy_id} {self.status}"

    @property
    def words(self) -> Text:
        return DISCREPANCY_WORDS[DiscrepancyState(self.status)]
