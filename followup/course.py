"""What tumour assessments and reviews say about a participant's further calendar.

Values in, dates and numbers out; nothing is read or stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

RECIST = "RECIST11"
PROGRESSIVE = "PD"
NO_RECURRENCE = "NONE"
CONTINUE = "CONTINUE_HAIC"
FEWEST_CYCLES, MOST_CYCLES = 2, 4


class NotAPlan(ValueError):
    """A number of HAIC cycles that the protocol does not know."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment of the tumour at one visit by one set of criteria.

    `criteria` RECIST11 or MRECIST; `overall` the investigator's overall response; `recurrence` where the
    tumour came back after resection, "" before resection; `next_step` the decision taken with it, "" for none.
    """

    visit: str
    on: date
    criteria: str
    overall: str
    recurrence: str = ""
    next_step: str = ""


def progression_date(assessments: Iterable[Assessment]) -> date | None:
    """Return the day of the first progression or recurrence, None where there is none.

    Where a visit was assessed by RECIST 1.1 and by mRECIST, RECIST 1.1 decides: leaving imaging follow-up
    on mRECIST alone would lose the main endpoint. Equal days count once.
    Source: protocol specification 6.1, 6.4 and 7.2, rule 5.
    """
    found = list(assessments)
    by_recist = {one.visit for one in found if one.criteria == RECIST}
    return min(
        (
            one.on
            for one in found
            if (one.criteria == RECIST or one.visit not in by_recist) and _progressive(one)
        ),
        default=None,
    )


def _progressive(assessment: Assessment) -> bool:
    return assessment.overall == PROGRESSIVE or assessment.recurrence not in ("", NO_RECURRENCE)


def cycles_planned(at_assignment: int | None, assessments: Iterable[Assessment]) -> int:
    """Return how many HAIC cycles are planned now: 2 or 4.

    The board plans at assignment (`at_assignment`, None where it has not said: 2). Once the review after
    cycle 2 (visit H-R2) has decided, its decision counts: 4 to continue, otherwise no more than 2.
    Raises NotAPlan for a number other than 2 or 4. Source: protocol specification 4.1 and 7.2, rule 2.
    """
    if at_assignment not in (None, FEWEST_CYCLES, MOST_CYCLES):
        raise NotAPlan(f"{at_assignment} cycles of HAIC are not foreseen: 2 or 4.")
    decisions = {one.next_step for one in assessments if one.visit == "H-R2" and one.next_step}
    if decisions:
        return MOST_CYCLES if CONTINUE in decisions else FEWEST_CYCLES
    return at_assignment or FEWEST_CYCLES
