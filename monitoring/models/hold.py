"""What is frozen or locked: a form, a visit, a participant, a site, or the trial."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Site
from monitoring.trust import HOLD_WORDS, HoldState, Level
from participants.models import Participant, Visit
from records.models import AppendOnly
from records.text import Text

STATES = [str(state) for state in HoldState]


def _reaches(level: Level, **there: bool) -> Q:
    """What a hold at a level names: its own extent and all it lies in, and nothing narrower."""
    names = {f"{name}__isnull": not named for name, named in there.items()}
    form = ~Q(form="") & Q(repeat__gt=0) if level is Level.FORM else Q(form="", repeat=0)
    return Q(level=str(level), **names) & form


class Hold(models.Model):
    """An extent that is or was held, as it stands; `key` names it (monitoring/extents.py). Steps are in HoldStep."""

    key = models.CharField(max_length=40, unique=True)
    level = models.CharField(max_length=11)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    participant = models.ForeignKey(Participant, models.PROTECT, null=True, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    form = models.CharField(max_length=8, blank=True, default="")
    repeat = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=6)

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="hold_state_known"),
            models.CheckConstraint(
                condition=_reaches(Level.TRIAL, site=False, participant=False, visit=False)
                | _reaches(Level.SITE, site=True, participant=False, visit=False)
                | _reaches(Level.PARTICIPANT, site=True, participant=True, visit=False)
                | _reaches(Level.VISIT, site=True, participant=True, visit=True)
                | _reaches(Level.FORM, site=True, participant=True, visit=True),
                name="hold_names_its_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def words(self) -> Text:
        return HOLD_WORDS[HoldState(self.state)]


class HoldStep(AppendOnly):
    """One step of a hold: frozen, locked or lifted, by whom, when and why; whose signatures stood when it was lifted."""

    participant = models.ForeignKey(Participant, models.PROTECT, null=True, related_name="+")
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=6)
    lifts = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    reason = models.CharField(max_length=500, blank=True, default="")
    # Signatures that a change after the lifting would void, as the person was told.
    signatures = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="hold_step_known"),
            models.CheckConstraint(
                condition=Q(lifts=False) | ~Q(reason=""), name="hold_lifted_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_id} {self.state}"

    @property
    def words(self) -> Text:
        return HOLD_WORDS[HoldState(self.state)]
