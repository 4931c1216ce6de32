"""Physics of a Y-90 treatment: decay, lung shunt, activity planning, what was delivered.

Activities in GBq, doses in Gy, masses in kg, volumes in mL, times in hours, fractions 0–1 (not %).
All results are for verification only, never an order; nothing is rounded here.
Source: protocol specification sections 5.2 to 5.5, whose sources stand at each function.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from records.text import Text

PRECISION = 40


class DosimetryError(ValueError):
    """Input that no measurement or prescription can have."""


@dataclass(frozen=True, slots=True)
class PhysicsConstants:
    """Constants of Y-90, study settings; the value used is stored with each result.

    Half-life 64.1 h: TheraSphere package insert (EANM prints 64.2, nuclear data 64.05; the choice matters
    by at most 0.2 % over 120 h). `k_product` 50 Gy·kg/GBq: product formulas (MIRD). `k_partition` 49.67:
    planning software (partition model). Liver density 1.03 g/mL. Lung mass 1.0 kg unless measured.
    """

    half_life_h: Decimal = Decimal("64.1")
    k_product: Decimal = Decimal(50)
    k_partition: Decimal = Decimal("49.67")
    liver_density: Decimal = Decimal("1.03")
    lung_mass_kg: Decimal = Decimal(1)


CONSTANTS = PhysicsConstants()


# Decay --------------------------------------------------------------------------------------------


def decay_factor(hours: Decimal, half_life_h: Decimal = CONSTANTS.half_life_h) -> Decimal:
    """Return the part of an activity left after some hours: exp(−ln 2 · hours / half-life).

    Hours below 0 look back and give more than 1. Raises DosimetryError for a half-life not above 0.
    Source: protocol specification 5.3.
    """
    _above_zero(half_life_h, "half-life")
    with localcontext() as context:
        context.prec = PRECISION
        return (-Decimal(2).ln() * hours / half_life_h).exp()


def decayed(activity: Decimal, hours: Decimal, half_life_h: Decimal = CONSTANTS.half_life_h) -> Decimal:
    """Return an activity (any unit) some hours later, or earlier for hours below 0.

    So the activity to order for 1.85 GBq at infusion, calibrated 48 h before it, is `decayed(1.85, -48)`.
    Raises DosimetryError for a negative activity. Source: protocol specification 5.3.
    """
    _not_below_zero(activity, "activity")
    with localcontext() as context:
        context.prec = PRECISION
        return activity * decay_factor(hours, half_life_h)


def hours_between(earlier: dt.datetime, later: dt.datetime) -> Decimal:
    """Return the hours from one moment to another, negative when the second lies before the first."""
    return Decimal((later - earlier) // dt.timedelta(microseconds=1)) / Decimal(3_600_000_000)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Activities in GBq, all at infusion start; `percent` of the activity present that was delivered."""

    before: Decimal
    residual: Decimal
    net: Decimal
    percent: Decimal


def delivered_activity(
    *,
    assay: Decimal,
    assayed_at: dt.datetime,
    infused_at: dt.datetime,
    residual: Decimal,
    residual_at: dt.datetime,
    half_life_h: Decimal = CONSTANTS.half_life_h,
) -> Delivered:
    """Bring the assay before and the residual after infusion to infusion start and subtract.

    Raises DosimetryError for an assay not above 0, a residual below 0, or a residual that is more than there
    was before infusion. Source: protocol specification 5.3.
    """
    _above_zero(assay, "assayed activity")
    _not_below_zero(residual, "residual activity")
    with localcontext() as context:
        context.prec = PRECISION
        before = decayed(assay, hours_between(assayed_at, infused_at), half_life_h)
        left = decayed(residual, hours_between(residual_at, infused_at), half_life_h)
        if left > before:
            raise DosimetryError("The residual activity is more than the activity before infusion.")
        net = before - left
        return Delivered(before, left, net, 100 * net / before)


