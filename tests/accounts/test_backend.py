"""Who is signed in is read in one query a request, with every role and its site."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.access import Access, Permission, visible_sites
from accounts.backend import Backend
from accounts.models import Role, RoleHeld, Site, User
from tests.browsing import at_the_desk
from tests.cast import make_person

DAY = date(2026, 9, 1)


def test_a_person_comes_with_roles_and_sites_in_one_query(
    coordinator: User, site: Site, other_site: Site, django_assert_num_queries: Any
) -> None:
    RoleHeld.objects.create(user=coordinator, role=Role.MONITOR, site=other_site, starts_on=DAY)
    with django_assert_num_queries(1):
        person = Backend().get_user(coordinator.pk)
        assert person == coordinator
        access = Access.of(person, DAY)
        assert access.may(Permission.ENTER_DATA, site.pk)
        assert not access.may(Permission.ENTER_DATA, other_site.pk)
        assert visible_sites(access) == [site, other_site]


def test_roles_read_along_hold_from_their_first_day_to_their_last(
    coordinator: User, other_site: Site
) -> None:
    RoleHeld.objects.create(
        user=coordinator, role=Role.MONITOR, site=other_site, starts_on=DAY, ends_on=DAY + timedelta(days=1)
    )
    person = Backend().get_user(coordinator.pk)
    assert person is not None
    seen = {
        day: other_site in visible_sites(Access.of(person, DAY + timedelta(days=day))) for day in range(-1, 3)
    }
    assert seen == {-1: False, 0: True, 1: True, 2: False}


def test_who_sees_every_site_sees_those_without_a_role_too(
    data_manager: User, site: Site, other_site: Site
) -> None:
    person = Backend().get_user(data_manager.pk)
    assert person is not None
    assert visible_sites(Access.of(person, DAY)) == [site, other_site]


def test_a_person_without_a_role_is_known_and_may_nothing(db: None) -> None:
    person = Backend().get_user(make_person("li").pk)
    assert person is not None
    assert Access.of(person, DAY).roles == []


def test_a_disabled_account_and_one_that_is_not_there_are_nobody(coordinator: User) -> None:
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert Backend().get_user(coordinator.pk) is None
    assert Backend().get_user(coordinator.pk + 1000) is None


def test_a_role_that_ends_closes_the_next_page(coordinator: User, site: Site) -> None:
    desk = at_the_desk(coordinator)
    assert desk.get("/participants/").status_code == 200
    RoleHeld.objects.filter(user=coordinator).update(ends_on=date(2026, 1, 2))
    assert desk.get("/participants/").status_code == 403
