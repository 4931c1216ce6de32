"""What somebody saw, verified or signed, as digests: one canonical form of values, and SHA-256 over it.

The canonical form is JSON (RFC 8259) in UTF-8, keys sorted by code point, no spaces, no escapes but those JSON needs.
A value is written as

    text            as it is, code point by code point
    whole number    as a JSON number
    decimal         as text, without an exponent and without zeros at its end: 34.20 and 34.2 are the same value
    date            as text, YYYY-MM-DD
    point in time   as text in UTC with microseconds and offset: 2026-09-01T02:00:00.000000+00:00
    codes           as a list in the order stored

An answer that is not there has no key, so that a question added to a form later does not void what was signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """Give a value as the canonical form writes it; TypeError for what no form stores (a float among it)."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is no value of a form.")
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("A point in time without a zone is no value of a form.")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} is no value of a form.")


def canonical(content: Any) -> str:
    """Write content in its one canonical form; equal content gives equal text."""
    return json.dumps(
        plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256(content: Any) -> str:
    """The SHA-256 of content in its canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
