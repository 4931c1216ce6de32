"""The form of adverse events: what it computes, asks about, and never refuses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.access import Actor
from eligibility.models import AdverseEvent
from participants.models import Demographics, Participant
from records import clock
from records.findings import Level, Refused
from tests.cast import START
from tests.safety.entering import CRITERIA, EVENT, NOT_GIVEN, at, enter, serious

NOW = START + timedelta(days=60)


@pytest.fixture
def later(participant: Participant) -> datetime:
    clock.move_to(NOW)
    return NOW


def refusals(participant: Participant, answers: dict[str, Any], by: Actor, **more: Any) -> list[Any]:
    """What submitting is refused for: (item, level)."""
    more = {"missing": NOT_GIVEN, **more}
    with pytest.raises(Refused) as refused:
        enter(participant, "AE", answers, by=by, now=NOW, **more)
    return [(finding.item, finding.level) for finding in refused.value.findings]


def test_an_event_is_entered_with_the_verbatim_words_beside_the_term(
    participant: Participant, by_coordinator: Actor, later: datetime
) -> None:
    event = enter(participant, "AE", EVENT, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    assert (event.repeat, event.aeterm, event.aedecod) == (1, "upper abdominal pain", "Abdominal pain")
    assert event.aebodsys == "Gastrointestinal disorders"
    assert (event.aerelany, event.susar) == ("N", None) or event.susar == "N"
    again = enter(
        participant, "AE", {**EVENT, "aedecod": None}, missing=NOT_GIVEN, by=by_coordinator, now=NOW
    )
    assert (again.repeat, again.aebodsys) == (2, None)


@pytest.mark.parametrize(
    ("answers", "missing", "related"),
    [
        ({}, NOT_GIVEN, "N"),
        ({}, {}, None),
        ({"aerel_drug": "UNLIKELY"}, {**NOT_GIVEN, "aerel_drug": ""}, "N"),
        ({"aerel_drug": "POSSIBLE"}, {}, "Y"),
        ({"aerel_drug": "UNRELATED", "aerel_haic": "DEFINITE"}, NOT_GIVEN, "Y"),
        ({"aerel_drug": "UNRELATED"}, {}, None),
    ],
)
def test_related_means_possible_or_more_to_any_treatment_given(
    participant: Participant,
    by_coordinator: Actor,
    later: datetime,
    answers: dict[str, Any],
    missing: dict[str, str],
    related: str | None,
) -> None:
    given = {name: why for name, why in missing.items() if why and name not in answers}
    event = enter(
        participant, "AE", {**EVENT, **answers}, missing=given, submit=False, by=by_coordinator, now=NOW
    )
    assert event.aerelany == related


@pytest.mark.parametrize(
    ("answers", "susar"),
    [
        ({"saeexp": "N", "aerel_drug": "POSSIBLE"}, "Y"),
        ({"saeexp": "Y", "aerel_drug": "POSSIBLE"}, "N"),
        ({"saeexp": "N", "aerel_drug": "UNLIKELY"}, "N"),
        ({"saeexp": None, "aerel_drug": "POSSIBLE"}, None),
    ],
)
def test_a_susar_is_serious_related_and_unexpected(
    participant: Participant,
    by_coordinator: Actor,
    later: datetime,
    answers: dict[str, Any],
    susar: str | None,
) -> None:
    event = enter(
        participant,
        "AE",
        serious("2026-10-01 08:00", **answers),
        missing={name: "NA" for name in NOT_GIVEN if name != "aerel_drug"},
        submit=False,
        by=by_coordinator,
        now=NOW,
    )
    assert event.susar == susar


def test_an_initial_report_may_lack_almost_everything(
    participant: Participant, by_coordinator: Actor, later: datetime
) -> None:
    least = {"aeterm": "collapse", "aeser": "Y", "saeaware": at("2026-10-01 08:00"), "saenarr": "Collapsed."}
    event = enter(participant, "AE", least, submit=False, by=by_coordinator, now=NOW)
    assert not event.submitted


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"saenarr": "x" * 49}, [("saenarr", Level.HARD)]),
        ({"saenarr": "  " + "x" * 49 + "  "}, [("saenarr", Level.HARD)]),
        ({**CRITERIA}, [("aesdth", Level.HARD)]),
        ({"aeshosp": None}, [("aeshosp", Level.HARD)]),
        ({"saeaware": None}, [("saeaware", Level.HARD)]),
        ({"saerep": at("2026-10-01 07:59")}, [("saerep", Level.HARD)]),
        ({"saeec": at("2026-10-01 07:59")}, [("saeec", Level.HARD)]),
        ({"aestdtc": "2026-10-02"}, [("saeaware", Level.HARD)]),
        ({"aetoxgr": 5}, [("aetoxgr", Level.SOFT)]),
        ({"aeout": "FATAL", "aeendtc": "2026-10-03"}, [("aetoxgr", Level.SOFT), ("aeser", Level.SOFT)]),
        ({"aesdth": "Y"}, [("aesdth", Level.SOFT)]),
        ({"aetoxgr": 2}, [("aetoxgr", Level.HARD)]),
        ({"aeout": "RECOVERED"}, [("aeendtc", Level.HARD)]),
        ({"aeout": "RECOVERED", "aeendtc": "2026-09-30"}, [("aeendtc", Level.HARD)]),
    ],
)
def test_a_complete_report_of_a_serious_event_is_checked(
    participant: Participant,
    by_coordinator: Actor,
    later: datetime,
    changed: dict[str, Any],
    found: list[tuple[str, Level]],
) -> None:
    answers = serious("2026-10-01 08:00", **changed)
    assert refusals(participant, answers, by_coordinator) == found


def test_at_the_limits_nothing_is_asked(
    participant: Participant, by_coordinator: Actor, later: datetime
) -> None:
    answers = serious("2026-10-01 08:00", saerep=at("2026-10-02 08:00"), saenarr="x" * 50)
    event = enter(participant, "AE", answers, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    fatal = {"aetoxgr": 5, "aeout": "FATAL", "aeendtc": "2026-10-03", "aesdth": "Y"}
    enter(participant, "AE", fatal, repeat=event.repeat, reason="died", by=by_coordinator, now=NOW)
    assert AdverseEvent.objects.get().aetoxgr == 5


@pytest.mark.parametrize(
    "status", ["SCREENING", "SCREEN_FAILURE", "ASSIGNED", "WITHDRAWN", "DIED", "COMPLETED"]
)
def test_no_state_of_the_participant_keeps_an_event_from_being_saved(
    participant: Participant, by_coordinator: Actor, later: datetime, status: str
) -> None:
    Participant.objects.filter(pk=participant.pk).update(status=status)
    enter(participant, "AE", EVENT, missing=NOT_GIVEN, by=by_coordinator, now=NOW)
    correction = {"aetoxgr": 3}
    enter(participant, "AE", correction, repeat=1, reason="grade", by=by_coordinator, now=NOW)
    assert AdverseEvent.objects.get().aetoxgr == 3


def test_a_missing_consent_keeps_nothing_from_being_saved(
    participant: Participant, by_coordinator: Actor, later: datetime
) -> None:
    Demographics.objects.filter(participant=participant).update(icfdtc=None)
    assert enter(participant, "AE", EVENT, missing=NOT_GIVEN, by=by_coordinator, now=NOW).submitted


def test_follow_up_reports_are_rows_of_a_serious_event(
    participant: Participant, by_coordinator: Actor, later: datetime
) -> None:
    row = {"saefudtc": date(2026, 10, 3), "saefuinfo": "Drain removed."}
    answers = serious("2026-10-01 08:00")
    event = enter(
        participant, "AE", answers, missing=NOT_GIVEN, rows={"followups": [row]}, by=by_coordinator, now=NOW
    )
    assert [(one.number, one.saefuinfo) for one in event.followups.all()] == [(1, "Drain removed.")]
    tomorrow = {"saefudtc": clock.day(NOW) + timedelta(days=1), "saefuinfo": "Later."}
    found = refusals(participant, answers, by_coordinator, rows={"followups": [tomorrow]})
    assert found == [("followups-n0-saefudtc", Level.HARD)]
    not_serious = {"aeser": "N"}
    enter(participant, "AE", not_serious, repeat=1, reason="not serious", by=by_coordinator, now=NOW)
    event.refresh_from_db()
    assert list(event.followups.all()) == []
    assert (event.saeaware, event.saenarr) == (None, None)
