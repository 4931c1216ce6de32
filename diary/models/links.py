"""Personal links to the participant's record, and every attempt to open one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from diary.workflow import LINK_WORDS, KnockOutcome, LinkStanding
from participants.models import Participant
from records.models import AppendOnly
from records.text import Text

# So many wrong years of birth and the link is good for nothing; the site hands out another.
WRONG_YEARS = 5


class DiaryLink(models.Model):
    """One link handed out to a participant: what it is worth, for how long, and on which phone it was opened.

    Only hashes of its secrets are kept (diary/tokens.py), and the trail does not show these. `call` is the number the
    participant calls when something is wrong. Opening binds it to one phone.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="diary_links")
    token_hash = models.CharField(max_length=64, unique=True)
    device_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 – null: opened nowhere
    call = models.CharField(max_length=40)
    handed_out_at = models.DateTimeField()
    handed_out_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires = models.DateTimeField()
    opened = models.DateTimeField(null=True)
    last_used = models.DateTimeField(null=True)  # to the hour
    wrong_years = models.PositiveSmallIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revoked_why = models.CharField(max_length=200, blank=True, default="")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"], condition=Q(revoked_at=None), name="diary_link_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(expires__gt=F("handed_out_at")), name="diary_link_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(opened=None, device_hash=None)
                | Q(opened__isnull=False, device_hash__isnull=False),
                name="diary_link_opened_on_a_phone",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revoked_why="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_why=""),
                name="diary_link_revoked_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(call=""), name="diary_link_has_a_number_to_call"),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.handed_out_at}"

    def standing(self, now: datetime) -> LinkStanding:
        """What the link is worth at a moment; the moment it expires it is worth nothing."""
        if self.revoked_at is not None:
            return LinkStanding.REVOKED
        if now >= self.expires:
            return LinkStanding.EXPIRED
        if self.opened is not None:
            return LinkStanding.IN_USE
        return LinkStanding.BLOCKED if self.wrong_years >= WRONG_YEARS else LinkStanding.WAITING

    def standing_words(self, now: datetime) -> Text:
        return LINK_WORDS[self.standing(now)]


class DiaryKnock(AppendOnly):
    """One attempt to open a link; too many failures from one address and it is asked to wait.

    The address is kept as a keyed hash (diary/tokens.py): enough to count by.
    """

    link = models.ForeignKey(DiaryLink, models.PROTECT, null=True, related_name="knocks")
    tried = models.DateTimeField()
    origin = models.CharField(max_length=64)
    outcome = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[str(one) for one in KnockOutcome]), name="diary_knock_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(link=None, outcome=str(KnockOutcome.UNKNOWN))
                | Q(link__isnull=False) & ~Q(outcome=str(KnockOutcome.UNKNOWN)),
                name="diary_knock_at_a_link",
            ),
        ]
        indexes = [models.Index(fields=["origin", "tried"], name="diary_knocks_of_an_origin")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.tried}"
