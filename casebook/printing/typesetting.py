"""Turn a casebook's content into a PDF: signed, its characters checked against the font, set by a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from accounts.access import Actor
from accounts.models import Role
from casebook.printing.words import in_both, moment
from records import clock

HERE = Path(__file__).resolve().parent
TYPESETTER = HERE / "typesetter.py"
CHARACTERS = HERE / "fonts" / "characters.txt"
SECONDS_AT_MOST = 120


class NotTypeset(Exception):
    """The layout could not be set: a fault of the layout or of the installation, never of what was entered."""


def typeset(layout: str, content: dict[str, Any], *, by: Actor, now: datetime, reference: str = "") -> bytes:
    """Print content with a layout of the folder `layout`, naming who made it and when: the bytes of a PDF.

    The same content, person and moment give the same bytes. One query. Raises NotTypeset.
    """
    made = {
        "at": moment(now),
        "timestamp": int(now.timestamp()),
        "by": by.author.full_name,
        "role": in_both(lambda: Role(by.role).label),
        "reference": reference,
    }
    fictitious = clock.read().kind != clock.TrialClock.Kind.TRIAL
    document = json.dumps(printable({**content, "made": made, "fictitious": fictitious}), ensure_ascii=False)
    done = subprocess.run(
        [sys.executable, "-I", str(TYPESETTER), layout],
        input=document.encode(),
        capture_output=True,
        timeout=SECONDS_AT_MOST,
        check=False,
    )
    if done.returncode:
        raise NotTypeset(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


# What stands for a character the fonts do not have, in `printable`.
NAMED = "〔U+{code:04X}〕"
# A word longer than a line may be broken after so many characters.
LONG_WORD = re.compile(r"[!-~]{24}(?=[!-~])")
BREAK_HERE = "\u200b"


class _Printable(dict[int, int | str]):
    """A table for `str.translate`: what the fonts have stays, anything else is named."""

    def __init__(self, known: frozenset[int]) -> None:
        super().__init__({ord("\r"): "", ord("\n"): "\n", ord("\t"): " "})
        self._known = known

    def __missing__(self, code: int) -> int | str:
        self[code] = code if code in self._known else NAMED.format(code=code)
        return self[code]


@cache
def characters() -> frozenset[int]:
    """Every code point the fonts have a glyph for (fonts/characters.txt)."""
    pairs = [line.split("-") for line in CHARACTERS.read_text(encoding="ascii").split()]
    return frozenset(chain.from_iterable(range(int(low, 16), int(high, 16) + 1) for low, high in pairs))


@cache
def _table() -> _Printable:
    return _Printable(characters())


def printable(content: Any) -> Any:
    """Name, in every text of some content, the characters the fonts cannot show: 〔U+1F600〕. Nothing is dropped.

    Line ends stay, a tab becomes a space, and a word too long for a line may be broken.
    """
    if isinstance(content, str):
        return LONG_WORD.sub(rf"\g<0>{BREAK_HERE}", content.translate(_table()))
    if isinstance(content, dict):
        return {name: printable(value) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [printable(value) for value in content]
    return content
