"""What the resectability reviews of the MDT (form RES) decide about further treatment.

Values in, decisions out; nothing is read or stored. Source: protocol specification 0.2 (C8), 4.1, 4.4, 7.2 and 8.15.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from arms.haic_cycles import Review

FEWEST_CYCLES, MOST_CYCLES = 2, 4
CONTINUE, HEPATECTOMY = "CONTINUE_HAIC", "HEPATECTOMY"
RESECTABLE = "RESECTABLE"
AGAINST_RESECTION = ("UNRESECTABLE", "PROGRESSION")


class NotAPlan(ValueError):
    """A number of HAIC cycles that the protocol does not know."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One submitted review: its day, its result (RESRES) and the decision taken (NEXTSTEP)."""

    on: date
    result: str
    next_step: str

    @property
    def continues(self) -> Review:
        """What it means for further cycles of HAIC."""
        return Review.CONTINUE if self.next_step == CONTINUE else Review.STOP


def latest(decisions: Iterable[Decision], since: date | None) -> Decision | None:
    """Return the latest review on or after a day, of two on one day the one given last.

    None where there is none, or where the day is not known: a review cannot follow what has not happened.
    """
    if since is None:
        return None
    # Sorting keeps the order of those on one day.
    found = sorted((one for one in decisions if one.on >= since), key=lambda one: one.on)
    return found[-1] if found else None


def cycles_planned(at_assignment: int | None, decided: Decision | None) -> int:
    """Return how many HAIC cycles are planned now: 2 or 4.

    The board plans at assignment (`at_assignment`, None where it has not said: 2). Once a review after cycle 2
    has decided (`decided`: the latest one), its decision counts: 4 to continue, otherwise no more than 2.
    Raises NotAPlan for a number other than 2 or 4. Source: protocol specification 0.2 (C8), 4.1 and 7.2, rule 2.
    """
    if at_assignment not in (None, FEWEST_CYCLES, MOST_CYCLES):
        raise NotAPlan(f"{at_assignment} cycles of HAIC are not foreseen: 2 or 4.")
    if decided is not None:
        return MOST_CYCLES if decided.continues is Review.CONTINUE else FEWEST_CYCLES
    return at_assignment or FEWEST_CYCLES


def not_resectable_on(decisions: Iterable[Decision]) -> date | None:
    """Return the day on which the MDT decided against resection, where that is its last word; otherwise None.

    A result of not resectable or progression speaks against it, unless hepatectomy was decided all the same. A
    later review that finds the tumour resectable takes it back. Source: protocol specification 7.3 and 8.15.
    """
    last = latest(decisions, date.min)
    if last is None or last.result not in AGAINST_RESECTION or last.next_step == HEPATECTOMY:
        return None
    return last.on


def resectable_on(decisions: Iterable[Decision]) -> date | None:
    """Return the day of the review that found the tumour resectable, where that is the MDT's last word."""
    last = latest(decisions, date.min)
    return last.on if last is not None and last.result == RESECTABLE else None
