"""One page for whatever can be held or signed: how it is held, verified and signed, and the buttons for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Access, Actor, Permission
from accounts.pages import PageRequest, page
from monitoring import actions
from monitoring.extents import Extent
from monitoring.models import SIGNED_LEVELS
from monitoring.panel import HOLD_VERBS, signature_lines, step_lines
from monitoring.permissions import PERMISSION_OF
from monitoring.policies.trust import hold_choices
from monitoring.selectors.contents import entered_at, seen, submitted
from monitoring.selectors.holds import held_over, own_state, steps_of
from monitoring.selectors.plans import plans
from monitoring.selectors.progress import progress_of, records_of_visit
from monitoring.selectors.signatures import signatures_of, standing_within
from monitoring.trust import (
    HOLD_WORDS,
    KIND_WORDS,
    LEVEL_WORDS,
    VERIFICATION_WORDS,
    HoldState,
    Kind,
    Level,
    VerificationState,
    stricter,
)
from monitoring.views.finding import extent_or_404
from participants.header import crumbs, strip
from records import clock
from records.definition import forms
from records.findings import Refused
from records.models import Record


@page(Permission.SEE_PARTICIPANTS)
def extent(request: PageRequest, level: Level, pk: int = 0, code: str = "", repeat: int = 0) -> HttpResponse:
    """How one thing is held, verified and signed, with its history."""
    found = extent_or_404(request, level, pk, code, repeat)
    own, held = own_state(found), held_over(found)
    choices = hold_choices(
        own,
        _may(request.access, Permission.FREEZE, found),
        _may(request.access, Permission.LOCK, found),
    )
    signs = level in SIGNED_LEVELS
    return render(
        request,
        "monitoring/extent.html",
        {
            "breadcrumb": trail_of(found),
            "strip": strip(found.participant, clock.day(request.now)) if found.participant else None,
            "extent": found,
            "level": LEVEL_WORDS[level],
            "own": own,
            "own_words": HOLD_WORDS[own],
            "around": f"{HOLD_WORDS[held.state]}: {LEVEL_WORDS[held.level]}"
            if held and held.level != level
            else "",
            "choices": [(to, HOLD_VERBS[own, to], stricter(own, to)) for to in choices],
            "at_stake": signature_lines(standing_within(found))
            if any(stricter(own, to) for to in choices)
            else [],
            "steps": step_lines(steps_of(found)),
            "signatures": signature_lines(signatures_of(found)) if signs else None,
            "may_sign": signs
            and _may(request.access, Permission.SIGN, found)
            and not (held and held.state == HoldState.LOCKED),
            **_verification(request, found, locked=bool(held and held.state == HoldState.LOCKED)),
        },
    )


def _may(access: Access, permission: Permission, found: Extent) -> bool:
    return access.everywhere(permission) if found.site_id is None else access.may(permission, found.site_id)


def trail_of(found: Extent) -> list[tuple[Any, str]]:
    """The breadcrumb of an extent."""
    if found.participant is None:
        return [(_("Verification"), reverse("monitoring:to_verify")), (found.words, "")]
    parts: list[tuple[Any, str]] = [*crumbs(found.participant)]
    if found.visit:
        parts.append(
            (found.visit.label, found.home if not found.form else Extent.of_visit(found.visit).address())
        )
    if found.form:
        parts.append((forms()[found.form].form.title, found.home))
    return [*parts, (_("Hold, verify, sign"), "")]


def _verification(request: PageRequest, found: Extent, *, locked: bool) -> dict[str, Any]:
    """What is submitted at a participant or visit, and how far it is verified and reviewed."""
    if found.participant is None or found.form:
        return {"kinds": []}
    there = submitted(entered_at(found))
    kinds = []
    for kind in Kind:
        known = progress_of([found.participant.pk], kind, plans())[found.participant.pk]
        progress = known.visits[found.visit.pk] if found.visit else known.whole
        kinds.append(
            {
                "kind": kind,
                "words": KIND_WORDS[kind],
                "progress": progress,
                "may": not locked
                and bool(there)
                and request.access.may(PERMISSION_OF[kind], found.participant.site_id),
            }
        )
    return {
        "kinds": kinds,
        "saw": seen(there),
        "count": len(there),
        "records": _records(found) if found.visit else [],
        "visits": _visits(found) if not found.visit else [],
    }


def _records(found: Extent) -> list[dict[str, Any]]:
    """The records of a visit with the state of each, of its verification and of its review."""
    assert found.visit
    review = {
        (form, repeat): state for form, repeat, _state, state in records_of_visit(found.visit, Kind.REVIEW)
    }
    order = [*found.visit.may_hold, *forms()]
    lines = []
    for form, repeat, state, source in records_of_visit(found.visit, Kind.SOURCE):
        one = Extent.of_form(found.visit, form, repeat)
        lines.append(
            {
                "title": f"{forms()[form].form.title}{f' {repeat}' if forms()[form].form.several else ''}",
                "url": one.home,
                "draft": state != Record.State.SUBMITTED,
                "source": _state(Kind.SOURCE, source),
                "review": _state(Kind.REVIEW, review[form, repeat]),
                "order": (order.index(form), repeat),
            }
        )
    return sorted(lines, key=lambda one: one["order"])


def _state(kind: Kind, state: str | None) -> dict[str, Any]:
    return {
        "state": (state or "").lower(),
        "words": VERIFICATION_WORDS[kind][VerificationState(state)] if state else "–",
    }


def _visits(found: Extent) -> list[dict[str, Any]]:
    """The visits of a participant at which something is entered."""
    assert found.participant
    both = {
        kind: progress_of([found.participant.pk], kind, plans())[found.participant.pk].visits for kind in Kind
    }
    lines = []
    for visit in found.participant.visits.order_by("position", "occurrence"):
        source, review = both[Kind.SOURCE].get(visit.pk), both[Kind.REVIEW].get(visit.pk)
        if source or review:
            visit.participant = found.participant
            lines.append(
                {
                    "label": visit.label,
                    "url": Extent.of_visit(visit).address(),
                    "source": source,
                    "review": review,
                }
            )
    return lines


# -- acts -----------------------------------------------------------------------------------------------


def _actor(request: PageRequest, permission: Permission, found: Extent) -> Actor:
    return request.access.actor(permission, found.site_id)


def _act(request: PageRequest, found: Extent, do: Callable[[], str], back: str) -> HttpResponse:
    """Do what a button says and go back; a refusal is said there."""
    try:
        messages.success(request, do())
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return redirect(back)


def _back(request: PageRequest, found: Extent) -> str:
    """A form's own page where its bar was used, otherwise the page of the extent."""
    return found.home if found.form and request.POST.get("from") == "form" else found.address()


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def hold(request: PageRequest, level: Level, pk: int = 0, code: str = "", repeat: int = 0) -> HttpResponse:
    """Freeze, lock or lift."""
    found = extent_or_404(request, level, pk, code, repeat)
    sent = request.POST.get("to", "")
    if sent not in [str(state) for state in HoldState]:
        raise BadRequest("No state is named.")
    to = HoldState(sent)
    permission = Permission.LOCK if HoldState.LOCKED in (to, own_state(found)) else Permission.FREEZE
    by = _actor(request, permission, found)
    told = [int(one) for one in request.POST.getlist("told") if one.isascii() and one.isdigit()]

    def do() -> str:
        actions.hold(
            extent=found, to=to, by=by, now=request.now, reason=request.POST.get("reason", ""), told=told
        )
        return _("%(what)s: %(state)s.") % {"what": found.words, "state": HOLD_WORDS[to]}

    return _act(request, found, do, _back(request, found))


