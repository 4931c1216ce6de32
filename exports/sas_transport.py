"""SAS transport files, version 5: headers, and numbers as IBM wrote them in 1964.

Written here because pyreadstat, the field's library, writes only whole data frames held in memory and puts the
moment of writing into the file. Tests read every file back with it. Source: SAS technical note TS-140. Pure.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol


class Variable(Protocol):
    """A variable of a dataset; `length` in bytes, 8 for a number."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def number(self) -> bool: ...
    @property
    def length(self) -> int: ...


def display_of(variable: Variable) -> str:
    """SAS's format of a number, "DATE9." for a date; "" where it has none."""
    return str(getattr(variable, "display", ""))


RECORD = 80
NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhl52s")
MISSING = b"." + bytes(7)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def head(name: str, label: str, columns: Sequence[Variable], moment: datetime) -> bytes:
    """Everything before the first row; `name` at most 8 letters, `label` 40 bytes, each variable 200 bytes."""
    at = moment.astimezone(UTC)
    stamped = f"{at.day:02}{MONTHS[at.month - 1]}{at.year % 100:02}:{at:%H:%M:%S}".encode()
    parts = [
        _header("LIBRARY", "0" * 30),
        b"SAS     SAS     SASLIB  9.4     LINUX   " + b" " * 24 + stamped,
        stamped.ljust(RECORD),
        _header("MEMBER", "000000000000000001600000000140"),
        _header("DSCRPTR", "0" * 30),
        b"SAS     " + _fitted(name, 8) + b"SASDATA 9.4     LINUX   " + b" " * 24 + stamped,
        stamped + b" " * 16 + _fitted(label, 40) + b" " * 8,
        _header("NAMESTR", f"000000{len(columns):04}" + "0" * 20),
        padded(b"".join(_described(columns))),
        _header("OBS", "0" * 30),
    ]
    return b"".join(parts)


def row_length(columns: Sequence[Variable]) -> int:
    return sum(column.length for column in columns)


def padding(size: int) -> bytes:
    """What follows `size` bytes to fill the last record."""
    return b" " * (-size % RECORD)


def padded(raw: bytes) -> bytes:
    return raw + padding(len(raw))


@lru_cache(16384)
def number(text: bytes) -> bytes:
    """Write a decimal number as 8 bytes of IBM's floating point; an empty text as missing.

    Exact to the 53 bits of a double. ValueError for what is no number, or beyond 7.2e75.
    """
    if not text:
        return MISSING
    value = float(text)
    if not math.isfinite(value) or abs(value) > 7.2e75:
        raise ValueError(f"{text!r} has no place in a transport file.")
    if value == 0:
        return bytes(8)
    fraction, exponent = math.frexp(abs(value))  # 0.5 <= fraction < 1
    shift = -exponent % 4
    power = (exponent + shift) // 4
    if power < -64:
        return bytes(8)
    bits = int(math.ldexp(fraction, 56 - shift))
    return bytes([(128 if value < 0 else 0) | (power + 64)]) + bits.to_bytes(7, "big")


def _header(kind: str, numbers: str) -> bytes:
    return f"HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!{numbers}  ".encode()


def _described(columns: Sequence[Variable]) -> list[bytes]:
    found, at = [], 0
    for place, column in enumerate(columns, 1):
        name, label = _fitted(column.name, 8), _fitted(column.label, 40)
        kind = 1 if column.number else 2
        shown = re.match(r"([A-Z]*)([0-9]*)", display_of(column))
        assert shown is not None
        form, width = _fitted(shown[1], 8), int(shown[2] or 0)
        found.append(
            NAMESTR.pack(
                kind,
                0,
                column.length,
                place,
                name,
                label,
                form,
                width,
                0,
                0,
                bytes(2),
                b" " * 8,
                0,
                0,
                at,
                bytes(52),
            )
        )
        at += column.length
    return found


def _fitted(text: str, length: int) -> bytes:
    raw = text.encode("utf-8")
    if len(raw) > length:
        raise ValueError(f"{text!r} takes more than {length} bytes.")
    return raw.ljust(length)
