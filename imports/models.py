"""Files brought in, what their columns mean, and what became of each row."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Site
from imports.workflow import (
    ENDED,
    FAILURE_WORDS,
    IMPORT_WORDS,
    OPEN,
    WAITING,
    WORKING,
    ImportFailure,
    ImportState,
    Outcome,
)
from participants.models import Participant
from records.definition import forms
from records.models import AppendOnly
from records.text import Text

KEY = r"^[0-9a-f]{32}$"
SHA256 = r"^[0-9a-f]{64}$"


class SavedMapping(AppendOnly):
    """What the columns of files with these headings mean, under a name: the newest of a name holds at its site."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    form = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)  # of the headings (imports/mapping.py)
    mapping = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="import_mapping_has_a_name"),
            models.CheckConstraint(condition=Q(fingerprint__regex=SHA256), name="import_mapping_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportJob(models.Model):
    """One file of one site for one form, from its upload to what was stored of it.

    The file stands in the folder of files under `key`; the name it had on the person's device may name people and is
    not kept. `counts` holds the rows by outcome; `asked` what each kind of check asks about, with its sentences, how
    often and in which row first; `words` the word that confirms each kind; `result_sha256` the hash of all rows of
    the dry run (ImportRow), so that what they say cannot be rewritten unnoticed.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="imports")
    form = models.CharField(max_length=8)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_as = models.CharField(max_length=20)  # the role
    key = models.CharField(max_length=32, unique=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=4)  # csv, xlsx
    encoding = models.CharField(max_length=10, blank=True, default="")
    delimiter = models.CharField(max_length=1, blank=True, default="")
    headings = models.JSONField()
    rows = models.PositiveIntegerField()

    mapping = models.JSONField(null=True)
    mapping_name = models.CharField(max_length=80, blank=True, default="")
    status = models.CharField(max_length=9, default=ImportState.MAPPING.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    asked = models.JSONField(default=dict, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True, default="")
    data_as_of = models.DateTimeField(null=True)  # when the dry run began
    reason = models.CharField(max_length=500, blank=True, default="")
    words = models.JSONField(default=dict, blank=True)
    ordered_at = models.DateTimeField(null=True)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ordered_as = models.CharField(max_length=20, blank=True, default="")
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_row = models.PositiveIntegerField(
        null=True
    )  # the first row that no longer came out as in the dry run
    failure = models.CharField(max_length=8, blank=True, default="")
    failure_detail = models.CharField(max_length=500, blank=True, default="")  # for the administrator
    file_removed = models.BooleanField(default=False)

    # A job is never removed, and what was uploaded cannot be exchanged.
    app_privileges: ClassVar[tuple[str, ...]] = (
        "SELECT",
        "INSERT",
        "UPDATE (mapping, mapping_name, status, attempts, counts, asked, result_sha256, data_as_of)",
        "UPDATE (reason, words, ordered_at, ordered_by_id, ordered_as, finished_at, finished_by_id)",
        "UPDATE (changed_row, failure, failure_detail, file_removed)",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in ImportState]), name="import_status_known"
            ),
            models.CheckConstraint(condition=Q(key__regex=KEY), name="import_key_form"),
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="import_file_hash"),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in ENDED], finished_at__isnull=False)
                | ~Q(status__in=[str(state) for state in ENDED]) & Q(finished_at__isnull=True),
                name="import_ended_at_some_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ORDERED", "RUNNING", "DONE"])
                | Q(ordered_by__isnull=False, result_sha256__regex=SHA256) & ~Q(reason=""),
                name="import_ordered_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="FAILED", failure__in=[str(failure) for failure in ImportFailure])
                | ~Q(status="FAILED") & Q(failure=""),
                name="import_failed_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def state(self) -> ImportState:
        return ImportState(self.status)

    @property
    def status_words(self) -> Text:
        return IMPORT_WORDS[self.state]

    @property
    def failure_words(self) -> Text:
        return FAILURE_WORDS[ImportFailure(self.failure)]

    @property
    def form_words(self) -> Text:
        return forms()[self.form].form.title

    @property
    def under_way(self) -> bool:
        return self.state in (*WAITING, *WORKING)

    @property
    def open(self) -> bool:
        """Whether its columns can still be assigned otherwise."""
        return self.state in OPEN

    @property
    def refused(self) -> int:
        return int(self.counts.get(Outcome.REFUSED, 0))

    @property
    def stores(self) -> int:
        """How many rows would store something, or did."""
        return int(self.counts.get(Outcome.NEW, 0)) + int(self.counts.get(Outcome.CHANGED, 0))


class ImportProgress(models.Model):
    """How far a worker is with an import; passes with it, while its outcome stands on the job."""

    job = models.OneToOneField(ImportJob, models.PROTECT, primary_key=True, related_name="progress")
    touched = models.DateTimeField()  # last queued, or last row done
    rows_done = models.PositiveIntegerField(default=0)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")
    outside_trail = "A progress bar: overwritten several times a second and of no meaning afterwards."

    def __str__(self) -> str:
        return f"{self.rows_done}"


class ImportRow(models.Model):
    """What the dry run of an import found of one row; once the import is stored, what it did.

    `visit` and `occurrence` name the visit ("UNS", 2), which a row may begin itself; `changes` are the answers that
    differ, each {item, old, old_reason, new, new_reason}, values as one would type them; `findings` what keeps the
    row from being stored, or is asked about, each {item, heading, level, kind, en, zh}.
    """

    job = models.ForeignKey(ImportJob, models.PROTECT, related_name="results")
    number = models.PositiveIntegerField()  # in the file; the headings are row 1
    outcome = models.CharField(max_length=7)
    participant = models.ForeignKey(Participant, models.PROTECT, null=True, related_name="+")
    visit = models.CharField(max_length=10, blank=True, default="")
    occurrence = models.PositiveSmallIntegerField(default=1)
    begins_visit = models.BooleanField(default=False)
    repeat = models.PositiveSmallIntegerField(default=1)
    revision = models.PositiveIntegerField(null=True)  # of the record it met; empty: none was there
    submits = models.BooleanField(default=False)
    changes = models.JSONField(default=list, blank=True)
    findings = models.JSONField(default=list, blank=True)

    # The rows of a dry run give way to those of the next.
    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "DELETE")
    outside_trail = (
        "What a dry run found: nothing of it is stored before the import runs, and then the trail holds every change "
        "with the import's number and row. The job, which is in the trail, holds their hash."
    )

    class Meta:
        ordering = ["job_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=[str(outcome) for outcome in Outcome]),
                name="import_row_outcome_known",
            ),
        ]
        indexes = [models.Index(fields=["job", "outcome", "number"], name="import_rows_by_outcome")]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.number}"
