"""A site's waiting visits as an iCalendar file (RFC 5545): participant number, visit code and days, and nothing else.

What is handed out leaves the system for calendar programs and their clouds: no initials, no names of visits or
forms, no status, no address inside the system.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac
from icalendar import Calendar, Event

from participants.models import Visit
from records.study import STUDY_ID

BACK, AHEAD = timedelta(days=92), timedelta(days=366)
REFRESHED = timedelta(hours=6)


def calendar_file(site_code: str, visits: Iterable[Visit], today: date) -> bytes:
    """One all-day event for each dated visit, over its target days; its window stands in the description as dates.

    The same visits give the same bytes all day.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{STUDY_ID}//trial-edc//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{STUDY_ID} {site_code}")
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    stamp = datetime(today.year, today.month, today.day, tzinfo=UTC)
    host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
    for visit in visits:
        if visit.target_from is None or visit.target_to is None:
            continue
        event = Event()
        event.add(
            "uid",
            f"{salted_hmac('casebook.feed', str(visit.pk), algorithm='sha256').hexdigest()[:32]}@{host}",
        )
        event.add("dtstamp", stamp)
        event.add("dtstart", visit.target_from)
        event.add("dtend", visit.target_to + timedelta(days=1))  # the first day after it
        event.add("summary", f"{visit.participant.number} {visit.code}")
        if visit.window_open and visit.window_close:
            event.add("description", f"{visit.window_open.isoformat()} – {visit.window_close.isoformat()}")
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
