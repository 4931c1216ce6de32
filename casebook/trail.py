"""One entry of the audit trail as lines people can read."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from records.definition import FormFacts, RowFacts
from records.items import Item
from records.models import TrailEntry
from records.trail_words import in_words


@cache
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def title_of(entry: TrailEntry) -> str:
    """What kind of row it is: a form's title, or the model's name."""
    model = _models().get(entry.relation)
    if model is None:
        return entry.relation
    facts = getattr(model, "form", None)
    if isinstance(facts, FormFacts):
        return str(facts.title)
    rows = getattr(model, "rows", None)
    return str(rows.one) if isinstance(rows, RowFacts) else str(model._meta.verbose_name)


def trail_rows(entry: TrailEntry) -> list[tuple[str, str, str]]:
    """Each changed column: its label, what it was, what it became; keys between tables are left out."""
    model = _models().get(entry.relation)
    columns: dict[str, Any] = {str(f.column): f for f in model._meta.concrete_fields} if model else {}
    rows = []
    for column, (before, after) in sorted(entry.changes.items()):
        field = columns.get(column)
        if isinstance(field, Item):
            rows.append((str(field.label), in_words(field, before), in_words(field, after)))
        elif not column.endswith("_id") and column not in ("id", "revision"):
            rows.append((column, "" if before is None else str(before), "" if after is None else str(after)))
    return rows
