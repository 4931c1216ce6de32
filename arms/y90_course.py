"""Mapping, plan and infusion of a Y-90 treatment, kept together where a mapping was repeated.

A plan belongs to the mapping of the same visit and number; an infusion to the latest mapping before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar


class Mapped(Protocol):
    """Whatever stands for one mapping and knows when it was made."""

    @property
    def mapped_at(self) -> datetime | None: ...


Of = TypeVar("Of", bound=Mapped)


@dataclass(frozen=True, slots=True)
class Pair:
    """A mapping and the plan made from it, None where there is none yet; both are records of their forms."""

    mapping: Any
    plan: Any

    @property
    def number(self) -> int:
        return int(self.mapping.repeat)

    @property
    def mapped_at(self) -> datetime | None:
        at: datetime | None = self.mapping.ymapdtc
        return at


def pairs_of(mappings: Iterable[Any], plans: Iterable[Any]) -> tuple[Pair, ...]:
    """Put each mapping and its plan together, in the order of the mappings."""
    by_place = {(plan.visit_id, plan.repeat): plan for plan in plans}
    return tuple(
        Pair(mapping, by_place.get((mapping.visit_id, mapping.repeat)))
        for mapping in sorted(mappings, key=lambda one: (one.visit.position, one.repeat))
    )


def resting_on(mappings: Sequence[Of], infused_at: datetime | None) -> Of | None:
    """Return the mapping an infusion rests on: the latest at or before it, the newest while it has no time."""
    before = [(one.mapped_at, place, one) for place, one in enumerate(mappings) if one.mapped_at is not None]
    before = [(at, place, one) for at, place, one in before if infused_at is not None and at <= infused_at]
    if before:
        return max(before, key=lambda found: found[:2])[2]
    return mappings[-1] if mappings else None


def lung_dose_before(
    pairs: Sequence[Pair],
    infusions: Iterable[Any],
    before: datetime | None,
    planned_dose: Callable[[Any], Decimal | None],
) -> Decimal:
    """Add up the lung doses (Gy) of infusions before a moment: as measured, otherwise as planned. Mostly 0.

    `planned_dose` works out that of a plan: what a plan stores is rounded, and the sum is compared with a limit.
    """
    total = Decimal(0)
    for infusion in infusions:
        at = infusion.yinfdt
        if at is None or (before is not None and at >= before):
            continue
        planned = resting_on(pairs, at)
        dose = infusion.ydlungpost
        if dose is None and planned is not None and planned.plan is not None:
            dose = planned_dose(planned.plan)
        total += dose or Decimal(0)
    return total
