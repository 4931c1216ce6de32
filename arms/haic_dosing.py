"""Work out the HAIC doses of one cycle, and check what was given and when.

mFOLFOX-HAIC: four intra-arterial infusions through one catheter. Everything calculated here is for
verification only, never an order. Body surface area comes from participants/body.py.
Source: NCT07070076 registry record (doses, durations, bandage); protocol specification sections 4.1, 4.2
and 4.4 (order, tolerances and limits, which are study settings).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from records.findings import Finding, Level
from records.text import Text

VERIFICATION_ONLY = Text("For verification only", "计算值仅供核对")


class DoseError(ValueError):
    """Input from which no dose can be worked out."""


@dataclass(frozen=True, slots=True)
class DoseFactors:
    """Dose per body surface area in mg/m², a study setting; the defaults are those of the record."""

    oxaliplatin: Decimal = Decimal(135)
    leucovorin: Decimal = Decimal(400)
    fu_2h: Decimal = Decimal(400)
    fu_46h: Decimal = Decimal(2400)


@dataclass(frozen=True, slots=True)
class PlannedDoses:
    """Calculated doses of one cycle in mg, exact."""

    oxaliplatin_mg: Decimal
    leucovorin_mg: Decimal
    fu_2h_mg: Decimal
    fu_46h_mg: Decimal

    @property
    def fu_total_mg(self) -> Decimal:
        """Return the sum of both 5-FU infusions."""
        return self.fu_2h_mg + self.fu_46h_mg

    def of(self, infusion: str) -> Decimal:
        """Return the dose of an infusion by its key (OXA, LV, FU1, FU2); KeyError for any other."""
        return {
            "OXA": self.oxaliplatin_mg,
            "LV": self.leucovorin_mg,
            "FU1": self.fu_2h_mg,
            "FU2": self.fu_46h_mg,
        }[infusion]


DEFAULT_FACTORS = DoseFactors()


def planned_doses(bsa_rounded: Decimal, factors: DoseFactors = DEFAULT_FACTORS) -> PlannedDoses:
    """Multiply each factor (mg/m²) by the body surface area (m²); the products are not rounded.

    `bsa_rounded` has been rounded to 2 decimals, half up, before. Raises DoseError when it has more decimals
    or is not above 0. Source: protocol specification 4.2.
    """
    if not bsa_rounded.is_finite() or bsa_rounded <= 0:
        raise DoseError(f"A body surface area of {bsa_rounded} m² is not possible.")
    if bsa_rounded != round(bsa_rounded, 2):
        raise DoseError(f"The body surface area {bsa_rounded} m² is not rounded to 2 decimals.")
    return PlannedDoses(
        factors.oxaliplatin * bsa_rounded,
        factors.leucovorin * bsa_rounded,
        factors.fu_2h * bsa_rounded,
        factors.fu_46h * bsa_rounded,
    )


class DeviationGrade(StrEnum):
    """What a difference between given and calculated dose asks for."""

    ACCEPTED = "ACCEPTED"
    QUERY = "QUERY"
    REASON = "REASON"


@dataclass(frozen=True, slots=True)
class DeviationLimits:
    """Differences in % of the calculated dose, both directions; a limit itself still has the milder grade."""

    accepted: Decimal = Decimal(5)
    query: Decimal = Decimal(10)


@dataclass(frozen=True, slots=True)
class Deviation:
    """A judged difference; `percent` for display, the grade was found without rounding."""

    percent: Decimal
    grade: DeviationGrade
    message: Text


DEFAULT_DEVIATION_LIMITS = DeviationLimits()


def deviation_percent(given: Decimal, calculated: Decimal) -> Decimal:
    """Return 100 × (given − calculated) / calculated in %, negative when less was given.

    Both in the same unit. Raises DoseError when `given` is negative or `calculated` is not above 0.
    Source: protocol specification 4.2.
    """
    if not given.is_finite() or given < 0:
        raise DoseError(f"A given dose of {given} is not possible.")
    if not calculated.is_finite() or calculated <= 0:
        raise DoseError(f"A calculated dose of {calculated} is not possible.")
    return 100 * (given - calculated) / calculated


def judge_deviation(
    given: Decimal, calculated: Decimal, limits: DeviationLimits = DEFAULT_DEVIATION_LIMITS
) -> Deviation:
    """Judge a given dose against the calculated one.

    Up to and including 5 % accepted; above 5 % up to and including 10 % a query; above 10 % a reason is
    mandatory. Compared by multiplication, so that no quotient is rounded. Errors as `deviation_percent`.
    Source: protocol specification 4.2.
    """
    percent = deviation_percent(given, calculated)
    difference = 100 * abs(given - calculated)
    shown = f"{percent:+.1f}"
    if difference <= limits.accepted * calculated:
        message = Text("{percent} % from the calculated dose.", "与计算剂量相差 {percent}%。")
        return Deviation(percent, DeviationGrade.ACCEPTED, message.format(percent=shown))
    if difference <= limits.query * calculated:
        message = Text(
            "{percent} % from the calculated dose, more than {limit} %. Check the dose.",
            "与计算剂量相差 {percent}%，超过 {limit}%，请核对剂量。",
        )
        return Deviation(percent, DeviationGrade.QUERY, message.format(percent=shown, limit=limits.accepted))
    message = Text(
        "{percent} % from the calculated dose, more than {limit} %. A reason for the change is required.",
        "与计算剂量相差 {percent}%，超过 {limit}%，须填写剂量调整原因。",
    )
    return Deviation(percent, DeviationGrade.REASON, message.format(percent=shown, limit=limits.query))


def may_keep_bsa(
    weight_kg: Decimal, weight_cycle_1_kg: Decimal, limit_percent: Decimal = Decimal(10)
) -> bool:
    """Say whether the body surface area of cycle 1 may be kept: weight changed by less than the limit.

    A change of exactly the limit (10 %) asks for a new one. Raises DoseError when a weight is not above 0.
    Source: protocol specification 4.2.
    """
    if weight_kg <= 0 or weight_cycle_1_kg <= 0:
        raise DoseError("A weight must be above 0 kg.")
    return 100 * abs(weight_kg - weight_cycle_1_kg) < limit_percent * weight_cycle_1_kg


def cumulative_oxaliplatin(cycles: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Add up given dose (mg) ÷ body surface area (m²) over the cycles: mg/m², at most 540 as planned.

    Raises DoseError for a negative dose or an area not above 0. Source: protocol specification 4.2.
    """
    total = Decimal(0)
    for given_mg, bsa in cycles:
        if given_mg < 0 or bsa <= 0:
            raise DoseError("Oxaliplatin needs a dose of at least 0 mg and an area above 0 m².")
        total += given_mg / bsa
    return total


