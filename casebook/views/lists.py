"""The ways in: what needs me, all participants by visits, and search."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Permission
from accounts.pages import PageRequest, for_anyone_signed_in, page, working_site
from casebook.matrix import TRUST_WORDS, matrix_of
from casebook.paging import CountedPaginator
from casebook.worklist import worklist
from participants.models import ARMS, Participant, Visit
from participants.selectors import participants_for
from participants.workflow import PARTICIPANT_WORDS, VisitState
from records import clock

ROWS = 50


@for_anyone_signed_in
def home(request: PageRequest) -> HttpResponse:
    """What needs me; a system administrator's home is the accounts."""
    if not request.access.may_somewhere(Permission.SEE_PARTICIPANTS):
        if request.access.may_somewhere(Permission.MANAGE_ACCOUNTS):
            return redirect("accounts_list")
        return render(request, "casebook/no_role.html")
    groups = worklist(request.access, request.now, working_site(request))
    return render(
        request,
        "casebook/home.html",
        {
            "groups": groups,
            "nothing": not any(group.items for group in groups),
            "may_register": request.access.may_somewhere(Permission.ENTER_DATA),
        },
    )


def _filtered(request: PageRequest) -> tuple[QuerySet[Participant], dict[str, str]]:
    """The participants of a person under the filters of the address; filters that mean nothing fall away."""
    chosen = {name: request.GET.get(name, "") for name in ("arm", "status", "open", "q")}
    found = participants_for(request.access)
    site = working_site(request)
    if site:
        found = found.filter(site=site)
    if chosen["arm"] in ARMS:
        found = found.filter(arm=chosen["arm"])
    if chosen["status"] in PARTICIPANT_WORDS:
        found = found.filter(status=chosen["status"])
    if chosen["open"]:
        today = clock.day(request.now)
        waiting = Q(status=VisitState.STARTED) | Q(status=VisitState.PLANNED, target_from__lte=today)
        found = found.filter(Exists(Visit.objects.filter(waiting, participant=OuterRef("pk"))))
    return found, {name: value for name, value in chosen.items() if value}


@page(Permission.SEE_PARTICIPANTS)
def matrix(request: PageRequest) -> HttpResponse:
    """Participants by visits, 50 a page; the number of queries does not depend on how many there are."""
    found, chosen = _filtered(request)
    shown = CountedPaginator(found.order_by("number"), ROWS).get_page(request.GET.get("page"))
    people = list(shown)
    columns, rows = matrix_of(people, clock.day(request.now))
    query = "".join(f"{urlencode({name: value})}&" for name, value in chosen.items())
    return render(
        request,
        "casebook/matrix.html",
        {
            "columns": columns,
            "rows": rows,
            "trust_legend": [((mark,), words) for mark, words in TRUST_WORDS.items()],
            "page": shown,
            "query": query,
            "chosen": chosen,
            "arms": ARMS.items(),
            "statuses": PARTICIPANT_WORDS.items(),
            "may_register": request.access.may_somewhere(Permission.ENTER_DATA),
        },
    )


@page(Permission.SEE_PARTICIPANTS)
def search(request: PageRequest) -> HttpResponse:
    """Find by participant number, initials, or number and visit code ("01-014 Y-M1"); one hit opens at once."""
    text = request.POST.get("q", "").strip().upper()
    words = text.split()
    number, code = (words[0], words[1]) if len(words) == 2 else (text, "")
    people = participants_for(request.access).select_related("site")
    found = people.filter(Q(number__startswith=number) | Q(initials=number)) if number else people.none()
    hits = list(found[: ROWS + 1])
    if len(hits) == 1:
        if code and (visit := hits[0].visits.filter(code=code).first()) and visit.forms:
            return redirect("casebook:entry", visit.pk, visit.forms[0])
        return redirect("casebook:participant", hits[0].pk)
    return render(
        request,
        "casebook/search.html",
        {
            "hits": hits[:ROWS],
            "more": len(hits) > ROWS,
            "title": _("Search"),
            "text": text,
        },
    )
