"""The entry form of a record: a Django form whose fields, layout and rows come from the definition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from records.checks import Entry, RowEntry, address, derive, findings_of, settle
from records.definition import Derived, row_groups
from records.findings import Finding, Level
from records.items import Item, MultiCodeItem, items_of
from records.layout import layout_of
from records.models import Record, Row
from records.parsing import NotReadable, as_typed, parse, sign_and_number
from records.results import ReportedItem, signed

# What stands for the key of a row that a page adds by itself (static/js/rows.js).
NEW_KEY = "__key__"


class ItemField(forms.Field):
    """One item as a form field: reading is records.parsing, showing is templates/records/item.html."""

    def __init__(self, item: Item) -> None:
        widget = forms.SelectMultiple if isinstance(item, MultiCodeItem) else forms.TextInput
        super().__init__(required=False, widget=widget)
        self.item = item

    def __deepcopy__(self, memo: Any) -> ItemField:
        # Nothing of a field changes from one request to the next, so all forms share it.
        return self

    def clean(self, value: Any) -> Any:
        try:
            return parse(self.item, value)
        except NotReadable as refused:
            raise forms.ValidationError(str(refused.sentence)) from refused


def no_marks(name: str, label: Any) -> SafeString:
    """Nothing stands at the end of an item but its history."""
    return SafeString("")


class SharedFields(dict[str, ItemField]):
    """The fields of a form class, which all its forms share: only the list of them is copied."""

    def __deepcopy__(self, memo: Any) -> dict[str, ItemField]:
        return dict(self)


class ItemsForm(forms.Form):
    """What a form and a row of it have in common: items, shown and read by their definition."""

    model: type[Record | Row]
    computed: frozenset[str]  # items nobody types: what is wrong with them stands in their row

    def __init__(
        self,
        data: Any = None,
        *,
        record: Any,
        context: Mapping[str, Any],
        history_url: str = "",
        files_url: str = "",
        readonly: bool = False,
        prefix: str | None = None,
    ) -> None:
        self.record = record
        self.context = context
        self.history_url = history_url
        self.files_url = files_url
        self.readonly = readonly
        self.findings: tuple[Finding, ...] = ()
        self.compared = False  # whether to show what is stored beside what is typed
        self.overtaken = False  # whether somebody else stored it meanwhile
        # What later rooms show at the end of an item, by its name on the page and its label.
        self.marks: Callable[[str, Any], SafeString] = no_marks
        self.derived: dict[str, Derived] = {}
        self.read: Mapping[str, Any] = {}  # the answers the derived values were computed from
        initial = self.stored if data is None else {}
        super().__init__(data, auto_id="id_%s", initial=initial, use_required_attribute=False, prefix=prefix)
        self.missing, self.confirmed = self._reasons()

    @cached_property
    def stored(self) -> dict[str, Any]:
        """What is stored of every item, as it would be typed."""
        if self.record is None:
            return {}
        return {item.name: self._as_stored(item) for item in items_of(self.model)}

    def _as_stored(self, item: Item) -> Any:
        """What is stored of an item, as it would be typed; a result with its sign."""
        words = as_typed(item, getattr(self.record, item.name))
        if isinstance(item, ReportedItem):
            return signed(words, getattr(self.record, f"{item.name}_c"))
        return words

    def _reasons(self) -> tuple[dict[str, str], dict[str, str]]:
        if not self.is_bound:
            return (dict(self.record.missing), dict(self.record.confirmed)) if self.record else ({}, {})
        names = {self.add_prefix(item.name): item.name for item in items_of(self.model)}
        reasons: dict[str, dict[str, str]] = {"missing": {}, "confirm": {}}
        for sent in self.data:
            place, _, what = sent.rpartition("__")
            if place in names and what in reasons and (words := self.data[sent].strip()):
                reasons[what][names[place]] = words
        return reasons["missing"], reasons["confirm"]

    def _clean_fields(self) -> None:
        """Read every field, as Django does, without the object by which it would be drawn: a form has two hundred."""
        for name, field in self.fields.items():
            try:
                sent = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
                self.cleaned_data[name] = field.clean(sent)
            except forms.ValidationError as refused:
                self.add_error(name, refused)

    def clean(self) -> dict[str, Any]:
        """Add the signs that were typed before results."""
        for item in items_of(self.model):
            if isinstance(item, ReportedItem):
                read = self.cleaned_data.get(item.name) is not None
                typed = self.data.get(self.add_prefix(item.name)) if read else None
                self.cleaned_data[f"{item.name}_c"] = sign_and_number(typed)[0]
        return self.cleaned_data

    def show(self, findings: tuple[Finding, ...]) -> None:
        """Put findings beside their items: refused ones as errors, unusual ones as questions."""
        self.findings = findings
        for finding in findings:
            computed = finding.item in self.computed
            if finding.level is Level.HARD and not computed:
                self.add_error(finding.item if finding.item in self.fields else None, str(finding.message))

    def was(self, item: Item) -> str:
        """What is stored, where something else was typed over a submitted form or over somebody else's answer."""
        if not self.is_bound or self.record is None or not self.compared:
            return ""
        names = [item.name, *(f"{item.name}{behind}" for behind in item.typed_along)]
        stored = {name: getattr(self.record, name) for name in names}
        if stored == {name: self.cleaned_data.get(name, self.value_of(name)) for name in names}:
            return ""
        if stored[item.name] is None:
            return gettext("blank") if self.overtaken else ""
        value = item.display(stored[item.name]) if item.codes else str(self._as_stored(item))
        along = [stored[f"{item.name}{behind}"] for behind in item.typed_along if behind != "_c"]
        return " ".join([value, *(words for words in along if words)])

    def value_of(self, name: str) -> Any:
        """What stands in an item now: as typed, or as stored."""
        if name not in self.fields:
            return self.stored.get(name, "")
        return self[name].value() if self.is_bound else self.initial.get(name)

    @cached_property
    def page_values(self) -> dict[str, Any]:
        """What conditions read while the page is drawn."""
        typed = {
            item.name: self.value_of(item.name) or None for item in items_of(self.model) if not item.derived
        }
        return {**self.context, **typed}

    def posted_as_stored(self) -> dict[str, list[str]]:
        """What the fields of this form alone, or of this row, would post as stored."""
        values = {}
        for item in items_of(self.model):
            name, value = self.add_prefix(item.name), self._as_stored(item)
            values[name] = [str(one) for one in (value if isinstance(value, list) else [value]) if one]
            values[f"{name}__missing"] = [self.record.missing.get(item.name, "")]
        return values

    def problems(self) -> Iterator[tuple[str, Any, str]]:
        """What stands in the way, in the order of the items: (id of the field, its label, the sentence)."""
        labels = {item.name: item.label for item in items_of(self.model)}
        for name, label in labels.items():
            for error in self.errors.get(name, []):
                yield f"id_{self.add_prefix(name)}", label, str(error)
        for finding in self.findings:
            open_question = finding.level is Level.SOFT and not self.confirmed.get(finding.item)
            if open_question or (finding.level is Level.HARD and finding.item in self.computed):
                place = f"id_{self.add_prefix(finding.item)}" if finding.item else ""
                yield place, labels.get(finding.item, ""), str(finding.message)
        for error in self.non_field_errors():
            yield "", "", str(error)


