"""One serious adverse event: its clock, the versions of its report, and filing the next one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from participants.header import crumbs, strip
from records import clock, study
from records.findings import Refused
from safety.actions import acknowledge, file_report
from safety.forms import ReportForm
from safety.page import ticking
from safety.selectors.clocks import Watched, event_or_404, recipients_of, report_or_404, watch
from safety.selectors.coding import coding_of


@page(Permission.SEE_PARTICIPANTS)
def event(request: PageRequest, pk: int, number: int) -> HttpResponse:
    """Show an event with everything reported of it; people of the site file the next version here."""
    found = event_or_404(request.access, pk, number)
    may_report = request.access.may(Permission.REPORT_SAE, found.participant.site_id)
    if request.method == "POST" and not may_report:
        raise PermissionDenied(_("Your role does not report serious adverse events."))
    watched = watch(found, request.now, study.in_force(clock.day(request.now)))
    form = _report_form(request, watched) if may_report and found.aeser == "Y" else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            file_report(
                event=found,
                revision=_seen(request),
                kind=form.cleaned_data["kind"],
                sent=form.cleaned_data["sent"],
                reporter=form.cleaned_data["reporter"],
                information=form.cleaned_data.get("information", ""),
                by=request.access.actor(Permission.REPORT_SAE, found.participant.site_id),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("The report is filed."))
            return redirect("safety:event", pk, number)
    return _page(request, watched, form, status=422 if form and form.errors else 200)


def _report_form(request: PageRequest, watched: Watched) -> ReportForm:
    if not watched.reports:
        kinds, sent = ["INITIAL"], watched.event.saerep or request.now
    else:
        kinds, sent = ["FOLLOWUP", "FINAL"], request.now
    reporter = str(request.user)
    return ReportForm(request.POST or None, kinds=kinds, sent=sent, reporter=reporter)


def _seen(request: PageRequest) -> int:
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _page(request: PageRequest, watched: Watched, form: Any, status: int = 200) -> HttpResponse:
    found = watched.event
    participant = found.participant
    settings = study.in_force(clock.day(request.now))
    return render(
        request,
        "safety/event.html",
        {
            "breadcrumb": [
                *crumbs(participant),
                (_("Safety"), reverse("safety:overview")),
                (_("Adverse event %(number)s") % {"number": found.repeat}, ""),
            ],
            "strip": strip(participant, clock.day(request.now)),
            "watched": watched,
            "event": found,
            "ticking": ticking(watched.clock, request.now, settings),
            "form": form,
            "recipients": recipients_of(participant.site),
            "codings": coding_of(found),
            "form_url": reverse("casebook:entry", args=[found.visit_id, "AE", found.repeat]),
            "can_report": found.aeser == "Y" and found.saeaware is not None and bool(found.aeterm),
        },
        status=status,
    )


@page(Permission.SEE_PARTICIPANTS)
def report(request: PageRequest, pk: int, number: int, version: int) -> HttpResponse:
    """One version of a report as it was filed, in both languages, to be read or printed."""
    found = report_or_404(request.access, pk, number, version)
    participant = found.event.participant
    return render(
        request,
        "safety/report.html",
        {
            "breadcrumb": [
                *crumbs(participant),
                (
                    _("Adverse event %(number)s") % {"number": number},
                    reverse("safety:event", args=[pk, number]),
                ),
                (found.words, ""),
            ],
            "report": found,
            "snapshot": found.snapshot,
            "may_note": any(
                request.access.may(permission, participant.site_id)
                for permission in (Permission.REPORT_SAE, Permission.ACKNOWLEDGE_SAE)
            ),
        },
    )


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def receipt(request: PageRequest, pk: int, number: int, version: int) -> HttpResponse:
    """Note that a recipient confirmed the receipt."""
    found = report_or_404(request.access, pk, number, version)
    site_id = found.event.participant.site_id
    wanted = request.POST.get("delivery", "")
    delivery = next((one for one in found.deliveries.all() if str(one.pk) == wanted), None)
    if delivery is None:
        raise Http404
    permissions = (Permission.ACKNOWLEDGE_SAE, Permission.REPORT_SAE)
    held = next((one for one in permissions if request.access.may(one, site_id)), Permission.REPORT_SAE)
    by = request.access.actor(held, site_id)
    try:
        acknowledge(delivery=delivery, note=request.POST.get("note", "")[:200], by=by, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return redirect("safety:report", pk, number, version)
