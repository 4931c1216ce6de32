"""Values as the audit trail keeps them, in words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from records.items import CodeItem, DecimalItem, Item, MultiCodeItem
from records.parsing import as_typed


def in_words(item: Item, value: Any) -> str:
    """Show a value as the trail keeps it (JSON) in the words of the form."""
    if value is None:
        return ""
    if isinstance(item, (CodeItem, MultiCodeItem)):
        return item.display(value)
    if isinstance(item, DecimalItem):
        # JSON drops the zeros that say how exactly it was measured.
        words = f"{Decimal(str(value)):.{item.decimal_places}f}"
        return words.rstrip("0").rstrip(".") if item.companion_of else words
    if item.kind == "datetime":
        return str(as_typed(item, datetime.fromisoformat(str(value))))
    return str(value)
