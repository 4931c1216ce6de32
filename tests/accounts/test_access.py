"""Who may do what, where and when: the table of roles, their periods, and what the database refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.access import GRANTS, NOBODY, SYSTEM, Access, Holding, Permission, visible_sites
from accounts.models import Role, RoleHeld, Site, User
from participants.models import Participant
from participants.selectors import participants_for, visits_for
from tests.cast import actor, make_participant, make_person, make_site

P, R = Permission, Role
READING = {P.SEE_PARTICIPANTS, P.SEE_TRAIL, P.SEE_DASHBOARD}
MATRIX = {
    R.COORDINATOR: READING | {P.ENTER_DATA, P.SETTLE_REMINDERS, P.REPORT_SAE, P.SEE_CONTACTS},
    R.INVESTIGATOR: READING
    | {P.ENTER_DATA, P.SETTLE_REMINDERS, P.DECIDE_ELIGIBILITY, P.ASSIGN_ARM, P.REPORT_SAE}
    | {P.SIGN, P.TAKE_COPY, P.SEE_ACCESS, P.SEE_CONTACTS, P.SEE_EFFICACY},
    R.MONITOR: READING | {P.RAISE_QUERIES, P.VERIFY_SOURCE, P.REVIEW_DATA, P.FREEZE},
    R.INSPECTOR: READING | {P.TAKE_COPY, P.SEE_ACCESS},
    R.DATA_MANAGER: READING
    | {P.EXPORT, P.CHANGE_STUDY_SETTINGS, P.SETTLE_REMINDERS, P.SEE_QUEUE, P.ACKNOWLEDGE_SAE, P.CODE_EVENTS}
    | {P.RAISE_QUERIES, P.REVIEW_DATA, P.FREEZE, P.LOCK, P.IMPORT, P.SEE_EFFICACY}
    | {P.TAKE_COPY, P.REVIEW_TRAIL, P.SEE_ACCESS, P.REVIEW_ACCESS},
    R.SYSTEM_ADMINISTRATOR: {P.MANAGE_ACCOUNTS, P.SEE_ACCESS, P.SEE_QUEUE},
}
DAY = date(2026, 9, 1)
ONE = timedelta(days=1)


@pytest.mark.line("A8", "P6", "P7")
@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("permission", Permission)
def test_each_role_may_do_what_the_table_says_and_no_more(role: str, permission: Permission) -> None:
    access = Access(None, [Holding(role, 1)])
    granted = permission in MATRIX[Role(role)]
    assert access.may_somewhere(permission) is granted
    assert access.may(permission, 1) is granted
    assert access.may(permission, 2) is False
    assert access.everywhere(permission) is False


def test_every_role_stands_in_the_table() -> None:
    assert set(GRANTS) == set(Role.values)


@pytest.mark.parametrize("permission", Permission)
def test_without_a_role_nothing(permission: Permission) -> None:
    assert NOBODY.may_somewhere(permission) is False
    assert NOBODY.may(permission, 1) is False
    with pytest.raises(PermissionDenied):
        NOBODY.actor(permission, 1)


def test_a_role_without_a_site_reaches_every_site() -> None:
    access = Access(None, [Holding(R.MONITOR, None)])
    assert access.everywhere(P.SEE_PARTICIPANTS) is True
    assert access.may(P.SEE_PARTICIPANTS, 12345) is True
    assert access.everywhere(P.ENTER_DATA) is False


def test_permissions_of_several_roles_do_not_mix_between_sites() -> None:
    access = Access(None, [Holding(R.COORDINATOR, 1), Holding(R.MONITOR, 2)])
    assert [access.may(P.SEE_PARTICIPANTS, site) for site in (1, 2, 3)] == [True, True, False]
    assert [access.may(P.ENTER_DATA, site) for site in (1, 2, 3)] == [True, False, False]
    assert access.roles == ["COORDINATOR", "MONITOR"]
    with pytest.raises(PermissionDenied):
        access.actor(P.ENTER_DATA, 2)


def test_somebody_acts_in_the_role_that_allows_it(coordinator: User, site: Site) -> None:
    access = Access(coordinator, [Holding(R.MONITOR, None), Holding(R.COORDINATOR, site.pk)])
    acting = access.actor(P.ENTER_DATA, site.pk)
    assert (acting.person, acting.role, acting.site_id) == (coordinator, "COORDINATOR", site.pk)
    assert access.actor(P.SEE_TRAIL, site.pk).role == "MONITOR"


def test_the_system_is_nobody() -> None:
    assert (SYSTEM.person_id, SYSTEM.role, SYSTEM.site_id) == (None, "SYSTEM", None)
    with pytest.raises(PermissionDenied):
        assert SYSTEM.author


# -- from one day to another ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "held"),
    [
        (DAY, None, True),
        (DAY + ONE, None, False),
        (DAY - ONE, DAY, True),
        (DAY, DAY, True),
        (DAY - ONE, DAY - ONE, False),
        (DAY - 30 * ONE, DAY + ONE, True),
    ],
)
def test_a_role_holds_from_its_first_day_through_its_last(
    site: Site, starts: date, ends: date | None, held: bool
) -> None:
    person = make_person("li")
    RoleHeld.objects.create(user=person, role=R.COORDINATOR, site=site, starts_on=starts, ends_on=ends)
    assert Access.of(person, DAY).may(P.ENTER_DATA, site.pk) is held


def test_reading_the_roles_of_a_day_takes_one_query(coordinator: User, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(1):
        access = Access.of(coordinator, DAY)
        access.may_somewhere(P.ENTER_DATA)


REFUSED = [
    ("role_known", {"role": "PHARMACIST"}),
    ("site_staff_belong_to_a_site", {"role": R.COORDINATOR}),
    ("site_staff_belong_to_a_site", {"role": R.INVESTIGATOR}),
    ("system_administrator_has_no_site", {"role": R.SYSTEM_ADMINISTRATOR, "site": True}),
    ("role_ends_after_start", {"role": R.MONITOR, "ends_on": DAY - ONE}),
]


@pytest.mark.parametrize(
    ("constraint", "row"), REFUSED, ids=[f"{name} {row['role']}" for name, row in REFUSED]
)
def test_the_register_refuses_a_role_that_cannot_be(site: Site, constraint: str, row: dict) -> None:
    values = {"user": make_person("li"), "starts_on": DAY, **row}
    values["site"] = site if values.get("site") else None
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RoleHeld.objects.create(**values)


@pytest.mark.line("P4")
@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMINISTRATOR])
@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ((DAY, None), (DAY + 30 * ONE, None), True),
        ((DAY, DAY + ONE), (DAY + ONE, None), True),
        ((DAY, DAY), (DAY + ONE, None), False),
    ],
)
def test_nobody_administers_the_system_and_takes_part_in_the_trial_at_the_same_time(
    site: Site, role: Role, first: tuple[date, date | None], second: tuple[date, date | None], refused: bool
) -> None:
    for order in ((role, R.SYSTEM_ADMINISTRATOR), (R.SYSTEM_ADMINISTRATOR, role)):
        person = make_person(f"li-{order[0].lower()[:4]}")
        rows = [
            RoleHeld(
                user=person,
                role=one,
                site=None if one == R.SYSTEM_ADMINISTRATOR else site,
                starts_on=starts,
                ends_on=ends,
            )
            for one, (starts, ends) in zip(order, (first, second), strict=True)
        ]
        rows[0].save()
        if refused:
            with pytest.raises(IntegrityError, match="never_both"), transaction.atomic():
                rows[1].save()
        else:
            rows[1].save()


@pytest.mark.parametrize("sites", [(1, 1), (None, None)])
def test_a_role_is_held_once_at_a_time(site: Site, sites: tuple[int | None, int | None]) -> None:
    person = make_person("li")
    where = [site if one else None for one in sites]
    RoleHeld.objects.create(user=person, role=R.MONITOR, site=where[0], starts_on=DAY, ends_on=DAY + ONE)
    with pytest.raises(IntegrityError, match="once_at_a_time"), transaction.atomic():
        RoleHeld.objects.create(user=person, role=R.MONITOR, site=where[1], starts_on=DAY + ONE)
    RoleHeld.objects.create(user=person, role=R.MONITOR, site=where[1], starts_on=DAY + 2 * ONE)


@pytest.mark.line("P1", "P2")
@pytest.mark.parametrize("table", ["accounts_user", "accounts_roleheld", "accounts_site"])
def test_accounts_roles_and_sites_are_never_removed(coordinator: User, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM {table}")


# -- the reach of a person -----------------------------------------------------------------------------


@pytest.fixture
def three(site: Site, other_site: Site, at_start: None) -> list[Participant]:
    third = make_site("03")
    return [
        make_participant(
            where, actor(make_person(f"c{where.code}", R.COORDINATOR, where), P.ENTER_DATA, where)
        )
        for where in (site, other_site, third)
    ]


def reach(person: User) -> tuple[list[str], list[str], list[str]]:
    access = Access.of(person, DAY)
    return (
        [str(site.code) for site in visible_sites(access)],
        sorted(participant.number for participant in participants_for(access)),
        sorted({visit.participant.number for visit in visits_for(access)}),
    )


@pytest.mark.line("P5")
def test_people_see_the_participants_of_their_own_sites(
    three: list[Participant], site: Site, other_site: Site
) -> None:
    person = make_person("li", R.COORDINATOR, site)
    assert reach(person) == (["01"], ["01-001"], ["01-001"])
    RoleHeld.objects.create(user=person, role=R.MONITOR, site=other_site, starts_on=DAY)
    assert reach(person) == (["01", "02"], ["01-001", "02-001"], ["01-001", "02-001"])
    everywhere = ["01-001", "02-001", "03-001"]
    assert reach(make_person("wang", R.INSPECTOR)) == (["01", "02", "03"], everywhere, everywhere)


@pytest.mark.line("M13", "P5")
def test_without_a_role_or_as_system_administrator_nobody_is_seen(
    three: list[Participant], system_administrator: User
) -> None:
    assert reach(make_person("li")) == ([], [], [])
    assert reach(system_administrator) == ([], [], [])


def test_a_permission_for_some_sites_finds_the_participants_of_those(
    three: list[Participant], site: Site, other_site: Site
) -> None:
    person = make_person("li", R.INVESTIGATOR, site)
    RoleHeld.objects.create(user=person, role=R.MONITOR, site=None, starts_on=DAY)
    access = Access.of(person, DAY)
    assert [p.number for p in participants_for(access, P.DECIDE_ELIGIBILITY)] == ["01-001"]
    assert [p.number for p in participants_for(access)] == ["01-001", "02-001", "03-001"]
    assert [s.code for s in Site.objects.filter(access.sites(P.DECIDE_ELIGIBILITY))] == ["01"]
