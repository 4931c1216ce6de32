"""Times to an event of two arms: Kaplan–Meier estimates, the log-rank test and Cox's hazard ratio, by lifelines.

lifelines brings pandas and SciPy along, so only a worker imports this module. Knows nothing of Django.
"""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceError
from lifelines.statistics import logrank_test
from lifelines.utils import median_survival_times


@dataclass(frozen=True, slots=True)
class Times:
    """Times to an event in months, of one arm: how long each was followed, and whether the event came."""

    months: Sequence[float]
    events: Sequence[bool]

    def at_risk(self, month: float) -> int:
        """How many were followed at least so long."""
        ordered = sorted(self.months)
        return len(ordered) - bisect_left(ordered, month)


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan–Meier curve: steps of month and percent free of the event, where times were censored, and the median.

    `median`, `low` and `high` (95 %) are None where the curve, or its band, does not come down to a half.
    """

    steps: tuple[tuple[float, float], ...]
    censored: tuple[tuple[float, float], ...]
    median: float | None
    low: float | None
    high: float | None

    def percent_at(self, month: float) -> float | None:
        """The percent free of the event at a month; None beyond the longest time, unless nobody was left by then."""
        last, left = self.steps[-1]
        if month > last and left:
            return None
        return next(percent for at, percent in reversed(self.steps) if at <= month)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The log-rank test, and the hazard of the second arm over that of the first with its 95 % interval.

    The ratio is None where it cannot be estimated: an arm without events.
    """

    p: float
    ratio: float | None
    low: float | None
    high: float | None


def curve(times: Times) -> Curve:
    """Estimate a curve. Bands by the exponential Greenwood formula; ValueError for nobody."""
    if not times.months:
        raise ValueError("Nobody to estimate a curve from.")
    fitted = KaplanMeierFitter().fit(list(times.months), list(times.events))
    free = fitted.survival_function_.iloc[:, 0]
    steps = tuple((float(month), 100 * float(part)) for month, part in free.items())
    band = median_survival_times(fitted.confidence_interval_)
    lost = sorted({month for month, event in zip(times.months, times.events, strict=True) if not event})
    return Curve(
        steps,
        tuple((month, 100 * float(free.loc[month])) for month in lost),
        _finite(fitted.median_survival_time_),
        _finite(band.iloc[0, 0]),
        _finite(band.iloc[0, 1]),
    )


def compare(first: Times, second: Times) -> Comparison:
    """Compare two arms; ValueError where one has nobody."""
    if not first.months or not second.months:
        raise ValueError("Two arms are compared.")
    p = float(logrank_test(first.months, second.months, first.events, second.events).p_value)
    if not any(first.events) or not any(second.events):
        return Comparison(p, None, None, None)
    rows = pd.DataFrame(
        {
            "month": [*first.months, *second.months],
            "event": [*first.events, *second.events],
            "arm": [0] * len(first.months) + [1] * len(second.months),
        }
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of slow convergence; what does not converge is refused below
            fitted = CoxPHFitter().fit(rows, duration_col="month", event_col="event")
    except ConvergenceError:
        return Comparison(p, None, None, None)
    found = fitted.summary.loc["arm"]
    return Comparison(
        p,
        _finite(found["exp(coef)"]),
        _finite(found["exp(coef) lower 95%"]),
        _finite(found["exp(coef) upper 95%"]),
    )


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None
