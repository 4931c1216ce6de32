"""What all calendars were planned by."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class CalendarBasis(models.Model):
    """One row: the schedule version and the follow-up series that every calendar has been planned by."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    basis = models.CharField(max_length=80, default="")

    app_privileges: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_calendar_basis")]

    def __str__(self) -> str:
        return self.basis
