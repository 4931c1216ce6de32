"""The schedule of visits as data: the shape of a schedule file, and its reader.

A schedule file (participants/schedules/v1.toml) is written by the trial's data managers: one
`[[visit]]` per planned visit with its labels, timing, window and the forms due at it. This module
turns such a file into plain dataclasses and says clearly what is wrong with it. What the dates are
for one participant is worked out in followup/schedule.py.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from participants.toml_table import TomlTable
from records.text import Text

ARMS = ("HAIC", "Y90")
BASES = ("R", "P")
SCHEDULES = Path(__file__).resolve().parent / "schedules"

# What a stored visit has room for (participants.models.Visit).
LONGEST_CODE, LONGEST_SERIES, LONGEST_LABEL, LAST_ORDER = 10, 12, 80, 9999
NEEDED_VISITS = ("SCR", "UNS", "LOG")

NOT_TOML = Text("This is not valid TOML: {error}.", "不是有效的TOML文件：{error}。")
SERIES_NUMBER = Text("series {number}", "系列{number}")
VISIT_NUMBER = Text("visit {number} ({code})", "访视{number}（{code}）")
NO_CODE = Text("no code", "无代码")
OTHERWISE = Text(", otherwise {number}", "，otherwise {number}")
DAYS_TURNED = Text("day_from {first} is later than day_to {last}", "day_from {first}晚于day_to {last}")
NO_NUMBER_IN_CODE = Text(
    "a repeated visit needs {n} in its code, where the number goes", "重复访视的代码须含有{n}，表示序号"
)
ONE_TIMING = Text("a repeated visit has exactly one timing", "重复访视只能有一个时间设定")
ENDS_BEFORE = Text(
    "last_day {last} lies before the first visit, day {first}", "last_day {last}早于首次访视（第{first}天）"
)
OF_VISIT = Text("visit {code}: ", "访视{code}：")
OF_SERIES = Text("series {code}: ", "系列{code}：")
CODE_TWICE = Text("the code is used twice.", "代码重复使用。")
CODE_FORM = Text(
    "a code is made of capitals and digits, joined by hyphens.", "代码须由大写字母和数字组成，以连字符连接。"
)
CODE_TOO_LONG = Text("a code has at most {longest} characters.", "代码不能超过{longest}个字符。")
LABEL_TOO_LONG = Text("a label has at most {longest} characters.", "名称不能超过{longest}个字符。")
ORDER_TWICE = Text("order {order} is also that of visit {other}.", "顺序号{order}与访视{other}相同。")
ORDER_TOO_HIGH = Text("order {order} is higher than {last}.", "顺序号{order}大于{last}。")
NO_SERIES = Text("there is no series '{code}'.", "没有系列“{code}”。")
NO_OTHER_VISIT = Text(
    "it names the visit '{code}', which is not another visit of this file.",
    "所引用的访视“{code}”不是本文件中的其他访视。",
)
EACH_OTHER = Text(
    "it and the visit {code} would each leave the place to the other.", "它与访视{code}互相替代。"
)
DUE_AND_OPTIONAL = Text("the form '{code}' is both due and optional.", "表单“{code}”既为必填又为可填。")
NO_FORM = Text("there is no form '{code}'.", "没有表单“{code}”。")
NEEDED = Text("The trial needs a visit with the code {code}.", "本研究必须有代码为{code}的访视。")
SCREENING_FROM_CONSENT = Text(
    "visit SCR: screening is for both arms and counted from CONSENT.",
    "访视SCR：筛选适用于两组，并自CONSENT（知情同意）起计算。",
)
NO_HEADER = Text(
    "the form SV is missing among its forms; a visit is done when SV says so.",
    "必填表单中缺少SV；访视是否完成由SV确定。",
)


class ScheduleFileError(ValueError):
    """A schedule file that cannot be used; `problems` holds one sentence per fault."""

    def __init__(self, problems: list[Text]) -> None:
        super().__init__("\n".join(problem.en for problem in problems))
        self.problems = problems


class Anchor(StrEnum):
    """Dates of a participant from which visits are counted.

    A0 arm assignment; A1 index procedure (Y-90 infusion, or the end of the last HAIC cycle);
    A2 hepatectomy; Cn_START and Cn_END first infusion and catheter removal of HAIC cycle n;
    MAP the latest Y-90 mapping; EOT and EOS the decision to end treatment or study.
    Source: protocol specification section 7.2.
    """

    CONSENT = "CONSENT"
    A0 = "A0"
    A1 = "A1"
    A2 = "A2"
    C1_START = "C1_START"
    C2_START = "C2_START"
    C3_START = "C3_START"
    C4_START = "C4_START"
    C1_END = "C1_END"
    C2_END = "C2_END"
    C3_END = "C3_END"
    C4_END = "C4_END"
    MAP = "MAP"
    EOT = "EOT"
    EOS = "EOS"


class Ending(StrEnum):
    """What makes a visit that has not begun unnecessary.

    A2: hepatectomy, for visits aimed later than some days before it; PROGRESSION: first progression or
    recurrence, for visits aimed after it; NOT_RESECTABLE: the decision against hepatectomy, at once;
    END_OF_TREATMENT: the end of treatment (EOT), at once.
    """

    A2 = "A2"
    PROGRESSION = "PROGRESSION"
    NOT_RESECTABLE = "NOT_RESECTABLE"
    END_OF_TREATMENT = "END_OF_TREATMENT"


@dataclass(frozen=True, slots=True)
class Timing:
    """When a visit is aimed at: days from an anchor, and how far either side its window reaches.

    The window runs from `day_from - window_before` to `day_to + window_after`, both days included;
    None means that side has no limit. `arms` are the arms this timing is for.
    """

    anchor: Anchor
    day_from: int
    day_to: int
    window_before: int | None
    window_after: int | None
    arms: tuple[str, ...] = ARMS


@dataclass(frozen=True, slots=True)
class VisitDefinition:
    """One planned visit of the trial, with the forms due at it and those that may be entered there.

    `timings` in order of preference: the first whose anchor is known and whose arm fits counts; empty for
    a visit that is never planned (unscheduled). `same_as`: not planned while one of these visits is in force
    for the participant. `covered_by`: not planned when one of these falls inside its window. `after_series`:
    planned only later than the last visit of those series. `min_cycles`: planned only when that many HAIC
    cycles are planned. `order` is also the visit number.
    """

    code: str
    label: Text
    series: str
    basis: str
    order: int
    arms: tuple[str, ...]
    forms: tuple[str, ...]
    timings: tuple[Timing, ...]
    optional: tuple[str, ...] = ()
    ends_at: tuple[Ending, ...] = ()
    same_as: tuple[str, ...] = ()
    covered_by: tuple[str, ...] = ()
    after_series: tuple[str, ...] = ()
    min_cycles: int = 0


@dataclass(frozen=True, slots=True)
class SeriesDefinition:
    """A group of visits that the sponsor may switch on or off as one."""

    code: str
    label: Text
    on: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """A version of the schedule; repeated visits are written out, each under its own code."""

    version: str
    study_end: dt.date
    closing_days: int
    supersede_margin_days: int
    progression_ends_imaging: bool
    series: tuple[SeriesDefinition, ...]
    visits: tuple[VisitDefinition, ...]

    def visit(self, code: str) -> VisitDefinition:
        """Return the definition of a visit; KeyError names a code the schedule does not have."""
        for definition in self.visits:
            if definition.code == code:
                return definition
        raise KeyError(code)

    def series_on(self) -> frozenset[str]:
        """Return the codes of the series switched on by this version."""
        return frozenset(one.code for one in self.series if one.on)

    def forms_of(self, code: str) -> tuple[str, ...]:
        """Return the codes of the forms due at a visit, in the order of the file."""
        return self.visit(code).forms


def load(path: Path, known_forms: Collection[str] | None = None) -> Schedule:
    """Read a schedule file.

    `known_forms`: the form codes the trial has; with None they are not checked. Raises ScheduleFileError
    naming every fault, OSError when the file cannot be opened.
    """
    return parse(path.read_text(encoding="utf-8"), known_forms)


def parse(source: str, known_forms: Collection[str] | None = None) -> Schedule:
    """Read the text of a schedule file; see `load`."""
    try:
        content = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleFileError([NOT_TOML.format(error=error)]) from error
    problems: list[Text] = []
    schedule = _schedule(content, problems)
    if not problems:
        problems = _inconsistencies(schedule, known_forms)
    if problems:
        raise ScheduleFileError(problems)
    return schedule


def _schedule(content: object, problems: list[Text]) -> Schedule:
    head = TomlTable(content, Text("schedule", "访视计划"), problems)
    series: list[SeriesDefinition] = []
    for index, one in enumerate(head.tables("series", required=True), start=1):
        table = TomlTable(one, SERIES_NUMBER.format(number=index), problems)
        series.append(SeriesDefinition(table.text("code"), table.label(), table.flag("on")))
        table.finish()
    visits: list[VisitDefinition] = []
    for index, one in enumerate(head.tables("visit", required=True), start=1):
        code = one.get("code") if isinstance(one, dict) else None
        table = TomlTable(one, VISIT_NUMBER.format(number=index, code=code or NO_CODE), problems)
        visits.extend(_visits(table))
        table.finish()
    schedule = Schedule(
        version=head.text("version"),
        study_end=head.day("study_end"),
        closing_days=head.whole("closing_days", least=0) or 0,
        supersede_margin_days=head.whole("supersede_margin_days", least=0) or 0,
        progression_ends_imaging=head.flag("progression_ends_imaging"),
        series=tuple(series),
        visits=tuple(visits),
    )
    head.finish()
    return schedule


def _visits(table: TomlTable) -> list[VisitDefinition]:
    """Read one [[visit]], written out as many times as it repeats."""
    arms = table.words("arms", choices=ARMS) or ARMS
    timings = [_timing(table, arms)] if table.has("anchor") else []
    for number, one in enumerate(table.tables("otherwise"), start=1):
        other = TomlTable(one, table.where + OTHERWISE.format(number=number), table.problems)
        timings.append(_timing(other, other.words("arms", choices=ARMS) or arms))
        other.finish()
    definition = VisitDefinition(
        code=table.text("code"),
        label=table.label(),
        series=table.text("series"),
        basis=table.text("basis", choices=BASES),
        order=table.whole("order", least=1) or 0,
        arms=arms,
        forms=table.words("forms", required=True),
        timings=tuple(one for one in timings if one is not None),
        optional=table.words("optional"),
        ends_at=tuple(Ending(one) for one in table.words("ends_at", choices=[str(one) for one in Ending])),
        same_as=table.words("same_as"),
        covered_by=table.words("covered_by"),
        after_series=table.words("after_series"),
        min_cycles=table.whole("min_cycles", required=False, least=1) or 0,
    )
    if not table.has("repeat"):
        return [definition]
    return _repeated(definition, table)


def _timing(table: TomlTable, arms: tuple[str, ...]) -> Timing | None:
    anchor = table.text("anchor", choices=[str(one) for one in Anchor])
    day_from, day_to = table.whole("day_from"), table.whole("day_to")
    before = table.whole("window_before", required=False, least=0)
    after = table.whole("window_after", required=False, least=0)
    if day_from is None or day_to is None or not anchor:
        return None
    if day_from > day_to:
        table.complain(DAYS_TURNED.format(first=day_from, last=day_to))
        return None
    return Timing(Anchor(anchor), day_from, day_to, before, after, arms)


def _repeated(definition: VisitDefinition, table: TomlTable) -> list[VisitDefinition]:
    repeat = table.inner("repeat")
    first, step = repeat.whole("first", least=1), repeat.whole("step", least=1)
    every, last_day = repeat.whole("every", least=1), repeat.whole("last_day")
    repeat.finish()
    if first is None or step is None or every is None or last_day is None:
        return []
    if "{n}" not in definition.code:
        table.complain(NO_NUMBER_IN_CODE)
        return []
    if len(definition.timings) != 1:
        table.complain(ONE_TIMING)
        return []
    start, found = definition.timings[0], []
    rounds = (last_day - start.day_from) // every + 1
    if rounds < 1:
        table.complain(ENDS_BEFORE.format(last=last_day, first=start.day_from))
    for turn in range(rounds):
        number, shift = str(first + turn * step), turn * every
        label = Text(definition.label.en.replace("{n}", number), definition.label.zh.replace("{n}", number))
        timing = replace(start, day_from=start.day_from + shift, day_to=start.day_to + shift)
        found.append(
            replace(
                definition,
                code=definition.code.replace("{n}", number),
                label=label,
                order=definition.order + turn,
                timings=(timing,),
            )
        )
    return found


def _inconsistencies(schedule: Schedule, known_forms: Collection[str] | None) -> list[Text]:
    problems: list[Text] = []
    codes = [one.code for one in schedule.visits]
    series = [one.code for one in schedule.series]
    orders: dict[int, str] = {}
    for where, found in ((OF_VISIT, codes), (OF_SERIES, series)):
        problems += [
            where.format(code=one) + CODE_TWICE for one in sorted(set(found)) if found.count(one) > 1
        ]
    for group in schedule.series:
        problems += _too_long(OF_SERIES.format(code=group.code), group.code, group.label, LONGEST_SERIES)
    by_code = {visit.code: visit for visit in schedule.visits}
    for visit in schedule.visits:
        said: list[Text] = []
        if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", visit.code):
            said.append(CODE_FORM)
        if orders.setdefault(visit.order, visit.code) != visit.code:
            said.append(ORDER_TWICE.format(order=visit.order, other=orders[visit.order]))
        if visit.order > LAST_ORDER:
            said.append(ORDER_TOO_HIGH.format(order=visit.order, last=LAST_ORDER))
        said += [
            NO_SERIES.format(code=one) for one in sorted({visit.series, *visit.after_series} - set(series))
        ]
        for one in (*visit.same_as, *visit.covered_by):
            if one not in codes or one == visit.code:
                said.append(NO_OTHER_VISIT.format(code=one))
            elif visit.code in (*by_code[one].same_as, *by_code[one].covered_by):
                said.append(EACH_OTHER.format(code=one))
        said += [DUE_AND_OPTIONAL.format(code=one) for one in sorted(set(visit.forms) & set(visit.optional))]
        for one in (*visit.forms, *visit.optional):
            if known_forms is not None and one not in known_forms:
                said.append(NO_FORM.format(code=one))
        where = OF_VISIT.format(code=visit.code)
        problems += [where + one for one in said]
        problems += _too_long(where, visit.code, visit.label, LONGEST_CODE)
    return problems


def _too_long(where: Text, code: str, label: Text, longest: int) -> list[Text]:
    """Say what a stored visit has no room for."""
    said = [where + CODE_TOO_LONG.format(longest=longest)] if len(code) > longest else []
    if max(len(label.en), len(label.zh)) > LONGEST_LABEL:
        said.append(where + LABEL_TOO_LONG.format(longest=LONGEST_LABEL))
    return said


def lacks(schedule: Schedule) -> list[Text]:
    """Say what the trial needs and a schedule does not have; nothing for one that can be followed.

    Registration begins the visit SCR and opens the forms kept throughout the study (LOG); UNS is what an
    unscheduled visit is made of; a visit is done when its visit header (SV) says so.
    """
    by_code = {visit.code: visit for visit in schedule.visits}
    problems = [NEEDED.format(code=code) for code in NEEDED_VISITS if code not in by_code]
    screening = by_code.get("SCR")
    if screening is not None and not (
        screening.arms == ARMS and any(one.anchor is Anchor.CONSENT for one in screening.timings)
    ):
        problems.append(SCREENING_FROM_CONSENT)
    problems += [
        OF_VISIT.format(code=visit.code) + NO_HEADER
        for visit in schedule.visits
        if (visit.timings or visit.code == "UNS") and "SV" not in visit.forms
    ]
    return problems
