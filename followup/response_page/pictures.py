"""The change of the targets over time: as a picture with its words and numbers, and in a few strokes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from eligibility.lesions import Category, Criteria
from followup.response_page.reading import DAYS_PER_MONTH, Response, change, lesions_of, sets_of
from followup.response_page.table import Column

PR_AT, PD_BY_TENTHS, PD_LEAST_MM = Decimal(-30), 12, Decimal(5)


@dataclass(slots=True)
class Picture:
    """What templates/components/chart.html shows."""

    id: str
    finding: str
    data: dict[str, Any]
    alt: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    source: str
    text: str = ""
    csv_url: str = ""

    @property
    def given(self) -> str:
        """The data of the picture for static/js/charts.js."""
        return json.dumps(self.data, cls=DjangoJSONEncoder, ensure_ascii=False)


def finding(response: Response) -> str:
    """What the picture says, in one sentence."""
    last, best = response.last, response.best
    if last is None:
        return _("Response by %(criteria)s: nothing measured after the baseline yet") % {
            "criteria": response.criteria_words
        }
    return _("Sum %(mm)s mm, %(change)s %% from baseline; best response %(best)s (%(criteria)s)") % {
        "mm": f"{last.mm:.1f}",
        "change": last.change,
        "best": best[0],
        "criteria": response.criteria_words,
    }


def in_words(response: Response) -> str:
    """The picture for those who do not see it."""
    points = "; ".join(
        f"{one.on:%Y-%m-%d}: {one.mm:.1f} mm, {one.change} %{' (' + _('nadir') + ')' if one.nadir else ''}"
        for one in response.shares
    )
    return _("Sum of the target diameters by %(criteria)s over time. %(points)s.") % {
        "criteria": response.criteria_words,
        "points": points or "–",
    }


def spider(response: Response, table: Sequence[Column]) -> Picture | None:
    """The change of each target and of their sum from baseline over time; None with nothing to draw."""
    if response.start is None or response.last is None:
        return None
    until = float(max(one.months for one in response.shares))
    series = [_sum_series(response), *_lesion_series(response)]
    marks = [
        {"label": _("Baseline"), "data": [{"x": 0, "y": 0}], "points": 6, "colour": 1, "shape": "rectRot"},
    ]
    nadir = response.nadir
    if nadir is not None:
        marks.append(
            {
                "label": _("Nadir"),
                "data": [{"x": float(nadir.months), "y": _drawn(nadir.change)}],
                "points": 8,
                "colour": 3,
                "shape": "star",
            }
        )
    limits = [
        {
            "label": _("PR: −30 % from baseline"),
            "data": [{"x": 0, "y": float(PR_AT)}, {"x": until, "y": float(PR_AT)}],
            "plan": True,
            "colour": 3,
        },
        {
            "label": _progression_label(response.criteria),
            "data": _limit(response),
            "plan": True,
            "colour": 6,
            "stepped": True,
        },
    ]
    return Picture(
        id="spider",
        finding=finding(response),
        text="" if response.problem is None else str(response.problem),
        data={
            "type": "xy",
            "x": _("Months since baseline imaging"),
            "y": _("Change from baseline, %"),
            "series": [*series, *marks, *limits],
        },
        alt=in_words(response),
        columns=[_("Assessment"), _("Date"), _("Sum, mm"), _("Change from baseline, %")],
        rows=[
            (
                f"{one.label} ({_('nadir')})" if one.nadir else str(one.label),
                f"{one.on:%Y-%m-%d}",
                f"{one.mm:.1f}",
                one.change,
            )
            for one in response.shares
        ],
        source=_("Source: imaging of %(count)s visits, measured by the investigator.")
        % {"count": len(table)},
    )


def _progression_label(criteria: Criteria) -> str:
    if criteria is Criteria.RECIST11:
        return _("PD: +20 % and +5 mm from the smallest sum")
    return _("PD: +20 % from the smallest sum")


def _drawn(change: str) -> float | None:
    return None if change == "–" else float(change)


def _sum_series(response: Response) -> dict[str, Any]:
    return {
        "label": _("Sum"),
        "data": [{"x": float(one.months), "y": _drawn(one.change)} for one in response.shares],
        "colour": 1,
        "width": 3,
    }


def _lesion_series(response: Response) -> Iterator[dict[str, Any]]:
    """One thin line for each target, where there is more than one."""
    baseline = response.course.imaging.baseline
    assert baseline is not None and baseline.on is not None
    at_first = {
        name: size
        for name, lesion in lesions_of(baseline).items()
        if lesion.category is Category.TARGET and (size := lesion.diameter(response.criteria))
    }
    if len(at_first) < 2:
        return
    shown = {one.on for one in response.shares}
    for place, (name, first) in enumerate(sorted(at_first.items())):
        points = []
        for imaging in sets_of(response.course):
            lesion = lesions_of(imaging).get(name)
            size = lesion.diameter(response.criteria) if lesion else None
            if size is not None and imaging.on in shown:
                months = Decimal((imaging.on - baseline.on).days) / DAYS_PER_MONTH
                points.append({"x": float(months), "y": _drawn(change(first, size))})
        yield {"label": name, "data": points, "colour": 2 + place % 4, "width": 1}


def _limit(response: Response) -> list[dict[str, float]]:
    """The sum from which the targets progress, as a change from baseline; it steps down with the nadir."""
    assert response.start is not None
    points: list[dict[str, float]] = []
    smallest = response.start
    for place, one in enumerate(response.shares):
        smallest = min(smallest, one.mm) if place else smallest
        if smallest == 0:
            break
        at = smallest * PD_BY_TENTHS / 10
        if response.criteria is Criteria.RECIST11:
            at = max(at, smallest + PD_LEAST_MM)
        points.append({"x": float(one.months), "y": float(100 * (at - response.start) / response.start)})
    return points


WIDTH, HEIGHT, TOP = 320, 96, 8


@dataclass(frozen=True, slots=True)
class Dot:
    x: str
    y: str
    nadir: bool
    title: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """The small picture on the participant's page, in the units of its own view box."""

    line: str
    dots: Sequence[Dot]
    zero: str
    thirty: str
    width: int = WIDTH
    height: int = HEIGHT


def sketch(response: Response) -> Sketch | None:
    """Draw the sum over time in a few strokes; None with nothing to draw."""
    if response.last is None:
        return None
    values = [Decimal(one.change) for one in response.shares if one.change != "–"]
    high, low = max(Decimal(20), *values), min(Decimal(-40), *values)
    until = max(one.months for one in response.shares) or Decimal(1)

    def x(months: Decimal) -> str:
        return f"{TOP + months / until * (WIDTH - 2 * TOP):.1f}"

    def y(value: Decimal) -> str:
        return f"{TOP + (high - value) / (high - low) * (HEIGHT - 2 * TOP):.1f}"

    dots = [
        Dot(
            x(one.months),
            y(Decimal(one.change)),
            one.nadir,
            f"{one.on:%Y-%m-%d}: {one.mm:.1f} mm, {one.change} %",
        )
        for one in response.shares
        if one.change != "–"
    ]
    return Sketch(" ".join(f"{dot.x},{dot.y}" for dot in dots), dots, y(Decimal(0)), y(PR_AT))
