"""The course of one participant's tumour: all imaging, what was answered about it, and how both criteria judge it.

Reads the forms and puts them before the rules (followup/response/). Form page, recomputation, the participant's
picture and the endpoints share it. Source: protocol specification 6.1 to 6.3.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db.models import Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from arms.models import Hepatectomy, OtherTreatment, Pathology
from eligibility.imaging_sets import ImagingCourse, ImagingSet, course_of
from eligibility.lesions import Category, Criteria, ImpossibleLesion
from eligibility.models import Imaging
from followup import response
from followup.response import Evaluation, ImpossibleResponse, Margin, NewLesion, NonTarget, Overall
from participants.models import AnchorDate, Participant
from participants.schedule_file import Anchor
from records.definition import Derived
from records.study import SETTINGS, in_force
from records.text import Text

NO_BASELINE = Text(
    "There is no baseline imaging: enter it at the screening visit.", "无基线影像，请在筛选访视录入。"
)
NO_IMAGING = Text("There is no dated imaging at this visit.", "本次访视无已填日期的影像检查。")
NO_CRITERIA = Text("Choose the criteria.", "请选择评价标准。")
NOT_ASSIGNED = Text("No arm is assigned yet.", "尚未分组。")
NO_RECURRENCE: Final = ("", "NONE")
# A recurrence stands on the form as PD together with where the tumour came back.
ON_THE_FORM: Final = {Overall.RECURRENCE: Overall.PD}


def defaults() -> dict[str, Any]:
    """The study settings while nobody has changed any."""
    return {key: setting.default for key, setting in SETTINGS.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one RSP form says beside the imaging; "" for what is not answered."""

    non_target: str = ""
    recurrence: str = ""
    investigator: str = ""
    on: dt.date | None = None
    submitted: bool = False
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """One set of imaging, and how one set of criteria judges it."""

    imaging: ImagingSet
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class TumourCourse:
    """All that a participant's response depends on.

    `answers` by visit and criteria. `operated_on` and `margin` of the hepatectomy; `other_treatment_on` the first
    therapeutic treatment outside the protocol. `settings` are the study's, of the day it is read.
    """

    imaging: ImagingCourse
    answers: Mapping[tuple[int, str], Answer]
    a0: dt.date | None = None
    operated_on: dt.date | None = None
    margin: Margin | None = None
    other_treatment_on: dt.date | None = None
    settings: Mapping[str, Any] = field(default_factory=defaults)

    def with_answer(self, visit: int, criteria: str, answer: Answer) -> TumourCourse:
        """The same course with one form's answers as they stand on the page."""
        return replace(self, answers={**self.answers, (visit, criteria): answer})

    def is_resected(self, on: dt.date) -> bool:
        """Say whether a day lies after the hepatectomy; what is seen on its very day was there before it."""
        return self.operated_on is not None and on > self.operated_on

    def judge(self, criteria: Criteria, until: ImagingSet | None = None) -> tuple[Judged, ...]:
        """Judge every set, or those up to one; raises ImpossibleResponse or ImpossibleLesion.

        Later sets cannot change how earlier ones are judged, so they are left out rather than read.
        """
        if self.imaging.baseline is None:
            raise ImpossibleResponse(NO_BASELINE)
        sets = list(self.imaging.later)
        if until is not None:
            sets = sets[: sets.index(until) + 1]
        found = response.evaluate(
            self._as_imaging(self.imaging.baseline, criteria),
            [self._as_imaging(one, criteria) for one in sets],
            criteria,
        )
        return tuple(Judged(one, evaluation) for one, evaluation in zip(sets, found, strict=True))

    def judge_what_can_be(self, criteria: Criteria) -> tuple[tuple[Judged, ...], Text | None]:
        """Judge as many sets as can be, from the first on, and say why the next one cannot."""
        problem: Text | None = None
        for until in [*reversed(self.imaging.later), None]:
            try:
                return (self.judge(criteria, until) if until else ()), problem
            except (ImpossibleResponse, ImpossibleLesion) as impossible:
                problem = impossible.sentence
        return (), problem

    def _as_imaging(self, one: ImagingSet, criteria: Criteria) -> response.Imaging:
        assert one.on is not None
        answer = self.answers.get((one.visit, criteria), Answer())
        new = NewLesion(one.new_lesion)
        if answer.recurrence not in NO_RECURRENCE:
            new = NewLesion.Y
        return response.Imaging(
            on=one.on,
            lesions=one.lesions,
            new_lesion=new,
            non_target=NonTarget(answer.non_target) if answer.non_target else None,
            markers_normal=None,
            resected=self.is_resected(one.on),
            margin=self.margin,
        )

    def best(self, judged: Iterable[Judged]) -> response.BestResponse:
        """The best overall response of these assessments; raises ImpossibleResponse."""
        if self.a0 is None:
            raise ImpossibleResponse(NOT_ASSIGNED)
        return response.best_response(
            [one.evaluation.reading for one in judged],
            a0=self.a0,
            other_treatment_on=self.other_treatment_on,
            hepatectomy_on=self.operated_on,
            confirm_days=self.settings["response_confirmed_after"] or None,
            least_days_of_sd=self.settings["stable_disease_from"],
        )

    def respond(self, visit: int, criteria: str | None) -> dict[str, Derived]:
        """The derived items of the RSP form of a visit: TRGRESP, OVRLRESP and BOR, each with its reason."""
        imaging = self.imaging.at(visit)
        if self.imaging.baseline is None:
            return dict.fromkeys(DERIVED, Derived(None, NO_BASELINE))
        if imaging is None or criteria is None:
            return dict.fromkeys(DERIVED, Derived(None, NO_IMAGING if imaging is None else NO_CRITERIA))
        try:
            judged = self.judge(Criteria(criteria), imaging)
        except (ImpossibleResponse, ImpossibleLesion) as impossible:
            return dict.fromkeys(DERIVED, Derived(None, impossible.sentence))
        found = judged[-1].evaluation
        try:
            best = self.best(judged)
            overall = Derived(best.response.value, best.reason)
        except ImpossibleResponse as impossible:
            overall = Derived(None, impossible.sentence)
        return {
            "trgresp": Derived(found.target.response.value, found.target.reason),
            "ovrlresp": Derived(on_the_form(found.overall.response), found.overall.reason),
            "bor": overall,
        }

    def lost_targets(self, visit: int) -> tuple[str, ...]:
        """Targets of the baseline that no adequate examination of a visit lists, before hepatectomy."""
        imaging, baseline = self.imaging.at(visit), self.imaging.baseline
        if imaging is None or baseline is None or not imaging.adequate:
            return ()
        assert imaging.on is not None
        if self.is_resected(imaging.on):
            return ()
        try:
            chosen = {lesion.id for lesion in baseline.lesions if lesion.category is Category.TARGET}
        except ImpossibleLesion:
            return ()
        return tuple(sorted(chosen - imaging.listed))

    def non_targets(self, visit: int, criteria: Criteria) -> response.NonTargetResult | None:
        """How the states of a visit's non-target lesions are judged, markers taken as normal; None where they cannot."""
        imaging = self.imaging.at(visit)
        if imaging is None or imaging.on is None or self.is_resected(imaging.on):
            return None
        try:
            return response.judge_non_targets(imaging.lesions, criteria)
        except ImpossibleLesion:
            return None


