"""Rows of a table inside a form, at the page and below it: added, corrected, removed, each with its own trail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.access import Actor
from accounts.models import User
from participants.models import Condition, MedicalHistory, Participant
from records.findings import Refused
from records.models import TrailEntry
from tests.browsing import Page, at_the_desk
from tests.casebook.desk import form_address, on_the_page, send
from tests.cast import START
from trial_edc.demo.walks import HISTORY, fill

HYPERTENSION = {
    "conditions-n1-mhterm": "Hypertension",
    "conditions-n1-mhstdtc": "2019",
    "conditions-n1-mhenrf": "Y",
    "conditions-n1-mhtoxgr": "2",
}
GOUT = {"conditions-n2-mhterm": "Gout", "conditions-n2-mhstdtc": "2021-3", "conditions-n2-mhenrf": "N"}


def type_rows(client: Client, participant: Participant, *keys: str, **typed: Any) -> Any:
    address = form_address(participant, "MH")
    return send(client, address, {"conditions__rows": list(keys), **typed})


@pytest.fixture
def two_rows(participant: Participant, coordinator: User) -> Client:
    client = at_the_desk(coordinator)
    answer = type_rows(client, participant, "n1", "n2", **HYPERTENSION, **GOUT)
    assert answer.status_code == 302
    return client


def test_rows_typed_are_stored_with_numbers_and_shown_again(
    two_rows: Client, participant: Participant
) -> None:
    stored = list(Condition.objects.order_by("number").values_list("number", "mhterm", "mhstdtc", "mhtoxgr"))
    assert stored == [(1, "Hypertension", "2019", 2), (2, "Gout", "2021-03", None)]
    page = Page(two_rows.get(form_address(participant, "MH")))
    assert page.values["conditions__rows"] == ["1", "2"]
    assert page.value("conditions-2-mhterm") == "Gout"


def test_the_row_kept_for_adding_is_not_part_of_what_is_sent(
    two_rows: Client, participant: Participant
) -> None:
    address = form_address(participant, "MH")
    assert "conditions-__key__-mhterm" in two_rows.get(address).content.decode()
    assert not [name for name in on_the_page(Page(two_rows.get(address))) if "__key__" in name]


def test_a_row_left_blank_is_no_row(participant: Participant, coordinator: User) -> None:
    answer = type_rows(at_the_desk(coordinator), participant, "n1", **{"conditions-n1-mhterm": " "})
    assert (answer.status_code, Condition.objects.count()) == (302, 0)


def test_a_number_is_never_given_twice(two_rows: Client, participant: Participant) -> None:
    type_rows(two_rows, participant, "1")
    assert list(Condition.objects.values_list("number", flat=True)) == [1]
    type_rows(two_rows, participant, "1", "n1", **{"conditions-n1-mhterm": "Diabetes"})
    assert list(Condition.objects.values_list("number", "mhterm")) == [(1, "Hypertension"), (3, "Diabetes")]


def test_what_is_wrong_stands_at_its_row_and_nothing_typed_is_lost(
    participant: Participant, coordinator: User
) -> None:
    wrong = {**HYPERTENSION, "conditions-n1-mhtoxgr": "6", **GOUT, "conditions-n2-mhstdtc": "March"}
    answer = type_rows(at_the_desk(coordinator), participant, "n1", "n2", **wrong)
    page = Page(answer)
    assert (answer.status_code, Condition.objects.count()) == (422, 0)
    assert "Condition 2: Start date" in page.text
    assert (page.value("conditions-n1-mhtoxgr"), page.value("conditions-n2-mhstdtc")) == ("6", "March")
    answer = type_rows(
        at_the_desk(coordinator), participant, "n1", **{**HYPERTENSION, "conditions-n1-mhtoxgr": "6"}
    )
    assert "Condition 1: CTCAE v4.03 grade at screening" in Page(answer).text


def test_a_date_ahead_is_refused_at_its_row(participant: Participant, coordinator: User) -> None:
    answer = type_rows(
        at_the_desk(coordinator), participant, "n1", **{**HYPERTENSION, "conditions-n1-mhstdtc": "2027"}
    )
    assert "Start date lies in the future" in Page(answer).text
    assert not Condition.objects.exists()


def test_a_rows_question_that_does_not_apply_is_cleared(
    participant: Participant, by_coordinator: Actor
) -> None:
    rows = [{"mhterm": "Gout", "mhenrf": "N", "mhtoxgr": 2}]
    fill(participant, "MH", {"conditions": rows}, by=by_coordinator, now=START, submit=False)
    assert Condition.objects.get().mhtoxgr is None


def test_rows_that_do_not_apply_any_more_are_removed_with_a_trace(
    participant: Participant, by_coordinator: Actor
) -> None:
    rows = [{"priortype": "TACE", "priordtc": "2025", "priordrug": "Epirubicin"}]
    with_treatment = {**HISTORY, "priortx": "Y", "prior_treatments": rows}
    fill(participant, "MH", with_treatment, by=by_coordinator, now=START)
    fill(participant, "MH", {"priortx": "N"}, by=by_coordinator, now=START, reason="Another person's report")
    removed = TrailEntry.objects.filter(relation="participants_priortreatment", operation="DELETE").get()
    assert removed.changes["priortype"] == ["TACE", None]
    assert (removed.reason, removed.participant_id) == ("Another person's report", participant.pk)


def test_a_submitted_form_asks_for_a_row_where_one_is_owed(
    participant: Participant, by_coordinator: Actor
) -> None:
    with pytest.raises(Refused) as refused:
        fill(participant, "MH", {**HISTORY, "priortx": "Y"}, by=by_coordinator, now=START)
    assert [(one.item, one.message.en) for one in refused.value.findings] == [
        ("prior_treatments", "Previous treatments: add at least one row.")
    ]


def test_an_unusual_answer_in_a_row_is_confirmed_there(
    participant: Participant, by_coordinator: Actor
) -> None:
    rows = [{"mhterm": "Heart failure", "mhstdtc": "2026-05", "mhenrf": "Y", "mhtoxgr": 3}]
    with pytest.raises(Refused, match="unusual") as refused:
        fill(participant, "MH", {**HISTORY, "conditions": rows}, by=by_coordinator, now=START)
    assert [one.item for one in refused.value.findings] == ["conditions-n1-mhtoxgr"]


def test_a_correction_in_a_row_needs_a_reason_and_raises_the_revision(
    participant: Participant, by_coordinator: Actor
) -> None:
    rows = [{"mhterm": "Gout", "mhstdtc": "2021", "mhenrf": "N"}]
    fill(participant, "MH", {**HISTORY, "conditions": rows}, by=by_coordinator, now=START)
    changed = [{"mhterm": "Gout", "mhstdtc": "2020", "mhenrf": "N"}]
    with pytest.raises(Refused, match="reason"):
        fill(participant, "MH", {"conditions": changed}, by=by_coordinator, now=START)
    fill(participant, "MH", {"conditions": changed}, by=by_coordinator, now=START, reason="Misread")
    assert MedicalHistory.objects.get().revision == 2


def test_saving_without_touching_rows_changes_nothing(
    participant: Participant, by_coordinator: Actor
) -> None:
    rows = [{"mhterm": "Gout", "mhstdtc": "2021", "mhenrf": "N"}]
    fill(participant, "MH", {**HISTORY, "conditions": rows}, by=by_coordinator, now=START)
    before = TrailEntry.objects.count()
    fill(participant, "MH", {}, by=by_coordinator, now=START)
    assert (TrailEntry.objects.count(), Condition.objects.count()) == (before, 1)


def test_each_row_has_its_own_history(two_rows: Client, participant: Participant) -> None:
    type_rows(two_rows, participant, "1", "2", **{"conditions-2-mhterm": "Gouty arthritis"})
    address = f"{form_address(participant, 'MH')}history/?item=conditions-2-mhterm"
    assert address in Page(two_rows.get(form_address(participant, "MH"))).addresses
    words = Page(two_rows.get(address)).text
    assert "Gout" in words
    assert "Gouty arthritis" in words
    assert "Hypertension" not in words


@pytest.mark.parametrize(
    "item", ["conditions-9-mhterm", "conditions-x-mhterm", "nothing-1-mhterm", "conditions-1-no"]
)
def test_the_history_of_no_row_is_not_found(two_rows: Client, participant: Participant, item: str) -> None:
    assert two_rows.get(f"{form_address(participant, 'MH')}history/?item={item}").status_code == 404


def test_rows_speak_chinese(participant: Participant, coordinator: User) -> None:
    page = Page(at_the_desk(coordinator, "zh-hans").get(form_address(participant, "MH")))
    assert "其他病史" in page.text
    assert "添加：疾病" in page.text


def test_the_page_takes_as_many_queries_with_many_rows(
    participant: Participant, coordinator: User, by_coordinator: Actor, django_assert_num_queries: Any
) -> None:
    client = at_the_desk(coordinator)
    address = form_address(participant, "MH")
    row = {"mhterm": "Gout", "mhenrf": "N"}
    fill(participant, "MH", {"conditions": [row]}, by=by_coordinator, now=START, submit=False)
    client.get(address)
    with django_assert_num_queries(12):
        client.get(address)
    fill(participant, "MH", {"conditions": [row] * 30}, by=by_coordinator, now=START, submit=False)
    with django_assert_num_queries(12):
        page = client.get(address)
    assert len(re.findall(r'name="conditions__rows" value="\d+"', page.content.decode())) == 30


def test_more_rows_than_a_form_takes_are_refused(participant: Participant, by_coordinator: Actor) -> None:
    with pytest.raises(Refused) as refused:
        fill(
            participant,
            "MH",
            {"conditions": [{"mhterm": "Gout"}] * 41},
            by=by_coordinator,
            now=START,
            submit=False,
        )
    assert [one.message.en for one in refused.value.findings] == [
        "Other conditions: at most 40 rows can be entered."
    ]