def delivered_percent_by_readings(
    *,
    before: Decimal,
    after: Decimal,
    background: Decimal,
    hours: Decimal,
    half_life_h: Decimal = CONSTANTS.half_life_h,
) -> Decimal:
    """Return the % delivered from survey-meter readings of the vial before and the waste after infusion.

    100 × (1 − after / before), background subtracted from both, the later reading corrected for the hours
    between them. Raises DosimetryError when a reading lies below the background, the first is not above it,
    or more would remain than there was. Source: protocol specification 5.3.
    """
    _above_zero(before - background, "reading before infusion, less background,")
    _not_below_zero(after - background, "reading after infusion, less background,")
    with localcontext() as context:
        context.prec = PRECISION
        left = decayed(after - background, -hours, half_life_h)
        if left > before - background:
            raise DosimetryError("The reading after infusion is more than the reading before.")
        return 100 * (1 - left / (before - background))


# Lung ---------------------------------------------------------------------------------------------


def geometric_mean(anterior: Decimal, posterior: Decimal) -> Decimal:
    """Return √(anterior × posterior) of the counts over an organ in planar imaging.

    Raises DosimetryError for a negative count. Source: protocol specification 5.4.
    """
    _not_below_zero(anterior, "anterior count")
    _not_below_zero(posterior, "posterior count")
    with localcontext() as context:
        context.prec = PRECISION
        return (anterior * posterior).sqrt()


def lung_shunt_fraction(lung: Decimal, liver: Decimal) -> Decimal:
    """Return lung counts / (lung + liver counts), a fraction.

    Raises DosimetryError for lung counts below 0 or liver counts not above 0.
    Source: protocol specification 5.4.
    """
    _not_below_zero(lung, "lung count")
    _above_zero(liver, "liver count")
    with localcontext() as context:
        context.prec = PRECISION
        return lung / (lung + liver)


def lung_activity(activity: Decimal, lsf: Decimal, residual: Decimal = Decimal(0)) -> Decimal:
    """Return the activity (GBq) that reaches the lungs: F × A of the glass product limit.

    `residual` is the expected fraction left in the vial. Raises DosimetryError outside the fractions' ranges.
    Source: protocol specification 5.5 (a).
    """
    _not_below_zero(activity, "activity")
    _fraction(lsf, "lung shunt fraction")
    _fraction(residual, "residual fraction", below_one=True)
    return activity * lsf * (1 - residual)


def lung_dose(
    activity: Decimal,
    lsf: Decimal,
    *,
    residual: Decimal = Decimal(0),
    mass_kg: Decimal = CONSTANTS.lung_mass_kg,
    k: Decimal = CONSTANTS.k_product,
) -> Decimal:
    """Return the lung dose in Gy: K × activity reaching the lungs / lung mass.

    Raises DosimetryError for a mass not above 0 and as `lung_activity`. Source: protocol specification 5.4.
    """
    _above_zero(mass_kg, "lung mass")
    with localcontext() as context:
        context.prec = PRECISION
        return k * lung_activity(activity, lsf, residual) / mass_kg


# Activity planning --------------------------------------------------------------------------------


def liver_mass(volume_ml: Decimal, density: Decimal = CONSTANTS.liver_density) -> Decimal:
    """Return the mass in kg of a liver volume in mL. Source: protocol specification 5.2."""
    _not_below_zero(volume_ml, "volume")
    return volume_ml * density / 1000


def mird_activity(
    dose: Decimal,
    mass_kg: Decimal,
    lsf: Decimal,
    residual: Decimal = Decimal(0),
    k: Decimal = CONSTANTS.k_product,
) -> Decimal:
    """Return the activity (GBq) for a dose to the perfused liver: D·M / [K·(1 − LSF)·(1 − R)].

    Raises DosimetryError for a dose or mass not above 0 and a fraction outside 0 to below 1.
    Source: TheraSphere package insert (K = 50); protocol specification 5.5 (a).
    """
    _above_zero(dose, "dose")
    _above_zero(mass_kg, "mass")
    _fraction(lsf, "lung shunt fraction", below_one=True)
    _fraction(residual, "residual fraction", below_one=True)
    with localcontext() as context:
        context.prec = PRECISION
        return dose * mass_kg / (k * (1 - lsf) * (1 - residual))


