"""Subscribed calendars: what leaves the system, and when an address stops to work."""

from __future__ import annotations

import logging
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from icalendar import Calendar

from accounts.access import Access, Actor, Permission
from accounts.models import Role, RoleHeld, Site, User
from casebook.actions import make_feed
from casebook.models import CalendarFeed, CalendarFeedUse
from casebook.subscriptions import MOST_FEEDS, MOST_READS, digest_of
from participants.actions import set_anchor
from participants.models import Participant
from participants.schedule_file import Anchor
from participants.workflow import VisitState
from records import clock
from records.findings import Refused
from records.models import TrailEntry
from records.zone import TRIAL_ZONE
from tests.browsing import Page, at_the_desk
from tests.cast import START, actor, machine_time, make_participant, make_person

ADDRESS = re.compile(r"http://[^\s<]+/calendar/feed\.ics\?key=[\w-]+")


@pytest.fixture
def infused(participant: Participant, by_investigator: Actor) -> Participant:
    Participant.objects.filter(pk=participant.pk).update(arm="Y90", status="ON_TREATMENT")
    participant.refresh_from_db()
    for anchor in (Anchor.A0, Anchor.A1):
        set_anchor(
            participant=participant, anchor=anchor, day=date(2026, 9, 1), by=by_investigator, now=START
        )
    return participant


def subscribe(person: User, site: Site) -> str:
    """Make an address at the page, and give its path as a calendar program would ask for it."""
    answer = at_the_desk(person).post("/calendar/subscriptions/", {"action": "make", "site": site.pk})
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    found = ADDRESS.search(Page(answer).text)
    assert found is not None
    return "/calendar/" + found[0].partition("/calendar/")[2]


