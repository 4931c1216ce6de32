"""Endpoints of participants from their forms: the histories the rules judge, and what is missing in them.

One function for the participant's page and for exports, with the same number of queries for one participant and
for all. Source: protocol specification 6.4 and 6.5.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q

from arms.models import Hepatectomy, OtherTreatment, Pathology
from eligibility.imaging_sets import BASELINE_VISIT, INVESTIGATOR
from eligibility.lesions import Category, Criteria, State
from eligibility.models import Imaging, Lesion
from followup.codelists import CRITERIA
from followup.endpoints import (
    Assessment,
    Endpoint,
    History,
    ImpossibleHistory,
    Intent,
    Operation,
    Slot,
    Treatment,
    duration_of_response,
    overall_survival,
    progression_free,
    recurrence_free,
    time_to_progression,
)
from followup.models import SurvivalFollowUp, TumourResponse
from followup.response import (
    ImpossibleResponse,
    Margin,
    NewLesion,
    Overall,
    Reading,
    back_dated,
    best_response,
)
from participants.models import AnchorDate, Participant, Visit, VisitHeader
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState, VisitState
from records.models import Record
from records.study import in_force
from records.text import Text

CLOSED: Final = (ParticipantState.DIED, ParticipantState.WITHDRAWN, ParticipantState.COMPLETED)

NOT_ASSIGNED = Text("No arm is assigned, so no time runs yet.", "尚未分组，时间未开始计算。")
NO_BASELINE = Text("There is no baseline imaging.", "无基线影像。")
DRAFTS = Text(
    "Not submitted, so not counted: assessment at {visits}.", "以下访视的疗效评价未提交，未计入：{visits}。"
)
OTHER_CRITERIA = Text("Not assessed by {criteria}: {visits}.", "未按{criteria}评价：{visits}。")
WITHOUT_IMAGING = Text("Assessed without imaging: {visits}.", "无影像资料的疗效评价：{visits}。")
NOT_EVALUABLE = Text("Imaging not adequate: {visits}.", "影像不可评价：{visits}。")
MISSED = Text("No assessment, and the window has passed: {visits}.", "窗口期已过而无疗效评价：{visits}。")


@dataclass(slots=True)
class Facts:
    """What the forms of one participant say, as far as endpoints depend on it."""

    a0: dt.date | None = None
    status: str = ""
    baseline: bool = False
    assessments: list[dict[str, Any]] = field(default_factory=list)  # of RSP forms, drafts included
    imaging: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))  # by visit
    new_lesions: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))  # by visit
    visits: list[dict[str, Any]] = field(default_factory=list)  # at which an assessment is scheduled
    operations: list[Operation] = field(default_factory=list)
    treatments: list[Treatment] = field(default_factory=list)
    alive_on: list[dt.date] = field(default_factory=list)
    died_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """The endpoints of one participant.

    `criteria` those of progression-free survival (study setting); `histories` by criteria, left out where one
    cannot have happened; `problems` says why; `missing` what the result would still need. `survival`: what overall
    survival rests on, which no contradiction among tumour assessments touches; None where it cannot have happened.
    """

    criteria: str
    histories: Mapping[str, History]
    problems: Mapping[str, Text]
    missing: tuple[Text, ...]
    responded_on: Mapping[str, dt.date | None]
    survival: History | None

    @property
    def history(self) -> History | None:
        return self.histories.get(self.criteria)

    def progression_free(self, criteria: str = "", *, censor_adjuvant: bool = False) -> Endpoint | None:
        history = self.histories.get(criteria or self.criteria)
        return None if history is None else progression_free(history, censor_adjuvant=censor_adjuvant)

    def overall_survival(self) -> Endpoint | None:
        return None if self.survival is None else overall_survival(self.survival)

    def recurrence_free(self) -> Endpoint | None:
        return None if self.history is None else recurrence_free(self.history)

    def time_to_progression(self) -> Endpoint | None:
        return None if self.history is None else time_to_progression(self.history)

    def duration_of_response(self) -> Endpoint | None:
        if self.history is None:
            return None
        return duration_of_response(self.history, self.responded_on.get(self.criteria))


def endpoint_facts(participant_ids: Iterable[int], *, today: dt.date) -> dict[int, EndpointFacts]:
    """Derive the endpoints of participants from their submitted forms. Twelve queries, whatever there is."""
    settings = in_force(today)
    return {
        participant: _endpoints(facts, settings, today)
        for participant, facts in _read(list(participant_ids)).items()
    }


def _endpoints(facts: Facts, settings: Mapping[str, Any], today: dt.date) -> EndpointFacts:
    primary: str = settings["pfs_criteria"]
    histories: dict[str, History] = {}
    problems: dict[str, Text] = {}
    responded: dict[str, dt.date | None] = {}
    for criteria in Criteria:
        if facts.a0 is None:
            problems[criteria] = NOT_ASSIGNED
            continue
        try:
            readings = _readings(facts, criteria)
            histories[criteria] = _history(facts, readings, facts.a0)
            responded[criteria] = _responded_on(facts, readings, settings)
        except (ImpossibleHistory, ImpossibleResponse) as impossible:
            problems[criteria] = impossible.sentence
    missing = tuple(_missing(facts, primary, today))
    return EndpointFacts(primary, histories, problems, missing, responded, _survival(facts))


def _survival(facts: Facts) -> History | None:
    """Assignment, death and the last day seen alive; None without assignment, or where these contradict each other.

    Somebody alive was seen at every submitted assessment, operation and treatment; of the dead, contacts alone are
    held against the death, so that another wrong date does not take it away.
    """
    if facts.a0 is None:
        return None
    seen = list(facts.alive_on)
    if facts.died_on is None:
        seen += [row["rsdtc"] for row in facts.assessments if row["state"] == Record.State.SUBMITTED]
        seen += [one.on for one in facts.operations] + [one.on for one in facts.treatments]
    last = max((day for day in seen if day >= facts.a0), default=None)
    try:
        return History(facts.a0, died_on=facts.died_on, last_alive_on=last)
    except ImpossibleHistory:
        return None


# -- what the rules read -----------------------------------------------------------------------------


def _readings(facts: Facts, criteria: str) -> tuple[Reading, ...]:
    """The investigator's overall responses of submitted forms, new lesions dated when first seen."""
    found = []
    for row in facts.assessments:
        if row["rscat"] != criteria or row["state"] != Record.State.SUBMITTED:
            continue
        images = facts.imaging.get(row["visit_id"], [])
        certainty = max(
            (NewLesion(one["newles"] or "N") for one in images),
            key=list(NewLesion).index,
            default=NewLesion.N,
        )
        ids = frozenset(facts.new_lesions.get(row["visit_id"], ()))
        found.append(Reading(row["rsdtc"], _overall(row, facts), certainty, ids))
    return back_dated(found)


