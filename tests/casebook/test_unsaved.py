"""What somebody typed and did not save: kept, offered to them alone, dropped, and never taken for data."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.access import Actor
from accounts.models import Role, Site, User
from casebook.models import UnsavedEntry
from eligibility.models import VitalSigns
from participants.models import Participant
from records import clock
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page, send
from tests.cast import START, make_participant, make_person, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def participant(site: Site, by_coordinator: Actor, at_start: Any) -> Participant:
    return make_participant(site, by_coordinator)


def type_into(client: Client, address: str, answers: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Type over a page and leave it; what the page sends by itself arrives."""
    typed = {**on_the_page(Page(client.get(address))), **answers}
    return typed, client.post(f"{address}unsaved/", typed)


def offers(page: Page) -> list[str]:
    return [where for where in page.addresses if where.startswith("?unsaved=")]


def test_what_was_typed_is_offered_again_and_is_no_data(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    before = TrailEntry.objects.count()
    _typed, answer = type_into(client, address, {"height": "170", "temp": "hot"})
    assert answer.status_code == 204
    assert not VitalSigns.objects.exists()
    assert TrailEntry.objects.count() == before

    page = Page(client.get(address))
    assert page.value("height") == ""
    (offer,) = offers(page)
    taken_up = client.get(address + offer)
    page = Page(taken_up)
    assert (page.value("height"), page.value("temp")) == ("170", "hot")
    assert "stands on this page again" in page.text
    assert offers(page) == []


def test_what_was_typed_goes_when_the_form_is_saved(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    type_into(client, address, {"height": "170"})
    type_into(client, address, {"height": "171"})
    assert UnsavedEntry.objects.count() == 2
    assert len(offers(Page(client.get(address)))) == 2
    send(client, address, {"height": "172", "kept": "1"})
    assert not UnsavedEntry.objects.exists()
    assert offers(Page(client.get(address))) == []


def test_a_refused_form_keeps_its_page(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    typed, _answer = type_into(client, address, {"height": "999"})
    refused = client.post(address, {**typed, "action": "save"})
    assert refused.status_code == 422
    assert Page(refused).value("page") == typed["page"][0]
    assert UnsavedEntry.objects.count() == 1


def test_a_page_keeps_its_last_state_alone(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    typed, _answer = type_into(client, address, {"height": "170"})
    client.post(f"{address}unsaved/", {**typed, "height": "175"})
    kept = UnsavedEntry.objects.get()
    assert kept.as_posted()["height"] == "175"
    assert {"csrfmiddlewaretoken", "action", "page"}.isdisjoint(kept.as_posted())


def test_what_was_typed_is_dropped_on_request(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    type_into(client, address, {"height": "170"})
    assert client.post(f"{address}unsaved/drop/").status_code == 302
    assert not UnsavedEntry.objects.exists()


def test_nobody_else_sees_what_somebody_typed(participant: Participant, coordinator: User) -> None:
    address = form_address(participant, "VS")
    type_into(at_the_desk(coordinator), address, {"height": "170"})
    kept = UnsavedEntry.objects.get()
    other_person = make_person("second", Role.COORDINATOR, participant.site)
    other = at_the_desk(other_person)
    assert offers(Page(other.get(address))) == []
    assert Page(other.get(f"{address}?unsaved={kept.pk}")).value("height") == ""
    # Nor does anybody write over it.
    answer = other.post(
        f"{address}unsaved/", {"page": str(kept.page), "typed_by": str(other_person.pk), "height": "1"}
    )
    assert answer.status_code == 409
    kept.refresh_from_db()
    assert kept.as_posted()["height"] == "170"
    other.post(f"{address}unsaved/drop/")
    assert UnsavedEntry.objects.exists()


def test_nothing_is_kept_for_who_does_not_enter_data(participant: Participant, site: Site) -> None:
    address = form_address(participant, "VS")
    monitor = at_the_desk(make_person("monitor", Role.MONITOR, site))
    assert monitor.post(f"{address}unsaved/", {"page": str(uuid.uuid4())}).status_code == 403
    elsewhere = at_the_desk(make_person("other", Role.COORDINATOR, make_site("09")))
    assert elsewhere.post(f"{address}unsaved/", {"page": str(uuid.uuid4())}).status_code == 404
    assert not UnsavedEntry.objects.exists()


def test_nothing_is_kept_under_the_name_of_who_signed_in_meanwhile(
    participant: Participant, coordinator: User
) -> None:
    address = form_address(participant, "VS")
    typed = {**on_the_page(Page(at_the_desk(coordinator).get(address))), "height": "170"}
    other = at_the_desk(make_person("second", Role.COORDINATOR, participant.site))
    assert other.post(f"{address}unsaved/", typed).status_code == 409
    assert not UnsavedEntry.objects.exists()


def test_nothing_is_saved_under_the_name_of_who_signed_in_meanwhile(
    participant: Participant, coordinator: User
) -> None:
    first, address = at_the_desk(coordinator), form_address(participant, "VS")
    typed, _answer = type_into(first, address, {"height": "170", "temp": "hot"})
    second = make_person("second", Role.COORDINATOR, participant.site)
    other = at_the_desk(second)
    answer = other.post(address, {**typed, "temp": "36.8", "kept": "1", "action": "save"})
    page = Page(answer)
    assert answer.status_code == 422
    assert "Somebody else typed this before you signed in. Nothing of it is saved" in page.text
    assert page.value("height") == "170"
    assert not VitalSigns.objects.exists()
    assert UnsavedEntry.objects.get().person == coordinator
    # They may take it over: on a page of their own, and knowingly.
    assert page.value("typed_by") == str(second.pk)
    assert page.value("page") != typed["page"][0]
    assert other.post(f"{address}unsaved/", on_the_page(page)).status_code == 204
    assert other.post(address, {**on_the_page(page), "action": "save"}).status_code == 302
    assert VitalSigns.objects.get().entered_by == second


def test_what_another_typed_is_compared_with_what_was_saved_since(
    participant: Participant, coordinator: User
) -> None:
    first, address = at_the_desk(coordinator), form_address(participant, "VS")
    typed: dict[str, Any] = {**on_the_page(Page(first.get(address))), "height": "170", "action": "save"}
    other = at_the_desk(make_person("second", Role.COORDINATOR, participant.site))
    send(other, address, {"height": "168"})
    answer = other.post(address, typed)
    assert answer.status_code == 422
    assert Page(answer).value("height") == "170"
    assert '"height": ["168.0"]' in answer.content.decode()


def test_typing_names_its_page(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    assert client.post(f"{address}unsaved/", {"height": "170"}).status_code == 400


def test_the_worklist_leads_back_to_it(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    type_into(client, address, {"height": "170"})
    kept = UnsavedEntry.objects.get()
    page = Page(client.get("/"))
    assert f"{address}?unsaved={kept.pk}" in page.addresses
    assert "Typed and not saved (1)" in page.text


def test_typing_over_a_form_saved_meanwhile_is_compared(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    send(client, address, {"height": "170"})
    type_into(client, address, {"height": "171", "weight": "65"})
    other = at_the_desk(make_person("second", Role.COORDINATOR, participant.site))
    clock.move_to(START + timedelta(minutes=5))
    send(other, address, {"height": "168"})
    (offer,) = offers(Page(client.get(address)))
    answer = client.get(address + offer)
    page = Page(answer)
    assert page.value("height") == "171"
    assert "168" in page.text
    assert '"height": ["168.0"]' in answer.content.decode()
    assert '"weight": []' in answer.content.decode()
    # They choose, and what they saw is what they save over.
    saved = client.post(address, {**on_the_page(page), "weight": "", "action": "save"})
    assert saved.status_code == 302
    stored = VitalSigns.objects.get()
    assert (str(stored.height), stored.weight) == ("171.0", None)


def test_a_double_click_is_saved_once(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "VS")
    typed: dict[str, Any] = {**on_the_page(Page(client.get(address))), "height": "170", "action": "save"}
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 302
    assert VitalSigns.objects.get().revision == 1
    # A different answer is another matter.
    assert client.post(address, {**typed, "height": "171"}).status_code == 422
    assert VitalSigns.objects.get().revision == 1


def test_a_double_click_on_rows_adds_them_once(participant: Participant, coordinator: User) -> None:
    client, address = at_the_desk(coordinator), form_address(participant, "MH")
    typed: dict[str, Any] = {
        **on_the_page(Page(client.get(address))),
        "mhyn": "Y",
        "conditions__rows": ["n1"],
        "conditions__shown": "1",
        "conditions-n1-mhterm": "Diabetes",
        "action": "save",
    }
    assert client.post(address, typed).status_code == 302
    again = client.post(address, typed)
    assert again.status_code == 302, Page(again).text
    assert client.post(address, {**typed, "conditions-n1-mhterm": "Gout"}).status_code == 422
