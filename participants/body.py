"""Body surface area by the three formulas in use, computed exactly; rounding is a step of its own."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

DIGITS = 34


class ImpossibleBody(ValueError):
    """A height or weight that no body has, or for which a formula gives no area."""


class BsaFormula(StrEnum):
    """The formula of a body surface area; it is stored beside every value."""

    MOSTELLER = "MOSTELLER"
    DU_BOIS = "DU_BOIS"
    STEVENSON = "STEVENSON"


def body_surface_area(*, height_cm: Decimal, weight_kg: Decimal, formula: BsaFormula) -> Decimal:
    """Compute the body surface area in m², unrounded.

    Height in cm, weight in kg. Mosteller √(H·W/3600); Du Bois 0.007184·H^0.725·W^0.425;
    Stevenson 0.0061·H + 0.0128·W − 0.1529. Raises ImpossibleBody for a height or weight that is not
    above zero, and where Stevenson's line falls to zero or below.
    Source: Mosteller 1987; Du Bois 1916; Stevenson 1937; protocol specification section 2.4.
    """
    if not (height_cm.is_finite() and weight_kg.is_finite() and height_cm > 0 and weight_kg > 0):
        raise ImpossibleBody(f"Height {height_cm} cm and weight {weight_kg} kg must both be above zero.")
    with localcontext() as context:
        context.prec = DIGITS
        if formula is BsaFormula.MOSTELLER:
            return (height_cm * weight_kg / 3600).sqrt()
        if formula is BsaFormula.DU_BOIS:
            return Decimal("0.007184") * height_cm ** Decimal("0.725") * weight_kg ** Decimal("0.425")
        area = Decimal("0.0061") * height_cm + Decimal("0.0128") * weight_kg - Decimal("0.1529")
    if area <= 0:
        raise ImpossibleBody(f"Stevenson's formula gives no area for {height_cm} cm and {weight_kg} kg.")
    return area


def rounded_bsa(area: Decimal) -> Decimal:
    """Round a body surface area to 2 decimals, half up, the value that doses are computed from.

    Source: protocol specification section 2.4.
    """
    return area.quantize(Decimal("0.01"), ROUND_HALF_UP)
