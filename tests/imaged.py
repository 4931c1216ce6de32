"""A participant in follow-up with a baseline of two targets and a thrombus, and later imaging in a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import Actor
from participants.actions import move_participant, set_anchor
from participants.models import Participant
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState
from tests.cast import START
from trial_edc.demo.imaging import baseline_of, image, non_target, target


@pytest.fixture
def imaged(participant: Participant, by_coordinator: Actor, by_investigator: Actor) -> Participant:
    """Somebody infused with Y-90 on 2026-09-05 whose baseline shows T01 of 60 mm, T02 of 40 mm and a thrombus."""
    image(
        participant,
        "SCR",
        by=by_coordinator,
        now=START,
        on=START.date() - timedelta(days=12),
        lesions=[
            target(1, Decimal(60), viadiam=Decimal(55)),
            target(2, Decimal(40), "S3", viadiam=Decimal(40)),
            non_target(1, "PV"),
        ],
    )
    for status in (ParticipantState.ELIGIBLE, ParticipantState.ASSIGNED, ParticipantState.ON_TREATMENT):
        move_participant(participant=participant, to=status, by=by_investigator, now=START)
    participant.arm = "Y90"
    participant.save()
    for anchor, day in ((Anchor.A0, date(2026, 9, 1)), (Anchor.A1, date(2026, 9, 5))):
        set_anchor(participant=participant, anchor=anchor, day=day, by=by_investigator, now=START)
    move_participant(participant=participant, to=ParticipantState.FOLLOW_UP, by=by_investigator, now=START)
    participant.refresh_from_db()
    return participant


def measure(
    participant: Participant,
    visit_code: str,
    on: date,
    by: Actor,
    sizes: Sequence[tuple[int | str, int | str]],
    **more: Any,
) -> Any:
    """Enter the imaging of a visit: longest and viable diameter of T01, T02; the thrombus stays."""
    known = baseline_of(participant)
    targets = [one for one in known if one["lescat"] == "TARGET"]
    lesions = [
        {
            **{name: one[name] for name in ("lnkid", "lescat", "lesloc")},
            "lesst": "PRESENT",
            "ldiam": Decimal(longest),
            "viadiam": Decimal(viable),
        }
        for one, (longest, viable) in zip(targets, sizes, strict=True)
    ]
    lesions += [non_target(1, "PV", lesst="PRESENT")]
    at = datetime.combine(on, START.timetz())
    return image(participant, visit_code, by=by, now=at, lesions=lesions, **more)
