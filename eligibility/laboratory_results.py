"""What is worked out for each laboratory result: the limits it is held against, its flag and its CTCAE grade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from eligibility import codelists
from eligibility.lab_grades import TEST_OF_ITEM, ImpossibleLabGrade, LabGrade
from eligibility.reference_limits import limits_of
from eligibility.reference_ranges import RangeVersion, limits_for
from eligibility.reported import Reported, flag, grade_reported
from participants.dates import BornAfterwards, PartialDate, age_if_certain
from records import clock
from records.definition import Derived
from records.findings import Finding, Level
from records.items import Item
from records.results import ABNORMAL, TYPED, ReportedItem
from records.text import Text

Answers = Mapping[str, Any]
Ranges = Mapping[str, tuple[RangeVersion, ...]]  # of one laboratory, by test

SERIOUS_GRADE = 3
ITEM_OF_TEST = {test: item for item, test in TEST_OF_ITEM.items()}
AS_PRINTED = Text("As printed on the report.", "按检验报告单。")
NO_RESULT = Text("No result.", "无结果。")
NOTHING = Derived(None, NO_RESULT)
ADDED = ("_c", "_lo", "_hi", "_ls", "_fl", "_cs", "_gr")
LIMIT_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one result: in the unit reported, and in the unit the rules compare in (`rule_lower` …)."""

    lower: Decimal | None
    upper: Decimal | None
    rule_lower: Decimal | None
    rule_upper: Decimal | None
    source: str | None
    reason: Text


@dataclass(frozen=True, slots=True)
class Person:
    """Whose result it is: sex, age in completed years on the day of the sample where certain, and that day."""

    sex: str | None
    age: int | None
    day: date


def person_of(answers: Answers, context: Answers) -> Person:
    """Say who was sampled when; today where the day of the sample is not entered."""
    day = clock.day(answers["lbdtc"]) if answers.get("lbdtc") else context["today"]
    born, age = context.get("brthdtc"), None
    if born:
        try:
            age = age_if_certain(PartialDate.parse(born), day)
        except BornAfterwards:
            age = None
    return Person(context.get("sex"), age, day)


def ranges_of(answers: Answers, context: Answers) -> Ranges:
    """Give the ranges of the laboratory chosen, or of the site's only one while none is."""
    laboratories = context.get("laboratories") or {}
    chosen = answers.get("lblab") or (next(iter(laboratories)) if len(laboratories) == 1 else None)
    return laboratories[chosen].ranges if chosen in laboratories else {}


def limits_used(item: ReportedItem, answers: Answers, ranges: Ranges, person: Person) -> Limits:
    """Give the limits a result is, or would be, held against: those typed, else its laboratory's, else the usual.

    What was typed over on one side leaves the other side to the laboratory's range. Limits in another unit than
    the result's are converted exactly for the rules, and to six decimal places for the report's unit.
    """
    unit = item.unit_of(answers)
    factor = item.factor(unit)
    convertible = [one for one in _units(item) if one == unit or (factor and item.factor(one))]
    found = limits_for(
        ranges.get(item.name, ()),
        test=item.name,
        usual=TEST_OF_ITEM.get(item.name),
        usual_unit=item.unit,
        sex=person.sex,
        age=person.age,
        day=person.day,
        units=convertible if unit is not None else (),
    )
    own = item.factor(found.unit) or Decimal(1)
    sides = []
    typed_over = answers.get(f"{item.name}_ls") in (None, TYPED)
    for behind, given in (("_lo", found.lower), ("_hi", found.upper)):
        typed = answers.get(f"{item.name}{behind}") if typed_over else None
        if typed is not None:
            sides.append((typed, typed * (factor or 1), True))
        elif given is None or found.unit == unit:
            sides.append((given, None if given is None else given * own, False))
        else:
            sides.append((_in_unit(given * own, factor or Decimal(1)), given * own, False))
    (lower, rule_lower, typed_lower), (upper, rule_upper, typed_upper) = sides
    if typed_lower or typed_upper:
        return Limits(lower, upper, rule_lower, rule_upper, TYPED, AS_PRINTED)
    return Limits(lower, upper, rule_lower, rule_upper, found.source, found.reason)


def limits_on_page(item: ReportedItem, answers: Answers, context: Answers) -> Limits:
    """Give the limits of a result, entered or not, as the form's page shows them."""
    return limits_used(item, answers, ranges_of(answers, context), person_of(answers, context))


def _units(item: ReportedItem) -> Iterable[str]:
    return getattr(item, "units", None) or (item.unit,)


def _in_unit(value: Decimal, factor: Decimal) -> Decimal:
    return (value / factor).quantize(LIMIT_PLACES, ROUND_HALF_UP).normalize()


def reported(item: ReportedItem, answers: Answers) -> Reported | None:
    """Give a result as the rules compare it: in the first unit where it can be converted."""
    value = answers.get(item.name)
    if value is None:
        return None
    return Reported(value * (item.factor(item.unit_of(answers)) or 1), answers.get(f"{item.name}_c"))


