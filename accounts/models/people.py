"""Staff, sites, and the role a person holds at a site from one day to another."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Coalesce, Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """Find a person by a name as typed: without case, by the same letters by which the door counts it."""
        return self.get(username=(username or "").strip().lower())


class User(AbstractBaseUser):
    """One natural person's account. Never deleted and never re-assigned: a disabled one stays an author."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    full_name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("mail address"))
    language = models.CharField(
        _("language"), max_length=10, choices=[("zh-hans", "简体中文"), ("en", "English")], default="zh-hans"
    )
    is_active = models.BooleanField(_("active"), default=True)
    # The password was given by somebody else: the first page after signing in asks for an own one.
    must_change_password = models.BooleanField(default=False)
    last_login = None  # sign-ins are not a property of the account that each new one overwrites
    # Every role of this person with its site, past ones too, where they were read along (accounts/backend.py).
    register: list[RoleHeld] | None = None

    # An account is disabled and a role is ended; neither is ever removed.
    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name", "email"]

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=Q(username=Lower("username")), name="user_name_lower_case"),
            models.CheckConstraint(condition=Q(language__in=["zh-hans", "en"]), name="user_language_known"),
        ]

    def __str__(self) -> str:
        return self.full_name


class Site(models.Model):
    """A hospital taking part. It enrols nobody before the day it was activated."""

    code = models.CharField(max_length=2, unique=True)
    name_en = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120)
    activated_on = models.DateField(null=True, blank=True)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{2}$"), name="site_code_two_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class Role(models.TextChoices):
    COORDINATOR = "COORDINATOR", _("Site coordinator")
    INVESTIGATOR = "INVESTIGATOR", _("Investigator")
    MONITOR = "MONITOR", _("Monitor")
    INSPECTOR = "INSPECTOR", _("Inspector")
    DATA_MANAGER = "DATA_MANAGER", _("Trial administrator (data manager)")
    SYSTEM_ADMINISTRATOR = "SYSTEM_ADMINISTRATOR", _("System administrator")


SITE_STAFF = (Role.COORDINATOR, Role.INVESTIGATOR)


def _period() -> Func:
    return Func(
        F("starts_on"),
        F("ends_on"),
        RangeBoundary(inclusive_upper=True),
        function="DATERANGE",
        output_field=DateRangeField(),
    )


class RoleHeld(models.Model):
    """A role one person holds, at one site or at all (site empty), from one day to another inclusive.

    The register an inspector reads: rows are ended, never removed. Nobody who administers the system
    takes part in the trial: the database refuses both kinds of role at the same time.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20, choices=Role.choices)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="roles")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["user_id", "starts_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="role_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(site__isnull=False) | ~Q(role__in=[str(role) for role in SITE_STAFF]),
                name="site_staff_belong_to_a_site",
            ),
            models.CheckConstraint(
                condition=Q(site__isnull=True) | ~Q(role=Role.SYSTEM_ADMINISTRATOR),
                name="system_administrator_has_no_site",
            ),
            ExclusionConstraint(
                name="role_held_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("site", Value(0, models.BigIntegerField())), RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="administrator_or_trial_never_both",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (
                        Cast(
                            models.Case(
                                models.When(role=Role.SYSTEM_ADMINISTRATOR, then=Value(1)), default=Value(0)
                            ),
                            models.IntegerField(),
                        ),
                        RangeOperators.NOT_EQUAL,
                    ),
                    (_period(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.site_id or '*'}"
