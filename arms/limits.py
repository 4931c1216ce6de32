"""The study settings of treatment as the rules read them: percent as fractions, days and hours as they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from arms.dosimetry import ResinReduction
from arms.haic_cycles import GateLimits, IntervalLimits
from arms.haic_dosing import DeviationLimits, DoseFactors, TimelineLimits
from arms.infusion_checks import HepatectomyWindow, InfusionLimits

Settings = Mapping[str, Any]


def factors_of(settings: Settings) -> DoseFactors:
    """Give the dose factors (mg/m²)."""
    return DoseFactors(
        oxaliplatin=Decimal(settings["haic_oxaliplatin"]),
        leucovorin=Decimal(settings["haic_leucovorin"]),
        fu_2h=Decimal(settings["haic_fu_2h"]),
        fu_46h=Decimal(settings["haic_fu_46h"]),
    )


def gate_limits(settings: Settings) -> GateLimits:
    """Give the limits of the check before a cycle."""
    return GateLimits(
        neutrophils=settings["gate_neutrophils"],
        platelets=Decimal(settings["gate_platelets"]),
        bilirubin=settings["gate_bilirubin"],
        albumin=settings["gate_albumin"],
        confirm_ecog=settings["gate_confirm_ecog"],
        confirm_child_pugh=settings["gate_confirm_child_pugh"],
        confirm_inr=settings["gate_confirm_inr"],
        confirm_creatinine_uln=settings["gate_confirm_creatinine"],
    )


def interval_limits(settings: Settings) -> IntervalLimits:
    """Give the limits of the interval between cycles (days)."""
    return IntervalLimits(
        window_from=settings["haic_interval_from"],
        window_to=settings["haic_interval_to"],
        query_from=settings["haic_interval_query_from"],
        query_to=settings["haic_interval_query_to"],
        discontinue_after=settings["haic_interval_stop"],
        window_to_after_review=settings["haic_interval_review_to"],
    )


def deviation_limits(settings: Settings) -> DeviationLimits:
    """Give the differences (%) between given and calculated dose."""
    return DeviationLimits(
        accepted=Decimal(settings["haic_deviation_accepted"]),
        query=Decimal(settings["haic_deviation_query"]),
    )


def timeline_limits(settings: Settings) -> TimelineLimits:
    """Give the limits of the times of a cycle (hours)."""
    return TimelineLimits(
        bandage=Decimal(settings["haic_bandage"]),
        dwell_from=Decimal(settings["haic_dwell_from"]),
        dwell_to=Decimal(settings["haic_dwell_to"]),
        tolerance={
            "OXA": settings["haic_tolerance_oxaliplatin"],
            "LV": settings["haic_tolerance_leucovorin"],
            "FU1": settings["haic_tolerance_fu_2h"],
            "FU2": settings["haic_tolerance_fu_46h"],
        },
    )


def infusion_limits(settings: Settings) -> InfusionLimits:
    """Give what a Y-90 infusion is held against; shunts as fractions."""
    return InfusionLimits(
        lung_dose_gy=Decimal(settings["y90_lung_dose"]),
        lung_dose_query_gy=Decimal(settings["y90_lung_dose_query"]),
        lung_dose_cumulative_gy=Decimal(settings["y90_lung_dose_total"]),
        lsf_warning=settings["y90_lsf_warning"] / 100,
        lsf_resin=settings["y90_lsf_resin"] / 100,
        lung_activity_glass_gbq=settings["y90_lung_activity_glass"],
        pregnancy_hours=settings["y90_pregnancy_hours"],
        bilirubin=settings["y90_warn_bilirubin"],
        granulocytes=settings["y90_warn_granulocytes"],
        tumour_replacement_percent=Decimal(settings["y90_warn_replacement"]),
        child_pugh_from=settings["y90_warn_child_pugh"],
    )


def resin_reduction(settings: Settings) -> ResinReduction:
    """Give the reduction of a resin activity by lung shunt; fractions."""
    return ResinReduction(
        first_from=settings["y90_resin_reduce_from"] / 100,
        second_from=settings["y90_resin_reduce_more_from"] / 100,
        refuse_above=settings["y90_lsf_resin"] / 100,
        first_factor=1 - Decimal(settings["y90_resin_reduce_first"]) / 100,
        second_factor=1 - Decimal(settings["y90_resin_reduce_second"]) / 100,
    )


def hepatectomy_window(settings: Settings) -> HepatectomyWindow:
    """Give the days from Y-90 infusion to hepatectomy; planned are those of the review before it."""
    return HepatectomyWindow(
        planned=(settings["review_y90_from"], settings["review_y90_to"]),
        accepted=(settings["surgery_y90_from"], settings["surgery_y90_to"]),
        query=(settings["surgery_y90_reason_from"], settings["surgery_y90_reason_to"]),
    )


def pregnancy_days(settings: Settings, arm: str) -> int:
    """Give how many days old a pregnancy test may be on a day of treatment: whole days, as tests are dated by day."""
    days: int = settings["haic_pregnancy_days"] if arm == "HAIC" else settings["y90_pregnancy_hours"] // 24
    return days
