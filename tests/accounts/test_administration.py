"""The system administrator's pages: accounts and the register of roles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import Role, RoleHeld, Site, User
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.cast import START, make_person

TODAY = START.date()
NEW = {
    "username": " Wang.Fang ",
    "full_name": "Wang Fang",
    "email": "wang@example.org",
    "language": "zh-hans",
    "password": "seven green turtles",
}


@pytest.fixture
def desk(system_administrator: User, at_start: None) -> Client:
    return at_the_desk(system_administrator)


def test_everybody_stands_in_the_list_with_their_roles(desk: Client, coordinator: User) -> None:
    page = Page(desk.get("/accounts/"))
    assert (
        "Coordinator coordinator coordinator@example.org Site coordinator · 01 Hospital 01 · 2026-01-01 –"
        in page.text
    )
    assert (
        "Sysadmin sysadmin sysadmin@example.org System administrator · all sites · 2026-01-01 –" in page.text
    )


def test_the_list_takes_a_constant_number_of_queries(
    desk: Client, coordinator: User, site: Site, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    desk.get("/accounts/")
    with django_assert_num_queries(7):
        desk.get("/accounts/")
    for number in range(20):
        make_person(f"person{number}", Role.MONITOR, site)
    with django_assert_num_queries(7):
        desk.get("/accounts/")


def test_an_account_is_opened_without_any_role(desk: Client, system_administrator: User) -> None:
    answer = desk.post("/accounts/new/", NEW)
    person = User.objects.get(username="wang.fang")
    assert answer.headers["Location"] == f"/accounts/{person.pk}/"
    assert (person.full_name, person.language, person.is_active) == ("Wang Fang", "zh-hans", True)
    assert person.check_password("seven green turtles")
    assert person.roles.count() == 0
    entry = TrailEntry.objects.filter(relation="accounts_user").latest("id")
    assert (entry.role, entry.person_id) == ("SYSTEM_ADMINISTRATOR", system_administrator.pk)
    assert entry.changes["password"] == ["hidden", "hidden"]
    assert "turtles" not in str(entry.changes)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"password": "short"}, "too short"),
        ({"password": "wang.fang.wang"}, "too similar"),
        ({"password": "1234567890123"}, "entirely numeric"),
        ({"username": "SYSADMIN"}, "already exists"),
        ({"email": "nowhere"}, "valid email"),
        ({"full_name": ""}, "required"),
        ({"language": "fr"}, "valid choice"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_stays(
    desk: Client, changed: dict, sentence: str
) -> None:
    response = desk.post("/accounts/new/", {**NEW, **changed})
    page = Page(response)
    assert response.status_code == 422
    assert sentence in page.text
    kept = {**NEW, **changed}
    for name in ("username", "full_name", "email"):
        assert page.value(name) == kept[name], name
    assert page.value("password") == ""
    assert User.objects.filter(username="wang.fang").count() == 0


def test_a_role_is_granted_and_ended(desk: Client, site: Site) -> None:
    person = make_person("li")
    answer = desk.post(
        f"/accounts/{person.pk}/", {"role": "COORDINATOR", "site": site.pk, "starts_on": TODAY.isoformat()}
    )
    assert answer.headers["Location"] == f"/accounts/{person.pk}/"
    held = person.roles.get()
    assert (held.role, held.site, held.starts_on, held.ends_on) == ("COORDINATOR", site, TODAY, None)
    assert desk.post(f"/accounts/roles/{held.pk}/end/").headers["Location"] == f"/accounts/{person.pk}/"
    held.refresh_from_db()
    assert held.ends_on == TODAY
    assert desk.post(f"/accounts/roles/{held.pk}/end/").status_code == 404


@pytest.mark.parametrize(
    ("role", "with_site", "sentence"),
    [
        ("COORDINATOR", False, "A coordinator or investigator belongs to one site. Choose the site."),
        ("SYSTEM_ADMINISTRATOR", True, "A system administrator has no site."),
        ("SYSTEM_ADMINISTRATOR", False, "one person cannot hold both"),
        ("MONITOR", True, "This person holds this role here already."),
    ],
)
def test_a_role_the_register_cannot_hold_is_refused_in_words(
    desk: Client, site: Site, role: str, with_site: bool, sentence: str
) -> None:
    person = make_person("li", Role.MONITOR, site)
    typed = {"role": role, "site": site.pk if with_site else "", "starts_on": TODAY.isoformat()}
    response = desk.post(f"/accounts/{person.pk}/", typed)
    page = Page(response)
    assert response.status_code == 422
    assert sentence in page.text
    assert (page.value("role"), page.value("starts_on")) == (role, TODAY.isoformat())
    assert RoleHeld.objects.filter(user=person).count() == 1


@pytest.mark.parametrize("typed", ["2026-9-1", "２０２６-09-01", "20260901", "2026年9月1日"])
def test_a_role_begins_on_a_day_typed_like_everywhere(desk: Client, site: Site, typed: str) -> None:
    person = make_person("li")
    desk.post(f"/accounts/{person.pk}/", {"role": "MONITOR", "site": site.pk, "starts_on": typed})
    assert person.roles.get().starts_on == TODAY


def test_a_role_that_begins_tomorrow_is_not_ended_today(desk: Client, site: Site) -> None:
    person = make_person("li")
    held = RoleHeld.objects.create(
        user=person, role=Role.MONITOR, site=site, starts_on=TODAY + timedelta(days=1)
    )
    answer = desk.post(f"/accounts/roles/{held.pk}/end/", follow=True)
    assert "The role cannot end before it began." in Page(answer).text
    held.refresh_from_db()
    assert held.ends_on is None


@pytest.mark.line("P1")
def test_an_account_is_disabled_and_opened_again_but_never_ones_own(
    desk: Client, system_administrator: User
) -> None:
    person = make_person("li")
    # A button pressed twice says the same twice.
    for active in (False, False, True, True):
        desk.post(f"/accounts/{person.pk}/active/", {"active": str(int(active))})
        person.refresh_from_db()
        assert person.is_active is active
    answer = desk.post(f"/accounts/{system_administrator.pk}/active/", follow=True)
    assert "You cannot disable your own account." in Page(answer).text
    system_administrator.refresh_from_db()
    assert system_administrator.is_active is True


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMINISTRATOR])
def test_only_system_administrators_open_these_pages(site: Site, at_start: None, role: Role) -> None:
    person = make_person("li", role, site)
    desk = at_the_desk(person)
    addresses = ["/accounts/", "/accounts/new/", f"/accounts/{person.pk}/"]
    assert [desk.get(address).status_code for address in addresses] == [403, 403, 403]
    held = person.roles.get()
    for address in (*addresses, f"/accounts/{person.pk}/active/", f"/accounts/roles/{held.pk}/end/"):
        assert desk.post(address).status_code == 403, address
    assert "Accounts" not in Page(desk.get("/")).text


def test_roles_are_shown_with_their_last_day(desk: Client, site: Site) -> None:
    person = make_person("li")
    RoleHeld.objects.create(
        user=person, role=Role.MONITOR, site=site, starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31)
    )
    assert "Monitor 01 Hospital 01 2026-01-01 2026-03-31" in Page(desk.get(f"/accounts/{person.pk}/")).text
