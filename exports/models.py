"""Exports requested, what became of them, and who took the files away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from exports.asked import Asked
from exports.schedules import SCHEDULE_WORDS, Schedule
from exports.workflow import EXPORT_WORDS, FAILURE_WORDS, ExportFailure, ExportState
from records.models import AppendOnly
from records.text import Text

# How long an export's file is kept unless somebody asks for another time.
DAYS_KEPT = 30
MOST_DAYS_KEPT = 366


class ExportDefinition(models.Model):
    """A saved export under a name: what it holds, in which format, when it is made, and how long files are kept.

    It never changes, so that what was exported under a name can be told; one that should differ is retired and saved
    anew. Its schedule works on behalf of who saved it, as long as they may export.
    """

    name = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_as = models.CharField(max_length=20)  # the role it was saved in
    scope = models.CharField(max_length=5)  # as of ExportJob
    site_ids = ArrayField(models.BigIntegerField(), default=list)
    historical = models.BooleanField(default=False)
    asked = models.JSONField(default=dict, blank=True)  # exports/asked.py
    kept_days = models.PositiveSmallIntegerField(default=DAYS_KEPT)
    schedule = models.CharField(max_length=7, default=Schedule.NEVER.value)
    scheduled_at = models.DateTimeField(null=True)  # when its schedule last asked for an export
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = (
        "SELECT",
        "INSERT",
        "UPDATE (scheduled_at, retired_at, retired_by_id)",
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(retired_at=None), name="export_definition_named_once"
            ),
            models.CheckConstraint(
                condition=Q(scope="ALL", site_ids=[]) | Q(scope="SITES") & ~Q(site_ids=[]),
                name="export_definition_scope",
            ),
            models.CheckConstraint(
                condition=Q(schedule__in=[str(schedule) for schedule in Schedule]),
                name="export_definition_schedule_known",
            ),
            models.CheckConstraint(
                condition=Q(kept_days__gte=1, kept_days__lte=MOST_DAYS_KEPT),
                name="export_definition_kept_a_while",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="export_definition_retired_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def schedule_words(self) -> Text:
        return SCHEDULE_WORDS[Schedule(self.schedule)]


class ExportJob(models.Model):
    """One export: who asked for what part of the trial, and the file that came of it.

    Stands in the audit trail like every row: who, what, when, how many rows, and the file's hash.
    """

    class Scope(models.TextChoices):
        ALL = "ALL"
        SITES = "SITES"

    class Content(models.TextChoices):
        DATA = "DATA"
        TRAIL = "TRAIL"
        COPY = "COPY"  # the certified copy of one site; SiteCopy says the rest

    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_as = models.CharField(max_length=20)  # the role it was asked for in
    scope = models.CharField(max_length=5, choices=Scope.choices)
    site_ids = ArrayField(models.BigIntegerField(), default=list)  # of scope SITES
    historical = models.BooleanField(default=False)  # historical screening entries too
    content = models.CharField(max_length=5, choices=Content.choices, default=Content.DATA)
    filters = models.JSONField(default=dict, blank=True)  # of the trail (audit/filters.py)
    asked = models.JSONField(default=dict, blank=True)  # of data (exports/asked.py)
    definition = models.ForeignKey(ExportDefinition, models.PROTECT, null=True, related_name="jobs")
    kept_days = models.PositiveSmallIntegerField(default=DAYS_KEPT)  # the file; a certified copy's for good

    status = models.CharField(max_length=9, default=ExportState.QUEUED.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    data_as_of = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )  # empty: the worker
    rows = models.PositiveBigIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)  # bytes
    sha256 = models.CharField(max_length=64, blank=True, default="")
    file_name = models.CharField(max_length=80, blank=True, default="")
    failure = models.CharField(max_length=8, blank=True, default="")
    failure_detail = models.CharField(max_length=500, blank=True, default="")  # for the administrator's log
    removed_at = models.DateTimeField(null=True)  # when the file was deleted

    # A job is never removed, and what was asked for cannot be rewritten.
    app_privileges: ClassVar[tuple[str, ...]] = (
        "SELECT",
        "INSERT",
        "UPDATE (status, attempts, data_as_of, finished_at, finished_by_id)",
        "UPDATE (rows, size, sha256, file_name, failure, failure_detail, removed_at)",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="ALL", site_ids=[]) | Q(scope="SITES") & ~Q(site_ids=[]),
                name="export_scope_is_all_or_names_sites",
            ),
            models.CheckConstraint(
                condition=Q(content="TRAIL") | Q(content__in=["DATA", "COPY"], filters={}),
                name="export_filters_the_trail",
            ),
            models.CheckConstraint(
                condition=Q(content="DATA") | Q(asked={}, definition=None), name="export_wishes_are_of_data"
            ),
            models.CheckConstraint(
                condition=Q(kept_days__gte=1, kept_days__lte=MOST_DAYS_KEPT), name="export_kept_a_while"
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(status="DONE") & ~Q(content="COPY"),
                name="export_removed_once_written",
            ),
            models.CheckConstraint(
                condition=~Q(content="COPY") | Q(scope="SITES", site_ids__len=1),
                name="export_copy_is_of_one_site",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in ExportState]), name="export_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="DONE", rows__isnull=False, size__isnull=False)
                & Q(sha256__regex=r"^[0-9a-f]{64}$", data_as_of__isnull=False)
                & ~Q(file_name="")
                | ~Q(status="DONE") & Q(rows__isnull=True, size__isnull=True, sha256="", file_name=""),
                name="export_done_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["QUEUED", "RUNNING"], finished_at__isnull=True)
                | Q(status__in=["DONE", "FAILED", "CANCELLED"], finished_at__isnull=False),
                name="export_ended_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(status="FAILED", failure__in=[str(failure) for failure in ExportFailure])
                | ~Q(status="FAILED") & Q(failure=""),
                name="export_failed_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def status_words(self) -> Text:
        return EXPORT_WORDS[ExportState(self.status)]

    @property
    def failure_words(self) -> Text:
        return FAILURE_WORDS[ExportFailure(self.failure)]

    @property
    def under_way(self) -> bool:
        return self.status in (ExportState.QUEUED, ExportState.RUNNING)

    @property
    def done(self) -> bool:
        return self.status == ExportState.DONE

    @property
    def kept_until(self) -> datetime | None:
        """When the file is deleted; None for one that is not there yet, or is kept for good."""
        if self.finished_at is None or self.content == self.Content.COPY:
            return None
        return self.finished_at + timedelta(days=self.kept_days)

    @property
    def wishes(self) -> Asked:
        return Asked.of(self.asked)


class ExportProgress(models.Model):
    """How far a running export is; passes with it, while its outcome stands on the job."""

    job = models.OneToOneField(ExportJob, models.PROTECT, primary_key=True, related_name="progress")
    touched = models.DateTimeField()  # last queued, or last row written
    table = models.CharField(max_length=40, blank=True, default="")
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(default=0)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")
    outside_trail = "A progress bar: overwritten several times a second and of no meaning afterwards."

    def __str__(self) -> str:
        return f"{self.rows_done}/{self.rows_total}"

    @property
    def percent(self) -> int | None:
        return 100 * self.rows_done // self.rows_total if self.rows_total else None


class SiteCopy(models.Model):
    """What makes an export the certified copy of its one site, and the hash by which the copy is known again.

    The copy's manifest lists every file with its hash, so the manifest's own hash stands for all of it: it is
    shown on the page, kept here, and thereby in the trail.
    """

    job = models.OneToOneField(ExportJob, models.PROTECT, primary_key=True, related_name="copy")
    casebooks = models.BooleanField()  # each participant's casebook as PDF too
    manifest_sha256 = models.CharField(max_length=64, blank=True, default="")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE (manifest_sha256)")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(manifest_sha256="") | Q(manifest_sha256__regex=r"^[0-9a-f]{64}$"),
                name="site_copy_manifest_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"copy {self.job_id}"


class ExportDownload(AppendOnly):
    """One time somebody took an export's file away."""

    job = models.ForeignKey(ExportJob, models.PROTECT, related_name="downloads")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.job_id} {self.at}"
