"""What the treatment forms read of other forms: body, laboratory, and the study settings of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from arms.haic_cycles import Gate, GateLimits, GateValues, judge_gate
from eligibility.models import Laboratory, Staging, VitalSigns
from participants.models import CaseReportForm, Visit
from records import clock, study

LABORATORY = ("lbdtc", "neut", "plt", "tbil_si", "alb_si", "inr", "crea_si", "hcg")


@dataclass(frozen=True, slots=True)
class Readings:
    """Values measured at one visit; None where not entered. Height may stem from an earlier visit."""

    height: Decimal | None = None
    weight: Decimal | None = None
    ecog: int | None = None
    sampled_at: datetime | None = None
    neutrophils: Decimal | None = None
    platelets: Decimal | None = None
    bilirubin: Decimal | None = None
    albumin: Decimal | None = None
    inr: Decimal | None = None
    pregnancy_test: str | None = None


def readings_at(visit: Visit) -> Readings:
    """Read body, performance status and laboratory of a visit; two queries."""
    return readings_of(visit.participant_id, [visit])[visit.pk]


def readings_of(participant_id: int, visits: list[Visit]) -> dict[int, Readings]:
    """Read the same for several visits of one participant by visit id; two queries however many."""
    signs = list(
        VitalSigns.objects.filter(participant_id=participant_id)
        .order_by("visit__position", "visit__occurrence", "repeat")
        .values("visit_id", "visit__position", "height", "weight", "ecog")
    )
    samples = {
        row["visit_id"]: row
        for row in Laboratory.objects.filter(visit_id__in=[visit.pk for visit in visits])
        .order_by("repeat")
        .values("visit_id", *LABORATORY)
    }
    found = {}
    for visit in visits:
        here: Mapping[str, Any] = next((row for row in reversed(signs) if row["visit_id"] == visit.pk), {})
        heights = [
            row["height"] for row in signs if row["height"] and row["visit__position"] <= visit.position
        ]
        lab: Mapping[str, Any] = samples.get(visit.pk, {})
        ecog = here.get("ecog")
        found[visit.pk] = Readings(
            height=heights[-1] if heights else None,
            weight=here.get("weight"),
            ecog=None if ecog is None else int(ecog),
            sampled_at=lab.get("lbdtc"),
            neutrophils=lab.get("neut"),
            platelets=lab.get("plt"),
            bilirubin=lab.get("tbil_si"),
            albumin=lab.get("alb_si"),
            inr=lab.get("inr"),
            pregnancy_test=lab.get("hcg"),
        )
    return found


def child_pugh_of(participant_id: int, at: Visit) -> int | None:
    """Give the latest Child-Pugh score up to a visit; one query."""
    return (
        Staging.objects.filter(participant_id=participant_id, visit__position__lte=at.position)
        .order_by("-visit__position", "-visit__occurrence", "-repeat")
        .values_list("cptot", flat=True)
        .first()
    )


def gate_of(
    readings: Readings, child_pugh: int | None, pregnancy_possible: bool, settings: Mapping[str, Any]
) -> Gate:
    """Judge whether a HAIC cycle may begin with these values, by the limits of the study settings."""
    return judge_gate(
        GateValues(
            neutrophils=readings.neutrophils,
            platelets=readings.platelets,
            bilirubin=readings.bilirubin,
            albumin=readings.albumin,
            ecog=readings.ecog,
            child_pugh=child_pugh,
            inr=readings.inr,
            pregnancy_possible=pregnancy_possible,
            pregnant=None if readings.pregnancy_test is None else readings.pregnancy_test == "POS",
        ),
        GateLimits(
            neutrophils=settings["gate_neutrophils"],
            platelets=Decimal(settings["gate_platelets"]),
            bilirubin=settings["gate_bilirubin"],
            albumin=settings["gate_albumin"],
        ),
    )


def settings_for(model: type[CaseReportForm], visit: Visit, today: date) -> dict[str, Any]:
    """Read the study settings a form is judged by: those of the day it was begun, so that a later version
    does not change what was worked out before; of today for a form not begun. Two queries."""
    begun = model._default_manager.filter(visit_id=visit.pk).values_list("entered_at", flat=True).first()
    return study.in_force(clock.day(begun) if begun else today)
