"""What assessments say about the further calendar."""

from __future__ import annotations

from datetime import date

import pytest

from followup.course import Assessment, progression_date

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 5), date(2026, 11, 5), date(2026, 12, 7)


def recist(overall: str, on: date, visit: str = "Y-M1", **more: str) -> Assessment:
    return Assessment(visit, on, "RECIST11", overall, **more)


def mrecist(overall: str, on: date, visit: str = "Y-M1", **more: str) -> Assessment:
    return Assessment(visit, on, "MRECIST", overall, **more)


@pytest.mark.parametrize(
    ("assessments", "day"),
    [
        ([], None),
        ([recist("SD", OCTOBER), recist("PR", DECEMBER, "Y-M3")], None),
        ([recist("SD", OCTOBER), recist("PD", DECEMBER, "Y-M3")], DECEMBER),
        ([recist("PD", DECEMBER, "Y-M3"), recist("PD", NOVEMBER, "UNS")], NOVEMBER),
        ([recist("NED", OCTOBER, recurrence="NONE")], None),
        ([recist("NED", OCTOBER, recurrence="INTRAHEPATIC")], OCTOBER),
        ([mrecist("PD", OCTOBER)], OCTOBER),
        # Assessed by both at one visit: RECIST 1.1 decides, whichever was entered first.
        ([mrecist("PD", OCTOBER), recist("SD", OCTOBER)], None),
        ([recist("PD", OCTOBER), mrecist("SD", OCTOBER)], OCTOBER),
        ([mrecist("PD", OCTOBER), recist("SD", DECEMBER, "Y-M3")], OCTOBER),
        ([recist("NE", OCTOBER), recist("NONCRNONPD", DECEMBER, "Y-M3")], None),
    ],
)
def test_first_progression(assessments: list[Assessment], day: date | None) -> None:
    assert progression_date(assessments) == day
    assert progression_date(reversed(assessments)) == day
