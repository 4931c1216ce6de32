"""What is still to be done at each visit, counted from its forms, so that a list of all of it is read at once."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Site
from participants.models import Participant, Visit


class VisitWork(models.Model):
    """The forms of one visit as they stand: which are missing, which are drafts, what waits for other people.

    Nobody writes here but `monitoring_count_work` (monitoring/counting.py), which says what each column means and is
    asked before anything is read (selectors/work.py).
    """

    participant = models.ForeignKey(Participant, models.CASCADE, related_name="+")
    visit = models.OneToOneField(Visit, models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    missing = ArrayField(
        models.CharField(max_length=8)
    )  # codes of due forms without a record, in order; none before the visit is begun
    drafts = models.JSONField()  # [form, repeat, moment it was begun] of each form not submitted
    took_place = models.DateField(null=True)  # as its header says
    submitted_at = models.DateTimeField(null=True)  # the last of its forms
    to_sign = models.BooleanField()
    to_verify = models.PositiveSmallIntegerField()  # submitted forms never wholly verified
    waits_since = models.DateTimeField(null=True)  # the first of those was submitted

    outside_trail: ClassVar[str] = (
        "Counted from forms, visits, verification and signatures, which stand in the trail; counted again at any time."
    )

    class Meta:
        indexes = [
            models.Index(fields=["site"], condition=~Q(missing=[]), name="work_missing_forms"),
            models.Index(fields=["site"], condition=~Q(drafts=[]), name="work_drafts"),
            models.Index(fields=["site", "submitted_at"], condition=Q(to_sign=True), name="work_to_sign"),
            models.Index(
                fields=["waits_since", "site"],
                include=["to_verify"],
                condition=Q(to_verify__gt=0),
                name="work_to_verify",
            ),
        ]

    def __str__(self) -> str:
        return f"work at {self.visit_id}"


class VisitToCount(models.Model):
    """A visit at which something happened since its work was counted; triggers add it, counting removes it."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+", db_index=False, db_constraint=False)

    outside_trail: ClassVar[str] = "A mark that something is to be counted again."

    def __str__(self) -> str:
        return f"to count {self.visit_id}"
