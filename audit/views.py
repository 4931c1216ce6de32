"""The trail as a page, and the review of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Access, Permission
from accounts.models import Site
from accounts.pages import PageRequest, page
from audit import words
from audit.actions import complete_review
from audit.filters import TrailFilter, fields_of
from audit.forms import PeriodForm, ReviewForm
from audit.kinds import KIND_WORDS, OF_ACCESS, Kind
from audit.models import TrailReview
from audit.reviewing import Figures, Limits, figures
from audit.selectors import ACCESS_ONLY, Leaf, Names, Scope, entries_for, leaf_of, scope_of
from records import clock, study
from records.definition import forms
from records.findings import Refused
from records.models import TrailCheck, TrailEntry
from records.sealing import standing

LINES_AT_ONCE = 8
REVIEWS = 20
REVIEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as the page shows it: `first` lines at once, `rest` unfolded."""

    entry: TrailEntry
    title: str
    kind: str
    operation: str
    person: str
    role: str
    number: str
    site: str
    first: list[words.Line]
    rest: list[words.Line]


def shown(entry: TrailEntry, names: Names) -> Shown:
    """Put an entry in words; the site is the participant's, or where the person acted."""
    lines = [line for line in words.lines(entry.relation, entry.changes) if not line.of_the_machine]
    number, site_id = names.participants.get(entry.participant_id or 0, ("", entry.site_id))
    site = names.sites.get(site_id or 0)
    person = names.people.get(entry.person_id or 0)
    kind = words.kind(entry.relation)
    return Shown(
        entry,
        str(words.title(entry.relation)),
        str(KIND_WORDS[kind]) if kind else "",
        str(words.operation(entry.operation)),
        person.full_name if person else "",
        str(words.role_words(entry.role)),
        number,
        site.code if site else "",
        lines[:LINES_AT_ONCE],
        lines[LINES_AT_ONCE:],
    )


