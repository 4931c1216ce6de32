"""The pages of queries: the list, the counts, and the conversation at a place with its verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission, visible_sites
from accounts.models import User
from accounts.pages import PageRequest, page, working_site
from monitoring.actions.queries import answer_query, assign_query, close_query, raise_query, reopen_query
from monitoring.models import Query
from monitoring.page import QueryMarks
from monitoring.places import Place, case_form, form_words, item_words
from monitoring.policies.queries import WHO, steps_open_to
from monitoring.selectors.asked import asked_at
from monitoring.selectors.queries import (
    checks_at,
    number_of,
    people_of_site,
    place_of,
    queries_at,
    query_or_404,
    read_place,
    who_left,
)
from monitoring.selectors.query_changes import changes_linked
from monitoring.selectors.query_list import AGES, Chosen, counts_by_person, counts_by_site, listed
from monitoring.selectors.scoreboard import scoreboard
from monitoring.workflow import QUERY_WORDS, StepKind
from participants.actions import reopen_discrepancy
from participants.cross_checks import cross_checks
from participants.header import crumbs, strip
from participants.models import Discrepancy, Visit
from participants.selectors import discrepancy_or_404, participant_or_404
from records import clock
from records.definition import forms
from records.findings import Refused

VERBS: dict[str, tuple[StepKind, Callable[..., Query]]] = {
    "answer": (StepKind.ANSWERED, answer_query),
    "reopen": (StepKind.REOPENED, reopen_query),
    "close": (StepKind.CLOSED, close_query),
}


@page(Permission.SEE_PARTICIPANTS)
def queries(request: PageRequest) -> HttpResponse:
    """Every query by people and by checks, longest waiting first, under the filters of the address."""
    chosen = Chosen.of(request.GET)
    shown, rows = listed(request.access, chosen, working_site(request), request.now, request.GET.get("page"))
    given = chosen.as_given()
    return render(
        request,
        "monitoring/queries.html",
        {
            "breadcrumb": [(_("Queries"), "")],
            "rows": rows,
            "page": shown,
            "query": f"{urlencode(given)}&" if given else "",
            "chosen": chosen,
            "filtered": bool(given),
            "sites": visible_sites(request.access),
            "forms": [(code, model.form.title) for code, model in forms().items() if case_form(code)],
            "states": [(str(state), words) for state, words in QUERY_WORDS.items()],
            "checks": [(check.id, check.words) for check in cross_checks()],
            "ages": AGES,
        },
    )


@page(Permission.SEE_PARTICIPANTS)
def counts(request: PageRequest) -> HttpResponse:
    """How many queries there are at each site and of each person, and how long the oldest waits."""
    access, site = request.access, working_site(request)
    by_site = counts_by_site(access, site)
    return render(
        request,
        "monitoring/query_counts.html",
        {
            "breadcrumb": [(_("Queries"), reverse("monitoring:queries")), (_("Counts"), "")],
            "sites": [
                (one, by_site[one.pk], by_site[one.pk].days(request.now))
                for one in visible_sites(access)
                if one.pk in by_site
            ],
            "people": [
                (title, [(who, found, found.days(request.now)) for who, found in counted])
                for title, path in ((_("Assigned to"), "assigned_to"), (_("Asked by"), "raised_by"))
                if (counted := counts_by_person(access, site, path))
            ],
        },
    )


@page(Permission.SEE_PARTICIPANTS)
def checks(request: PageRequest) -> HttpResponse:
    """How each check does: fired, led to a change, confirmed as it stands, still open."""
    return render(
        request,
        "monitoring/checks.html",
        {
            "breadcrumb": [(_("Queries"), reverse("monitoring:queries")), (_("Checks"), "")],
            "scores": scoreboard(request.access, working_site(request)),
        },
    )


@page(Permission.SEE_PARTICIPANTS)
def place(request: PageRequest, participant_id: int) -> HttpResponse:
    """The conversation at one place; posting asks a new question there."""
    participant = participant_or_404(request.access, participant_id)
    here = read_place(request.access, participant, request.GET)
    if request.method != "POST":
        return _conversation(request, here)
    by = request.access.actor(Permission.RAISE_QUERIES, participant.site_id)
    try:
        query = raise_query(
            place=here,
            words=request.POST.get("words", ""),
            to=_person(request, here, request.POST.get("to", "")),
            by=by,
            now=request.now,
        )
    except Refused as refused:
        return _conversation(request, here, refused=(str(refused.sentence), "ask", 0))
    return _done(request, here, query, _("The question is asked."))


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def step(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Answer, close, or ask again."""
    if verb not in VERBS:
        raise Http404
    kind, act = VERBS[verb]
    query = query_or_404(request.access, pk)
    (permission,) = WHO[kind]
    by = request.access.actor(permission, query.participant.site_id)
    try:
        act(query=query, words=request.POST.get("words", ""), by=by, now=request.now)
    except Refused as refused:
        return _conversation(request, _shown(request, query), refused=(str(refused.sentence), verb, pk))
    said = {
        StepKind.ANSWERED: _("The query is answered."),
        StepKind.CLOSED: _("The query is closed."),
        StepKind.REOPENED: _("The query is open again."),
    }
    return _done(request, _shown(request, query), query, said[kind])


