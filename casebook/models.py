"""What the casebook itself records: each printing of a participant's casebook."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from participants.models import Participant
from records.models import AppendOnly


class CasebookPrinting(AppendOnly):
    """One time somebody made a PDF of a participant's casebook.

    `reference` is printed on every page; the hash tells whether a file is the one that was made.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="printings")
    reference = models.CharField(max_length=8, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)  # the role it was printed in
    with_trail = models.BooleanField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reference__regex=r"^[0-9A-F]{8}$"), name="casebook_printing_reference_form"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="casebook_printing_has_its_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.participant_id}"
