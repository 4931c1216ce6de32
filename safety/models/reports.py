"""Reports of serious adverse events: whom they go to, each version as it was sent, and what the clock did."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Site
from eligibility.models import AdverseEvent
from participants.models import Participant
from records.models import AppendOnly
from records.text import Text
from safety import codelists


class ReportRecipient(models.Model):
    """Somebody every report of a serious adverse event goes to: of one site, or (site empty) of all."""

    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=11)
    name_en = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120)
    contact = models.CharField(max_length=200, blank=True, default="")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE (retired_at, retired_by_id)")

    class Meta:
        ordering = ["site_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=codelists.RECIPIENT.values), name="recipient_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="recipient_retired_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        return Text(self.name_en, self.name_zh)

    @property
    def kind_words(self) -> Text:
        return codelists.RECIPIENT.label(self.kind)


class SaeReport(AppendOnly):
    """One version of the report of a serious adverse event, with all that was known of it then.

    `number` counts the versions of an event from 1. `snapshot` holds the form as it was (safety/snapshot.py), and
    the participant; `sent` is when it left, `reporter` who answers for it at the site.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    event = models.ForeignKey(AdverseEvent, models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=8)
    number = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField()
    snapshot = models.JSONField()
    information = models.TextField(blank=True, default="")
    reporter = models.CharField(max_length=120)
    sent = models.DateTimeField()
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["event_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="sae_report_numbered_once"),
            models.UniqueConstraint(
                fields=["event"], condition=Q(kind="INITIAL"), name="sae_report_one_initial"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=codelists.REPORT.values), name="sae_report_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="INITIAL") | ~Q(information=""), name="sae_report_brings_information"
            ),
            models.CheckConstraint(condition=~Q(reporter=""), name="sae_report_has_a_reporter"),
            models.CheckConstraint(condition=Q(sent__lte=F("filed_at")), name="sae_report_sent_before_filed"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} v{self.number}"

    @property
    def words(self) -> Text:
        """Say which version it is: initial, follow-up with its number, final."""
        label = codelists.REPORT.label(self.kind)
        if self.kind != "FOLLOWUP":
            return label
        return label + Text(f" {self.follow_up}", f"{self.follow_up}")

    @property
    def follow_up(self) -> int:
        """Which follow-up report it is: the initial report is version 1."""
        return int(self.number) - 1


class SaeDelivery(models.Model):
    """One version of a report to one recipient, and when its receipt was acknowledged."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    report = models.ForeignKey(SaeReport, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(ReportRecipient, models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True, default="")

    app_privileges: ClassVar[tuple[str, ...]] = (
        "SELECT",
        "INSERT",
        "UPDATE (acknowledged_at, acknowledged_by_id, note)",
    )

    class Meta:
        ordering = ["report_id", "recipient_id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "recipient"], name="sae_delivery_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="sae_delivery_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} to {self.recipient_id}"


class ClockMark(AppendOnly):
    """The clock of a serious adverse event passed 18 or 24 hours before its initial report was sent.

    `number` is that of the event, `aware` the moment the clock started from, `crossed` when the light changed and
    `noticed` when the worker saw it. Another moment of awareness makes another clock.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    aware = models.DateTimeField()
    light = models.CharField(max_length=5)
    crossed = models.DateTimeField()
    noticed = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "number", "aware", "light"], name="clock_mark_once"
            ),
            models.CheckConstraint(
                condition=Q(light__in=codelists.LIGHT.values), name="clock_mark_light_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} AE {self.number} {self.light}"


def delivered_to(recipients: list[ReportRecipient], report: SaeReport) -> list[SaeDelivery]:
    """The deliveries of a version, not stored yet."""
    place: dict[str, Any] = {"participant_id": report.participant_id, "report": report}
    return [SaeDelivery(**place, recipient=one) for one in recipients]
