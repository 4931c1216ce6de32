"""Complications after surgery and treatment outside the protocol: what they ask, and when they can be entered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.access import Actor
from arms.models import OtherTreatment, PostoperativeComplication
from participants.models import Participant, Visit
from records.checks import Entry, findings_of, settle
from records.findings import Refused
from records.items import items_of
from records.study import SETTINGS
from tests.arms.conftest import NOON
from trial_edc.demo.filling import fill
from trial_edc.demo.walks import walk_to_haic_done

OPERATED = date(2026, 9, 1)
COMPLICATION = {
    "pocterm": "BLEEDING",
    "cdgrade": "II",
    "cdsuffd": "N",
    "pocdtc": OPERATED,
    "pocenrf": "Y",
    "reop": "N",
    "readm": "N",
}
TREATMENT = {
    "sacttype": "ABLATION",
    "sactint": "THERAPEUTIC",
    "sactstdtc": OPERATED,
    "sactenrf": "Y",
    "sactwhy": "RECURRENCE",
}


def found(model: type[Any], answers: dict[str, Any]) -> list[tuple[str, str, str]]:
    context = {
        "today": date(2027, 6, 1),
        "now": NOON + timedelta(days=300),
        "icfdtc": NOON - timedelta(days=60),
        "operated_on": OPERATED,
        "settings": {key: setting.default for key, setting in SETTINGS.items()},
    }
    entry = Entry({item.name: None for item in items_of(model)} | answers)
    settle(model, entry, context)
    return [
        (one.item, str(one.level), one.check) for one in findings_of(model, entry, context, complete=True)
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, []),
        ({"pocdtc": OPERATED - timedelta(days=1)}, [("pocdtc", "HARD", "")]),
        ({"pocdtc": OPERATED + timedelta(days=90)}, []),
        ({"pocdtc": OPERATED + timedelta(days=91)}, [("pocdtc", "SOFT", "")]),
        ({"pocenrf": "N"}, [("pocendtc", "HARD", "")]),
        ({"pocenrf": "N", "pocendtc": OPERATED}, []),
        (
            {"pocenrf": "N", "pocdtc": OPERATED + timedelta(days=2), "pocendtc": OPERATED},
            [("pocendtc", "HARD", "")],
        ),
        ({"cdgrade": "IIIA", "cdsuffd": "Y"}, []),
        ({"cdgrade": "V"}, [("cdgrade", "SOFT", "")]),
        ({"cdgrade": "V", "cdsuffd": "Y"}, [("cdgrade", "SOFT", ""), ("cdsuffd", "HARD", "")]),
        ({"pocterm": "PHLF"}, [("phlfgr", "HARD", "")]),
        ({"pocterm": "BILELEAK", "bilegr": "B"}, []),
        ({"pocterm": "OTHER"}, [("poctermd", "HARD", "")]),
    ],
)
def test_what_a_complication_asks(answers: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert found(PostoperativeComplication, {**COMPLICATION, **answers}) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, []),
        ({"sacttype": "TARGETED"}, [("sactdrug", "HARD", "")]),
        ({"sacttype": "TARGETED", "sactdrug": "Lenvatinib"}, []),
        ({"sactenrf": "N"}, [("sactendtc", "HARD", "")]),
        ({"sactenrf": "N", "sactendtc": OPERATED - timedelta(days=1)}, [("sactendtc", "HARD", "")]),
        ({"sactstdtc": OPERATED - timedelta(days=60)}, [("sactstdtc", "HARD", "X01")]),
    ],
)
def test_what_another_treatment_asks(answers: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert found(OtherTreatment, {**TREATMENT, **answers}) == expected


def test_a_complication_waits_for_the_operation(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    now = at_start + timedelta(days=60)
    with pytest.raises(Refused) as refused:
        fill(eligible, "POC", COMPLICATION, by=by_coordinator, now=now, visit_code="SURG")
    assert "Enter the hepatectomy" in refused.value.sentence.en  # type: ignore[union-attr]


def test_another_treatment_can_be_entered_from_consent_on_and_what_follows_treatment_cannot(
    participant: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    answers = {**TREATMENT, "sactstdtc": at_start.date()}
    fill(participant, "SACT", answers, by=by_coordinator, now=at_start, visit_code="LOG")
    assert OtherTreatment.objects.get().sacttype == "ABLATION"
    Visit.objects.filter(participant=participant, code="SCR").update(forms=["RES"])
    with pytest.raises(Refused):
        fill(participant, "RES", {}, by=by_coordinator, now=at_start, submit=False)
