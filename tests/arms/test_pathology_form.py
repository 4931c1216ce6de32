"""The specimen: what is left of each lesion adds up, and the pathological response follows from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import Actor
from arms.models import Hepatectomy, Pathology, SpecimenLesion
from participants.models import Participant
from participants.selectors import anchor_dates
from records.actions import remove_record
from records.study import SETTINGS
from tests.arms.conftest import NOON
from trial_edc.demo.after_treatment import OPERATION, walk_through_surgery
from trial_edc.demo.filling import CONFIRMED, fill
from trial_edc.demo.walks import walk_through_review, walk_to_haic_done

CONTEXT = {
    "today": NOON.date(),
    "now": NOON,
    "settings": {key: setting.default for key, setting in SETTINGS.items()},
}


def lesion(viable: int | None, necrosis: int | None = None, lesfibr: int | None = None) -> dict[str, Any]:
    return {"viable": viable, "necrosis": necrosis, "lesfibr": lesfibr}


def response(*lesions: dict[str, Any], lnpos: int | None = 0, **settings: Any) -> tuple[Any, Any]:
    context = {**CONTEXT, "settings": {**CONTEXT["settings"], **settings}}  # type: ignore[dict-item]
    derived = Pathology.derive({"lesions": list(lesions), "lnpos": lnpos}, context)
    return derived["pcr"].value, derived["mpr"].value


@pytest.mark.parametrize(
    ("lesions", "lnpos", "expected"),
    [
        ([], 0, (None, None)),
        ([lesion(0)], 0, ("Y", "Y")),
        ([lesion(0), lesion(0)], None, (None, "Y")),
        ([lesion(0)], 1, ("N", "Y")),
        ([lesion(10)], 0, ("N", "Y")),
        ([lesion(11)], 0, ("N", "N")),
        ([lesion(0), lesion(None)], 0, (None, None)),
        ([lesion(5), lesion(None)], 0, ("N", None)),
        ([lesion(60), lesion(None)], 0, ("N", "N")),
        ([lesion(0), lesion(50)], 0, ("N", "N")),
    ],
)
def test_the_response_rests_on_every_lesion(
    lesions: list[dict[str, Any]], lnpos: int | None, expected: tuple[Any, Any]
) -> None:
    assert response(*lesions, lnpos=lnpos) == expected


def test_the_limit_of_a_major_response_is_a_setting() -> None:
    assert response(lesion(30)) == ("N", "N")
    assert response(lesion(30), pathology_mpr=30) == ("N", "Y")
    assert response(lesion(31), pathology_mpr=30) == ("N", "N")


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8))
def test_a_complete_response_is_a_major_one(shares: list[int]) -> None:
    pcr, mpr = response(*(lesion(share) for share in shares))
    assert pcr in ("Y", "N")
    assert mpr in ("Y", "N")
    assert not (pcr == "Y" and mpr == "N")


def found(answers: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.item, str(one.level)) for one in Pathology.findings(answers, CONTEXT)]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"lesions": [lesion(20, 70, 10)]}, []),
        ({"lesions": [lesion(20, 70, 11)]}, [("lesions[0].necrosis", "HARD")]),
        ({"lesions": [lesion(20, 80), lesion(20, 81)]}, [("lesions[1].necrosis", "HARD")]),
        ({"lesions": [lesion(60, None, 41)]}, [("lesions[0].viable", "HARD")]),
        ({"histo": "NOVIABLE", "lesions": [lesion(0, 100)]}, []),
        ({"histo": "NOVIABLE", "lesions": [lesion(1, 90)]}, [("lesions[0].viable", "HARD")]),
        ({"lnexam": 3, "lnpos": 3}, []),
        ({"lnexam": 3, "lnpos": 4}, [("lnpos", "HARD")]),
        ({"rmargin": "R0", "rmarginw": Decimal("1.0")}, []),
        ({"rmargin": "R0", "rmarginw": Decimal("0.9")}, [("rmarginw", "SOFT")]),
        ({"rmargin": "R1", "rmarginw": Decimal("0.0")}, []),
    ],
)
def test_what_does_not_add_up(answers: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(answers) == expected


@pytest.fixture
def reviewed(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> Participant:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    at = at_start + timedelta(days=49)
    walk_through_review(eligible, "H-R2", by=by_coordinator, now=at, nextstep="HEPATECTOMY")
    return eligible


def test_surgery_specimen_and_complication_are_recorded(
    reviewed: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    at = at_start + timedelta(days=51)
    walk_through_surgery(reviewed, by=by_coordinator, now=at, viable=0, complication="II")
    record = Pathology.objects.get()
    assert (record.pcr, record.mpr, record.derived_by) == ("Y", "Y", "1 s0")
    assert SpecimenLesion.objects.get(record=record).participant == reviewed
    assert anchor_dates(reviewed)["A2"] == at.date()


def test_a_second_operation_leaves_a2_alone_and_the_first_resection_counts(
    reviewed: Participant, by_coordinator: Actor, at_start: datetime
) -> None:
    at = at_start + timedelta(days=51)
    explored = {"surgyn": "N", "noresrsn": "VESSEL", "surganat": None, "surgtype": None, "margin_i": None}
    common: dict[str, Any] = {"by": by_coordinator, "now": at + timedelta(days=60), "visit_code": "SURG"}
    for number, day, more in (
        (1, at, explored),
        (2, at + timedelta(days=20), {}),
        (3, at + timedelta(50), {}),
    ):
        answers = {**OPERATION, **more, "surgdtc": day.date(), "hospout": day.date() + timedelta(days=5)}
        confirmed = dict.fromkeys(answers, CONFIRMED)
        fill(reviewed, "SURG", answers, **common, repeat=number, confirmed=confirmed)
    assert anchor_dates(reviewed)["A2"] == (at + timedelta(days=20)).date()
    second = Hepatectomy.objects.get(repeat=2)
    remove_record(
        record=second, revision=second.revision, by=by_coordinator, now=common["now"], reason="Entered twice"
    )
    assert anchor_dates(reviewed)["A2"] == (at + timedelta(days=50)).date()
