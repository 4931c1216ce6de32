"""Y-90 physics against the worked tables, and its invariants."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arms.dosimetry import (
    CONSTANTS,
    Compartments,
    DosimetryError,
    ResinVerdict,
    activity_for_normal_dose,
    activity_for_tumour_dose,
    decay_factor,
    decayed,
    delivered_activity,
    delivered_percent_by_readings,
    geometric_mean,
    hours_between,
    liver_mass,
    lung_activity,
    lung_dose,
    lung_shunt_fraction,
    mird_activity,
    mird_dose,
    partition_doses,
    resin_activity,
    resin_bsa,
)

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "vectors.json").read_text("utf-8"),
    parse_float=Decimal,
    parse_int=Decimal,
)

NOON = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)


def at(value: Decimal, places: str) -> Decimal:
    return value.quantize(Decimal(places))


def same(value: Decimal, expected: Decimal) -> bool:
    """Equal at the number of decimals in which the expected value is printed."""
    return value.quantize(expected) == expected


@pytest.mark.parametrize(
    ("hours", "short", "chosen", "long"),
    [
        ("-24", "1.2966", "1.2963", "1.2958"),
        ("0", "1.0000", "1.0000", "1.0000"),
        ("12", "0.8782", "0.8783", "0.8785"),
        ("24", "0.7713", "0.7714", "0.7717"),
        ("48", "0.5948", "0.5951", "0.5956"),
        ("64.1", "0.4997", "0.5000", "0.5005"),
        ("72", "0.4588", "0.4591", "0.4596"),
        ("96", "0.3538", "0.3541", "0.3547"),
        ("120", "0.2729", "0.2732", "0.2737"),
        ("192", "0.1252", "0.1254", "0.1258"),
        ("288", "0.0443", "0.0444", "0.0446"),
    ],
)
def test_decay_table(hours, short, chosen, long):
    assert at(decay_factor(Decimal(hours)), "0.0001") == Decimal(chosen)
    assert at(decay_factor(Decimal(hours), Decimal("64.05")), "0.0001") == Decimal(short)
    assert at(decay_factor(Decimal(hours), Decimal("64.2")), "0.0001") == Decimal(long)


def test_decay_examples():
    assert at(decayed(Decimal(3), Decimal(70)), "0.0001") == Decimal("1.4073")
    assert at(decayed(Decimal(3), Decimal(70), Decimal("64.05")), "0.0001") == Decimal("1.4065")
    assert at(decayed(Decimal(3), Decimal(70), Decimal("64.2")), "0.0001") == Decimal("1.4089")
    assert at(decayed(Decimal("1.85"), Decimal(-48)), "0.001") == Decimal("3.109")


@given(st.decimals(-300, 300, places=2), st.decimals(-300, 300, places=2))
def test_decay_adds_up(first, second):
    together = decay_factor(first + second)
    assert abs(decay_factor(first) * decay_factor(second) / together - 1) < Decimal("1e-25")


@given(st.decimals(-300, 300, places=2))
def test_decay_halves(hours):
    assert abs(decay_factor(hours + CONSTANTS.half_life_h) * 2 / decay_factor(hours) - 1) < Decimal("1e-25")


def test_residual_example():
    infused = NOON - dt.timedelta(hours=1)
    delivered = delivered_activity(
        assay=Decimal("1.90"),
        assayed_at=NOON - dt.timedelta(hours=2.5),
        infused_at=infused,
        residual=Decimal("0.06"),
        residual_at=NOON + dt.timedelta(hours=0.5),
    )
    assert at(delivered.before, "0.0001") == Decimal("1.8694")
    assert at(delivered.residual, "0.0001") == Decimal("0.0610")
    assert at(delivered.net, "0.0001") == Decimal("1.8084")
    assert at(delivered.percent, "0.01") == Decimal("96.74")


@given(
    st.decimals(Decimal("0.1"), 20, places=3),
    st.decimals(0, Decimal("0.8"), places=3),
    st.integers(0, 600),
    st.integers(0, 600),
)
def test_net_is_never_more_than_before(assay, share, minutes_before, minutes_after):
    delivered = delivered_activity(
        assay=assay,
        assayed_at=NOON - dt.timedelta(minutes=minutes_before),
        infused_at=NOON,
        residual=assay * share * Decimal("0.8"),
        residual_at=NOON + dt.timedelta(minutes=minutes_after),
    )
    assert 0 < delivered.net <= delivered.before <= assay
    assert 0 < delivered.percent <= 100


def test_more_left_than_there_was():
    with pytest.raises(DosimetryError):
        delivered_activity(
            assay=Decimal(1), assayed_at=NOON, infused_at=NOON, residual=Decimal("1.001"), residual_at=NOON
        )


def test_delivered_by_readings():
    readings = {"before": Decimal(101), "after": Decimal(6), "background": Decimal(1)}
    assert delivered_percent_by_readings(**readings, hours=Decimal(0)) == 95
    assert delivered_percent_by_readings(**readings, hours=Decimal("64.1")).quantize(Decimal("0.0001")) == 90
    with pytest.raises(DosimetryError):
        delivered_percent_by_readings(
            before=Decimal(10), after=Decimal(1), background=Decimal(2), hours=Decimal(0)
        )
    with pytest.raises(DosimetryError):
        delivered_percent_by_readings(
            before=Decimal(10), after=Decimal(12), background=Decimal(2), hours=Decimal(0)
        )


def test_hours_between():
    assert hours_between(NOON, NOON + dt.timedelta(hours=1, minutes=30)) == Decimal("1.5")
    assert hours_between(NOON, NOON - dt.timedelta(minutes=15)) == Decimal("-0.25")


def test_lung_shunt_examples():
    assert lung_shunt_fraction(Decimal(50_000), Decimal(950_000)) == Decimal("0.05")
    assert lung_shunt_fraction(Decimal(200_000), Decimal(800_000)) == Decimal("0.20")
    assert lung_shunt_fraction(Decimal(210_000), Decimal(790_000)) == Decimal("0.21")
    lung, liver = (
        geometric_mean(Decimal(40_000), Decimal(62_500)),
        geometric_mean(Decimal(900_000), Decimal(810_000)),
    )
    assert (lung, at(liver, "1")) == (50_000, 853_815)
    assert at(lung_shunt_fraction(lung, liver) * 100, "0.01") == Decimal("5.53")


def test_impossible_counts():
    for lung, liver in ((Decimal(-1), Decimal(1)), (Decimal(1), Decimal(0))):
        with pytest.raises(DosimetryError):
            lung_shunt_fraction(lung, liver)


@pytest.mark.parametrize("row", VECTORS["mird"], ids=lambda row: row["id"])
def test_mird(row):
    target, mass, lsf, residual = row["target_gy"], row["mass_kg"], row["lsf"], row["residual"]
    activity = mird_activity(target, mass, lsf, residual)
    assert same(activity, row["A_K50"])
    assert same(mird_activity(target, mass, lsf, residual, Decimal("49.67")), row["A_K49_67"])
    assert same(lung_activity(activity, lsf, residual), row["FxA"])
    assert same(lung_dose(activity, lsf, residual=residual), row["lung_gy_K50"])


def test_mird_by_hand():
    assert at(mird_activity(Decimal(120), Decimal("1.5"), Decimal("0.05")), "0.001") == Decimal("3.789")


@given(
    st.decimals(20, 1500, places=1),
    st.decimals(Decimal("0.05"), 5, places=3),
    st.decimals(0, Decimal("0.9"), places=3),
    st.decimals(0, Decimal("0.3"), places=3),
)
def test_mird_forth_and_back(dose, mass, lsf, residual):
    activity = mird_activity(dose, mass, lsf, residual)
    assert abs(mird_dose(activity * (1 - residual), mass, lsf) - dose) < Decimal("1e-20")


@pytest.mark.parametrize("row", VECTORS["resin_bsa"], ids=lambda row: row["id"])
def test_resin(row):
    bsa = resin_bsa(row["h"], row["w"])
    result = resin_activity(bsa, row["v_tumour_ml"], row["v_liver_ml"], row["lsf"], lobe_ml=row["v_lobe_ml"])
    assert at(bsa, "0.0001") == row["bsa"]
    assert result.verdict is ResinVerdict.TREAT
    assert at(result.before, "0.0001") == row["A_before"]
    assert result.factor == row["lsf_factor"]
    assert at(result.activity, "0.0001") == row["A_final"]


@pytest.mark.parametrize(
    ("lsf", "factor"),
    [
        ("0", "1"),
        ("0.0999", "1"),
        ("0.10", "0.8"),
        ("0.1499", "0.8"),
        ("0.15", "0.6"),
        ("0.20", "0.6"),
        ("0.2001", None),
        ("1", None),
    ],
)
def test_resin_reduction(lsf, factor):
    result = resin_activity(Decimal("1.75"), Decimal(300), Decimal(1500), Decimal(lsf))
    assert result.before == Decimal("1.75")
    if factor is None:
        assert (result.verdict, result.factor, result.activity) == (ResinVerdict.DO_NOT_TREAT, None, None)
    else:
        assert (result.factor, result.activity) == (Decimal(factor), Decimal("1.75") * Decimal(factor))


@pytest.mark.parametrize(
    ("bsa", "tumour", "liver", "lobe"),
    [
        ("0.2", "300", "1500", None),
        ("1.7", "1501", "1500", None),
        ("1.7", "300", "0", None),
        ("1.7", "300", "1500", "1501"),
        ("1.7", "-1", "1500", None),
    ],
)
def test_impossible_resin_input(bsa, tumour, liver, lobe):
    with pytest.raises(DosimetryError):
        resin_activity(
            Decimal(bsa), Decimal(tumour), Decimal(liver), Decimal("0.05"), lobe_ml=lobe and Decimal(lobe)
        )


@given(st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))
def test_more_shunt_never_means_more_resin(one, other):
    lower, higher = sorted((one, other))
    less = resin_activity(Decimal("1.8"), Decimal(200), Decimal(1400), lower).activity or Decimal(0)
    more = resin_activity(Decimal("1.8"), Decimal(200), Decimal(1400), higher).activity or Decimal(0)
    assert more <= less


@pytest.mark.parametrize("row", VECTORS["partition"], ids=lambda row: row["id"])
def test_partition(row):
    body = Compartments(row["lsf"], row["tn"], row["m_t"], row["m_n"], row["m_lung"])
    doses = partition_doses(row["A"], body)
    assert at(doses.normal, "0.01") == row["D_normal"]
    assert at(doses.tumour, "0.01") == row["D_tumour"]
    assert at(doses.lung, "0.01") == row["D_lung"]
    assert ("ok" if doses.lung <= 30 else ">30") == row["lung_flag"]


def test_partition_inverse():
    body = Compartments(Decimal("0.05"), Decimal(4), Decimal("0.3"), Decimal("1.2"))
    activity = activity_for_tumour_dose(Decimal(205), body)
    doses = partition_doses(activity, body)
    assert at(activity, "0.0001") == Decimal("2.6067")
    assert doses.normal.quantize(Decimal("0.0001")) == Decimal("51.25")
    assert at(doses.lung, "0.1") == Decimal("6.5")
    assert at(activity_for_normal_dose(Decimal(40), body), "0.0001") == Decimal("2.0345")


masses = st.decimals(Decimal("0.01"), 3, places=3)


@given(
    st.decimals(1, 500, places=1),
    st.decimals(0, Decimal("0.9"), places=3),
    st.decimals(Decimal("0.5"), 50, places=2),
    masses,
    masses,
)
def test_partition_forth_and_back(dose, lsf, ratio, tumour, normal):
    body = Compartments(lsf, ratio, tumour, normal)
    doses = partition_doses(activity_for_tumour_dose(dose, body), body)
    assert abs(doses.tumour - dose) < Decimal("1e-20")
    assert abs(doses.normal * ratio - doses.tumour) < Decimal("1e-20")


@given(st.decimals(Decimal("0.1"), 20, places=2), st.decimals(0, Decimal("0.99"), places=3), masses, masses)
def test_partition_loses_no_energy(activity, lsf, tumour, normal):
    body = Compartments(lsf, Decimal(3), tumour, normal)
    doses = partition_doses(activity, body)
    total = doses.tumour * tumour + doses.normal * normal + doses.lung * body.lung_kg
    assert abs(total - CONSTANTS.k_partition * activity) < Decimal("1e-20")


def test_impossible_compartments():
    for values in (("1", "4", "0.3", "1.2"), ("0.1", "0", "0.3", "1.2"), ("0.1", "4", "0", "1.2")):
        with pytest.raises(DosimetryError):
            Compartments(*map(Decimal, values))


def test_liver_mass():
    assert liver_mass(Decimal(1500)) == Decimal("1.545")
    with pytest.raises(DosimetryError):
        liver_mass(Decimal(-1))
