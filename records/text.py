"""Words in both languages of the trial, side by side where they are defined.

Clinical content (labels, code lists, criteria, the reasons a rule gives) is part of a form's or a
rule's definition, so its translation stands beside it and nothing else has to be edited when a
form is added. Interface words use gettext instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ENGLISH, CHINESE = "en", "zh-hans"
BETWEEN = " / "
CHINESE_LETTER = re.compile(r"[\u4e00-\u9fff]")


def _english() -> str:
    return ENGLISH


_language: Callable[[], str] = _english


def read_language_from(source: Callable[[], str]) -> None:
    """Say where the active language comes from; the records app hands in Django's once at start."""
    global _language
    _language = source


@dataclass(frozen=True, slots=True)
class Text:
    """A phrase in English and in Simplified Chinese; `str()` gives the one for the active language."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.zh if _language().startswith("zh") else self.en

    def format(self, **values: Any) -> Text:
        """Fill `{name}` in both languages; a value that is itself a Text gives its own language."""
        english = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        chinese = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
        return Text(self.en.format(**english), self.zh.format(**chinese))

    def __add__(self, other: Text) -> Text:
        return Text(self.en + other.en, self.zh + other.zh)

    @property
    def both(self) -> str:
        """Both languages in one line, for a record read years later in either; `spoken` undoes it for a page."""
        return f"{self.en}{BETWEEN}{self.zh}"

    @staticmethod
    def spoken(words: str) -> str:
        """What `both` gave, in the active language; words a person typed stay as they are."""
        english, between, chinese = words.partition(BETWEEN)
        if between and CHINESE_LETTER.search(chinese) and not CHINESE_LETTER.search(english):
            return str(Text(english, chinese))
        return words

    @staticmethod
    def join(parts: list[Text], en: str = ", ", zh: str = "，") -> Text:
        """Join phrases with each language's own separator."""
        return Text(en.join(part.en for part in parts), zh.join(part.zh for part in parts))
