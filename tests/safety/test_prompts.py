"""Laboratory results without an adverse event: where they show, and what makes them go away."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import SYSTEM, Access, Actor
from accounts.models import Role, Site, User
from eligibility.models import Laboratory
from participants.models import Participant
from records import clock
from records.findings import Refused
from safety.actions.prompts import dismiss_result
from safety.laboratory_prompts import TERMS
from safety.models import LaboratoryDismissal
from safety.selectors.laboratory import graded_tests, prompts
from tests.browsing import Page, at_the_desk
from tests.cast import START, make_person
from tests.safety.entering import EVENT, NOT_GIVEN, enter
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.walks import LABORATORY, walk_to_assigned, walk_to_eligible

SAMPLED = START + timedelta(days=1)
NOW = START + timedelta(days=3)
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])


@pytest.fixture
def assigned(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    clock.move_to(NOW)
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=START)
    return walk_to_assigned(participant, "HAIC", investigator=by_investigator, now=START)


def sample(participant: Participant, by: Actor, **answers: Any) -> Laboratory:
    """The blood of the first cycle, platelets of grade 3 if nothing else is said."""
    given = {**LABORATORY, "lbdtc": SAMPLED, "plt": Decimal(45), "plt_cs": "CS", **answers}
    confirmed = dict.fromkeys(given, CONFIRMED)
    record: Any = fill(
        participant,
        "LB",
        given,
        by=by,
        now=NOW,
        visit_code="H-C1",
        reason="read again",
        confirmed=confirmed,
    )
    return record


def prompting(person: User) -> list[tuple[str, int]]:
    return [(one.result.test, one.result.grade) for one in prompts(Access.of(person, NOW.date()))]


def event(participant: Participant, by: Actor, **answers: Any) -> None:
    given = {
        **EVENT,
        "aeterm": "few platelets",
        "aedecod": "Platelet count decreased",
        "aetoxgr": 3,
        **answers,
    }
    enter(participant, "AE", given, missing=NOT_GIVEN, by=by, now=NOW, submit=False)


def test_every_test_that_calls_for_an_event_is_graded_and_judged_on_the_form() -> None:
    assert set(graded_tests()) == set(TERMS)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, [("plt", 3)]),
        ({"plt_cs": "NCS"}, []),
        ({"plt": Decimal(50)}, [("plt", 2)]),
        ({"plt": Decimal(50), "plt_cs": "NCS"}, []),
        ({"plt": Decimal(80)}, []),
        ({"plt": Decimal(165)}, []),
        ({"alt": Decimal(260), "alt_cs": "CS"}, [("plt", 3), ("alt", 3)]),
    ],
)
def test_a_grave_or_much_worse_result_calls_for_an_event(
    assigned: Participant,
    by_coordinator: Actor,
    coordinator: User,
    answers: dict[str, Any],
    expected: list[tuple[str, int]],
) -> None:
    sample(assigned, by_coordinator, **answers)
    assert prompting(coordinator) == expected


def test_it_goes_away_with_the_event_it_calls_for(
    assigned: Participant, by_coordinator: Actor, coordinator: User
) -> None:
    sample(assigned, by_coordinator)
    event(assigned, by_coordinator, aedecod="Fatigue")
    event(assigned, by_coordinator, aestdtc=clock.day(SAMPLED + timedelta(days=1)).isoformat())
    assert prompting(coordinator) == [("plt", 3)]
    event(assigned, by_coordinator, aestdtc=clock.day(SAMPLED).isoformat())
    assert prompting(coordinator) == []


def test_what_was_said_to_be_none_is_asked_about_again_at_a_higher_grade(
    assigned: Participant, by_coordinator: Actor, coordinator: User
) -> None:
    laboratory = sample(assigned, by_coordinator)
    dismiss: dict[str, Any] = {"laboratory": laboratory, "test": "plt", "by": by_coordinator, "now": NOW}
    dismiss_result(reason="clumped, repeated at once: 150", **dismiss)
    assert prompting(coordinator) == []
    with pytest.raises(Refused, match="said already"):
        dismiss_result(reason="again", **dismiss)
    sample(assigned, by_coordinator, plt=Decimal(20))
    assert prompting(coordinator) == [("plt", 4)]


def test_a_dismissal_needs_a_reason_a_grade_and_a_role(
    assigned: Participant, by_coordinator: Actor, site: Site
) -> None:
    laboratory = sample(assigned, by_coordinator)
    monitor = Actor(make_person("zhao", Role.MONITOR, site), Role.MONITOR, site.pk)
    given: dict[str, Any] = {"laboratory": laboratory, "test": "plt", "reason": "clumped", "now": NOW}
    for by in (monitor, SYSTEM):
        with pytest.raises(Refused, match="does not judge"):
            dismiss_result(**given, by=by)
    for wrong, words in (
        ({"reason": "  "}, "Write why"),
        ({"test": "urea"}, "no grade"),
        ({"test": "plt_gr"}, "no grade"),
    ):
        with pytest.raises(Refused, match=words):
            dismiss_result(**{**given, **wrong}, by=by_coordinator)
    assert not LaboratoryDismissal.objects.exists()


def test_people_see_the_results_of_their_sites(
    assigned: Participant, by_coordinator: Actor, coordinator: User, other_site: Site
) -> None:
    sample(assigned, by_coordinator)
    elsewhere = make_person("chen", Role.COORDINATOR, other_site)
    assert prompting(elsewhere) == []
    assert prompts(Access(None, ())) == []


WORDS = {
    "en": ("Laboratory results without an adverse event", "Platelets", "grade 3"),
    "zh-hans": ("未记录不良事件的检验结果", "血小板", "3级"),
}


@LANGUAGES
def test_it_shows_at_home_and_with_the_participant_and_is_answered_there(
    assigned: Participant, by_coordinator: Actor, coordinator: User, language: str
) -> None:
    sample(assigned, by_coordinator)
    client = at_the_desk(coordinator, language)
    page = f"/participants/{assigned.pk}/"
    for where in ("/", page, "/safety/"):
        text = Page(client.get(where)).text
        assert all(word in text for word in WORDS[language]), where
    answer = {"visit": assigned.visits.get(code="H-C1").pk, "repeat": 1, "test": "plt", "back": "participant"}
    said = client.post(f"/safety/{assigned.pk}/results/", {**answer, "reason": "clumped"})
    assert said.headers["Location"] == page
    for where in ("/", page, "/safety/"):
        assert WORDS[language][0] not in Page(client.get(where)).text.replace(f"{WORDS[language][0]} (0)", "")
    assert LaboratoryDismissal.objects.get().reason == "clumped"


def test_who_enters_no_data_sees_it_and_cannot_answer(
    assigned: Participant, by_coordinator: Actor, data_manager: User
) -> None:
    sample(assigned, by_coordinator)
    client = at_the_desk(data_manager)
    text = Page(client.get(f"/participants/{assigned.pk}/")).text
    assert "Platelets" in text and "It is none" not in text
    answer = {"visit": assigned.visits.get(code="H-C1").pk, "repeat": 1, "test": "plt", "reason": "x"}
    assert client.post(f"/safety/{assigned.pk}/results/", answer).status_code in (403, 404)
    assert not LaboratoryDismissal.objects.exists()
