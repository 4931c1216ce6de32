"""Lesion by assessment, with the sums, their changes and what was concluded from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from eligibility import codelists as screening
from eligibility.imaging_sets import ImagingSet
from eligibility.lesions import Category, Criteria, Lesion, State
from followup import codelists
from followup.response_page.reading import BADGES, Response, change, lesions_of, sets_of, short
from followup.tumour_course import Answer, TumourCourse, on_the_form
from records.text import Text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table; `mark` is a word beside the value, `badge` the colour of a response."""

    words: str
    mark: str = ""
    badge: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    head: str
    note: str
    cells: Sequence[Cell]
    kind: str = ""  # "sum" for the lines that are drawn stronger


@dataclass(frozen=True, slots=True)
class Column:
    label: Text
    on: dt.date
    url: str


def columns_of(course: TumourCourse) -> list[Column]:
    return [
        Column(one.label, one.on, reverse("casebook:entry", args=[one.visit, "IMG"]))
        for one in sets_of(course)
        if one.on is not None
    ]


def lines_of(response: Response) -> Iterator[Line]:
    """The rows of the table: each lesion, the sums and their changes, then what was concluded."""
    sets = sets_of(response.course)
    by_visit = [lesions_of(one) for one in sets]
    names = sorted({name for lesions in by_visit for name in lesions}, key=_order)
    for name in names:
        seen = [lesions.get(name) for lesions in by_visit]
        first = next(lesion for lesion in seen if lesion is not None)
        place = screening.LESION_LOCATION.label(first.location)
        words = f"{place}: {first.site}" if first.site else str(place)
        yield Line(name, words, [_lesion_cell(lesion, response.criteria) for lesion in seen])
    yield from _sum_lines(response, sets)
    yield from _answer_lines(response, sets)


def _order(name: str) -> tuple[int, str]:
    return next(
        (place for place, start in enumerate(("T", "NT", "NEW")) if name.rstrip("0123456789") == start), 3
    ), name


def _lesion_cell(lesion: Lesion | None, criteria: Criteria) -> Cell:
    if lesion is None:
        return Cell("–")
    size = lesion.diameter(criteria)
    if lesion.state is State.PRESENT and size is not None:
        return Cell(f"{size:.1f}")
    state = str(screening.LESION_STATE.label(lesion.state))
    if lesion.state is State.ABSENT and lesion.category is Category.TARGET:
        return Cell("0.0", note=state)
    if lesion.state is State.PRESENT and lesion.category is Category.TARGET:
        return Cell("–", note=_("no diameter"))
    return Cell(state, badge="bad" if lesion.state is State.PD else "")


def _sum_lines(response: Response, sets: Sequence[ImagingSet]) -> Iterator[Line]:
    if response.start is None:
        return
    shares = {one.on: one for one in response.shares}
    before: dict[dt.date, Decimal | None] = {
        one.evaluation.on: one.evaluation.nadir_mm for one in response.judged
    }
    totals, changes, nadirs, growth = [], [], [], []
    for place, imaging in enumerate(sets):
        assert imaging.on is not None
        share = shares.get(imaging.on)
        smallest = before.get(imaging.on)
        mark = _("baseline") if place == 0 else ""
        if share is not None and share.nadir:
            mark = f"{mark}, {_('nadir')}" if mark else _("nadir")
        totals.append(Cell(f"{share.mm:.1f}" if share else "–", mark=mark))
        changes.append(Cell(share.change if share and place else ""))
        nadirs.append(Cell("" if smallest is None else f"{smallest:.1f}"))
        growth.append(Cell(change(smallest, share.mm) if share and smallest else ""))
    yield Line(_("Sum of diameters"), "mm", totals, "sum")
    yield Line(_("Change from baseline"), "%", changes)
    yield Line(_("Smallest sum before"), "mm", nadirs)
    yield Line(_("Change from the smallest"), "%", growth)


def _answer_lines(response: Response, sets: Sequence[ImagingSet]) -> Iterator[Line]:
    found = {one.imaging.visit: one.evaluation for one in response.judged}
    answers = [response.course.answers.get((one.visit, response.criteria), Answer()) for one in sets]
    targets: list[Cell] = []
    others: list[Cell] = []
    new: list[Cell] = []
    overall: list[Cell] = []
    judged: list[Cell] = []
    for imaging, answer in zip(sets, answers, strict=True):
        if imaging is response.course.imaging.baseline:
            for cells in (targets, others, new, overall, judged):
                cells.append(Cell(""))
            continue
        evaluation = found.get(imaging.visit)
        code = None if evaluation is None else on_the_form(evaluation.overall.response)
        if evaluation is None or code is None:
            for cells in (targets, others, overall):
                cells.append(Cell("–"))
        else:
            targets.append(_code(evaluation.target.response, str(evaluation.target.reason)))
            others.append(_code(evaluation.non_target.response, str(evaluation.non_target.reason)))
            note = _("equivocal new lesion") if evaluation.overall.flagged else ""
            overall.append(Cell(short(code), badge=BADGES.get(code, ""), note=note))
        new.append(Cell(str(screening.NEW_LESION.label(imaging.new_lesion))))
        judged.append(_investigator(answer, code))
    yield Line(_("Targets"), "", targets)
    yield Line(_("Non-targets"), "", others)
    yield Line(_("New lesions"), "", new)
    yield Line(_("Overall, computed"), "", overall, "sum")
    yield Line(_("Overall, investigator"), "", judged, "sum")


def _code(code: str, title: str) -> Cell:
    return Cell(short(code), note=title)


def _investigator(answer: Answer, computed: str | None) -> Cell:
    if not answer.investigator:
        return Cell("–", note=_("not entered"))
    differs = computed is not None and computed != answer.investigator
    note = "; ".join(
        words
        for words, shown in (
            (_("differs"), differs),
            (_("draft"), not answer.submitted),
            (str(codelists.RECURRENCE.label(answer.recurrence)), answer.recurrence not in ("", "NONE")),
        )
        if shown
    )
    badge = "warn" if differs else BADGES.get(answer.investigator, "")
    return Cell(short(answer.investigator), badge=badge, note=note)