def _id(given: QueryDict, name: str) -> int | None:
    word = given.get(name, "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None


def _listed(request: PageRequest, scope: Scope, asked: TrailFilter) -> dict[str, Any]:
    leaf: Leaf = leaf_of(
        entries_for(scope, asked), before=_id(request.GET, "before"), after=_id(request.GET, "after")
    )
    names = Names.of(leaf.entries)
    return {
        "asked": asked,
        "entries": [shown(entry, names) for entry in leaf.entries],
        "newer": f"?{asked.query(after=leaf.newer)}" if leaf.newer is not None else "",
        "older": f"?{asked.query(before=leaf.older)}" if leaf.older is not None else "",
    }


def _health() -> dict[str, Any]:
    """How the trail itself is: what is sealed, what the last check found, whether the clocks agree."""
    ahead = clock.database_ahead().total_seconds()
    return {
        "standing": standing(),
        "check": TrailCheck.objects.order_by("-id").first(),
        "drift": round(ahead, 1) if abs(ahead) > settings.CLOCK_DRIFT_SECONDS else None,
    }


@require_safe
@page(Permission.SEE_TRAIL)
def trail(request: PageRequest) -> HttpResponse:
    """Every entry about participants of one's sites, newest first; with the trail everywhere, every entry."""
    asked = TrailFilter.of(request.GET)
    scope = scope_of(request.access)
    everywhere = scope.site_ids is None
    return render(
        request,
        "audit/trail.html",
        {
            **_listed(request, scope, asked),
            "everywhere": everywhere,
            "kinds": KIND_WORDS.items(),
            "forms": [(code, model.form.title) for code, model in forms().items()],
            "fields": fields_of(asked.form).items(),
            "may_review": request.access.may_somewhere(Permission.REVIEW_TRAIL),
            "sites": _sites(request.access),
            **(_health() if everywhere else {}),
        },
    )


def _sites(access: Access) -> str:
    return ", ".join(site.code for site in Site.objects.filter(access.sites(Permission.SEE_TRAIL)))


@require_safe
@page(Permission.MANAGE_ACCOUNTS)
def accounts(request: PageRequest) -> HttpResponse:
    """What a system administrator sees of the trail: accounts, roles, sites and sign-in, and nothing of the trial."""
    asked = replace(TrailFilter.of(request.GET), participant="", form="", field="")
    if asked.kind and Kind(asked.kind) not in OF_ACCESS:
        asked = replace(asked, kind="")
    return render(
        request,
        "audit/trail.html",
        {
            **_listed(request, ACCESS_ONLY, asked),
            "of_access": True,
            "kinds": [(kind, KIND_WORDS[kind]) for kind in OF_ACCESS],
        },
    )


@page(Permission.REVIEW_TRAIL)
def review(request: PageRequest) -> HttpResponse:
    """What a review looks at, for a period; completing it is recorded. Below: the reviews there were."""
    today = clock.day(clock.real_now())
    first = today - timedelta(days=REVIEW_DAYS)
    period = PeriodForm(
        request.POST or (request.GET if request.GET.get("from_day") else None)
        or {"from_day": first.isoformat(), "to_day": today.isoformat()}
    )  # fmt: skip
    scope = scope_of(request.access, Permission.REVIEW_TRAIL)
    found: Figures | None = None
    form = ReviewForm(request.POST or None)
    if period.is_valid():
        days: Mapping[str, date] = period.cleaned_data
        limits = Limits.of(study.in_force(clock.day(request.now)))
        found = figures(
            scope=scope,
            from_day=days["from_day"].isoformat(),
            to_day=days["to_day"].isoformat(),
            limits=limits,
        )
        if request.method == "POST" and form.is_valid():
            try:
                complete_review(
                    from_day=days["from_day"],
                    to_day=days["to_day"],
                    site_ids=scope.site_ids,
                    figures=found.summary(),
                    findings=form.cleaned_data["findings"],
                    by=request.access.actor(Permission.REVIEW_TRAIL, None),
                    now=request.now,
                )
            except Refused as refused:
                form.add_error("findings", str(refused.sentence))
            else:
                messages.success(request, _("The review is recorded."))
                return redirect("audit:review")
    return _review_page(request, scope, period, form, found)


FIGURE_WORDS = {
    "entries": lambda: _("entries"),
    "unattributed": lambda: _("entries that name nobody"),
    "changes_after_submission": lambda: _("changes after submission"),
    "people_at_odd_hours": lambda: _("people at odd hours"),
    "bulk_edits": lambda: _("bulk edits"),
    "late_mass_changes": lambda: _("late mass changes"),
    "critical_fields_changed": lambda: _("critical fields changed"),
}


def _review_page(
    request: PageRequest, scope: Scope, period: PeriodForm, form: ReviewForm, found: Figures | None
) -> HttpResponse:
    done = TrailReview.objects.select_related("reviewed_by")
    if scope.site_ids is not None:
        done = done.filter(site_ids__contained_by=list(scope.site_ids)).exclude(site_ids=[])
    shown_reviews = Paginator(done, REVIEWS).get_page(request.GET.get("page"))
    codes = dict(Site.objects.values_list("pk", "code"))
    limits = Limits.of(study.in_force(clock.day(request.now)))
    return render(
        request,
        "audit/review.html",
        {
            "breadcrumb": [(_("Audit trail"), reverse("audit:trail")), (_("Review"), "")],
            "period": period,
            "form": form,
            "found": found,
            "limits": limits,
            "page": shown_reviews,
            "query": "",
            "reviews": [
                (
                    one,
                    words.role_words(one.reviewed_as),
                    ", ".join(codes.get(pk, str(pk)) for pk in one.site_ids),
                    [(FIGURE_WORDS[name](), count) for name, count in one.figures.items()],
                )
                for one in shown_reviews
            ],
            **_health(),
        },
        status=422 if request.method == "POST" or period.errors else 200,
    )
