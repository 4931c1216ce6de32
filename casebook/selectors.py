"""Reads of the casebook: which forms are due and entered at which visits, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from eligibility.policies import is_screening_form
from participants.models import CaseReportForm, Visit
from participants.workflow import ParticipantState, VisitState
from records.codelists import MISSING
from records.definition import forms
from records.items import Item, items_of
from records.models import Record
from records.text import Text

UNDECIDED = (ParticipantState.SCREENING, ParticipantState.SCREEN_FAILURE)


@dataclass(frozen=True, slots=True)
class FormState:
    """One form due at a visit, and how far it has come."""

    code: str
    title: Text
    state: str  # a word of templates/components/mark.html: blank, partial, submitted
    words: str
    url: str
    due: bool = True  # False: may be entered here, but nothing is owed


@cache
def _states_sql() -> str:
    """One statement over the tables of all forms: visit, form code, state."""
    quote = connection.ops.quote_name
    parts = [
        # Of several records the least advanced counts: DRAFT comes before SUBMITTED.
        f"SELECT visit_id, '{code}' AS form, min(state) FROM {quote(model._meta.db_table)} "  # noqa: S608 – names of our own tables
        f"WHERE visit_id = ANY(%(visits)s) GROUP BY visit_id"
        for code, model in forms().items()
        if issubclass(model, CaseReportForm)
    ]
    return " UNION ALL ".join(parts)


def form_states(visit_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Give, for each visit, the state of each form entered at it (DRAFT, SUBMITTED); one query."""
    ids = list(visit_ids)
    found: dict[int, dict[str, str]] = defaultdict(dict)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_states_sql(), {"visits": ids})
            for visit_id, form, state in cursor.fetchall():
                found[visit_id][form] = state
    return found


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


def due_forms(visit: Visit) -> list[str]:
    """The forms of a visit that are due as things stand, in schedule order.

    Before eligibility is confirmed, and after a screen failure, treatment's forms are not. Reads the
    visit's participant: fetch it along where there are many visits.
    """
    known = forms()
    codes = [code for code in visit.forms if code in known]
    if visit.participant.status in UNDECIDED:
        codes = [code for code in codes if is_screening_form(visit.code, code)]
    return codes


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


def visit_mark(visit: Visit, entered: dict[str, str], today: date) -> tuple[str, str, str]:
    """A visit's state as mark, words and forms done of due; for the matrix and lists."""
    due = due_forms(visit)
    submitted = sum(entered.get(code) == Record.State.SUBMITTED for code in due)
    count = f"{submitted}/{len(due)}" if due else ""
    simple = {
        VisitState.MISSED: "missed",
        VisitState.SUPERSEDED: "superseded",
        VisitState.CANCELLED: "na",
    }
    if visit.status in simple:
        return simple[VisitState(visit.status)], str(visit.status_words), ""
    if due and submitted == len(due):
        return "submitted", _("all forms submitted"), count
    overdue = visit.window_close is not None and visit.window_close < today
    if visit.status == VisitState.PLANNED:
        if overdue:
            return "overdue", _("overdue since %(day)s") % {"day": visit.window_close}, ""
        opens = visit.window_open or visit.target_from
        if opens and opens > today:
            return "upcoming", _("planned from %(day)s") % {"day": opens}, ""
        if visit.window_close is None:
            return "open", _("expected until %(day)s") % {"day": visit.target_to}, ""
        return "open", _("window open until %(day)s") % {"day": visit.window_close}, ""
    return "partial", _("%(count)s forms submitted") % {"count": count}, count
