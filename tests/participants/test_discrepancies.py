"""Checks across forms: found on either side, closed by a correction, confirmed with a comment, found again."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor
from accounts.models import Site, User
from followup.actions import add_unscheduled_visit
from participants.actions import confirm_discrepancy, run_daily_checks
from participants.cross_checks import cross_checks
from participants.models import Discrepancy, DiscrepancyStep, Participant, Visit
from participants.workflow import DISCREPANCY_MOVES, DiscrepancyState
from records.definition import forms
from records.findings import Refused
from tests.browsing import Page, at_the_desk
from tests.cast import START, make_person
from trial_edc.demo.walks import VITAL_SIGNS, fill

LATER = START + timedelta(days=30)


@pytest.fixture
def second_visit(participant: Participant, by_coordinator: Actor) -> Visit:
    fill(participant, "VS", VITAL_SIGNS, by=by_coordinator, now=START)
    return add_unscheduled_visit(participant=participant, by=by_coordinator, now=LATER)


def measure(
    participant: Participant, by: Actor, *, visit: str = "UNS", reason: str = "", **signs: Any
) -> Any:
    answers = {**VITAL_SIGNS, **{name: Decimal(value) for name, value in signs.items()}}
    return fill(participant, "VS", answers, by=by, now=LATER, visit_code=visit, submit=False, reason=reason)


def found() -> list[tuple[str, str, str]]:
    return list(Discrepancy.objects.order_by("id").values_list("check_id", "item", "status"))


def test_what_does_not_fit_is_found_when_the_second_form_is_saved(
    participant: Participant, second_visit: Visit, by_coordinator: Actor
) -> None:
    record = measure(participant, by_coordinator, height="173.1")
    assert found() == [("X23", "height", "OPEN")]
    one = Discrepancy.objects.get()
    assert (one.record_id, one.visit, one.message_en) == (
        record.pk,
        second_visit,
        "The height was 170.0 cm at Screening and is 173.1 cm here. Correct one of them, or confirm.",
    )
    assert "170.0 cm" in one.message_zh


@pytest.mark.parametrize(("height", "expected"), [("173.0", 0), ("173.1", 1), ("167.0", 0), ("166.9", 1)])
def test_height_may_differ_by_three_centimetres(
    participant: Participant, second_visit: Visit, by_coordinator: Actor, height: str, expected: int
) -> None:
    measure(participant, by_coordinator, height=height)
    assert len(found()) == expected


def test_a_correction_on_the_other_side_closes_it(
    participant: Participant, second_visit: Visit, by_coordinator: Actor
) -> None:
    measure(participant, by_coordinator, height="175.0")
    measure(participant, by_coordinator, visit="SCR", height="174.0", reason="Misread")
    assert found() == [("X23", "height", "CLOSED")]
    steps = DiscrepancyStep.objects.values_list("status", "by__username")
    assert list(steps) == [("OPEN", "coordinator"), ("CLOSED", "coordinator")]


def test_confirmed_it_stays_confirmed_until_it_says_something_else(
    participant: Participant, second_visit: Visit, by_coordinator: Actor
) -> None:
    measure(participant, by_coordinator, height="175.0")
    confirm_discrepancy(
        discrepancy=Discrepancy.objects.get(), comment="Measured twice", by=by_coordinator, now=LATER
    )
    measure(participant, by_coordinator, height="175.0", weight="66.0")
    assert found() == [("X23", "height", "CONFIRMED")]
    measure(participant, by_coordinator, height="176.0")
    assert found() == [("X23", "height", "OPEN")]


def test_settled_and_found_again_it_is_opened_again(
    participant: Participant, second_visit: Visit, by_coordinator: Actor
) -> None:
    for height in ("175.0", "171.0", "175.0"):
        measure(participant, by_coordinator, height=height)
    assert found() == [("X23", "height", "OPEN")]
    assert list(DiscrepancyStep.objects.values_list("status", flat=True)) == ["OPEN", "CLOSED", "OPEN"]


def test_a_change_no_check_reads_asks_nothing(
    participant: Participant,
    second_visit: Visit,
    by_coordinator: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measure(participant, by_coordinator, height="175.0")
    before = DiscrepancyStep.objects.count()
    measure(participant, by_coordinator, height="175.0", temp="36.9")
    assert DiscrepancyStep.objects.count() == before
    assert not any(check.concerns("VS", {"temp"}) for check in cross_checks())


@pytest.mark.parametrize("comment", ["", "   "])
def test_confirming_needs_a_comment(
    participant: Participant, second_visit: Visit, by_coordinator: Actor, comment: str
) -> None:
    measure(participant, by_coordinator, height="175.0")
    with pytest.raises(Refused, match="Write why"):
        confirm_discrepancy(
            discrepancy=Discrepancy.objects.get(), comment=comment, by=by_coordinator, now=LATER
        )


def test_what_is_answered_is_not_answered_twice(
    participant: Participant, second_visit: Visit, by_coordinator: Actor
) -> None:
    measure(participant, by_coordinator, height="175.0")
    one = Discrepancy.objects.get()
    confirm_discrepancy(discrepancy=one, comment="Measured twice", by=by_coordinator, now=LATER)
    with pytest.raises(Refused, match="answered already"):
        confirm_discrepancy(discrepancy=one, comment="Again", by=by_coordinator, now=LATER)


def test_the_daily_run_changes_nothing_the_second_time(
    participant: Participant, second_visit: Visit, by_coordinator: Actor
) -> None:
    measure(participant, by_coordinator, height="175.0")
    before = (found(), DiscrepancyStep.objects.count())
    for _turn in range(2):
        run_daily_checks(by=SYSTEM, now=LATER)
    assert (found(), DiscrepancyStep.objects.count()) == before


def test_it_stands_at_the_form_on_the_page_of_the_participant_and_at_home(
    participant: Participant,
    second_visit: Visit,
    by_coordinator: Actor,
    coordinator: User,
    at_start: datetime,
) -> None:
    measure(participant, by_coordinator, height="175.0")
    client = at_the_desk(coordinator)
    one = Discrepancy.objects.get()
    form = f"/visits/{second_visit.pk}/VS/"
    assert "The height was 170.0 cm" in Page(client.get(form)).text
    assert "#id_height" in Page(client.get(form)).addresses
    assert "The height was 170.0 cm" in Page(client.get(f"/participants/{participant.pk}/")).text
    assert "Checks to answer (1)" in Page(client.get("/")).text
    assert "筛选身高为170.0 cm" in Page(at_the_desk(coordinator, "zh-hans").get(form)).text
    client.post(f"/discrepancies/{one.pk}/confirm/", {"comment": "Measured twice"})
    assert "Measured twice" in Page(client.get(form)).text
    assert "Checks to answer" not in Page(client.get("/")).text


def test_readers_and_other_sites_answer_nothing(
    participant: Participant, second_visit: Visit, by_coordinator: Actor, site: Site, other_site: Site
) -> None:
    measure(participant, by_coordinator, height="175.0")
    address = f"/discrepancies/{Discrepancy.objects.get().pk}/confirm/"
    assert at_the_desk(make_person("m", "MONITOR", site)).post(address, {"comment": "x"}).status_code == 403
    elsewhere = at_the_desk(make_person("c", "COORDINATOR", other_site))
    assert elsewhere.post(address, {"comment": "x"}).status_code == 404
    assert found() == [("X23", "height", "OPEN")]


def test_every_check_reads_items_that_exist() -> None:
    for check in cross_checks():
        for code, items in check.reads.items():
            model = forms()[code]
            known = {field.name for field in model._meta.get_fields()}
            assert set(items) <= known, (check.id, code)
    ids = [check.id for check in cross_checks()]
    assert len(ids) == len(set(ids))


def test_every_state_can_be_left() -> None:
    assert set(DISCREPANCY_MOVES) == set(DiscrepancyState)
    assert all(DISCREPANCY_MOVES.values())
