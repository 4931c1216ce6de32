"""The data dictionary as written in docs/dictionary/: read, and refused where it cannot be understood.

Shapes: one `Field` for each field, in the order of the files; a pattern such as `{wbc neut}_lo` gives one for
each. Columns and notation are described in docs/dictionary.md.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

COLUMNS: Final = (
    "FORM", "NAME", "ITEM", "LABEL_EN", "LABEL_ZH", "TYPE", "UNIT", "CODES", "REQUIRED", "SHOWN", "HARD", "SOFT",
    "MISSING", "NOTE",
)  # fmt: skip
NOT_FORMS: Final = ("forms", "groups", "pending")
PRODUCT_ONLY: Final = "PRODUCT-ONLY"
# What conditions read besides the items of their own form.
CONTEXT: Final = frozenset(
    [
        "arm",
        "childpot",
        "cnlc",
        "follow_up",
        "gate",
        "hbsag_scr",
        "hbv",
        "hcv",
        "hcvab_scr",
        "later_cycle",
        "resected",
        "series",
        "severe",
        "sex",
        "site_labs",
        "virology",
        "visit_code",
    ]
)
MISSING_REASONS: Final = ("ND", "NK", "NA")
TYPES: Final = re.compile(
    r"(derived )?((text|longtext|decimal|measured)\([0-9]+\)|decimal|integer|code|multicode|date|datetime|"
    r"partialdate|time|file|listed|user|e-signature)"
)

UNANSWERED: Final = "–"  # among the codes of a condition: no answer (yet)

Codes = tuple[tuple[str, str, str], ...]  # code, English, Chinese
Range = tuple[Decimal | None, Decimal | None]
OPEN: Final[Range] = (None, None)


class NotUnderstood(ValueError):
    """A cell of the dictionary that does not follow its notation; the message names the cell."""


Answers = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Condition:
    """True where, in one of the alternatives, each named answer is one of its codes; never without alternatives."""

    alternatives: tuple[Answers, ...]

    def __and__(self, other: Condition) -> Condition:
        return Condition(
            tuple(_both(mine, yours) for mine in self.alternatives for yours in other.alternatives)
        )

    def __str__(self) -> str:
        return " or ".join(sorted(_in_words(answers) for answers in self.alternatives)) or "never"


def _both(mine: Answers, yours: Answers) -> Answers:
    return {
        name: mine[name] & yours[name]
        if name in mine and name in yours
        else (mine if name in mine else yours)[name]
        for name in {**mine, **yours}
    }


def _in_words(answers: Answers) -> str:
    parts = [
        f"{name.upper()} = {next(iter(codes))}"
        if len(codes) == 1
        else f"{name.upper()} in ({' '.join(sorted(codes))})"
        for name, codes in sorted(answers.items())
    ]
    return " and ".join(parts) or "always"


ALWAYS: Final = Condition(({},))
NEVER: Final = Condition(())


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what is compared, then what is only said.

    `codes` None where the list is data or there is none; `required` and `shown` as conditions on answers;
    `hard` and `soft` the ranges. `rules`, `questions`: the checks in words under HARD and SOFT. `demand`: the rule
    in words that requires an answer, "" for none.
    """

    form: str
    item: str
    label: tuple[str, str]
    type: str
    unit: str
    codes: Codes | None
    required: Condition
    shown: Condition
    hard: Range
    soft: Range
    missing: tuple[str, ...]
    name: str = ""
    demand: str = ""
    rules: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    note: str = ""

    @property
    def outside(self) -> bool:
        """Whether it is kept outside the form (`@room.Model.field`)."""
        return self.item.startswith("@")

    @property
    def derived(self) -> bool:
        return self.type.startswith("derived ")


