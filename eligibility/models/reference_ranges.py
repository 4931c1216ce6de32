"""The laboratories of a site and their reference ranges; a new version is added, none is ever overwritten."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Site
from accounts.prepared import ask
from eligibility import reference_ranges
from eligibility.reference_ranges import BOTH, OLDEST, SEXES, YOUNGEST
from records.models import AppendOnly
from records.text import Text


class SiteLaboratory(AppendOnly):
    """A laboratory whose results a site enters."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="laboratories")
    code = models.CharField(max_length=10)
    name_en = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["site__code", "code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="site_laboratory_once"),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name_en="") & ~Q(name_zh=""), name="site_laboratory_named"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> Text:
        return Text(self.name_en, self.name_zh)


class ReferenceRange(AppendOnly):
    """One version of the reference range of a test at a laboratory, for a sex and an age span, from a day on.

    `test` is named as its item on the laboratory form ("alt"). Which version holds for a person on a day is
    said by eligibility.reference_ranges.choose.
    """

    laboratory = models.ForeignKey(SiteLaboratory, models.PROTECT, related_name="ranges")
    test = models.CharField(max_length=10)
    sex = models.CharField(max_length=1, default=BOTH)
    age_from = models.PositiveSmallIntegerField(default=YOUNGEST)
    age_to = models.PositiveSmallIntegerField(default=OLDEST)
    effective_from = models.DateField()
    lower = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    upper = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    unit = models.CharField(max_length=16, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["laboratory", "test", "-effective_from", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=list(SEXES)), name="range_sex_known"),
            models.CheckConstraint(
                condition=Q(age_from__lte=F("age_to"), age_to__lte=OLDEST), name="range_ages_in_order"
            ),
            models.CheckConstraint(
                condition=Q(lower__isnull=False) | Q(upper__isnull=False), name="range_has_a_limit"
            ),
            models.CheckConstraint(
                condition=Q(lower__isnull=True) | Q(upper__isnull=True) | Q(lower__lt=F("upper")),
                name="range_lower_below_upper",
            ),
            models.CheckConstraint(
                condition=(Q(lower__isnull=True) | Q(lower__gte=0))
                & (Q(upper__isnull=True) | Q(upper__gt=0)),
                name="range_not_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.laboratory_id} {self.test} {self.effective_from}"

    @property
    def as_rule(self) -> reference_ranges.RangeVersion:
        """The version as the rules read it."""
        return reference_ranges.RangeVersion(
            self.test,
            self.sex,
            self.age_from,
            self.age_to,
            self.effective_from,
            self.lower,
            self.upper,
            self.unit,
            self.pk,
        )


@dataclass(frozen=True, slots=True)
class KnownLaboratory:
    """A laboratory as forms read it: its name, and its ranges by test."""

    label: Text
    ranges: dict[str, tuple[reference_ranges.RangeVersion, ...]]


RANGE = ("test", "sex", "age_from", "age_to", "effective_from", "lower", "upper", "unit", "id")


# Every laboratory form asks it, so it is written once.
KNOWN = (
    f"SELECT l.code, l.name_en, l.name_zh, {', '.join(f'r.{name}' for name in RANGE)} "  # noqa: S608 – our own names
    "FROM eligibility_sitelaboratory l LEFT JOIN eligibility_referencerange r ON r.laboratory_id = l.id "
    "WHERE l.site_id = %s ORDER BY l.code"
)


def laboratories_of(site_id: int) -> dict[str, KnownLaboratory]:
    """Give a site's laboratories by code, with all versions of their ranges; one query."""
    names: dict[str, Text] = {}
    ranges: dict[str, dict[str, list[reference_ranges.RangeVersion]]] = defaultdict(lambda: defaultdict(list))
    for code, name_en, name_zh, test, *rest in ask(KNOWN, [site_id]):
        names[code] = Text(name_en, name_zh)
        if test is not None:
            ranges[code][test].append(reference_ranges.RangeVersion(test, *rest))
    return {
        code: KnownLaboratory(label, {test: tuple(found) for test, found in ranges[code].items()})
        for code, label in names.items()
    }
