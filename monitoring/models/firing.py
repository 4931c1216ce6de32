"""Checks on one form that fired, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.workflow import FIRING_WORDS, FiringState
from participants.models import Participant, Visit
from records.findings import Level
from records.text import Text


class CheckFiring(models.Model):
    """A check fired at an answer of one form: a hard one refused it, a soft one asked about it.

    Raised once for each answer it fired at, whatever the number of times the form was saved with it. `value` is the
    answer as it was typed: of a refused form nothing else is stored. A refusal is kept outside the transaction
    that was refused. FIRED: it still stands, or the form was left; CONFIRMED: with a word; CHANGED: the check fires
    no longer or at another answer.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    form = models.CharField(max_length=8)
    repeat = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=80, blank=True, default="")
    check_id = models.CharField(max_length=100)
    level = models.CharField(max_length=4)
    message_en = models.TextField()
    message_zh = models.TextField()
    value = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=9, default=FiringState.FIRED)
    fired_at = models.DateTimeField()
    fired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        verbose_name = "check that fired"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in FiringState]), name="firing_state_known"
            ),
            models.CheckConstraint(
                condition=Q(level__in=[str(level) for level in Level]), name="firing_level_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["visit", "form", "repeat"],
                condition=~Q(state=str(FiringState.CHANGED)),
                name="firings_of_a_form",
            ),
            models.Index(fields=["check_id", "state"], name="firings_of_a_check"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.state}"

    @property
    def message(self) -> Text:
        return Text(self.message_en, self.message_zh)

    @property
    def state_words(self) -> Text:
        return FIRING_WORDS[FiringState(self.state)]