@dataclass(frozen=True, slots=True)
class Infusion:
    """One of the four infusions; hours, the clock counted from the start of the first."""

    order: int
    key: str
    drug: Text
    hours: Decimal
    planned_from: Decimal
    planned_to: Decimal

    @property
    def name(self) -> Text:
        """Its drug; the two infusions of 5-FU are told apart by their planned hours."""
        if self.drug is not FLUOROURACIL:
            return self.drug
        return self.drug + Text(f" ({self.hours} h)", f"（{self.hours}小时）")


OXALIPLATIN = Text("Oxaliplatin", "奥沙利铂")
LEUCOVORIN = Text("Leucovorin", "亚叶酸钙")
FLUOROURACIL = Text("5-FU", "氟尿嘧啶")

INFUSIONS = (
    Infusion(1, "OXA", OXALIPLATIN, Decimal(3), Decimal(0), Decimal(3)),
    Infusion(2, "LV", LEUCOVORIN, Decimal("1.5"), Decimal(3), Decimal("4.5")),
    Infusion(3, "FU1", FLUOROURACIL, Decimal(2), Decimal("4.5"), Decimal("6.5")),
    Infusion(4, "FU2", FLUOROURACIL, Decimal(46), Decimal("6.5"), Decimal("52.5")),
)


