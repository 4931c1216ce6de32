"""What the address of a dashboard asks for: its filters, as far as they mean something to this person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import get_language

from accounts.access import Access, Permission
from accounts.models import User
from accounts.pages import PageRequest
from dashboards.cards import Question
from dashboards.selectors import View, sites_seen
from participants.models import ARMS
from records import clock, study


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def question_of(
    request: PageRequest, permission: Permission = Permission.SEE_DASHBOARD, given: QueryDict | None = None
) -> Question:
    """The filters of the address, or of a form that was sent; those that mean nothing to this person fall away.

    Where no site is named, it is the one chosen in the bar on top of every page. Days that are in the wrong order
    are put right.
    """
    typed = request.GET if given is None else given
    own = sites_seen(request.access, permission)
    chosen = typed.get("site", str(request.session.get("site") or ""))
    arm = typed.get("arm", "")
    since, until = _day(typed.get("since", "")), _day(typed.get("until", ""))
    if since and until and until < since:
        since, until = until, since
    view = View(
        access=request.access,
        own_sites=own,
        site=next((site for site in own if str(site.pk) == chosen), None),
        arm=arm if arm in ARMS else "",
        log=typed.get("log") == "1",
        since=since,
        until=until,
        permission=permission,
    )
    today = clock.day(request.now)
    return Question(view, today, study.in_force(today), query_of(view))


def asked_of_a_worker(question: Question, user: User) -> dict[str, Any]:
    """What figures depend on, in words a message to a worker can hold; `question_for` reads it."""
    view = question.view
    return {
        "user": user.pk,
        "sites": [site.pk for site in view.sites],
        "everywhere": view.every_site,
        "site": view.site.pk if view.site else None,
        "arm": view.arm,
        "since": view.since.isoformat() if view.since else "",
        "until": view.until.isoformat() if view.until else "",
        "today": question.today.isoformat(),
        "language": get_language() or "en",
    }


def question_for(asked: Mapping[str, Any], permission: Permission = Permission.SEE_DASHBOARD) -> Question:
    """The question a worker was asked, as that person may ask it on the day named."""
    today = date.fromisoformat(asked["today"])
    access = Access.of(User.objects.get(pk=asked["user"]), today)
    own = sites_seen(access, permission)
    view = View(
        access=access,
        own_sites=own,
        site=next((site for site in own if site.pk == asked["site"]), None),
        arm=asked["arm"],
        since=_day(asked["since"]),
        until=_day(asked["until"]),
        permission=permission,
    )
    return Question(view, today, study.in_force(today), query_of(view))


def query_of(view: View) -> str:
    """The filters as the end of an address; the site always, so that the bar's choice does not come in."""
    chosen = {
        "site": view.site.pk if view.site else "",
        "arm": view.arm,
        "since": view.since.isoformat() if view.since else "",
        "until": view.until.isoformat() if view.until else "",
        "log": "1" if view.log else "",
    }
    return "?" + urlencode({name: value for name, value in chosen.items() if value or name == "site"})
