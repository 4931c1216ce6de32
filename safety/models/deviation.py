"""Deviations from the protocol, and what a rule found broken that a person makes one of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from participants.models import CaseReportForm, Participant, Visit
from participants.models.forms import not_in_future
from records.conditions import When
from records.definition import FormFacts
from records.findings import Finding, Level
from records.items import CodeItem, DateItem, TextItem
from records.text import Text
from safety import codelists

MAJOR = When(dvsev="MAJOR")
REPORTED_BEFORE = Text(
    "It was reported to the ethics committee before it happened.", "报告伦理委员会日期早于偏离发生日期。"
)


class ProtocolDeviation(CaseReportForm):
    form = FormFacts(
        "DV",
        Text("Protocol deviations", "方案偏离"),
        ("DV",),
        several=True,
        listed=("dvterm", "dvdecod", "dvsev", "dvdtc"),
    )

    dvterm = TextItem(
        Text("Deviation", "偏离描述"), max_length=500, missing=(), width="l", name_cdash="DV.DVTERM"
    )
    dvdecod = CodeItem(
        Text("Category", "类别"), codes=codelists.CATEGORY, missing=(), name_cdash="DV.DVDECOD"
    )
    dvsev = CodeItem(Text("Severity", "严重程度"), codes=codelists.SEVERITY, missing=(), name_cdash="SUPPDV")
    dvdtc = DateItem(Text("Date", "发生日期"), missing=(), name_cdash="DV.DVSTDTC")
    dvact = TextItem(
        Text("Action", "处理措施"),
        section=Text("What was done", "处理"),
        max_length=500,
        required=MAJOR,
        missing=(),
        width="l",
        name_cdash="SUPPDV",
    )
    dvec = DateItem(
        Text("Reported to the ethics committee on", "报告伦理委员会日期"),
        required=MAJOR,
        missing=("ND",),
        name_cdash="SUPPDV",
    )

    class Meta(CaseReportForm.Meta):
        pass

    @classmethod
    def findings(cls, answers: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[Finding]:
        yield from not_in_future(cls, answers, context)
        happened, reported = answers.get("dvdtc"), answers.get("dvec")
        if happened and reported and reported < happened:
            yield Finding("dvec", Level.HARD, REPORTED_BEFORE)


class DeviationDraft(models.Model):
    """What a rule of the protocol found broken, once per rule and source, and the deviation drafted for it.

    The source is a form of a visit (`part`: what of it). `suggested` is what the rule says of it now; `revision`
    is that of the deviation as the rule last wrote it: a later one is a person's, and is left alone. `stands` is
    false once the source was corrected. Without a `deviation`, a person removed it, or none could be written.
    """

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    rule = models.CharField(max_length=16)
    form_code = models.CharField(max_length=8)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    repeat = models.PositiveSmallIntegerField()
    part = models.CharField(max_length=16, blank=True, default="")
    deviation = models.ForeignKey(ProtocolDeviation, models.SET_NULL, null=True, related_name="drafts")
    revision = models.PositiveIntegerField(default=0)
    suggested = models.JSONField()
    stands = models.BooleanField(default=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "visit", "form_code", "repeat", "part"], name="deviation_drafted_once"
            ),
            models.CheckConstraint(condition=Q(rule__in=codelists.RULE.values), name="deviation_rule_known"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.form_code} {self.visit_id}/{self.repeat} {self.part}"

    @property
    def rule_words(self) -> Text:
        return codelists.RULE.label(self.rule)

    @property
    def words(self) -> Text:
        """What the rule says of the source now."""
        return Text(self.suggested["en"], self.suggested["zh"])

    @property
    def untouched(self) -> bool:
        """Whether the deviation is still as the rule wrote it."""
        return self.deviation is not None and self.deviation.revision == self.revision


class RuleToJudge(models.Model):
    """A rule whose outcome a saved form may have changed: the worker judges it again within a minute.

    Written with the form, in its transaction, and removed with the drafts it leads to, in theirs; so nothing that
    was saved is left out, whatever dies in between.
    """

    participant = models.ForeignKey(Participant, models.CASCADE, related_name="+")
    rule = models.CharField(max_length=20)
    since = models.DateTimeField()

    outside_trail: ClassVar[str] = (
        "A list of work for the worker; the form that caused it and the draft are in the trail."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "rule"], name="rule_to_judge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.rule}"
