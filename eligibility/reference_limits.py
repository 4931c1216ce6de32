"""Reference limits of the laboratory tests that are graded, as long as no site has given its own.

Values for adults as printed by most Chinese hospital laboratories (WS/T 404 and 405 and the usual INR
range). They stand in for the limits of the laboratory that did the test; a value close to a limit
should be looked at on the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

VERSION: Final = "adults-1"


@dataclass(frozen=True, slots=True)
class Limits:
    """Lower and upper limit of normal in the test's SI unit; None where only one side is read."""

    lower: Decimal | None
    upper: Decimal | None


def _limits(lower: str | None, upper: str | None) -> Limits:
    return Limits(None if lower is None else Decimal(lower), None if upper is None else Decimal(upper))


BOTH_SEXES: Final[Mapping[str, Limits]] = {
    "BILI": _limits(None, "23"),
    "ALB": _limits("40", "55"),
    "K": _limits("3.5", "5.3"),
    "SODIUM": _limits("137", "147"),
    "GLUC": _limits("3.9", "6.1"),
    "INR": _limits("0.8", "1.2"),
    "WBC": _limits("3.5", "9.5"),
    "NEUT": _limits("1.8", "6.3"),
    "LYM": _limits("1.1", "3.2"),
    "PLT": _limits("125", "350"),
}
BY_SEX: Final[Mapping[str, Mapping[str, Limits]]] = {
    "ALT": {"M": _limits("9", "50"), "F": _limits("7", "40")},
    "AST": {"M": _limits("15", "40"), "F": _limits("13", "35")},
    "ALP": {"M": _limits("45", "125"), "F": _limits("35", "135")},
    "GGT": {"M": _limits("10", "60"), "F": _limits("7", "45")},
    "CREAT": {"M": _limits("57", "111"), "F": _limits("41", "81")},
    "HGB": {"M": _limits("130", "175"), "F": _limits("115", "150")},
}


def limits_of(test: str, sex: str | None) -> Limits:
    """Give a test's reference limits for an adult; none where they depend on a sex that is not known.

    `test` is named as in lab_grades.TESTS, `sex` M or F. Units: bilirubin and creatinine µmol/L, albumin and
    haemoglobin g/L, cells ×10⁹/L, potassium, sodium and glucose mmol/L, enzymes U/L.
    Source: WS/T 404.1-3 and WS/T 405-2012 (reference intervals for Chinese adults); INR as usually printed.
    """
    if test in BY_SEX:
        return BY_SEX[test].get(sex or "", Limits(None, None))
    return BOTH_SEXES.get(test, Limits(None, None))
