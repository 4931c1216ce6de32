"""Find what a page is about, through the sites a person works at; 404 for anything else."""

from __future__ import annotations

from django.http import Http404

from accounts.access import visible_sites
from accounts.pages import PageRequest
from monitoring.extents import Extent
from monitoring.trust import Level
from participants.models import CaseReportForm
from participants.selectors import participant_or_404, visit_or_404
from records.definition import forms


def extent_or_404(request: PageRequest, level: Level, pk: int = 0, code: str = "", repeat: int = 0) -> Extent:
    """What an address names, where this person may see it."""
    match level:
        case Level.TRIAL:
            return Extent.of_trial()
        case Level.SITE:
            site = next((site for site in visible_sites(request.access) if site.pk == pk), None)
            if site is None:
                raise Http404
            return Extent.of_site(site)
        case Level.PARTICIPANT:
            return Extent.of_participant(participant_or_404(request.access, pk))
    visit = visit_or_404(request.access, pk)
    if level is Level.VISIT:
        return Extent.of_visit(visit)
    model = forms().get(code)
    if model is None or not issubclass(model, CaseReportForm) or repeat < 1:
        raise Http404
    if not model.form.several and repeat != 1:
        raise Http404
    return Extent.of_form(visit, code, repeat)
