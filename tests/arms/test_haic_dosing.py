"""HAIC doses, deviations and the times of a cycle."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arms.haic_dosing import (
    INFUSIONS,
    DeviationGrade,
    DoseError,
    DoseFactors,
    Timeline,
    TimelineLimits,
    check_timeline,
    cumulative_oxaliplatin,
    deviation_percent,
    judge_deviation,
    may_keep_bsa,
    planned_clock,
    planned_doses,
)
from participants.body import BsaFormula, body_surface_area, rounded_bsa
from records.findings import Level

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "vectors.json").read_text("utf-8"), parse_float=Decimal
)
START = dt.datetime(2026, 9, 1, 9, 0, tzinfo=dt.UTC)


def hours(number: str | int) -> dt.timedelta:
    return dt.timedelta(seconds=int(Decimal(number) * 3600))


def cycle(**changes: object) -> Timeline:
    """A cycle exactly as planned, with a few times changed; an infusion's key changes its start and end."""
    infusions: dict[str, tuple[dt.datetime | None, dt.datetime | None]] = dict(planned_clock(START))
    out = START + hours("52.5")
    times = {
        "catheterised": START,
        "catheter_out": out,
        "bandage_start": out,
        "bandage_end": out + hours(12),
        "discharged": out + hours(12),
    }
    for key, value in changes.items():
        (infusions if key in infusions else times)[key] = value
    return Timeline(infusions=infusions, **times)


def found(timeline: Timeline, limits: TimelineLimits | None = None) -> list[tuple[str, str]]:
    findings = check_timeline(timeline, limits) if limits else check_timeline(timeline)
    return [(one.item, one.level.value) for one in findings]


@pytest.mark.parametrize("row", VECTORS["haic_dose"], ids=lambda row: f"{row['h']}-{row['w']}")
def test_worked_doses(row):
    area = body_surface_area(
        height_cm=Decimal(row["h"]), weight_kg=Decimal(row["w"]), formula=BsaFormula.MOSTELLER
    )
    bsa = rounded_bsa(area)
    doses = planned_doses(bsa)
    assert bsa == Decimal(row["bsa"])
    assert doses.oxaliplatin_mg == Decimal(row["oxaliplatin_mg"])
    assert doses.leucovorin_mg == Decimal(row["leucovorin_mg"])
    assert doses.fu_2h_mg == Decimal(row["fu_2h_mg"])
    assert doses.fu_46h_mg == Decimal(row["fu_46h_mg"])
    assert doses.fu_total_mg == Decimal(row["fu_total_mg"])


def test_stevenson_example_of_the_specification():
    area = body_surface_area(height_cm=Decimal(170), weight_kg=Decimal(65), formula=BsaFormula.STEVENSON)
    doses = planned_doses(rounded_bsa(area))
    assert (doses.oxaliplatin_mg, doses.fu_46h_mg) == (Decimal("232.2"), Decimal(4128))


def test_factors_are_a_setting():
    assert planned_doses(Decimal("1.70"), DoseFactors(oxaliplatin=Decimal(85))).oxaliplatin_mg == Decimal(
        "144.5"
    )


def test_doses_by_key():
    doses = planned_doses(Decimal("1.37"))
    assert [doses.of(one.key) for one in INFUSIONS] == [
        Decimal("184.95"),
        Decimal(548),
        Decimal(548),
        Decimal(3288),
    ]


@pytest.mark.parametrize("bsa", ["0", "-1", "1.755", "NaN", "Infinity"])
def test_impossible_area(bsa):
    with pytest.raises(DoseError):
        planned_doses(Decimal(bsa))


@given(st.decimals(min_value=Decimal("0.50"), max_value=Decimal("3.00"), places=2))
def test_doses_are_exact_multiples(bsa):
    doses = planned_doses(bsa)
    assert doses.fu_46h_mg == 6 * doses.fu_2h_mg
    assert doses.oxaliplatin_mg * 400 == doses.leucovorin_mg * 135


@pytest.mark.parametrize(
    ("given_mg", "grade"),
    [
        ("200", "ACCEPTED"),
        ("210", "ACCEPTED"),
        ("190", "ACCEPTED"),
        ("210.001", "QUERY"),
        ("189.999", "QUERY"),
        ("220", "QUERY"),
        ("180", "QUERY"),
        ("220.001", "REASON"),
        ("179.999", "REASON"),
        ("0", "REASON"),
    ],
)
def test_deviation_limits_on_both_sides(given_mg, grade):
    assert judge_deviation(Decimal(given_mg), Decimal(200)).grade == DeviationGrade(grade)


def test_deviation_is_signed():
    assert deviation_percent(Decimal(180), Decimal(200)) == Decimal(-10)
    assert "-10.0" in judge_deviation(Decimal(180), Decimal(200)).message.zh


@given(st.integers(1, 7000), st.decimals(min_value=1, max_value=7000, places=2))
def test_deviation_grade_is_never_rounded(given_mg, calculated):
    share = abs(Decimal(given_mg) - calculated) * 100
    grade = judge_deviation(Decimal(given_mg), calculated).grade
    assert (grade is DeviationGrade.ACCEPTED) == (share <= 5 * calculated)
    assert (grade is DeviationGrade.REASON) == (share > 10 * calculated)


@pytest.mark.parametrize(("given_mg", "calculated"), [("-1", "100"), ("100", "0"), ("NaN", "100")])
def test_impossible_deviation(given_mg, calculated):
    with pytest.raises(DoseError):
        deviation_percent(Decimal(given_mg), Decimal(calculated))


