"""Concomitant medication: complete, with a link to what it is taken for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from participants.models import Participant, Visit
from records.findings import Level, Refused
from tests.browsing import Page, at_the_desk
from tests.cast import START
from tests.safety.entering import EVENT, NOT_GIVEN, enter, log_of
from trial_edc.demo.walks import HISTORY, fill

DRUG: dict[str, Any] = {
    "cmtrt": "Tropisetron",
    "cmcat": "ANTIEMETIC",
    "cmdose": Decimal("5"),
    "cmdosu": "mg",
    "cmdosfrq": "QD",
    "cmroute": "INTRAVENOUS",
    "cmstdtc": "2026-09",
    "cmenrf": "Y",
    "cmindc": "vomiting",
}


def refusals(participant: Participant, answers: dict[str, Any], by: Actor) -> list[Any]:
    with pytest.raises(Refused) as refused:
        enter(participant, "CM", answers, by=by, now=START)
    return [(finding.item, finding.level) for finding in refused.value.findings]


def test_a_drug_is_entered_with_dose_frequency_and_route(
    participant: Participant, by_coordinator: Actor, at_start: Any
) -> None:
    record = enter(participant, "CM", DRUG, by=by_coordinator, now=START)
    assert (record.cmdose, record.cmdosu, record.cmstdtc) == (Decimal("5.000"), "mg", "2026-09")


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"cmenrf": "N"}, [("cmendtc", Level.HARD)]),
        ({"cmenrf": "N", "cmendtc": "2026-08"}, [("cmendtc", Level.HARD)]),
        ({"cmstdtc": "2026-10"}, [("cmstdtc", Level.HARD)]),
        ({"cmdose": Decimal("-1")}, [("cmdose", Level.HARD)]),
        ({"cmroute": None}, [("cmroute", Level.HARD)]),
        ({"cmaeno": 1}, [("cmaeno", Level.HARD)]),
        ({"cmmhno": 7}, [("cmmhno", Level.HARD)]),
    ],
)
def test_medication_is_checked(
    participant: Participant,
    by_coordinator: Actor,
    at_start: Any,
    changed: dict[str, Any],
    found: list[tuple[str, Level]],
) -> None:
    assert refusals(participant, {**DRUG, **changed}, by_coordinator) == found


def test_a_drug_may_be_taken_before_consent(
    participant: Participant, by_coordinator: Actor, at_start: Any
) -> None:
    ended = {"cmstdtc": "2019", "cmenrf": "N", "cmendtc": "2019"}
    assert enter(participant, "CM", {**DRUG, **ended}, by=by_coordinator, now=START).submitted


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_it_is_taken_for_is_chosen_from_what_there_is(
    participant: Participant, by_coordinator: Actor, coordinator: Any, at_start: Any, language: str
) -> None:
    enter(participant, "AE", EVENT, missing=NOT_GIVEN, by=by_coordinator, now=START)
    visit: Visit = log_of(participant)
    page = Page(at_the_desk(coordinator, language).get(f"/visits/{visit.pk}/CM/1/"))
    assert page.offered["cmaeno"] == ["", "1"]
    assert page.offered["cmmhno"] == [""]
    assert "1 · upper abdominal pain 2026-09-01" in page.text
    assert enter(participant, "CM", {**DRUG, "cmaeno": 1}, by=by_coordinator, now=START).cmaeno == 1


def test_a_condition_of_the_history_is_offered(
    participant: Participant, by_coordinator: Actor, coordinator: Any, at_start: Any
) -> None:
    fill(participant, "MH", HISTORY, by=by_coordinator, now=START, submit=False)
    client = at_the_desk(coordinator)
    address = f"/visits/{Visit.objects.get(participant=participant, code='SCR').pk}/MH/"
    posted = Page(client.get(address)).values
    row = {
        "conditions__rows": "n1",
        "conditions-n1-mhterm": "hypertension",
        "conditions-n1-mhenrf": "Y",
        "action": "save",
    }
    client.post(address, {**posted, **row})
    page = Page(client.get(f"/visits/{log_of(participant).pk}/CM/1/"))
    assert page.offered["cmmhno"] == ["", "1"]
    assert "1 · hypertension" in page.text