def read(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def events(path: str) -> list[Any]:
    answer = read(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_a_program_reads_the_visits_that_wait_at_the_site_and_nothing_clinical(
    infused: Participant, coordinator: User, site: Site, other_site: Site, by_coordinator: Actor
) -> None:
    elsewhere = actor(make_person("other", Role.COORDINATOR, other_site), Permission.ENTER_DATA, other_site)
    make_participant(other_site, elsewhere)
    gone = make_participant(site, by_coordinator)
    Participant.objects.filter(pk=gone.pk).update(status="WITHDRAWN")
    infused.visits.filter(code="SCR").update(status=VisitState.DONE)
    path = subscribe(coordinator, site)
    found = {str(event["summary"]): event for event in events(path)}
    assert {name.split()[0] for name in found} == {"01-001"}
    month_1 = found["01-001 Y-M1"]
    assert (month_1["dtstart"].dt, month_1["dtend"].dt) == (date(2026, 10, 1), date(2026, 10, 2))
    assert str(month_1["description"]) == "2026-09-24 – 2026-10-08"
    assert (month_1["class"], month_1["transp"]) == ("PRIVATE", "TRANSPARENT")
    assert {
        visit.code for visit in infused.visits.filter(status="PLANNED", target_from__lte=date(2027, 9, 2))
    } == {name.split()[1] for name in found}
    allowed = {"SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "DESCRIPTION", "CLASS", "TRANSP"}
    assert {name for event in found.values() for name in event} == allowed
    assert len({str(event["uid"]) for event in found.values()}) == len(found)
    content = read(path).content.decode()
    for private in (infused.initials, "Y-90", "Hospital", "钇", "visits/", "participants/"):
        assert private not in content.replace("Y-90_", "")


def test_the_secret_is_shown_once_kept_as_a_hash_and_written_to_no_log(
    infused: Participant, coordinator: User, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        path = subscribe(coordinator, site)
        secret = path.partition("key=")[2]
        assert read(path).status_code == 200
        assert read(path + "x").status_code == 404
    assert secret not in caplog.text
    assert secret not in at_the_desk(coordinator).get("/calendar/subscriptions/").content.decode()
    feed = CalendarFeed.objects.get()
    assert feed.digest == digest_of(secret)
    kept = [str(entry.changes) for entry in TrailEntry.objects.filter(relation="casebook_calendarfeed")]
    assert kept and not any(secret in one or feed.digest in one for one in kept)
    assert len(secret) >= 43


def test_the_same_visits_are_not_sent_twice(infused: Participant, coordinator: User, site: Site) -> None:
    path = subscribe(coordinator, site)
    first = read(path)
    again = read(path, if_none_match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    infused.visits.filter(code="Y-M1").update(target_from=date(2026, 10, 2), target_to=date(2026, 10, 2))
    changed = read(path, if_none_match=first.headers["ETag"])
    assert changed.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_an_address_that_was_ended_works_no_longer(
    infused: Participant, coordinator: User, investigator: User, site: Site
) -> None:
    path = subscribe(coordinator, site)
    feed = CalendarFeed.objects.get()
    stranger = at_the_desk(investigator).post("/calendar/subscriptions/", {"action": "end", "feed": feed.pk})
    assert (stranger.status_code, read(path).status_code) == (404, 200)
    desk = at_the_desk(coordinator)
    page = Page(desk.post("/calendar/subscriptions/", {"action": "end", "feed": feed.pk}, follow=True))
    assert "works no longer" in page.text and "ended 2026-09-01" in page.text
    assert read(path).status_code == 404
    feed.refresh_from_db()
    assert feed.ended_by == coordinator


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_file_is_only_read(coordinator: User, infused: Participant, site: Site, method: str) -> None:
    path = subscribe(coordinator, site)
    assert getattr(Client(), method)(path).status_code == 405


def test_every_reading_asks_again_for_account_role_and_site(
    infused: Participant, coordinator: User, site: Site, other_site: Site
) -> None:
    path = subscribe(coordinator, site)
    held = RoleHeld.objects.filter(user=coordinator)
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert read(path).status_code == 404
    User.objects.filter(pk=coordinator.pk).update(is_active=True)
    assert read(path).status_code == 200
    held.update(site=other_site)
    assert read(path).status_code == 404
    held.update(site=site, ends_on=START.date())
    assert read(path).status_code == 200  # the last day counts
    clock.move_to(START + timedelta(days=1))
    assert read(path).status_code == 404
    # The role granted anew does not bring the old address back.
    RoleHeld.objects.create(
        user=coordinator, role=Role.COORDINATOR, site=site, starts_on=START.date() + timedelta(days=1)
    )
    assert read(path).status_code == 404
    assert "ended with your role" in Page(at_the_desk(coordinator).get("/calendar/subscriptions/")).text
    assert events(subscribe(coordinator, site))


def test_an_address_read_too_often_has_to_wait_for_the_hour(
    infused: Participant, coordinator: User, site: Site
) -> None:
    path = subscribe(coordinator, site)
    assert read(path).status_code == 200
    now = machine_time()
    CalendarFeedUse.objects.update(reads=MOST_READS, since=now - timedelta(minutes=59))
    refused = read(path)
    assert (refused.status_code, refused.headers["Retry-After"], refused.content) == (429, "3600", b"")
    CalendarFeedUse.objects.update(since=now - timedelta(minutes=61))
    assert read(path).status_code == 200
    assert CalendarFeedUse.objects.get().reads == 1


def test_the_page_tells_when_an_address_was_read_last(
    infused: Participant, coordinator: User, site: Site
) -> None:
    path = subscribe(coordinator, site)
    desk = at_the_desk(coordinator)
    assert "never" in Page(desk.get("/calendar/subscriptions/")).text
    read(path)
    told: datetime = CalendarFeedUse.objects.get().read_at.astimezone(TRIAL_ZONE)
    assert f"{told:%Y-%m-%d %H:%M}" in Page(desk.get("/calendar/subscriptions/")).text


def test_nobody_subscribes_to_a_site_they_do_not_see_or_without_end(
    coordinator: User, site: Site, other_site: Site, at_start: datetime
) -> None:
    desk = at_the_desk(coordinator)
    answer = desk.post("/calendar/subscriptions/", {"action": "make", "site": other_site.pk})
    assert answer.status_code == 422
    by = Access.of(coordinator, START.date()).actor(Permission.SEE_PARTICIPANTS, site.pk)
    with pytest.raises(Refused):
        make_feed(site=other_site, by=by, now=START)
    for _time in range(MOST_FEEDS):
        make_feed(site=site, by=by, now=START)
    with override("en"), pytest.raises(Refused, match="End one first"):
        make_feed(site=site, by=by, now=START)


def test_the_feed_costs_the_same_however_many_visits_there_are(
    infused: Participant, coordinator: User, site: Site, django_assert_num_queries: Any, by_coordinator: Actor
) -> None:
    path = subscribe(coordinator, site)
    # The clock, the feed, its pace, the visits.
    with django_assert_num_queries(4):
        read(path)
    make_participant(site, by_coordinator)
    with django_assert_num_queries(4):
        read(path)
