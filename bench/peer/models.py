"""The peer's tables: sites, participants, and one laboratory form of 42 inputs."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

RESULT = [("NEG", "Negative"), ("POS", "Positive"), ("IND", "Indeterminate")]
NO_YES = [("N", "No"), ("Y", "Yes")]

# Lowest and highest value of the checked measurements.
RANGES = {
    "wbc": ("0.1", "100"),
    "neutrophils": ("0", "80"),
    "lymphocytes": ("0", "50"),
    "haemoglobin": ("20", "250"),
    "platelets": ("1", "1500"),
    "alt": ("1", "10000"),
    "ast": ("1", "10000"),
    "bilirubin": ("1", "800"),
    "albumin": ("10", "65"),
    "creatinine": ("10", "2000"),
    "potassium": ("1", "10"),
    "sodium": ("90", "190"),
    "prothrombin_time": ("5", "150"),
    "inr": ("0.5", "15"),
}


def number(places: int = 2) -> Any:
    return models.DecimalField(max_digits=10, decimal_places=places, null=True, blank=True)


def choice(choices: list[tuple[str, str]]) -> Any:
    return models.CharField(max_length=4, choices=choices, blank=True, default="")


class Site(models.Model):
    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Participant(models.Model):
    site = models.ForeignKey(Site, models.PROTECT)
    number = models.CharField(max_length=6, unique=True)
    initials = models.CharField(max_length=4)
    status = models.CharField(max_length=16, choices=[("FOLLOW_UP", "Follow-up"), ("SCREENING", "Screening")])
    arm = models.CharField(max_length=4, choices=[("HAIC", "HAIC"), ("Y90", "Yttrium-90")], blank=True)
    registered_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number


class Laboratory(models.Model):
    """42 inputs, and 22 checks in `clean`."""

    participant = models.ForeignKey(Participant, models.PROTECT)
    sampled_at = models.DateTimeField()
    routine = choice(NO_YES)
    blood_count = choice(NO_YES)
    wbc = number()
    neutrophils = number()
    lymphocytes = number()
    haemoglobin = number()
    platelets = number(0)
    chemistry = choice(NO_YES)
    alt = number(1)
    ast = number(1)
    alp = number(1)
    ggt = number(1)
    bilirubin = number()
    bilirubin_direct = number()
    albumin = number()
    creatinine = number()
    urea = number()
    potassium = number()
    sodium = number(1)
    chloride = number(1)
    calcium = number()
    glucose = number()
    coagulation = choice(NO_YES)
    prothrombin_time = number(1)
    prothrombin_control = number(1)
    inr = number()
    markers = choice(NO_YES)
    afp = number()
    pivka = number()
    virology = choice(NO_YES)
    virology_on = models.DateField(null=True, blank=True)
    hbsag = choice(RESULT)
    hbv_dna = number()
    hcv = choice(RESULT)
    hcv_rna = number()
    hiv = choice(RESULT)
    pregnancy_test = choice(RESULT)
    pregnancy_test_on = models.DateField(null=True, blank=True)
    significant = choice(NO_YES)
    comment = models.CharField(max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Laboratory {self.pk}"

    def clean(self) -> None:
        wrong: dict[str, str] = {}
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not Decimal(low) <= value <= Decimal(high):
                wrong[name] = f"{name} must lie between {low} and {high}."
        if self.sampled_at and self.sampled_at > timezone.now():  # noqa: TID251 – the peer is no trial
            wrong["sampled_at"] = "The sample lies in the future."
        if self.bilirubin and self.bilirubin_direct and self.bilirubin_direct > self.bilirubin:
            wrong["bilirubin_direct"] = "Direct bilirubin cannot exceed total bilirubin."
        if self.wbc and self.neutrophils and self.neutrophils > self.wbc:
            wrong["neutrophils"] = "Neutrophils cannot exceed white cells."
        if self.wbc and self.lymphocytes and self.lymphocytes > self.wbc:
            wrong["lymphocytes"] = "Lymphocytes cannot exceed white cells."
        for panel, first in (
            ("blood_count", "wbc"),
            ("chemistry", "alt"),
            ("coagulation", "inr"),
            ("markers", "afp"),
        ):
            if getattr(self, panel) == "Y" and getattr(self, first) is None:
                wrong[first] = f"Fill in {first}."
        if wrong:
            raise ValidationError(wrong)
