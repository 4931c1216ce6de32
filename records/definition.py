"""What a form knows of itself beyond its items, and the register of all forms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps

from records.conditions import ALWAYS, NEVER, When
from records.terms import TermList
from records.text import Text

if TYPE_CHECKING:
    from records.models import Record, Row


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A form's short code (upper case, as in the casebook), its title, and its CDISC domains.

    several  a visit may have any number of it (adverse events, specimens); otherwise one
    listed   the items that tell one of several from another, shown in the list above the form
    beside   the code of the form each of several belongs to: it has the number of that form's record at the visit
    """

    code: str
    title: Text
    domains: tuple[str, ...]
    several: bool = False
    listed: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What a table of rows inside a form knows of itself.

    title       stands above the rows; `one` names a single row ("Lesion")
    after       the item of the form below which the table stands; "" for its end
    shown_when  the condition under which there are rows at all; otherwise they are cleared
    required    the condition under which a submitted form has at least one row
    most        how many rows a form takes
    """

    title: Text
    one: Text
    after: str = ""
    shown_when: When = ALWAYS
    required: When = NEVER
    most: int = 40


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


@cache
def term_lists() -> dict[str, TermList]:
    """The lists of terms that items of any form or row are chosen from, by name."""
    models = [model for form in forms().values() for model in (form, *row_groups(form).values())]
    fields = (field for model in models for field in model._meta.concrete_fields)
    return {
        terms.name: terms for field in fields if isinstance(terms := getattr(field, "terms", None), TermList)
    }


@cache
def row_groups(model: type[Record]) -> dict[str, type[Row]]:
    """The tables of rows inside a form by their name, in the order of their definition."""
    return {
        relation.get_accessor_name() or "": relation.related_model  # type: ignore[misc]
        for relation in model._meta.related_objects
        if isinstance(getattr(relation.related_model, "rows", None), RowFacts)
    }