# Hours by which an infusion may differ from its planned duration.
TOLERANCE = {"OXA": Decimal("0.6"), "LV": Decimal("0.3"), "FU1": Decimal("0.4"), "FU2": Decimal(4)}


def planned_clock(start: dt.datetime) -> dict[str, tuple[dt.datetime, dt.datetime]]:
    """Return planned start and end of each infusion by key, one directly after the other (52.5 h in all).

    Source: protocol specification 4.1.
    """
    return {one.key: (start + _span(one.planned_from), start + _span(one.planned_to)) for one in INFUSIONS}


@dataclass(frozen=True, slots=True)
class TimelineLimits:
    """Limits of the time checks in hours, study settings; a limit itself is still within.

    `tolerance`: by which an infusion may be shorter or longer than planned, by its key. `sequence` is the level of a
    finding against the order of the infusions.
    """

    bandage: Decimal = Decimal(12)
    dwell_from: Decimal = Decimal(52)
    dwell_to: Decimal = Decimal(80)
    tolerance: Mapping[str, Decimal] = field(default_factory=lambda: dict(TOLERANCE))
    sequence: Level = Level.HARD


@dataclass(frozen=True, slots=True)
class Timeline:
    """The times of one cycle, None where not known (yet).

    `infusions`: start and end by key. `interrupted`: keys of infusions recorded as interrupted or stopped.
    """

    catheterised: dt.datetime | None = None
    infusions: Mapping[str, tuple[dt.datetime | None, dt.datetime | None]] = field(default_factory=dict)
    catheter_out: dt.datetime | None = None
    bandage_start: dt.datetime | None = None
    bandage_end: dt.datetime | None = None
    discharged: dt.datetime | None = None
    interrupted: frozenset[str] = frozenset()


DEFAULT_TIMELINE_LIMITS = TimelineLimits()

_START = Text("start of {drug}", "{drug}开始")
_END = Text("end of {drug}", "{drug}结束")
_CATHETERISED = Text("start of catheterisation", "置管开始")
_CATHETER_OUT = Text("removal of the catheter", "拔管")
_BANDAGE_START = Text("start of the compression bandage", "加压包扎开始")
_BANDAGE_END = Text("end of the compression bandage", "加压包扎结束")
_DISCHARGE = Text("discharge", "出院")
_NOT_BEFORE = Text("The {later} lies before the {earlier}.", "{later}时间早于{earlier}时间。")
_NOT_AFTER = Text("The {later} must lie after the {earlier}.", "{later}时间须晚于{earlier}时间。")


def check_timeline(times: Timeline, limits: TimelineLimits = DEFAULT_TIMELINE_LIMITS) -> tuple[Finding, ...]:
    """Check order and durations of one cycle; times not known are passed over.

    Order: catheterisation ≤ OXA start < OXA end ≤ LV start < … ≤ FU2 end ≤ catheter out ≤ bandage end ≤
    discharge. Out of order is a HARD finding; catheter out before the end of an interrupted infusion, and
    discharge before the end of the bandage, are SOFT. Durations outside 3 ± 0.6, 1.5 ± 0.3, 2 ± 0.4 and
    46 ± 4 h (not asked of an interrupted infusion), a bandage under 12 h (from catheter removal when its
    start is not known) and a dwell under 52 or over 80 h are SOFT, each limit itself within;
    SOFT is also a bandage begun before the catheter was out. Raises DoseError for an unknown infusion.
    Source: protocol specification 4.1, 4.4 and 0.2 (C22).
    """
    unknown = (set(times.infusions) | times.interrupted) - {one.key for one in INFUSIONS}
    if unknown:
        raise DoseError(f"There is no infusion {', '.join(sorted(unknown))}.")
    return (*_order(times, limits), *_durations(times, limits))