def mird_dose(activity: Decimal, mass_kg: Decimal, lsf: Decimal, k: Decimal = CONSTANTS.k_product) -> Decimal:
    """Return the dose (Gy) to the perfused liver from a delivered activity: K·A·(1 − LSF) / M.

    Errors as `mird_activity`. Source: TheraSphere package insert; protocol specification 5.5 (a).
    """
    _not_below_zero(activity, "activity")
    _above_zero(mass_kg, "mass")
    _fraction(lsf, "lung shunt fraction")
    with localcontext() as context:
        context.prec = PRECISION
        return k * activity * (1 - lsf) / mass_kg


def resin_bsa(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """Return the body surface area in m² as printed for resin: 0.20247 · H(m)^0.725 · W(kg)^0.425, unrounded.

    It is Du Bois' formula with the constant shortened, so the fourth decimal may differ from Du Bois.
    Raises DosimetryError for a height or weight not above 0. Source: protocol specification 2.4 and 5.5 (b).
    """
    _above_zero(height_cm, "height")
    _above_zero(weight_kg, "weight")
    with localcontext() as context:
        context.prec = PRECISION
        height_m = height_cm / 100
        return Decimal("0.20247") * height_m ** Decimal("0.725") * weight_kg ** Decimal("0.425")


class ResinVerdict(StrEnum):
    """Whether the lung shunt leaves an activity at all."""

    TREAT = "TREAT"
    DO_NOT_TREAT = "DO_NOT_TREAT"


@dataclass(frozen=True, slots=True)
class ResinReduction:
    """Reduction of a resin activity by lung shunt; fractions.

    Below `first_from` none; from it ×0.8; from `second_from` up to and including `refuse_above` ×0.6;
    above it do not treat. Source: SIR-Spheres instructions for use; protocol specification 5.5 (b).
    """

    first_from: Decimal = Decimal("0.10")
    second_from: Decimal = Decimal("0.15")
    refuse_above: Decimal = Decimal("0.20")
    first_factor: Decimal = Decimal("0.8")
    second_factor: Decimal = Decimal("0.6")


@dataclass(frozen=True, slots=True)
class ResinActivity:
    """A BSA prescription in GBq; `factor` and `activity` are None when the verdict is not to treat."""

    verdict: ResinVerdict
    before: Decimal
    factor: Decimal | None
    activity: Decimal | None
    reason: Text


DEFAULT_REDUCTION = ResinReduction()


def resin_activity(
    bsa: Decimal,
    tumour_ml: Decimal,
    liver_ml: Decimal,
    lsf: Decimal,
    *,
    lobe_ml: Decimal | None = None,
    reduction: ResinReduction = DEFAULT_REDUCTION,
) -> ResinActivity:
    """Return the resin activity by the BSA method, reduced for the lung shunt.

    Whole liver: (BSA − 0.2) + V_tumour / V_liver; for a lobe the first term is multiplied by
    V_lobe / V_liver. `bsa` in m² as of `resin_bsa`, not rounded. Raises DosimetryError for an area not above
    0.2, a volume not possible or larger than the liver, a fraction outside 0–1.
    Source: SIR-Spheres instructions for use; protocol specification 5.5 (b).
    """
    _above_zero(bsa - Decimal("0.2"), "body surface area, less 0.2 m²,")
    _above_zero(liver_ml, "liver volume")
    _not_below_zero(tumour_ml, "tumour volume")
    _fraction(lsf, "lung shunt fraction")
    if lobe_ml is not None:
        _above_zero(lobe_ml, "lobe volume")
    if max(tumour_ml, lobe_ml or Decimal(0)) > liver_ml:
        raise DosimetryError("A volume is larger than the liver.")
    with localcontext() as context:
        context.prec = PRECISION
        part = Decimal(1) if lobe_ml is None else lobe_ml / liver_ml
        before = (bsa - Decimal("0.2")) * part + tumour_ml / liver_ml
        shunt = f"{lsf * 100:.2f}"
        if lsf > reduction.refuse_above:
            reason = Text(
                "Lung shunt {shunt} % is above {limit} %: do not treat.",
                "肺分流率 {shunt}% 高于 {limit}%，不应治疗。",
            ).format(shunt=shunt, limit=f"{reduction.refuse_above * 100:.0f}")
            return ResinActivity(ResinVerdict.DO_NOT_TREAT, before, None, None, reason)
        factor = Decimal(1)
        if lsf >= reduction.second_from:
            factor = reduction.second_factor
        elif lsf >= reduction.first_from:
            factor = reduction.first_factor
        reason = Text("Lung shunt {shunt} %: factor {factor}.", "肺分流率 {shunt}%，系数 {factor}。")
        return ResinActivity(
            ResinVerdict.TREAT, before, factor, before * factor, reason.format(shunt=shunt, factor=factor)
        )


@dataclass(frozen=True, slots=True)
class PartitionDoses:
    """Doses in Gy to normal liver, tumour and lung."""

    normal: Decimal
    tumour: Decimal
    lung: Decimal


@dataclass(frozen=True, slots=True)
class Compartments:
    """What the partition model needs to know.

    Masses in kg of tumour and normal perfused liver and lung; `tumour_to_normal` is the ratio of activity
    concentrations (not of activities). Raises DosimetryError for masses or a ratio that are not possible.
    """

    lsf: Decimal
    tumour_to_normal: Decimal
    tumour_kg: Decimal
    normal_kg: Decimal
    lung_kg: Decimal = CONSTANTS.lung_mass_kg

    def __post_init__(self) -> None:
        _fraction(self.lsf, "lung shunt fraction", below_one=True)
        _above_zero(self.tumour_to_normal, "tumour-to-normal ratio")
        _above_zero(self.tumour_kg, "tumour mass")
        _not_below_zero(self.normal_kg, "normal liver mass")
        _above_zero(self.lung_kg, "lung mass")

    @property
    def weighted_kg(self) -> Decimal:
        """Return TN·m_t + m_n."""
        return self.tumour_to_normal * self.tumour_kg + self.normal_kg


def partition_doses(
    activity: Decimal, body: Compartments, k: Decimal = CONSTANTS.k_partition
) -> PartitionDoses:
    """Return the doses of a delivered activity: D_n = K·A·(1 − LSF) / (TN·m_t + m_n), D_t = TN·D_n.

    The lung receives K·A·LSF / m_lung. Raises DosimetryError for a negative activity.
    Source: protocol specification 5.5 (c).
    """
    _not_below_zero(activity, "activity")
    with localcontext() as context:
        context.prec = PRECISION
        normal = k * activity * (1 - body.lsf) / body.weighted_kg
        return PartitionDoses(normal, body.tumour_to_normal * normal, k * activity * body.lsf / body.lung_kg)


def activity_for_normal_dose(
    dose: Decimal, body: Compartments, k: Decimal = CONSTANTS.k_partition
) -> Decimal:
    """Return the activity (GBq) that gives a dose to normal liver, so the most that keeps a limit.

    Raises DosimetryError for a dose not above 0. Source: protocol specification 5.5 (c).
    """
    _above_zero(dose, "dose")
    with localcontext() as context:
        context.prec = PRECISION
        return dose * body.weighted_kg / (k * (1 - body.lsf))


def activity_for_tumour_dose(
    dose: Decimal, body: Compartments, k: Decimal = CONSTANTS.k_partition
) -> Decimal:
    """Return the activity (GBq) that gives a dose to the tumour: D_t (TN·m_t + m_n) / (K (1 − LSF) TN).

    Raises DosimetryError for a dose not above 0. Source: protocol specification 5.5 (c).
    """
    with localcontext() as context:
        context.prec = PRECISION
        return activity_for_normal_dose(dose, body, k) / body.tumour_to_normal


def _above_zero(value: Decimal, name: str) -> None:
    if not value.is_finite() or value <= 0:
        raise DosimetryError(f"The {name} must be above 0.")


def _not_below_zero(value: Decimal, name: str) -> None:
    if not value.is_finite() or value < 0:
        raise DosimetryError(f"The {name} must not be below 0.")


def _fraction(value: Decimal, name: str, *, below_one: bool = False) -> None:
    if not value.is_finite() or not 0 <= value <= 1 or (below_one and value == 1):
        raise DosimetryError(f"The {name} {value} is not a possible fraction.")
