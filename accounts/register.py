"""Pages of the register of roles and of its periodic review."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access_reviews
from accounts.access import Permission
from accounts.actions import NotPossible
from accounts.models import AccessReview, Role, Site
from accounts.pages import PageRequest, page

ZONE = ZoneInfo("Asia/Shanghai")


def _today(request: PageRequest) -> date:
    today: date = request.now.astimezone(ZONE).date()
    return today


@page(Permission.SEE_ACCESS)
def register(request: PageRequest) -> HttpResponse:
    """Who holds or held which role at which site from when to when; of one site and role, or of today, if asked."""
    today = _today(request)
    rows = access_reviews.register(request.access).order_by(
        "site__code", "role", "user__full_name", "starts_on"
    )
    sites = list(Site.objects.filter(request.access.sites(Permission.SEE_ACCESS)))
    asked = {name: request.GET.get(name, "") for name in ("site", "role", "when")}
    if asked["site"] in {site.code for site in sites}:
        rows = rows.filter(site__code=asked["site"]) | rows.filter(site=None)
    if asked["role"] in Role.values:
        rows = rows.filter(role=asked["role"])
    if asked["when"] == "today":
        rows = rows.filter(access_reviews.held_on(today))
    reviews = AccessReview.objects.filter(access_reviews.reached(request.access)).select_related(
        "site", "reviewed_by"
    )
    return render(
        request,
        "accounts/register.html",
        {
            "rows": rows,
            "today": today,
            "sites": sites,
            "roles": Role.choices,
            "asked": asked,
            "reviews": reviews.prefetch_related("lines__held__user")[:50],
            "due": access_reviews.reviews_due(request.access, today, ZONE)
            if request.access.may_somewhere(Permission.REVIEW_ACCESS)
            else [],
            "breadcrumb": [(_("Access register"), "")],
        },
    )


@page(Permission.REVIEW_ACCESS)
def review(request: PageRequest, pk: int) -> HttpResponse:
    """Look through the roles of one site."""
    return _review(
        request, get_object_or_404(Site.objects.filter(request.access.sites(Permission.REVIEW_ACCESS)), pk=pk)
    )


@page(Permission.REVIEW_ACCESS)
def review_all_sites(request: PageRequest) -> HttpResponse:
    """Look through the roles held at all sites; who reviews one site alone does not."""
    if not request.access.everywhere(Permission.REVIEW_ACCESS):
        raise Http404
    return _review(request, None)


def _review(request: PageRequest, site: Site | None) -> HttpResponse:
    by = request.access.actor(Permission.REVIEW_ACCESS, site.pk if site else None)
    today = _today(request)
    held = access_reviews.to_review(site, today)
    refused = ""
    said = {
        one.pk: (request.POST.get(f"verdict-{one.pk}", ""), request.POST.get(f"reason-{one.pk}", ""))
        for one in held
    }
    if request.method == "POST":
        try:
            access_reviews.review_access(
                site=site,
                said={pk: words for pk, words in said.items() if words[0]},
                today=today,
                by=by,
                now=request.now,
            )
        except NotPossible as sentence:
            refused = str(sentence)
        else:
            messages.success(request, _("The review was recorded."))
            return redirect("access_register")
    title = str(site) if site else _("Roles held at all sites")
    return render(
        request,
        "accounts/review.html",
        {
            "title": title,
            "rows": [(one, *said[one.pk]) for one in held],
            "refused": refused,
            "breadcrumb": [(_("Access register"), reverse("access_register")), (title, "")],
        },
        status=422 if refused else 200,
    )
