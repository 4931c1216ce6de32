"""The Y-90 infusion form brings every activity to the start of the infusion, and asks at the boundaries it should."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from arms import infusion_record
from arms.infusion_checks import PREGNANCY
from arms.infusion_record import MAPPING_AGE, Planned
from eligibility.treatment_day import PregnancyTest
from records.findings import Level
from tests.arms.conftest import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
def context(defaults: dict[str, Any]) -> dict[str, Any]:
    """A mapping ten days before, 1.90 GBq planned, nothing set aside, and nobody who might be pregnant."""
    return {
        "settings": defaults,
        "plans": (Planned(NOON - timedelta(days=10), Decimal("1.90"), frozenset()),),
        "pregnancy_tests": None,
        "recorded_on": None,
    }


def given(**changed: Any) -> dict[str, Any]:
    """An infusion at noon, assayed and with its residual measured at that very moment."""
    return {
        "yinfdt": NOON,
        "ypreact": Decimal("1.90"),
        "ypredt": NOON,
        "yresact": Decimal("0.05"),
        "yresdt": NOON,
        **changed,
    }


def found(answers: dict[str, Any], context: dict[str, Any]) -> list[tuple[str, Level]]:
    return [(one.item, one.level) for one in infusion_record.findings(answers, context)]


def test_the_worked_delivery_is_computed(context: dict[str, Any]) -> None:
    answers = given(ypredt=NOON - 1.5 * HOUR, yresact=Decimal("0.06"), yresdt=NOON + 1.5 * HOUR)
    derived = infusion_record.derive(answers, context)
    assert (derived["ynetact"].value, derived["ypct"].value) == (Decimal("1.808"), Decimal("96.74"))
    before, residual = infusion_record.corrected(answers, context["settings"])
    assert (before.item, before.hours, residual.item, residual.hours) == (
        "ypreact",
        Decimal("1.5"),
        "yresact",
        Decimal("-1.5"),
    )
    assert before.at_infusion < before.activity
    assert residual.at_infusion > residual.activity
    assert f"{before.at_infusion - residual.at_infusion:.4f}" == "1.8084"
    assert f"{before.at_infusion:.4f} − {residual.at_infusion:.4f} GBq" in derived["ynetact"].reason.en
    assert "计算值仅供核对" in derived["ynetact"].reason.zh


@pytest.mark.parametrize("missing", ["yinfdt", "ypreact", "ypredt", "yresact", "yresdt"])
def test_nothing_is_computed_while_a_measure_is_missing(missing: str, context: dict[str, Any]) -> None:
    derived = infusion_record.derive(given(**{missing: None}), context)
    assert (derived["ynetact"].value, derived["ypct"].value) == (None, None)


def test_an_activity_without_its_time_is_left_out_of_the_arithmetic(context: dict[str, Any]) -> None:
    answers = given(ycalact=Decimal("2.0"), yresdt=None)
    assert [one.item for one in infusion_record.corrected(answers, context["settings"])] == ["ypreact"]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (14, []),
        (15, [("yinfdt", Level.SOFT)]),
        (30, [("yinfdt", Level.SOFT)]),
        (31, [("yinfdt", Level.HARD)]),
    ],
)
def test_days_since_the_mapping(
    days: int, expected: list[tuple[str, Level]], context: dict[str, Any]
) -> None:
    plans = (Planned(NOON - timedelta(days=days), None, frozenset()),)
    assert found(given(), {**context, "plans": plans}) == expected


def test_a_mapping_too_old_may_be_set_aside(context: dict[str, Any]) -> None:
    plans = (Planned(NOON - timedelta(days=31), None, frozenset({MAPPING_AGE})),)
    assert found(given(), {**context, "plans": plans}) == []


def hcg(days: int, result: str = "NEG") -> PregnancyTest:
    return PregnancyTest(NOON.date() - timedelta(days=days), result)


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ((), [("yinfdt", Level.HARD)]),
        ((hcg(0),), []),
        ((hcg(3),), []),
        ((hcg(4),), [("yinfdt", Level.HARD)]),  # more than 72 hours
        ((hcg(-1),), [("yinfdt", Level.HARD)]),  # taken after the infusion
        ((hcg(2), hcg(-1, "POS")), []),
        ((hcg(2, "POS"), hcg(-1)), [("yinfdt", Level.HARD)]),
        ((hcg(9, "POS"), hcg(2)), []),
    ],
)
def test_the_last_pregnancy_test_up_to_the_infusion_counts(
    tests: tuple[PregnancyTest, ...], expected: list[tuple[str, Level]], context: dict[str, Any]
) -> None:
    asked = {**context, "pregnancy_tests": tests}
    assert found(given(), asked) == expected
    assert found(given(yinfdt=None), asked) == []
    # On the day that stands on a submitted form it is asked about.
    recorded = [("yinfdt", Level.SOFT)] if expected else []
    assert found(given(), {**asked, "recorded_on": NOON.date()}) == recorded
    aside = (Planned(NOON - timedelta(days=10), Decimal("1.90"), frozenset({PREGNANCY})),)
    assert found(given(), {**asked, "plans": aside}) == []


def test_an_infusion_before_its_mapping_is_refused(context: dict[str, Any]) -> None:
    plans = (Planned(NOON + HOUR, None, frozenset()),)
    assert found(given(), {**context, "plans": plans}) == [("yinfdt", Level.HARD)]


@pytest.mark.parametrize(
    ("calibrated", "assay", "expected"),
    [
        ("2.000", "1.800", []),
        ("2.000", "1.799", [("ypreact", Level.SOFT)]),
        ("2.000", "2.200", []),
        ("2.000", "2.201", [("ypreact", Level.SOFT)]),
    ],
)
def test_an_assay_is_asked_about_above_ten_percent(
    calibrated: str, assay: str, expected: list[tuple[str, Level]], context: dict[str, Any]
) -> None:
    answers = given(ycalact=Decimal(calibrated), ycaldt=NOON, ypreact=Decimal(assay))
    plans = (Planned(None, None, frozenset()),)
    assert found(answers, {**context, "plans": plans}) == expected


@pytest.mark.parametrize(
    ("residual", "expected"),
    [
        ("0.190", []),  # exactly 10 % of what was assayed, and of the plan
        ("0.191", [("yresact", Level.SOFT), ("yresact", Level.SOFT)]),
        ("0.380", [("yresact", Level.SOFT), ("yresact", Level.SOFT)]),  # exactly 20 % below the plan
        ("0.381", [("yresact", Level.SOFT), ("ynetrsn", Level.HARD)]),
    ],
)
def test_residual_and_net_activity(
    residual: str, expected: list[tuple[str, Level]], context: dict[str, Any]
) -> None:
    assert found(given(yresact=Decimal(residual)), context) == expected


def test_a_reason_settles_the_net_activity(context: dict[str, Any]) -> None:
    answers = given(yresact=Decimal("0.500"), ynetrsn="Stasis")
    assert found(answers, context) == [("yresact", Level.SOFT)]


@pytest.mark.parametrize("residual", ["1.90", "1.91"])
def test_a_residual_as_large_as_the_assay_is_refused(residual: str, context: dict[str, Any]) -> None:
    assert found(given(yresact=Decimal(residual)), context) == [("yresact", Level.HARD)]


def test_a_residual_measured_before_the_infusion_is_refused(context: dict[str, Any]) -> None:
    assert found(given(yresdt=NOON - timedelta(minutes=1)), context) == [("yresdt", Level.HARD)]


@pytest.mark.parametrize(
    ("name", "hours", "expected"),
    [
        ("ypostdt", -1, [("ypostdt", Level.HARD)]),
        ("ypostdt", 48, []),
        ("ypostdt", 48.1, [("ypostdt", Level.SOFT)]),
        ("ydisch", -1, [("ydisch", Level.HARD)]),
        ("ydisch", 23.9, [("ydisch", Level.SOFT)]),
        ("ydisch", 24, []),
    ],
)
def test_imaging_and_discharge(
    name: str, hours: float, expected: list[tuple[str, Level]], context: dict[str, Any]
) -> None:
    assert found(given(**{name: NOON + hours * HOUR}), context) == expected


@pytest.mark.parametrize(("name", "value"), [("ycath", "DIFFERENT"), ("yextdep", "Y"), ("yfeel24", "UNWELL")])
def test_what_a_person_confirms(name: str, value: str, context: dict[str, Any]) -> None:
    assert found(given(**{name: value}), context) == [(name, Level.SOFT)]


def test_limits_are_those_of_the_settings(context: dict[str, Any]) -> None:
    settings = {**context["settings"], "y90_discharge": 12, "y90_scan_query": 60, "y90_mapping_recent": 9}
    answers = given(ydisch=NOON + 12 * HOUR, ypostdt=NOON + 60 * HOUR)
    assert found(answers, {**context, "settings": settings}) == [("yinfdt", Level.SOFT)]
