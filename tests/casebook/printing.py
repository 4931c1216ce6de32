"""Printed casebooks, read back as text."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from pypdf import PdfReader

from participants.reading import Entered
from records.definition import row_groups
from records.items import DecimalItem, Item, MeasuredItem, items_of
from records.models import Record


def squeezed(words: str) -> str:
    """Words without spaces and places to break: how a line was set says nothing about what it says."""
    return "".join(words.replace("\u200b", "").split())


class Printed:
    """A PDF: its pages as text without spaces. Reading a page takes a quarter of a second: read what you need."""

    def __init__(self, pdf: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(pdf))

    def __len__(self) -> int:
        return len(self.reader.pages)

    def page(self, number: int) -> str:
        return squeezed(self.reader.pages[number - 1].extract_text())

    @cached_property
    def pages(self) -> list[str]:
        return [self.page(number) for number in range(1, len(self) + 1)]

    @cached_property
    def text(self) -> str:
        return "".join(self.pages)

    def lacks(self, words: list[str]) -> list[str]:
        """Those of some words that are not in it; a phrase may go on after a page's end."""
        return [phrase for phrase in words if squeezed(phrase) not in self.text]

    def __contains__(self, words: str) -> bool:
        return squeezed(words) in self.text

    @property
    def bookmarks(self) -> list[str]:
        found: list[str] = []

        def walk(entries: list[Any]) -> None:
            for entry in entries:
                if isinstance(entry, list):
                    walk(entry)
                else:
                    found.append(" ".join(entry.title.split()))

        walk(self.reader.outline)
        return found


def some_value(item: Item) -> Any:
    """A value this item could hold."""
    low = item.hard[0]
    match item.kind:
        case "integer":
            return 1 if low is None else int(low)
        case "decimal" | "measured":
            assert isinstance(item, DecimalItem)
            lowest = (item.si_options["hard"] or (1,))[0] if isinstance(item, MeasuredItem) else low
            return Decimal(str(lowest or 0)) + Decimal("1.5")
        case "date":
            return date(2026, 9, 1)
        case "datetime":
            return datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
        case "partialdate":
            return "2026-08"
        case "multicode":
            assert item.codes is not None
            return list(item.codes.values[:2])
        case "code":
            assert item.codes is not None
            return item.codes.values[0]
        case _:
            return "肝右叶"


def filled_record(model: type[Record], **places: Any) -> Any:
    """A record of a form with every item answered; not stored."""
    answers = {item.name: some_value(item) for item in items_of(model)}
    return model(
        **places,
        **answers,
        state="SUBMITTED",
        entered_at=datetime(2026, 9, 1, 2, 0, tzinfo=UTC),
        submitted_at=datetime(2026, 9, 1, 2, 5, tzinfo=UTC),
    )


def filled_entry(model: type[Record], *, rows: int = 2, **places: Any) -> Entered:
    """A form with every item answered, and some rows in each table inside it."""
    inside = {
        name: [
            row_model(number=number, **{item.name: some_value(item) for item in items_of(row_model)})
            for number in range(1, rows + 1)
        ]
        for name, row_model in row_groups(model).items()
    }
    return Entered(filled_record(model, **places), inside)
