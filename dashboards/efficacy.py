"""Efficacy, exploratory: survival curves and responses, with the course of each participant (courses.py).

Imports lifelines (dashboards/survival.py): for the worker alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dashboards import courses
from dashboards.cards import SEE_TABLE, Ask, Card, Cell, Question, distribution, nothing, percent
from dashboards.efficacy_facts import ENDPOINTS, EXPLORATORY, Course, read
from dashboards.survival import Comparison, Curve, Times, compare, curve
from followup.codelists import CRITERIA, OVERALL_RESPONSE
from followup.endpoints import Endpoint
from participants.models import ARMS
from records.text import Text

MONTHS_APART = 3
RESPONDED = ("CR", "PR")

RESPONSES = Text(
    "Best overall response by {criteria}, submitted assessments",
    "最佳总体疗效（{criteria}），已提交的疗效评价",
)
PFS, OS = Text("Progression-free survival", "无进展生存期"), Text("Overall survival", "总生存期")
FREE, MONTHS = Text("{what}, %", "{what}，%"), Text("Months from assignment", "自分组起月数")
MEDIANS = Text("{what}: median {words}", "{what}：中位{words}")
OF_ARM = Text("{arm} {median} months ({low}–{high})", "{arm} {median}个月（{low}–{high}）")
NOT_REACHED = Text("{arm} not reached", "{arm}未达到")
RATIO = Text(
    "Hazard ratio {second} over {first} {ratio} ({low} to {high}); log-rank p = {p}.",
    "{second}相对{first}的风险比{ratio}（{low}～{high}）；log-rank p = {p}。",
)
NO_RATIO = Text(
    "Log-rank p = {p}; the hazard ratio cannot be estimated.", "log-rank p = {p}；无法估计风险比。"
)
EVENTS = Text("{arm}: {events} events in {n}.", "{arm}：{n}例中{events}例事件。")
NOT_DERIVED = Text(
    "Left out, as dates contradict each other or are missing: {words}.",
    "因日期相互矛盾或缺失而未纳入：{words}。",
)
NUMBER_OF_ARM = Text("{arm} {n}", "{arm}{n}例")
CENSORED, AT_RISK = Text("{arm}, censored", "{arm}，删失"), Text("{arm}, at risk", "{arm}，风险人数")
BEST = Text("Best overall response", "最佳总体疗效")
RATE = Text(" Objective responses: {words}.", "客观缓解：{words}。")
RATE_OF = Text("{arm} {n} of {total} ({percent})", "{arm} {n}/{total}例（{percent}）")


def _ends(question: Question) -> str:
    criteria = CRITERIA.label(question.settings["pfs_criteria"])
    return question.source(ENDPOINTS.format(criteria=criteria))


# -- survival ----------------------------------------------------------------------------------------


def progression_free(question: Question) -> Card:
    """Kaplan–Meier of progression-free survival."""
    return _survival("pfs", question, PFS, lambda course: course.progression_free)


def overall(question: Question) -> Card:
    """Kaplan–Meier of overall survival."""
    return _survival("os", question, OS, lambda course: course.overall)


def _survival(
    card_id: str, question: Question, what: Text, endpoint: Callable[[Course], Endpoint | None]
) -> Card:
    times: dict[str, Times] = {}
    left_out: list[Text] = []
    for arm in question.arms:
        found = [endpoint(course) for course in question.kept(read) if course.arm == arm]
        ends = [end for end in found if end is not None]
        if ends:
            times[arm] = Times([float(end.months) for end in ends], [end.event for end in ends])
        if len(ends) < len(found):
            left_out.append(NUMBER_OF_ARM.format(arm=ARMS[arm], n=len(found) - len(ends)))
    said = [NOT_DERIVED.format(words=Text.join(left_out, "; ", "；"))] if left_out else []
    if not times:
        return replace(nothing(card_id, what, _ends(question)), text=str(Text.join(said, " ", "")))
    curves = {arm: curve(of_arm) for arm, of_arm in times.items()}
    last = max(max(of_arm.months) for of_arm in times.values())
    marks = list(range(0, int(last) + MONTHS_APART, MONTHS_APART))
    words = [
        EVENTS.format(arm=ARMS[arm], events=sum(one.events), n=len(one.months)) for arm, one in times.items()
    ]
    if len(times) > 1:
        words.append(_compared(compare(*times.values()), list(times)))
    beneath: list[list[Cell]] = [[str(MONTHS), *(str(month) for month in marks)]]
    for arm, of_arm in times.items():
        beneath.append([str(AT_RISK.format(arm=ARMS[arm])), *(of_arm.at_risk(month) for month in marks)])
    return Card(
        id=card_id,
        finding=str(
            MEDIANS.format(what=what, words=Text.join([_median(*one) for one in curves.items()], "; ", "；"))
        ),
        text=str(Text.join([EXPLORATORY, *words, *said], " ", "")),
        data={
            "type": "xy",
            "x": str(MONTHS),
            "y": str(FREE.format(what=what)),
            "max": 100,
            "series": [
                drawn for place, arm in enumerate(times) for drawn in _drawn(arm, curves[arm], place + 1)
            ],
        },
        beneath=beneath,
        alt=str(SEE_TABLE.format(what=what)),
        columns=[
            str(MONTHS),
            *(
                str(words)
                for arm in times
                for words in (AT_RISK.format(arm=ARMS[arm]), FREE.format(what=ARMS[arm]))
            ),
        ],
        rows=[
            (
                str(month),
                *(
                    cell
                    for arm in times
                    for cell in (times[arm].at_risk(month), _percent(curves[arm].percent_at(month)))
                ),
            )
            for month in marks
        ],
        source=_ends(question),
    )


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{part:.1f}"


def _drawn(arm: str, found: Curve, colour: int) -> list[dict[str, object]]:
    """A curve as steps, and a mark at each time that was censored."""
    steps = [{"x": round(month, 2), "y": round(part, 2)} for month, part in found.steps]
    marks = [{"x": round(month, 2), "y": round(part, 2)} for month, part in found.censored]
    return [
        {"label": str(ARMS[arm]), "data": steps, "stepped": True, "colour": colour, "still": True},
        {
            "label": str(CENSORED.format(arm=ARMS[arm])),
            "data": marks,
            "colour": colour,
            "points": 5,
            "shape": "cross",
            "width": 0,
        },
    ]


def _median(arm: str, found: Curve) -> Text:
    if found.median is None:
        return NOT_REACHED.format(arm=ARMS[arm])
    low, high = (f"{end:.1f}" if end is not None else "…" for end in (found.low, found.high))
    return OF_ARM.format(arm=ARMS[arm], median=f"{found.median:.1f}", low=low, high=high)


def _compared(found: Comparison, arms: Sequence[str]) -> Text:
    p = f"{found.p:.3f}" if found.p >= 0.001 else "< 0.001"
    if found.ratio is None or found.low is None or found.high is None:
        return NO_RATIO.format(p=p)
    first, second = (ARMS[arm] for arm in arms)
    return RATIO.format(
        first=first,
        second=second,
        ratio=f"{found.ratio:.2f}",
        low=f"{found.low:.2f}",
        high=f"{found.high:.2f}",
        p=p,
    )


# -- response ----------------------------------------------------------------------------------------


def response(question: Question) -> Card:
    """Best overall response by arm."""
    found = question.kept(read)
    counts: dict[tuple[str, str], int] = {}
    for course in found:
        counts[course.best, course.arm] = counts.get((course.best, course.arm), 0) + 1
    criteria = CRITERIA.label(question.settings["response_criteria"])
    source = question.source(RESPONSES.format(criteria=criteria))
    card = distribution("response", question, counts, OVERALL_RESPONSE, what=BEST, source=source)
    rates = []
    for arm in question.arms:
        total = sum(number for (_best, of), number in counts.items() if of == arm)
        n = sum(counts.get((code, arm), 0) for code in RESPONDED)
        rates.append(RATE_OF.format(arm=ARMS[arm], n=n, total=total, percent=percent(n, total)))
    words = EXPLORATORY + RATE.format(words=Text.join(rates, "; ", "；"))
    return card if not found else replace(card, text=str(words))


CARDS: dict[str, Ask] = {
    "pfs": progression_free,
    "os": overall,
    "response": response,
    **courses.CARDS,
}
