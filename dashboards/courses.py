"""How each participant's tumour and course went: waterfall, spider and swimmer plots; exploratory."""

from __future__ import annotations

from dashboards.cards import SEE_TABLE, Ask, Card, Cell, Question, nothing
from dashboards.efficacy_facts import ENDPOINTS, EXPLORATORY, Course, read
from followup.codelists import CRITERIA
from followup.endpoints.deriving import DAYS_PER_MONTH, Rule
from participants.models import ARMS
from records.text import Text

MOST_DRAWN = 300
DRAWN = Text(" The first {most} are drawn; the table has all.", "图中仅显示前{most}例，表格列出全部。")
SIZES = Text(
    "Sums of diameters by {criteria}, submitted imaging read by the investigator, until hepatectomy",
    "按{criteria}的直径总和，研究者评价的已提交影像，截至肝切除术",
)
MONTHS = Text("Months from assignment", "自分组起月数")
CHANGE = Text("Best change of the sum of diameters, %", "直径总和最佳变化，%")
CHANGE_FINDING = Text(
    "The sum of diameters shrank by 30 % or more in {n} of {total}", "{total}例中{n}例直径总和缩小≥30%"
)
OVER_TIME = Text("Change of the sum of diameters, %", "直径总和变化，%")
OVER_TIME_FINDING = Text("Tumour sizes of {n} participants over time", "{n}例受试者的肿瘤大小变化")
COURSES = Text("Course of each participant", "各受试者病程")
COURSES_FINDING = Text(
    "{n} participants: {progressed} progressed, {died} died", "{n}例：{progressed}例进展，{died}例死亡"
)
SEGMENTS = (
    Text("Before response", "缓解前"),
    Text("In response", "缓解期"),
    Text("After progression", "进展后"),
)
PARTICIPANT, ARM, DAY = Text("Participant", "受试者"), Text("Arm", "组别"), Text("Day", "天数")
FOLLOWED, DIED = Text("Followed, months", "随访月数"), Text("Died", "死亡")
YES, NO = Text("yes", "是"), Text("no", "否")


def waterfall(question: Question) -> Card:
    """The best change of each participant's tumours, the largest growth first."""
    found = [(course, course.best_change) for course in question.kept(read)]
    known = sorted(
        ((course, change) for course, change in found if change is not None),
        key=lambda one: (-one[1], one[0].number),
    )
    source = _sizes(question)
    if not known:
        return nothing("waterfall", CHANGE, source)
    drawn = known[:MOST_DRAWN]
    return Card(
        id="waterfall",
        finding=str(
            CHANGE_FINDING.format(n=sum(change <= -30 for _course, change in known), total=len(known))
        ),
        text=str(_caution(len(known))),
        data={
            "type": "bar",
            "labels": [course.number for course, _change in drawn],
            "stacked": True,
            "y": str(CHANGE),
            "series": [
                {
                    "label": str(ARMS[arm]),
                    "data": [round(change, 1) if course.arm == arm else None for course, change in drawn],
                    "colour": place + 1,
                }
                for place, arm in enumerate(question.arms)
            ],
        },
        alt=str(SEE_TABLE.format(what=CHANGE)),
        columns=[str(PARTICIPANT), str(ARM), str(CHANGE)],
        rows=[(course.number, str(ARMS[course.arm]), f"{change:+.1f}") for course, change in known],
        source=source,
    )


def _sizes(question: Question) -> str:
    return question.source(SIZES.format(criteria=CRITERIA.label(question.settings["response_criteria"])))


def _caution(number: int) -> Text:
    return EXPLORATORY + (DRAWN.format(most=MOST_DRAWN) if number > MOST_DRAWN else Text("", ""))


