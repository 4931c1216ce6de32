"""The MDT's review: what it asks, when it is in time, and which decisions go with which result."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.access import Actor
from arms.models import ResectabilityReview
from participants.models import Participant, Visit
from records.checks import Entry, findings_of, settle
from records.findings import Refused
from records.items import items_of
from records.study import SETTINGS
from tests.arms.conftest import NOON
from trial_edc.demo.after_treatment import decide
from trial_edc.demo.walks import walk_through_cycle, walk_through_review, walk_to_haic_done

ENDED = date(2026, 9, 1)
ANSWERS = {
    "resdtc": ENDED + timedelta(days=25),
    "resres": "NOTYET",
    "reswhy": ["NOTSHRUNK"],
    "surgcontra": "N",
}


def found(answers: dict[str, Any], **known: Any) -> list[tuple[str, str]]:
    context = {
        "today": date(2027, 6, 1),
        "now": NOON + timedelta(days=300),
        "icfdtc": None,
        "arm": "HAIC",
        "visit_code": "H-R2",
        "cycles": 2,
        "last_end": ENDED,
        "treated_on": ENDED,
        "settings": {key: setting.default for key, setting in SETTINGS.items()},
        **known,
    }
    entry = Entry({item.name: None for item in items_of(ResectabilityReview)} | ANSWERS | answers)
    settle(ResectabilityReview, entry, context)
    return [
        (one.item, str(one.level)) for one in findings_of(ResectabilityReview, entry, context, complete=True)
    ]


@pytest.mark.parametrize(
    ("days", "known", "expected"),
    [
        (20, {}, [("resdtc", "SOFT")]),
        (21, {}, []),
        (35, {}, []),
        (36, {}, [("resdtc", "SOFT")]),
        (36, {"visit_code": "UNS"}, []),
        (36, {"last_end": None}, []),
        (89, {"visit_code": "Y-M3", "arm": "Y90"}, [("resdtc", "SOFT")]),
        (90, {"visit_code": "Y-M3", "arm": "Y90"}, []),
        (120, {"visit_code": "Y-M3", "arm": "Y90"}, []),
        (121, {"visit_code": "Y-M3", "arm": "Y90"}, [("resdtc", "SOFT")]),
        (152, {"visit_code": "Y-M5", "arm": "Y90"}, []),
    ],
)
def test_reviews_the_protocol_foresees_have_a_window(
    days: int, known: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found({"resdtc": ENDED + timedelta(days=days), "nextstep": "OBSERVE"}, **known) == expected


@pytest.mark.parametrize(
    ("answers", "known", "expected"),
    [
        ({}, {}, [("nextstep", "HARD")]),
        ({"nextstep": "OBSERVE", "reswhy": None}, {}, [("reswhy", "HARD")]),
        ({"nextstep": "CONTINUE_HAIC"}, {}, []),
        ({"nextstep": "CONTINUE_HAIC"}, {"cycles": 3}, []),
        ({"nextstep": "CONTINUE_HAIC"}, {"cycles": 4}, [("nextstep", "HARD")]),
        ({"nextstep": "CONTINUE_HAIC"}, {"arm": "Y90"}, [("nextstep", "HARD")]),
        ({"nextstep": "CONTINUE_HAIC", "resres": "PROGRESSION"}, {}, [("nextstep", "SOFT")]),
        ({"nextstep": "OBSERVE", "resres": "RESECTABLE"}, {}, [("nextstep", "SOFT")]),
        (
            {"nextstep": "HEPATECTOMY", "resres": "RESECTABLE"},
            {},
            [("flr2", "HARD"), ("icgr15", "HARD")],
        ),
        (
            {"nextstep": "HEPATECTOMY", "resres": "RESECTABLE", "flr2": 45, "icgr15": 29},
            {},
            [],
        ),
        (
            {"nextstep": "HEPATECTOMY", "resres": "RESECTABLE", "flr2": 45, "icgr15": 30},
            {},
            [("icgr15", "SOFT")],
        ),
        (
            {"nextstep": "HEPATECTOMY", "resres": "UNRESECTABLE", "flr2": 45, "icgr15": 9},
            {},
            [("nextstep", "SOFT")],
        ),
        ({"nextstep": "OBSERVE", "surgcontra": "Y"}, {}, [("surgcontrad", "HARD")]),
    ],
)
def test_result_and_decision(
    answers: dict[str, Any], known: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(answers, **known) == expected


def test_cycle_3_follows_the_review_and_a_later_review_can_take_it_back(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    review = at_start + timedelta(days=49)
    walk_through_review(eligible, "H-R2", by=by_coordinator, now=review, nextstep="CONTINUE_HAIC")
    third = Visit.objects.get(participant=eligible, code="H-C3")
    assert third.status == "PLANNED"
    eligible.refresh_from_db()
    with pytest.raises(Refused, match="reason for the change"):
        decide(eligible, "H-R2", by=by_coordinator, now=review, nextstep="OBSERVE")
    walk_through_cycle(eligible, 3, by=by_coordinator, start=review + timedelta(days=2))
    eligible.refresh_from_db()
    assert eligible.status == "ON_TREATMENT"
    assert Visit.objects.get(participant=eligible, code="H-C4").status == "PLANNED"


def test_a_draft_of_a_review_decides_nothing(
    eligible: Participant, by_coordinator: Actor, by_investigator: Actor, at_start: datetime
) -> None:
    walk_to_haic_done(eligible, by=by_coordinator, investigator=by_investigator, now=at_start)
    review = Visit.objects.get(participant=eligible, code="H-R2")
    ResectabilityReview.objects.create(
        participant=eligible,
        visit=review,
        resdtc=date(2026, 10, 20),
        nextstep="CONTINUE_HAIC",
        entered_at=at_start,
    )
    assert ResectabilityReview.objects.get().decision is None
    with pytest.raises(ValueError, match="got 0"):  # there is no such visit
        walk_through_cycle(eligible, 3, by=by_coordinator, start=at_start + timedelta(days=60))
