"""What somebody typed into one of several records that was removed meanwhile: theirs to save anew, to copy or to drop."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.access import Actor
from accounts.models import Role, Site, User
from casebook.models import UnsavedEntry
from eligibility.models import AdverseEvent
from participants.models import Participant
from records.actions import remove_record
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page
from tests.cast import START, make_person, make_site
from trial_edc.demo.filling import fill

TYPED = {"aeterm": "fever after chemotherapy"}
REMOVED = "Number 2 was removed meanwhile."


@pytest.fixture
def address(participant: Participant, by_coordinator: Actor) -> str:
    """The page of the second of two adverse events."""
    for repeat, term in ((1, "nausea"), (2, "fever")):
        fill(
            participant, "AE", {"aeterm": term}, by=by_coordinator, now=START, submit=False, repeat=repeat,
            visit_code="LOG",
        )  # fmt: skip
    return f"{form_address(participant, 'AE', 'LOG')}2/"


def remove(by: Actor) -> None:
    remove_record(record=AdverseEvent.objects.get(repeat=2), revision=1, by=by, now=START, reason="Twice")


def typed_on(client: Client, address: str) -> dict[str, Any]:
    return {**on_the_page(Page(client.get(address))), **TYPED}


def terms() -> list[tuple[int, str | None]]:
    return list(AdverseEvent.objects.order_by("repeat").values_list("repeat", "aeterm"))


def test_a_save_shows_what_was_typed_and_saves_it_as_the_next(
    address: str, coordinator: User, by_coordinator: Actor
) -> None:
    client = at_the_desk(coordinator)
    typed = typed_on(client, address)
    client.post(f"{address}unsaved/", typed)
    remove(by_coordinator)
    answer = client.post(address, {**typed, "kept": "1", "action": "save"})
    page = Page(answer)
    assert answer.status_code == 422
    assert f"{REMOVED} What you typed stands below and is not saved: save it as number 3" in page.text
    assert page.value("aeterm") == TYPED["aeterm"]
    assert terms() == [(1, "nausea")]

    following = address.replace("/2/", "/3/")
    assert f'action="{following}"' in answer.content.decode()
    again: dict[str, Any] = {**on_the_page(page), "action": "save"}
    assert client.post(following, again).headers["Location"] == following
    assert terms() == [(1, "nausea"), (3, TYPED["aeterm"])]
    assert not UnsavedEntry.objects.exists()
    assert client.post(following, again).status_code == 302  # a double click
    assert len(terms()) == 2


def test_a_refusal_of_the_next_number_still_knows_where_it_came_from(
    address: str, coordinator: User, by_coordinator: Actor
) -> None:
    client = at_the_desk(coordinator)
    typed = typed_on(client, address)
    client.post(f"{address}unsaved/", typed)
    remove(by_coordinator)
    page = Page(client.post(address, {**typed, "kept": "1", "action": "save"}))
    following = address.replace("/2/", "/3/")
    refused = client.post(following, {**on_the_page(page), "aestdtc": "no day", "action": "save"})
    assert refused.status_code == 422
    client.post(following, {**on_the_page(Page(refused)), "aestdtc": "", "action": "save"})
    assert terms() == [(1, "nausea"), (3, TYPED["aeterm"])]
    assert not UnsavedEntry.objects.exists()


def test_typing_is_kept_and_taken_up_from_the_worklist(
    address: str, coordinator: User, by_coordinator: Actor
) -> None:
    client = at_the_desk(coordinator)
    typed = typed_on(client, address)
    remove(by_coordinator)
    assert client.post(f"{address}unsaved/", typed).status_code == 204
    assert client.post(f"{address}derived/", typed).status_code == 200
    kept = UnsavedEntry.objects.get()
    (taken,) = [where for where in Page(client.get("/")).addresses if where.endswith(f"?unsaved={kept.pk}")]
    answer = client.get(taken)
    page = Page(answer)
    assert answer.status_code == 200
    assert REMOVED in page.text
    assert "differ" not in page.text
    assert page.value("aeterm") == TYPED["aeterm"]
    # The page goes on keeping what is typed where it was kept before.
    assert f'data-keep="{address}unsaved/"' in answer.content.decode()
    assert client.post(f"{address}unsaved/", on_the_page(page)).status_code == 204
    assert UnsavedEntry.objects.get().pk == kept.pk
    client.post(address.replace("/2/", "/3/"), {**on_the_page(page), "action": "save"})
    assert terms() == [(1, "nausea"), (3, TYPED["aeterm"])]
    assert not UnsavedEntry.objects.exists()


def test_who_signed_in_meanwhile_is_told_both(
    address: str, coordinator: User, by_coordinator: Actor, site: Site
) -> None:
    typed = typed_on(at_the_desk(coordinator), address)
    remove(by_coordinator)
    other = at_the_desk(make_person("second", Role.COORDINATOR, site))
    page = Page(other.post(address, {**typed, "action": "save"}))
    assert "Somebody else typed this before you signed in." in page.text
    assert REMOVED in page.text
    assert page.value("aeterm") == TYPED["aeterm"]
    assert terms() == [(1, "nausea")]


@pytest.mark.parametrize("removed", [True, False])
def test_it_can_be_dropped(
    address: str, participant: Participant, coordinator: User, by_coordinator: Actor, removed: bool
) -> None:
    client = at_the_desk(coordinator)
    client.post(f"{address}unsaved/", typed_on(client, address))
    if removed:
        remove(by_coordinator)
    answer = client.post(f"{address}unsaved/drop/")
    listed = form_address(participant, "AE", "LOG")
    assert answer.headers["Location"] == (f"{listed}1/" if removed else address)
    assert client.get(answer.headers["Location"]).status_code == 200
    assert not UnsavedEntry.objects.exists()


def test_what_was_typed_into_a_form_that_left_the_visit_can_be_dropped(
    address: str, participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    client.post(f"{address}unsaved/", typed_on(client, address))
    UnsavedEntry.objects.update(form="HAIC")
    where = address.replace("/AE/", "/HAIC/")
    assert client.post(f"{where}unsaved/drop/").headers["Location"] == f"/participants/{participant.pk}/"
    assert not UnsavedEntry.objects.exists()


def test_a_form_that_is_closed_meanwhile_shows_what_was_typed_for_reading(
    address: str, coordinator: User, by_coordinator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = at_the_desk(coordinator)
    client.post(f"{address}unsaved/", typed_on(client, address))
    remove(by_coordinator)
    monkeypatch.setattr("casebook.views.entry._why_not", lambda request, place: "It is locked.")
    page = Page(client.get(f"{address}?unsaved={UnsavedEntry.objects.get().pk}"))
    assert f"{REMOVED} What you typed stands below and is not saved: copy what you need." in page.text
    assert page.value("aeterm") == TYPED["aeterm"]
    assert "Drop it" in page.text


def test_nobody_else_gets_there(address: str, coordinator: User, by_coordinator: Actor, site: Site) -> None:
    client = at_the_desk(coordinator)
    typed = typed_on(client, address)
    client.post(f"{address}unsaved/", typed)
    remove(by_coordinator)
    kept = UnsavedEntry.objects.get()
    assert client.get(address).status_code == 404
    assert client.get(f"{address}?unsaved={kept.pk + 1}").status_code == 404
    colleague = at_the_desk(make_person("second", Role.COORDINATOR, site))
    assert colleague.get(f"{address}?unsaved={kept.pk}").status_code == 404
    reader = at_the_desk(make_person("monitor", Role.MONITOR, site))
    assert reader.post(address, {**typed, "action": "save"}).status_code == 403
    stranger = at_the_desk(make_person("other", Role.COORDINATOR, make_site("09")))
    for where in ("", "unsaved/", "unsaved/drop/"):
        assert stranger.post(f"{address}{where}", typed).status_code == 404
    assert stranger.get(f"{address}?unsaved={kept.pk}").status_code == 404
    never = address.replace("/2/", "/4/")
    assert client.post(never, {**typed, "action": "save"}).status_code == 404
    assert client.post(f"{never}unsaved/", typed).status_code == 404
    assert UnsavedEntry.objects.count() == 1