@require_POST
@page(Permission.SEE_PARTICIPANTS)
def assign(request: PageRequest, pk: int) -> HttpResponse:
    """Give a query to a person of the site."""
    query = query_or_404(request.access, pk)
    site_id = query.participant.site_id
    allowed = [one for one in WHO[StepKind.ASSIGNED] if request.access.may(one, site_id)]
    by = request.access.actor(allowed[0] if allowed else Permission.RAISE_QUERIES, site_id)
    here = _shown(request, query)
    try:
        to = _person(request, here, request.POST.get("to", ""))
        assign_query(query=query, to=to, by=by, now=request.now)
    except Refused as refused:
        return _conversation(request, here, refused=(str(refused.sentence), "assign", pk))
    return _done(request, here, query, _("The query is assigned."))


@require_POST
@page(Permission.RAISE_QUERIES)
def reopen_check(request: PageRequest, pk: int) -> HttpResponse:
    """Ask the site again about what a check across forms found and a comment confirmed."""
    found = discrepancy_or_404(request.access, pk, Permission.RAISE_QUERIES)
    by = request.access.actor(Permission.RAISE_QUERIES, found.participant.site_id)
    here = _shown(request, found)
    try:
        reopen_discrepancy(discrepancy=found, words=request.POST.get("words", ""), by=by, now=request.now)
    except Refused as refused:
        return _conversation(request, here, refused=(str(refused.sentence), "reopen_check", pk))
    return _done(request, here, None, _("The check is open again."))


def _shown(request: PageRequest, query: Query | Discrepancy) -> Place:
    """The place whose conversation the person has before them: the query's own, or its whole form."""
    own = place_of(query)
    return own.at_form() if request.POST.get("whole") and own.form else own


def _person(request: PageRequest, here: Place, typed: str) -> User | None:
    if not typed:
        return None
    found = [
        one for one in people_of_site(here.participant.site_id, request.now) if one.pk == number_of(typed)
    ]
    if not found:
        raise Refused(_("This person does not enter data at this site."))
    return found[0]


def _done(request: PageRequest, here: Place, query: Query | None, said: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _conversation(request, here, said=said)
    messages.success(request, said)
    return redirect(here.address(query.pk if query else None))


def _conversation(
    request: PageRequest, here: Place, *, said: str = "", refused: tuple[str, str, int] = ("", "", 0)
) -> HttpResponse:
    """Everything asked at a place, as a page of its own, or inside the drawer of the page before."""
    access, site_id = request.access, here.participant.site_id
    in_drawer = bool(request.headers.get("HX-Request"))
    found = queries_at(here)
    found_by_checks = checks_at(here)
    left = who_left(found, request.now) if access.may(Permission.LOCK, site_id) else set()
    linked = changes_linked(found)
    threads: list[dict[str, Any]] = [
        {
            "query": query,
            "about": item_words(query.form, query.item) if query.item and not here.item else None,
            "days": query.days(request.now),
            "may": steps_open_to(access, query, left),
            "steps": [(step, linked.get(step.change or 0)) for step in query.steps.all()],
        }
        for query in found
    ]
    may_ask = access.may(Permission.RAISE_QUERIES, site_id)
    # Who may give a query to whom is asked only where somebody can.
    assigns = may_ask or any(thread["may"]["assign"] for thread in threads)
    sentence, verb, at = refused
    words: dict[str, Any] = {
        "place": here,
        "address": here.address(),
        "threads": threads,
        "checks": found_by_checks,
        "may_ask": may_ask,
        "may_answer": access.may(Permission.ENTER_DATA, site_id),
        "people": people_of_site(site_id, request.now) if assigns else [],
        "form_url": _form_url(here),
        "said": said,
        "refused": sentence,
        "refused_verb": verb,
        "refused_at": at,
        "typed": request.POST.get("words", "") if sentence else "",
        "in_drawer": in_drawer,
    }
    status = 422 if sentence else 200
    if in_drawer:
        words["marks"] = _marks(request, here, found)
        return render(request, "monitoring/_conversation.html", words, status=status)
    parts = here.words
    if not here.form and here.visit is None:
        visits = Visit.objects.filter(participant=here.participant).order_by("position", "occurrence")
        words["visits"] = [(one.label, Place(here.participant, one).address()) for one in visits]
    return render(
        request,
        "monitoring/place.html",
        {
            **words,
            "breadcrumb": [*crumbs(here.participant), *((part, "") for part in parts), (_("Queries"), "")],
            "strip": strip(here.participant, clock.day(request.now)),
            "title": parts[-1] if parts else here.participant.number,
        },
        status=status,
    )


def _form_url(here: Place) -> str:
    """Where the form is entered; "" where there is none, or the record was removed."""
    model = case_form(here.form)
    if model is None or here.visit is None:
        return ""
    if model.form.several:
        if not model._default_manager.filter(visit=here.visit, repeat=here.repeat).exists():
            return ""
        address = reverse("casebook:entry", args=[here.visit.pk, here.form, here.repeat])
    elif here.form in here.visit.may_hold:
        address = reverse("casebook:entry", args=[here.visit.pk, here.form])
    else:
        return ""
    return address + (f"#id_{here.item}_row" if here.item else "")


def _marks(request: PageRequest, here: Place, found: list[Query]) -> list[Any]:
    """The marks on the page behind the drawer as they stand now."""
    if not here.form or here.visit is None:
        return []
    marks = QueryMarks(request.access, here.at_form(), asked_at(here.visit.pk))
    names = {here.item, *(query.item for query in found)} - {""}
    return [
        marks.at_form(form_words(here.form, here.repeat)),
        *(marks.at_item(name, item_words(here.form, name)) for name in sorted(names)),
    ]
