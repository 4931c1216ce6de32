"""What happens at the door, who is in, and which passwords were used before."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class SignInEvent(models.Model):
    """One thing that happened at the door: appended, never changed. Lock-outs are counted from these rows.

    A name nobody has is kept as its key alone (accounts/door.py): people type passwords into the wrong field.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "SIGNED_IN", _("signed in")
        FAILED = "FAILED", _("sign-in failed")
        REFUSED = "REFUSED", _("sign-in tried while locked")
        LOCKED = "LOCKED", _("account locked")
        ADDRESS_LOCKED = "ADDRESS_LOCKED", _("address locked")
        UNLOCKED = "UNLOCKED", _("account unlocked")
        ADDRESS_UNLOCKED = "ADDRESS_UNLOCKED", _("address unlocked")
        SIGNED_OUT = "SIGNED_OUT", _("signed out")
        SESSION_ENDED = "SESSION_ENDED", _("session ended from elsewhere")
        CONFIRMED = "CONFIRMED", _("identity confirmed")
        PASSWORD_CHANGED = "PASSWORD_CHANGED", _("password changed")
        PASSWORD_GIVEN = "PASSWORD_GIVEN", _("new first password given")
        FACTOR_ADDED = "FACTOR_ADDED", _("second factor added")
        FACTOR_REMOVED = "FACTOR_REMOVED", _("second factor removed")
        CODES_MADE = "CODES_MADE", _("recovery codes made")
        CODE_USED = "CODE_USED", _("recovery code used")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    name_key = models.CharField(max_length=64, blank=True, default="")
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="sign_in_events")
    # Who did it, where that is somebody else: a system administrator.
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    address = models.GenericIPAddressField(null=True, blank=True)
    device = models.CharField(max_length=200, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "SIGNED_IN",
                        "FAILED",
                        "REFUSED",
                        "LOCKED",
                        "ADDRESS_LOCKED",
                        "UNLOCKED",
                        "ADDRESS_UNLOCKED",
                        "SIGNED_OUT",
                        "SESSION_ENDED",
                        "CONFIRMED",
                        "PASSWORD_CHANGED",
                        "PASSWORD_GIVEN",
                        "FACTOR_ADDED",
                        "FACTOR_REMOVED",
                        "CODES_MADE",
                        "CODE_USED",
                    ]
                ),
                name="sign_in_event_known",
            ),
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="sign_ins_by_name"),
            models.Index(fields=["address", "id"], name="sign_ins_by_address"),
            models.Index(fields=["person", "id"], name="sign_ins_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id or '-'} {self.address or '-'}"


class Session(AbstractBaseSession):
    """One browser somebody is signed in with. Removing the row signs that browser out."""

    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="sessions")
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=200, default="")
    begun = models.DateTimeField(db_default=Now())

    outside_trail = "Who is signed in at the moment, with the session's secret; sign-ins are SignInEvent."

    @property
    def name(self) -> str:
        """What a page may call the session by: its key is a secret."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:20]


class PasswordUsed(models.Model):
    """The hash of a password somebody had or has, so that it is not taken again."""

    person = models.ForeignKey(User, models.PROTECT, related_name="passwords_used")
    password = models.CharField(max_length=128)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"a password of {self.person_id}"
