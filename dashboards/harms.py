"""Safety: adverse events by kind, by term and worst grade, and laboratory grades before and after."""

from __future__ import annotations

from collections import Counter

from django.utils.text import Truncator

from dashboards.cards import SEE_TABLE, Ask, Card, Cell, Question, bars, nothing, percent
from dashboards.harms_facts import KINDS, Harms, graded_tests, harms, shifts, worst_grades
from eligibility.ctcae import CTCAE
from participants.models import ARMS
from records.text import Text

TERMS_DRAWN = 12
GRADES = (1, 2, 3, 4, 5)
LABORATORY_GRADES = (0, 1, 2, 3, 4)
SEVERE = 3

EVENTS = Text(
    "Submitted adverse events of participants whose treatment began; each participant once, by the worst grade",
    "已开始治疗受试者的已提交不良事件；每例按最高级别计一次",
)
SAMPLES = Text(
    "Submitted laboratory forms of participants whose treatment began: the last result of each test at screening, the "
    "worst after it (without a grade at screening nobody counts as having become worse)",
    "已开始治疗受试者的已提交检验表：各项目筛选期末次结果与其后最高级别（筛选期无分级者不计为恶化）",
)
KIND, TERM = Text("Adverse events", "不良事件"), Text("Term (CTCAE v4.03)", "术语（CTCAE 4.03）")
BY_KIND = Text(
    "{n} of {total} treated had an adverse event, {severe} of grade 3 or more",
    "已治疗{total}例中，{n}例发生不良事件，{severe}例达3级及以上",
)
BY_TERM = Text(
    "{term} is the most frequent adverse event, {n} of {total} treated",
    "最常见不良事件为{term}，{n}/{total}例",
)
NOT_CODED = Text("Not coded", "未编码")
OF_THE_TREATED = Text("% of the treated", "占已治疗者百分比")
TREATED = Text("Treated", "已治疗")
ANY_GRADE = Text("{arm}, any", "{arm}，任何级别")
GRADE = Text("{arm}, grade {grade}", "{arm}，{grade}级")
PARTS = Text("{arm}, %", "{arm}，%")
LABORATORY = Text("Laboratory grades", "检验分级")
WORSE = Text("{test} most often became grade 3 or 4 (participants: {n})", "{test}恶化至3～4级者最多，{n}例")
NONE_WORSE = Text("No laboratory result became grade 3 or 4", "无检验结果恶化至3～4级")
BECAME = Text("Became grade 3 or 4", "恶化至3～4级")
SHIFT = Text("{test}, {arm}, at screening {grade}", "{test}，{arm}，筛选期{grade}")
GRADE_IS = Text("grade {grade}", "{grade}级")
UNKNOWN = Text("no grade", "无分级")
WORST_AFTER = Text("Worst after: {grade}", "其后最高：{grade}")


def _part(number: int, whole: int) -> float:
    return round(100 * number / whole, 1) if whole else 0.0


def events(question: Question) -> Card:
    """How many treated participants had an adverse event of each kind."""
    found = question.kept(_harms)
    source = question.source(EVENTS)
    treated = {arm: found.treated.get(arm, 0) for arm in question.arms}
    if not any(treated.values()):
        return nothing("events", KIND, source)
    numbers = {kind: [found.of_kind.get(arm, {}).get(kind, 0) for arm in question.arms] for kind in KINDS}
    rows: list[tuple[Cell, ...]] = [(str(TREATED), *_beside(treated.values(), treated.values()))]
    rows += [(str(words), *_beside(numbers[kind], treated.values())) for kind, (words, _sql) in KINDS.items()]
    return Card(
        id="events",
        finding=str(
            BY_KIND.format(n=sum(numbers["any"]), total=sum(treated.values()), severe=sum(numbers["severe"]))
        ),
        data=bars(
            [str(words) for words, _sql in KINDS.values()],
            [
                (str(ARMS[arm]), [_part(numbers[kind][place], treated[arm]) for kind in KINDS])
                for place, arm in enumerate(question.arms)
            ],
            horizontal=True,
            x=str(OF_THE_TREATED),
        ),
        alt=str(SEE_TABLE.format(what=KIND)),
        columns=[
            str(KIND),
            *(str(words) for arm in question.arms for words in (ARMS[arm], PARTS.format(arm=ARMS[arm]))),
        ],
        rows=rows,
        source=source,
    )