def _order(times: Timeline, limits: TimelineLimits) -> list[Finding]:
    found: list[Finding] = []
    steps: list[tuple[str, Text, dt.datetime | None, Level]] = []
    for one in INFUSIONS:
        start, end = times.infusions.get(one.key, (None, None))
        steps.append((f"{one.key}ST", _START.format(drug=one.name), start, limits.sequence))
        if start is not None and end is not None and end <= start:
            message = _NOT_AFTER.format(
                later=_END.format(drug=one.name), earlier=_START.format(drug=one.name)
            )
            found.append(Finding(f"{one.key}EN", Level.HARD, message))
        else:
            steps.append((f"{one.key}EN", _END.format(drug=one.name), end, limits.sequence))
    removal = Level.SOFT if times.interrupted else Level.HARD
    steps = [
        ("HPROCDT", _CATHETERISED, times.catheterised, Level.HARD),
        *steps,
        ("HCATHOUT", _CATHETER_OUT, times.catheter_out, removal),
        ("HBANDEN", _BANDAGE_END, times.bandage_end, Level.HARD),
        ("HDISCH", _DISCHARGE, times.discharged, Level.SOFT),
    ]
    latest: tuple[Text, dt.datetime] | None = None
    for item, name, when, level in steps:
        if when is None:
            continue
        if latest is not None and when < latest[1]:
            found.append(Finding(item, level, _NOT_BEFORE.format(later=name, earlier=latest[0])))
        else:
            latest = (name, when)
    if times.bandage_start and times.bandage_end and times.bandage_end < times.bandage_start:
        message = _NOT_BEFORE.format(later=_BANDAGE_END, earlier=_BANDAGE_START)
        found.append(Finding("HBANDEN", Level.HARD, message))
    if times.bandage_start and times.catheter_out and times.bandage_start < times.catheter_out:
        message = _NOT_BEFORE.format(later=_BANDAGE_START, earlier=_CATHETER_OUT)
        found.append(Finding("HBANDST", Level.SOFT, message))
    return found


def _durations(times: Timeline, limits: TimelineLimits) -> list[Finding]:
    found: list[Finding] = []
    for one in INFUSIONS:
        start, end = times.infusions.get(one.key, (None, None))
        lasted = _lasted(start, end)
        if not lasted or one.key in times.interrupted:
            continue
        tolerance = limits.tolerance[one.key]
        if abs(lasted - _span(one.hours)) > _span(tolerance):
            message = Text(
                "{drug} ran for {lasted} h; planned are {hours} ± {tolerance} h.",
                "{drug}输注 {lasted} 小时，计划为 {hours} ± {tolerance} 小时。",
            ).format(drug=one.name, lasted=_hours(lasted), hours=one.hours, tolerance=tolerance)
            found.append(Finding(f"{one.key}EN", Level.SOFT, message))
    dwell = _lasted(times.catheterised, times.catheter_out)
    if dwell is not None and not _span(limits.dwell_from) <= dwell <= _span(limits.dwell_to):
        message = Text(
            "The catheter lay for {lasted} h; expected are {low} to {high} h.",
            "导管留置 {lasted} 小时，预期为 {low}–{high} 小时。",
        ).format(lasted=_hours(dwell), low=limits.dwell_from, high=limits.dwell_to)
        found.append(Finding("HCATHOUT", Level.SOFT, message))
    bandage = _lasted(times.bandage_start or times.catheter_out, times.bandage_end)
    if bandage is not None and bandage < _span(limits.bandage):
        message = Text(
            "The compression bandage lasted {lasted} h, less than {least} h.",
            "加压包扎 {lasted} 小时，不足 {least} 小时。",
        ).format(lasted=_hours(bandage), least=limits.bandage)
        found.append(Finding("HBANDEN", Level.SOFT, message))
    return found


def _lasted(start: dt.datetime | None, end: dt.datetime | None) -> dt.timedelta | None:
    """Return a duration, None when an end of it is not known or the order is wrong (found elsewhere)."""
    if start is None or end is None or end < start:
        return None
    return end - start


def _span(hours: Decimal) -> dt.timedelta:
    """Turn hours into a time span; the settings are whole seconds."""
    return dt.timedelta(seconds=int(hours * 3600))


def _hours(span: dt.timedelta) -> str:
    return f"{Decimal(span // dt.timedelta(seconds=1)) / 3600:.2f}"
