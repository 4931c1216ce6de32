"""What a family of worked cases is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trial_edc.vector_reading import Case


@dataclass(frozen=True, slots=True)
class Family:
    """A rule with the names of its results; `places`: decimals to which a numeric result is compared."""

    compute: Callable[[Case], Mapping[str, object]]
    results: tuple[str, ...]
    places: Mapping[str, int] = field(default_factory=dict)
