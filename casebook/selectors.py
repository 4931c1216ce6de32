"""Reads of the casebook: which forms are due and entered at which visits, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Access, Permission
from accounts.models import User
from accounts.prepared import ask
from casebook.models import UnsavedEntry
from eligibility.policies import UNDECIDED, due_at, due_forms
from participants.models import CaseReportForm, Visit
from participants.workflow import VISIT_WORDS, VisitState
from records.codelists import MISSING
from records.definition import forms
from records.items import Item, items_of
from records.models import Record
from records.text import Text

SUBMITTED = str(Record.State.SUBMITTED)


@dataclass(frozen=True, slots=True)
class FormState:
    """One form due at a visit, and how far it has come."""

    code: str
    title: Text
    state: str  # a word of templates/components/mark.html: blank, partial, submitted
    words: str
    url: str
    due: bool = True  # False: may be entered here, but nothing is owed


@lru_cache(256)
def _states_sql(column: str, codes: tuple[str, ...] = ()) -> str:
    """One statement over the tables of all forms, or of some: visit, form code, state."""
    quote = connection.ops.quote_name
    parts = [
        f"SELECT visit_id, '{code}' AS form, state FROM {quote(model._meta.db_table)} WHERE {column} = ANY(%s)"  # noqa: S608 – names of our own tables
        for code, model in forms().items()
        if issubclass(model, CaseReportForm) and (not codes or code in codes)
    ]
    return " UNION ALL ".join(parts)


class VisitForms(dict[str, str]):
    """The state of each form entered at a visit, by its code; `records` counts every record, those of one form too."""

    records: int = 0


def form_states(visit_ids: Iterable[int]) -> dict[int, VisitForms]:
    """Give, for each visit, the state of each form entered at it (DRAFT, SUBMITTED); one query.

    Of several records of a form the least advanced counts.
    """
    return _states("visit_id", list(visit_ids))


def form_states_of(participant_ids: Iterable[int]) -> dict[int, VisitForms]:
    """The same at all visits of some participants: PostgreSQL plans longer the more ids are named."""
    return _states("participant_id", list(participant_ids))


def _states(column: str, ids: list[int]) -> dict[int, VisitForms]:
    found: dict[int, VisitForms] = defaultdict(VisitForms)
    if ids:
        sql = _states_sql(column)
        for visit_id, form, state in ask(sql, [ids] * sql.count("%s")):
            entered = found[visit_id]
            # DRAFT comes before SUBMITTED.
            entered[form] = min(state, entered.get(form, state))
            entered.records += 1
    return found


UNSAVED = (
    "SELECT id, form || '/' || repeat, kept_at::text FROM casebook_unsavedentry "
    "WHERE person_id = %s AND visit_id = %s"
)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """That somebody typed into a form and did not save it, and when."""

    pk: int
    at: datetime


def states_and_unsaved(
    visit: Visit, person: User | None
) -> tuple[dict[str, str], dict[tuple[str, int], list[Unsaved]]]:
    """Give the states of the forms entered at a visit, and what this person typed there and did not save.

    The second by form code and repeat, newest first; one query for both.
    """
    # The fewer tables a statement names, the sooner PostgreSQL has planned it.
    sql = f"{_states_sql('visit_id', tuple(visit.may_hold))} UNION ALL {UNSAVED}"
    entered: dict[str, str] = {}
    unsaved: dict[tuple[str, int], list[Unsaved]] = defaultdict(list)
    ids = [[visit.pk]] * (sql.count("%s") - 2)
    for key, form, state in ask(sql, [*ids, person.pk if person else None, visit.pk]):
        code, slash, repeat = form.partition("/")
        if slash:
            unsaved[code, int(repeat)].append(Unsaved(key, datetime.fromisoformat(state)))
        else:
            entered[code] = min(state, entered.get(code, state))
    for kept in unsaved.values():
        kept.sort(key=lambda one: one.at, reverse=True)
    return entered, unsaved


def unsaved_of(access: Access) -> QuerySet[UnsavedEntry]:
    """Everything this person typed and did not save, at sites where they still enter data, the latest first."""
    if not access.may_somewhere(Permission.ENTER_DATA):
        return UnsavedEntry.objects.none()
    here = access.at_sites(Permission.ENTER_DATA, "visit__participant__site")
    return (
        UnsavedEntry.objects.filter(here, person=access.user)
        .select_related("visit__participant")
        .defer("posted")
        .order_by("-kept_at", "pk")
    )


def is_typed_into(record: Record) -> bool:
    """Whether anybody has something typed into this form that they have not saved."""
    if not isinstance(record, CaseReportForm):
        return False
    return UnsavedEntry.objects.filter(
        visit=record.visit_id, form=record.form.code, repeat=record.repeat
    ).exists()


@dataclass(frozen=True, slots=True)
class Several:
    """One of several records of a form at a visit, as the list above the form shows it."""

    repeat: int
    state: str  # a word of templates/components/mark.html: partial, submitted
    words: str
    cells: tuple[tuple[Text, str], ...]  # heading and words of each item that tells it apart
    url: str


def told_apart(
    model: type[CaseReportForm], records: Iterable[CaseReportForm]
) -> tuple[list[Text], list[Several]]:
    """The headings of the items that tell several records apart, and a row for each record."""
    items = {item.name: item for item in items_of(model)}
    listed = [items[name] for name in model.form.listed]
    rows = [
        Several(
            record.repeat,
            "submitted" if record.submitted else "partial",
            _("submitted") if record.submitted else _("partly entered"),
            tuple((item.label, _told(record, item)) for item in listed),
            reverse("casebook:entry", args=[record.visit_id, model.form.code, record.repeat]),
        )
        for record in records
    ]
    return [item.label for item in listed], rows


def _told(record: CaseReportForm, item: Item) -> str:
    """An answer in words, or why it is missing; "–" for none."""
    words = item.display(getattr(record, item.name))
    return words or str(MISSING.label(record.missing[item.name]) if item.name in record.missing else "–")


def addresses(name: str, *like: int | str) -> Callable[..., str]:
    """Give the addresses of a page by what stands in them, where there are too many to ask Django for each.

    `like` are stand-ins that occur nowhere else in the address.
    """
    pattern = reverse(name, args=like)
    for stand_in in like:
        pattern = pattern.replace(f"/{stand_in}/", "/{}/")
    return pattern.format


def optional_forms(visit: Visit) -> list[str]:
    """The forms that may be entered at a visit without being due, as things stand."""
    if visit.participant.status in UNDECIDED and not visit.throughout:
        return []
    return [code for code in visit.optional if code in forms()]


def forms_of_visit(visit: Visit, entered: dict[str, str]) -> list[FormState]:
    """The forms due at a visit with their states, any other entered there, then those that may be."""
    due = due_forms(visit)
    others = [code for code in entered if code not in due]
    may_be = [code for code in optional_forms(visit) if code not in entered and code not in due]
    known = forms()
    words = {"": _("blank"), Record.State.DRAFT: _("partly entered"), Record.State.SUBMITTED: _("submitted")}
    marks = {"": "blank", Record.State.DRAFT: "partial", Record.State.SUBMITTED: "submitted"}
    return [
        FormState(
            code,
            known[code].form.title,
            marks[entered.get(code, "")],
            str(words[entered.get(code, "")]),
            reverse("casebook:entry", args=[visit.pk, code]),
            code not in may_be,
        )
        for code in [*due, *others, *may_be]
    ]


def next_form(visit: Visit, entered: dict[str, str], after: str = "") -> str | None:
    """The next form of a visit that is not submitted yet, beginning behind `after`."""
    codes = due_forms(visit)
    start = codes.index(after) + 1 if after in codes else 0
    for code in codes[start:] + codes[:start]:
        if entered.get(code) != Record.State.SUBMITTED and code != after:
            return code
    return None


class Dated(Protocol):
    """What a visit's mark depends on, of a Visit or of a plain row."""

    @property
    def code(self) -> str: ...
    @property
    def forms(self) -> list[str]: ...
    @property
    def status(self) -> str: ...
    @property
    def target_from(self) -> date | None: ...
    @property
    def target_to(self) -> date | None: ...
    @property
    def window_open(self) -> date | None: ...
    @property
    def window_close(self) -> date | None: ...


