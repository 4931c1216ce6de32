"""What stands in a record, as verification and signatures take it: digests of its answers, and its whole content.

What a signature binds, from the inside out (all in the canonical form of records/digest.py):

    a record     {"participant", "visit", "occurrence", "form", "repeat", "record", "definition", "state",
                  "answers", "missing", "confirmed", "rows"}: every answer, computed ones too, why answers are missing,
                  the words that confirmed unusual ones; of each table the rows by number with the same of each
    a manifest   for every record of the extent {"visit", "occurrence", "form", "repeat", "record", "definition",
                  "sha256"}, in the order of visits and forms
    a signature  {"participant", "extent", "records": the manifest}

`definition` is the version of the form's definition: a digest of what its items say (names, words, units, codes,
ranges). A signature keeps the one it was made under, and is worked out again with that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from monitoring.digest import item_digest
from monitoring.plan import covers
from participants.models import CaseReportForm, Visit
from participants.reading import Entered
from records.checks import Entry, RowEntry, address
from records.definition import row_groups
from records.digest import sha256
from records.items import Item, items_of
from records.models import Record, Row
from records.text import Text


def verifiable(model: type[Record] | type[Row]) -> list[Item]:
    """The items somebody entered from a source: not what rules compute, not what stands beside an answer."""
    return [item for item in items_of(model) if not item.derived and not item.companion_of]


@cache
def names_to_verify(model: type[Record]) -> frozenset[tuple[str, str]]:
    """What can be verified of a form: pairs of a table of rows ("" for the form itself) and an item."""
    found = {("", item.name) for item in verifiable(model)}
    for name, row_model in row_groups(model).items():
        found |= {(name, item.name) for item in verifiable(row_model)}
    return frozenset(found)


def entry_of(entered: Entered) -> Entry:
    """Read a record whose rows were read along."""
    record = entered.record
    answers = {item.name: getattr(record, item.name) for item in items_of(type(record))}
    rows = {name: [RowEntry.of_row(row) for row in rows] for name, rows in entered.rows.items()}
    return Entry(answers, dict(record.missing), dict(record.confirmed), rows)


def item_digests(model: type[Record], entry: Entry) -> dict[str, str]:
    """The digest of every answer that can be verified, by its address; blank ones too."""
    found = {item.name: _digest(item, entry) for item in verifiable(model)}
    for name, row_model in row_groups(model).items():
        for row in entry.rows.get(name, []):
            found |= {
                address(name, str(row.number), item.name): _digest(item, row)
                for item in verifiable(row_model)
            }
    return found


def _digest(item: Item, entry: Entry) -> str:
    along = {behind: entry.answers.get(f"{item.name}{behind}") for behind in item.typed_along}
    return item_digest(entry.answers.get(item.name), along, entry.missing.get(item.name))


def wanted(model: type[Record], entry: Entry, plan: tuple[str, ...]) -> frozenset[str]:
    """The addresses that hold an answer, or why there is none, and that the plan asks for."""
    found = {item.name for item in verifiable(model) if _holds(item, entry)}
    for name, row_model in row_groups(model).items():
        for row in entry.rows.get(name, []):
            found |= {
                address(name, str(row.number), item.name)
                for item in verifiable(row_model)
                if _holds(item, row)
            }
    return frozenset(one for one in found if covers(plan, one))


def _holds(item: Item, entry: Entry) -> bool:
    return entry.answers.get(item.name) is not None or item.name in entry.missing


def label_of(model: type[Record], at: str) -> Text:
    """The words of an address: of "lesions-2-ldiam" the row's name, its number and the item's label."""
    if "-" not in at:
        labels = {item.name: item.label for item in items_of(model)}
        groups = row_groups(model)
        return labels.get(at) or (groups[at].rows.title if at in groups else Text(at, at))
    name, key, item_name = at.split("-")
    row_model = row_groups(model).get(name)
    if row_model is None:
        return Text(at, at)
    labels = {item.name: item.label for item in items_of(row_model)}
    number = Text(f" {key}: ", f" {key}：")
    return row_model.rows.one + number + labels.get(item_name, Text(item_name, item_name))


# -- what a signature binds -----------------------------------------------------------------------------


@cache
def definition_of(model: type[Record]) -> str:
    """The version of a form's definition: 16 hexadecimal digits, others as soon as anything people read changes."""
    tables: dict[str, type[Record] | type[Row]] = {"": model, **row_groups(model)}
    said = {name: [_definition(item) for item in items_of(table)] for name, table in tables.items()}
    return sha256([model.form.code, model.rules_version, said])[:16]


def _definition(item: Item) -> dict[str, Any]:
    codes = [[code, words.en, words.zh] for code, words in item.codes] if item.codes else []
    return {
        "name": item.name,
        "kind": type(item).__name__,
        "label": [item.label.en, item.label.zh],
        "unit": str(item.unit),
        "units": sorted(getattr(item, "units", ())),
        "codes": codes,
        "hard": list(item.hard),
        "soft": list(item.soft),
        "derived": item.derived,
    }


def record_content(
    record: CaseReportForm, entry: Entry, visit: Visit, number: str, definition: str = ""
) -> dict[str, Any]:
    """Everything a record says, and where it belongs."""
    return {
        "participant": number,
        "visit": visit.code,
        "occurrence": visit.occurrence,
        "form": record.form.code,
        "repeat": record.repeat,
        "record": record.pk,
        "definition": definition or definition_of(type(record)),
        "state": record.state,
        **_said(entry),
        "rows": {
            name: {str(row.number): _said(row) for row in rows} for name, rows in entry.rows.items() if rows
        },
    }


def _said(entry: Entry) -> dict[str, Any]:
    return {
        "answers": {name: value for name, value in entry.answers.items() if value is not None},
        "missing": dict(entry.missing),
        "confirmed": dict(entry.confirmed),
    }


def manifest_of(
    records: Iterable[Entered],
    visits: Mapping[int, Visit],
    number: str,
    definitions: Mapping[tuple[str, int], str] = {},
) -> list[dict[str, Any]]:
    """What a signature names of each record, in the order of visits and forms.

    `definitions`: the version of the form's definition to work with, by form and record; today's where it is not named.
    """
    found = []
    for entered in records:
        record, visit = entered.record, visits[entered.record.visit_id]
        definition = definitions.get((record.form.code, record.pk), "") or definition_of(type(record))
        content = record_content(record, entry_of(entered), visit, number, definition)
        line = {
            "visit": visit.code,
            "occurrence": visit.occurrence,
            "form": record.form.code,
            "repeat": record.repeat,
            "record": record.pk,
            "definition": definition,
            "sha256": sha256(content),
        }
        found.append(((visit.position, visit.occurrence, record.form.code, record.repeat), line))
    return [line for _order, line in sorted(found, key=lambda one: one[0])]


def seal(number: str, extent: str, manifest: list[dict[str, Any]]) -> str:
    """The hash a signature is bound to."""
    return sha256({"participant": number, "extent": extent, "records": manifest})
