"""The file of overrides says who asked, who confirmed, and keeps both when the plan is removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.access import Actor
from arms.models import ActivityPlan
from arms.oversight_actions import confirm_override, request_override
from participants.models import Participant
from records.actions import remove_record
from tests.arms.test_oversight import HIGH_SHUNT
from tests.exports.conftest import Files
from trial_edc.demo.walks import walk_to_eligible, walk_to_y90_planned


def test_an_override_is_exported_with_its_second_person_and_outlives_its_plan(
    participant: Participant,
    by_coordinator: Actor,
    by_investigator: Actor,
    at_start: datetime,
    export: Callable[..., Files],
) -> None:
    walk_to_eligible(participant, by=by_coordinator, investigator=by_investigator, now=at_start)
    plan = walk_to_y90_planned(
        participant, by=by_coordinator, investigator=by_investigator, now=at_start, plan=HIGH_SHUNT
    )
    assert isinstance(plan, ActivityPlan)
    later = at_start + timedelta(days=3)
    asked = [
        request_override(
            plan=plan, revision=plan.revision, code=code, reason="Split dose", by=by_coordinator, now=later
        )
        for code in ("LUNG_DOSE", "LUNG_SHUNT")
    ]
    confirm_override(override=asked[0], by=by_investigator, now=later)

    first, second = export().rows("overrides.csv")
    people = (str(by_coordinator.person_id), str(by_investigator.person_id))
    assert (first["CODE"], first["VISIT"], first["BY"], first["CONFBY"]) == ("LUNG_DOSE", "Y-MAP", *people)
    assert first["CONFAT"]
    assert (second["CODE"], second["BY"], second["CONFBY"], second["CONFAT"]) == (
        "LUNG_SHUNT",
        people[0],
        "",
        "",
    )

    remove_record(record=plan, revision=plan.revision, by=by_coordinator, now=later, reason="Somebody else's")
    kept = export().rows("overrides.csv")
    assert [(row["CODE"], row["VISIT"], row["CONFBY"]) for row in kept] == [
        ("LUNG_DOSE", "", people[1]),
        ("LUNG_SHUNT", "", ""),
    ]