SETTLED: dict[str, str] = {
    VisitState.MISSED: "missed",
    VisitState.SUPERSEDED: "superseded",
    VisitState.CANCELLED: "na",
}


class Marks:
    """The marks of visits as they stand today, for the matrix and lists; words are looked up once for all."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.complete = _("all forms submitted")
        self.overdue = _("overdue since %(day)s")
        self.planned = _("planned from %(day)s")
        self.expected = _("expected until %(day)s")
        self.open = _("window open until %(day)s")
        self.partial = _("%(count)s forms submitted")

    def of(self, visit: Visit, entered: dict[str, str]) -> tuple[str, str, str]:
        """A visit's state as mark, words and forms done of due; reads its participant."""
        return self.of_row(visit, entered, undecided=visit.participant.status in UNDECIDED)

    def of_row(self, visit: Dated, entered: dict[str, str], *, undecided: bool) -> tuple[str, str, str]:
        """The same, told whether the participant's eligibility is undecided."""
        status = visit.status
        if status in SETTLED:
            return SETTLED[status], str(VISIT_WORDS[VisitState(status)]), ""
        if entered or status != VisitState.PLANNED:
            due = due_at(tuple(visit.forms), visit.code, undecided)
            submitted = sum([entered.get(code) == SUBMITTED for code in due])
            count = f"{submitted}/{len(due)}" if due else ""
            if due and submitted == len(due):
                return "submitted", self.complete, count
            if status != VisitState.PLANNED:
                return "partial", self.partial % {"count": count}, count
        if visit.window_close is not None and visit.window_close < self.today:
            return "overdue", self.overdue % {"day": visit.window_close}, ""
        opens = visit.window_open or visit.target_from
        if opens and opens > self.today:
            return "upcoming", self.planned % {"day": opens}, ""
        if visit.window_close is None:
            return "open", self.expected % {"day": visit.target_to}, ""
        return "open", self.open % {"day": visit.window_close}, ""
