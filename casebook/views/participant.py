"""A participant on one page, the registration of a new one, and the whole trail of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission, visible_sites
from accounts.pages import PageRequest, page
from casebook.forms import RegistrationForm
from casebook.history import people, role_words
from casebook.selectors import Marks, form_states_of, forms_of_visit, next_form
from casebook.timeline import timeline
from casebook.trail import title_of, trail_rows
from eligibility.lesions import Criteria
from followup.actions import add_unscheduled_visit
from followup.endpoint_facts import endpoint_facts
from followup.models import TumourResponse
from followup.response_page import endpoint_lines, in_words, response_of, sketch
from followup.selectors import CLOSED, reminders_of
from followup.tumour_course import read_course
from monitoring.selectors.queries import open_at_visits, place_of, queries_of
from participants.actions import register_once
from participants.header import crumbs, strip
from participants.models import Participant, Visit
from participants.selectors import discrepancies_of, participant_or_404
from participants.workflow import ParticipantState, VisitState
from records import clock, study
from records.findings import Refused
from records.models import TrailEntry
from records.study import value
from safety.page import draft_row, prompt_row, worklist_row
from safety.selectors.clocks import watched_events
from safety.selectors.deviations import drafts_waiting
from safety.selectors.laboratory import prompts

FAR_AHEAD = timedelta(days=183)


@page(Permission.ENTER_DATA)
def register_participant(request: PageRequest) -> HttpResponse:
    """Register a person who consented; nothing typed is lost when something is refused."""
    sites = [s for s in visible_sites(request.access) if request.access.may(Permission.ENTER_DATA, s.pk)]
    form = RegistrationForm(request.POST or None, sites=sites)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            participant = register_once(
                **answers, by=request.access.actor(Permission.ENTER_DATA, answers["site"].pk), now=request.now
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("%(number)s registered.") % {"number": participant.number})
            return redirect("casebook:participant", participant.pk)
    return render(
        request,
        "casebook/register.html",
        {
            "form": form,
            "breadcrumb": [
                (_("Participants"), reverse("casebook:matrix")),
                (_("Register a participant"), ""),
            ],
        },
        status=422 if form.is_bound else 200,
    )


@page(Permission.SEE_PARTICIPANTS)
def overview(request: PageRequest, pk: int) -> HttpResponse:
    participant = participant_or_404(request.access, pk)
    today = clock.day(request.now)
    everything = list(participant.visits.order_by("position", "occurrence"))
    for visit in everything:
        visit.participant = participant
    entered, marks = form_states_of([participant.pk]), Marks(today)
    visits = [visit for visit in everything if not visit.throughout]
    open_here = open_at_visits([participant.pk])[participant.pk]
    rows: list[dict[str, Any]] = []
    aside: list[dict[str, Any]] = []
    for visit in visits:
        row = {
            "visit": visit,
            "mark": marks.of(visit, entered[visit.pk]),
            "forms": [form for form in forms_of_visit(visit, entered[visit.pk]) if form.due]
            if _shows_forms(visit)
            else [],
            "asks": open_here.get(visit.pk, 0),
        }
        (aside if _stands_aside(visit, today) else rows).append(row)
    statuses = list(participant.statuses.select_related("by"))
    return render(
        request,
        "casebook/participant.html",
        {
            "breadcrumb": [*crumbs(participant)[:1], (participant.number, "")],
            "participant": participant,
            "strip": strip(participant, today, _next_step(request, participant, visits, entered)),
            "timeline": timeline(participant, visits, statuses, today),
            "tables": [rows, aside] if aside else [rows],
            "throughout": [
                (visit, forms_of_visit(visit, entered[visit.pk])) for visit in everything if visit.throughout
            ],
            "may_add_visit": request.access.may(Permission.ENTER_DATA, participant.site_id)
            and participant.status not in CLOSED,
            "statuses": statuses,
            "discrepancies": discrepancies_of(participant),
            "queries": [(one, place_of(one), one.days(request.now)) for one in queries_of(participant)],
            "may_ask": request.access.may(Permission.RAISE_QUERIES, participant.site_id),
            "response": _response(participant, today) if participant.arm else None,
            **_safety(request, participant),
            "reminders": reminders_of(participant),
            "reminders_address": reverse("casebook:participant", args=[participant.pk]) + "#reminders",
            "may_settle": request.access.may(Permission.SETTLE_REMINDERS, participant.site_id),
            "may_see_trail": request.access.may(Permission.SEE_TRAIL, participant.site_id),
        },
    )


def _safety(request: PageRequest, participant: Participant) -> dict[str, Any]:
    """Serious adverse events with their clocks, results without an event, and drafts of deviations."""
    mine, settings = Q(participant=participant), study.in_force(clock.day(request.now))
    events = watched_events(request.access, request.now, settings, mine)
    return {
        "running": [worklist_row(one, request.now, settings) for one in events if one.running],
        "serious": [one for one in events if not one.running],
        "prompts": [prompt_row(request.access, one) for one in prompts(request.access, mine)],
        "drafts": [draft_row(one) for one in drafts_waiting(request.access, mine)],
    }


def _response(participant: Participant, today: date) -> dict[str, Any]:
    """The sum of the targets in a few strokes, the latest and best response, and the two main endpoints."""
    course = read_course(participant.pk, TumourResponse.objects.all(), today)
    found = response_of(course, Criteria(value("response_criteria", today)))
    facts = endpoint_facts([participant.pk], today=today)[participant.pk]
    return {
        "response": found,
        "sketch": sketch(found),
        "words": in_words(found),
        "endpoints": endpoint_lines(facts, all_of_them=False),
        "missing": facts.missing,
    }


def _shows_forms(visit: Visit) -> bool:
    return visit.status not in (VisitState.SUPERSEDED, VisitState.CANCELLED)


def _stands_aside(visit: Visit, today: date) -> bool:
    """Whether a visit fell away or lies far ahead, so that it is folded away on the page."""
    ahead = visit.target_from is not None and visit.target_from > today + FAR_AHEAD
    return not _shows_forms(visit) or (ahead and visit.status == VisitState.PLANNED)


def _next_step(
    request: PageRequest, participant: Participant, visits: list[Visit], entered: Mapping[int, dict[str, str]]
) -> tuple[str, str] | None:
    """The one thing to do next for this participant, as a button; None where nothing waits for this person."""
    may = request.access.may
    # A hepatectomy is expected, not owed: it is begun from the treatment page.
    open_visits = [
        v for v in visits if v.status in (VisitState.STARTED, VisitState.PLANNED) and v.series != "SURGERY"
    ]
    screening = next((v for v in visits if v.code == "SCR"), None)
    if (
        participant.status == ParticipantState.SCREENING
        and screening
        and may(Permission.ENTER_DATA, participant.site_id)
    ):
        form = next_form(screening, entered[screening.pk])
        if form and form != "ARM":
            return _("Continue screening"), reverse("casebook:entry", args=[screening.pk, form])
    if participant.status == ParticipantState.SCREENING:
        return _("Eligibility"), reverse("eligibility:decide", args=[participant.pk])
    if participant.status == ParticipantState.ELIGIBLE:
        return _("Assign the arm"), reverse("arms:workflow", args=[participant.pk])
    if participant.status in (ParticipantState.ASSIGNED, ParticipantState.ON_TREATMENT):
        return _("Treatment"), reverse("arms:workflow", args=[participant.pk])
    if may(Permission.ENTER_DATA, participant.site_id):
        for visit in sorted(
            open_visits, key=lambda v: v.target_from or v.window_open or clock.day(request.now)
        ):
            form = next_form(visit, entered[visit.pk])
            if form:
                return str(visit.label), reverse("casebook:entry", args=[visit.pk, form])
    return None


@require_POST
@page(Permission.ENTER_DATA)
def unscheduled(request: PageRequest, pk: int) -> HttpResponse:
    """Begin an unscheduled visit and open its header."""
    participant = participant_or_404(request.access, pk, Permission.ENTER_DATA)
    by = request.access.actor(Permission.ENTER_DATA, participant.site_id)
    try:
        visit = add_unscheduled_visit(participant=participant, by=by, now=request.now)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return redirect("casebook:participant", pk)
    return redirect("casebook:entry", visit.pk, visit.forms[0])


@page(Permission.SEE_TRAIL)
def trail(request: PageRequest, pk: int) -> HttpResponse:
    """Everything that was ever written about a participant, newest first."""
    participant = participant_or_404(request.access, pk, Permission.SEE_TRAIL)
    found = TrailEntry.objects.filter(participant_id=participant.pk).order_by("-id")
    shown = Paginator(found, 100).get_page(request.GET.get("page"))
    entries = list(shown)
    names = people(entries)
    return render(
        request,
        "casebook/trail.html",
        {
            "breadcrumb": [*crumbs(participant), (_("Audit trail"), "")],
            "participant": participant,
            "strip": strip(participant, clock.day(request.now)),
            "page": shown,
            "entries": [
                (
                    entry,
                    names.get(entry.person_id or 0, entry.database_user),
                    role_words(entry.role),
                    title_of(entry),
                    lines,
                )
                for entry in entries
                if (lines := trail_rows(entry))
            ],
        },
    )
