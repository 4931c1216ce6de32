"""Words in both languages of the trial, side by side where they are defined.

Clinical content (labels, code lists, criteria, the reasons a rule gives) is part of a form's or a
rule's definition, so its translation stands beside it and nothing else has to be edited when a
form is added. Interface words use gettext instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ENGLISH, CHINESE = "en", "zh-hans"


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

    @staticmethod
    def join(parts: list[Text], en: str = ", ", zh: str = "，") -> Text:
        """Join phrases with each language's own separator."""
        return Text(en.join(part.en for part in parts), zh.join(part.zh for part in parts))
