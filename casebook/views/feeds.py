"""Calendars people subscribe to in their own programs: their addresses, and the file behind one."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import Permission, visible_sites
from accounts.pages import PageRequest, for_anyone_signed_in, machine_now, page, working_site
from casebook.actions import end_feed, make_feed
from casebook.feed import calendar_file
from casebook.subscriptions import SECONDS_OF_A_PACE, feed_by, feeds_of, keep_pace, visits_of_feed
from records import clock
from records.findings import Refused


@never_cache
@page(Permission.SEE_PARTICIPANTS)
def feeds(request: PageRequest) -> HttpResponse:
    """The addresses a person has; a new one is shown once, on the page that answers."""
    person, today = request.user, clock.day(request.now)
    assert person.pk is not None and request.access.user is not None
    fresh, status = "", HTTPStatus.OK
    sites = visible_sites(request.access)
    if request.method == "POST":
        try:
            fresh = _asked(request, sites)
        except Refused as refused:
            messages.error(request, str(refused.sentence))
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        if not fresh and status is HTTPStatus.OK:
            return redirect("casebook:feeds")
    given = {
        "breadcrumb": [(_("Calendar"), reverse("casebook:calendar")), (_("Subscriptions"), "")],
        "feeds": feeds_of(request.access.user, today),
        "sites": sites,
        "chosen": working_site(request),
        "fresh": fresh,
    }
    return render(request, "casebook/feeds.html", given, status=status)


def _asked(request: PageRequest, sites: list[Any]) -> str:
    """Make an address, and give it; or end one, and give nothing."""
    asked = request.POST.get("action")
    if asked == "make":
        site = next((one for one in sites if str(one.pk) == request.POST.get("site")), None)
        if site is None:
            raise Refused(_("Choose a site."))
        by = request.access.actor(Permission.SEE_PARTICIPANTS, site.pk)
        _feed, secret = make_feed(site=site, by=by, now=request.now)
        return f"{settings.SITE_ADDRESS}{reverse('casebook:feed')}?key={secret}"
    if asked == "end" and request.access.user is not None:
        mine = feeds_of(request.access.user, clock.day(request.now))
        found = next((one for one in mine if str(one.feed.pk) == request.POST.get("feed")), None)
        if found is None:
            raise Http404
        by = request.access.actor(Permission.SEE_PARTICIPANTS, None)
        end_feed(feed=found.feed, by=by, now=request.now)
        messages.success(request, _("The address works no longer."))
    return ""


@login_not_required
@require_safe
@for_anyone_signed_in
def feed(request: PageRequest) -> HttpResponse:
    """The file behind an address: whoever holds its secret, while its owner may see the site's participants.

    The secret stands in the query, which is left out of the access log and of Django's own. An address that does not
    work, for whatever reason, is not found; one asked for too often is told to wait.
    """
    today = clock.day(request.now)
    found = feed_by(request.GET.get("key", ""), today)
    if found is None:
        raise Http404
    if not keep_pace(found, machine_now(request)):
        answer = HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS, content_type="text/plain")
        answer["Retry-After"] = str(SECONDS_OF_A_PACE)
        return answer
    content = calendar_file(found.site.code, visits_of_feed(found, today), today)
    name = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == name:
        answer = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    else:
        answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["ETag"] = name
    answer["Referrer-Policy"] = "no-referrer"
    return answer
