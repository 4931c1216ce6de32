"""Reminders, the messages that carry them, and every attempt to send one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Site
from followup.reminder_rules import CHANNEL_WORDS, About, Channel, when_words
from followup.workflow import (
    MESSAGE_WORDS,
    OUTCOME_WORDS,
    REMINDER_WORDS,
    SETTLEMENT_WORDS,
    UNDECIDED,
    MessageState,
    Outcome,
    ReminderState,
    Settlement,
)
from participants.models import Participant, Visit
from records.text import Text


class ReminderMessage(models.Model):
    """One message to one person over one channel, sent at most once.

    `key` names it: that of its reminder where it is urgent, else recipient, site, channel and the recipient's calendar
    day, so that there is one a day however often it is asked for. `message_id` is derived from the key once, so that
    a message sent again is recognised as the same; `bounced_at` and `bounce_code` (RFC 3463) are what came back.
    """

    key = models.CharField(max_length=140, unique=True)
    message_id = models.CharField(max_length=320, unique=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=6)
    urgent = models.BooleanField(default=False)
    gathered_at = models.DateTimeField()
    status = models.CharField(max_length=9, default=MessageState.DUE)
    tries = models.PositiveSmallIntegerField(default=0)  # refused so far, since somebody asked last
    next_try_at = models.DateTimeField()
    bounced_at = models.DateTimeField(null=True)
    bounce_code = models.CharField(max_length=12, blank=True, default="")

    # What was sent to whom is never removed.
    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["-gathered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in MessageState]),
                name="reminder_message_status_known",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[str(channel) for channel in Channel]),
                name="reminder_message_channel_known",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_try_at"], name="reminder_messages_to_send")]

    def __str__(self) -> str:
        return self.key

    @property
    def status_words(self) -> Text:
        return MESSAGE_WORDS[MessageState(self.status)]

    @property
    def channel_words(self) -> Text:
        return CHANNEL_WORDS[Channel(self.channel)]

    @property
    def undecided(self) -> bool:
        """Whether a person has to say how it goes on."""
        return self.status in UNDECIDED


class Reminder(models.Model):
    """What one person is reminded of once: by one rule, about one window of a visit or one report.

    `key` names it, so that no search creates it twice; `message` is the one that takes it along, and no other does.
    `about` and `after` are those of the rule when it came due. It is about a visit with its window then, or about
    a report on the adverse event of that number, due at `report_due`.
    """

    key = models.CharField(max_length=120, unique=True)
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="reminders")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rule = models.CharField(max_length=20)
    about = models.CharField(max_length=7)
    after = models.DurationField()
    channel = models.CharField(max_length=6)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="reminders")
    window_open = models.DateField(null=True)
    window_close = models.DateField(null=True)
    event_number = models.PositiveSmallIntegerField(null=True)
    report_due = models.DateTimeField(null=True)
    due_since = models.DateTimeField()
    status = models.CharField(max_length=10, default=ReminderState.WAITING)
    message = models.ForeignKey(ReminderMessage, models.PROTECT, null=True, related_name="reminders")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["-due_since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(about__in=[str(about) for about in About]), name="reminder_about_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[str(channel) for channel in Channel]), name="reminder_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in ReminderState]), name="reminder_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=str(ReminderState.IN_MESSAGE)) | Q(message__isnull=False),
                name="reminder_in_a_message",
            ),
            models.CheckConstraint(
                condition=Q(visit__isnull=False, event_number__isnull=True, report_due__isnull=True)
                | Q(visit__isnull=True, event_number__isnull=False, report_due__isnull=False),
                name="reminder_of_a_visit_or_a_report",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient"], condition=Q(status=str(ReminderState.WAITING)), name="reminders_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def kind_words(self) -> Text:
        return when_words(About(self.about), self.after)

    @property
    def channel_words(self) -> Text:
        return CHANNEL_WORDS[Channel(self.channel)]

    @property
    def subject(self) -> str:
        """The visit's label, or which adverse event; for people who are signed in."""
        if self.visit is not None:
            return str(self.visit.label)
        return str(Text("Adverse event {number}", "不良事件{number}").format(number=self.event_number))

    @property
    def sending(self) -> ReminderMessage | None:
        """The message it is in; None while it waits, and once it is cancelled."""
        return self.message if self.status == ReminderState.IN_MESSAGE else None

    @property
    def status_words(self) -> Text:
        """Where it stands: its message's state, once it is in one."""
        message = self.sending
        return message.status_words if message else REMINDER_WORDS[ReminderState(self.status)]


class ReminderAttempt(models.Model):
    """One attempt to hand a message over, written before it begins.

    `handed_over_at` is committed when the server is ready for the message and before the first byte of it leaves: an
    attempt without it has sent nothing. No outcome: under way, or its sender died. `address` is where it went;
    `answer` the server's last answer code; what it said in words may name people and is not kept.
    """

    message = models.ForeignKey(ReminderMessage, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    address = models.CharField(max_length=254)
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
        ordering = ["message_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="reminder_attempt_number_once"),
            models.UniqueConstraint(
                fields=["message"], condition=Q(outcome__isnull=True), name="reminder_one_attempt_at_a_time"
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
        return f"{self.message_id} {self.number}"

    @property
    def outcome_words(self) -> Text:
        return OUTCOME_WORDS[Outcome(self.outcome)] if self.outcome else Text("Under way", "进行中")

    @property
    def settled_words(self) -> Text:
        return SETTLEMENT_WORDS[Settlement(self.settled)] if self.settled else Text("", "")
