"""What the address of a dashboard asks for: its filters, as far as they mean something to this person."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

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


def question_of(request: PageRequest) -> Question:
    """The filters of the address; those that mean nothing to this person fall away.

    Where the address names no site, it is the one chosen in the bar on top of every page. Days that are in the
    wrong order are put right.
    """
    own = sites_seen(request.access)
    chosen = request.GET.get("site", str(request.session.get("site") or ""))
    arm = request.GET.get("arm", "")
    since, until = _day(request.GET.get("since", "")), _day(request.GET.get("until", ""))
    if since and until and until < since:
        since, until = until, since
    view = View(
        access=request.access,
        own_sites=own,
        site=next((site for site in own if str(site.pk) == chosen), None),
        arm=arm if arm in ARMS else "",
        log=request.GET.get("log") == "1",
        since=since,
        until=until,
    )
    today = clock.day(request.now)
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
