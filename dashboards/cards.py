"""What a card of a dashboard is: a finding, the picture behind it, its table and its source; and what it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from dashboards import selectors
from dashboards.flow_layout import Flow
from dashboards.selectors import Enrolled, View
from eligibility.history.selectors import LogCounts, log_counts
from participants.models import ARMS
from records.codelists import CodeList
from records.text import Text

Cell = str | int
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Card:
    """One picture as templates/components/chart.html shows it; `data` None where there is nothing to draw."""

    id: str
    finding: str
    source: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    data: dict[str, Any] | None = None
    alt: str = ""
    text: str = ""
    csv_url: str = ""
    beneath: Sequence[Sequence[Cell]] = ()  # rows shown under the picture, the first with headings
    flow: Flow | None = None  # a picture of boxes and arrows instead of a chart

    @property
    def given(self) -> str:
        """The data of the picture for static/js/charts.js."""
        return json.dumps(self.data, cls=DjangoJSONEncoder, ensure_ascii=False)

    @property
    def wide(self) -> bool:
        """Whether the card takes two columns of the page where there are so many: a table of more than 3, no picture."""
        return self.data is None and self.flow is None and len(self.columns) > 3


@dataclass(frozen=True)
class Question:
    """What a card is asked: the view, today's date, and the study settings in force."""

    view: View
    today: date
    settings: Mapping[str, Any]
    query: str = ""  # the filters as an address has them, for lists a card leads to
    _kept: dict[Callable[[Question], Any], Any] = field(default_factory=dict, repr=False, compare=False)

    def kept(self, read: Callable[[Question], Read]) -> Read:
        """What `read` finds under this question, read once however many cards ask."""
        if read not in self._kept:
            self._kept[read] = read(self)
        found: Read = self._kept[read]
        return found

    @cached_property
    def enrolled(self) -> Enrolled:
        return selectors.enrolled(self.view)

    @cached_property
    def log(self) -> LogCounts:
        """The historical screening logs of the sites shown, added up."""
        site = self.view.site
        together = LogCounts(0)
        for one in log_counts(self.view.access, site.pk if site else None).values():
            for name in ("entries", "staged", "stage_included", "none_failed", "ineligible", "pending"):
                setattr(together, name, getattr(together, name) + getattr(one, name))
            for name in ("stages", "failing"):
                sums = getattr(together, name)
                for key, number in getattr(one, name).items():
                    sums[key] = sums.get(key, 0) + number
        return together

    @property
    def place(self) -> str:
        """The sites in words."""
        if self.view.site:
            return str(self.view.site)
        return _("all sites") if self.view.every_site else _("the sites you see")

    @property
    def people(self) -> str:
        """The sites and the days of registration in words: all filters but the arm."""
        view = self.view
        if not view.dated:
            return self.place
        days = {"since": view.since or "…", "until": view.until or "…"}
        return str(REGISTERED.format(place=self.place, **days))

    @property
    def where(self) -> str:
        """The filters in words."""
        arm = self.view.arm
        return _("%(place)s, %(arm)s") % {"place": self.people, "arm": ARMS[arm]} if arm else self.people

    @property
    def arms(self) -> list[str]:
        """The arms the filters leave."""
        return [self.view.arm] if self.view.arm else list(ARMS)

    def source(self, words: Text) -> str:
        """What figures rest on, in a sentence: `words`, until when, and where."""
        return str(SOURCE.format(words=words, day=self.today, where=self.where))


Ask = Callable[[Question], Card]


REGISTERED = Text("{place}, registered {since} to {until}", "{place}，{since}至{until}登记")
SOURCE = Text("{words} until {day}, {where}.", "{words}，截至{day}，{where}。")
NOTHING = Text("Nothing to show so far: {what}", "暂无数据：{what}")
MOST = Text("{what}: most often {label}, {n} of {total}", "{what}：以{label}最多，{n}/{total}例")
NOT_KNOWN = Text("Not known", "不详")
NO_ARM = Text("No arm", "未分组")
TOGETHER = Text("Together", "合计")
PARTICIPANTS = Text("participants", "例数")
SEE_TABLE = Text("{what}; the numbers are in the table.", "{what}；数值见表格。")


def nothing(card_id: str, what: Text, source: str) -> Card:
    """The card of a picture for which there are no data yet."""
    return Card(id=card_id, finding=str(NOTHING.format(what=what)), source=source)


def distribution(
    card_id: str,
    question: Question,
    counts: Mapping[tuple[str, str], int],
    codes: CodeList,
    *,
    what: Text,
    source: str,
    unassigned: bool = False,
) -> Card:
    """Participants by a code and by arm. `counts` by code ("" where none is known) and arm ("" where none yet)."""
    arms: list[tuple[str, Text]] = [(arm, ARMS[arm]) for arm in question.arms]
    if unassigned and not question.view.arm:
        arms.append(("", NO_ARM))
    known = [*codes, ("", NOT_KNOWN)]
    shown = [(code, label) for code, label in known if any(counts.get((code, arm)) for arm, _w in arms)]
    if not shown:
        return nothing(card_id, what, source)
    numbers = {code: [counts.get((code, arm), 0) for arm, _w in arms] for code, _label in shown}
    most, label = max(shown, key=lambda one: sum(numbers[one[0]]))
    total = sum(sum(row) for row in numbers.values())
    return Card(
        id=card_id,
        finding=str(MOST.format(what=what, label=label, n=sum(numbers[most]), total=total)),
        data=bars(
            [Truncator(str(label)).chars(24) for _code, label in shown],
            [
                (str(words), [numbers[code][place] for code, _label in shown])
                for place, (_arm, words) in enumerate(arms)
            ],
            horizontal=True,
            stacked=True,
            x=str(PARTICIPANTS),
        ),
        alt=str(SEE_TABLE.format(what=what)),
        columns=[str(what), *(str(words) for _arm, words in arms), str(TOGETHER)],
        rows=[(str(label), *numbers[code], sum(numbers[code])) for code, label in shown],
        source=source,
    )


def percent(part: int, whole: int) -> str:
    """A share in whole percent; a dash of nothing."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def bars(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    colours: Sequence[int] = (1, 2, 5),
    **more: Any,
) -> dict[str, Any]:
    """The data of a bar chart; `colours` are those of static/css/trial.css, one for each series."""
    return {
        "type": "bar",
        "labels": list(labels),
        "series": [
            {"label": label, "data": list(data), "colour": colour}
            for (label, data), colour in zip(series, colours, strict=False)
        ],
        **more,
    }
