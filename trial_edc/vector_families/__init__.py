"""The families of worked cases, and for each the rule of the trial that has to give the same answer.

A family reads a case's inputs, calls the rule, and names the results as the cases do. FAMILIES is the
table; a family that is not in it has no rule yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trial_edc.vector_families import calendar, outcome, reporting, screening, treatment
from trial_edc.vector_families.family import Family

FAMILIES: Final[Mapping[str, Family]] = {
    **screening.FAMILIES,
    **treatment.FAMILIES,
    **calendar.FAMILIES,
    **outcome.FAMILIES,
    **reporting.FAMILIES,
}

__all__ = ["FAMILIES", "Family"]
