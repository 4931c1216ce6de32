"""Small templates that a page draws many times: each is drawn once for the same words, and kept.

Django takes a third of a millisecond for the row of one item, and a form has fifty; but a row says the same
on every page of its form, the value and the address of its history apart. These are holes, filled in anew
each time. The template stays the one definition of what a row looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# What stands in a hole while the rest is drawn: private characters that no template and no label holds.
MARKS = "\ue000\ue001\ue002\ue003\ue004\ue005\ue006"
PLACES = re.compile(f"([{MARKS}])")
INDENTS = re.compile(r"\s*\n\s*")
# A row takes about 3 kB, so what is kept stays below 12 MB a process.
MOST_KEPT = 4096


def draw(template: str, name: str, words: Mapping[str, Any], holes: Sequence[str] = ()) -> SafeString:
    """Draw a template that reads `words` as one mapping called `name`; those called `holes` differ each time.

    A hole is text that the template writes out, any number of times, and may ask whether it is there; never
    one that it compares, counts or filters but for a default. The other words have to be the same for many.
    Lists are read as tuples.
    """
    return draw_each(template, name, [words], holes)[0]


def draw_each(
    template: str, name: str, many: Iterable[Mapping[str, Any]], holes: Sequence[str] = ()
) -> list[SafeString]:
    """Draw a template for each of many, as `draw` does."""
    language = get_language()
    drawn = []
    for words in many:
        # An empty hole is a word like another: what is not there may change what is drawn.
        given = tuple([hole for hole in holes if words[hole]])
        same = tuple(
            [
                (key, tuple(value) if isinstance(value, list) else value)
                for key, value in words.items()
                if key not in given
            ]
        )
        pattern, places = _drawn(template, name, language, same, given)
        filled = pattern % tuple([_escaped(words[hole]) for hole in places])
        drawn.append(SafeString(filled))
    return drawn


def draw_once(template: str, name: str, words: Mapping[str, Any]) -> SafeString:
    """Draw a template whose words are somebody's own, and keep nothing of it."""
    drawn: SafeString = _template(template).render(Context({name: words}))
    return drawn


def _escaped(value: Any) -> str:
    return value if isinstance(value, SafeString) else escape(str(value))


@lru_cache(MOST_KEPT)
def _drawn(
    template: str, name: str, language: str, same: tuple[tuple[str, Any], ...], holes: tuple[str, ...]
) -> tuple[str, list[str]]:
    """A pattern with a %s in each place of a hole, and the holes in the order of their places."""
    marks = dict(zip(holes, MARKS, strict=False))
    drawn = INDENTS.sub("\n", draw_once(template, name, {**dict(same), **marks})).replace("%", "%%")
    parts = PLACES.split(drawn)
    names = {mark: hole for hole, mark in marks.items()}
    return "%s".join(parts[::2]), [names[mark] for mark in parts[1::2]]


def _template(name: str) -> Any:
    return get_template(name).template  # type: ignore[attr-defined]
