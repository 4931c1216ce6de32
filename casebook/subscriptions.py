"""Reads of subscribed calendars: whose they are, whether they still work, what they give, how often they are asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.access import GRANTS, Permission
from accounts.models import RoleHeld, Site, User
from casebook.feed import AHEAD, BACK
from casebook.models import CalendarFeed, CalendarFeedUse
from followup.selectors import CLOSED, WAITING
from participants.models import Visit

MOST_FEEDS = 5
# A calendar program asks every few minutes at most.
MOST_READS, SECONDS_OF_A_PACE = 60, 3600


def digest_of(secret: str) -> str:
    """What is kept of an address's secret; it has 256 random bits, so a plain hash says nothing about it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def role_for_feed(person: User, site: Site, today: date) -> RoleHeld | None:
    """A role a person holds that day that sees the participants of a site, the one for this site first."""
    held = RoleHeld.objects.filter(Q(site=site) | Q(site=None), user=person).order_by("site_id", "id")
    return next((one for one in held if _in_force(one, today)), None)


def _in_force(held: RoleHeld, today: date) -> bool:
    return (
        held.starts_on <= today
        and (held.ends_on is None or held.ends_on >= today)
        and Permission.SEE_PARTICIPANTS in GRANTS[held.role]
    )


def _works(feed: CalendarFeed, today: date) -> bool:
    covers = feed.held.site_id in (None, feed.site_id)
    return feed.ended_at is None and feed.made_by.is_active and covers and _in_force(feed.held, today)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One address of a person as their page shows it."""

    feed: CalendarFeed
    works: bool
    read_at: datetime | None


def feeds_of(person: User, today: date) -> list[FeedRow]:
    """Every address a person has made, the newest first; one query."""
    found = CalendarFeed.objects.filter(made_by=person).select_related("site", "held", "made_by", "use")
    return [
        FeedRow(one, _works(one, today), one.use.read_at if hasattr(one, "use") else None) for one in found
    ]


def feed_by(secret: str, today: date) -> CalendarFeed | None:
    """The feed behind a secret, where it works today; asked of account, role and site anew every time. One query."""
    found = (
        CalendarFeed.objects.filter(digest=digest_of(secret))
        .select_related("site", "held", "made_by")
        .first()
    )
    return found if found is not None and _works(found, today) else None


def visits_of_feed(feed: CalendarFeed, today: date) -> QuerySet[Visit]:
    """The visits that wait at a feed's site, from a quarter of a year back to a year ahead."""
    return (
        Visit.objects.filter(
            participant__site_id=feed.site_id,
            status__in=WAITING,
            target_to__gte=today - BACK,
            target_from__lte=today + AHEAD,
        )
        .exclude(participant__status__in=CLOSED)
        .select_related("participant")
        .order_by("target_from", "participant__number", "position")
    )


def keep_pace(feed: CalendarFeed, at: datetime) -> bool:
    """Note that a feed is read, and say whether it may be: so many times an hour. One statement."""
    table = connection.ops.quote_name(CalendarFeedUse._meta.db_table)
    begun = at - timedelta(seconds=SECONDS_OF_A_PACE)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS known (feed_id, read_at, since, reads) VALUES (%(feed)s, %(at)s, %(at)s, 1) "  # noqa: S608 – our own table
            "ON CONFLICT (feed_id) DO UPDATE SET read_at = %(at)s, "
            "since = CASE WHEN known.since <= %(begun)s THEN %(at)s ELSE known.since END, "
            "reads = CASE WHEN known.since <= %(begun)s THEN 1 ELSE known.reads + 1 END "
            "RETURNING reads",
            {"feed": feed.pk, "at": at, "begun": begun},
        )
        (reads,) = cursor.fetchone()
    return bool(reads <= MOST_READS)
