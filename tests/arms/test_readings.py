"""What the treatment forms read of a visit: the latest value of each, the oldest sample, and whose limits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from arms.haic_cycles import GateOutcome
from arms.models.readings import Readings, gate_of, pregnancy_possible, readings_at
from eligibility.treatment_day import PregnancyTest
from participants.selectors import CaseForms
from tests.arms.conftest import NOON

VISIT: Any = SimpleNamespace(pk=7, position=Decimal(31))
DAY = NOON.date()
NAMES = (
    *("neut", "neut_c", "plt", "plt_c", "tbil_si", "tbil_c", "alb_si", "alb_c", "inr", "inr_c"),
    *("crea", "crea_c", "crea_si", "crea_hi", "hcg", "hcgdtc"),
)


def sample(day: int | None, repeat: int = 1, visit_id: int = 7, **values: Any) -> Any:
    at = None if day is None else NOON + timedelta(days=day)
    return SimpleNamespace(
        visit_id=visit_id, visit=VISIT, repeat=repeat, lbdtc=at, **{**dict.fromkeys(NAMES), **values}
    )


def book(*samples: Any, sex: str = "M") -> CaseForms:
    person = SimpleNamespace(sex=sex, childpot="Y")
    records: dict[str, list[Any]] = {"VS": [], "LB": list(samples), "DM": [person]}
    return CaseForms((VISIT,), {}, records)


def test_each_value_is_that_of_the_latest_sample_that_has_it() -> None:
    first = sample(-5, 1, neut=Decimal("1.0"), plt=Decimal(90), inr=Decimal("1.1"))
    second = sample(-1, 2, neut=Decimal("3.0"))
    read = readings_at(book(second, first), VISIT)
    assert (read.neutrophils, read.platelets, read.inr) == (Decimal("3.0"), Decimal(90), Decimal("1.1"))
    # Platelets still stem from the first sample: the check is as old as that.
    assert read.sampled_at == NOON - timedelta(days=5)


def test_a_sample_without_a_time_yields_to_one_with_a_time() -> None:
    read = readings_at(book(sample(-1, 1, neut=Decimal("3.0")), sample(None, 2, neut=Decimal("9.9"))), VISIT)
    assert read.neutrophils == Decimal("3.0")


def test_values_of_another_visit_are_not_read() -> None:
    read = readings_at(book(sample(-1, visit_id=6, neut=Decimal("3.0"))), VISIT)
    assert (read.neutrophils, read.sampled_at) == (None, None)


@pytest.mark.parametrize(
    ("sex", "creatinine", "confirms"),
    [("M", "166.5", 0), ("M", "166.6", 1), ("F", "121.5", 0), ("F", "121.6", 1)],
)
def test_creatinine_is_measured_by_the_upper_limit_of_the_sex(
    sex: str, creatinine: str, confirms: int, defaults: dict[str, Any]
) -> None:
    values = {"neut": Decimal(3), "plt": Decimal(100), "tbil_si": Decimal(15), "alb_si": Decimal(38)}
    read = readings_at(book(sample(0, crea_si=Decimal(creatinine), **values), sex=sex), VISIT)
    gate = gate_of(read, None, False, defaults)
    assert (gate.outcome, len(gate.confirm)) == (GateOutcome.GO, confirms)


@pytest.mark.parametrize(("creatinine", "confirms"), [("1.5", 0), ("1.51", 1)])
def test_creatinine_is_measured_by_the_limit_on_its_form(
    creatinine: str, confirms: int, defaults: dict[str, Any]
) -> None:
    values = {"neut": Decimal(3), "plt": Decimal(100), "tbil_si": Decimal(15), "alb_si": Decimal(38)}
    in_mg_dl = {
        "crea": Decimal(creatinine),
        "crea_si": Decimal(creatinine) * Decimal("88.4"),
        "crea_hi": Decimal(1),
    }
    read = readings_at(book(sample(0, **in_mg_dl, **values)), VISIT)
    assert len(gate_of(read, None, False, defaults).confirm) == confirms


@pytest.mark.parametrize(
    ("bound", "outcome", "confirms"),
    [
        ({"neut": Decimal("0.5"), "neut_c": "LT"}, GateOutcome.HOLD, 0),
        ({"neut": Decimal("1.2"), "neut_c": "LT"}, GateOutcome.HOLD, 0),
        ({"neut": Decimal("1.3"), "neut_c": "LT"}, GateOutcome.UNKNOWN, 0),
        ({"plt": Decimal(400), "plt_c": "GT"}, GateOutcome.GO, 0),
        ({"tbil_si": Decimal("3.4"), "tbil_c": "LT"}, GateOutcome.GO, 0),
        ({"tbil_si": Decimal(30), "tbil_c": "GT"}, GateOutcome.HOLD, 0),
        ({"inr": Decimal(10), "inr_c": "GT"}, GateOutcome.GO, 1),
        ({"inr": Decimal("1.8"), "inr_c": "LT"}, GateOutcome.GO, 0),
    ],
)
def test_the_gate_takes_of_a_bound_what_it_says(
    bound: dict[str, Any], outcome: GateOutcome, confirms: int, defaults: dict[str, Any]
) -> None:
    values = {"neut": Decimal(3), "plt": Decimal(100), "tbil_si": Decimal(15), "alb_si": Decimal(38)}
    gate = gate_of(readings_at(book(sample(0, **{**values, **bound})), VISIT), None, False, defaults)
    assert (gate.outcome, len(gate.confirm)) == (outcome, confirms)


def test_the_latest_pregnancy_test_counts_and_one_without_a_day_does_not() -> None:
    samples = [
        sample(0, 1, hcg="POS", hcgdtc=DAY - timedelta(days=9)),
        sample(0, 2, hcg="NEG", hcgdtc=DAY - timedelta(days=2)),
        sample(0, 3, hcg="POS"),
    ]
    read = readings_at(book(*samples, sex="F"), VISIT)
    assert read.pregnancy_test == PregnancyTest(DAY - timedelta(days=2), "NEG")


@pytest.mark.parametrize(("sex", "possible"), [("F", True), ("M", False)])
def test_pregnancy_is_asked_of_women(sex: str, possible: bool) -> None:
    assert pregnancy_possible(book(sex=sex)) is possible


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        (None, GateOutcome.UNKNOWN),
        (PregnancyTest(date(2026, 9, 30), "NEG"), GateOutcome.GO),
        (PregnancyTest(date(2026, 9, 30), "POS"), GateOutcome.HOLD),
    ],
)
def test_the_gate_asks_for_a_pregnancy_test(
    test: PregnancyTest | None, outcome: GateOutcome, defaults: dict[str, Any]
) -> None:
    read = Readings(
        neutrophils=Decimal(3),
        platelets=Decimal(100),
        bilirubin=Decimal(15),
        albumin=Decimal(38),
        pregnancy_test=test,
    )
    assert gate_of(read, None, True, defaults).outcome is outcome
