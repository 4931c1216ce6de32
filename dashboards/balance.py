"""Balance between the arms, since nothing was randomised: a table of screening findings and their differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from dashboards.balance_facts import CHARACTERISTICS, Category, Measure, Numbers, Parts, summed_up
from dashboards.cards import Ask, Card, Cell, Question, nothing, percent
from dashboards.comparison import WORTH_A_LOOK, difference_of_means, difference_of_shares
from participants.models import ARMS
from records.text import Text

SOURCE = Text(
    "Submitted forms of screening of participants with an arm until {day}, {where}, both arms; of several "
    "laboratory samples the last known result of each test. Numbers: median (quartiles); categories: n (% of those known). A value below "
    "or above the measuring range counts as its limit.",
    "已分组受试者筛选期已提交表单，截至{day}，{where}，两组；多次采样时各项目取最后一次已知结果。数值：中位数（四分位数）；"
    "分类：例数（占已知者百分比）。超出检测范围的结果按界值计。",
)
BASELINE, LOVE = Text("Baseline by arm", "各组基线特征"), Text("Standardised differences", "标准化均数差")
FINDING = Text(
    "{n} of {total} characteristics differ between the arms by more than 0.1 standardised",
    "{total}项基线特征中，{n}项组间标准化差异大于0.1",
)
LARGEST = Text(
    "The largest standardised difference is that of {label}: {value}", "标准化差异最大者为{label}：{value}"
)
ALIKE = Text("No characteristic differs between the arms", "各项基线特征组间无差异")
ALT = Text(
    "The size of the standardised difference of each characteristic beside the line of 0.1; the numbers are in the table.",
    "各基线特征标准化差异的绝对值，参考线为0.1；数值见表格。",
)
CHARACTERISTIC, KNOWN = Text("Characteristic", "特征"), Text("{arm}, known", "{arm}，已知例数")
DIFFERENCE = Text("Standardised difference", "标准化差异")
LIMIT = Text("0.1", "0.1")


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the baseline table; `difference` None where an arm has nobody to compare."""

    label: Text
    cells: tuple[tuple[str, int], ...]  # of each arm: in words, and how many are known
    difference: float | None

    @property
    def shown(self) -> str:
        if self.difference is None:
            return "–"
        return f"{self.difference:+.2f}" if isfinite(self.difference) else "∞"


def compared(question: Question) -> list[Compared]:
    """Every line of the baseline table, in its order."""
    found = summed_up(question.view)
    lines: list[Compared] = []
    for _model, characteristics in CHARACTERISTICS:
        for one in characteristics:
            by_arm = found.get(one.item, {})
            if isinstance(one, Category):
                lines += _shares(one, [by_arm.get(arm, Parts(0, {})) for arm in ARMS])
            else:
                lines.append(_numbers(one, [by_arm.get(arm, Numbers(0, 0, 0, None)) for arm in ARMS]))
    return lines


def _numbers(one: Measure, arms: list[Numbers | Parts]) -> Compared:
    numbers = [arm for arm in arms if isinstance(arm, Numbers)]
    difference = None
    if all(arm.known > 1 for arm in numbers):
        first, second = numbers
        difference = difference_of_means(first.mean, first.deviation, second.mean, second.deviation)
    return Compared(one.label, tuple((_median(one, arm), arm.known) for arm in numbers), difference)


def _median(one: Measure, arm: Numbers) -> str:
    if arm.quartiles is None:
        return "–"
    low, middle, high = (f"{value:.{one.places}f}" for value in arm.quartiles)
    return f"{middle} ({low}–{high})" if "-" not in f"{low}{high}" else f"{middle} ({low} … {high})"


def _shares(one: Category, arms: list[Numbers | Parts]) -> Iterator[Compared]:
    parts = [arm for arm in arms if isinstance(arm, Parts)]
    for code in one.shown:
        cells = tuple(
            (f"{arm.of_code.get(code, 0)} ({percent(arm.of_code.get(code, 0), arm.known)})", arm.known)
            for arm in parts
        )
        difference = None
        if all(arm.known for arm in parts):
            first, second = parts
            difference = difference_of_shares(
                first.of_code[code], first.known, second.of_code[code], second.known
            )
        yield Compared(one.label + Text(": ", "：") + one.codes.label(code), cells, difference)


def _large(lines: list[Compared]) -> list[Compared]:
    """Those with a difference, the largest first."""
    known = [line for line in lines if line.difference is not None]
    return sorted(known, key=lambda line: -abs(line.difference or 0))


def _source(question: Question) -> str:
    return str(SOURCE.format(day=question.today, where=question.people))


def baseline(question: Question) -> Card:
    """What participants were like before treatment, by arm."""
    lines = question.kept(compared)
    if not any(known for line in lines for _words, known in line.cells):
        return nothing("baseline", BASELINE, _source(question))
    differing = [line for line in _large(lines) if abs(line.difference or 0) > WORTH_A_LOOK]
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        cells = [cell for words, known in line.cells for cell in (words, known)]
        rows.append((str(line.label), *cells, line.shown))
    names = [cell for arm in ARMS.values() for cell in (str(arm), str(KNOWN.format(arm=arm)))]
    return Card(
        id="baseline",
        finding=str(FINDING.format(n=len(differing), total=len(lines))),
        columns=[str(CHARACTERISTIC), *names, str(DIFFERENCE)],
        rows=rows,
        source=_source(question),
    )


def love_plot(question: Question) -> Card:
    """How far apart the arms are, the largest difference on top."""
    lines = _large(question.kept(compared))
    if not lines:
        return nothing("love-plot", LOVE, _source(question))
    first, sizes = lines[0], [abs(line.difference or 0) for line in lines]
    finding = LARGEST.format(label=first.label, value=first.shown) if sizes[0] else ALIKE
    drawn = [(line, size) for line, size in zip(lines, sizes, strict=True) if isfinite(size)]
    return Card(
        id="love-plot",
        finding=str(finding),
        data={
            "type": "points",
            "horizontal": True,
            "decimals": True,
            "tall": True,
            "labels": [str(line.label) for line, _size in drawn],
            "x": str(DIFFERENCE),
            "series": [
                {"label": str(DIFFERENCE), "data": [round(size, 4) for _line, size in drawn]},
                {"label": str(LIMIT), "data": [WORTH_A_LOOK] * len(drawn), "plan": True, "line": True},
            ],
        },
        alt=str(ALT),
        columns=[str(CHARACTERISTIC), str(DIFFERENCE)],
        rows=[(str(line.label), line.shown) for line in lines],
        source=_source(question),
    )


CARDS: dict[str, Ask] = {"baseline": baseline, "love-plot": love_plot}
