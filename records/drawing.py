"""Small templates that a page draws many times: each is drawn once for the same words, and kept.

Django takes a third of a millisecond for the row of one item, and a form has fifty; but a row says the same
on every page of its form, the value and the address of its history apart. These are holes, filled in anew
each time. The template stays the one definition of what a row looks like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# What stands in a hole while the rest is drawn: private characters that no template and no label holds.
HOLES = "\ue000\ue001\ue002\ue003"
INDENTS = re.compile(r"\s*\n\s*")
# A row takes about 3 kB, so what is kept stays below 12 MB a process.
MOST_KEPT = 4096


def draw(template: str, name: str, words: Mapping[str, Any], holes: Sequence[str] = ()) -> SafeString:
    """Draw a template that reads `words` as one mapping called `name`; those called `holes` differ each time.

    A hole is text that the template only writes out, any number of times: never one that it compares, counts
    or filters but for a default. The other words have to be the same for many; their lists are read as tuples.
    """
    same = tuple(
        (key, tuple(value) if isinstance(value, list) else value)
        for key, value in words.items()
        if key not in holes
    )
    drawn = _drawn(template, name, get_language(), same, tuple(holes))
    filled = ("" if words[hole] is None else conditional_escape(words[hole]) for hole in holes)
    return mark_safe(drawn % dict(zip(HOLES, filled, strict=False)))  # noqa: S308 – drawn by a template, escaped


def draw_once(template: str, name: str, words: Mapping[str, Any]) -> SafeString:
    """Draw a template whose words are somebody's own, and keep nothing of it."""
    drawn: SafeString = _template(template).render(Context({name: words}))
    return drawn


@lru_cache(MOST_KEPT)
def _drawn(
    template: str, name: str, language: str, same: tuple[tuple[str, Any], ...], holes: tuple[str, ...]
) -> str:
    words = {**dict(same), **dict(zip(holes, HOLES, strict=False))}
    drawn = INDENTS.sub("\n", draw_once(template, name, words)).replace("%", "%%")
    for hole in HOLES[: len(holes)]:
        drawn = drawn.replace(hole, f"%({hole})s")
    return drawn


def _template(name: str) -> Any:
    return get_template(name).template  # type: ignore[attr-defined]
