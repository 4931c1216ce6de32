"""The calendar: a month or a list of a site's visits, and the visits of one participant drawn to scale."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Permission, visible_sites
from accounts.pages import PageRequest, page, working_site
from casebook.actions import set_contact
from casebook.calendar import contact_of, entries, month, month_of, placed, seen_at, weeks_of
from casebook.forms import ContactForm
from casebook.timeline import course, timeline
from followup.selectors import calendar_rows
from participants.header import crumbs, strip
from participants.models import ARMS, VisitStatus
from participants.schedule_file import Anchor
from participants.schedule_words import ANCHORS
from participants.selectors import participant_or_404, visits_for
from records import clock
from records.text import Text

ROWS = 100
# Nobody asks for months the trial does not know; an address with one shows this month.
EARLIEST, LATEST = date(2020, 1, 1), date(2049, 12, 31)


def _chosen_day(request: PageRequest, name: str, otherwise: date) -> date:
    """A day of the address (`2026-11` or `2026-11-05`), or another where it is none."""
    text = request.GET.get(name, "")
    try:
        day = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return otherwise
    return day if EARLIEST <= day <= LATEST else otherwise


@require_safe
@page(Permission.SEE_PARTICIPANTS)
def calendar(request: PageRequest) -> HttpResponse:
    """The visits of the sites this person sees, or of the one chosen above, by month; six queries, however many."""
    today = clock.day(request.now)
    as_list = request.GET.get("show") == "list"
    day = _chosen_day(request, "day", date.min)
    first, last = month_of(_chosen_day(request, "month", today) if day == date.min else day)
    chosen = {
        "arm": request.GET.get("arm", "") if request.GET.get("arm") in ARMS else "",
        "waiting": "1" if request.GET.get("waiting") else "",
    }
    narrowed = Q(participant__arm=chosen["arm"]) if chosen["arm"] else Q()
    site = working_site(request)
    if site:
        narrowed &= Q(participant__site=site)
    visits = visits_for(request.access).filter(narrowed)
    kept = "".join(f"&{urlencode({name: value})}" for name, value in chosen.items() if value)
    given = {
        "breadcrumb": [(_("Calendar"), "")],
        "first": first,
        "before": first - timedelta(days=1),
        "after": last + timedelta(days=1),
        "today": today,
        "chosen": chosen,
        "arms": ARMS.items(),
        "kept": kept,
        "as_list": as_list,
        "day": day if day != date.min else None,
        "may_set_contacts": request.access.may_somewhere(Permission.ENTER_DATA),
    }
    if as_list:
        span = (first, last) if day == date.min else (day, day)
        found = placed(visits, *span, waiting=bool(chosen["waiting"]))
        shown = Paginator(found, ROWS).get_page(request.GET.get("page"))
        where = f"day={day}" if day != date.min else f"month={first:%Y-%m}"
        given |= {
            "page": shown,
            "entries": entries(shown, today),
            "query": f"show=list&{where}{kept}&",
        }
    else:
        weeks = weeks_of(first, last)
        found = placed(visits, weeks[0][0], weeks[-1][-1], waiting=bool(chosen["waiting"]))
        given["weeks"] = month(found, first, last, today)
    return render(request, "casebook/calendar.html", given)


@require_safe
@page(Permission.SEE_PARTICIPANTS)
def participant_calendar(request: PageRequest, pk: int) -> HttpResponse:
    """The visits of one participant: drawn to scale, and as a table that says under which version each was planned."""
    participant = participant_or_404(request.access, pk)
    today = clock.day(request.now)
    everything = participant.visits.select_related("schedule").order_by("position", "occurrence")
    visits = [visit for visit in everything if not visit.throughout]
    for visit in visits:
        visit.participant = participant
    statuses = list(participant.statuses.all())
    anchors = {Anchor(name): day for name, day in participant.anchors.values_list("name", "date")}
    seen = seen_at(participant)
    steps = VisitStatus.objects.filter(participant=participant).exclude(reason="").order_by("id")
    why = {(step.visit_id, step.status): step.reason for step in steps}
    rows = [
        {
            "row": row,
            "seen": seen.get(row.visit.pk),
            "from": ANCHORS[Anchor(row.visit.anchor)] if row.visit.anchor else "",
            "why": Text.spoken(why.get((row.visit.pk, row.visit.status), "")),
        }
        for row in calendar_rows(visits, today)
    ]
    given = {
        "breadcrumb": [*crumbs(participant), (_("Calendar"), "")],
        "participant": participant,
        "strip": strip(participant, today),
        "timeline": timeline(participant, visits, statuses, today, anchors=anchors, seen=seen),
        "course": course(participant, anchors, statuses),
        "rows": rows,
    }
    return render(request, "casebook/participant_calendar.html", given)


@page(Permission.ENTER_DATA)
def contacts(request: PageRequest) -> HttpResponse:
    """How participants reach the study team, by site; it stands on their visit plan."""
    sites = [
        one for one in visible_sites(request.access) if request.access.may(Permission.ENTER_DATA, one.pk)
    ]
    chosen = next((one for one in sites if str(one.pk) == request.POST.get("site")), None)
    if request.method == "POST" and chosen is None:
        raise Http404
    rows = []
    for site in sites:
        sent = request.POST if site == chosen else None
        form = ContactForm(
            sent,
            initial={"words": contact_of(site)},
            auto_id=f"id_{site.code}_%s",
            use_required_attribute=False,
        )
        if sent is not None and form.is_valid():
            by = request.access.actor(Permission.ENTER_DATA, site.pk)
            set_contact(site=site, words=form.cleaned_data["words"], by=by, now=request.now)
            messages.success(request, _("The contact of site %(site)s is changed.") % {"site": site.code})
            return redirect("casebook:contacts")
        rows.append((site, form))
    given = {
        "breadcrumb": [(_("Calendar"), reverse("casebook:calendar")), (_("Contacts"), "")],
        "rows": rows,
    }
    return render(request, "casebook/contacts.html", given, status=422 if chosen else 200)
