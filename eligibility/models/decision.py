"""The decision on eligibility, and the sponsor's rulings it may rest on; both are added and never changed."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from participants.models import Participant
from records.models import AppendOnly
from records.text import Text

DECISIONS = {
    "ELIGIBLE": Text("Eligible", "符合入组"),
    "SCREEN_FAILURE": Text("Screen failure", "筛选失败"),
}
# The criteria whose wording leaves a case to the sponsor, and that case.
OPEN_TO_RULING = {
    "I3": Text(
        "Inclusion 3: two or three tumours of at most 3 cm (official stage Ib)",
        "入选标准3：2～3个肿瘤、最大直径≤3 cm（官方Ib期）",
    ),
    "E5": Text("Exclusion 5: interferon given for hepatitis", "排除标准5：因肝炎使用干扰素"),
}


class EligibilityDecision(AppendOnly):
    """What the investigator decided, and all that was on the table: results, values, versions of rules.

    `snapshot` keeps each criterion with outcome, value and reason in both languages, the answers it rested
    on with the revision of their form, and the versions of the rules, so that the decision can be read as it
    was made whatever is corrected later.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="eligibility_decisions")
    outcome = models.CharField(max_length=14)
    failing = ArrayField(models.CharField(max_length=3), default=list)
    stricter = ArrayField(models.CharField(max_length=3), default=list)
    reason = models.CharField(max_length=500, blank=True, default="")
    snapshot = models.JSONField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "outcome"], name="eligibility_decided_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=list(DECISIONS)), name="eligibility_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="ELIGIBLE", failing=[], stricter=[])
                | (Q(outcome="SCREEN_FAILURE") & ~Q(failing=[], stricter=[]) & ~Q(reason="")),
                name="eligibility_outcome_follows_from_criteria",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.outcome}"

    @property
    def words(self) -> Text:
        return DECISIONS[self.outcome]


class SponsorRuling(AppendOnly):
    """A clarification by the sponsor of what a criterion means, from its date on, for every participant."""

    criterion = models.CharField(max_length=3)
    reference = models.CharField(max_length=40)
    effective_from = models.DateField()
    accepts = models.BooleanField()
    text = models.CharField(max_length=1000)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["effective_from", "id"]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="sponsor_ruling_recorded_once"),
            models.CheckConstraint(
                condition=Q(criterion__in=list(OPEN_TO_RULING)), name="sponsor_ruling_on_an_open_criterion"
            ),
            models.CheckConstraint(condition=~Q(reference="") & ~Q(text=""), name="sponsor_ruling_says_what"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def criterion_words(self) -> Text:
        return OPEN_TO_RULING[self.criterion]
