"""The worklist: every count as a count by hand, each person's own, and no more statements the more there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, Site, User
from participants.models import Participant, Visit
from records import clock
from tests.browsing import Page, at_the_desk
from tests.casebook.busy import busy_trial, goes_on, more_of_everything
from tests.casebook.by_hand import ByHand
from tests.cast import START, make_person
from trial_edc.wiring import WORKLIST

DAYS = (0, -9, 31)


def counts(desk: Client) -> dict[str, int]:
    """What the home page says of each section."""
    groups = desk.get("/").context["groups"]  # type: ignore[index]
    return {group.section.key: group.found.number for group in groups}


@pytest.mark.parametrize("seed", range(3))
def test_every_count_is_that_of_a_count_by_hand(db: None, seed: int) -> None:
    trial, seen = busy_trial(seed), set[str]()
    for days in DAYS:
        now = START + timedelta(days=days)
        clock.move_to(now)
        for name, person in trial.people.items():
            if name == "left" or name == "inspector":
                continue
            desk = at_the_desk(person)
            for site in (None, *trial.sites) if name in ("both", "monitor") else (None,):
                desk.post("/site/", {"site": site.pk if site else ""})
                found = counts(desk)
                assert found == ByHand(person, site, now).counts(), (name, site, days)
                seen |= set(found)
        goes_on(trial)
    assert len(seen) > 15  # so that the world is as varied as it should be


def test_a_section_lists_all_it_counts_each_once_page_by_page(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr("casebook.views.lists.ROWS", 4)
    trial = busy_trial(1)
    clock.move_to(START)
    for name in ("coordinator01", "investigator01", "monitor"):
        desk = at_the_desk(trial.people[name])
        for key, number in counts(desk).items():
            listed: list[tuple[str, str]] = []
            for page in range(1, 1 + -(-number // 4)):
                shown = desk.get(f"/worklist/{key}/?page={page}").context["page"]  # type: ignore[index]
                listed += [(line["who"], line["url"]) for line in shown]
            assert len(listed) == number, (name, key)
            if key not in ("results", "drafts", "answer"):  # of which one place may have several
                assert len(set(listed)) == number, (name, key)


def test_an_inspector_and_whoever_left_find_nothing_that_waits_for_them(db: None) -> None:
    trial = busy_trial(2)
    clock.move_to(START)
    page = Page(at_the_desk(trial.people["inspector"]).get("/"))
    assert "Nothing waits for you today" in page.text
    assert "You hold no role today" in Page(at_the_desk(trial.people["left"]).get("/")).text


def test_nothing_of_another_site_stands_on_the_page(db: None) -> None:
    trial = busy_trial(3)
    clock.move_to(START)
    desk = at_the_desk(trial.people["coordinator01"])
    for where in ("/", *(f"/worklist/{section.key}/" for section in WORKLIST)):
        answer = desk.get(where)
        if answer.status_code == 200:
            assert "02-0" not in Page(answer).text, where


# -- sections ------------------------------------------------------------------------------------------


def test_keys_name_sections_and_each_is_somebodys() -> None:
    assert len({section.key for section in WORKLIST}) == len(WORKLIST)
    assert all(section.permissions for section in WORKLIST)


def test_the_clocks_of_serious_events_come_first() -> None:
    assert WORKLIST[0].key == "clocks"


@pytest.mark.parametrize(
    ("role", "open_to", "closed_to"),
    [
        (Role.COORDINATOR, ["overdue", "unsaved", "answer"], ["sign", "verify", "lock", "nothing"]),
        (Role.INVESTIGATOR, ["sign", "decide", "overdue"], ["verify", "close", "lock"]),
        (Role.MONITOR, ["verify", "close", "clocks"], ["overdue", "sign", "drafts", "judge"]),
        (Role.DATA_MANAGER, ["close", "judge", "lock", "exports"], ["overdue", "sign", "verify"]),
    ],
)
def test_a_section_opens_only_to_whom_it_is_for(
    site: Site, role: Role, open_to: list[str], closed_to: list[str]
) -> None:
    somewhere = None if role == Role.DATA_MANAGER else site
    desk = at_the_desk(make_person("somebody", role, somewhere))
    assert [desk.get(f"/worklist/{key}/").status_code for key in open_to] == [200] * len(open_to)
    assert [desk.get(f"/worklist/{key}/").status_code for key in closed_to] == [404] * len(closed_to)


def test_a_page_that_is_there_no_longer_leads_to_the_first(
    participant: Participant, coordinator: User
) -> None:
    desk = at_the_desk(coordinator)
    assert desk.get("/worklist/begun/?page=9").headers["Location"] == "/worklist/begun/"
    for nonsense in ("page=x", "page=-1", "page=²", "page=" + "9" * 40):
        assert desk.get(f"/worklist/begun/?{nonsense}").status_code == 200
    assert "Nothing left here" in Page(desk.get("/worklist/overdue/")).text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "since 2026-08-28 · 4 days over"), ("zh-hans", "自2026-08-28起 · 已超4天")],
)
def test_a_row_says_who_what_and_how_far_and_leads_to_the_next_thing(
    participant: Participant, coordinator: User, language: str, words: str
) -> None:
    visit = Visit.objects.get(participant=participant, code="SCR")
    visit.pk, visit.code, visit.status = None, "M1", "PLANNED"
    visit.forms = ["SV", "VS"]
    visit.target_from = visit.target_to = visit.window_open = START.date() - timedelta(days=9)
    visit.window_close = START.date() - timedelta(days=4)
    visit.save()
    # What is due after eligibility opens with the decision.
    Participant.objects.update(status="FOLLOW_UP")
    page = Page(at_the_desk(coordinator, language).get("/"))
    assert words in page.text
    assert f"/visits/{visit.pk}/SV/" in page.addresses
    assert f"/participants/{participant.pk}/" in page.addresses


def test_a_long_section_shows_its_first_rows_and_leads_to_all(
    participant: Participant, coordinator: User
) -> None:
    visit = Visit.objects.get(participant=participant, code="SCR")
    for number in range(2, 9):
        visit.pk, visit.occurrence, visit.status = None, number, "PLANNED"
        visit.target_from = visit.target_to = visit.window_open = visit.window_close = START.date()
        visit.save()
    page = Page(at_the_desk(coordinator).get("/"))
    assert "Window closing (7)" in page.text
    assert "Show all 7 Window closing" in page.text
    assert "/worklist/closing/" in page.addresses
    assert page.text.count("Begin 01-001") == 5
    assert Page(at_the_desk(coordinator).get("/worklist/closing/")).text.count("Begin 01-001") == 7


# -- how many statements -------------------------------------------------------------------------------


# Session and person, with roles and sites, take 2 of each, the trial's clock 1. A section shown whole is not counted
# apart, so that a home asks a little less where there is little.
ASKED = {"coordinator01": 21, "investigator01": 26, "monitor": 12, "data_manager": 12}


def test_no_home_asks_more_of_the_database_the_more_there_is(
    db: None, django_assert_max_num_queries: Any
) -> None:
    trial = busy_trial(5)
    clock.move_to(START)
    for name, most in ASKED.items():
        desk = at_the_desk(trial.people[name])
        desk.get("/")
        with django_assert_max_num_queries(most):
            desk.get("/")
    more_of_everything(trial)
    for name, most in ASKED.items():
        desk = at_the_desk(trial.people[name])
        desk.get("/")
        with django_assert_max_num_queries(most):
            desk.get("/")
