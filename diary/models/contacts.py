"""How a participant is reached, under a consent of its own; apart from everything else, encrypted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from participants.models import Participant
from records.models import AppendOnly


class ContactConsent(AppendOnly):
    """A participant's consent that the site keeps contact details here, or its withdrawal; the latest holds."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="contact_consents")
    given = models.BooleanField()
    signed_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.given}"


class ContactDetails(models.Model):
    """Contact details, encrypted (diary/contact_cipher.py); the trail says that they changed and never to what.

    They are removed when the consent is withdrawn: nothing of them is left in the database then.
    """

    participant = models.OneToOneField(Participant, models.PROTECT, related_name="+")
    ciphertext = models.TextField()
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self) -> str:
        return f"of {self.participant_id}"
