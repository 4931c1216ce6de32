"""What a form knows of itself beyond its items, and the register of all forms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps

from records.text import Text

if TYPE_CHECKING:
    from records.models import Record


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A form's short code (upper case, as in the casebook), its title, and its CDISC domains."""

    code: str
    title: Text
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """A value computed by a rule, with the reason in words; None where an input is missing."""

    value: Any
    reason: Text


@cache
def forms() -> dict[str, type[Record]]:
    """Every form of the trial by its code, in the order of the installed rooms."""
    found: dict[str, type[Record]] = {}
    for model in apps.get_models():
        facts = getattr(model, "form", None)
        if isinstance(facts, FormFacts):
            if facts.code in found:
                raise ValueError(f"Two forms are called {facts.code}.")
            found[facts.code] = model  # type: ignore[assignment]
    return found
