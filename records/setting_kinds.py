"""The kinds of study settings: a number between limits, one code of a list, any number of codes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from records.codelists import CodeList
from records.text import Text


class NotAValue(ValueError):
    """What was given is not a value of this setting; `sentence` says what would be."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Setting:
    """What every setting knows: its key, where it belongs, its words, its default and where that is from."""

    key: str
    group: str
    label: Text
    default: Any
    source: Text

    def parse(self, typed: Any) -> Any:
        """Read a value as typed or as stored; NotAValue with what would be one."""
        raise NotImplementedError

    def stored(self, value: Any) -> Any:
        """Give a value as JSON keeps it."""
        return value

    def display(self, value: Any) -> str:
        """Show a value in words of the active language."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Number(Setting):
    """A number between two limits, both included; whole where `places` is 0, kept exactly as text otherwise."""

    low: str
    high: str
    unit: str | Text = ""
    places: int = 0

    def parse(self, typed: Any) -> Any:
        words = NUMBER_BETWEEN.format(low=self.low, high=self.high, unit=self.unit, places=self.places)
        try:
            value = Decimal(str(typed).strip())
        except InvalidOperation as unreadable:
            raise NotAValue(words) from unreadable
        if not value.is_finite() or not Decimal(self.low) <= value <= Decimal(self.high):
            raise NotAValue(words)
        if value != round(value, self.places):
            raise NotAValue(words)
        return value if self.places else int(value)

    def stored(self, value: Any) -> Any:
        return f"{value:f}" if self.places else value

    def display(self, value: Any) -> str:
        return f"{value:f} {self.unit}".strip() if self.places else f"{value} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Choice(Setting):
    """One code out of a list."""

    codes: CodeList

    def parse(self, typed: Any) -> Any:
        if typed not in self.codes:
            raise NotAValue(ONE_OF_THESE)
        return typed

    def display(self, value: Any) -> str:
        return str(self.codes.label(value))


@dataclass(frozen=True, slots=True)
class Choices(Setting):
    """Any number of codes out of a list, none included; kept in the order of the list."""

    codes: CodeList

    def parse(self, typed: Any) -> Any:
        given = [typed] if isinstance(typed, str) else list(typed or ())
        if any(code not in self.codes for code in given):
            raise NotAValue(ONE_OF_THESE)
        return tuple(code for code in self.codes.values if code in given)

    def stored(self, value: Any) -> Any:
        return list(value)

    def display(self, value: Any) -> str:
        return "; ".join(str(self.codes.label(code)) for code in value) or "–"


NUMBER_BETWEEN = Text(
    "Write a number from {low} to {high} {unit} with at most {places} decimal places.",
    "请填写{low}至{high} {unit}之间的数值，最多{places}位小数。",
)
ONE_OF_THESE = Text("Choose from the list.", "请从列表中选择。")
