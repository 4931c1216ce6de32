"""The register of who held which role where, and its periodic review."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.access import Access
from accounts.access_reviews import endings_asked, reviews_due
from accounts.models import AccessReview, AccessReviewLine, Role, RoleHeld, Site, User
from records.models import TrailEntry
from records.zone import TRIAL_ZONE
from tests.browsing import Page, at_the_desk
from tests.cast import START, make_person

TODAY = START.date()


@pytest.fixture
def staff(site: Site, other_site: Site, at_start: object) -> dict[str, RoleHeld]:
    """Somebody at either site, somebody at all, and somebody whose role has ended."""
    RoleHeld.objects.create(
        user=make_person("gone"),
        role=Role.COORDINATOR,
        site=site,
        starts_on="2026-01-01",
        ends_on="2026-05-31",
    )
    for username, role, where in (
        ("here", Role.COORDINATOR, site),
        ("there", Role.COORDINATOR, other_site),
        ("everywhere", Role.MONITOR, None),
    ):
        make_person(username, role, where)
    return {held.user.username: held for held in RoleHeld.objects.select_related("user")}


def shown(client: Client, query: str = "") -> set[str]:
    text = Page(client.get(f"/access/{query}")).text
    return {
        name for name in ("Here here", "There there", "Everywhere everywhere", "Gone gone") if name in text
    }


@pytest.mark.line("P2")
def test_an_investigator_reads_who_reaches_the_own_site(staff: dict, investigator: User) -> None:
    assert shown(at_the_desk(investigator)) == {"Here here", "Everywhere everywhere", "Gone gone"}


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.DATA_MANAGER, Role.SYSTEM_ADMINISTRATOR])
def test_who_works_at_every_site_reads_the_whole_register(staff: dict, role: Role) -> None:
    client = at_the_desk(make_person("reader", role))
    assert shown(client) == {"Here here", "There there", "Everywhere everywhere", "Gone gone"}
    assert shown(client, "?when=today") == {"Here here", "There there", "Everywhere everywhere"}
    assert shown(client, "?role=MONITOR") == {"Everywhere everywhere"}


def test_a_site_that_is_not_ones_own_cannot_be_asked_for(staff: dict, investigator: User) -> None:
    assert "There there" not in shown(at_the_desk(investigator), "?site=02")


def test_the_register_takes_a_constant_number_of_queries(
    staff: dict, data_manager: User, site: Site, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    client = at_the_desk(data_manager)
    for number in range(15):
        make_person(f"person{number}", Role.MONITOR, site)
    with django_assert_max_num_queries(12):
        client.get("/access/")


# -- the review ----------------------------------------------------------------------------------------


def verdicts(*held: RoleHeld, **changed: str) -> dict[str, str]:
    return {f"verdict-{one.pk}": changed.get(one.user.username, "CONFIRMED") for one in held}


@pytest.mark.line("P8")
def test_a_review_is_recorded_with_a_verdict_on_every_role(
    staff: dict, data_manager: User, site: Site
) -> None:
    client = at_the_desk(data_manager)
    page = Page(client.get(f"/access/review/{site.pk}/"))
    assert "Here" in page.text
    assert "Gone" not in page.text
    typed = {**verdicts(staff["here"], here="TO_END"), f"reason-{staff['here'].pk}": "left the hospital"}
    assert client.post(f"/access/review/{site.pk}/", typed).headers["Location"] == "/access/"
    review = AccessReview.objects.get()
    assert (review.site, review.reviewed_by) == (site, data_manager)
    line = review.lines.get()
    assert (line.held, line.verdict, line.reason) == (staff["here"], "TO_END", "left the hospital")
    entry = TrailEntry.objects.filter(relation="accounts_accessreview").get()
    assert (entry.person_id, entry.role, entry.site_id) == (data_manager.pk, "DATA_MANAGER", site.pk)
    assert "left the hospital" in Page(client.get("/access/")).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "one was left out"),
        ({"here": "TO_END"}, "Write why a role is to be ended."),
        ({"here": "MAYBE"}, "Say of each role"),
    ],
)
def test_an_incomplete_review_is_not_recorded_and_keeps_what_was_said(
    staff: dict, data_manager: User, site: Site, typed: dict, sentence: str
) -> None:
    posted = verdicts(staff["here"], **typed) if typed else {}
    answer = at_the_desk(data_manager).post(f"/access/review/{site.pk}/", posted)
    assert answer.status_code == 422
    assert sentence in Page(answer).text
    assert AccessReview.objects.count() == 0
    assert AccessReviewLine.objects.count() == 0


def test_roles_held_everywhere_are_reviewed_apart_by_who_works_everywhere(
    staff: dict, data_manager: User, site: Site
) -> None:
    of_one_site = at_the_desk(make_person("local", Role.DATA_MANAGER, site))
    assert of_one_site.get("/access/review/all-sites/").status_code == 404
    client = at_the_desk(data_manager)
    everywhere = RoleHeld.objects.filter(site=None).select_related("user")
    assert client.post("/access/review/all-sites/", verdicts(*everywhere)).status_code == 302
    assert AccessReview.objects.get().site is None
    assert AccessReviewLine.objects.count() == len(everywhere) == 2


def test_the_next_review_is_due_half_a_year_later(staff: dict, data_manager: User, site: Site) -> None:
    at_the_desk(data_manager).post(f"/access/review/{site.pk}/", verdicts(staff["here"]))

    def due(today: date) -> dict[str, tuple[date, bool]]:
        found = reviews_due(Access.of(data_manager, today), today, TRIAL_ZONE)
        return {one.site.code if one.site else "*": (one.due_on, one.overdue) for one in found}

    last = TODAY + timedelta(days=180)
    before = last - timedelta(days=1)
    assert due(before) == {"01": (last, False), "02": (before, True), "*": (before, True)}
    assert due(last)["01"] == (last, True)


def test_an_administrator_ends_what_a_review_asks_for(
    staff: dict, data_manager: User, system_administrator: User, site: Site
) -> None:
    held = staff["here"]
    typed = {**verdicts(held, here="TO_END"), f"reason-{held.pk}": "left"}
    at_the_desk(data_manager).post(f"/access/review/{site.pk}/", typed)
    administrator = at_the_desk(system_administrator)
    assert (
        "A review asks to end Here · Site coordinator · 01 Hospital 01 – left"
        in Page(administrator.get("/accounts/")).text
    )
    administrator.post(f"/accounts/roles/{held.pk}/end/")
    assert list(endings_asked()) == []
    held.refresh_from_db()
    assert held.ends_on == TODAY


def test_a_later_review_takes_the_asking_back(staff: dict, data_manager: User, site: Site) -> None:
    held = staff["here"]
    client = at_the_desk(data_manager)
    client.post(
        f"/access/review/{site.pk}/", {**verdicts(held, here="TO_END"), f"reason-{held.pk}": "by mistake"}
    )
    assert [line.held for line in endings_asked()] == [held]
    client.post(f"/access/review/{site.pk}/", verdicts(held))
    assert list(endings_asked()) == []
