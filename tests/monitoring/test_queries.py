"""Queries: who may do what in which state, at which places, and what followed on them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.access import GRANTS, SYSTEM, Access, Actor, Permission
from accounts.models import Role, RoleHeld, Site, User
from monitoring.actions.queries import answer_query, assign_query, close_query, raise_query, reopen_query
from monitoring.models import Query, QueryStep
from monitoring.places import Place
from monitoring.policies.queries import steps_open_to
from monitoring.selectors.query_changes import changes_linked
from monitoring.workflow import LEADS_TO as STEPS_LEAD_TO
from monitoring.workflow import QUERY_MOVES, QueryState, StepKind
from participants.models import Participant, Visit
from records.actions import remove_record
from records.findings import Refused
from records.models import TrailEntry
from tests.cast import START, make_participant, make_person
from tests.monitoring.asking import LATER, LEADS_TO, PERSONS, VERBS, WORDS, as_role, ask, at, person_as
from tests.safety.entering import EVENT, NOT_GIVEN, enter, log_of
from trial_edc.demo.walks import VITAL_SIGNS, fill

NEEDS = {
    "answer": {Permission.ENTER_DATA},
    "close": {Permission.RAISE_QUERIES},
    "reopen": {Permission.RAISE_QUERIES},
    "assign": {Permission.RAISE_QUERIES, Permission.ENTER_DATA},
}


def in_state(query: Query, state: QueryState, by_coordinator: Actor, by_monitor: Actor) -> Query:
    if state != QueryState.OPEN:
        answer_query(query=query, words="As measured.", by=by_coordinator, now=LATER)
    if state == QueryState.CLOSED:
        close_query(query=query, by=by_monitor, now=LATER)
    query.refresh_from_db()
    assert query.state == state
    return query


# -- every role, every step, every state ---------------------------------------------------------------


@pytest.mark.parametrize("state", list(QueryState))
@pytest.mark.parametrize("verb", list(VERBS))
@pytest.mark.parametrize("role", list(PERSONS))
def test_a_step_is_taken_by_its_roles_from_its_states_and_by_no_others(
    role: Role,
    verb: str,
    state: QueryState,
    query: Query,
    site: Site,
    by_coordinator: Actor,
    by_monitor: Actor,
) -> None:
    query = in_state(query, state, by_coordinator, by_monitor)
    by = as_role(person_as(role, site), site)
    allowed_role = bool(NEEDS[verb] & GRANTS[role])
    to = LEADS_TO.get(verb)
    allowed_move = state != QueryState.CLOSED if to is None else to in QUERY_MOVES[state]
    # Nobody left: only who asked closes.
    own = verb != "close" or role == Role.MONITOR
    before = query.steps.count()
    if allowed_role and allowed_move and own:
        VERBS[verb](query, by)
        query.refresh_from_db()
        assert query.state == (to or state)
        step = query.steps.last()
        if verb == "assign":
            assert query.steps.count() == before  # it was nobody's before
        else:
            assert step is not None
            assert (step.by, step.role, step.at) == (by.person, role, LATER)
            assert STEPS_LEAD_TO[StepKind(step.kind)] == to
    else:
        with pytest.raises(Refused):
            VERBS[verb](query, by)
        query.refresh_from_db()
        assert (query.state, query.steps.count()) == (state, before)


@pytest.mark.parametrize("role", list(PERSONS))
def test_only_monitors_and_data_managers_ask(role: Role, measured: Participant, site: Site) -> None:
    person = person_as(role, site)
    if Permission.RAISE_QUERIES in GRANTS[role]:
        assert ask(at(measured, "weight"), as_role(person, site)).state == QueryState.OPEN
    else:
        with pytest.raises(Refused, match="Your role does not do this"):
            ask(at(measured, "weight"), as_role(person, site))
    assert Query.objects.exists() is (Permission.RAISE_QUERIES in GRANTS[role])


def test_the_system_asks_by_its_checks_alone(measured: Participant) -> None:
    with pytest.raises(Refused):
        ask(at(measured, "weight"), SYSTEM)


def test_what_the_page_offers_is_what_the_action_accepts(
    query: Query, site: Site, monitor: User, coordinator: User, data_manager: User
) -> None:
    offered = {
        person.username: {
            name for name, may in steps_open_to(Access.of(person, LATER.date()), query, ()).items() if may
        }
        for person in (monitor, coordinator, data_manager)
    }
    assert offered == {
        "monitor": {"close", "assign"},
        "coordinator": {"answer", "assign"},
        "datamanager": {"assign"},
    }


# -- words, places, people -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", "   ", "\n"])
def test_questions_answers_and_second_questions_need_words(
    words: str, query: Query, measured: Participant, by_monitor: Actor, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused, match="Write what is asked"):
        ask(at(measured, "height"), by_monitor, words)
    with pytest.raises(Refused, match="Write the answer"):
        answer_query(query=query, words=words, by=by_coordinator, now=LATER)
    answer_query(query=query, words="Yes.", by=by_coordinator, now=LATER)
    with pytest.raises(Refused, match="still asked"):
        reopen_query(query=query, words=words, by=by_monitor, now=LATER)
    close_query(query=query, words=words, by=by_monitor, now=LATER)


@pytest.mark.parametrize(("length", "accepted"), [(1000, True), (1001, False)])
def test_a_thousand_characters_are_the_most(
    length: int, accepted: bool, measured: Participant, by_monitor: Actor
) -> None:
    if accepted:
        ask(at(measured, "height"), by_monitor, "x" * length)
    else:
        with pytest.raises(Refused, match="at most 1000"):
            ask(at(measured, "height"), by_monitor, "x" * length)


def test_any_place_can_be_asked_about(imaged: Participant, by_monitor: Actor) -> None:
    places = [
        at(imaged, "lesions-1-ldiam", "IMG"),
        at(imaged, "lesions-1", "IMG"),
        at(imaged, "", "IMG"),
        at(imaged, "weight", "VS"),  # a form not begun
        at(imaged, "", "", repeat=0),
        Place(imaged),
    ]
    for place in places:
        ask(place, by_monitor)
    assert [[str(part) for part in place.words][1:] for place in places[:3]] == [
        [str(places[0].words[1]), "Lesion 1: Longest diameter (RECIST 1.1)"],
        [str(places[1].words[1]), "Lesion 1"],
        [str(places[2].words[1])],
    ]
    assert Query.objects.filter(record_id=None).count() == 3


@pytest.mark.parametrize(
    ("form", "repeat", "item"),
    [
        ("VS", 1, "nothing"),
        ("VS", 1, "weight_u"),
        ("VS", 2, "weight"),
        ("VS", 1, "lesions-1-ldiam"),
        ("IMG", 1, "lesions-99-ldiam"),
        ("IMG", 1, "lesions-1-nothing"),
        ("IMG", 1, "lesions-x-ldiam"),
        ("IMG", 1, "lesions"),
        ("XX", 1, ""),
        ("AE", 1, ""),
        ("", 1, ""),
        ("", 0, "weight"),
    ],
)
def test_a_place_there_is_not_cannot_be_asked_about(
    form: str, repeat: int, item: str, imaged: Participant, by_monitor: Actor
) -> None:
    with pytest.raises(Refused):
        ask(at(imaged, item, form, repeat=repeat), by_monitor)


def test_a_visit_of_somebody_else_is_no_place(
    measured: Participant, site: Site, by_monitor: Actor, by_coordinator: Actor
) -> None:
    other = make_participant(site, by_coordinator, initials="QZ")
    theirs = Visit.objects.get(participant=other, code="SCR")
    with pytest.raises(Refused, match="no such place"):
        ask(Place(measured, theirs, "VS", 1), by_monitor)


def test_the_same_question_sent_twice_is_asked_once(measured: Participant, by_monitor: Actor) -> None:
    first = ask(at(measured, "weight"), by_monitor)
    assert ask(at(measured, "weight"), by_monitor) == first
    assert ask(at(measured, "height"), by_monitor) != first
    close_query(query=first, by=by_monitor, now=LATER)
    assert ask(at(measured, "weight"), by_monitor) != first


def test_a_query_is_given_to_people_who_enter_data_at_its_site(
    query: Query, coordinator: User, monitor: User, other_site: Site, by_monitor: Actor, by_coordinator: Actor
) -> None:
    elsewhere = make_person("elsewhere", Role.COORDINATOR, other_site)
    for person in (elsewhere, monitor):
        with pytest.raises(Refused, match="does not enter data at this site"):
            assign_query(query=query, to=person, by=by_monitor, now=LATER)
    assign_query(query=query, to=coordinator, by=by_monitor, now=LATER)
    assign_query(query=query, to=coordinator, by=by_coordinator, now=LATER)
    query.refresh_from_db()
    assert query.assigned_to == coordinator
    assert [step.kind for step in query.steps.all()] == ["RAISED", "ASSIGNED"]
    assign_query(query=query, to=None, by=by_coordinator, now=LATER)
    assert [step.assigned_to for step in query.steps.all()] == [None, coordinator, None]


def leave(user: User, on: Any = LATER) -> None:
    RoleHeld.objects.filter(user=user).update(ends_on=(on - timedelta(days=1)).date())


def test_a_data_manager_closes_for_who_left_with_a_reason(
    query: Query, monitor: User, by_data_manager: Actor
) -> None:
    with pytest.raises(Refused, match="Only who asked"):
        close_query(query=query, words="Gone", by=by_data_manager, now=LATER)
    leave(monitor)
    with pytest.raises(Refused, match="reason"):
        close_query(query=query, words=" ", by=by_data_manager, now=LATER)
    close_query(query=query, words="The monitor left; answered by mail.", by=by_data_manager, now=LATER)
    query.refresh_from_db()
    assert query.state == QueryState.CLOSED


def test_another_monitor_does_not_close_for_who_left(query: Query, monitor: User, site: Site) -> None:
    leave(monitor)
    other = as_role(make_person("other", Role.MONITOR, site), site)
    with pytest.raises(Refused, match="Only who asked"):
        close_query(query=query, words="Gone", by=other, now=LATER)


def test_a_disabled_account_has_left(query: Query, monitor: User, by_data_manager: Actor) -> None:
    User.objects.filter(pk=monitor.pk).update(is_active=False)
    close_query(query=query, words="Account closed.", by=by_data_manager, now=LATER)


# -- what followed -------------------------------------------------------------------------------------


def correct(participant: Participant, by: Actor, **signs: str) -> None:
    answers = {**VITAL_SIGNS, **{name: Decimal(value) for name, value in signs.items()}}
    fill(participant, "VS", answers, by=by, now=LATER, submit=False, reason="Misread")


def test_a_correction_is_linked_to_the_answer(
    query: Query, measured: Participant, by_coordinator: Actor, by_monitor: Actor
) -> None:
    correct(measured, by_coordinator, weight="66.0")
    answer_query(query=query, words="Corrected.", by=by_coordinator, now=LATER)
    step = query.steps.get(kind="ANSWERED")
    entry = TrailEntry.objects.get(pk=step.change)
    assert entry.changes["weight"] == [65.0, 66.0]
    assert entry.reason == "Misread"
    (followed,) = changes_linked([query]).values()
    assert (followed.before, followed.after, followed.removed) == ("65.0 kg", "66.0 kg", False)


def test_a_change_of_another_item_is_not_linked(
    query: Query, measured: Participant, by_coordinator: Actor
) -> None:
    correct(measured, by_coordinator, height="171.0")
    answer_query(query=query, words="It is right.", by=by_coordinator, now=LATER)
    assert query.steps.get(kind="ANSWERED").change is None
    assert changes_linked([query]) == {}


def test_a_change_before_the_question_is_not_linked(
    measured: Participant, by_coordinator: Actor, by_monitor: Actor
) -> None:
    correct(measured, by_coordinator, weight="66.0")
    query = ask(at(measured, "weight"), by_monitor)
    close_query(query=query, by=by_monitor, now=LATER)
    assert query.steps.get(kind="CLOSED").change is None


def test_a_correction_after_the_answer_is_linked_on_closing(
    query: Query, measured: Participant, by_coordinator: Actor, by_monitor: Actor
) -> None:
    answer_query(query=query, words="I shall correct it.", by=by_coordinator, now=LATER)
    correct(measured, by_coordinator, weight="66.0")
    close_query(query=query, by=by_monitor, now=LATER)
    assert [bool(step.change) for step in query.steps.all()] == [False, False, True]


def test_a_form_entered_after_it_was_asked_for_is_linked(
    participant: Participant, by_coordinator: Actor, by_monitor: Actor
) -> None:
    missing = ask(at(participant, "weight"), by_monitor)
    assert missing.record_id is None
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=LATER)
    answer_query(query=missing, words="Entered.", by=by_coordinator, now=LATER)
    (followed,) = changes_linked([missing]).values()
    assert (followed.before, followed.after) == ("", "65.0 kg")


def an_event(participant: Participant, by: Actor) -> Any:
    return enter(participant, "AE", EVENT, missing=NOT_GIVEN, by=by, now=LATER)


def test_a_query_outlives_the_record_it_is_about(
    measured: Participant, by_coordinator: Actor, by_monitor: Actor
) -> None:
    event = an_event(measured, by_coordinator)
    place = Place(measured, log_of(measured), "AE", event.repeat, "aetoxgr")
    query = ask(place, by_monitor)
    remove_record(record=event, revision=event.revision, by=by_coordinator, now=LATER, reason="Entered twice")
    answer_query(query=query, words="It was entered twice.", by=by_coordinator, now=LATER)
    close_query(query=query, by=by_monitor, now=LATER)
    (followed,) = set(changes_linked([query]).values())
    assert followed.removed
    with pytest.raises(Refused, match="may have been removed"):
        ask(place, by_monitor, "Again?")


# -- kept ----------------------------------------------------------------------------------------------


@pytest.mark.line("A5")
def test_every_step_is_in_the_trail_with_its_person(
    query: Query, by_coordinator: Actor, measured: Participant
) -> None:
    answer_query(query=query, words="Checked.", by=by_coordinator, now=LATER)
    entries = TrailEntry.objects.filter(relation__startswith="monitoring_query", participant_id=measured.pk)
    told = [(one.relation, one.operation, one.role) for one in entries.order_by("id")]
    assert told == [
        ("monitoring_query", "INSERT", "MONITOR"),
        ("monitoring_querystep", "INSERT", "MONITOR"),
        ("monitoring_query", "UPDATE", "COORDINATOR"),
        ("monitoring_querystep", "INSERT", "COORDINATOR"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM monitoring_query",
        "DELETE FROM monitoring_querystep",
        "UPDATE monitoring_querystep SET words = 'never said'",
    ],
)
def test_the_application_cannot_take_back_what_was_said(statement: str, query: Query) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert QueryStep.objects.get().words == WORDS


def test_age_counts_whole_days(query: Query) -> None:
    assert query.days(LATER + timedelta(hours=23, minutes=59)) == 0
    assert query.days(LATER + timedelta(days=2)) == 2


def test_a_refused_step_leaves_nothing_behind(query: Query, by_coordinator: Actor) -> None:
    with pytest.raises(Refused):
        raise_query(place=Place(query.participant), words="Why?", by=by_coordinator, now=START)
    assert QueryStep.objects.count() == 1
