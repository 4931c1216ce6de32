"""The laboratories of the sites, and the reference ranges of one: everybody reads, data managers of the site add."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Permission, visible_sites
from accounts.models import Site
from accounts.pages import PageRequest, page
from eligibility.laboratories.actions import TESTS, add_laboratory, add_range, begin_with_usual_limits
from eligibility.laboratories.forms import LaboratoryForm, RangeForm, UsualLimitsForm
from eligibility.models import ReferenceRange, SiteLaboratory
from eligibility.reference_ranges import SEXES, in_force
from records import clock
from records.findings import Refused
from records.result_rows import limits_in_words


def _may_add(request: PageRequest, sites: Iterable[Site]) -> list[Site]:
    """Those of the sites to whose laboratories this person adds; PermissionDenied where they post and it is none."""
    may = [site for site in sites if request.access.may(Permission.CHANGE_STUDY_SETTINGS, site.pk)]
    if request.method == "POST" and not may:
        raise PermissionDenied(_("Only data managers of the site enter its laboratories and their ranges."))
    return may


@page(Permission.SEE_PARTICIPANTS)
def laboratories(request: PageRequest) -> HttpResponse:
    """List the laboratories of the sites one sees; a data manager of a site adds one of it here."""
    sites = visible_sites(request.access)
    may_add = _may_add(request, sites)
    form = LaboratoryForm(request.POST or None, sites=may_add) if may_add else None
    if form is not None and request.method == "POST" and form.is_valid():
        by = request.access.actor(Permission.CHANGE_STUDY_SETTINGS, form.cleaned_data["site"].pk)
        try:
            added = add_laboratory(**form.cleaned_data, by=by, now=request.now)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("%(name)s added.") % {"name": added.label})
            return redirect("eligibility:laboratory", added.pk)
    found = SiteLaboratory.objects.filter(site__in=sites).select_related("site")
    given = {
        "breadcrumb": [(_("Laboratories"), "")],
        "laboratories": found.annotate(versions=Count("ranges")),
        "form": form,
    }
    return render(
        request, "eligibility/laboratories.html", given, status=422 if form and form.is_bound else 200
    )


@page(Permission.SEE_PARTICIPANTS)
def laboratory(request: PageRequest, pk: int) -> HttpResponse:
    """Show a laboratory's ranges; a data manager adds a version, or begins with the usual limits."""
    found = SiteLaboratory.objects.select_related("site").filter(pk=pk).first()
    if found is None or found.site not in visible_sites(request.access):
        raise Http404
    form = None
    if _may_add(request, [found.site]):
        today = {"effective_from": clock.day(request.now).isoformat()}
        begins = request.POST.get("action") == "usual"
        form = RangeForm(None if begins else request.POST or None, initial=today)
        if request.method == "POST" and (said := _add(request, found, form, begins)):
            messages.success(request, said)
            return redirect("eligibility:laboratory", found.pk)
    return render(
        request,
        "eligibility/laboratory.html",
        {
            "breadcrumb": [
                (_("Laboratories"), reverse("eligibility:laboratories")),
                (found.label, ""),
            ],
            "laboratory": found,
            "tests": _tests(request, found),
            "form": form,
            "today": clock.day(request.now),
        },
        status=422 if request.method == "POST" else 200,
    )


def _add(request: PageRequest, found: SiteLaboratory, form: RangeForm, begins: bool) -> str:
    """Add what was asked for; "" where it was refused, with the reason on the form."""
    by = request.access.actor(Permission.CHANGE_STUDY_SETTINGS, found.site_id)
    try:
        if begins:
            day = UsualLimitsForm(request.POST)
            if not day.is_valid():
                raise Refused(_("Write a date as 2026-8-3."))
            number = begin_with_usual_limits(laboratory=found, **day.cleaned_data, by=by, now=request.now)
            words = ngettext("%(number)s range added.", "%(number)s ranges added.", number)
            return words % {"number": number}
        if not form.is_valid():
            return ""
        added = add_range(laboratory=found, **form.version(), by=by, now=request.now)
        return _("Range of %(test)s added.") % {"test": TESTS[added.test].label}
    except Refused as refused:
        if begins:
            messages.error(request, str(refused.sentence))
        else:
            form.add_error(None, str(refused.sentence))
        return ""


def _tests(request: PageRequest, found: SiteLaboratory) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The versions of each test's range, newest first, in the order of the form."""
    versions: dict[str, list[ReferenceRange]] = {}
    for one in found.ranges.select_related("recorded_by").order_by("-effective_from", "-id"):
        versions.setdefault(one.test, []).append(one)
    today = clock.day(request.now)
    holding = in_force([one.as_rule for rows in versions.values() for one in rows], today)
    return [
        (
            item.label,
            [
                {
                    "version": one,
                    "for": SEXES[one.sex],
                    "limits": limits_in_words(one.lower, one.upper),
                    "ahead": one.effective_from > today,
                    "holds": one.as_rule in holding,
                }
                for one in versions[name]
            ],
        )
        for name, item in TESTS.items()
        if name in versions
    ]
