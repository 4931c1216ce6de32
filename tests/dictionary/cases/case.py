"""The rules in words of the dictionary (HARD, SOFT and `rule:` under REQUIRED), each with answers that break it.

A case gives answers of the form that break the rule, those that are changed to keep it, and what other forms say.
Relations between two items of a form, dates before consent or in the future, lengths and codes that are asked about
need no case: they are read from the rule itself. Rules that end in the number of a cross-form check are tried with
those checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.dictionary.sheet import NOW, TODAY, clock_time

Answers = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Case:
    form: str
    item: str
    rule: str
    broken: Answers
    kept: Answers  # over those of `broken`
    context: Mapping[str, Any] = field(default_factory=dict)


def ago(**span: float) -> str:
    return clock_time(NOW - timedelta(**span))


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


# Forms tried on times before the consent.
EARLIER: Mapping[str, Any] = {"icfdtc": None}
