"""What somebody asks of the trail: filters as typed into the page's address, and kept with an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from audit.kinds import KIND_WORDS, Kind
from records.definition import forms, row_groups
from records.items import items_of
from records.text import Text
from records.zone import TRIAL_ZONE

NOBODY = "-"  # typed as the person: entries that name nobody


WORDS = {
    "participant": Text("Participant", "受试者"),
    "kind": Text("Kind", "类别"),
    "form": Text("Form", "表单"),
    "field": Text("Field", "字段"),
    "person": Text("Person", "人员"),
    "from_day": Text("First day", "起始日期"),
    "to_day": Text("Last day", "结束日期"),
}


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Filters that mean something; "" is no filter.

    `participant` is a number as printed, `person` part of a name or a user name, or "-" for nobody; `from_day` and
    `to_day` are days in Shanghai, both included. A field is one of its form.
    """

    participant: str = ""
    kind: str = ""
    form: str = ""
    field: str = ""
    person: str = ""
    from_day: str = ""
    to_day: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> TrailFilter:
        """Read filters; one that means nothing falls away."""
        words = {name: str(given.get(name, "")).strip()[:80] for name in cls.__slots__}
        if words["kind"] not in set(Kind):
            words["kind"] = ""
        words["form"] = words["form"].upper() if words["form"].upper() in forms() else ""
        if words["field"] not in fields_of(words["form"]):
            words["field"] = ""
        for name in ("from_day", "to_day"):
            words[name] = words[name] if _day(words[name]) else ""
        return cls(**words)

    @property
    def begins(self) -> datetime | None:
        """The first moment asked for."""
        day = _day(self.from_day)
        return datetime.combine(day, time(), TRIAL_ZONE) if day else None

    @property
    def ends(self) -> datetime | None:
        """The moment before which an entry was written."""
        day = _day(self.to_day)
        return datetime.combine(day + timedelta(days=1), time(), TRIAL_ZONE) if day else None

    def given(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    def words(self) -> list[str]:
        """The filters that are set, in words of the active language."""
        shown = dict(self.given())
        if self.kind:
            shown["kind"] = str(KIND_WORDS[Kind(self.kind)])
        if self.form:
            shown["form"] = str(forms()[self.form].form.title)
        if self.field:
            shown["field"] = fields_of(self.form)[self.field]
        return [f"{WORDS[name]}: {value}" for name, value in shown.items()]

    def query(self, **more: object) -> str:
        """An address's query with these filters and more."""
        return urlencode({**self.given(), **more})


def _day(words: str) -> date | None:
    try:
        day = date.fromisoformat(words)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day < date(2200, 1, 1) else None


def fields_of(code: str) -> dict[str, str]:
    """The columns of a form and of its tables' rows, with their labels in the active language."""
    if code not in forms():
        return {}
    model = forms()[code]
    found = {str(item.column): str(item.label) for item in items_of(model)}
    for rows in row_groups(model).values():
        for item in items_of(rows):
            found.setdefault(str(item.column), f"{rows.rows.one}: {item.label}")
    return found