def _overall(row: Mapping[str, Any], facts: Facts) -> Overall:
    came_back = row["recurfl"] not in (None, "NONE")
    resected = any(one.resected and one.on < row["rsdtc"] for one in facts.operations)
    if resected and came_back and row["rsinv"] in (Overall.PD, Overall.NED):
        return Overall.RECURRENCE
    return Overall(row["rsinv"])


def _history(facts: Facts, readings: Sequence[Reading], a0: dt.date) -> History:
    days = {row["rsdtc"]: row["visit_id"] for row in facts.assessments}
    inadequate = {
        visit for visit, images in facts.imaging.items() if any(one["imgqual"] == "N" for one in images)
    }
    return History(
        a0,
        baseline=facts.baseline,
        assessments=tuple(
            Assessment(one.on, one.overall, adequate=days[one.on] not in inadequate) for one in readings
        ),
        slots=tuple(_slots(facts, a0)),
        operations=tuple(facts.operations),
        treatments=tuple(facts.treatments),
        died_on=facts.died_on,
        last_alive_on=max((day for day in facts.alive_on if day >= a0), default=None),
    )


def _slots(facts: Facts, a0: dt.date) -> Iterator[Slot]:
    for row in facts.visits:
        opens = row["window_open"] or row["target_from"]
        closes = row["window_close"] or row["target_to"]
        if opens is not None and closes is not None and opens > a0:
            yield Slot(opens, closes)


