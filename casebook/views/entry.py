"""The form page: one form of one participant at one visit, for reading and for typing."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from casebook.history import changes_of
from casebook.selectors import due_forms, form_states, forms_of_visit, next_form
from participants.header import crumbs, strip
from participants.models import CaseReportForm, Visit
from participants.selectors import visit_or_404
from records import clock, events
from records.actions import save_record
from records.checks import Entry, derive, findings_of, settle
from records.definition import Derived, forms
from records.entry import EntryForm, entry_form
from records.findings import Level, Overtaken, Refused
from records.items import Item, items_of
from records.layout import given_condition


def _form_model(visit: Visit, code: str) -> type[CaseReportForm]:
    model = forms().get(code)
    if model is None or not issubclass(model, CaseReportForm) or code not in visit.forms:
        raise Http404
    return model


def _why_not(request: PageRequest, visit: Visit, record: CaseReportForm) -> str:
    """The sentence that says why this form is not open for entry now; "" where it is."""
    if not request.access.may(Permission.ENTER_DATA, visit.participant.site_id):
        return _("You are reading: your role does not enter data at this site.")
    by = request.access.actor(Permission.ENTER_DATA, visit.participant.site_id)
    try:
        events.ask_guards(record=record, by=by, now=request.now)
    except Refused as refused:
        return str(refused.sentence)
    return ""


@page(Permission.SEE_PARTICIPANTS)
def entry(request: PageRequest, visit_id: int, code: str) -> HttpResponse:
    visit = visit_or_404(request.access, visit_id)
    model = _form_model(visit, code)
    record = model._default_manager.filter(visit=visit, repeat=1).first()
    if record is not None:
        record.visit, record.participant = visit, visit.participant
    context = model.context(visit=visit, today=clock.day(request.now), now=request.now)
    why_not = _why_not(request, visit, record or model(visit=visit, participant=visit.participant))
    form = entry_form(model)(
        request.POST if request.method == "POST" else None,
        record=record,
        context=context,
        history_url=reverse("casebook:history", args=[visit.pk, code]) if record else "",
        readonly=bool(why_not),
    )
    if request.method == "POST":
        return _save(request, visit, model, form, context, why_not)
    _compute(form)
    return _page(request, visit, form, why_not)


def _save(
    request: PageRequest,
    visit: Visit,
    model: type[CaseReportForm],
    form: EntryForm,
    context: dict[str, Any],
    why_not: str,
) -> HttpResponse:
    code = model.form.code
    if not request.access.may(Permission.ENTER_DATA, visit.participant.site_id):
        raise PermissionDenied(why_not)
    then = request.POST.get("action", "save")
    reason = request.POST.get("reason", "")
    refusal = ""
    if form.is_valid():
        try:
            save_record(
                model=model,
                place={"participant": visit.participant, "visit": visit, "repeat": 1},
                entry=form.entry(),
                context=context,
                submit=then == "submit",
                by=request.access.actor(Permission.ENTER_DATA, visit.participant.site_id),
                now=request.now,
                reason=reason,
                revision=_seen_revision(request),
            )
        except Refused as refused:
            refusal = str(refused.sentence)
            form.overtaken = isinstance(refused, Overtaken)
            form.show(refused.findings)
        else:
            said = _("%(form)s submitted.") if then == "submit" else _("%(form)s saved.")
            messages.success(request, said % {"form": model.form.title})
            return redirect(_whither(visit, code, then))
    form.readonly = False
    _compute(form)
    return _page(request, visit, form, "", refusal=refusal, reason=reason, status=422)


def _seen_revision(request: PageRequest) -> int | None:
    """The revision the person had before them; None for a form they saw empty."""
    seen = re.fullmatch(r"[0-9]{1,9}", request.POST.get("revision", ""))
    return int(seen[0]) if seen else None


def _whither(visit: Visit, code: str, then: str) -> str:
    if then == "save":
        return reverse("casebook:entry", args=[visit.pk, code])
    following = next_form(visit, form_states([visit.pk])[visit.pk], after=code)
    if following:
        return reverse("casebook:entry", args=[visit.pk, following])
    return reverse("casebook:participant", args=[visit.participant_id])


def _compute(form: EntryForm) -> None:
    """Derive from what stands in the form now, typed or stored, and put the results on it."""
    typed = form.typed_so_far() if form.is_bound else (Entry.of(form.record) if form.record else Entry({}))
    settle(form.model, typed, form.context)
    reasons = derive(form.model, typed, form.context)
    form.derived = {name: Derived(typed.answers[name], reason) for name, reason in reasons.items()}
    if not form.is_bound and typed.confirmed:
        # What was confirmed once stays visible, and stays confirmed when something else is corrected.
        found = findings_of(form.model, typed, form.context, complete=False)
        form.findings = tuple(f for f in found if f.level is Level.SOFT and typed.confirmed.get(f.item))


def _results(form: EntryForm) -> list[dict[str, Any]]:
    items = {item.name: item for item in items_of(form.model)}
    names = frozenset(items)
    return [
        {
            "id": f"id_{name}" if given_condition(items[name], names).holds(form.context) else "",
            "label": items[name].label,
            "value": f"{items[name].display(derived.value)} {items[name].unit}".strip()
            if derived.value is not None
            else "",
            "reason": derived.reason,
        }
        for name, derived in form.derived.items()
    ]


def _error_list(form: EntryForm, refusal: str) -> list[tuple[str, Any, str]]:
    """What the summary on top lists: each error with its field, in the order of the form."""
    labels = {item.name: item.label for item in items_of(form.model)}
    found: list[tuple[str, Any, str]] = [
        (f"id_{name}", labels[name], str(error))
        for name in labels
        if name in form.errors
        for error in form.errors[name]
    ]
    found += [
        (f"id_{finding.item}", labels.get(finding.item, ""), str(finding.message))
        for finding in form.findings
        if (finding.level is Level.SOFT and not form.confirmed.get(finding.item))
        or (finding.level is Level.HARD and finding.item in form.computed)
    ]
    found += [("", "", str(error)) for error in form.non_field_errors()]
    return found or ([("", "", refusal)] if refusal else [])


def _page(
    request: PageRequest,
    visit: Visit,
    form: EntryForm,
    why_not: str,
    *,
    refusal: str = "",
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    code = form.model.form.code
    record = form.record
    entered = form_states([visit.pk])[visit.pk]
    listed = forms_of_visit(visit, entered)
    return render(
        request,
        "casebook/entry.html",
        {
            "breadcrumb": [*crumbs(visit.participant), (visit.label, ""), (form.model.form.title, "")],
            "strip": strip(visit.participant, clock.day(request.now)),
            "visit": visit,
            "forms": [(f.title, f.url, f.state, f.words, f.code == code) for f in listed],
            "form": form,
            "form_title": form.model.form.title,
            "record": record,
            "why_not": why_not,
            "error_list": _error_list(form, refusal),
            "reason": reason,
            "reason_error": refusal if record and record.submitted and not reason and refusal else "",
            "results": _results(form),
            "has_derived": any(item.derived and not item.companion_of for item in items_of(form.model)),
            "has_next": len(due_forms(visit)) > 1,
        },
        status=status,
    )


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def derived(request: PageRequest, visit_id: int, code: str) -> HttpResponse:
    """What the rules say of the answers typed so far; stores nothing."""
    visit = visit_or_404(request.access, visit_id)
    model = _form_model(visit, code)
    record = model._default_manager.filter(visit=visit, repeat=1).first()
    context = model.context(visit=visit, today=clock.day(request.now), now=request.now)
    form = entry_form(model)(request.POST, record=record, context=context)
    _compute(form)
    return HttpResponse(
        render_to_string("records/derived.html", {"results": _results(form), "live": True}, request)
    )


@page(Permission.SEE_TRAIL)
def history(request: PageRequest, visit_id: int, code: str) -> HttpResponse:
    """Everything that happened to one item, newest first, for the drawer."""
    visit = visit_or_404(request.access, visit_id)
    model = _form_model(visit, code)
    record = model._default_manager.filter(visit=visit, repeat=1).first()
    item = next((item for item in items_of(model) if item.name == request.GET.get("item")), None)
    if record is None or not isinstance(item, Item):
        raise Http404
    return render(request, "records/history.html", {"changes": changes_of(record, item)})
