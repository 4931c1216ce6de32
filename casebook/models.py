"""What the casebook itself keeps: each printing of a participant's casebook, and what was typed but not saved yet."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import QueryDict

from participants.models import Participant, Visit
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


class UnsavedEntry(models.Model):
    """What a person typed on one opened page of a form and has not saved: offered to them again, read by nobody else.

    It goes when they save the form or drop it; until then it is no data of the trial. Two pages of the same form
    keep apart what was typed on each.
    """

    page = models.UUIDField(unique=True)  # the page it was typed on, named when it was opened
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+")
    form = models.CharField(max_length=8)
    repeat = models.PositiveSmallIntegerField()
    posted = models.JSONField()  # [name, value] of each field of the page, as it would be posted
    kept_at = models.DateTimeField()

    outside_trail: ClassVar[str] = (
        "Typed and not saved: a person's note pad. What they save of it is in the trail."
    )

    class Meta:
        ordering = ["-kept_at"]
        indexes = [models.Index(fields=["person", "visit"], name="unsaved_of_a_person_at_a_visit")]

    def __str__(self) -> str:
        return f"{self.form} {self.visit_id} {self.repeat}"

    def as_posted(self) -> QueryDict:
        """The fields as the form reads them."""
        return QueryDict(urlencode([(name, value) for name, value in self.posted]))
