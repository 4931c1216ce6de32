"""A column of a tabulation dataset, whichever standard it follows. Pure."""

from __future__ import annotations

from typing import Protocol


class Column(Protocol):
    """What a file has to know of a column; `length` in bytes, 8 for a number."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def number(self) -> bool: ...
    @property
    def length(self) -> int: ...


def display_of(column: Column) -> str:
    """SAS's format of a number, "DATE9." for a date; "" where it has none."""
    return str(getattr(column, "display", ""))
