"""Read the answers of a worked case, saying clearly which one cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from participants.dates import PartialDate, UnreadableDate

Code = TypeVar("Code", bound=StrEnum)


class MalformedCase(ValueError):
    """A case or a file of cases that cannot be used; its text says where and why."""


class Case:
    """One worked case: reading a name that is absent, or of another kind, raises MalformedCase."""

    def __init__(self, content: Mapping[str, object], where: str) -> None:
        self.content = content
        self.where = where

    def complain(self, sentence: str) -> MalformedCase:
        return MalformedCase(f"{self.where}: {sentence}")

    def has(self, name: str) -> bool:
        return name in self.content

    def raw(self, name: str) -> object:
        if name not in self.content:
            raise self.complain(f"{name} is missing; write null where it is not known.")
        return self.content[name]

    def number(self, name: str) -> Decimal:
        found = self.maybe_number(name)
        if found is None:
            raise self.complain(f"{name} must be a number.")
        return found

    def maybe_number(self, name: str) -> Decimal | None:
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
            raise self.complain(f"{name} must be a number, not {value!r}.")
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.complain(f"{name} must be a number, not {value!r}.") from None
        if not number.is_finite():
            raise self.complain(f"{name} must be a number, not {value!r}.")
        return number

    def whole(self, name: str) -> int:
        found = self.maybe_whole(name)
        if found is None:
            raise self.complain(f"{name} must be a whole number.")
        return found

    def maybe_whole(self, name: str) -> int | None:
        number = self.maybe_number(name)
        if number is None:
            return None
        if number != int(number):
            raise self.complain(f"{name} must be a whole number, not {number}.")
        return int(number)

    def word(self, name: str) -> str:
        found = self.maybe_word(name)
        if found is None:
            raise self.complain(f"{name} must be a text.")
        return found

    def maybe_word(self, name: str) -> str | None:
        value = self.raw(name)
        if value is not None and not isinstance(value, str):
            raise self.complain(f"{name} must be a text, not {value!r}.")
        return value

    def flag(self, name: str) -> bool | None:
        value = self.raw(name)
        if value is not None and not isinstance(value, bool):
            raise self.complain(f"{name} must be true, false or null, not {value!r}.")
        return value

    def partial(self, name: str) -> PartialDate | None:
        text = self.maybe_word(name)
        try:
            return None if text is None else PartialDate.parse(text)
        except UnreadableDate as unreadable:
            raise self.complain(f"{name}: {unreadable}") from None

    def day(self, name: str) -> date | None:
        partial = self.partial(name)
        if partial is not None and not partial.is_complete:
            raise self.complain(f"{name} must be a whole date, not {partial}.")
        return None if partial is None else partial.earliest

    def whole_day(self, name: str) -> date:
        found = self.day(name)
        if found is None:
            raise self.complain(f"{name} must be a date.")
        return found

    def moment(self, name: str) -> datetime | None:
        text = self.maybe_word(name)
        try:
            return None if text is None else datetime.fromisoformat(text)
        except ValueError:
            raise self.complain(f"{name} must be a date and time such as 2026-08-10T09:30.") from None

    def whole_moment(self, name: str) -> datetime:
        found = self.moment(name)
        if found is None:
            raise self.complain(f"{name} must be a date and time.")
        return found

    def code(self, name: str, kind: type[Code], written: Mapping[str, str] | None = None) -> Code:
        """Read a code, which a case may write in the words of `written`."""
        word = self.word(name)
        try:
            return kind((written or {}).get(word, word))
        except ValueError:
            raise self.complain(f"{name} must be one of {', '.join(kind)}, not {word!r}.") from None

    def words(self, name: str) -> tuple[str, ...] | None:
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.complain(f"{name} must be a list of texts.")
        return tuple(value)

    def inner(self, name: str) -> Case:
        return self.as_case(self.raw(name), name)

    def inners(self, name: str) -> Sequence[Case] | None:
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.complain(f"{name} must be a list.")
        return [self.as_case(one, f"{name} {position}") for position, one in enumerate(value, start=1)]

    def as_case(self, value: object, name: str) -> Case:
        if not isinstance(value, dict):
            raise self.complain(f"{name} must be an object with names and values, not {value!r}.")
        return Case(value, f"{self.where}, {name}")