def _harms(question: Question) -> Harms:
    return harms(question.view)


def _beside(numbers: object, wholes: object) -> list[Cell]:
    """Each number and its share of the whole, one after the other."""
    pairs = zip(list(numbers), list(wholes), strict=True)  # type: ignore[call-overload]
    return [cell for number, whole in pairs for cell in (number, percent(number, whole))]


def terms(question: Question) -> Card:
    """Adverse events by term, worst grade and arm, the most frequent first."""
    found, source = worst_grades(question.view), question.source(EVENTS)
    treated = question.kept(_harms).treated
    if not found:
        return nothing("events-by-term", TERM, source)
    order = sorted(found, key=lambda term: (-found[term].total(), term))
    labels = {term: str(_term(term)) for term in order}
    any_grade = {
        term: [sum(number for (of, _g), number in found[term].items() if of == arm) for arm in question.arms]
        for term in order
    }
    drawn = order[:TERMS_DRAWN]
    first = order[0]
    return Card(
        id="events-by-term",
        finding=str(
            BY_TERM.format(
                term=labels[first],
                n=sum(any_grade[first]),
                total=sum(treated.get(arm, 0) for arm in question.arms),
            )
        ),
        data=bars(
            [Truncator(labels[term]).chars(32) for term in drawn],
            [
                (
                    str(ARMS[arm]),
                    [_part(any_grade[term][place], treated.get(arm, 0)) for term in drawn],
                )
                for place, arm in enumerate(question.arms)
            ],
            horizontal=True,
            tall=True,
            x=str(OF_THE_TREATED),
        ),
        alt=str(SEE_TABLE.format(what=TERM)),
        columns=[
            str(TERM),
            *(
                str(words)
                for arm in question.arms
                for words in (
                    ANY_GRADE.format(arm=ARMS[arm]),
                    *(GRADE.format(arm=ARMS[arm], grade=grade) for grade in GRADES),
                )
            ),
        ],
        rows=[
            (
                labels[term],
                *(
                    cell
                    for place, arm in enumerate(question.arms)
                    for cell in (any_grade[term][place], *(found[term][arm, grade] for grade in GRADES))
                ),
            )
            for term in order
        ],
        source=source,
    )


def _term(code: str) -> Text:
    term = CTCAE.get(code)
    return term.words if term else Text(code, code) if code else NOT_CODED


def laboratory(question: Question) -> Card:
    """The shift table: the grade at screening against the worst after it, by test and arm."""
    found, source = shifts(question.view), question.source(SAMPLES)
    if not found:
        return nothing("laboratory-shift", LABORATORY, source)
    tests = [(name, label) for name, label in graded_tests() if any(key[0] == name for key in found)]
    became: dict[str, Counter[str]] = {name: Counter() for name, _label in tests}
    for (test, arm, before, after), number in found.items():
        # Of somebody without a grade before nobody knows what it has become from; the table has them apart.
        if after >= SEVERE and 0 <= before < after:
            became[test][arm] += number
    worst, words = max(tests, key=lambda one: became[one[0]].total())
    finding = WORSE.format(test=words, n=became[worst].total()) if became[worst] else NONE_WORSE
    rows: list[tuple[Cell, ...]] = []
    for name, label in tests:
        for arm in question.arms:
            for before in (*LABORATORY_GRADES, -1):
                numbers = [found[name, arm, before, after] for after in (*LABORATORY_GRADES, -1)]
                if any(numbers):
                    called = SHIFT.format(test=label, arm=ARMS[arm], grade=_grade(before))
                    rows.append((str(called), *numbers))
    return Card(
        id="laboratory-shift",
        finding=str(finding),
        data=bars(
            [str(label) for _name, label in tests],
            [(str(ARMS[arm]), [became[name][arm] for name, _label in tests]) for arm in question.arms],
            horizontal=True,
            stacked=True,
            tall=True,
            x=str(BECAME),
        ),
        alt=str(SEE_TABLE.format(what=BECAME)),
        columns=[
            str(LABORATORY),
            *(str(WORST_AFTER.format(grade=_grade(after))) for after in (*LABORATORY_GRADES, -1)),
        ],
        rows=rows,
        source=source,
    )


def _grade(grade: int) -> Text:
    return UNKNOWN if grade < 0 else GRADE_IS.format(grade=grade)


CARDS: dict[str, Ask] = {"events": events, "events-by-term": terms, "laboratory-shift": laboratory}
