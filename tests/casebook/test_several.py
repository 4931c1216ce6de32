"""Several records of one form at a visit: told apart in a list, added, numbered for good, removed with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.access import Actor
from accounts.models import User
from casebook.views import place
from participants.models import CaseReportForm, Participant, Visit
from participants.selectors import next_repeat
from records.actions import remove_record
from records.definition import forms
from records.findings import Overtaken, Refused
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page, send
from tests.cast import START, make_person
from trial_edc.demo.walks import fill


@pytest.fixture
def two_samples(participant: Participant, by_coordinator: Actor) -> Any:
    for repeat in (1, 2):
        fill(
            participant,
            "LB",
            {"hemyn": "Y", "wbc": 5},
            by=by_coordinator,
            now=START,
            submit=False,
            repeat=repeat,
        )
    return forms()["LB"]._default_manager


def test_the_first_opens_and_the_others_are_one_step_away(
    two_samples: Any, participant: Participant, coordinator: User
) -> None:
    address = form_address(participant, "LB")
    page = Page(at_the_desk(coordinator).get(address))
    assert page.value("wbc") == "5.00"
    assert {f"{address}1/", f"{address}2/", f"{address}new/"} <= set(page.addresses)


def test_a_new_one_is_begun_under_the_next_number(
    two_samples: Any, participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "LB")
    assert client.get(f"{address}new/").headers["Location"] == f"{address}3/"
    send(client, f"{address}3/", {"hemyn": "Y", "wbc": "6"})
    assert list(two_samples.order_by("repeat").values_list("repeat", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize("number", ["0", "4", "99"])
def test_a_number_that_is_neither_there_nor_next_is_not_found(
    two_samples: Any, participant: Participant, coordinator: User, number: str
) -> None:
    assert at_the_desk(coordinator).get(f"{form_address(participant, 'LB')}{number}/").status_code == 404


@pytest.mark.parametrize("page", ["", "derived/"])
def test_one_begun_by_a_request_beside_this_one_is_found(
    participant: Participant,
    coordinator: User,
    by_coordinator: Actor,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
) -> None:
    def submitted_meanwhile(model: type[CaseReportForm], visit: Visit) -> int:
        fill(participant, "LB", {"hemyn": "Y", "wbc": 5}, by=by_coordinator, now=START, submit=False)
        return next_repeat(model, visit)

    client = at_the_desk(coordinator)
    address = f"{form_address(participant, 'LB')}1/"
    typed = on_the_page(Page(client.get(address)))
    monkeypatch.setattr(place, "next_repeat", submitted_meanwhile)
    answer = client.post(f"{address}{page}", {**typed, "wbc": "6"})
    assert answer.status_code == (200 if page else 422)
    assert forms()["LB"]._default_manager.get().wbc == 5


def test_a_form_a_visit_has_one_of_has_no_second(participant: Participant, coordinator: User) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "MH")
    assert client.get(f"{address}1/").status_code == 200
    assert client.get(f"{address}2/").status_code == 404
    assert client.get(f"{address}new/").status_code == 404


def test_removing_needs_a_reason_and_keeps_what_it_was(
    two_samples: Any, participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    address = f"{form_address(participant, 'LB')}2/remove/"
    client.post(address, {"revision": "1", "reason": " "})
    assert two_samples.count() == 2
    client.post(address, {"revision": "1", "reason": "Entered for another participant"})
    assert list(two_samples.values_list("repeat", flat=True)) == [1]
    gone = TrailEntry.objects.get(relation="eligibility_laboratory", operation="DELETE")
    assert (gone.reason, gone.changes["repeat"]) == ("Entered for another participant", [2, None])


def test_the_number_of_a_removed_one_is_not_given_again(
    two_samples: Any, participant: Participant, coordinator: User, by_coordinator: Actor
) -> None:
    last = two_samples.get(repeat=2)
    remove_record(record=last, revision=1, by=by_coordinator, now=START, reason="Twice")
    address = form_address(participant, "LB")
    assert at_the_desk(coordinator).get(f"{address}new/").headers["Location"] == f"{address}3/"


def test_one_that_somebody_saved_meanwhile_is_not_removed(two_samples: Any, by_coordinator: Actor) -> None:
    with pytest.raises(Overtaken):
        remove_record(
            record=two_samples.get(repeat=2), revision=9, by=by_coordinator, now=START, reason="Twice"
        )


def test_a_form_a_visit_has_one_of_is_corrected_not_removed(
    participant: Participant, by_coordinator: Actor
) -> None:
    record = fill(participant, "VS", {"pulse": 70}, by=by_coordinator, now=START, submit=False)
    with pytest.raises(Refused, match="cannot be removed"):
        remove_record(record=record, revision=1, by=by_coordinator, now=START, reason="Wrong")


def test_readers_add_and_remove_nothing(two_samples: Any, participant: Participant, site: Any) -> None:
    client = at_the_desk(make_person("li", "MONITOR", site))
    address = form_address(participant, "LB")
    assert client.post(f"{address}2/remove/", {"revision": "1", "reason": "x"}).status_code == 403
    assert client.get(f"{address}new/").status_code == 403
    assert f"{address}new/" not in Page(client.get(address)).addresses


def test_a_list_tells_several_apart_and_opens_none_by_itself(
    participant: Participant, coordinator: User, by_coordinator: Actor
) -> None:
    for repeat, term in ((1, "恶心"), (2, "发热")):
        fill(
            participant, "AE", {"aeterm": term}, by=by_coordinator, now=START, submit=False, repeat=repeat,
            visit_code="LOG",
        )  # fmt: skip
    client = at_the_desk(coordinator)
    page = Page(client.get(form_address(participant, "AE", "LOG")))
    assert "恶心" in page.text
    assert "发热" in page.text
    assert "aeterm" not in page.values
    assert Page(client.get(form_address(participant, "AE", "LOG") + "2/")).value("aeterm") == "发热"


def test_forms_throughout_the_study_begin_no_visit_and_stay_open_after_screening_failed(
    participant: Participant, coordinator: User, by_coordinator: Actor
) -> None:
    Participant.objects.filter(pk=participant.pk).update(status="SCREEN_FAILURE")
    fill(participant, "AE", {"aeterm": "恶心"}, by=by_coordinator, now=START, submit=False, visit_code="LOG")
    assert Visit.objects.get(participant=participant, code="LOG").status == "PLANNED"
    page = Page(at_the_desk(coordinator).get(f"/participants/{participant.pk}/"))
    assert form_address(participant, "AE", "LOG") in page.addresses


def test_an_unscheduled_visit_is_numbered_after_the_last_that_began(
    participant: Participant, coordinator: User
) -> None:
    client = at_the_desk(coordinator)
    for _turn in range(2):
        client.post(f"/participants/{participant.pk}/unscheduled/")
    added = Visit.objects.filter(code="UNS").order_by("occurrence")
    assert [(str(visit.position), visit.status) for visit in added] == [
        ("10.01", "STARTED"),
        ("10.02", "STARTED"),
    ]
    page = Page(client.get(f"/participants/{participant.pk}/"))
    assert form_address_of(added[0]) in page.addresses


def form_address_of(visit: Visit) -> str:
    return f"/visits/{visit.pk}/SV/"


def test_nobody_who_left_the_trial_gets_another_visit(participant: Participant, coordinator: User) -> None:
    Participant.objects.filter(pk=participant.pk).update(status="DIED")
    client = at_the_desk(coordinator)
    client.post(f"/participants/{participant.pk}/unscheduled/")
    assert not Visit.objects.filter(code="UNS").exists()
    assert (
        f"/participants/{participant.pk}/unscheduled/"
        not in Page(client.get(f"/participants/{participant.pk}/")).addresses
    )
