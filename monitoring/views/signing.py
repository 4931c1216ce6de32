"""Sign: what exactly is signed, what it means, and who signs; and what waits to be signed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission
from accounts.pages import PageRequest, page, working_site
from monitoring.actions import sign as sign_it
from monitoring.forms import SigningForm
from monitoring.models import SIGNED_LEVELS
from monitoring.panel import moment
from monitoring.policies.trust import why_not_ready
from monitoring.selectors.progress import ToSign, to_sign
from monitoring.selectors.readiness import Readiness, readiness_of
from monitoring.selectors.work import count_work
from monitoring.trust import SIGNED_WORDS, Level
from monitoring.views.extents import trail_of
from monitoring.views.finding import extent_or_404
from participants.header import strip
from participants.reading import Entered
from records import clock
from records.codelists import MISSING
from records.definition import forms
from records.findings import Refused
from records.items import items_of
from records.models import Record, Row

MOST = 200


@page(Permission.SIGN)
def sign(request: PageRequest, level: Level, pk: int = 0, code: str = "", repeat: int = 0) -> HttpResponse:
    """Show exactly what is signed, and take the signature."""
    found = extent_or_404(request, level, pk, code, repeat)
    if level not in SIGNED_LEVELS:
        raise Http404
    if not request.access.may(Permission.SIGN, found.site_id or 0):
        raise PermissionDenied(_("An investigator of this site signs."))
    ready = readiness_of(found, request.now)
    why_not = why_not_ready(
        held=ready.held,
        records=len(ready.records),
        drafts=ready.drafts,
        blank=ready.blank,
        faulty=ready.faulty,
        queries=ready.queries,
    )
    form = SigningForm(request.POST or None, request=request, level=level)
    # Who it is is asked, and a failure kept, before and outside of what the signing itself writes.
    if request.method == "POST" and form.is_valid() and form.confirm():
        try:
            sign_it(
                extent=found,
                meaning=form.cleaned_data["meaning"],
                saw=request.POST.get("saw", ""),
                by=request.access.actor(Permission.SIGN, found.site_id),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("Signed: %(what)s.") % {"what": found.words})
            return redirect(found.home)
    return render(
        request,
        "monitoring/sign.html",
        {
            "breadcrumb": trail_of(found),
            "strip": strip(found.participant, clock.day(request.now)) if found.participant else None,
            "extent": found,
            "of": SIGNED_WORDS[level],
            "form": form,
            "why_not": why_not,
            "sha256": ready.sha256,
            "signer": request.user,
            "signs_at": moment(request.now),
            "visits": _by_visit(ready),
            "whole": level is Level.PARTICIPANT,
        },
        status=422 if form.errors else 200,
    )


def _by_visit(ready: Readiness) -> list[tuple[Any, list[dict[str, Any]]]]:
    """What is signed, in the order of visits and forms."""
    at: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for entered in sorted(
        ready.records, key=lambda one: (list(forms()).index(one.record.form.code), one.record.repeat)
    ):
        record = entered.record
        number = f" {record.repeat}" if record.form.several else ""
        at[record.visit_id].append(
            {
                "title": f"{record.form.title}{number}",
                "draft": not record.submitted,
                "answers": answers_of(entered),
            }
        )
    visits = sorted(ready.visits.values(), key=lambda one: (one.position, one.occurrence))
    return [(visit.label, at[visit.pk]) for visit in visits if at[visit.pk]]


def answers_of(entered: Entered) -> list[tuple[Any, str]]:
    """Every answer of a record with its label, those of its rows as well."""
    found = _answers(entered.record)
    for rows in entered.rows.values():
        for row in rows:
            found += [(f"{row.rows.one} {row.number}: {label}", words) for label, words in _answers(row)]
    return found


def _answers(record: Record | Row) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    for item in items_of(type(record)):
        value = getattr(record, item.name)
        if value is not None:
            found.append((item.label, f"{item.display(value)} {item.unit}".strip()))
        elif item.name in record.missing:
            found.append((item.label, str(MISSING.label(record.missing[item.name]))))
    return found


@page(Permission.SIGN)
def waiting(request: PageRequest) -> HttpResponse:
    """What waits for this investigator's signature; what was voided stands first, with what voided it."""
    count_work()
    _number, found = to_sign(request.access, working_site(request), 0, MOST)
    return render(
        request,
        "monitoring/to_sign.html",
        {
            "breadcrumb": [(_("To sign"), "")],
            "lines": [sign_line(one) for one in found],
        },
    )


def sign_line(one: ToSign) -> dict[str, Any]:
    """One thing to sign as lists show it."""
    void = one.voided.void if one.voided else None
    given: list[Any] = [one.participant_id]
    if one.visit_id:
        given = [one.visit_id, one.form, one.repeat] if one.form else [one.visit_id]
    parts = [str(one.label or SIGNED_WORDS[Level.PARTICIPANT])]
    if one.form:
        parts.append(str(forms()[one.form].form.title))
    return {
        "who": one.number,
        "what": " · ".join(parts),
        "level": SIGNED_WORDS[one.level],
        "url": reverse(f"monitoring:{str(one.level).lower()}_sign", args=given),
        "void": {
            "by": void.by or _("System"),
            "at": moment(void.at),
            "form": void.form,
            "reason": void.reason,
        }
        if void
        else None,
    }