@pytest.mark.parametrize(("weight", "kept"), [("63.1", True), ("63", False), ("76.9", True), ("77", False)])
def test_area_of_cycle_1_is_kept_below_ten_percent(weight, kept):
    assert may_keep_bsa(Decimal(weight), Decimal(70)) is kept


def test_weight_above_zero():
    with pytest.raises(DoseError):
        may_keep_bsa(Decimal(0), Decimal(70))


def test_cumulative_oxaliplatin_as_planned_is_540():
    assert cumulative_oxaliplatin([(Decimal("236.25"), Decimal("1.75"))] * 4) == 540
    assert cumulative_oxaliplatin([]) == 0
    with pytest.raises(DoseError):
        cumulative_oxaliplatin([(Decimal(236), Decimal(0))])


def test_infusions_follow_one_another():
    clock = planned_clock(START)
    assert [clock[one.key] for one in INFUSIONS] == [
        (START, START + hours(3)),
        (START + hours(3), START + hours("4.5")),
        (START + hours("4.5"), START + hours("6.5")),
        (START + hours("6.5"), START + hours("52.5")),
    ]
    assert all(one.planned_to - one.planned_from == one.hours for one in INFUSIONS)


def test_a_cycle_as_planned_has_no_findings():
    assert found(cycle()) == []


def test_nothing_known_has_no_findings():
    assert found(Timeline()) == []


@pytest.mark.parametrize(
    ("lasted", "expected"),
    [("2.4", []), ("2.39", [("OXAEN", "SOFT")]), ("3.6", []), ("3.61", [("OXAEN", "SOFT")])],
)
def test_duration_of_oxaliplatin(lasted, expected):
    times = Timeline(infusions={"OXA": (START, START + hours(lasted))})
    assert found(times) == expected


@pytest.mark.parametrize(
    ("key", "low", "high"), [("LV", "1.2", "1.8"), ("FU1", "1.6", "2.4"), ("FU2", "42", "50")]
)
def test_durations_of_the_others(key, low, high):
    minute = dt.timedelta(minutes=1)
    for lasted, expected in (
        (hours(low), []),
        (hours(low) - minute, [(f"{key}EN", "SOFT")]),
        (hours(high), []),
        (hours(high) + minute, [(f"{key}EN", "SOFT")]),
    ):
        assert found(Timeline(infusions={key: (START, START + lasted)})) == expected


def test_duration_of_an_interrupted_infusion_is_not_asked():
    times = Timeline(infusions={"OXA": (START, START + hours(1))}, interrupted=frozenset({"OXA"}))
    assert found(times) == []


def test_end_must_lie_after_start():
    assert found(Timeline(infusions={"LV": (START, START)})) == [("LVEN", "HARD")]


def test_infusions_in_the_wrong_order():
    early = START + hours("2.9")
    assert found(cycle(LV=(early, early + hours("1.5")))) == [("LVST", "HARD")]
    assert found(cycle(LV=(early, early + hours("1.5"))), TimelineLimits(sequence=Level.SOFT)) == [
        ("LVST", "SOFT")
    ]


def test_oxaliplatin_before_catheterisation():
    assert found(cycle(catheterised=START + hours("0.5"))) == [("OXAST", "HARD")]


def test_catheter_out_before_the_last_infusion_ends():
    early = START + hours("52.4")
    assert found(cycle(catheter_out=early)) == [("HCATHOUT", "HARD")]
    times = cycle(catheter_out=early)
    interrupted = Timeline(infusions=times.infusions, catheter_out=early, interrupted=frozenset({"FU2"}))
    assert found(interrupted) == [("HCATHOUT", "SOFT")]


@pytest.mark.parametrize(
    ("dwell", "expected"),
    [("51.99", [("HCATHOUT", "SOFT")]), ("52", []), ("80", []), ("80.01", [("HCATHOUT", "SOFT")])],
)
def test_dwell(dwell, expected):
    assert found(Timeline(catheterised=START, catheter_out=START + hours(dwell))) == expected


def test_bandage_of_twelve_hours():
    out = START + hours("52.5")
    short = dt.timedelta(hours=12) - dt.timedelta(minutes=1)
    assert found(Timeline(bandage_start=out, bandage_end=out + hours(12))) == []
    assert found(Timeline(bandage_start=out, bandage_end=out + short)) == [("HBANDEN", "SOFT")]
    assert found(Timeline(catheter_out=out, bandage_end=out + short)) == [("HBANDEN", "SOFT")]
    assert found(Timeline(bandage_start=out, bandage_end=out - short)) == [("HBANDEN", "HARD")]
    assert found(cycle(bandage_start=out - short)) == [("HBANDST", "SOFT")]


def test_discharge_before_the_bandage_ends():
    early = START + hours("60")
    assert found(cycle(discharged=early)) == [("HDISCH", "SOFT")]


def test_unknown_infusion():
    with pytest.raises(DoseError):
        check_timeline(Timeline(infusions={"CIS": (START, None)}))


@given(st.sets(st.sampled_from(["OXA", "LV", "FU1", "FU2"])), st.integers(0, 10_000))
def test_a_planned_cycle_is_clean_whenever_it_starts_and_whatever_is_missing(keys, minutes):
    start = START + dt.timedelta(minutes=minutes)
    clock = planned_clock(start)
    assert found(Timeline(catheterised=start, infusions={key: clock[key] for key in keys})) == []
