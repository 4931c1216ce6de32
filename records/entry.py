"""The entry form of a record: a Django form whose fields, layout and rows come from the definition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import cached_property

from records.checks import Entry
from records.definition import Derived
from records.findings import Finding, Level
from records.items import Item, MeasuredItem, MultiCodeItem, items_of
from records.layout import layout_of
from records.models import Record
from records.parsing import NotReadable, as_typed, parse


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


class EntryForm(forms.Form):
    """Base of every entry form; `entry_form(model)` makes the concrete class."""

    model: type[Record]
    computed: frozenset[str]  # items nobody types: what is wrong with them stands in their row

    def __init__(
        self,
        data: Any = None,
        *,
        record: Record | None,
        context: Mapping[str, Any],
        history_url: str = "",
        readonly: bool = False,
    ) -> None:
        self.record = record
        self.context = context
        self.history_url = history_url
        self.readonly = readonly
        self.findings: tuple[Finding, ...] = ()
        self.overtaken = False
        self.derived: dict[str, Derived] = {}
        super().__init__(data, auto_id="id_%s", initial=self._stored(), use_required_attribute=False)
        self.missing, self.confirmed = self._reasons()
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = layout_of(self.model)

    def _stored(self) -> dict[str, Any]:
        if self.record is None:
            return {}
        return {item.name: as_typed(item, getattr(self.record, item.name)) for item in items_of(self.model)}

    def _reasons(self) -> tuple[dict[str, str], dict[str, str]]:
        if not self.is_bound:
            return (dict(self.record.missing), dict(self.record.confirmed)) if self.record else ({}, {})
        names = [item.name for item in items_of(self.model)]
        return (
            {name: code for name in names if (code := self.data.get(f"{name}__missing", ""))},
            {name: words for name in names if (words := self.data.get(f"{name}__confirm", "").strip())},
        )

    def entry(self) -> Entry:
        """What was typed, read; only after `is_valid()` said yes."""
        return Entry(dict(self.cleaned_data), self.missing, self.confirmed)

    def typed_so_far(self) -> Entry:
        """What can be read of a form still being filled in; what cannot counts as not answered."""
        self.is_valid()
        return Entry(dict(self.cleaned_data), self.missing, self.confirmed)

    def show(self, findings: tuple[Finding, ...]) -> None:
        """Put findings beside their items: refused ones as errors, unusual ones as questions."""
        self.findings = findings
        for finding in findings:
            computed = finding.item in self.computed
            if finding.level is Level.HARD and not computed:
                self.add_error(finding.item if finding.item in self.fields else None, str(finding.message))

    def was(self, item: Item) -> str:
        """What is stored, where something else was typed over a submitted form or over somebody else's answer."""
        if not self.is_bound or self.record is None or not (self.record.submitted or self.overtaken):
            return ""
        names = [item.name, f"{item.name}_u"] if isinstance(item, MeasuredItem) else [item.name]
        stored = [getattr(self.record, name) for name in names]
        if stored[0] is None or stored == [
            self.cleaned_data.get(name, self.value_of(name)) for name in names
        ]:
            return ""
        value = item.display(stored[0]) if item.codes else as_typed(item, stored[0])
        return " ".join([value, *(unit for unit in stored[1:] if unit)])

    def value_of(self, name: str) -> Any:
        """What stands in an item now: as typed, or as stored."""
        return self[name].value() if name in self.fields else self.initial.get(name, "")

    @cached_property
    def page_values(self) -> dict[str, Any]:
        """What conditions read while the page is drawn."""
        typed = {
            item.name: self.value_of(item.name) or None for item in items_of(self.model) if not item.derived
        }
        return {**self.context, **typed}


@cache
def entry_form(model: type[Record]) -> type[EntryForm]:
    """Make the entry form class of a form; once in the life of a process."""
    fields: dict[str, Any] = {item.name: ItemField(item) for item in items_of(model) if not item.derived}
    computed = frozenset(item.name for item in items_of(model) if item.derived)
    return type(f"{model.__name__}Entry", (EntryForm,), {**fields, "model": model, "computed": computed})