def _responded_on(facts: Facts, readings: Sequence[Reading], settings: Mapping[str, Any]) -> dt.date | None:
    assert facts.a0 is not None
    therapeutic = [one.on for one in facts.treatments if one.intent is Intent.THERAPEUTIC]
    best = best_response(
        readings,
        a0=facts.a0,
        other_treatment_on=min(therapeutic, default=None),
        hepatectomy_on=min((one.on for one in facts.operations if one.resected), default=None),
        confirm_days=settings["response_confirmed_after"] or None,
        least_days_of_sd=settings["stable_disease_from"],
    )
    return best.on if best.is_objective else None


# -- what is missing ---------------------------------------------------------------------------------


def _missing(facts: Facts, criteria: str, today: dt.date) -> Iterator[Text]:
    if facts.a0 is None:
        return
    if not facts.baseline:
        yield NO_BASELINE
    submitted = [row for row in facts.assessments if row["state"] == Record.State.SUBMITTED]
    assessed = {row["visit_id"] for row in submitted if row["rscat"] == criteria}
    labels = {row["visit_id"]: row["label"] for row in facts.assessments}
    drafts = {row["visit_id"] for row in facts.assessments} - {row["visit_id"] for row in submitted}
    yield from _named(DRAFTS, drafts, labels)
    other = {row["visit_id"] for row in submitted} - assessed
    yield from _named(OTHER_CRITERIA, other, labels, criteria=CRITERIA.label(criteria))
    yield from _named(WITHOUT_IMAGING, assessed - set(facts.imaging), labels)
    bad = {v for v in assessed if any(one["imgqual"] == "N" for one in facts.imaging.get(v, []))}
    yield from _named(NOT_EVALUABLE, bad, labels)
    until = facts.died_on or today
    passed = {
        row["pk"]: Text(row["label_en"], row["label_zh"])
        for row in facts.visits
        if row["window_close"] is not None
        and row["window_close"] < until
        and row["pk"] not in labels
        and row["status"] != VisitState.CANCELLED
    }
    yield from _named(MISSED, set(passed), passed)


def _named(words: Text, visits: set[int], labels: Mapping[int, Text], **more: Any) -> Iterator[Text]:
    if visits:
        named = [label for visit, label in labels.items() if visit in visits]
        yield words.format(visits=Text.join(named, en=", ", zh="、"), **more)


# -- reading the forms -------------------------------------------------------------------------------


def _read(participant_ids: list[int]) -> dict[int, Facts]:
    found = {
        row["pk"]: Facts(status=row["status"])
        for row in Participant.objects.filter(pk__in=participant_ids).values("pk", "status")
    }
    mine = {"participant_id__in": participant_ids}
    for row in AnchorDate.objects.filter(**mine, name=Anchor.A0).values("participant_id", "date"):
        found[row["participant_id"]].a0 = row["date"]
    _read_operations(found, mine)
    _read_imaging(found, mine)
    answers = ("participant_id", "visit_id", "rscat", "rsdtc", "rsinv", "recurfl", "state")
    names = ("visit__label_en", "visit__label_zh")
    assessed = TumourResponse.objects.filter(**mine).exclude(rsdtc=None).exclude(rsinv=None)
    for row in assessed.order_by("rsdtc", "pk").values(*answers, *names):
        label = Text(row.pop("visit__label_en"), row.pop("visit__label_zh"))
        found[row["participant_id"]].assessments.append({**row, "label": label})
    _read_calendar(found, mine)
    _read_survival(found, mine)
    return found


