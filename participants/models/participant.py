"""The participant, the dates visits are counted from, and the visits."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import Site
from participants.workflow import PARTICIPANT_WORDS, VISIT_WORDS, ParticipantState, VisitState
from records.models import AppendOnly
from records.text import Text

# The series of the forms that are kept throughout the study: adverse events, medication and the like.
THROUGHOUT = "LOG"
ARMS = {"HAIC": Text("HAIC", "HAIC"), "Y90": Text("Yttrium-90 (SIRT)", "钇-90（SIRT）")}


NOT_APPROVED = Text(
    "Version {version} of the consent form was not approved at this site on {day}.",
    "{day}当日，该中心未批准使用{version}版知情同意书。",
)


class ConsentVersion(models.Model):
    """A version of the informed consent form a site's ethics committee approved, and until when it held."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="consent_versions")
    version = models.CharField(max_length=20)
    approved_on = models.DateField()
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["site_id", "-approved_on"]
        constraints = [
            models.UniqueConstraint(fields=["site", "version"], name="consent_version_once_a_site"),
            models.CheckConstraint(
                condition=Q(retired_on__isnull=True) | Q(retired_on__gt=F("approved_on")),
                name="consent_version_retired_after_approval",
            ),
        ]

    def __str__(self) -> str:
        return self.version

    def holds_on(self, day: date) -> bool:
        """Say whether consent could be signed on it that day; the day it is retired no longer."""
        return self.approved_on <= day and (self.retired_on is None or day < self.retired_on)


class Participant(models.Model):
    """One participant: a site-numbered id and initials, never a name."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="participants")
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=6, unique=True)
    initials = models.CharField(max_length=4)
    # The latest row of the status history and the arm of the ARM form, kept here for lists to filter on.
    status = models.CharField(max_length=16, default=ParticipantState.SCREENING)
    arm = models.CharField(max_length=4, null=True, blank=True)  # noqa: DJ001 – null: none assigned
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    # A participant is never removed: not even a registration in error leaves without a trace.
    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["site", "sequence"], name="participant_sequence_once_a_site"),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[0-9]{2}-[0-9]{3}$"), name="participant_number_form"
            ),
            models.CheckConstraint(
                condition=Q(initials__regex=r"^[A-Z]{2,4}$"), name="participant_initials_only"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in ParticipantState]),
                name="participant_status_known",
            ),
            models.CheckConstraint(
                condition=Q(arm__isnull=True) | Q(arm__in=list(ARMS)), name="participant_arm_known"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def status_words(self) -> Text:
        return PARTICIPANT_WORDS[ParticipantState(self.status)]

    @property
    def arm_words(self) -> Text:
        return ARMS[self.arm] if self.arm else Text("–", "–")


class ParticipantStatus(AppendOnly):
    """One step on a participant's path: what, when, by whom and why."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in ParticipantState]),
                name="participant_status_row_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.status}"

    @property
    def words(self) -> Text:
        return PARTICIPANT_WORDS[ParticipantState(self.status)]


class AnchorDate(models.Model):
    """A date visits are counted from, as it is known today (names: participants/schedule_file.py)."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="anchors")
    name = models.CharField(max_length=12)
    date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "name"], name="anchor_once_a_participant")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.date}"


class ScheduleVersion(AppendOnly):
    """One version of the visit schedule as data, from the day it applies (participants/schedules/)."""

    number = models.PositiveIntegerField(unique=True)
    effective_from = models.DateField()
    source = models.TextField()  # the schedule file as it was adopted
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"v{self.number}"


class Visit(models.Model):
    """A visit in one participant's calendar: when it is due, and how far it has come."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="visits")
    schedule = models.ForeignKey(ScheduleVersion, models.PROTECT, related_name="+")
    code = models.CharField(max_length=10)
    occurrence = models.PositiveSmallIntegerField(default=1)
    # The order of the schedule, and the visit number: an unscheduled visit stands between two others.
    position = models.DecimalField(max_digits=6, decimal_places=2)
    series = models.CharField(max_length=12)
    label_en = models.CharField(max_length=80)
    label_zh = models.CharField(max_length=80)
    forms = ArrayField(models.CharField(max_length=8), default=list)  # codes of the forms due at it
    optional = ArrayField(models.CharField(max_length=8), default=list)  # of those that may be entered there
    anchor = models.CharField(max_length=12)
    anchor_date = models.DateField(null=True)
    target_from = models.DateField(null=True)
    target_to = models.DateField(null=True)
    window_open = models.DateField(null=True)
    window_close = models.DateField(null=True)
    status = models.CharField(max_length=10, default=VisitState.PLANNED)

    class Meta:
        ordering = ["participant_id", "position", "occurrence"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "code", "occurrence"], name="visit_once_in_a_calendar"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in VisitState]), name="visit_status_known"
            ),
            models.CheckConstraint(
                condition=Q(window_open__isnull=True)
                | Q(window_close__isnull=True)
                | Q(window_open__lte=F("window_close")),
                name="visit_window_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(target_from__isnull=True) | Q(target_from__lte=F("target_to")),
                name="visit_target_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "window_close"], name="visits_due"),
            # The forms of one visit of the schedule over all participants: a page of figures asks so, of each item.
            models.Index(fields=["code"], include=["id"], name="visits_of_a_code"),
            models.Index(
                Coalesce("window_open", "target_from"),
                condition=Q(status=str(VisitState.PLANNED)),
                name="visits_opening",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.code}"

    @property
    def label(self) -> Text:
        return Text(self.label_en, self.label_zh)

    @property
    def status_words(self) -> Text:
        return VISIT_WORDS[VisitState(self.status)]

    @property
    def may_hold(self) -> tuple[str, ...]:
        """The codes of all forms that can be entered at it, those due first."""
        return (*self.forms, *self.optional)

    @property
    def throughout(self) -> bool:
        """Whether it is no visit but the place of forms that are kept from consent to the end."""
        return self.series == THROUGHOUT

    @property
    def begun(self) -> bool:
        return self.status in (VisitState.STARTED, VisitState.DONE, VisitState.MISSED)


class VisitStatus(AppendOnly):
    """One step of a visit: what, when, by whom and why."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in VisitState]), name="visit_status_row_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.status}"
