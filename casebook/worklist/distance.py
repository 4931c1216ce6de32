"""Dates with how far off they are, in words: "since 2026-09-01 · 4 days over"."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records import clock
from records.zone import TRIAL_ZONE


def until(day: date, today: date) -> str:
    """The last day on which something can be done; from the day after, by how much it is over."""
    if day < today:
        count = (today - day).days
        over = ngettext("%(count)s day over", "%(count)s days over", count) % {"count": count}
        return _far(_("since %(day)s"), day, over)
    return _far(_("until %(day)s"), day, _ahead(day, today))


def begins(day: date, today: date) -> str:
    """The first day on which something can be done, today or later."""
    return _far(_("from %(day)s"), day, _ahead(day, today))


def _far(words: str, day: date, distance: str) -> str:
    return f"{words % {'day': day}} · {distance}"


def _ahead(day: date, today: date) -> str:
    count = (day - today).days
    if not count:
        return _("today")
    return ngettext("in %(count)s day", "in %(count)s days", count) % {"count": count}


def since(day: date, today: date) -> str:
    """A day that lies behind, and how long it is ago."""
    count = (today - day).days
    ago = ngettext("%(count)s day ago", "%(count)s days ago", count) % {"count": count}
    return f"{day} · {ago if count > 0 else _ahead(today, today)}"


def since_moment(moment: datetime, now: datetime) -> str:
    """A moment that lies behind; within a day by the clock."""
    day, minutes = clock.day(moment), int((now - moment).total_seconds()) // 60
    if not 0 <= minutes < 24 * 60:
        return since(day, clock.day(now))
    hours, rest = divmod(minutes, 60)
    ago = (
        _("%(hours)s h %(minutes)s min ago") % {"hours": hours, "minutes": rest}
        if hours
        else _("%(minutes)s min ago") % {"minutes": rest}
    )
    return f"{moment.astimezone(TRIAL_ZONE):%Y-%m-%d %H:%M} · {ago}"