DERIVED: Final = ("trgresp", "ovrlresp", "bor")


def on_the_form(overall: Overall) -> str:
    """The code of an overall response as the form writes it."""
    return ON_THE_FORM.get(overall, overall).value


# -- reading -----------------------------------------------------------------------------------------

ANSWERS: Final = ("visit_id", "repeat", "rscat", "ntrgresp", "recurfl", "rsinv", "rsdtc", "state")


def answers_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[int, str], Answer]:
    """The answers of RSP forms by visit and criteria; `rows` hold ANSWERS."""
    return {
        (row["visit_id"], row["rscat"]): Answer(
            row["ntrgresp"] or "",
            row["recurfl"] or "",
            row["rsinv"] or "",
            row["rsdtc"],
            row["state"] == "SUBMITTED",
            row["repeat"],
        )
        for row in rows
        if row["rscat"]
    }


def read_course(participant_id: int, answers: QuerySet[Any], today: dt.date) -> TumourCourse:
    """Read the course of one participant; `answers` are the RSP forms. Five queries, whatever there is."""
    known = facts_of_many([participant_id]).get(participant_id, {})
    return TumourCourse(
        course_of(Imaging.examinations_of(participant_id)),
        answers_of(answers.filter(participant_id=participant_id).values(*ANSWERS)),
        a0=known.get("a0"),
        operated_on=known.get("operated_on"),
        margin=Margin(known["margin"]) if known.get("margin") else None,
        other_treatment_on=known.get("other_treatment_on"),
        settings=in_force(today),
    )


def facts_of_many(participant_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Assignment, hepatectomy, margin and other treatment of participants; one query."""
    mine = Q(participant_id=OuterRef("pk"))
    found = Participant.objects.filter(pk__in=list(participant_ids)).annotate(
        a0=_anchor(Anchor.A0),
        operated_on=_anchor(Anchor.A2),
        # The pathologist's margin is the final one; of several, the worst.
        margin=Coalesce(
            _one(Pathology.objects.filter(mine), Max("rmargin")),
            _one(Hepatectomy.objects.filter(mine, surgyn="Y"), Max("margin_i")),
        ),
        other_treatment_on=_one(OtherTreatment.objects.filter(mine, sactint="THERAPEUTIC"), Min("sactstdtc")),
    )
    names = ("a0", "operated_on", "margin", "other_treatment_on")
    return {row["pk"]: row for row in found.values("pk", *names)}


def _anchor(name: Anchor) -> Subquery:
    return Subquery(AnchorDate.objects.filter(participant_id=OuterRef("pk"), name=name).values("date")[:1])


def _one(found: QuerySet[Any], worst: Max | Min) -> Subquery:
    """The one value of a participant's forms that counts."""
    return Subquery(found.order_by().values("participant_id").annotate(counts=worst).values("counts")[:1])
