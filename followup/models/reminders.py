"""Reminders of visits by mail, and every attempt to send one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from followup.workflow import (
    KIND_WORDS,
    OUTCOME_WORDS,
    REMINDER_WORDS,
    SETTLEMENT_WORDS,
    Outcome,
    ReminderKind,
    ReminderState,
    Settlement,
)
from participants.models import Participant, Visit
from records.text import Text


class Reminder(models.Model):
    """One mail to one coordinator about one window of one visit, sent at most once.

    `key` names what the mail is about (kind, visit, recipient, window), so that no search creates it
    twice; `message_id` is derived from the key once, so that a mail sent again is recognised as the same.
    """

    key = models.CharField(max_length=100, unique=True)
    message_id = models.CharField(max_length=320)
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="reminders")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="reminders")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7)
    window_open = models.DateField(null=True)
    window_close = models.DateField(null=True)
    due_on = models.DateField()
    status = models.CharField(max_length=9, default=ReminderState.DUE)
    tries = models.PositiveSmallIntegerField(default=0)  # refused so far, since somebody asked last
    next_try_at = models.DateTimeField()

    # What was sent to whom is never removed.
    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["-due_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="reminder_message_id_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in ReminderKind]), name="reminder_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in ReminderState]), name="reminder_status_known"
            ),
        ]
        indexes = [models.Index(fields=["status", "next_try_at"], name="reminders_to_send")]

    def __str__(self) -> str:
        return self.key

    @property
    def kind_words(self) -> Text:
        return KIND_WORDS[ReminderKind(self.kind)]

    @property
    def status_words(self) -> Text:
        return REMINDER_WORDS[ReminderState(self.status)]

    @property
    def undecided(self) -> bool:
        """Whether a person has to say how it goes on."""
        return self.status in (ReminderState.FAILED, ReminderState.UNCERTAIN)


class ReminderAttempt(models.Model):
    """One attempt to hand a reminder to the mail server, written before it begins.

    `handed_over_at` is committed when the server is ready for the message and before the first byte of
    it leaves: an attempt without it has sent nothing. No outcome: under way, or its sender died.
    `answer` is the mail server's last answer code; what it said in words may name people and is not kept.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=11, null=True)  # noqa: DJ001 - nothing is not an outcome
    answer = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=40, blank=True, default="")  # the kind of error, where no code came
    settled = models.CharField(max_length=10, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["reminder_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "number"], name="reminder_attempt_number_once"),
            models.UniqueConstraint(
                fields=["reminder"], condition=Q(outcome__isnull=True), name="reminder_one_attempt_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True) | Q(outcome__in=[str(one) for one in Outcome]),
                name="reminder_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, finished_at__isnull=True)
                | Q(outcome__isnull=False, finished_at__isnull=False),
                name="reminder_attempt_finished_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=[str(Outcome.SENT), str(Outcome.UNCERTAIN)])
                | Q(handed_over_at__isnull=False),
                name="reminder_sent_only_after_handing_over",
            ),
            models.CheckConstraint(
                condition=Q(settled="", settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled__in=[str(one) for one in Settlement], settled_at__isnull=False),
                name="reminder_settled_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} {self.number}"

    @property
    def outcome_words(self) -> Text:
        return OUTCOME_WORDS[Outcome(self.outcome)] if self.outcome else Text("Under way", "进行中")

    @property
    def settled_words(self) -> Text:
        return SETTLEMENT_WORDS[Settlement(self.settled)] if self.settled else Text("", "")