class RowForm(ItemsForm):
    """One row of a table inside a form; `key` names it on the page: its number, or "n1" for a new one."""

    model: type[Row]
    key: str

    @property
    def number(self) -> int | None:
        return self.record.number if self.record else None

    @property
    def is_blank(self) -> bool:
        """Whether it is a new row in which nothing stands."""
        typed = (self.value_of(item.name) for item in items_of(self.model) if not item.companion_of)
        there = any(value.strip() if isinstance(value, str) else value for value in typed)
        return self.record is None and not self.missing and not there

    def entry(self) -> RowEntry:
        """What was typed in the row, as far as it can be read."""
        return RowEntry(
            dict(self.cleaned_data), self.missing, self.confirmed, {}, self.number, self.key or NEW_KEY
        )


class EntryForm(ItemsForm):
    """Base of every entry form; `entry_form(model)` makes the concrete class."""

    model: type[Record]

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.compared = self.record is not None and self.record.submitted
        self.row_errors: dict[str, list[str]] = {}
        self.rows = {name: list(self._rows_of(name)) for name in row_groups(self.model)}
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.template = "records/form.html"
        self.helper.layout = layout_of(self.model)

    def _rows_of(self, name: str) -> Iterator[RowForm]:
        stored = {str(row.number): row for row in getattr(self.record, name).all()} if self.record else {}
        sent: Any = self.data
        if self.is_bound:
            for key in dict.fromkeys(sent.getlist(f"{name}__rows")):
                if re.fullmatch(r"n?[0-9]{1,4}", key):
                    yield self.row_form(name, key, stored.get(key))
        else:
            for key, row in stored.items():
                yield self.row_form(name, key, row)
            for number, known in enumerate(self.offered.get(name, ()), start=1):
                yield self.row_form(name, f"n{number}", None, known)

    @cached_property
    def offered(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The rows a form not begun starts with."""
        return {} if self.record or self.readonly else self.model.offered_rows(self.context)

    def row_form(
        self, name: str, key: str, row: Row | None, known: Mapping[str, Any] | None = None
    ) -> RowForm:
        """Make the form of one row; with NEW_KEY, of the row the page keeps for adding.

        `known` are the answers a row begins with that nobody has saved yet.
        """
        made = entry_form(row_groups(self.model)[name])(
            self.data if self.is_bound and key != NEW_KEY else None,
            record=row,
            context={**self.context, **self.page_values},
            history_url=self.history_url if row else "",
            readonly=self.readonly,
            prefix=f"{name}-{key}",
        )
        assert isinstance(made, RowForm)
        made.key, made.compared = key, self.compared
        if known:
            made.initial |= {
                item.name: as_typed(item, known[item.name])
                for item in items_of(made.model)
                if item.name in known
            }
        return made

    def is_valid(self) -> bool:
        """Say whether everything typed can be read, rows included."""
        rows = [row.is_valid() for rows in self.rows.values() for row in rows]
        return super().is_valid() and all(rows)

    def entry(self) -> Entry:
        """What was typed, read; only after `is_valid()` said yes.

        New rows left blank are no rows; a table that was not on the page stays as it is stored.
        """
        rows = {
            name: [row.entry() for row in rows if not row.is_blank]
            for name, rows in self.rows.items()
            if not self.is_bound or f"{name}__shown" in self.data
        }
        return Entry(dict(self.cleaned_data), self.missing, self.confirmed, rows)

    def typed_so_far(self) -> Entry:
        """What can be read of a form still being filled in; what cannot counts as not answered."""
        self.is_valid()
        return self.entry()

    def mark(self, marks: Callable[[str, Any], SafeString]) -> None:
        """Show marks at the end of the items, those of rows that are stored included."""
        self.marks = marks
        for rows in self.rows.values():
            for row in rows:
                if row.record is not None:
                    row.marks = marks

    def compare(self) -> None:
        """Show what somebody else stored meanwhile beside what was typed."""
        self.overtaken = self.compared = True
        for rows in self.rows.values():
            for row in rows:
                row.overtaken = row.compared = True

    def stored_values(self) -> dict[str, list[str]]:
        """What the page's fields would post as stored, by their names, rows included; to choose from (choose.js)."""
        values: dict[str, list[str]] = {}
        for one in (self, *(row for rows in self.rows.values() for row in rows)):
            if one.record is not None:
                values |= one.posted_as_stored()
        return values

    def show(self, findings: tuple[Finding, ...]) -> None:
        """Put findings beside their items, those of a row beside the row's."""
        groups = row_groups(self.model)
        super().show(tuple(one for one in findings if "-" not in one.item and one.item not in groups))
        for one in findings:
            if one.item in groups:
                self.row_errors.setdefault(one.item, []).append(str(one.message))
        for name, rows in self.rows.items():
            for row in rows:
                begins = f"{name}-{row.key}-"
                row.show(
                    tuple(
                        replace(one, item=one.item.removeprefix(begins))
                        for one in findings
                        if one.item.startswith(begins)
                    )
                )

    def compute(self) -> None:
        """Derive from what stands in the form now, typed or stored, and put the results on it.

        On a form as stored, what was confirmed once is shown again, so that it stays confirmed when something
        else is corrected.
        """
        if self.is_bound:
            standing = self.typed_so_far()
        else:
            standing = Entry.of(self.record) if self.record else Entry({})
        settle(self.model, standing, self.context)
        reasons = derive(self.model, standing, self.context)
        self.read = standing.answers
        self.derived = {
            name: Derived(standing.answers[name], reason)
            for name, reason in reasons.items()
            if "-" not in name
        }
        for name, rows in self.rows.items():
            kept = {row.key: row for row in standing.rows.get(name, [])}
            for row in rows:
                row.derived = {
                    item: Derived(kept[row.key].answers[item], reasons[address(name, row.key, item)])
                    for item in row.computed
                    if row.key in kept and address(name, row.key, item) in reasons
                }
        comments = [standing, *(row for rows in standing.rows.values() for row in rows)]
        if not self.is_bound and any(entry.confirmed for entry in comments):
            found = findings_of(self.model, standing, self.context, complete=False)
            self.show(tuple(f for f in found if f.level is Level.SOFT and standing.comment_on(f.item)))

    def all_problems(self) -> list[tuple[str, Any, str]]:
        """What the summary on top lists: the form's own, then each table's and each row's."""
        found = list(self.problems())
        for name, rows in self.rows.items():
            facts = row_groups(self.model)[name].rows
            found += [(f"id_{name}", facts.title, words) for words in self.row_errors.get(name, [])]
            for place, row in enumerate(rows, start=1):
                found += [
                    (where, f"{facts.one} {row.number or place}: {label}", words)
                    for where, label, words in row.problems()
                ]
        return found


@cache
def entry_form(model: type[Record | Row]) -> type[EntryForm]:
    """Make the entry form class of a form, or of a row of one; once in the life of a process."""
    fields: dict[str, Any] = {item.name: ItemField(item) for item in items_of(model) if not item.derived}
    computed = frozenset(item.name for item in items_of(model) if item.derived)
    base = EntryForm if issubclass(model, Record) else RowForm
    made: Any = type(f"{model.__name__}Entry", (base,), {**fields, "model": model, "computed": computed})
    made.base_fields = SharedFields(made.base_fields)
    return made
