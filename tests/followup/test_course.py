"""What assessments and reviews say about the further calendar."""

from __future__ import annotations

from datetime import date

import pytest

from followup.course import Assessment, NotAPlan, cycles_planned, progression_date

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


def review(next_step: str, visit: str = "H-R2") -> Assessment:
    return recist("SD", OCTOBER, visit, next_step=next_step)


@pytest.mark.parametrize(
    ("at_assignment", "assessments", "cycles"),
    [
        (None, [], 2),
        (2, [], 2),
        (4, [], 4),
        (2, [review("CONTINUE_HAIC")], 4),
        (4, [review("HEPATECTOMY")], 2),
        (4, [review("OBSERVE")], 2),
        (4, [review("")], 4),
        (4, [review("HEPATECTOMY", "H-R4")], 4),
        (2, [review("OBSERVE"), review("CONTINUE_HAIC")], 4),
    ],
)
def test_cycles_planned(at_assignment: int | None, assessments: list[Assessment], cycles: int) -> None:
    assert cycles_planned(at_assignment, assessments) == cycles


@pytest.mark.parametrize("number", [-1, 0, 1, 3, 5])
def test_a_number_of_cycles_the_protocol_does_not_know(number: int) -> None:
    with pytest.raises(NotAPlan, match="2 or 4"):
        cycles_planned(number, [])
