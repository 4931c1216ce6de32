"""Every number of the dashboard equals the same number counted one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Site
from dashboards import enrolment, flow, selectors
from dashboards.cards import Question
from dashboards.log_cards import LOG
from dashboards.sections import CARDS
from records import clock
from tests.cast import make_person
from tests.dashboards.conftest import FOLLOW_UP, NOW, TODAY, Person, Trial, question_of, view_of

NARROWED: list[dict[str, Any]] = [
    {},
    {"arm": "HAIC"},
    {"site": 0},
    {"site": 0, "arm": "Y90"},
]


@pytest.fixture(params=["everywhere", "here"])
def who(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=NARROWED, ids=str)
def narrowed(request: pytest.FixtureRequest, trial: Trial) -> dict[str, Any]:
    chosen = dict(request.param)
    if "site" in chosen:
        chosen["site"] = trial.sites[chosen["site"]]
    return chosen


@pytest.fixture
def view(trial: Trial, who: str, narrowed: dict[str, Any]) -> selectors.View:
    return view_of(getattr(trial, who), **narrowed)


@pytest.fixture
def people(trial: Trial, who: str, narrowed: dict[str, Any]) -> list[Person]:
    return trial.seen(getattr(trial, who), **narrowed)


@pytest.fixture
def of_both_arms(trial: Trial, who: str, narrowed: dict[str, Any]) -> list[Person]:
    return trial.seen(getattr(trial, who), **{**narrowed, "arm": ""})


def test_enrolment(view: selectors.View, people: list[Person]) -> None:
    found = selectors.enrolled(view)
    enrolled = [person for person in people if person.was("ASSIGNED")]
    assert enrolled
    assert found.by_month == Counter(person.assigned_on.replace(day=1) for person in enrolled)
    assert found.by_site_and_arm == Counter((person.site.pk, person.arm) for person in enrolled)
    assert found.total == len(enrolled)
    since = TODAY - timedelta(days=60)
    assert selectors.enrolled_since(view, since) == sum(person.assigned_on >= since for person in enrolled)


def test_the_funnel(view: selectors.View, of_both_arms: list[Person]) -> None:
    found = selectors.funnel(view)
    decided = ("ELIGIBLE", "SCREEN_FAILURE")
    assert found == selectors.Funnel(
        registered=len(of_both_arms),
        decided=sum(person.was(*decided) for person in of_both_arms),
        eligible=sum(person.was("ELIGIBLE") for person in of_both_arms),
        assigned=sum(person.was("ASSIGNED") for person in of_both_arms),
        treated=sum(person.was("ON_TREATMENT") for person in of_both_arms),
        failed=sum(person.was("SCREEN_FAILURE") for person in of_both_arms),
        left_before_decision=sum(
            person.path[-1] in ("WITHDRAWN", "DIED") and not person.was(*decided) for person in of_both_arms
        ),
    )
    assert found.in_screening == sum(person.path[-1] == "SCREENING" for person in of_both_arms)


def test_reasons_for_screen_failure(view: selectors.View, of_both_arms: list[Person]) -> None:
    failed = [person for person in of_both_arms if person.was("SCREEN_FAILURE")]
    assert selectors.failing_criteria(view) == Counter(
        criterion for person in failed for criterion in person.failing
    )


def test_stages(view: selectors.View, people: list[Person]) -> None:
    submitted = [person for person in people if person.staging_state == "SUBMITTED"]
    assert selectors.stages(view) == Counter((person.stage, person.arm) for person in submitted)


def test_follow_up_due_and_overdue(view: selectors.View, people: list[Person]) -> None:
    due: Counter[str] = Counter()
    overdue: Counter[str] = Counter()
    for person in people:
        if person.path[-1] in ("SCREEN_FAILURE", "COMPLETED", "WITHDRAWN", "DIED"):
            continue
        for code, status, opens, closes in person.visits:
            if status not in ("PLANNED", "STARTED") or (opens and opens > TODAY):
                continue
            if closes and closes < TODAY:
                overdue[code] += 1
            else:
                due[code] += 1
    found = selectors.follow_up_waiting(view, TODAY)
    assert [row.code for row in found] == [code for _p, code, _s in FOLLOW_UP if due[code] or overdue[code]]
    assert {row.code: (row.due, row.overdue) for row in found} == {
        code: (due[code], overdue[code]) for code in due.keys() | overdue.keys()
    }


def test_nobody_without_a_role_counts_anybody(trial: Trial) -> None:
    view = view_of(make_person("nobody"))
    assert view.sites == ()
    assert selectors.enrolled(view).total == 0
    assert selectors.funnel(view).registered == 0
    assert selectors.failing_criteria(view) == selectors.stages(view) == {}
    assert selectors.follow_up_waiting(view, TODAY) == []


@pytest.mark.parametrize(
    ("enrolled", "planned", "finding"),
    [
        (41, 47, "41 of 286 enrolled, 6 behind plan"),
        (47, 47, "47 of 286 enrolled, as planned"),
        (50, 47, "50 of 286 enrolled, 3 ahead of plan"),
    ],
)
def test_the_finding_says_where_enrolment_stands(
    enrolled: int, planned: int, finding: str, trial: Trial
) -> None:
    question = question_of(trial.everywhere)
    assert enrolment._enrolment_finding(question, enrolled, 286, planned) == finding


def test_a_part_of_the_trial_is_not_held_against_the_whole_plan(trial: Trial, site: Site) -> None:
    question = question_of(trial.here)
    assert (
        enrolment.enrolment(question).finding
        == f"{question.enrolled.total} of 286 enrolled at the sites you see"
    )
    chosen = question_of(trial.everywhere, site=site, arm="HAIC")
    assert enrolment.enrolment(chosen).finding == f"{chosen.enrolled.total} of 286 enrolled at {site}, HAIC"


def test_the_line_of_enrolment_ends_today_and_adds_up(trial: Trial) -> None:
    card = enrolment.enrolment(question_of(trial.everywhere))
    assert card.data is not None
    actual, plan, projected = (series["data"] for series in card.data["series"])
    assert (card.data["labels"][0], card.data["labels"][-1], len(card.data["labels"])) == (
        "2026-08",
        "2029-07",
        36,
    )
    today = card.data["labels"].index("2027-06")
    assert actual[today] == sum(person.was("ASSIGNED") for person in trial.people)
    assert set(actual[today + 1 :]) == {None}
    assert actual[: today + 1] == sorted(actual[: today + 1])
    assert plan[-1] == 286
    assert set(projected[:today]) == {None}
    assert actual[today] < projected[-1] <= 286
    assert projected[today:] == sorted(projected[today:])
    assert [row[2] for row in card.rows] == ["" if number is None else number for number in actual]


def aimed_at(question: Question, target: int) -> Question:
    """The same question where so many are to be enrolled."""
    return replace(question, settings={**question.settings, "target_enrolment": target})


def test_the_pace_is_that_since_enrolment_began(trial: Trial) -> None:
    days = sorted(person.assigned_on for person in trial.people if person.was("ASSIGNED"))
    today = days[0] + timedelta(days=40)
    question = replace(question_of(trial.everywhere), today=today)
    # Rows of a later day are there already: those since the beginning are counted, over 41 days.
    left = timedelta(days=-(-(286 - len(days)) * 41 // len(days)))
    text = enrolment.enrolment(question).text
    assert text == (
        f"At the pace since {days[0]} ({len(days)} enrolled in 41 days), 286 are reached on {today + left}."
    )


@pytest.mark.parametrize("above", [0, 3])
def test_a_target_that_was_reached_is_no_forecast(above: int, trial: Trial) -> None:
    days = sorted(person.assigned_on for person in trial.people if person.was("ASSIGNED"))
    target = len(days) - above
    card = enrolment.enrolment(aimed_at(question_of(trial.everywhere), target))
    assert card.text == f"{target} were reached on {days[target - 1]}."
    assert card.data is not None
    assert len(card.data["series"]) == 2
    under = enrolment.enrolment(aimed_at(question_of(trial.everywhere), len(days) + 1))
    assert under.text.startswith("At the pace since 2026-12-15 (")
    assert under.data is not None
    assert len(under.data["series"]) == 3


@pytest.mark.parametrize("name", [*CARDS, *LOG])
def test_every_card_speaks_when_there_is_nothing_to_show(name: str, db: None) -> None:
    nobody_yet = question_of(make_person("monitor"), today=date(2026, 8, 1))
    card = {**CARDS, **LOG}[name](nobody_yet)
    assert card.id == name
    assert card.finding
    assert card.source


@pytest.mark.parametrize("name", ["enrolment", "sites", "screening", "failures", "stages", "follow-up"])
def test_a_cards_table_has_what_its_picture_has(name: str, trial: Trial) -> None:
    card = CARDS[name](question_of(trial.everywhere))
    assert card.data is not None
    assert {len(row) for row in card.rows} == {len(card.columns)}
    assert {len(series["data"]) for series in card.data["series"]} == {len(card.data["labels"])}
    assert len(card.rows) >= len(card.data["labels"])
    assert card.alt


@pytest.mark.parametrize("arm", ["HAIC", "Y90"])
def test_the_flow_divides_everybody(arm: str, view: selectors.View, of_both_arms: list[Person]) -> None:
    found = flow.counts(view)
    assert found["registered"] == len(of_both_arms)
    assert found["registered"] - found["assigned"] == sum(found[box] for box in flow.NOT_ASSIGNED)
    with_arm = [person for person in of_both_arms if person.arm == arm]
    here = arm.lower()
    assert found[f"assigned-{here}"] == len(with_arm)
    divided = ("waiting-for-treatment", "left-untreated", "treated")
    assert sum(found[f"{box}-{here}"] for box in divided) == len(with_arm)
    ended = ("under-way", "completed", "withdrawn", "died")
    assert sum(found[f"{box}-{here}"] for box in ended) == found[f"treated-{here}"]
    assert found[f"died-{here}"] == sum(person.path[-1] == "DIED" for person in with_arm)


def test_each_box_of_the_flow_is_its_list(view: selectors.View) -> None:
    counts = flow.counts(view)
    assert {box: flow.people(view).filter(which).count() for box, (_w, which) in flow.BOXES.items()} == counts


def test_days_of_registration_narrow_everything(trial: Trial) -> None:
    everybody = view_of(trial.everywhere)
    registered_on = clock.day(NOW)
    on_the_day = replace(everybody, since=registered_on, until=registered_on)
    assert flow.counts(on_the_day) == flow.counts(everybody)
    assert not flow.counts(replace(everybody, until=registered_on - timedelta(days=1)))["registered"]
    assert not flow.counts(replace(everybody, since=registered_on + timedelta(days=1)))["registered"]
    assert not on_the_day.whole_trial
