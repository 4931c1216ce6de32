"""What tumour assessments say about a participant's further calendar; what reviews say stands in arms/reviews.py.

Values in, dates and numbers out; nothing is read or stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

RECIST = "RECIST11"
PROGRESSIVE = "PD"
NO_RECURRENCE = "NONE"


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment of the tumour at one visit by one set of criteria.

    `criteria` RECIST11 or MRECIST; `overall` the investigator's overall response; `recurrence` where the
    tumour came back after resection, "" before resection.
    """

    visit: str
    on: date
    criteria: str
    overall: str
    recurrence: str = ""


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
