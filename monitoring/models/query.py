"""A question about a participant's data, at the place it is about, and every step of the conversation."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Role
from monitoring.workflow import QUERY_WORDS, STEP_WORDS, QueryState, StepKind
from participants.models import Participant, Visit
from records.models import AppendOnly
from records.text import Text


class Query(models.Model):
    """A question a monitor or data manager asked the site.

    Its place is named, not pointed to, so that a query outlives the record or row it is about: participant; visit
    (none: the participant as a whole); form code ("": the visit as a whole) and which of several records (0: none);
    item as on the page ("": the form as a whole, `item`, `group-number` for a row, `group-number-item`).
    What was asked and answered stands in QueryStep alone. What checks across forms find is no Query: see
    participants.Discrepancy.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="queries")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    form = models.CharField(max_length=8, blank=True, default="")
    repeat = models.PositiveSmallIntegerField(default=0)
    item = models.CharField(max_length=80, blank=True, default="")
    # The record or row it was raised at, by its key in that table; none for a form not begun.
    record_id = models.BigIntegerField(null=True)
    # The last entry of the participant's trail when it was raised: a later one is what followed.
    trail_from = models.BigIntegerField()
    state = models.CharField(max_length=8, default=QueryState.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        verbose_name = "query"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in QueryState]), name="query_state_known"
            ),
            models.CheckConstraint(
                condition=Q(form="", repeat=0, item="") | ~Q(form="") & Q(repeat__gt=0, visit__isnull=False),
                name="query_place_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["visit", "form"], name="queries_of_a_visit"),
            models.Index(fields=["participant", "state"], name="queries_of_a_participant"),
            models.Index(fields=["state", "raised_at"], name="queries_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def state_words(self) -> Text:
        return QUERY_WORDS[QueryState(self.state)]

    @property
    def is_open(self) -> bool:
        return self.state == QueryState.OPEN

    @property
    def is_answered(self) -> bool:
        return self.state == QueryState.ANSWERED

    @property
    def is_closed(self) -> bool:
        return self.state == QueryState.CLOSED

    def days(self, now: datetime) -> int:
        """Whole days since it was raised."""
        return (now - self.raised_at).days


class QueryStep(AppendOnly):
    """One step of a query: who did what in which role and when, and what they wrote.

    `change` is the entry of the trail by which the answer asked about was last changed since the query was raised,
    as far as that had happened when the step was made.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    query = models.ForeignKey(Query, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    words = models.CharField(max_length=1000, blank=True, default="")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    change = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "query step"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in StepKind]), name="query_step_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[str(StepKind.CLOSED), str(StepKind.ASSIGNED)]) | ~Q(words=""),
                name="query_asked_and_answered_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.query_id} {self.kind}"

    @property
    def kind_words(self) -> Text:
        return STEP_WORDS[StepKind(self.kind)]

    @property
    def role_words(self) -> str:
        return str(Role(self.role).label) if self.role in Role.values else self.role
