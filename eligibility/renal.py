"""Kidney function estimated from creatinine."""

from __future__ import annotations

from decimal import Decimal, localcontext

UMOL_PER_MG_DL = Decimal("88.4")
DIGITS = 34


class ImpossibleKidneyInput(ValueError):
    """A creatinine, age or sex with which no filtration rate can be estimated."""


def egfr_ckd_epi_2021(*, creatinine_umol_l: Decimal, age_years: int, sex: str) -> Decimal:
    """Estimate the glomerular filtration rate in mL/min/1.73 m² by CKD-EPI 2021, unrounded.

    Creatinine in µmol/L (mg/dL × 88.4), age in completed years, sex M or F. The formula is made for adults;
    age is not checked against that. Raises ImpossibleKidneyInput for creatinine not above zero, a negative
    age, or another sex.
    Source: Inker et al., N Engl J Med 2021 (creatinine equation without race); specification section 2.5.
    """
    if not creatinine_umol_l.is_finite() or creatinine_umol_l <= 0:
        raise ImpossibleKidneyInput(f"Creatinine {creatinine_umol_l} µmol/L must be above zero.")
    if age_years < 0:
        raise ImpossibleKidneyInput(f"Age {age_years} must not be negative.")
    if sex not in ("F", "M"):
        raise ImpossibleKidneyInput(f"Sex {sex!r} must be F or M.")
    female = sex == "F"
    kappa, alpha = (Decimal("0.7"), Decimal("-0.241")) if female else (Decimal("0.9"), Decimal("-0.302"))
    with localcontext() as context:
        context.prec = DIGITS
        ratio = creatinine_umol_l / UMOL_PER_MG_DL / kappa
        rate = 142 * min(ratio, Decimal(1)) ** alpha * max(ratio, Decimal(1)) ** Decimal("-1.2")
        rate *= Decimal("0.9938") ** age_years
        return rate * Decimal("1.012") if female else rate
