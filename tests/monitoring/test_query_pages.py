"""The pages of queries: what they show to whom, what may be done there, and in how many statements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor
from accounts.models import Role, Site, User
from followup.actions import add_unscheduled_visit
from monitoring.actions.queries import answer_query, assign_query, close_query
from monitoring.models import Query
from monitoring.places import Place
from participants.actions import confirm_discrepancy
from participants.models import Discrepancy, Participant, Visit
from records import clock
from records.actions import remove_record
from tests.browsing import Page, at_the_desk
from tests.cast import make_participant, make_person
from tests.monitoring.asking import LATER, WORDS, ask, at
from tests.safety.entering import EVENT, NOT_GIVEN, enter, log_of
from trial_edc.demo.walks import VITAL_SIGNS, fill

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])
DRAWER = {"HX-Request": "true"}


def form_of(participant: Participant) -> str:
    visit = Visit.objects.get(participant=participant, code="SCR")
    return f"/visits/{visit.pk}/VS/"


def place_address(query: Query) -> str:
    return Place(query.participant, query.visit, query.form, query.repeat, query.item).address()


# -- one question from beginning to end ----------------------------------------------------------------


def test_a_question_goes_from_the_field_to_the_site_and_back(
    measured: Participant, monitor: User, coordinator: User
) -> None:
    asks, answers = at_the_desk(monitor), at_the_desk(coordinator)
    place = at(measured, "weight").address()
    assert place in Page(asks.get(form_of(measured))).addresses
    assert place not in Page(answers.get(form_of(measured))).addresses  # nothing was asked
    response = asks.post(place, {"words": WORDS})
    query = Query.objects.get()
    assert response.headers["Location"] == f"{place}#q{query.pk}"
    # The coordinator finds it at home, at the field and in the list.
    home = Page(answers.get("/"))
    assert "Queries to answer (1)" in home.text
    assert f"{place}#q{query.pk}" in home.addresses
    assert "Queries: 1 open" in Page(answers.get(form_of(measured))).text
    assert place in Page(answers.get(form_of(measured))).addresses
    answers.post(f"/monitoring/queries/{query.pk}/answer/", {"words": "Weighed again: it is right."})
    # The monitor finds the answer at home and closes.
    home = Page(asks.get("/"))
    assert "Answered queries, to close (1)" in home.text
    assert "Weighed again: it is right." in home.text
    asks.post(f"/monitoring/queries/{query.pk}/close/", {"words": ""})
    assert "Answered queries" not in Page(asks.get("/")).text
    query.refresh_from_db()
    assert query.is_closed
    page = Page(answers.get(place))
    for words in (WORDS, "Weighed again: it is right.", "Monitor", "Closed"):
        assert words in page.text


@LANGUAGES
def test_the_drawer_holds_the_conversation_and_the_marks_that_changed(
    query: Query, coordinator: User, language: str
) -> None:
    client = at_the_desk(coordinator, language)
    fragment = client.get(place_address(query), headers=DRAWER).content.decode()
    assert "<html" not in fragment and WORDS in fragment
    answer = client.post(f"/monitoring/queries/{query.pk}/answer/", {"words": "Yes."}, headers=DRAWER)
    drawn = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in drawn
    assert 'id="qm_weight"' in drawn and "query-answered" in drawn


def test_what_was_typed_is_kept_when_a_step_is_refused(
    query: Query, coordinator: User, by_coordinator: Actor
) -> None:
    answer_query(query=query, words="First.", by=by_coordinator, now=LATER)
    client = at_the_desk(coordinator)
    response = client.post(f"/monitoring/queries/{query.pk}/answer/", {"words": "Second."}, headers=DRAWER)
    assert response.status_code == 422
    assert "This was done already" in response.content.decode()
    assert Query.objects.get().steps.count() == 2


def test_an_empty_question_is_refused_at_its_field(measured: Participant, monitor: User) -> None:
    response = at_the_desk(monitor).post(at(measured, "weight").address(), {"words": " "})
    assert response.status_code == 422
    assert "Write what is asked." in Page(response).text


# -- who sees and does what ----------------------------------------------------------------------------


def test_people_of_another_site_find_nothing(query: Query, other_site: Site) -> None:
    stranger = at_the_desk(make_person("stranger", Role.MONITOR, other_site))
    assert "No queries here" in Page(stranger.get("/monitoring/queries/?state=ALL")).text
    assert stranger.get(place_address(query)).status_code == 404
    for verb in ("answer", "close", "reopen", "assign"):
        assert stranger.post(f"/monitoring/queries/{query.pk}/{verb}/", {"words": "x"}).status_code == 404
    assert "Nothing was asked yet" in Page(stranger.get("/monitoring/queries/counts/")).text


def test_the_wrong_role_is_refused(query: Query, coordinator: User, monitor: User) -> None:
    inspector = at_the_desk(make_person("inspector", Role.INSPECTOR))
    assert inspector.get(place_address(query)).status_code == 200
    for client, verbs in (
        (inspector, ("answer", "close", "reopen", "assign")),
        (at_the_desk(coordinator), ("close", "reopen")),
        (at_the_desk(monitor), ("answer",)),
    ):
        for verb in verbs:
            assert client.post(f"/monitoring/queries/{query.pk}/{verb}/", {"words": "x"}).status_code == 403
    assert at_the_desk(coordinator).post(place_address(query), {"words": "x"}).status_code == 403


def test_a_place_there_is_not_is_not_found(measured: Participant, monitor: User) -> None:
    client, visit = at_the_desk(monitor), Visit.objects.get(participant=measured, code="SCR").pk
    begins = f"/monitoring/queries/of/{measured.pk}/"
    for query in (
        "?form=VS",
        f"?visit={visit}&form=XX",
        f"?visit={visit}&form=VS&item=none",
        "?visit=999999",
    ):
        assert client.get(begins + query).status_code == 404, query
    for query in ("", f"?visit={visit}", f"?visit={visit}&form=VS", f"?visit={visit}&form=VS&repeat=x"):
        assert client.get(begins + query).status_code == 200, query
    assert client.post(f"/monitoring/queries/{1}/nothing/").status_code == 404


def test_a_query_is_assigned_and_then_found_under_assigned_to_me(
    query: Query, coordinator: User, monitor: User, site: Site
) -> None:
    second = make_person("second", Role.COORDINATOR, site)
    client = at_the_desk(monitor)
    client.post(f"/monitoring/queries/{query.pk}/assign/", {"to": str(second.pk)})
    assert Query.objects.get().assigned_to == second
    assert "Queries to answer (1)" in Page(at_the_desk(second).get("/")).text
    assert "Queries to answer" not in Page(at_the_desk(coordinator).get("/")).text  # theirs
    assert WORDS in Page(at_the_desk(second).get("/monitoring/queries/?whose=assigned")).text
    assert WORDS not in Page(at_the_desk(coordinator).get("/monitoring/queries/?whose=assigned")).text
    response = client.post(f"/monitoring/queries/{query.pk}/assign/", {"to": str(monitor.pk)})
    assert response.status_code == 422


# -- the list ------------------------------------------------------------------------------------------


@pytest.fixture
def second_height(measured: Participant, by_coordinator: Actor) -> Discrepancy:
    """A height 5 cm from that of screening, at an unscheduled visit: found by a check across forms."""
    add_unscheduled_visit(participant=measured, by=by_coordinator, now=LATER)
    answers = {**VITAL_SIGNS, "height": 175}
    fill(measured, "VS", answers, by=by_coordinator, now=LATER, visit_code="UNS", submit=False)
    return Discrepancy.objects.get()


@pytest.mark.line("M8")
def test_queries_at_unscheduled_visits_and_removed_records_are_in_the_list(
    measured: Participant, by_coordinator: Actor, by_monitor: Actor, monitor: User
) -> None:
    add_unscheduled_visit(participant=measured, by=by_coordinator, now=LATER)
    ask(at(measured, "weight", visit="UNS"), by_monitor, "At an unscheduled visit")
    event: Any = enter(measured, "AE", EVENT, missing=NOT_GIVEN, by=by_coordinator, now=LATER)
    ask(Place(measured, log_of(measured), "AE", event.repeat, "aetoxgr"), by_monitor, "At a removed event")
    remove_record(record=event, revision=event.revision, by=by_coordinator, now=LATER, reason="Entered twice")
    client = at_the_desk(monitor)
    page = Page(client.get("/monitoring/queries/"))
    for words in ("At an unscheduled visit", "At a removed event", "Adverse event"):
        assert words in page.text
    for address in page.addresses:
        if address.startswith("/monitoring/queries/of/"):
            assert client.get(address.partition("#")[0]).status_code == 200


def test_what_checks_found_stands_in_the_same_list(
    query: Query, second_height: Discrepancy, monitor: User, by_coordinator: Actor
) -> None:
    client = at_the_desk(monitor)
    page = Page(client.get("/monitoring/queries/"))
    assert "2 queries" in page.text and "X23" in page.text
    assert WORDS not in Page(client.get("/monitoring/queries/?origin=CHECK")).text
    assert "X23" in Page(client.get("/monitoring/queries/?check=X23")).text
    only_people = Page(client.get("/monitoring/queries/?origin=PERSON")).text
    assert WORDS in only_people and "1 query" in only_people
    confirm_discrepancy(discrepancy=second_height, comment="Measured twice", by=by_coordinator, now=LATER)
    assert "1 query" in Page(client.get("/monitoring/queries/")).text
    closed = Page(client.get("/monitoring/queries/?state=CLOSED")).text
    assert "Confirmed" in closed and "Measured twice" in closed


def test_a_confirmed_check_is_asked_again_and_answered_again(
    second_height: Discrepancy, monitor: User, coordinator: User, by_coordinator: Actor
) -> None:
    confirm_discrepancy(discrepancy=second_height, comment="Measured twice", by=by_coordinator, now=LATER)
    client = at_the_desk(monitor)
    address = f"/monitoring/queries/checks/{second_height.pk}/reopen/"
    assert client.post(address, {"words": ""}).status_code == 422
    assert at_the_desk(coordinator).post(address, {"words": "x"}).status_code == 403
    assert client.post(address, {"words": "Which of the two is right?"}).status_code == 302
    second_height.refresh_from_db()
    assert second_height.is_open
    assert "Checks to answer (1)" in Page(at_the_desk(coordinator).get("/")).text
    assert client.post(address, {"words": "Again?"}).status_code == 422
    page = Page(
        client.get(Place(second_height.participant, second_height.visit, "VS", 1, "height").address())
    )
    assert "Which of the two is right?" in page.text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", {"old", "young", "answered"}),
        ("state=OPEN", {"old", "young"}),
        ("state=ANSWERED", {"answered"}),
        ("state=CLOSED", {"closed"}),
        ("state=ALL", {"old", "young", "answered", "closed"}),
        ("state=nothing", {"old", "young", "answered"}),
        ("age=30", {"old"}),
        ("age=31", {"old", "young", "answered"}),
        ("form=VS", {"old", "young", "answered"}),
        ("form=LB", set()),
        ("participant=01-001", {"old", "young", "answered"}),
        ("participant=01-002", set()),
        ("whose=asked", {"old", "young", "answered"}),
        ("whose=assigned", set()),
        ("check=X23", set()),
        ("site=999999", set()),
    ],
)
def test_the_list_is_narrowed_by_codes_of_the_address(
    filters: str,
    found: set[str],
    measured: Participant,
    monitor: User,
    by_monitor: Actor,
    by_coordinator: Actor,
) -> None:
    now = LATER + timedelta(days=30)
    clock.move_to(now)
    ask(at(measured, "weight"), by_monitor, "the old one", now=LATER)
    ask(at(measured, "height"), by_monitor, "the young one", now=now)
    answered = ask(at(measured, "temp"), by_monitor, "the answered one", now=now)
    answer_query(query=answered, words="Yes.", by=by_coordinator, now=now)
    closed = ask(at(measured, "pulse"), by_monitor, "the closed one", now=now)
    close_query(query=closed, by=by_monitor, now=now)
    text = Page(at_the_desk(monitor).get(f"/monitoring/queries/?{filters}")).text
    assert {name for name in ("old", "young", "answered", "closed") if f"the {name} one" in text} == found


@LANGUAGES
def test_the_pages_speak_the_language_of_the_person(
    query: Query, second_height: Discrepancy, monitor: User, language: str
) -> None:
    client = at_the_desk(monitor, language)
    for address in (
        "/monitoring/queries/?state=ALL",
        "/monitoring/queries/counts/",
        place_address(query),
        Place(query.participant).address(),
        form_of(query.participant),
        "/participants/",
        f"/participants/{query.participant_id}/",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert Page(response).lang == {"en": "en", "zh-hans": "zh-Hans"}[language]
    words = {"en": "unsettled", "zh-hans": "未关闭"}[language]
    assert words in Page(client.get("/monitoring/queries/")).text


# -- marks elsewhere -----------------------------------------------------------------------------------


def test_open_queries_are_marked_on_the_matrix_and_with_the_participant(
    query: Query, second_height: Discrepancy, by_monitor: Actor, monitor: User, measured: Participant
) -> None:
    ask(Place(measured), by_monitor, "About the whole")
    client = at_the_desk(monitor)
    matrix = client.get("/participants/").content.decode()
    assert matrix.count('<span class="asks">1</span>') == 2  # screening, and the unscheduled visit
    assert "1 open query" in matrix
    page = Page(client.get(f"/participants/{measured.pk}/"))
    assert "About the whole" in page.text and WORDS in page.text


# -- the number of statements --------------------------------------------------------------------------


def statements(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def many(measured: Participant, site: Site, by_monitor: Actor, by_coordinator: Actor, number: int) -> None:
    for place in range(number):
        other = make_participant(site, by_coordinator, initials=f"Z{chr(65 + place)}", now=LATER)
        query = ask(Place(other), by_monitor, f"Question {place}")
        if place % 2:
            assign_query(query=query, to=by_coordinator.person, by=by_monitor, now=LATER)
        for item in ("weight", "height", "temp"):
            ask(at(measured, item), by_monitor, f"Question {place}")


@pytest.mark.parametrize("where", ["list", "counts", "home", "matrix", "participant", "place", "form"])
def test_pages_take_as_many_statements_with_many_queries_as_with_one(
    where: str,
    query: Query,
    measured: Participant,
    site: Site,
    by_monitor: Actor,
    by_coordinator: Actor,
    monitor: User,
    coordinator: User,
) -> None:
    address = {
        "list": "/monitoring/queries/?state=ALL",
        "counts": "/monitoring/queries/counts/",
        "home": "/",
        "matrix": "/participants/",
        "participant": f"/participants/{measured.pk}/",
        "place": at(measured, "weight").address(),
        "form": form_of(measured),
    }[where]
    clients = [at_the_desk(monitor), at_the_desk(coordinator)]
    assign_query(query=query, to=by_coordinator.person, by=by_monitor, now=LATER)
    before = [statements(client, address) for client in clients]
    many(measured, site, by_monitor, by_coordinator, 6)
    assert [statements(client, address) for client in clients] == before


def test_the_form_page_reads_all_queries_in_one_statement(
    query: Query, measured: Participant, monitor: User
) -> None:
    client = at_the_desk(monitor)
    client.get(form_of(measured))
    with CaptureQueriesContext(connection) as captured:
        client.get(form_of(measured))
    assert sum("monitoring_query" in one["sql"] for one in captured.captured_queries) == 1
