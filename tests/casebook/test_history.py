"""The history of an item in the drawer, the whole trail of a participant, and values computed while one types."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from participants.models import Participant
from records.definition import forms
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, send, visit_of
from tests.casebook.test_form_page import VITALS

STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def history(person: User, participant: Participant, code: str, item: str, language: str = "en") -> str:
    response = at_the_desk(person, language).get(f"{form_address(participant, code)}history/?item={item}")
    assert response.status_code == 200
    return STAMP.sub("<when>", Page(response).text)


@pytest.mark.line("A8")
def test_every_change_with_person_role_and_reason_newest_first(
    participant: Participant, coordinator: User, investigator: User
) -> None:
    address = form_address(participant, "VS")
    send(at_the_desk(coordinator), address, {**VITALS, "pulse": "71"})
    send(at_the_desk(coordinator), address, VITALS, "submit")
    send(at_the_desk(investigator), address, {"pulse": "80", "reason": "misread from the chart"})

    assert history(coordinator, participant, "VS", "pulse") == (
        "72 80 misread from the chart <when> · Investigator · Investigator "
        "71 72 <when> · Coordinator · Site coordinator "
        "71 <when> · Coordinator · Site coordinator"
    )
    assert history(coordinator, participant, "VS", "pulse", "zh-hans") == (
        "72 80 misread from the chart <when> · Investigator · 研究者 "
        "71 72 <when> · Coordinator · 研究协调员（CRC） "
        "71 <when> · Coordinator · 研究协调员（CRC）"
    )


def test_reasons_for_missing_values_and_codes_are_in_words(
    participant: Participant, coordinator: User
) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    send(client, address, {"peabn": "Y", "temp__missing": "ND"})
    send(client, address, {"peabn": "N", "temp": "36.6", "temp__missing": ""})
    who = "<when> · Coordinator · Site coordinator"
    assert history(coordinator, participant, "VS", "peabn") == f"Yes No {who} Yes {who}"
    assert history(coordinator, participant, "VS", "temp") == f"Not done 36.6 {who} Not done {who}"
    zh = "<when> · Coordinator · 研究协调员（CRC）"
    assert history(coordinator, participant, "VS", "temp", "zh-hans") == f"未做 36.6 {zh} 未做 {zh}"


def test_a_change_of_unit_alone_is_a_change(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "LB")
    send(client, address, {"chemyn": "Y", "tbil": "15", "tbil_u": "µmol/L"})
    send(client, address, {"tbil_u": "mg/dL"})
    who = "<when> · Coordinator · Site coordinator"
    assert (
        history(coordinator, participant, "LB", "tbil")
        == f"15.00 µmol/L (≤ 23) 15.00 mg/dL (≤ 1.345) G4 {who} 15.00 µmol/L (≤ 23) {who}"
    )


def test_the_word_that_confirmed_a_value_is_in_its_history(
    participant: Participant, coordinator: User
) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    send(client, address, {**VITALS, "pulse": "120"})
    send(client, address, {"pulse__confirm": "after stairs"}, "submit")
    who = "<when> · Coordinator · Site coordinator"
    assert history(coordinator, participant, "VS", "pulse") == (
        f"120 120 Confirmed: after stairs {who} 120 {who}"
    )


@pytest.mark.line("T1")
def test_dates_of_the_trail_are_beijing_time(participant: Participant, coordinator: User) -> None:
    assert "2026-09-01 09:00 <when>" in history(coordinator, participant, "DM", "icfdtc").replace(
        "<when> <when>", "2026-09-01 09:00 <when>"
    )


def test_an_item_nothing_was_entered_for_says_so(participant: Participant, coordinator: User) -> None:
    assert history(coordinator, participant, "DM", "lactate") == "Nothing has been entered yet."


@pytest.mark.parametrize("item", ["", "nothing", "id", "state", "missing"])
def test_the_history_of_what_is_no_item_is_not_found(
    participant: Participant, coordinator: User, item: str
) -> None:
    address = f"{form_address(participant, 'DM')}history/?item={item}"
    assert at_the_desk(coordinator).get(address).status_code == 404


def test_a_form_nobody_began_has_no_history(participant: Participant, coordinator: User) -> None:
    page = Page(at_the_desk(coordinator).get(form_address(participant, "VS")))
    assert [address for address in page.addresses if "history" in address] == []
    address = f"{form_address(participant, 'VS')}history/?item=pulse"
    assert at_the_desk(coordinator).get(address).status_code == 404


def test_every_item_of_a_stored_form_leads_to_its_history(
    participant: Participant, coordinator: User
) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    send(client, address, VITALS)
    offered = {a for a in Page(client.get(address)).addresses if a.startswith(f"{address}history/")}
    assert f"{address}history/?item=bsa" in offered
    assert {client.get(where).status_code for where in offered} == {200}


def test_the_drawer_takes_a_constant_number_of_queries(
    participant: Participant, coordinator: User, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    send(client, address, {"pulse": "70"})
    with django_assert_num_queries(7):
        client.get(f"{address}history/?item=pulse")
    for pulse in range(71, 91):
        send(client, address, {"pulse": str(pulse)})
    with django_assert_num_queries(7):
        client.get(f"{address}history/?item=pulse")


# -- the whole trail -----------------------------------------------------------------------------------


def test_the_trail_of_a_participant_shows_every_entry(
    participant: Participant, coordinator: User, monitor: User
) -> None:
    send(at_the_desk(coordinator), form_address(participant, "VS"), {**VITALS, "pulse": "71"})
    text = Page(at_the_desk(monitor).get(f"/participants/{participant.pk}/trail/")).text
    assert "Vital signs, physical examination, ECOG INSERT" in text
    assert "Pulse 71" in text
    assert "Coordinator Site coordinator" in text
    assert text.count("INSERT") + text.count("UPDATE") == (
        TrailEntry.objects.filter(participant_id=participant.pk).count()
    )


def test_what_was_written_by_hand_is_marked_as_unattributed(
    participant: Participant, coordinator: User
) -> None:
    Participant.objects.filter(pk=participant.pk).update(initials="XY")
    text = Page(at_the_desk(coordinator).get(f"/participants/{participant.pk}/trail/")).text
    assert "unattributed" in text
    assert "ZQ XY" in text


# -- live values ---------------------------------------------------------------------------------------


def derived(client, participant: Participant, code: str, typed: dict) -> Page:  # type: ignore[no-untyped-def, type-arg]
    response = client.post(f"{form_address(participant, code)}derived/", typed)
    assert response.status_code == 200
    return Page(response)


def test_computed_values_follow_what_is_typed_and_nothing_is_stored(
    participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    before = TrailEntry.objects.count()
    page = derived(client, participant, "VS", {"height": "１70", "weight": "65"})
    assert (
        "Body surface area 1.75 m² Mosteller, height 170 cm, weight 65 kg; for verification only."
        in page.text
    )
    assert forms()["VS"]._default_manager.count() == 0
    assert TrailEntry.objects.count() == before


@pytest.mark.parametrize(
    "typed", [{}, {"height": "17o", "weight": "65"}, {"weight": "65"}, {"height": "0", "weight": "0"}]
)
def test_what_cannot_be_read_yet_counts_as_not_answered(
    participant: Participant, coordinator: User, typed: dict[str, str]
) -> None:
    text = derived(at_the_desk(coordinator), participant, "VS", typed).text
    assert "Body surface area –" in text


@pytest.mark.parametrize("code", list(forms()))
def test_every_form_computes_from_nothing(participant: Participant, coordinator: User, code: str) -> None:
    visit = visit_of(participant)
    type(visit).objects.filter(pk=visit.pk).update(forms=list(forms()))
    derived(at_the_desk(coordinator), participant, code, {})


def test_readers_compute_too_and_the_address_is_asked_by_a_form(
    participant: Participant, monitor: User
) -> None:
    client = at_the_desk(monitor)
    assert client.get(f"{form_address(participant, 'VS')}derived/").status_code == 405
    derived(client, participant, "VS", {"height": "170", "weight": "65"})
