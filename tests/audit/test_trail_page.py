"""Who reads what of the trail, what the filters find, and how it is paged."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Access, Permission
from accounts.actions import set_active
from accounts.models import Role, Site, User
from audit.filters import NOBODY, TrailFilter
from audit.kinds import Kind
from audit.selectors import ACCESS_ONLY, PAGE, Scope, entries_for, leaf_of, scope_of
from participants.models import MedicalHistory
from records import clock
from records.models import TrailEntry
from tests.audit.conftest import Scene
from tests.browsing import Page, at_the_desk
from tests.cast import START, make_person

TRAIL = "/trail/"
EVERYTHING = Scope(None)


def found(scope: Scope = EVERYTHING, **asked: str) -> list[TrailEntry]:
    return list(entries_for(scope, TrailFilter.of(asked)).order_by("id"))


def own(person: User, permission: Permission = Permission.SEE_TRAIL) -> Scope:
    return scope_of(Access.of(person, clock.today()), permission)


@pytest.mark.parametrize("role", list(Role))
def test_who_opens_which_page(role: Role, site: Site, at_start: None) -> None:
    desk = at_the_desk(make_person("x", role, None if role == Role.SYSTEM_ADMINISTRATOR else site))
    administers = role == Role.SYSTEM_ADMINISTRATOR
    assert desk.get(TRAIL).status_code == (403 if administers else 200)
    assert desk.get("/trail/accounts/").status_code == (200 if administers else 403)
    assert desk.get("/trail/review/").status_code == (200 if role == Role.DATA_MANAGER else 403)
    assert desk.get("/exports/trail/").status_code == (403 if administers else 200)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR, Role.INSPECTOR])
def test_entries_of_other_sites_and_of_no_participant_never_show(role: Role, scene: Scene) -> None:
    scope = own(make_person("reader", role, scene.sites[0]))
    assert {entry.participant_id for entry in found(scope)} == {scene.participants[0].pk}
    assert found(scope, participant=scene.participants[1].number) == []
    assert found(scope, person=scene.coordinators[1].username) == []
    assert found(scope, kind="accounts") == []


def test_with_the_trail_everywhere_every_entry_shows(scene: Scene, data_manager: User) -> None:
    assert len(found(own(data_manager))) == TrailEntry.objects.count()


def test_without_a_role_there_is_nothing(scene: Scene) -> None:
    assert found(own(make_person("nobody"))) == []
    assert at_the_desk(make_person("none")).get(TRAIL).status_code == 403


def test_a_system_administrator_sees_accounts_roles_and_sites_alone(
    scene: Scene, system_administrator: User
) -> None:
    assert {entry.relation for entry in found(ACCESS_ONLY)} == {
        "accounts_user",
        "accounts_roleheld",
        "accounts_site",
        "accounts_passwordused",
    }
    desk = at_the_desk(system_administrator)
    for query in ("", "?kind=data", "?form=MH", f"?participant={scene.participants[0].number}"):
        page = Page(desk.get(f"/trail/accounts/{query}"))
        assert "Account" in page.text
        assert scene.participants[0].number not in page.text
        assert "Cirrhosis" not in page.text


def test_filters_find_what_they_name(scene: Scene) -> None:
    scene.change("N")
    history = MedicalHistory._meta.db_table
    assert {entry.relation for entry in found(form="MH")} == {history}
    (changed,) = [entry for entry in found(form="MH", field="cirrh") if entry.operation == "UPDATE"]
    assert changed.changes == {"cirrh": ["Y", "N"]}
    assert found(form="MH", field="portht") == []
    assert {entry.participant_id for entry in found(participant=scene.participants[1].number)} == {
        scene.participants[1].pk
    }
    assert {entry.person_id for entry in found(person="COORDINATOR02")} == {scene.coordinators[1].pk}
    assert {entry.relation for entry in found(kind="accounts")} <= {
        "accounts_user", "accounts_site", "accounts_roleheld", "accounts_passwordused",
    }  # fmt: skip
    assert found(kind="exports") == []
    assert found(kind="accounts", form="MH") == []


def test_a_change_that_names_nobody_is_found_as_such(scene: Scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('trail.context', '', true)")
        cursor.execute("UPDATE participants_medicalhistory SET cirrh = 'N'")
    assert found(person=NOBODY)[-1].changes == {"cirrh": ["Y", "N"]}
    assert all(entry.role == "" and entry.person_id is None for entry in found(person=NOBODY))


def test_a_span_holds_both_its_days_in_shanghai(scene: Scene) -> None:
    at = TrailEntry.objects.latest("id").at
    today = clock.day(at)
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    everything = TrailEntry.objects.count()

    def between(first: Any, last: Any) -> int:
        return len(found(from_day=str(first), to_day=str(last)))

    since = TrailEntry.objects.order_by("at").values_list("at", flat=True)[0]
    if clock.day(since) == today:  # a test run is shorter than a day; around midnight it may see two
        assert between(today, today) == everything
        assert between(tomorrow, tomorrow) == between(yesterday - timedelta(days=9), yesterday) == 0
    assert between(yesterday, tomorrow) == everything
    asked = TrailFilter.of({"from_day": "2026-09-01", "to_day": "2026-09-01"})
    assert asked.begins is not None
    assert asked.ends is not None
    assert (asked.begins.isoformat(), asked.ends.isoformat()) == (
        "2026-09-01T00:00:00+08:00",
        "2026-09-02T00:00:00+08:00",
    )


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "nothing"},
        {"form": "XX"},
        {"field": "cirrh"},
        {"form": "MH", "field": "no"},
        {"from_day": "soon"},
        {"to_day": "9999-12-31"},
        {"other": "x"},
    ],
)
def test_a_filter_that_means_nothing_falls_away(given: dict[str, str]) -> None:
    kept = {"form": "MH"} if "form" in given and "field" in given else {}
    assert TrailFilter.of(given).given() == kept


def test_pages_follow_one_another_without_gap_or_repetition(scene: Scene) -> None:
    for number in range(2 * PAGE):
        scene.change("NY"[number % 2])
    whole = [entry.pk for entry in entries_for(EVERYTHING, TrailFilter()).order_by("-id")]
    leaf = leaf_of(entries_for(EVERYTHING, TrailFilter()))
    assert leaf.newer is None
    read = [leaf.entries]
    while leaf.older is not None:
        leaf = leaf_of(entries_for(EVERYTHING, TrailFilter()), before=leaf.older)
        read.append(leaf.entries)
    assert [entry.pk for entries in read for entry in entries] == whole
    assert leaf.newer is not None
    back = leaf_of(entries_for(EVERYTHING, TrailFilter()), after=leaf.newer)
    assert back.entries == read[-2]
    assert back.older == read[-2][-1].pk


def test_the_page_asks_the_same_number_of_questions_however_much_it_shows(
    scene: Scene, data_manager: User
) -> None:
    desk = at_the_desk(data_manager)
    asked = {"from_day": "2020-01-01", "to_day": "2100-01-01", "form": "MH"}
    desk.get(TRAIL, asked)

    def questions() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(TRAIL, asked).status_code == 200
        return len(captured)

    before = questions()
    for number in range(PAGE):
        scene.change("NY"[number % 2])
    assert questions() == before <= 16


@pytest.mark.line("T1")
def test_the_page_says_old_new_reason_role_site_and_zone(scene: Scene, data_manager: User) -> None:
    scene.change("N", "read from the discharge letter")
    at = TrailEntry.objects.latest("id").at.astimezone(UTC)
    desk = at_the_desk(data_manager)
    page = Page(desk.get(TRAIL, {"form": "MH", "field": "cirrh"}))
    for words in (
        f"{at + timedelta(hours=8):%Y-%m-%d %H:%M:%S}", f"{at:%m-%d %H:%M:%S} UTC",
        "read from the discharge letter", "Coordinator01", "Site coordinator", scene.participants[0].number,
        "Asia/Shanghai", "UTC", "Yes", "No",
    ):  # fmt: skip
        assert words in page.text, words
    chinese = Page(at_the_desk(data_manager, "zh-hans").get(TRAIL, {"form": "MH"}))
    assert "稽查轨迹" in chinese.text


@pytest.mark.parametrize("query", ["before=x", "after=-1", "before=99999999999999999999", "after=5&before=4"])
def test_a_place_that_means_nothing_is_no_error(query: str, scene: Scene, data_manager: User) -> None:
    assert at_the_desk(data_manager).get(f"{TRAIL}?{query}").status_code == 200


@pytest.mark.line("T1")
def test_the_page_warns_of_a_clock_that_drifts(
    scene: Scene, data_manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = at_the_desk(data_manager)
    assert "The clock of the database" not in Page(desk.get(TRAIL)).text
    monkeypatch.setattr(clock, "database_ahead", lambda: timedelta(seconds=-7.5))
    assert "The clock of the database is -7.5 s from" in Page(desk.get(TRAIL)).text


@pytest.mark.line("A5", "M4")
def test_accounts_roles_and_disabling_stand_in_the_trail(scene: Scene, system_administrator: User) -> None:
    by = Access.of(system_administrator, clock.today()).actor(Permission.MANAGE_ACCOUNTS, None)
    set_active(person=scene.coordinators[1], active=False, by=by, now=START)
    entry = found(ACCESS_ONLY)[-1]
    assert entry.changes == {"is_active": [True, False]}
    assert (entry.person_id, entry.role) == (system_administrator.pk, "SYSTEM_ADMINISTRATOR")


def test_kinds_cover_every_entry_there_is(scene: Scene) -> None:
    by_kind = [len(found(kind=kind.value)) for kind in Kind]
    assert sum(by_kind) == TrailEntry.objects.count()