def derive_results(items: Iterable[Item], answers: Answers, context: Answers) -> dict[str, Derived]:
    """Compute limits, flag and grade of every result; empties what belongs to no result, or to a normal one."""
    person, ranges = person_of(answers, context), ranges_of(answers, context)
    found: dict[str, Derived] = {}
    for item in items:
        if isinstance(item, ReportedItem):
            for behind, derived in _one(item, answers, ranges, person, context):
                found[f"{item.name}{behind}"] = derived
    return found


def _one(
    item: ReportedItem, answers: Answers, ranges: Ranges, person: Person, context: Answers
) -> Iterator[tuple[str, Derived]]:
    result = reported(item, answers)
    if result is None:
        yield from ((behind, NOTHING) for behind in ADDED if behind != "_gr" or item.graded)
        return
    limits = limits_used(item, answers, ranges, person)
    in_order = not contradict(limits)
    found = flag(result, limits.rule_lower, limits.rule_upper) if in_order else None
    yield "_lo", Derived(limits.lower, limits.reason)
    yield "_hi", Derived(limits.upper, limits.reason)
    yield "_ls", Derived(limits.source, limits.reason)
    yield "_fl", Derived(found, limits.reason)
    if found not in ABNORMAL:
        yield "_cs", Derived(None, Text("The result is not abnormal.", "结果无异常。"))
    if item.graded:
        graded = _grade(item.name, result, limits, context) if in_order else None
        yield "_gr", Derived(graded.grade, graded.reason) if graded else NOTHING


def contradict(limits: Limits) -> bool:
    return limits.lower is not None and limits.upper is not None and limits.lower >= limits.upper


def _grade(name: str, result: Reported, limits: Limits, context: Answers) -> LabGrade | None:
    """Grade a result; None where it cannot occur: its range check refuses it."""
    test = TEST_OF_ITEM[name]
    try:
        return grade_reported(
            test,
            result,
            lower=limits.rule_lower or None,
            upper=limits.rule_upper or None,
            baseline=context.get("crea_baseline") if test == "CREAT" else None,
        )
    except ImpossibleLabGrade:
        return None


def check_results(items: Iterable[Item], answers: Answers, context: Answers) -> Iterator[Finding]:
    """Refuse limits out of order, and a result whose unit has to be said and is not."""
    order = Text(
        "{label}: the lower limit {low} must be below the upper limit {high}. Check both.",
        "{label}：参考值下限（{low}）应低于上限（{high}），请核对两者。",
    )
    for item in items:
        if not isinstance(item, ReportedItem) or answers.get(item.name) is None:
            continue
        if item.unit_of(answers) is None:
            words = Text("Choose the unit of {label}.", "请选择{label}的单位。").format(label=item.label)
            yield Finding(f"{item.name}_u", Level.HARD, words)
        low, high = answers.get(f"{item.name}_lo"), answers.get(f"{item.name}_hi")
        if low is not None and high is not None and low >= high:
            words = order.format(label=item.label, low=plain(low), high=plain(high))
            yield Finding(f"{item.name}_lo", Level.HARD, words)


def lab_grades(answers: Answers, sex: str | None) -> list[LabGrade]:
    """List the CTCAE v4.03 grades of all tests with a result, in the order of the code list.

    Results of the laboratory form bring their grade; those of a screening log, which knows neither laboratory
    nor report, are graded by the usual limits. A value that cannot occur is not graded.
    """
    graded = []
    for code in codelists.LAB_TESTS.values:
        name = ITEM_OF_TEST[code]
        value = answers.get(f"{name}_si", answers.get(name))
        if value is None:
            continue
        stored = answers.get(f"{name}_gr")
        if stored is not None or answers.get(f"{name}_ls") is not None:
            graded.append(LabGrade(code, stored, NO_RESULT))
            continue
        usual = limits_of(code, sex)
        try:
            result = Reported(value, answers.get(f"{name}_c"))
            graded.append(grade_reported(code, result, lower=usual.lower, upper=usual.upper))
        except ImpossibleLabGrade:
            continue
    return graded


def summary(derived: Mapping[str, Derived]) -> dict[str, Derived]:
    """Give the highest CTCAE grade among the results, and the tests of grade 3 or more."""
    grades = {
        code: one.value
        for code in codelists.LAB_TESTS.values
        if (one := derived[f"{ITEM_OF_TEST[code]}_gr"]).value is not None
    }
    if not grades:
        reason = Text("No graded result.", "尚无可分级的结果。")
        return {"lbtoxgr": Derived(None, reason), "lbtoxg3": Derived(None, reason)}
    worst = max(grades.values())
    highest = Text.join(
        [codelists.LAB_TESTS.label(c) for c, grade in grades.items() if grade == worst], zh="、"
    )
    reason = (
        Text("Grade {grade}: {tests}.", "{grade}级：{tests}。").format(grade=worst, tests=highest)
        if worst
        else Text("Within the reference limits.", "均在参考范围内。")
    )
    serious = [code for code, grade in grades.items() if grade >= SERIOUS_GRADE]
    return {"lbtoxgr": Derived(worst, reason), "lbtoxg3": Derived(serious or None, reason)}


def plain(number: Decimal) -> str:
    """Write a number without trailing zeros."""
    return f"{number.normalize():f}"
