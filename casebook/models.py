"""What the casebook itself keeps: printings of casebooks, what was typed and not saved yet, subscribed calendars."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import QueryDict

from accounts.models import RoleHeld, Site
from participants.models import Participant, Visit
from records.models import AppendOnly


class CasebookPrinting(AppendOnly):
    """One time somebody made a PDF of a participant's casebook.

    `reference` is printed on every page; the hash tells whether a file is the one that was made.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="printings")
    reference = models.CharField(max_length=8, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)  # the role it was printed in
    with_trail = models.BooleanField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reference__regex=r"^[0-9A-F]{8}$"), name="casebook_printing_reference_form"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="casebook_printing_has_its_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.participant_id}"


class UnsavedEntry(models.Model):
    """What a person typed on one opened page of a form and has not saved: offered to them again, read by nobody else.

    It goes when they save the form or drop it; until then it is no data of the trial. Two pages of the same form
    keep apart what was typed on each.
    """

    page = models.UUIDField(unique=True)  # the page it was typed on, named when it was opened
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+")
    form = models.CharField(max_length=8)
    repeat = models.PositiveSmallIntegerField()
    posted = models.JSONField()  # [name, value] of each field of the page, as it would be posted
    kept_at = models.DateTimeField()

    outside_trail: ClassVar[str] = (
        "Typed and not saved: a person's note pad. What they save of it is in the trail."
    )

    class Meta:
        ordering = ["-kept_at"]
        indexes = [models.Index(fields=["person", "visit"], name="unsaved_of_a_person_at_a_visit")]

    def __str__(self) -> str:
        return f"{self.form} {self.visit_id} {self.repeat}"

    def as_posted(self) -> QueryDict:
        """The fields as the form reads them."""
        return QueryDict(urlencode([(name, value) for name, value in self.posted]))


class CalendarFeed(models.Model):
    """A private address under which a person's calendar program reads the visits of one site.

    The address holds a secret of which only the hash is kept. It works as long as nobody ended it, the account is
    active, and the very role it was made in is held: a role granted later is another row, and needs another address.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    held = models.ForeignKey(RoleHeld, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the secret
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_feeds")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="calendar_feed_has_its_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.made_by_id} {self.site_id}"


class CalendarFeedUse(models.Model):
    """When a subscribed calendar was read last, and how often since when: what its pace is held to."""

    feed = models.OneToOneField(CalendarFeed, models.CASCADE, primary_key=True, related_name="use")
    read_at = models.DateTimeField()
    since = models.DateTimeField()
    reads = models.PositiveIntegerField()

    outside_trail: ClassVar[str] = (
        "Calendar programs ask every few minutes; who may read is the feed's row, and that is in the trail."
    )

    def __str__(self) -> str:
        return f"{self.feed_id} {self.reads}"


class SiteContact(AppendOnly):
    """How participants reach the study team of a site, as it stands on what they are handed; the newest row holds."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.words
