"""The forms as the product defines them, in the shapes of the dictionary."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import translation

from eligibility.criteria import CRITERIA
from eligibility.criteria_wording import WORDING
from eligibility.models.decision import DECISIONS
from participants.schedule_file import SCHEDULES
from records import conditions
from records.definition import forms, row_groups
from records.items import DecimalItem, Item, MeasuredItem, items_of
from records.models import Record
from records.text import CHINESE, ENGLISH, Text
from trial_edc.dictionary.table import (
    ALWAYS,
    NEVER,
    OPEN,
    UNANSWERED,
    Codes,
    Condition,
    Field,
    Form,
    Group,
    Range,
)


def forms_of_product() -> dict[str, Form]:
    return {
        code: Form(code, _both(model.form.title), model.form.domains, model.form.several)
        for code, model in forms().items()
    }


def groups_of_product() -> dict[tuple[str, str], Group]:
    return {
        (code, name): Group(
            code,
            name,
            _both(rows.rows.title),
            condition(rows.rows.shown_when),
            condition(rows.rows.required),
        )
        for code, model in forms().items()
        for name, rows in row_groups(model).items()
    }


def fields_of_product() -> Iterator[Field]:
    """Every item of every form, those of a form's rows as `group.item`."""
    for code, model in forms().items():
        yield from _fields(code, model)


def _fields(code: str, model: type[Record]) -> Iterator[Field]:
    for item in items_of(model):
        yield field_of(code, item.name, item)
    for name, rows in row_groups(model).items():
        for item in items_of(rows):
            found = field_of(code, f"{name}.{item.name}", item)
            # A row's item applies only where there are rows.
            yield replace(found, shown=found.shown & condition(rows.rows.shown_when))


def field_of(code: str, name: str, item: Item) -> Field:
    """One item as the dictionary would write it down."""
    return Field(
        form=code,
        item=name,
        label=_both(item.label),
        type=_type(item),
        unit=_unit(item),
        codes=None if item.codes is None else tuple((one, text.en, text.zh) for one, text in item.codes),
        required=NEVER if item.derived else condition(item.required),
        shown=condition(item.shown_when),
        hard=_range(item, "hard"),
        soft=_range(item, "soft"),
        missing=item.missing,
    )


def condition(when: conditions.When) -> Condition:
    if when is conditions.ALWAYS:
        return ALWAYS
    if when is conditions.NEVER:
        return NEVER
    parts: tuple[conditions.When, ...] = getattr(when, "parts", (when,))
    return Condition(
        tuple(
            {name: frozenset(code or UNANSWERED for code in codes) for name, codes in part.answers.items()}
            for part in parts
        )
    )


def _both(text: Text) -> tuple[str, str]:
    return text.en, text.zh


def _type(item: Item) -> str:
    kind = item.kind
    if kind == "text":
        length = getattr(item, "max_length", None)
        kind = f"{'longtext' if getattr(item, 'long', False) else 'text'}({length})"
    elif isinstance(item, DecimalItem):
        kind = f"{kind}({item.decimal_places})"
    return f"derived {kind}" if item.derived else kind


def _unit(item: Item) -> str:
    if not isinstance(item, MeasuredItem):
        return item.unit
    return "; ".join(
        unit if factor == 1 else f"{unit} = {'–' if factor is None else factor}"
        for unit, factor in item.units.items()
    )


def _range(item: Item, which: str) -> Range:
    if isinstance(item, MeasuredItem):
        # The range is written at the measurement, and checked on its value in the first unit.
        return _range_of(item.model._meta.get_field(f"{item.name}_si"), which)
    if item.companion_of and item.name.endswith("_si"):
        return OPEN
    return _range_of(item, which)


def _range_of(field: Any, which: str) -> Range:
    low, high = getattr(field, which)
    return low, high


# What is kept outside the forms --------------------------------------------------------------------


def kept_outside(reference: str) -> str:
    """Say what is wrong with `@room.Model.field`; "" where the product has it."""
    parts = reference.removeprefix("@").split(".")
    if parts[:2] == ["eligibility", "criteria"]:
        return "" if parts[2] in {criterion for criterion, *_rest in CRITERIA} else "no such criterion"
    try:
        apps.get_model(parts[0], parts[1])._meta.get_field(parts[2])
    except (LookupError, FieldDoesNotExist) as unknown:
        return str(unknown)
    return ""


def type_outside(reference: str) -> tuple[str, ...]:
    """The types of the dictionary that fit what is kept there."""
    parts = reference.removeprefix("@").split(".")
    if parts[1] == "criteria":
        return ("code",)
    field = apps.get_model(parts[0], parts[1])._meta.get_field(parts[2])
    if isinstance(field, models.ForeignKey):
        return ("user", "e-signature") if field.related_model is get_user_model() else ()
    if isinstance(field, models.CharField):
        return (f"text({field.max_length})", "code")
    if isinstance(field, models.IntegerField | models.PositiveSmallIntegerField):
        return ("integer",)
    if isinstance(field, models.DecimalField):
        return (f"decimal({field.decimal_places})",)
    if isinstance(field, models.DateTimeField):
        return ("datetime",)
    return ("date",) if isinstance(field, models.DateField) else ()


def label_outside(reference: str) -> tuple[str, str] | None:
    """The words of a criterion; None for what has no label of its own."""
    parts = reference.removeprefix("@").split(".")
    return _both(WORDING[parts[2]]) if parts[1] == "criteria" else None


def codes_outside(reference: str) -> Codes | None:
    """The codes offered there with their words; None where they are no list of the product."""
    if reference == "@participants.Visit.code":
        return _visits()
    if reference == "@eligibility.EligibilityDecision.outcome":
        return tuple((code, text.en, text.zh) for code, text in DECISIONS.items())
    if reference.startswith("@eligibility.criteria."):
        return tuple((code, *_interface("criterion", word)) for code, word in VERDICTS.items())
    return None


# As templates/components/verdict.html shows them.
VERDICTS: Mapping[str, str] = {
    "PASS": "Pass",
    "FAIL": "Fail",
    "UNKNOWN": "Unknown",
    "RULING": "Needs ruling",
}


def _interface(context: str, words: str) -> tuple[str, str]:
    found = []
    for language in (ENGLISH, CHINESE):
        with translation.override(language):
            found.append(str(translation.pgettext(context, words)))
    return found[0], found[1]


def _visits() -> Codes:
    newest = max(SCHEDULES.glob("v*.toml"), key=lambda path: int(re.sub(r"\D", "", path.stem)))
    visits = tomllib.loads(newest.read_text(encoding="utf-8"))["visit"]
    return tuple(dict.fromkeys((visit["code"], visit["label_en"], visit["label_zh"]) for visit in visits))
