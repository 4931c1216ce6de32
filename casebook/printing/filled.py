"""A participant's casebook as it is printed: who, the path, the calendar, and every form with every answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from casebook.printing.reading import records_of
from casebook.printing.words import TITLE, Phrase, in_both, is_dose, moment, phrase
from casebook.selectors import due_forms
from participants.models import CaseReportForm, Participant, Visit
from participants.workflow import VisitState
from records.codelists import MISSING
from records.definition import forms
from records.items import Item, MeasuredItem, items_of
from records.models import Record
from records.study import STUDY_ID
from records.text import Text

STATES = {
    Record.State.DRAFT: Text("Draft, not submitted", "草稿，未提交"),
    Record.State.SUBMITTED: Text("Submitted", "已提交"),
}
# Visits in these states are printed though nothing was entered at them.
HAPPENED = (VisitState.STARTED, VisitState.DONE, VisitState.MISSED)


def filled_casebook(participant: Participant) -> dict[str, Any]:
    """What the layout prints; four queries, whatever the number of visits and forms.

    The participant's site is taken as fetched already.
    """
    visits = list(participant.visits.order_by("position", "occurrence"))
    statuses = list(participant.statuses.all())
    records: dict[int, list[CaseReportForm]] = defaultdict(list)
    for record in records_of(participant):
        records[record.visit_id].append(record)
    names = _people([*(one for found in records.values() for one in found)], participant, statuses)
    context = _context(participant, records)
    for visit in visits:
        visit.participant = participant
    sections = [
        _visit_section(visit, records[visit.pk], context, names)
        for visit in visits
        if records[visit.pk] or visit.status in HAPPENED
    ]
    return {
        "trial": STUDY_ID,
        "title": phrase(TITLE),
        "document_title": f"{STUDY_ID} {participant.number} 病例报告表 Casebook",
        "participant": {
            "number": participant.number,
            "site": {
                "code": participant.site.code,
                "zh": participant.site.name_zh,
                "en": participant.site.name_en,
            },
            "arm": phrase(participant.arm_words),
            "status": phrase(participant.status_words),
            "registered": _signed(participant.registered_at, participant.registered_by_id, names),
        },
        "path": [
            {
                "status": phrase(status.words),
                "reason": status.reason,
                **_signed(status.at, status.by_id, names),
            }
            for status in statuses
        ],
        "calendar": [_calendar_line(visit, records[visit.pk]) for visit in visits],
        "visits": sections,
        "drafts": sum(not record.submitted for found in records.values() for record in found),
        "records": sum(len(found) for found in records.values()),
    }


# -- who and when -----------------------------------------------------------------------------------------


def _people(
    records: Iterable[CaseReportForm], participant: Participant, statuses: Iterable[Any]
) -> Mapping[int, str]:
    """The names of everybody who entered, submitted or decided something; one query."""
    ids = {participant.registered_by_id, *(status.by_id for status in statuses)}
    for record in records:
        ids |= {record.entered_by_id, record.submitted_by_id}
    return dict(User.objects.filter(pk__in=ids - {None}).values_list("pk", "full_name"))


def _signed(at: datetime | None, person_id: int | None, names: Mapping[int, str]) -> dict[str, Any]:
    return {"at": moment(at) if at else "", "by": names.get(person_id or 0, "")}


def _span(first: Any, last: Any) -> str:
    if first is None and last is None:
        return ""
    return f"{first}" if first == last else f"{first or ''} – {last or ''}"


def _context(participant: Participant, records: Mapping[int, list[CaseReportForm]]) -> dict[str, Any]:
    """What conditions of most forms read beside their own answers: arm, sex, childbearing potential."""
    context: dict[str, Any] = {"arm": participant.arm, "sex": None, "childpot": None}
    for found in records.values():
        for record in found:
            if record.form.code == "DM":
                context |= {name: getattr(record, name) for name in ("sex", "childpot")}
    return context


# -- the calendar -----------------------------------------------------------------------------------------


def _name(visit: Visit) -> dict[str, Any]:
    code = visit.code if visit.occurrence == 1 else f"{visit.code} ({visit.occurrence})"
    return {"code": code, "label": phrase(visit.label), "status": phrase(visit.status_words)}


def _planned(visit: Visit, records: Iterable[CaseReportForm]) -> dict[str, Any]:
    day = next((getattr(r, "svstdtc", None) for r in records if r.form.code == "SV"), None)
    opens, closes = visit.window_open, visit.window_close
    return {
        "target": _span(visit.target_from, visit.target_to),
        "window": _span(opens, closes),
        "day": str(day or ""),
        "outside": bool(day and opens and closes and not opens <= day <= closes),
    }


def _calendar_line(visit: Visit, records: list[CaseReportForm]) -> dict[str, Any]:
    states = {
        record.form.code: "submitted" if record.submitted else "draft" for record in _worst_last(records)
    }
    due = due_forms(visit) if visit.status not in (VisitState.SUPERSEDED, VisitState.CANCELLED) else []
    codes = list(dict.fromkeys([*due, *states]))
    return {
        **_name(visit),
        **_planned(visit, records),
        "forms": [{"code": code, "state": states.get(code, "blank")} for code in codes],
    }


def _worst_last(records: Iterable[CaseReportForm]) -> list[CaseReportForm]:
    """Of several records of a form, a draft decides its state."""
    return sorted(records, key=lambda record: not record.submitted)


# -- a visit and its forms --------------------------------------------------------------------------------


def _visit_section(
    visit: Visit, records: list[CaseReportForm], context: Mapping[str, Any], names: Mapping[int, str]
) -> dict[str, Any]:
    order = list(dict.fromkeys([*visit.forms, *forms()]))
    records = sorted(records, key=lambda record: (order.index(record.form.code), record.repeat))
    codes = [record.form.code for record in records]
    known = {**context, "visit_code": visit.code, "series": visit.series}
    return {
        **_name(visit),
        **_planned(visit, records),
        "forms": [form_content(record, codes.count(record.form.code), known, names) for record in records],
        "not_entered": [
            {"code": code, "title": phrase(forms()[code].form.title)}
            for code in due_forms(visit)
            if code not in codes
        ],
    }


def form_content(
    record: CaseReportForm, of: int, context: Mapping[str, Any], names: Mapping[int, str]
) -> dict[str, Any]:
    items = [item for item in items_of(type(record)) if not item.companion_of]
    known = {**context, **{item.name: getattr(record, item.name) for item in items}}
    sections: list[dict[str, Any]] = []
    unasked = []
    for item in items:
        if item.section is not None or not sections:
            title = phrase(item.section) if item.section is not None else None
            sections.append({"title": title, "rows": []})
        if getattr(record, item.name) is None and item.name not in record.missing and not _asked(item, known):
            unasked.append(phrase(item.label))
        else:
            sections[-1]["rows"].append(_row(record, item))
    return {
        "code": record.form.code,
        "title": phrase(record.form.title),
        "repeat": record.repeat,
        "of": of,
        "draft": not record.submitted,
        "state": phrase(STATES[Record.State(record.state)]),
        "revision": record.revision,
        "entered": _signed(record.entered_at, record.entered_by_id, names),
        "submitted": _signed(record.submitted_at, record.submitted_by_id, names),
        "sections": [section for section in sections if section["rows"]],
        "unasked": unasked,
        "groups": row_groups(record),
    }


def row_groups(record: CaseReportForm) -> list[dict[str, Any]]:
    """The tables inside a record whose rows repeat, each `{title, columns: [label, …], rows: [[answer, …], …]}`."""
    return []


def _asked(item: Item, known: Mapping[str, Any]) -> bool:
    """Whether a question applied, as far as the casebook itself can tell; one that it cannot, did not."""
    return set(item.shown_when.answers) <= set(known) and item.applies(known)


# -- an answer --------------------------------------------------------------------------------------------


def _row(record: CaseReportForm, item: Item) -> dict[str, Any]:
    reason = record.missing.get(item.name, "")
    return {
        "label": phrase(item.label),
        "answer": answer(record, item),
        "missing": {"code": reason, **phrase(MISSING.label(reason))} if reason else None,
        "confirmed": [
            words
            for name, words in record.confirmed.items()
            if name == item.name or _companion(record, name) == item.name
        ],
        "computed": item.derived,
        "dose": is_dose(item),
    }


def _companion(record: Record, name: str) -> str:
    found = next((item for item in items_of(type(record)) if item.name == name), None)
    return found.companion_of if found else ""


def answer(record: Record, item: Item) -> Phrase | None:
    """An answer in words of both languages with its unit, and in the common unit too; None where there is none."""
    value = getattr(record, item.name)
    if value is None:
        return None
    words = in_both(lambda: item.display(value))
    if not isinstance(item, MeasuredItem):
        return {language: f"{text} {item.unit}".strip() for language, text in words.items()}
    unit = getattr(record, f"{item.name}_u") or item.unit
    converted = trimmed(getattr(record, f"{item.name}_si"))
    as_well = "" if unit == item.unit else f" (= {converted} {item.unit})"
    return {language: f"{text} {unit}{as_well}" for language, text in words.items()}


def trimmed(value: Decimal | None) -> str:
    """A converted value without the zeros its column pads it with."""
    return "" if value is None else f"{value.normalize():f}"
