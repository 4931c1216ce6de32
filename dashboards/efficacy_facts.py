"""What efficacy is drawn from: the endpoints of participants with an arm, their best responses and tumour sizes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min

from dashboards.cards import Question
from eligibility.imaging_sets import BASELINE_VISIT, INVESTIGATOR
from eligibility.models import Imaging
from followup.endpoint_facts import endpoint_facts
from followup.endpoints import Endpoint
from followup.models import TumourResponse
from participants.models import AnchorDate, Participant
from participants.schedule_file import Anchor
from records.models import Record
from records.text import Text

EXPLORATORY = Text(
    "Exploratory: the arms were not randomised, nothing is adjusted for, and data may be incomplete.",
    "探索性分析：非随机分组，未作校正，数据可能不完整。",
)
ENDPOINTS = Text(
    "Endpoints derived from submitted forms of participants with an arm, in months of 30.4375 days from assignment; "
    "progression by {criteria}",
    "由已分组受试者已提交表单推导的终点，自分组起按月（30.4375天）计；进展按{criteria}",
)
SUM_BY = {"RECIST11": "sumr11", "MRECIST": "summr"}


@dataclass(frozen=True, slots=True)
class Course:
    """One participant's: arm, PFS and OS (None where they cannot be derived), responses and sizes.

    `responded_on` by the criteria of progression; `best` by those of response ("" without an assessment); `changes`:
    the change of the sum of diameters since baseline in percent, by days since assignment, until hepatectomy.
    """

    number: str
    arm: str
    a0: date | None
    progression_free: Endpoint | None
    overall: Endpoint | None
    responded_on: date | None
    best: str
    changes: tuple[tuple[int, float], ...]

    @property
    def best_change(self) -> float | None:
        return min((change for _day, change in self.changes), default=None)


def read(question: Question) -> list[Course]:
    """The courses of the participants of a view that have an arm, by their number; twenty queries."""
    people = Participant.objects.filter(question.view.within(""), arm__isnull=False).order_by("number")
    known = {pk: (number, arm or "") for pk, number, arm in people.values_list("pk", "number", "arm")}
    facts = endpoint_facts(known, today=question.today)
    anchors: dict[tuple[int, str], date] = {
        (participant, name): day
        for participant, name, day in AnchorDate.objects.filter(
            participant_id__in=known, name__in=[Anchor.A0, Anchor.A2]
        ).values_list("participant_id", "name", "date")
    }
    best, sizes = _best(question, known), _changes(question, known, anchors)
    return [
        Course(
            number,
            arm,
            anchors.get((pk, Anchor.A0)),
            facts[pk].progression_free(),
            facts[pk].overall_survival(),
            facts[pk].responded_on.get(facts[pk].criteria),
            best.get(pk, ""),
            tuple(sizes.get(pk, ())),
        )
        for pk, (number, arm) in known.items()
    ]


def _best(question: Question, known: dict[int, tuple[str, str]]) -> dict[int, str]:
    """The best overall response as it stands at the last submitted assessment by the criteria of response."""
    rows = TumourResponse.objects.filter(
        participant_id__in=known,
        state=Record.State.SUBMITTED,
        rscat=question.settings["response_criteria"],
        bor__isnull=False,
        rsdtc__isnull=False,
    )
    return {
        participant: bor or ""
        for participant, bor in rows.order_by("rsdtc", "pk").values_list("participant_id", "bor")
    }


def _changes(
    question: Question, known: dict[int, tuple[str, str]], anchors: dict[tuple[int, str], date]
) -> dict[int, list[tuple[int, float]]]:
    """Changes of the sum of diameters, by the criteria of response, of submitted imaging by the investigator."""
    size = SUM_BY[question.settings["response_criteria"]]
    rows = (
        Imaging.objects.order_by()
        .filter(participant_id__in=known, state=Record.State.SUBMITTED, imgeval=INVESTIGATOR)
        .exclude(imgdtc=None)
        .exclude(**{size: None})
        .values_list("participant_id", "visit_id", "visit__code")
        .annotate(on=Min("imgdtc"), total=Max(size))
    )
    found = sorted(rows, key=lambda row: row[3])
    baseline = {person: float(total) for person, _v, code, _on, total in found if code == BASELINE_VISIT}
    changes: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for person, _visit, code, on, total in found:
        assigned, cut = anchors.get((person, Anchor.A0)), anchors.get((person, Anchor.A2))
        first = baseline.get(person)
        if code == BASELINE_VISIT or not first or not assigned or (cut and on >= cut):
            continue
        changes[person].append(((on - assigned).days, 100 * (float(total) - first) / first))
    return changes
