"""Check files of worked cases against the rules of the trial.

A file is JSON: an object with a list of cases for each family. A case holds inputs and expected results
by name; which names they are stands in trial_edc/vector_families.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn

from trial_edc.vector_families import FAMILIES, Family
from trial_edc.vector_reading import Case, MalformedCase

# Words by which a case says that its inputs must be refused, or that there is no result.
REFUSED: Final = ("ERROR", "REFUSED", "INVALID", "IMPOSSIBLE")
NO_RESULT: Final = ("", "-", "–", "NA", "NONE", "UNKNOWN", "DO NOT TREAT")


class State(StrEnum):
    """How a case compares; UNCOVERED: its family has no rule yet."""

    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    UNCOVERED = "UNCOVERED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One checked case with what it expects and what the rule gives, by the name of each result."""

    family: str
    id: str
    state: State
    expected: Mapping[str, object]
    got: Mapping[str, object]


def load(path: Path) -> dict[str, object]:
    """Read a file of cases; numbers are kept exactly. Raises MalformedCase for anything but an object of lists."""
    try:
        content = json.loads(
            path.read_text(encoding="utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant
        )
    except OSError as error:
        raise MalformedCase(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise MalformedCase(f"{path} is not JSON in UTF-8: {error}.") from error
    if not isinstance(content, dict):
        raise MalformedCase(f"{path} must hold an object with a list of cases for each family.")
    return content


def check(cases: Mapping[str, object]) -> list[Outcome]:
    """Check worked cases, family by family, in the order of the file.

    A case without an id is called by its position, such as bsa-3. Numbers agree when they differ by no more than
    half a unit of the last decimal compared; other results agree when equal. Raises MalformedCase where a family
    is no list, a case is no object, an input is missing or of another kind, a case expects nothing, or there is
    no case at all.
    """
    outcomes = []
    for family, content in cases.items():
        if not isinstance(content, list):
            raise MalformedCase(f"{family} must be a list of cases.")
        for position, one in enumerate(content, start=1):
            named = one.get("id") if isinstance(one, dict) else None
            identity = str(named) if named is not None else f"{family}-{position}"
            if not isinstance(one, dict):
                raise MalformedCase(f"{family} {identity}: a case must be an object with names and values.")
            outcomes.append(_check_one(family, identity, Case(one, f"{family} {identity}")))
    if not outcomes:
        raise MalformedCase("There is no case to check.")
    return outcomes


def _check_one(name: str, identity: str, case: Case) -> Outcome:
    family = FAMILIES.get(name)
    if family is None:
        return Outcome(name, identity, State.UNCOVERED, {}, {})
    expected = {result: case.content[result] for result in family.results if case.has(result)}
    if not expected:
        raise case.complain(f"it states no expected result; there can be {', '.join(family.results)}.")
    try:
        computed = family.compute(case)
    except MalformedCase:
        raise
    except ValueError as refusal:
        computed = dict.fromkeys(family.results, f"refused: {refusal}")
    got = {result: _shown(family, result, computed[result], value) for result, value in expected.items()}
    same = all(_agree(family, result, expected[result], computed[result]) for result in expected)
    return Outcome(name, identity, State.SAME if same else State.DIFFERENT, expected, got)


def _agree(family: Family, result: str, expected: object, got: object) -> bool:
    if isinstance(got, str) and got.startswith("refused: "):
        return isinstance(expected, str) and expected.upper() in REFUSED
    if got is None:
        return expected is None or (
            isinstance(expected, str) and expected.upper().replace("_", " ") in NO_RESULT
        )
    if isinstance(got, bool) or isinstance(expected, bool):
        return got is expected
    if isinstance(got, (int, Decimal)):
        number = _number(expected)
        if number is None:
            return False
        places = family.places.get(result)
        if places is None:
            return got == number
        return abs(got - number) * 2 <= Decimal(1).scaleb(-max(places, _decimals(number)))
    return got == expected


def _shown(family: Family, result: str, got: object, expected: object) -> object:
    places = family.places.get(result)
    if not isinstance(got, Decimal):
        return got
    if places is None:
        return f"{got:f}"
    number = _number(expected)
    return f"{got:.{max(places, _decimals(number) if number is not None else 0)}f}"


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _no_constant(word: str) -> NoReturn:
    raise MalformedCase(f"{word} is not a number that a case can hold.")