def _kind(request: PageRequest) -> Kind:
    sent = request.POST.get("kind", "")
    if sent not in [str(kind) for kind in Kind]:
        raise BadRequest("No kind is named.")
    return Kind(sent)


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def verify(request: PageRequest, level: Level, pk: int = 0, code: str = "", repeat: int = 0) -> HttpResponse:
    """Verify or review a whole, or the fields that are ticked."""
    found, kind = extent_or_404(request, level, pk, code, repeat), _kind(request)
    by = _actor(request, PERMISSION_OF[kind], found)
    items = request.POST.getlist("item") if request.POST.get("what") == "ticked" else None

    def do() -> str:
        count = actions.verify(
            extent=found, kind=kind, saw=request.POST.get("saw", ""), by=by, now=request.now, items=items
        )
        return (
            _("%(kind)s: %(count)s forms.") % {"kind": KIND_WORDS[kind], "count": count}
            if not found.form
            else str(
                VERIFICATION_WORDS[kind][
                    VerificationState.COMPLETE if items is None else VerificationState.PARTIAL
                ]
            )
        )

    return _act(request, found, do, _back(request, found))


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def withdraw(
    request: PageRequest, level: Level, pk: int = 0, code: str = "", repeat: int = 0
) -> HttpResponse:
    """Take back the verification of a form."""
    found, kind = extent_or_404(request, level, pk, code, repeat), _kind(request)
    if level is not Level.FORM:
        raise Http404
    by = _actor(request, PERMISSION_OF[kind], found)

    def do() -> str:
        actions.withdraw(
            extent=found,
            kind=kind,
            saw=request.POST.get("saw", ""),
            by=by,
            now=request.now,
            reason=request.POST.get("reason", ""),
        )
        return str(VERIFICATION_WORDS[kind][VerificationState.WITHDRAWN])

    return _act(request, found, do, _back(request, found))
