"""The calendar of a site and of a participant, its boundaries, and the plan a participant takes home."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import Actor, Permission
from accounts.models import Role, Site, User
from casebook.calendar import month_of, placed, weeks_of
from participants.actions import set_anchor
from participants.models import Participant, Visit, VisitHeader
from participants.schedule_file import Anchor
from participants.workflow import VisitState
from tests.browsing import Page, at_the_desk
from tests.casebook.printing import Printed
from tests.cast import START, actor, make_participant, make_person

TODAY = date(2026, 9, 1)


@pytest.fixture
def infused(participant: Participant, by_investigator: Actor) -> Participant:
    Participant.objects.filter(pk=participant.pk).update(arm="Y90", status="ON_TREATMENT")
    participant.refresh_from_db()
    for anchor in (Anchor.A0, Anchor.A1):
        set_anchor(participant=participant, anchor=anchor, day=TODAY, by=by_investigator, now=START)
    return participant


def standing(first: date, last: date, **more: bool) -> list[tuple[str, str]]:
    """What stands between two days: the day with the standing, by visit code."""
    codes = dict(Visit.objects.values_list("pk", "code"))
    found = placed(Visit.objects.exclude(series="LT"), first, last, **more)
    return [(codes[one.visit_id], f"{one.day:%m-%d} {one.standing}") for one in found]


def seen(visit: Visit, day: date) -> None:
    VisitHeader.objects.create(
        participant=visit.participant,
        visit=visit,
        state="SUBMITTED",
        svdone="Y",
        svstdtc=day,
        entered_at=START,
        submitted_at=START,
        submitted_by=visit.participant.registered_by,
    )
    Visit.objects.filter(pk=visit.pk).update(status=VisitState.DONE)


# ---- where a visit stands --------------------------------------------------------------------------


def test_a_visit_that_waits_stands_at_its_target_and_at_its_last_day(infused: Participant) -> None:
    assert standing(date(2026, 10, 1), date(2026, 10, 8)) == [
        ("Y-M1", "10-01 TARGET"),
        ("Y-M1", "10-08 LAST_DAY"),
    ]
    assert standing(date(2026, 10, 2), date(2026, 10, 7)) == []


def test_a_visit_that_took_place_stands_at_that_day_alone(infused: Participant) -> None:
    seen(infused.visits.get(code="Y-M1"), date(2026, 10, 5))
    assert standing(date(2026, 10, 1), date(2026, 10, 31)) == [("Y-M1", "10-05 SEEN")]
    assert standing(date(2026, 10, 1), date(2026, 10, 31), waiting=True) == []


def test_what_fell_away_stands_nowhere_and_what_was_missed_at_its_target(infused: Participant) -> None:
    infused.visits.filter(code="Y-M1").update(status=VisitState.SUPERSEDED)
    infused.visits.filter(code="Y-D1").update(status=VisitState.MISSED)
    assert standing(date(2026, 9, 2), date(2026, 10, 31)) == [
        ("Y-D1", "09-02 TARGET"),
        ("SCR", "09-29 LAST_DAY"),
    ]
    assert standing(date(2026, 9, 2), date(2026, 9, 2), waiting=True) == []


def test_who_left_the_trial_waits_for_nothing(infused: Participant) -> None:
    Participant.objects.filter(pk=infused.pk).update(status="DIED")
    assert standing(date(2026, 9, 2), date(2027, 1, 1)) == []


@given(st.dates(date(2020, 1, 1), date(2049, 12, 31)))
def test_the_weeks_of_a_month_hold_each_of_its_days_once_and_begin_on_mondays(day: date) -> None:
    first, last = month_of(day)
    weeks = weeks_of(first, last)
    days = [one for week in weeks for one in week]
    assert first <= day <= last and first.day == 1 and (last + timedelta(days=1)).day == 1
    assert days == sorted(set(days)) and {len(week) for week in weeks} == {7}
    assert all(week[0].weekday() == 0 for week in weeks)
    assert weeks[0][0] <= first <= weeks[0][-1] and weeks[-1][0] <= last <= weeks[-1][-1]


# ---- the pages -------------------------------------------------------------------------------------


def test_a_month_and_a_list_of_ones_own_sites(
    infused: Participant, coordinator: User, other_site: Site, at_start: datetime
) -> None:
    elsewhere = actor(make_person("other", Role.COORDINATOR, other_site), Permission.ENTER_DATA, other_site)
    make_participant(other_site, elsewhere)
    desk = at_the_desk(coordinator)
    page = Page(desk.get("/calendar/?month=2026-10"))
    assert "01-001 Y-M1" in page.text and "02-001" not in page.text
    assert f"/visits/{infused.visits.get(code='Y-M1').pk}/SV/" in page.addresses
    listed = Page(desk.get("/calendar/?month=2026-10&show=list"))
    assert "2026-09-24 – 2026-10-08" in listed.text and "last day of the window" in listed.text
    assert "Y-M1" not in Page(desk.get("/calendar/?month=2026-10&show=list&arm=HAIC")).text
    assert "Y-M1" not in Page(desk.get("/calendar/?show=list&day=2026-10-02")).text
    assert "Y-M1" in Page(desk.get("/calendar/?show=list&day=2026-10-01")).text


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=x", "month=0001-01", "day=9999-12-31", "month=2026-10&page=7"]
)
def test_an_address_that_means_nothing_shows_a_month(
    coordinator: User, at_start: datetime, query: str
) -> None:
    assert at_the_desk(coordinator).get(f"/calendar/?{query}").status_code == 200


def test_a_calendar_costs_the_same_however_many_visits_there_are(
    infused: Participant, coordinator: User, by_coordinator: Actor, site: Site
) -> None:
    desk = at_the_desk(coordinator)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(path)
        return len(captured)

    paths = ("/calendar/?month=2026-09", "/calendar/?month=2026-09&show=list")
    before = [queries(path) for path in paths]
    for _time in range(3):
        make_participant(site, by_coordinator)
    assert [queries(path) for path in paths] == before


def test_a_participants_calendar_says_under_which_version_and_why(
    infused: Participant, coordinator: User, by_investigator: Actor
) -> None:
    seen(infused.visits.get(code="SCR"), TODAY)
    set_anchor(participant=infused, anchor=Anchor.A2, day=date(2027, 1, 12), by=by_investigator, now=START)
    page = Page(at_the_desk(coordinator).get(f"/participants/{infused.pk}/calendar/"))
    assert "Version 1" in page.text and "/schedules/1/" in page.addresses
    assert "index procedure 2026-09-01" in page.text
    assert "Hepatectomy on 2027-01-12." in page.text
    assert "2026-09-01 Y-90 infusion" in page.text and "2026-09-01 Consent" in page.text
    assert f"/participants/{infused.pk}/visit-plan/" in page.addresses


def test_cycles_are_drawn_as_spans_and_their_last_day_is_no_infusion(
    participant: Participant, coordinator: User, by_investigator: Actor
) -> None:
    Participant.objects.filter(pk=participant.pk).update(arm="HAIC", status="ON_TREATMENT")
    participant.refresh_from_db()
    days = {Anchor.A0: 1, Anchor.C1_START: 3, Anchor.C1_END: 5, Anchor.C2_START: 25, Anchor.C2_END: 27}
    for anchor, day in days.items():
        set_anchor(
            participant=participant, anchor=anchor, day=date(2026, 9, day), by=by_investigator, now=START
        )
    text = Page(at_the_desk(coordinator).get(f"/participants/{participant.pk}/calendar/")).text
    assert "2026-09-03 – 2026-09-05 HAIC cycle 1" in text and "2026-09-25 – 2026-09-27 HAIC cycle 2" in text
    assert "Y-90 infusion" not in text


# ---- what a participant takes home -----------------------------------------------------------------


def test_the_visit_plan_tells_dates_windows_what_happens_and_the_contact(
    infused: Participant, coordinator: User, site: Site
) -> None:
    desk = at_the_desk(coordinator)
    words = {"site": site.pk, "words": "Study office 020-1234 5678"}
    assert desk.post("/calendar/contacts/", words, follow=True).status_code == 200
    infused.visits.filter(code="Y-D1").update(status=VisitState.DONE)
    answer = desk.get(f"/participants/{infused.pk}/visit-plan/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    plan = Printed(answer.content)
    assert (
        plan.lacks(
            [
                *(
                    "01-001",
                    "Study office 020-1234 5678",
                    "Y-M1",
                    "2026-10-01",
                    "any day from 2026-09-24 to 2026-10-08",
                ),
                *(
                    "Thursday",
                    "星期四",
                    "Blood tests",
                    "抽血化验",
                    "CT or MRI",
                    "scans made elsewhere",
                    "钇-90术后1个月",
                ),
            ]
        )
        == []
    )
    # No initials; nothing done; no operation whose day nobody has set; nothing years ahead.
    for absent in (f" {infused.initials} ", "Y-D1", "SURG", "LT-13"):
        assert absent.strip() not in plan.text.replace("NCT", ""), absent


def test_an_operation_stands_in_the_plan_when_its_day_is_known(
    infused: Participant, coordinator: User, by_investigator: Actor
) -> None:
    set_anchor(participant=infused, anchor=Anchor.A2, day=date(2027, 1, 12), by=by_investigator, now=START)
    plan = Printed(at_the_desk(coordinator).get(f"/participants/{infused.pk}/visit-plan/").content)
    assert plan.lacks(["SURG", "2027-01-12", "Operation in hospital"]) == []


def test_who_left_the_trial_has_no_visits_ahead(infused: Participant, coordinator: User) -> None:
    Participant.objects.filter(pk=infused.pk).update(status="WITHDRAWN")
    plan = Printed(at_the_desk(coordinator).get(f"/participants/{infused.pk}/visit-plan/").content)
    assert "No visit is planned at present." in plan


def test_contacts_are_set_for_ones_own_sites_only(
    coordinator: User, monitor: User, other_site: Site, at_start: datetime
) -> None:
    asked = {"site": other_site.pk, "words": "x"}
    assert at_the_desk(coordinator).post("/calendar/contacts/", asked).status_code == 404
    assert at_the_desk(monitor).get("/calendar/contacts/").status_code == 403
