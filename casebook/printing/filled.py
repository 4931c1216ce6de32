"""A participant's casebook as it is printed: who, the path, the calendar, and every form with every answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import User
from casebook.printing.answers import form_content, signed
from casebook.printing.words import TITLE, moment, phrase
from eligibility.policies import due_forms
from monitoring.models import Signature
from participants.models import Discrepancy, DiscrepancyStep, Participant, Visit
from participants.reading import Entered, entered_of
from participants.workflow import VisitState
from records.definition import forms
from records.study import STUDY_ID

# Visits in these states are printed though nothing was entered at them.
HAPPENED = (VisitState.STARTED, VisitState.DONE, VisitState.MISSED)


def filled_casebook(participant: Participant) -> dict[str, Any]:
    """What the layout prints; seven queries, whatever the number of visits, forms and rows.

    The participant's site is taken as fetched already.
    """
    visits = list(participant.visits.order_by("position", "occurrence"))
    statuses = list(participant.statuses.all())
    everything = entered_of(participant)
    at_visit: dict[int, list[Entered]] = defaultdict(list)
    for entered in everything:
        at_visit[entered.record.visit_id].append(entered)
    discrepancies = list(participant.discrepancies.order_by("id"))
    steps = list(DiscrepancyStep.objects.filter(participant=participant).order_by("id"))
    names = _people(everything, participant, [*statuses, *steps])
    context = _context(participant, everything)
    for visit in visits:
        visit.participant = participant
    drafts = sum(not entered.record.submitted for entered in everything)
    return {
        "trial": STUDY_ID,
        "title": phrase(TITLE),
        "document_title": f"{STUDY_ID} {participant.number} 病例报告表 Casebook",
        "participant": _who(participant, names),
        "path": [
            {
                "status": phrase(status.words),
                "reason": status.reason,
                **signed(status.at, status.by_id, names),
            }
            for status in statuses
        ],
        "calendar": [_calendar_line(visit, at_visit[visit.pk]) for visit in visits if not visit.throughout],
        "visits": [
            _visit_section(visit, at_visit[visit.pk], context, names)
            for visit in visits
            if at_visit[visit.pk] or (visit.status in HAPPENED and not visit.throughout)
        ],
        "discrepancies": _discrepancies(discrepancies, steps, visits, names),
        "signatures": _signatures(participant, visits),
        "records": len(everything),
        "drafts": drafts,
    }


# -- who and when -----------------------------------------------------------------------------------------


def _who(participant: Participant, names: Mapping[int, str]) -> dict[str, Any]:
    """Never the initials: a printed casebook leaves the system."""
    site = participant.site
    return {
        "number": participant.number,
        "site": {"code": site.code, "zh": site.name_zh, "en": site.name_en},
        "arm": phrase(participant.arm_words),
        "status": phrase(participant.status_words),
        "registered": signed(participant.registered_at, participant.registered_by_id, names),
    }


def _people(
    everything: Iterable[Entered], participant: Participant, steps: Iterable[Any]
) -> Mapping[int, str]:
    """The names of everybody who entered, submitted, decided or confirmed something; one query."""
    ids = {participant.registered_by_id, *(step.by_id for step in steps)}
    for entered in everything:
        ids |= {entered.record.entered_by_id, entered.record.submitted_by_id}
    return dict(User.objects.filter(pk__in=ids - {None}).values_list("pk", "full_name"))


def _context(participant: Participant, everything: Iterable[Entered]) -> dict[str, Any]:
    """What conditions of most forms read beside their own answers: arm, sex, childbearing potential."""
    context: dict[str, Any] = {"arm": participant.arm, "sex": None, "childpot": None}
    for entered in everything:
        if entered.record.form.code == "DM":
            context |= {name: getattr(entered.record, name) for name in ("sex", "childpot")}
    return context


# -- the calendar -----------------------------------------------------------------------------------------


def _name(visit: Visit) -> dict[str, Any]:
    code = visit.code if visit.occurrence == 1 else f"{visit.code} ({visit.occurrence})"
    status = None if visit.throughout else phrase(visit.status_words)
    return {"code": code, "label": phrase(visit.label), "status": status}


def _span(first: Any, last: Any) -> str:
    if first is None and last is None:
        return ""
    return f"{first}" if first == last else f"{first or ''} – {last or ''}"


def _planned(visit: Visit, entered: Iterable[Entered]) -> dict[str, Any]:
    """Target and window, the day of the visit by its header, and whether that lies outside."""
    headers = (one.record for one in entered if one.record.form.code == "SV")
    day = next((getattr(header, "svstdtc", None) for header in headers), None)
    opens, closes = visit.window_open, visit.window_close
    return {
        "target": _span(visit.target_from, visit.target_to),
        "window": _span(opens, closes),
        "day": str(day or ""),
        "outside": bool(day and opens and closes and not opens <= day <= closes),
    }


def _calendar_line(visit: Visit, entered: list[Entered]) -> dict[str, Any]:
    # Of several records of a form a draft decides.
    submitted = sorted(entered, key=lambda one: not one.record.submitted)
    states = {one.record.form.code: "submitted" if one.record.submitted else "draft" for one in submitted}
    due = due_forms(visit) if visit.status not in (VisitState.SUPERSEDED, VisitState.CANCELLED) else []
    return {
        **_name(visit),
        **_planned(visit, entered),
        "forms": [
            {"code": code, "state": states.get(code, "blank")} for code in dict.fromkeys([*due, *states])
        ],
    }


# -- a visit ----------------------------------------------------------------------------------------------


def _visit_section(
    visit: Visit, entered: list[Entered], context: Mapping[str, Any], names: Mapping[int, str]
) -> dict[str, Any]:
    order = list(dict.fromkeys([*visit.may_hold, *forms()]))
    entered = sorted(entered, key=lambda one: (order.index(one.record.form.code), one.record.repeat))
    codes = [one.record.form.code for one in entered]
    known = {**context, "visit_code": visit.code, "series": visit.series}
    return {
        **_name(visit),
        **_planned(visit, entered),
        "forms": [form_content(one, codes.count(one.record.form.code), known, names) for one in entered],
        "not_entered": [
            {"code": code, "title": phrase(forms()[code].form.title)}
            for code in due_forms(visit)
            if code not in codes
        ],
    }


# -- what does not fit together ---------------------------------------------------------------------------


def _discrepancies(
    found: Iterable[Discrepancy],
    steps: list[DiscrepancyStep],
    visits: Iterable[Visit],
    names: Mapping[int, str],
) -> list[dict[str, Any]]:
    """Forms that contradict each other, as found, confirmed or closed, with the comments."""
    codes = {visit.pk: _name(visit)["code"] for visit in visits}
    return [
        {
            "check": one.check_id,
            "visit": codes.get(one.visit_id, ""),
            "form": one.form,
            "message": phrase(one.message),
            "status": phrase(one.status_words),
            "comments": [
                {"comment": step.comment, **signed(step.at, step.by_id, names)}
                for step in steps
                if step.discrepancy_id == one.pk and step.comment
            ],
        }
        for one in found
    ]


# -- electronic signatures --------------------------------------------------------------------------------


def _signatures(participant: Participant, visits: Iterable[Visit]) -> list[dict[str, Any]]:
    """Every signature with printed name, moment and meaning, voided ones with what voided them; one query."""
    codes = {visit.pk: _name(visit)["code"] for visit in visits}
    found = Signature.objects.filter(participant=participant).select_related("void__by").order_by("id")
    return [
        {
            "of": phrase(one.of),
            "visit": codes.get(one.visit_id or 0, ""),
            "form": f"{one.form} {one.repeat}" if one.form else "",
            "name": one.name,
            "at": moment(one.at, seconds=True),
            "meaning": phrase(one.meaning_words),
            "sha256": one.sha256,
            "stands": one.stands,
            "void": _void(one),
        }
        for one in found
    ]


def _void(signature: Signature) -> dict[str, str] | None:
    if signature.stands:
        return None
    void = signature.void
    return {
        "at": moment(void.at, seconds=True),
        "by": void.by.full_name if void.by else "",
        "form": void.form,
        "reason": void.reason,
    }