@dataclass(frozen=True, slots=True)
class Form:
    """A form's title, domains, and whether a visit may hold several."""

    code: str
    title: tuple[str, str]
    domains: tuple[str, ...]
    several: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A table of rows inside a form: its title, when there are rows, and when one is required."""

    form: str
    name: str
    title: tuple[str, str]
    shown: Condition
    required: Condition


@dataclass(frozen=True, slots=True)
class Pending:
    """A field the product does not hold yet as the dictionary says; `item` "*": the form as a whole."""

    form: str
    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Dictionary:
    forms: Mapping[str, Form]
    groups: Mapping[tuple[str, str], Group]
    fields: tuple[Field, ...]
    pending: tuple[Pending, ...]

    def of_form(self, code: str) -> dict[str, Field]:
        """The fields of a form by item, in the order of the table."""
        return {field.item: field for field in self.fields if field.form == code}


def read(folder: Path) -> Dictionary:
    """Read the dictionary; NotUnderstood names the first cell that does not follow its notation."""
    forms = {
        row["FORM"]: Form(
            row["FORM"],
            (row["TITLE_EN"], row["TITLE_ZH"]),
            tuple(row["DOMAINS"].split()),
            row["SEVERAL"] == "Y",
        )
        for row in _rows(folder / "forms.csv")
    }
    files = {path.stem for path in folder.glob("*.csv")} - set(NOT_FORMS)
    if files != set(forms):
        raise NotUnderstood(f"forms.csv and the files differ: {', '.join(sorted(files ^ set(forms)))}")
    fields: list[Field] = []
    for code in forms:
        fields += _fields(code, list(_rows(folder / f"{code}.csv")))
    groups = {
        (row["FORM"], row["GROUP"]): Group(
            row["FORM"],
            row["GROUP"],
            (row["TITLE_EN"], row["TITLE_ZH"]),
            _condition(row["SHOWN"], {}, f"groups.csv {row['GROUP']}"),
            _required(row["ONE_AT_LEAST"], {}, f"groups.csv {row['GROUP']}")[0],
        )
        for row in _rows(folder / "groups.csv")
    }
    pending = tuple(Pending(row["FORM"], row["ITEM"], row["WHY"]) for row in _rows(folder / "pending.csv"))
    return Dictionary(forms, groups, tuple(fields), pending)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, strict=True)


def _fields(code: str, rows: list[dict[str, str]]) -> list[Field]:
    if rows and tuple(rows[0]) != COLUMNS:
        raise NotUnderstood(f"{code}.csv: the columns are {', '.join(rows[0])}")
    rows = list(_written_out(code, rows))
    known = {
        row["ITEM"].rpartition(".")[2]: _codes(row["CODES"], f"{code}.csv {row['ITEM']}") for row in rows
    }
    for row in rows:
        if row["FORM"] != code:
            raise NotUnderstood(f"{code}.csv {row['ITEM']}: FORM is {row['FORM']}")
    items = [row["ITEM"] for row in rows]
    if twice := sorted({item for item in items if items.count(item) > 1}):
        raise NotUnderstood(f"{code}.csv: {', '.join(twice)} more than once")
    return [_field(row, known) for row in rows]


def _written_out(code: str, rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Write a pattern out: `{wbc neut}_lo` is a row for each, with `{label}` and the like from the row it belongs to."""
    by_item = {row["ITEM"]: row for row in rows}
    for row in rows:
        pattern = re.fullmatch(r"\{([a-z0-9 ]+)\}(_[a-z]+)", row["ITEM"])
        if pattern is None:
            yield row
            continue
        for name in pattern[1].split():
            if name not in by_item:
                raise NotUnderstood(f"{code}.csv {row['ITEM']}: there is no item {name}")
            yield {**_of_base(row, by_item[name]), "ITEM": name + pattern[2]}


def _of_base(row: dict[str, str], base: dict[str, str]) -> dict[str, str]:
    units = list(unit_factors(base["UNIT"]))
    words = {
        "{unit}": units[0] if units else "",
        "{units}": "; ".join(f"{unit}={unit}|{unit}" for unit in units),
        "{shown}": base["SHOWN"],
        "{ITEM}": base["ITEM"].upper(),
    }
    found = {}
    for column, cell in row.items():
        label = base[column] if column.startswith("LABEL_") else base["LABEL_EN"]
        for name, value in {**words, "{label}": label}.items():
            cell = cell.replace(name, value)  # noqa: PLW2901 – filled in step by step
        found[column] = cell
    return found


