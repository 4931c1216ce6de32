"""Where a query stands: participant, visit, form, which of several records, item; its words and its addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from participants.models import CaseReportForm, Participant, Visit
from records.definition import forms, row_groups
from records.items import Item, items_of
from records.models import Record, Row
from records.text import Text


@dataclass(frozen=True, slots=True)
class Place:
    """A place of one participant; see monitoring.models.Query for what an empty part means."""

    participant: Participant
    visit: Visit | None = None
    form: str = ""
    repeat: int = 0
    item: str = ""

    @property
    def words(self) -> list[Text]:
        """From the visit to the item, each named where there is one."""
        found = [self.visit.label] if self.visit else []
        if self.form:
            found.append(form_words(self.form, self.repeat))
        if self.item:
            found.append(item_words(self.form, self.item) or Text(self.item, self.item))
        return found

    def address(self, query: int | None = None) -> str:
        """The page of this place, at one of its queries."""
        parts = {
            "visit": self.visit.pk if self.visit else "",
            "form": self.form,
            "repeat": self.repeat or "",
            "item": self.item,
        }
        return place_address(self.participant.pk, parts) + (f"#q{query}" if query else "")

    def at_form(self, item: str = "") -> Place:
        """The same form as a whole, or another of its items."""
        return Place(self.participant, self.visit, self.form, self.repeat, item)


def place_address(participant_id: int, parts: Mapping[str, object]) -> str:
    asked = urlencode({name: value for name, value in parts.items() if value})
    return reverse("monitoring:place", args=[participant_id]) + (f"?{asked}" if asked else "")


def form_words(code: str, repeat: int) -> Text:
    """The title of a form, with the number of the record where a visit may have several."""
    model = forms().get(code)
    if model is None:
        return Text(code, code)
    return model.form.title + Text(f" {repeat}", f" {repeat}") if model.form.several else model.form.title


def case_form(code: str) -> type[CaseReportForm] | None:
    """The form of this code that belongs to a visit."""
    model = forms().get(code)
    return model if model is not None and issubclass(model, CaseReportForm) else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address on a form page names: an item of the form, a row, or an item of a row."""

    group: str = ""
    number: int | None = None
    rows: type[Row] | None = None
    item: Item | None = None


@lru_cache(2048)
def read_item(code: str, item: str) -> Asked | None:
    """Find what `item` names on a form; None for a form or an item there is not."""
    model = forms().get(code)
    if model is None:
        return None
    if not item:
        return Asked()
    if "-" not in item:
        found = _item(model, item)
        return Asked(item=found) if found else None
    group, number, name = [*item.split("-", 2), ""][:3]
    rows = row_groups(model).get(group)
    if rows is None or not (number.isascii() and number.isdigit() and len(number) < 5):
        return None
    inside = _item(rows, name) if name else None
    if name and inside is None:
        return None
    return Asked(group, int(number), rows, inside)


def _item(model: type[Record | Row], name: str) -> Item | None:
    return next((one for one in items_of(model) if one.name == name and not one.companion_of), None)


def item_words(code: str, item: str) -> Text | None:
    """What an item is called: "Lesion 2: Longest diameter"; None where the form has none of that name."""
    asked = read_item(code, item)
    if asked is None:
        return None
    if asked.rows is None:
        return asked.item.label if asked.item else None
    row = asked.rows.rows.one + Text(f" {asked.number}", f" {asked.number}")
    return row + Text(": ", "：") + asked.item.label if asked.item else row
