"""What was held against the source, or read over for sense, and whether it still stands; and the plan of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from monitoring.trust import VERIFICATION_WORDS, Kind, VerificationState
from participants.models import Participant, Visit
from records.models import AppendOnly
from records.text import Text

KINDS = [str(kind) for kind in Kind]
STATES = [str(state) for state in VerificationState]


class Verification(models.Model):
    """How far one record of a form is verified (or reviewed), as it stands.

    `items` holds, for every address that was verified ("tbil", "lesions-2-ldiam"), the digest of what was seen,
    when, and the person's name: [digest, moment, name]. What has fallen since stays in it until it is verified
    again. Each step stands in VerificationStep. The record is named by number, since it may be removed.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6)
    form = models.CharField(max_length=8)
    record_id = models.BigIntegerField()
    repeat = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9)
    items = models.JSONField(default=dict)
    # Addresses that were verified and are something else now.
    fallen = ArrayField(models.CharField(max_length=80), default=list)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["participant_id", "visit_id", "form", "repeat", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["form", "record_id", "kind"], name="verification_once_a_record"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="verification_kind_known"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="verification_state_known"),
            models.CheckConstraint(
                condition=Q(state=str(VerificationState.CHANGED), fallen__len__gt=0)
                | ~Q(state=str(VerificationState.CHANGED)),
                name="verification_says_what_changed",
            ),
        ]
        indexes = [models.Index(fields=["visit", "kind"], name="verifications_of_a_visit")]

    def __str__(self) -> str:
        return f"{self.kind} {self.form} {self.record_id}"

    @property
    def words(self) -> Text:
        return VERIFICATION_WORDS[Kind(self.kind)][VerificationState(self.state)]


class VerificationStep(AppendOnly):
    """One step of a verification: who verified or withdrew what, and whose change made what fall.

    `items` holds the digest of each address at that moment; of what fell, the digest of what stands there since
    ("" where nothing does). Steps of one act in bulk share `act`.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    verification = models.ForeignKey(Verification, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=9)
    items = models.JSONField()
    act = models.CharField(max_length=32, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="verification_step_known"),
            models.CheckConstraint(
                condition=~Q(state=str(VerificationState.WITHDRAWN)) | ~Q(reason=""),
                name="verification_withdrawn_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verification_id} {self.state}"

    @property
    def words(self) -> Text:
        return VERIFICATION_WORDS[Kind(self.verification.kind)][VerificationState(self.state)]


class VerificationPlan(AppendOnly):
    """One version of what is verified of one form; the newest is in force (monitoring/plan.py has the default).

    `items`: names of items and of tables of rows; "*" for all; empty for none.
    """

    form = models.CharField(max_length=8)
    version = models.PositiveIntegerField()
    items = ArrayField(models.CharField(max_length=40))
    reason = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["form", "version"]
        constraints = [
            models.UniqueConstraint(fields=["form", "version"], name="verification_plan_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="verification_plan_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.form} v{self.version}"