def spider(question: Question) -> Card:
    """The size of each participant's tumours over time."""
    known = [course for course in question.kept(read) if course.changes]
    source = _sizes(question)
    if not known:
        return nothing("spider", OVER_TIME, source)
    rows: list[tuple[Cell, ...]] = [
        (course.number, str(ARMS[course.arm]), day, f"{change:+.1f}")
        for course in known
        for day, change in course.changes
    ]
    places = {arm: place + 1 for place, arm in enumerate(ARMS)}
    return Card(
        id="spider",
        finding=str(OVER_TIME_FINDING.format(n=len(known))),
        text=str(_caution(len(known))),
        data={
            "type": "xy",
            "x": str(MONTHS),
            "y": str(OVER_TIME),
            "each": True,
            "series": [
                {
                    "label": f"{course.number}, {ARMS[course.arm]}",
                    "data": [
                        {"x": round(day / float(DAYS_PER_MONTH), 2), "y": round(change, 1)}
                        for day, change in ((0, 0.0), *course.changes)
                    ],
                    "colour": places[course.arm],
                    "width": 1,
                    "still": course.arm == "HAIC",
                }
                for course in known[:MOST_DRAWN]
            ],
        },
        alt=str(SEE_TABLE.format(what=OVER_TIME)),
        columns=[str(PARTICIPANT), str(ARM), str(DAY), str(OVER_TIME)],
        rows=rows,
        source=source,
    )


def swimmer(question: Question) -> Card:
    """Each participant's time from assignment: before a response, in response, after progression."""
    known = [(course, segments) for course in question.kept(read) if (segments := _segments(course))]
    known.sort(key=lambda one: (-sum(one[1]), one[0].number))
    source = question.source(ENDPOINTS.format(criteria=CRITERIA.label(question.settings["pfs_criteria"])))
    if not known:
        return nothing("swimmer", COURSES, source)
    drawn = known[:MOST_DRAWN]
    died = sum(bool(course.overall and course.overall.event) for course, _segments in known)
    return Card(
        id="swimmer",
        finding=str(
            COURSES_FINDING.format(
                n=len(known), progressed=sum(_progressed(course) for course, _s in known), died=died
            )
        ),
        text=str(_caution(len(known))),
        data={
            "type": "bar",
            "labels": [course.number for course, _segments in drawn],
            "horizontal": True,
            "stacked": True,
            "tall": True,
            "x": str(MONTHS),
            "series": [
                {
                    "label": str(words),
                    "data": [round(parts[place], 1) for _course, parts in drawn],
                    "colour": colour,
                }
                for place, (words, colour) in enumerate(zip(SEGMENTS, (1, 3, 6), strict=True))
            ],
        },
        alt=str(SEE_TABLE.format(what=COURSES)),
        columns=[str(PARTICIPANT), str(ARM), *(str(words) for words in SEGMENTS), str(FOLLOWED), str(DIED)],
        rows=[
            (
                course.number,
                str(ARMS[course.arm]),
                *(f"{part:.1f}" for part in parts),
                f"{sum(parts):.1f}",
                str(YES if course.overall and course.overall.event else NO),
            )
            for course, parts in known
        ],
        source=source,
    )


def _progressed(course: Course) -> bool:
    end = course.progression_free
    return end is not None and end.event and end.rule is not Rule.DEATH


def _segments(course: Course) -> tuple[float, float, float] | None:
    """Months before the response or progression, in response, and after progression; None where nothing is known."""
    if course.overall is None or course.progression_free is None or course.a0 is None:
        return None
    end = max(course.overall.date, course.progression_free.date)
    progressed = course.progression_free.date if _progressed(course) else end
    responded = (
        course.responded_on if course.responded_on and course.responded_on <= progressed else progressed
    )
    months = [
        (to - since).days / float(DAYS_PER_MONTH)
        for since, to in ((course.a0, responded), (responded, progressed), (progressed, end))
    ]
    return months[0], months[1], months[2]


CARDS: dict[str, Ask] = {"waterfall": waterfall, "spider": spider, "swimmer": swimmer}
