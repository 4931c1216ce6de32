"""How people are reminded: versions of the rules, each person's wishes, and when the worker last looked."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Role
from followup.reminder_rules import About, Channel, QuietHours, Rule
from records.models import AppendOnly

NOT_WRITTEN_TO = (Role.INSPECTOR, Role.SYSTEM_ADMINISTRATOR)


class ReminderRule(AppendOnly):
    """One version of a rule, from a day on until the day of the next version of that name; `active` False: none."""

    name = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    about = models.CharField(max_length=7)
    after = models.DurationField()
    role = models.CharField(max_length=20)
    channel = models.CharField(max_length=6)
    visits = ArrayField(models.CharField(max_length=10), default=list)
    active = models.BooleanField(default=True)
    effective_from = models.DateField()
    reason = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name", "version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="reminder_rule_version_once"),
            models.CheckConstraint(
                condition=Q(about__in=[str(about) for about in About]), name="reminder_rule_about_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[str(channel) for channel in Channel]),
                name="reminder_rule_channel_known",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[str(role) for role in Role if role not in NOT_WRITTEN_TO]),
                name="reminder_rule_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def rule(self) -> Rule:
        return Rule(
            self.name, About(self.about), self.after, self.role, Channel(self.channel), tuple(self.visits)
        )


class ReminderPreference(models.Model):
    """One person's wishes: the zone of their clock, the hours nobody writes to them, their addresses beside mail."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reminder_preference"
    )
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    quiet_from = models.TimeField(default=time(20, 0))
    quiet_until = models.TimeField(default=time(8, 0))
    phone = models.CharField(max_length=16, blank=True, default="")
    wechat = models.CharField(max_length=64, blank=True, default="")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return str(self.person_id)

    @property
    def quiet_hours(self) -> QuietHours:
        return QuietHours(self.zone, self.quiet_from, self.quiet_until)


class Heartbeat(models.Model):
    """When the worker last began to look for reminders, and when it last came to the end; by the trial's clock."""

    task = models.CharField(max_length=20, primary_key=True)
    began = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")
    outside_trail: ClassVar[str] = "A sign of life, overwritten every minute and of no meaning afterwards."

    def __str__(self) -> str:
        return self.task
