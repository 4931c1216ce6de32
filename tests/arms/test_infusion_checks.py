"""What blocks a Y-90 infusion, what warns, and how the delivery is judged."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from arms.dosimetry import DosimetryError
from arms.infusion_checks import (
    Caution,
    Grade,
    InfusionFacts,
    Product,
    discharged_early,
    infusion_blocks,
    infusion_warnings,
    judge_assay,
    judge_hepatectomy_interval,
    judge_mapping_age,
    judge_net_activity,
    scanned_late,
)

RESIN = InfusionFacts(
    product=Product.RESIN,
    mapping_complete=True,
    plan_complete=True,
    planned_by=1,
    checked_by=2,
    planned_activity=Decimal("1.75"),
    lsf=Decimal("0.05"),
    lung_dose=Decimal("4.4"),
    lung_activity=Decimal("0.0875"),
    gastrointestinal_uncorrectable=False,
)
GLASS = replace(RESIN, product=Product.GLASS)
NOON = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
TODAY = NOON.date()


def codes(facts: InfusionFacts) -> list[str]:
    return [one.code for one in infusion_blocks(facts)]


def test_nothing_blocks_a_sound_plan():
    assert (codes(RESIN), codes(GLASS)) == ([], [])
    assert infusion_warnings(RESIN) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mapping_complete": False}, "MAPPING"),
        ({"plan_complete": False}, "PLAN"),
        ({"checked_by": 1}, "TWO_PEOPLE"),
        ({"checked_by": None}, "TWO_PEOPLE"),
        ({"planned_activity": Decimal(0)}, "ACTIVITY"),
        ({"planned_activity": None}, "ACTIVITY"),
    ],
)
def test_requirements_cannot_be_overridden(changes, code):
    blocks = infusion_blocks(replace(RESIN, **changes))
    assert [(one.code, one.overridable) for one in blocks] == [(code, False)]


@pytest.mark.parametrize(
    ("facts", "changes", "expected"),
    [
        (RESIN, {"lung_dose": Decimal(30)}, []),
        (RESIN, {"lung_dose": Decimal("30.01")}, ["LUNG_DOSE"]),
        (RESIN, {"lung_dose": Decimal(25), "earlier_lung_dose": Decimal(25)}, []),
        (RESIN, {"lung_dose": Decimal(25), "earlier_lung_dose": Decimal("25.01")}, ["LUNG_DOSE_CUMULATIVE"]),
        (RESIN, {"lsf": Decimal("0.20")}, []),
        (RESIN, {"lsf": Decimal("0.2001")}, ["LUNG_SHUNT"]),
        (GLASS, {"lsf": Decimal("0.25")}, []),
        (GLASS, {"lung_activity": Decimal("0.61")}, []),
        (RESIN, {"gastrointestinal_uncorrectable": True}, ["GASTROINTESTINAL"]),
        (RESIN, {"pregnancy_possible": True}, ["PREGNANCY"]),
        (RESIN, {"pregnancy_possible": True, "pregnant": True}, ["PREGNANCY"]),
        (RESIN, {"pregnancy_possible": True, "pregnant": False}, []),
        (RESIN, {"earlier_infusions": 1}, ["SECOND_INFUSION"]),
    ],
)
def test_blocks_with_override(facts, changes, expected):
    blocks = infusion_blocks(replace(facts, **changes))
    assert [one.code for one in blocks] == expected
    assert all(one.overridable for one in blocks)


@pytest.mark.parametrize(
    ("facts", "changes", "code"),
    [
        (RESIN, {"lung_dose": None}, "LUNG_DOSE_UNKNOWN"),
        (RESIN, {"lsf": None}, "LUNG_SHUNT_UNKNOWN"),
        (RESIN, {"gastrointestinal_uncorrectable": None}, "GI_UNKNOWN"),
        (RESIN, {"mapping_used": True}, "MAPPING_USED"),
        (GLASS, {"lung_activity": None}, "LUNG_ACTIVITY_UNKNOWN"),
        # The limit of the glass product is not among what the protocol lets two people set aside.
        (GLASS, {"lung_activity": Decimal("0.6101")}, "LUNG_ACTIVITY"),
    ],
)
def test_what_is_not_known_and_the_limit_of_glass_cannot_be_set_aside(facts, changes, code):
    blocks = infusion_blocks(replace(facts, **changes))
    assert [(one.code, one.overridable) for one in blocks] == [(code, False)]


@pytest.mark.parametrize(
    ("changes", "warnings"),
    [
        (
            {
                "lsf": Decimal("0.10"),
                "lung_dose": Decimal(25),
                "bilirubin": Decimal("34.2"),
                "granulocytes": Decimal("1.5"),
            },
            0,
        ),
        ({"tumour_replacement_percent": Decimal(70), "child_pugh": 7}, 0),
        ({"lsf": Decimal("0.1001")}, 1),
        ({"lung_dose": Decimal("25.1")}, 1),
        ({"bilirubin": Decimal("34.3")}, 1),
        ({"bilirubin": Decimal("34.3"), "bilirubin_reversible": True}, 0),
        ({"granulocytes": Decimal("1.49")}, 1),
        ({"tumour_replacement_percent": Decimal("70.1")}, 1),
        ({"child_pugh": 8}, 1),
        ({"cautions": frozenset(Caution)}, len(Caution)),
    ],
)
def test_warnings(changes, warnings):
    facts = replace(RESIN, **changes)
    assert (len(infusion_warnings(facts)), codes(facts)) == (warnings, [])


@pytest.mark.parametrize(
    ("net", "grade"),
    [
        ("2.00", "OK"),
        ("2.20", "OK"),
        ("1.80", "OK"),
        ("2.201", "QUERY"),
        ("1.799", "QUERY"),
        ("2.40", "QUERY"),
        ("1.60", "QUERY"),
        ("2.401", "REASON"),
        ("1.599", "REASON"),
    ],
)
def test_net_activity(net, grade):
    assert judge_net_activity(Decimal(net), Decimal(2)).grade == Grade(grade)


def test_impossible_activities():
    with pytest.raises(DosimetryError):
        judge_net_activity(Decimal(1), Decimal(0))
    with pytest.raises(DosimetryError):
        judge_assay(assay=Decimal(1), assayed_at=NOON, calibrated=Decimal(0), calibrated_at=NOON)


@pytest.mark.parametrize(
    ("assay", "grade"), [("2.20", "OK"), ("1.80", "OK"), ("2.21", "QUERY"), ("1.79", "QUERY")]
)
def test_assay_at_calibration(assay, grade):
    judged = judge_assay(assay=Decimal(assay), assayed_at=NOON, calibrated=Decimal(2), calibrated_at=NOON)
    assert judged.grade == Grade(grade)


def test_assay_against_decayed_calibration():
    calibrated = NOON - dt.timedelta(hours=64, minutes=6)
    judged = judge_assay(assay=Decimal(1), assayed_at=NOON, calibrated=Decimal(2), calibrated_at=calibrated)
    assert judged.grade is Grade.OK
    assert judged.message.en == "Assay +0.0 % from the decayed calibration of 1.000 GBq."


@pytest.mark.parametrize(
    ("days", "grade"), [(0, "OK"), (14, "OK"), (15, "QUERY"), (30, "QUERY"), (31, "REASON")]
)
def test_age_of_the_mapping(days, grade):
    assert judge_mapping_age(TODAY - dt.timedelta(days=days), TODAY).grade == Grade(grade)


def test_infusion_before_mapping():
    with pytest.raises(DosimetryError):
        judge_mapping_age(TODAY, TODAY - dt.timedelta(days=1))


def test_discharge_and_scans():
    day, minute = dt.timedelta(hours=24), dt.timedelta(minutes=1)
    assert [discharged_early(NOON, NOON + one) for one in (day - minute, day)] == [True, False]
    hour = dt.timedelta(minutes=60)
    assert [scanned_late(NOON, NOON + one, hour) for one in (hour, hour + minute)] == [False, True]


@pytest.mark.parametrize(
    ("days", "grade"),
    [
        (59, "REASON"),
        (60, "QUERY"),
        (75, "QUERY"),
        (76, "OK"),
        (148, "OK"),
        (149, "QUERY"),
        (180, "QUERY"),
        (181, "REASON"),
    ],
)
def test_days_to_hepatectomy(days, grade):
    assert judge_hepatectomy_interval(TODAY, TODAY + dt.timedelta(days=days)).grade == Grade(grade)
    with pytest.raises(DosimetryError):
        judge_hepatectomy_interval(TODAY, TODAY - dt.timedelta(days=1))
