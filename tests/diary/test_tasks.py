"""The task of a severe answer: open, seen, done with what was done; listed while it waits, at the sites one sees."""

from __future__ import annotations

import pytest
from django.db.models import Q

from accounts.access import Access, Actor, Permission
from accounts.models import Role, Site, User
from diary.actions import move_task
from diary.models import DiaryLink, DiaryTask
from diary.page import worklist_row
from diary.selectors import open_tasks
from diary.workflow import DIARY_TASK_MOVES, DiaryTaskState
from records import clock
from records.findings import Refused
from tests.browsing import Page, at_the_desk
from tests.cast import START, actor, make_participant, make_person
from tests.diary.writing import opened, send_severe

S = DiaryTaskState


@pytest.fixture
def task(link: DiaryLink) -> DiaryTask:
    return send_severe(link).task  # type: ignore[no-any-return]


def access(person: User) -> Access:
    return Access.of(person, clock.day(START))


@pytest.mark.parametrize("way", [(S.SEEN, S.DONE), (S.DONE,)])
def test_it_is_done_with_what_was_done(
    task: DiaryTask, by_coordinator: Actor, way: tuple[DiaryTaskState, ...]
) -> None:
    with pytest.raises(Refused, match="what was done"):
        move_task(task=task, to=S.DONE, done=" ", by=by_coordinator, now=START)
    for to in way:
        move_task(task=task, to=to, done="called back", by=by_coordinator, now=START)
    task.refresh_from_db()
    assert task.state == S.DONE
    steps = list(task.steps.values_list("state", "by", "done"))
    person = by_coordinator.person_id
    assert steps == [
        (S.OPEN, None, ""),
        *((to, person, "called back" if to == S.DONE else "") for to in way),
    ]


@pytest.mark.parametrize("state", S)
def test_no_other_way_is_gone(task: DiaryTask, by_coordinator: Actor, state: DiaryTaskState) -> None:
    DiaryTask.objects.filter(pk=task.pk).update(state=state)
    for to in set(S) - set(DIARY_TASK_MOVES[state]):
        with pytest.raises(Refused):
            move_task(task=task, to=to, done="x", by=by_coordinator, now=START)


def test_only_the_sites_staff_see_to_it(task: DiaryTask, site: Site, other_site: Site, monitor: User) -> None:
    away = make_person("away", Role.COORDINATOR, other_site)
    for by in (
        actor(away, Permission.ENTER_DATA, other_site),
        actor(monitor, Permission.SEE_PARTICIPANTS, site),
    ):
        with pytest.raises(Refused):
            move_task(task=task, to=S.SEEN, done="", by=by, now=START)


def test_those_that_wait_are_listed_in_one_query(
    task: DiaryTask,
    by_coordinator: Actor,
    coordinator: User,
    site: Site,
    other_site: Site,
    system_administrator: User,
    django_assert_num_queries: object,
) -> None:
    second = send_severe(opened(make_participant(site, by_coordinator, initials="AB"), by_coordinator)).task
    away = make_person("away", Role.COORDINATOR, other_site)
    seeing = access(coordinator)
    with django_assert_num_queries(1):  # type: ignore[operator]
        rows = [worklist_row(one) for one in open_tasks(seeing)]
    assert [row["who"] for row in rows] == [task.participant.number, second.participant.number]
    assert f"#entry-{task.entry_id}" in rows[0]["url"]
    assert list(open_tasks(seeing, Q(participant=second.participant_id))) == [second]
    assert not open_tasks(access(away)) and not open_tasks(access(system_administrator))
    move_task(task=task, to=S.SEEN, done="", by=by_coordinator, now=START)
    move_task(task=second, to=S.DONE, done="called", by=by_coordinator, now=START)
    assert list(open_tasks(seeing)) == [task]


def test_the_home_of_the_sites_staff_lists_it_until_somebody_has_seen_to_it(
    task: DiaryTask, coordinator: User, by_coordinator: Actor, monitor: User, other_site: Site
) -> None:
    away = make_person("away", Role.COORDINATOR, other_site)
    homes = {person: Page(at_the_desk(person).get("/")) for person in (coordinator, monitor, away)}
    assert [task.participant.number in page.text for page in homes.values()] == [True, False, False]
    assert f"/diary/{task.participant_id}/#entry-{task.entry_id}" in homes[coordinator].addresses
    move_task(task=task, to=S.DONE, done="called", by=by_coordinator, now=START)
    assert "Severe answers" not in Page(at_the_desk(coordinator).get("/")).text
