"""A participant's tumour response: lesions over visits as a table and a picture, and the endpoints."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.access import Permission
from accounts.pages import PageRequest, page
from eligibility.lesions import Criteria
from followup.codelists import CRITERIA
from followup.endpoint_facts import endpoint_facts
from followup.models import TumourResponse
from followup.response_page import columns_of, endpoint_lines, lines_of, response_of, spider
from followup.tumour_course import read_course
from participants.header import crumbs, strip
from participants.selectors import participant_or_404
from records import clock
from records.study import value


@page(Permission.SEE_PARTICIPANTS)
def response(request: PageRequest, pk: int) -> HttpResponse:
    """Show by the criteria asked for, or by those of the objective response rate (study setting)."""
    participant = participant_or_404(request.access, pk)
    today = clock.day(request.now)
    asked = request.GET.get("criteria") or value("response_criteria", today)
    if asked not in CRITERIA:
        raise Http404
    course = read_course(participant.pk, TumourResponse.objects.all(), today)
    shown = response_of(course, Criteria(asked))
    columns = columns_of(course)
    facts = endpoint_facts([participant.pk], today=today)[participant.pk]
    return render(
        request,
        "followup/response.html",
        {
            "breadcrumb": [*crumbs(participant), (_("Response"), "")],
            "participant": participant,
            "strip": strip(participant, today),
            "criteria": [(code, words, code == asked) for code, words in CRITERIA],
            "response": shown,
            "columns": columns,
            "lines": list(lines_of(shown)) if columns else [],
            "chart": spider(shown, columns),
            "endpoints": endpoint_lines(facts),
            "missing": facts.missing,
        },
    )
