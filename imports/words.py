"""Rows of an import in words: where they are, what they change, and what checks say, for the page and the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse

from imports.models import ImportJob, ImportRow
from imports.targets import Target, importable, target_of
from imports.workflow import OUTCOME_WORDS, Outcome
from participants.models import Visit
from records.codelists import MISSING
from records.definition import row_groups
from records.items import CodeItem, MultiCodeItem, items_of
from records.text import Text

BADGES = {Outcome.NEW: "accent", Outcome.CHANGED: "warn", Outcome.SAME: "", Outcome.REFUSED: "bad"}


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One answer that differs: what it is called, and in words before and after."""

    label: Text | str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What is wrong with a cell, or asked about it."""

    heading: str
    label: Text | str
    sentence: Text
    asks: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page shows it; `url` leads to the form, where it is there."""

    row: ImportRow
    participant: str
    visit: Text | str
    url: str
    changes: list[ChangeWords]
    findings: list[FindingWords]

    @property
    def badge(self) -> str:
        return BADGES[Outcome(self.row.outcome)]

    @property
    def outcome(self) -> Text:
        return OUTCOME_WORDS[Outcome(self.row.outcome)]


@lru_cache(4096)
def target_at(form: str, item: str) -> Target | None:
    """The item at an address of a form; new rows are called by the number the file gives them."""
    model = importable(form)
    group, dash, rest = item.partition("-")
    return target_of(model, f"{group}-{rest.removeprefix('n')}" if dash else item) if model else None


def in_words(form: str, item: str, value: str, reason: str) -> str:
    """A value as it stands in a row of results, in words: codes by their label, a missing one by its reason."""
    if reason:
        return str(MISSING.label(reason))
    target = target_at(form, item)
    codes = target.item.codes if target and isinstance(target.item, (CodeItem, MultiCodeItem)) else None
    if codes is None or not value:
        return value
    return ", ".join(str(codes.label(code)) for code in value.split(" "))


@lru_cache(4096)
def label_at(form: str, item: str) -> Text | str:
    """What an item is called, a computed one as well."""
    target = target_at(form, item)
    if target is not None:
        return target.label
    model = importable(form)
    group, _dash, rest = item.partition("-")
    holder = row_groups(model).get(group) if model and rest else model
    name = rest.partition("-")[2] if rest else item
    found = (one.label for one in (items_of(holder) if holder else ()) if one.name == name)
    return next(found, item)


def changes_in_words(job: ImportJob, row: ImportRow) -> list[ChangeWords]:
    return [
        ChangeWords(
            label_at(job.form, one["item"]),
            in_words(job.form, one["item"], one["old"], one["old_reason"]),
            in_words(job.form, one["item"], one["new"], one["new_reason"]),
        )
        for one in row.changes
    ]


def lines_of(job: ImportJob, rows: Iterable[ImportRow]) -> list[Line]:
    """Some rows in words, with addresses of their forms; one query beside that of the rows."""
    rows = list(rows)
    people = {row.participant_id for row in rows if row.participant_id}
    visits = {
        (visit.participant_id, visit.code, visit.occurrence): visit
        for visit in Visit.objects.filter(participant_id__in=people, code__in={row.visit for row in rows})
    }
    model = importable(job.form)
    several = model is not None and model.form.several
    found = []
    for row in rows:
        visit = visits.get((row.participant_id or 0, row.visit, row.occurrence))
        number = [row.repeat] if several else []
        found.append(
            Line(
                row,
                row.participant.number if row.participant else "",
                visit.label if visit else row.visit,
                reverse("casebook:entry", args=[visit.pk, job.form, *number])
                if visit and row.revision
                else "",
                changes_in_words(job, row),
                [
                    FindingWords(
                        one["heading"],
                        label_at(job.form, one["item"]) if one["item"] else "",
                        Text(one["en"], one["zh"]),
                        one["level"] == "SOFT",
                    )
                    for one in row.findings
                ],
            )
        )
    return found