def _field(row: dict[str, str], known: Mapping[str, Codes | None]) -> Field:
    where = f"{row['FORM']}.csv {row['ITEM']}"
    if not TYPES.fullmatch(row["TYPE"]):
        raise NotUnderstood(f"{where}: TYPE {row['TYPE']!r}")
    if row["NAME"] == PRODUCT_ONLY and not row["NOTE"]:
        raise NotUnderstood(f"{where}: NOTE must say why the product has it")
    missing = () if row["MISSING"] == "none" else tuple(row["MISSING"].split())
    if not row["MISSING"] or any(reason not in MISSING_REASONS for reason in missing):
        raise NotUnderstood(f"{where}: MISSING {row['MISSING']!r}")
    required, demand = _required(row["REQUIRED"], known, where)
    hard, rules = _limits(row["HARD"])
    soft, questions = _limits(row["SOFT"])
    return Field(
        form=row["FORM"],
        item=row["ITEM"],
        label=(row["LABEL_EN"], row["LABEL_ZH"]),
        type=row["TYPE"],
        unit=row["UNIT"],
        codes=_codes(row["CODES"], where),
        required=required,
        shown=_condition(row["SHOWN"], known, where),
        hard=hard,
        soft=soft,
        missing=missing,
        name=row["NAME"],
        demand=demand,
        rules=rules,
        questions=questions,
        note=row["NOTE"],
    )


def _codes(cell: str, where: str) -> Codes | None:
    """`Y=Yes|是; N=No|否`; None for an empty cell, and for `data: …`, a list that is data of the trial."""
    if not cell or cell.startswith("data: "):
        return None
    codes = []
    for part in cell.split("; "):
        code, _, labels = part.partition("=")
        en, bar, zh = labels.partition("|")
        if not (code and en and bar and zh):
            raise NotUnderstood(f"{where}: CODES {part!r}")
        codes.append((code, en, zh))
    return tuple(codes)


def _required(cell: str, known: Mapping[str, Codes | None], where: str) -> tuple[Condition, str]:
    if cell in ("no", "auto"):
        return NEVER, ""
    if cell.startswith("rule: "):
        return NEVER, cell.removeprefix("rule: ")
    return _condition(cell, known, where), ""


def _condition(cell: str, known: Mapping[str, Codes | None], where: str) -> Condition:
    """`SEX = F and CHILDPOT in (Y N)`, `ARM = HAIC or ARM = Y90 and SERIES = Y`, `IESTRICT answered`, `always`."""
    if cell == "always":
        return ALWAYS
    return Condition(tuple(_answers(part, known, where) for part in cell.split(" or ")))


def _answers(cell: str, known: Mapping[str, Codes | None], where: str) -> Answers:
    answers: dict[str, frozenset[str]] = {}
    for part in cell.split(" and "):
        found = re.fullmatch(r"([A-Z0-9_]+) (?:= (\S+)|in \(([^)]+)\)|(answered))", part)
        if found is None:
            raise NotUnderstood(f"{where}: condition {cell!r}")
        name = found[1].lower()
        codes = known.get(name)
        if found[4]:
            answers[name] = frozenset(code for code, _en, _zh in codes or ())
        else:
            answers[name] = frozenset([found[2]] if found[2] else found[3].split())
        if name not in known and known and name not in CONTEXT:
            raise NotUnderstood(f"{where}: nothing is called {found[1]}")
        if codes is not None and not answers[name] <= {code for code, _en, _zh in codes} | {UNANSWERED}:
            raise NotUnderstood(f"{where}: {found[1]} has no such code in {part!r}")
    return answers


def _limits(cell: str) -> tuple[Range, tuple[str, ...]]:
    """`120..220; > DIABP`: the range, then the rules in words."""
    parts = [part for part in cell.split("; ") if part]
    found = re.fullmatch(r"(-?[0-9]+(?:\.[0-9]+)?)?\.\.(-?[0-9]+(?:\.[0-9]+)?)?", parts[0]) if parts else None
    if found is None:
        return OPEN, tuple(parts)
    low, high = (None if bound is None else Decimal(bound) for bound in found.groups())
    return (low, high), tuple(parts[1:])


def unit_factors(cell: str) -> dict[str, Decimal | None]:
    """`µmol/L; mg/dL = 17.1`: each unit with its factor into the first, None for `ng/mL = –`; empty for no unit."""
    factors: dict[str, Decimal | None] = {}
    for part in filter(None, cell.split("; ")):
        unit, equals, factor = part.partition(" = ")
        factors[unit] = Decimal(1) if not equals else None if factor == "–" else Decimal(factor)
    return factors
