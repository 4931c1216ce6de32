"""What is to be verified, by site, participant and visit; and the plan of verification."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission, visible_sites
from accounts.pages import PageRequest, page, working_site
from monitoring.actions import set_plan
from monitoring.actions.plans import choosable
from monitoring.content import label_of
from monitoring.extents import Extent
from monitoring.forms import PlanForm
from monitoring.permissions import PERMISSION_OF
from monitoring.plan import ALL
from monitoring.selectors.plans import plan_for, plans, versions
from monitoring.selectors.progress import Progress, progress_by_site, progress_of
from monitoring.trust import KIND_WORDS, Kind
from participants.models import CaseReportForm, Visit
from participants.selectors import participants_for
from records.definition import forms
from records.findings import Refused

ROWS = 50


@page(Permission.REVIEW_DATA)
def to_verify(request: PageRequest) -> HttpResponse:
    """Progress by site, participant and visit; seven queries, however many participants there are."""
    kinds = [kind for kind in Kind if request.access.may_somewhere(PERMISSION_OF[kind])]
    asked = request.GET.get("kind", "")
    kind = next((one for one in kinds if one == asked), kinds[0])
    known = plans()
    people = participants_for(request.access, PERMISSION_OF[kind])
    site = working_site(request)
    if site:
        people = people.filter(site=site)
    shown = Paginator(people.order_by("number"), ROWS).get_page(request.GET.get("page"))
    there = list(shown)
    progress = progress_of([person.pk for person in there], kind, known)
    visits: dict[int, list[tuple[Visit, Progress]]] = {person.pk: [] for person in there}
    for visit in Visit.objects.filter(participant__in=there).order_by("position", "occurrence"):
        if visit.pk in progress[visit.participant_id].visits:
            visits[visit.participant_id].append((visit, progress[visit.participant_id].visits[visit.pk]))
    by_site = progress_by_site(request.access, kind, known)
    return render(
        request,
        "monitoring/to_verify.html",
        {
            "breadcrumb": [(_("Verification"), "")],
            "kinds": [(one, KIND_WORDS[one]) for one in kinds],
            "kind": kind,
            "kind_words": KIND_WORDS[kind],
            "sites": [
                (one, by_site.get(one.pk, Progress()), Extent.of_site(one).address())
                for one in visible_sites(request.access)
            ],
            "people": [(person, progress[person.pk].whole, visits[person.pk]) for person in there],
            "page": shown,
            "query": f"kind={kind}&",
        },
    )


@page(Permission.SEE_PARTICIPANTS)
def plan(request: PageRequest) -> HttpResponse:
    """What of each form is verified, with its versions."""
    return _plan_page(request, None, None)


@page(Permission.CHANGE_STUDY_SETTINGS, everywhere=True)
def change_plan(request: PageRequest, code: str) -> HttpResponse:
    """What changes the plan of one form."""
    model = forms().get(code)
    if model is None or not issubclass(model, CaseReportForm):
        raise Http404
    current = plan_for(plans(), code)
    choices = [(name, label_of(model, name)) for name in choosable(code)]
    initial = {"whole": current == ALL, "items": [] if current == ALL else list(current)}
    form = PlanForm(request.POST or None, choices=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_plan(
                form=code,
                items=form.chosen,
                reason=form.cleaned_data["reason"],
                by=request.access.actor_everywhere(Permission.CHANGE_STUDY_SETTINGS),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("The plan of “%(form)s” is changed.") % {"form": model.form.title})
            return redirect("monitoring:plan")
    return _plan_page(request, model, form)


def _plan_page(
    request: PageRequest, model: type[CaseReportForm] | None, form: PlanForm | None
) -> HttpResponse:
    return render(
        request,
        "monitoring/plan.html",
        {
            "breadcrumb": [
                (_("Verification"), reverse("monitoring:to_verify")),
                (_("Plan of verification"), reverse("monitoring:plan") if model else ""),
                *([(model.form.title, "")] if model else []),
            ],
            "title": model.form.title if model else "",
            "form": form,
            "rows": [] if model else _plan_rows(plans()),
            "may_change": request.access.everywhere(Permission.CHANGE_STUDY_SETTINGS),
        },
        status=422 if form is not None and form.errors else 200,
    )


def _plan_rows(known: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Every form with what of it is verified, and the versions of that."""
    history = versions()
    return [
        {
            "code": code,
            "title": model.form.title,
            "whole": plan_for(known, code) == ALL,
            "items": _labels(model, plan_for(known, code)),
            "of": len(choosable(code)),
            "history": [(one, _labels(model, tuple(one.items))) for one in history.get(code, [])],
        }
        for code, model in forms().items()
        if issubclass(model, CaseReportForm)
    ]


def _labels(model: type[CaseReportForm], items: tuple[str, ...]) -> list[Any]:
    return [] if items == ALL else [label_of(model, name) for name in items]
