"""What every case report form is made of, the audit trail's table, and the study settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from records.clock import TrialClock
from records.definition import Derived, FormFacts, RowFacts
from records.findings import Finding

__all__ = ["AppendOnly", "Record", "Row", "Seal", "StudySetting", "TrailCheck", "TrailEntry", "TrialClock"]


class AppendOnly(models.Model):
    """Rows that are added and never changed: the application's role may not update or delete them."""

    app_privileges = ("SELECT", "INSERT")

    class Meta:
        abstract = True


class Record(models.Model):
    """One case report form as entered: the abstract base of every form.

    A concrete form sets `form` and defines its items (records/items.py). It may refine `findings`
    (checks across items), `derive` (computed items) and `context` (answers of other forms it reads).
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT"
        SUBMITTED = "SUBMITTED"

    form: ClassVar[FormFacts]
    # The version of the rules that made the derived items; a room raises it when a rule changes.
    rules_version: ClassVar[str] = "1"

    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    # Reasons for missing answers by item, and comments that confirmed a soft check by item.
    missing = models.JSONField(default=dict, blank=True)
    confirmed = models.JSONField(default=dict, blank=True)
    # The version of the rules and, after it, of the study settings they read (records.study.made_under).
    derived_by = models.CharField(max_length=20, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The last number given to a row, by table of rows: a number is never given twice.
    row_numbers = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="DRAFT", submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(state="SUBMITTED", submitted_at__isnull=False, submitted_by__isnull=False),
                name="%(app_label)s_%(class)s_submitted_by_somebody",
            ),
        ]

    @classmethod
    def context(cls, *, visit: Any, **place: Any) -> dict[str, Any]:
        """Answers of other forms that conditions, checks and derivations of this one read."""
        return {}

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        """Check across items; what concerns one item alone (range, code, required) is in its definition.

        Here and in `derive` the context holds `missing` too: why an answer is missing, by item.
        """
        return ()

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        """Compute the derived items from the answers, each with its reason."""
        return {}

    @classmethod
    def offered_rows(cls, context: Mapping[str, Any]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Rows the page of a form not begun starts with, by table: the answers known already."""
        return {}

    @property
    def submitted(self) -> bool:
        return self.state == self.State.SUBMITTED


class Row(models.Model):
    """One row of a table inside a form (a lesion, a condition): the abstract base of every such table.

    A concrete row sets `rows`, names its form by a foreign key called `record` whose related name is the
    table's name, and defines items of its own. Their conditions may read the form's answers too.
    """

    rows: ClassVar[RowFacts]

    number = models.PositiveSmallIntegerField()
    missing = models.JSONField(default=dict, blank=True)
    confirmed = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "number"], name="%(app_label)s_%(class)s_numbered_once"
            ),
        ]

    @classmethod
    def derive(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Derived]:
        """Compute the derived items of a row; `context` holds the form's answers as well."""
        return {}


class TrailEntry(models.Model):
    """One insert, update or delete of one row, written by a trigger as the trail's owner.

    `changes` maps each column to [old, new]; an insert has old null, a delete new null.
    """

    at = models.DateTimeField()  # the database's real time, whatever the trial's clock says
    transaction = models.BigIntegerField()
    relation = models.CharField(max_length=63)
    record_id = models.CharField(max_length=40)
    operation = models.CharField(max_length=6)  # INSERT, UPDATE, DELETE
    changes = models.JSONField()
    participant_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20)  # "" where nobody was named: an unattributed change
    site_id = models.BigIntegerField(null=True)
    reason = models.TextField()
    request = models.CharField(max_length=32)
    database_user = models.CharField(max_length=63)

    app_privileges = ("SELECT",)

    class Meta:
        indexes = [
            models.Index(fields=["relation", "record_id", "id"], name="trail_of_a_record"),
            models.Index(fields=["participant_id", "id"], name="trail_of_a_participant"),
            # The trail's page: the newest entries of a table, of a person, and where a day begins.
            models.Index(fields=["relation", "id"], name="trail_of_a_table"),
            models.Index(fields=["person_id", "id"], name="trail_of_a_person"),
            models.Index(fields=["at"], name="trail_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.relation} {self.record_id}"


class Seal(AppendOnly):
    """One batch of the trail sealed: which entries, their digest, and a MAC that only the key's holder can make.

    What each field means, and how a seal is checked, stands in records/seals.py.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    after_id = models.BigIntegerField(unique=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    leaves = models.BinaryField()
    digest = models.CharField(max_length=64)
    previous_mac = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()  # the machine's real time, as in the trail
    key = models.CharField(max_length=16)
    mac = models.CharField(max_length=64, unique=True)

    outside_trail = "Seals say what stands in the trail; each would have to be sealed by the next."

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, count__gte=1, after_id__lt=F("first_id"))
                & Q(first_id__lte=F("last_id")),
                name="seal_covers_something",
            ),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"


class TrailCheck(AppendOnly):
    """One time the whole trail was held against its seals, and the database's clock against the application's."""

    at = models.DateTimeField()
    seals = models.PositiveBigIntegerField()
    entries = models.PositiveBigIntegerField()  # that stand under a seal
    unsealed = models.PositiveBigIntegerField()
    broken = models.TextField()  # the first broken place; "" where the trail is whole
    database_ahead = models.DurationField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at} {self.broken or 'whole'}"


class StudySetting(AppendOnly):
    """One version of one study setting: a limit or choice the protocol leaves to the sponsor.

    Appended by a data manager with a reason; the newest whose day has come is in force. Which
    settings there are, with their defaults and sources, stands in records/study.py.
    """

    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    value = models.JSONField()
    effective_from = models.DateField()
    reason = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["key", "version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="study_setting_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="study_setting_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"
