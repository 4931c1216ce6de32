"""A release of MedDRA as the sponsor licenses it, and the codes adverse events were given; none is shipped."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from participants.models import Participant
from records.models import AppendOnly
from records.text import Text
from safety import codelists

LICENSED = "Terms of a licensed dictionary, imported as they are; the release's row says by whom and from which files."


class MeddraRelease(AppendOnly):
    """One release: its version, what was read of it, and the SHA-256 of each file."""

    version = models.CharField(max_length=10, unique=True)
    counts = models.JSONField()
    digests = models.JSONField()
    chinese = models.BooleanField()
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"MedDRA {self.version}"


class MeddraTerm(AppendOnly):
    """One term of a release. `parent` is the preferred term of a lowest level term; `name_zh` "" where not given."""

    outside_trail = LICENSED

    release = models.ForeignKey(MeddraRelease, models.PROTECT, related_name="terms")
    level = models.CharField(max_length=4)
    code = models.PositiveIntegerField()
    name_en = models.CharField(max_length=250)
    name_zh = models.CharField(max_length=250, blank=True, default="")
    # Folded (records/terms.py): what a search compares.
    searched = models.CharField(max_length=520)
    current = models.BooleanField(default=True)
    parent = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["release_id", "level", "code"]
        constraints = [
            models.UniqueConstraint(fields=["release", "level", "code"], name="meddra_term_once_a_release"),
            models.CheckConstraint(
                condition=Q(level__in=codelists.MEDDRA_LEVEL.values), name="meddra_level_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"

    @property
    def name(self) -> Text:
        return Text(self.name_en, self.name_zh or self.name_en)


class MeddraPath(AppendOnly):
    """The way from a preferred term to a system organ class; one of them is primary."""

    outside_trail = LICENSED

    release = models.ForeignKey(MeddraRelease, models.PROTECT, related_name="paths")
    pt = models.PositiveIntegerField()
    hlt = models.PositiveIntegerField()
    hlgt = models.PositiveIntegerField()
    soc = models.PositiveIntegerField()
    primary = models.BooleanField()

    class Meta:
        ordering = ["release_id", "pt"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "pt", "hlt", "hlgt", "soc"], name="meddra_path_once_a_release"
            ),
            models.UniqueConstraint(
                fields=["release", "pt"], condition=Q(primary=True), name="meddra_one_primary_path"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pt} {self.soc}"


class EventCoding(AppendOnly):
    """The code an adverse event was given, of one release; a later version replaces an earlier one.

    `number` is that of the event; `verbatim` its words as they were coded: other words have to be coded again.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    verbatim = models.CharField(max_length=200)
    release = models.ForeignKey(MeddraRelease, models.PROTECT, related_name="+")
    llt_code = models.PositiveIntegerField()
    llt_name = models.CharField(max_length=250)
    pt_code = models.PositiveIntegerField()
    pt_name = models.CharField(max_length=250)
    soc_code = models.PositiveIntegerField()
    soc_name = models.CharField(max_length=250)
    reason = models.CharField(max_length=500, blank=True, default="")
    coded_at = models.DateTimeField()
    coded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["participant_id", "number", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "number", "version"], name="event_coding_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(reason=""), name="event_recoded_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pt_code} {self.pt_name}"
