"""The flow of participants as CONSORT draws it, from the status histories; each box is a list of participants."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from dashboards.cards import Card, Question, percent
from dashboards.flow_layout import Line, lay_out
from dashboards.selectors import View
from participants.models import ARMS, AnchorDate, Participant
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState
from records.text import Text

S = ParticipantState

REGISTERED = Text("Registered", "已登记")
ASSIGNED = Text("Arm assigned", "已分组")

# Those who were registered and have no arm: every one of them is in exactly one of these boxes.
NOT_ASSIGNED: dict[str, tuple[Text, Q]] = {
    "in-screening": (Text("Still in screening", "筛选中"), Q(decided=False, left=False)),
    "left-screening": (Text("Left before a decision", "判定前退出"), Q(decided=False, left=True)),
    "screen-failures": (Text("Screen failures", "筛选失败"), Q(assigned=False, failed=True)),
    "waiting-for-arm": (
        Text("Eligible, no arm yet", "入选待分组"),
        Q(assigned=False, eligible=True, failed=False, left=False),
    ),
    "left-eligible": (
        Text("Eligible, left before an arm", "入选后分组前退出"),
        Q(assigned=False, eligible=True, failed=False, left=True),
    ),
}
# What became of those with an arm. The first three lines divide them; the others tell of the treated.
OF_AN_ARM: dict[str, tuple[Text, Q]] = {
    "waiting-for-treatment": (Text("Not treated yet", "尚未治疗"), Q(treated=False, left=False)),
    "left-untreated": (Text("Left untreated", "未治疗退出"), Q(treated=False, left=True)),
    "treated": (Text("Treated", "已治疗"), Q(treated=True)),
    "resected": (Text("– of these, resected", "– 其中已切除"), Q(treated=True, resected=True)),
    "under-way": (
        Text("– in treatment or follow-up", "– 治疗或随访中"),
        Q(treated=True, status__in=[S.ON_TREATMENT, S.FOLLOW_UP]),
    ),
    "completed": (Text("– completed", "– 完成研究"), Q(treated=True, status=S.COMPLETED)),
    "withdrawn": (Text("– withdrawn", "– 退出研究"), Q(treated=True, status=S.WITHDRAWN)),
    "died": (Text("– died", "– 死亡"), Q(treated=True, status=S.DIED)),
}


def _boxes() -> Iterator[tuple[str, Text, Q]]:
    yield "registered", REGISTERED, Q()
    for name, (words, which) in NOT_ASSIGNED.items():
        yield name, words, which
    yield "assigned", ASSIGNED, Q(assigned=True)
    for arm, called in ARMS.items():
        yield f"assigned-{arm.lower()}", called, Q(assigned=True, arm=arm)
        for name, (words, which) in OF_AN_ARM.items():
            yield (
                f"{name}-{arm.lower()}",
                called + Text(": ", "：") + words,
                Q(assigned=True, arm=arm) & which,
            )


BOXES: dict[str, tuple[Text, Q]] = {name: (words, which) for name, words, which in _boxes()}


def people(view: View) -> QuerySet[Participant]:
    """The participants of a view, of both arms, with the states each has been in.

    `left`: withdrew or died at some time and, while untreated, did not come back.
    """

    def was(*states: ParticipantState) -> BoolOr:
        return BoolOr(Q(statuses__status__in=[str(state) for state in states]))

    return Participant.objects.filter(view.within("", arm=False)).annotate(
        decided=was(S.ELIGIBLE, S.SCREEN_FAILURE),
        eligible=was(S.ELIGIBLE),
        failed=was(S.SCREEN_FAILURE),
        assigned=was(S.ASSIGNED),
        treated=was(S.ON_TREATMENT),
        left=BoolOr(Q(status__in=[str(S.WITHDRAWN), str(S.DIED)])),
        resected=Exists(AnchorDate.objects.filter(participant=OuterRef("pk"), name=Anchor.A2)),
    )


def counts(view: View) -> dict[str, int]:
    """How many participants are in each box; one query."""
    given = {
        name.replace("-", "_"): Count("pk", filter=which) if which else Count("pk")
        for name, (_words, which) in BOXES.items()
    }
    found = people(view).order_by().aggregate(**{f"n_{name}": number for name, number in given.items()})
    return {name: found[f"n_{name.replace('-', '_')}"] for name in BOXES}


NOBODY = Text("Nobody registered so far", "尚无登记者")
FINDING = Text(
    "Of {registered} registered, {assigned} have an arm and {treated} were treated",
    "登记{registered}例，已分组{assigned}例，已治疗{treated}例",
)
SOURCE = Text(
    "Status histories until {day}, {where}, both arms. Treated: a first treatment took place. Each box leads to "
    "its participants.",
    "状态历程，截至{day}，{where}，两组。已治疗：已进行首次治疗。点击方框查看相应受试者。",
)
ALT = Text(
    "Flow of participants from registration to the end; the numbers are in the table.",
    "受试者从登记至结束的流程；数值见表格。",
)
GROUP, NUMBER, SHARE = (
    Text("Group", "分组"),
    Text("Participants", "例数"),
    Text("Of the registered", "占登记者"),
)


def flow_card(question: Question) -> Card:
    """The flow as boxes and arrows; each box leads to its list under the same filters."""
    source = str(SOURCE.format(day=question.today, where=question.people))
    found = counts(question.view)
    if not found["registered"]:
        return Card(id="flow", finding=str(NOBODY), source=source)

    def line(name: str, words: Text) -> Line:
        return Line(str(words), found[name], reverse("dashboards:people", args=[name]) + question.query)

    flow = lay_out(
        line("registered", REGISTERED),
        [line(name, words) for name, (words, _which) in NOT_ASSIGNED.items()],
        line("assigned", ASSIGNED),
        [
            (
                line(f"assigned-{arm.lower()}", called),
                [line(f"{name}-{arm.lower()}", words) for name, (words, _which) in OF_AN_ARM.items()],
            )
            for arm, called in ARMS.items()
        ],
    )
    treated = sum(found[f"treated-{arm.lower()}"] for arm in ARMS)
    return Card(
        id="flow",
        finding=str(
            FINDING.format(registered=found["registered"], assigned=found["assigned"], treated=treated)
        ),
        flow=flow,
        alt=str(ALT),
        columns=[str(GROUP), str(NUMBER), str(SHARE)],
        rows=[
            (str(words), found[name], percent(found[name], found["registered"]))
            for name, (words, _which) in BOXES.items()
        ],
        source=source,
    )
