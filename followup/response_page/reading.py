"""One participant's response by one set of criteria: each sum held against the baseline and the smallest before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from eligibility.imaging_sets import ImagingSet
from eligibility.lesions import Criteria, ImpossibleLesion, Lesion, sum_targets
from followup import codelists
from followup.response import ImpossibleResponse, Target
from followup.response.judging import percent
from followup.tumour_course import Judged, TumourCourse, on_the_form
from records.text import Text

DAYS_PER_MONTH = Decimal("30.4375")
BADGES = {"CR": "good", "PR": "good", "SD": "info", "PD": "bad", "NE": "warn", "NED": "good"}
SHORT = {"NONCRNONPD": Text("Non-CR/non-PD", "非CR/非PD")}


@dataclass(frozen=True, slots=True)
class Share:
    """A sum of one assessment against the baseline."""

    on: dt.date
    label: Text
    mm: Decimal
    change: str  # in percent, cut off after one decimal
    months: Decimal
    nadir: bool = False


@dataclass(slots=True)
class Response:
    """One participant's response by one set of criteria, ready for the page."""

    criteria: Criteria
    course: TumourCourse
    judged: Sequence[Judged]
    problem: Text | None
    start: Decimal | None = None  # the sum at baseline
    shares: list[Share] = field(default_factory=list)

    @property
    def criteria_words(self) -> Text:
        return codelists.CRITERIA.label(self.criteria)

    @property
    def last(self) -> Share | None:
        return self.shares[-1] if len(self.shares) > 1 else None

    @property
    def nadir(self) -> Share | None:
        return next((one for one in self.shares if one.nadir), None)

    @property
    def overall(self) -> tuple[str, str]:
        """The latest overall response, short, and the colour of its badge."""
        if not self.judged:
            return "–", ""
        code = on_the_form(self.judged[-1].evaluation.overall.response)
        return short(code), BADGES.get(code, "")

    @property
    def best(self) -> tuple[str, str, Text]:
        """The best overall response, the colour of its badge, and its reason."""
        try:
            found = self.course.best(self.judged)
        except ImpossibleResponse as impossible:
            return "–", "", impossible.sentence
        code = on_the_form(found.response)
        return short(code), BADGES.get(code, ""), found.reason


def short(code: str) -> str:
    return str(SHORT.get(code, Text(code, code)))


def response_of(course: TumourCourse, criteria: Criteria) -> Response:
    """Judge a participant's imaging as far as it goes, and hold each sum against baseline and nadir."""
    judged, problem = course.judge_what_can_be(criteria)
    found = Response(criteria, course, judged, problem)
    baseline = course.imaging.baseline
    if baseline is None or baseline.on is None:
        return found
    try:
        start = sum_targets(baseline.lesions, criteria)
    except ImpossibleLesion:
        return found
    if not start.targets or not start.complete or not start.tenths:
        return found
    found.start = start.mm
    sums = [(baseline, start.mm)]
    for one in judged:
        measured = one.evaluation.target.response is not Target.NA and one.evaluation.sum.complete
        if measured and not course.is_resected(one.evaluation.on):
            sums.append((one.imaging, one.evaluation.sum.mm))
    smallest = min(mm for _imaging, mm in sums)
    marked = False
    for imaging, mm in sums:
        assert imaging.on is not None
        is_nadir = mm == smallest and not marked
        marked = marked or is_nadir
        months = Decimal((imaging.on - baseline.on).days) / DAYS_PER_MONTH
        found.shares.append(
            Share(imaging.on, imaging.label, mm, change(start.mm, mm), months, nadir=is_nadir)
        )
    return found


def change(before: Decimal, now: Decimal) -> str:
    return percent(int(10 * (now - before)), int(10 * before)) if before else "–"


def sets_of(course: TumourCourse) -> list[ImagingSet]:
    baseline = course.imaging.baseline
    return [*([baseline] if baseline else []), *course.imaging.later]


def lesions_of(imaging: ImagingSet) -> dict[str, Lesion]:
    try:
        return {lesion.id: lesion for lesion in imaging.lesions}
    except ImpossibleLesion:
        return {}
