"""Files people added to forms: a photo of a report, a medical report."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from participants.models.participant import Participant
from records.files import KEY, MOST_BYTES
from records.models import AppendOnly


class StoredFile(AppendOnly):
    """One file of a participant's, kept under its key in the folder of files (FILES_ROOT); never changed.

    A form names its key (records.items.FileItem). The name it had on the person's device may name people and is
    not kept.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="files")
    key = models.CharField(max_length=40, unique=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_at = models.DateTimeField()
    # Empty: the participant, with an entry of their own record.
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(key__regex=KEY), name="stored_file_key_form"),
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=MOST_BYTES), name="stored_file_size"),
        ]

    def __str__(self) -> str:
        return self.key
