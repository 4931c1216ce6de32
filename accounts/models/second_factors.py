"""What a person proves themselves with besides the password."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class SecondFactor(models.Model):
    """An authenticator app (TOTP) or a passkey (WebAuthn) of one person; ended, never removed."""

    class Kind(models.TextChoices):
        TOTP = "TOTP", _("authenticator app")
        PASSKEY = "PASSKEY", _("passkey")

    person = models.ForeignKey(User, models.PROTECT, related_name="second_factors")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    name = models.CharField(max_length=60)
    # TOTP: the shared secret, encrypted (accounts/second_factors.py), and the last time step a code was taken of.
    secret = models.CharField(max_length=255, blank=True, default="")
    last_step = models.BigIntegerField(default=0)
    # Passkey: as the authenticator told at its registration.
    credential_id = models.BinaryField(null=True, unique=True)
    public_key = models.BinaryField(null=True)
    uses = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="TOTP", credential_id=None, public_key=None) & ~Q(secret="")
                | Q(kind="PASSKEY", credential_id__isnull=False, public_key__isnull=False, secret=""),
                name="second_factor_has_its_secret",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="second_factor_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """One code for the day the second factor is lost; kept as a hash, good once."""

    person = models.ForeignKey(User, models.PROTECT, related_name="recovery_codes")
    code = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Used, or put out of force by newer codes.
    spent_at = models.DateTimeField(null=True, blank=True)
    spent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "code"], name="recovery_code_once"),
            models.CheckConstraint(
                condition=Q(spent_at=None, spent_by=None) | Q(spent_at__isnull=False, spent_by__isnull=False),
                name="recovery_code_spent_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"a code of {self.person_id}"
