"""Electronic signatures: of a form, of a visit, of a casebook; each bound to what exactly was signed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.codelists import MEANINGS
from monitoring.trust import SIGNATURE_WORDS, SIGNED_WORDS, Level, SignatureState
from participants.models import Participant, Visit
from records.models import AppendOnly
from records.text import Text

SIGNED_LEVELS = (Level.FORM, Level.VISIT, Level.PARTICIPANT)


class Signature(models.Model):
    """One person's signature of one extent: what it means, when, and the hash of what was signed.

    `sha256` is over the extent and the hash of every record in it (monitoring/content.py); `manifest` names those
    records with their hashes and the version of each form's definition, so that anybody can work it out again. A
    signature is never changed but for its state: a change of what was signed voids it, which stands in
    SignatureVoid.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    level = models.CharField(max_length=11)
    key = models.CharField(max_length=40)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    form = models.CharField(max_length=8, blank=True, default="")
    repeat = models.PositiveSmallIntegerField(default=0)
    meaning = models.CharField(max_length=16)
    # The name as it was printed when it was signed: a person may be called something else later.
    name = models.CharField(max_length=120)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    manifest = models.JSONField()
    state = models.CharField(max_length=8, default=SignatureState.STANDING)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state=str(SignatureState.STANDING)),
                name="signature_stands_once_a_place",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in SignatureState]), name="signature_state_known"
            ),
            models.CheckConstraint(
                condition=Q(level__in=[str(level) for level in SIGNED_LEVELS]), name="signature_level_known"
            ),
            models.CheckConstraint(condition=Q(meaning__in=MEANINGS.values), name="signature_meaning_known"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="signature_has_a_hash"),
        ]
        indexes = [
            models.Index(fields=["participant", "state"], name="signatures_of_a_participant"),
            models.Index(
                fields=["participant"],
                condition=Q(level=str(Level.PARTICIPANT), state=str(SignatureState.STANDING)),
                name="casebooks_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def stands(self) -> bool:
        return self.state == SignatureState.STANDING

    @property
    def words(self) -> Text:
        return SIGNATURE_WORDS[SignatureState(self.state)]

    @property
    def meaning_words(self) -> Text:
        return MEANINGS.label(self.meaning)

    @property
    def of(self) -> Text:
        """What was signed, in a word: form, visit, casebook."""
        return SIGNED_WORDS[Level(self.level)]


class SignatureVoid(AppendOnly):
    """A signature lost its hold: whose change of what did it, when and why."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="void")
    # The record that changed, and which of its items.
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    form = models.CharField(max_length=8)
    repeat = models.PositiveSmallIntegerField()
    items = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.signature_id} {self.form}"