def _read_operations(found: Mapping[int, Facts], mine: Mapping[str, Any]) -> None:
    submitted = {**mine, "state": Record.State.SUBMITTED}
    # The pathologist's margin is the final one; of several specimens, the worst.
    final: dict[int, str] = {}
    read = Pathology.objects.filter(**submitted).exclude(rmargin=None)
    for visit, margin in read.values_list("visit_id", "rmargin"):
        final[visit] = max(final.get(visit, ""), margin or "")
    operated = Hepatectomy.objects.filter(**submitted).exclude(surgdtc=None).order_by("surgdtc", "pk")
    for row in operated.values("participant_id", "visit_id", "surgdtc", "surgyn", "noresrsn", "margin_i"):
        resected = row["surgyn"] == "Y"
        judged = (final.get(row["visit_id"]) or row["margin_i"]) if resected else None
        found[row["participant_id"]].operations.append(
            Operation(
                row["surgdtc"],
                Margin(judged) if judged else None,
                resected=resected,
                metastasis=row["noresrsn"] == "METASTASIS",
            )
        )
    treated = OtherTreatment.objects.filter(**submitted).exclude(sactstdtc=None).order_by("sactstdtc")
    for participant, begun, intent in treated.values_list("participant_id", "sactstdtc", "sactint"):
        found[participant].treatments.append(Treatment(begun, Intent(intent or "THERAPEUTIC")))


def _read_imaging(found: Mapping[int, Facts], mine: Mapping[str, Any]) -> None:
    read = (
        Imaging.objects.filter(**mine).exclude(imgdtc=None).filter(Q(imgeval=INVESTIGATOR) | Q(imgeval=None))
    )
    for row in read.values("participant_id", "visit_id", "visit__code", "imgqual", "newles"):
        facts = found[row["participant_id"]]
        if row["visit__code"] == BASELINE_VISIT:
            facts.baseline = facts.baseline or row["imgqual"] != "N"
        else:
            facts.imaging[row["visit_id"]].append(dict(row))
    new = Lesion.objects.filter(**mine, lescat=Category.NEW, record__imgeval=INVESTIGATOR)
    gone = (State.ABSENT, State.RESECTED)
    for participant, visit, name in new.exclude(lesst__in=gone).values_list(
        "participant_id", "record__visit_id", "lnkid"
    ):
        found[participant].new_lesions[visit].add(name or "")


def _read_calendar(found: Mapping[int, Facts], mine: Mapping[str, Any]) -> None:
    scheduled = Visit.objects.filter(**mine, forms__contains=["RSP"]).exclude(status=VisitState.SUPERSEDED)
    names = ("pk", "participant_id", "label_en", "label_zh", "status")
    dates = ("target_from", "target_to", "window_open", "window_close")
    for row in scheduled.order_by("window_close", "position").values(*names, *dates):
        facts = found[row["participant_id"]]
        # Who died or left missed the visits of the time before; they were cancelled when the calendar closed.
        if row["status"] != VisitState.CANCELLED or facts.status in CLOSED:
            facts.visits.append(row)
    seen = VisitHeader.objects.filter(**mine, svdone="Y").exclude(svstdtc=None)
    for participant, day in seen.values_list("participant_id", "svstdtc"):
        found[participant].alive_on.append(day)


def _read_survival(found: Mapping[int, Facts], mine: Mapping[str, Any]) -> None:
    contacts = SurvivalFollowUp.objects.filter(**mine, state=Record.State.SUBMITTED)
    for row in contacts.values("participant_id", "ssstat", "lastalive", "dthdtc"):
        facts = found[row["participant_id"]]
        if row["ssstat"] == "DEAD" and row["dthdtc"]:
            facts.died_on = min(facts.died_on or row["dthdtc"], row["dthdtc"])
        elif row["lastalive"]:
            facts.alive_on.append(row["lastalive"])
