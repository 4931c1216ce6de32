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
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from records.text import Text

ARMS = ("HAIC", "Y90")
BASES = ("R", "P")
SCHEDULES = Path(__file__).resolve().parent / "schedules"


class ScheduleFileError(ValueError):
    """A schedule file that cannot be used; `problems` holds one sentence per fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
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
        raise ScheduleFileError([f"This is not valid TOML: {error}."]) from error
    problems: list[str] = []
    schedule = _schedule(content, problems)
    if not problems:
        problems = _inconsistencies(schedule, known_forms)
    if problems:
        raise ScheduleFileError(problems)
    return schedule


class _Table:
    """Take values out of one TOML table, noting what is missing, of the wrong kind or unknown."""

    def __init__(self, content: object, where: str, problems: list[str]) -> None:
        self.where, self._problems, self._taken = where, problems, set[str]()
        self._content: Mapping[str, object] = {}
        if isinstance(content, dict):
            self._content = content
        else:
            self.complain("is not a table")

    def complain(self, what: str) -> None:
        self._problems.append(f"{self.where}: {what}.")

    def has(self, key: str) -> bool:
        return key in self._content

    def _take(self, key: str, required: bool) -> object:
        self._taken.add(key)
        if required and key not in self._content:
            self.complain(f"{key} is missing")
        return self._content.get(key)

    def text(self, key: str, *, required: bool = True, choices: Collection[str] = ()) -> str:
        value = self._take(key, required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.complain(f"{key} must be a text that is not empty")
            return ""
        if choices and value not in choices:
            self.complain(f"{key} is {value!r} and must be one of {', '.join(choices)}")
            return ""
        return value

    def whole(self, key: str, *, required: bool = True, least: int | None = None) -> int | None:
        value = self._take(key, required)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.complain(f"{key} must be a whole number")
            return None
        if least is not None and value < least:
            self.complain(f"{key} is {value} and must not be below {least}")
            return None
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, True)
        if value is not None and not isinstance(value, bool):
            self.complain(f"{key} must be true or false")
        return value is True

    def day(self, key: str) -> dt.date:
        value = self._take(key, True)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        if value is not None:
            self.complain(f"{key} must be a date such as 2031-08-01")
        return dt.date.max

    def words(self, key: str, *, required: bool = False, choices: Collection[str] = ()) -> tuple[str, ...]:
        value = self._take(key, required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.complain(f"{key} must be a list of texts")
            return ()
        for one in value:
            if choices and one not in choices:
                self.complain(f"{key} names {one!r}; possible are {', '.join(choices)}")
            if value.count(one) > 1:
                self.complain(f"{key} names {one!r} more than once")
                break
        return tuple(one for one in value if not choices or one in choices)

    def label(self) -> Text:
        return Text(self.text("label_en"), self.text("label_zh"))

    def tables(self, key: str, *, required: bool = False) -> list[object]:
        value = self._take(key, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.complain(f"{key} must be a list of tables")
            return []
        return value

    def inner(self, key: str) -> _Table:
        return _Table(self._take(key, True), f"{self.where}, {key}", self._problems)

    def finish(self) -> None:
        for key in self._content:
            if key not in self._taken:
                self.complain(f"{key} is not a word this file knows")


def _schedule(content: object, problems: list[str]) -> Schedule:
    head = _Table(content, "schedule", problems)
    series: list[SeriesDefinition] = []
    for index, one in enumerate(head.tables("series", required=True), start=1):
        table = _Table(one, f"series {index}", problems)
        series.append(SeriesDefinition(table.text("code"), table.label(), table.flag("on")))
        table.finish()
    visits: list[VisitDefinition] = []
    for index, one in enumerate(head.tables("visit", required=True), start=1):
        code = one.get("code") if isinstance(one, dict) else None
        table = _Table(one, f"visit {index} ({code or 'no code'})", problems)
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


def _visits(table: _Table) -> list[VisitDefinition]:
    """Read one [[visit]], written out as many times as it repeats."""
    arms = table.words("arms", choices=ARMS) or ARMS
    timings = [_timing(table, arms)] if table.has("anchor") else []
    for number, one in enumerate(table.tables("otherwise"), start=1):
        other = _Table(one, f"{table.where}, otherwise {number}", table._problems)
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


def _timing(table: _Table, arms: tuple[str, ...]) -> Timing | None:
    anchor = table.text("anchor", choices=[str(one) for one in Anchor])
    day_from, day_to = table.whole("day_from"), table.whole("day_to")
    before = table.whole("window_before", required=False, least=0)
    after = table.whole("window_after", required=False, least=0)
    if day_from is None or day_to is None or not anchor:
        return None
    if day_from > day_to:
        table.complain(f"day_from {day_from} is later than day_to {day_to}")
        return None
    return Timing(Anchor(anchor), day_from, day_to, before, after, arms)


def _repeated(definition: VisitDefinition, table: _Table) -> list[VisitDefinition]:
    repeat = table.inner("repeat")
    first, step = repeat.whole("first", least=1), repeat.whole("step", least=1)
    every, last_day = repeat.whole("every", least=1), repeat.whole("last_day")
    repeat.finish()
    if first is None or step is None or every is None or last_day is None:
        return []
    if "{n}" not in definition.code:
        table.complain("a repeated visit needs {n} in its code, where the number goes")
        return []
    if len(definition.timings) != 1:
        table.complain("a repeated visit has exactly one timing")
        return []
    start, found = definition.timings[0], []
    rounds = (last_day - start.day_from) // every + 1
    if rounds < 1:
        table.complain(f"last_day {last_day} lies before the first visit, day {start.day_from}")
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


def _inconsistencies(schedule: Schedule, known_forms: Collection[str] | None) -> list[str]:
    problems: list[str] = []
    codes = [one.code for one in schedule.visits]
    series = [one.code for one in schedule.series]
    orders: dict[int, str] = {}
    for name, found in (("visit", codes), ("series", series)):
        problems += [
            f"{name} {one}: the code is used twice." for one in sorted(set(found)) if found.count(one) > 1
        ]
    for visit in schedule.visits:
        where = f"visit {visit.code}"
        if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", visit.code):
            problems.append(f"{where}: a code is made of capitals and digits, joined by hyphens.")
        if orders.setdefault(visit.order, visit.code) != visit.code:
            problems.append(f"{where}: order {visit.order} is also that of visit {orders[visit.order]}.")
        for one in {visit.series, *visit.after_series} - set(series):
            problems.append(f"{where}: there is no series {one!r}.")
        for one in (*visit.same_as, *visit.covered_by):
            if one not in codes or one == visit.code:
                problems.append(
                    f"{where}: it names the visit {one!r}, which is not another visit of this file."
                )
        for one in set(visit.forms) & set(visit.optional):
            problems.append(f"{where}: the form {one!r} is both due and optional.")
        for one in (*visit.forms, *visit.optional):
            if known_forms is not None and one not in known_forms:
                problems.append(f"{where}: there is no form {one!r}.")
    return problems
