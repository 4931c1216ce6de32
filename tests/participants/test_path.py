"""The path of a participant and of a visit, and the dates visits are counted from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.access import SYSTEM, Actor
from participants.actions import (
    adopt_schedule,
    move_participant,
    move_visit,
    refuse_after_the_end,
    set_anchor,
)
from participants.models import AnchorDate, ConsentVersion, Demographics, Participant, ScheduleVersion, Visit
from participants.schedule_file import Anchor, ScheduleFileError
from participants.selectors import schedule_in_force
from participants.workflow import (
    PARTICIPANT_MOVES,
    PARTICIPANT_WORDS,
    VISIT_MOVES,
    VISIT_WORDS,
    ParticipantState,
    VisitState,
)
from records import events
from records.findings import Overtaken, Refused
from tests.cast import START
from trial_edc.demo.walks import DEMOGRAPHICS, fill

P, V = ParticipantState, VisitState
TODAY = START.date()


@pytest.fixture
def told(participant: Participant, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was published since, with nobody listening."""
    heard: list[Any] = []
    table = dict.fromkeys(events.EVENTS, (heard.append,))
    monkeypatch.setattr(events, "_table", lambda: (table, ()))
    return heard


def screening(participant: Participant) -> Visit:
    return Visit.objects.get(participant=participant, code="SCR")


@pytest.mark.parametrize("start", P)
@pytest.mark.parametrize("to", P)
def test_a_participant_moves_as_the_table_allows(
    told: list[Any], participant: Participant, by_coordinator: Actor, start: P, to: P
) -> None:
    Participant.objects.filter(pk=participant.pk).update(status=start)
    before = participant.statuses.count()
    if to not in PARTICIPANT_MOVES[start]:
        with pytest.raises(
            Refused, match=f"“{PARTICIPANT_WORDS[start].en}” cannot become “{PARTICIPANT_WORDS[to].en}”"
        ):
            move_participant(participant=participant, to=to, by=by_coordinator, now=START)
        assert (participant.statuses.count(), told) == (before, [])
        return
    move_participant(participant=participant, to=to, by=by_coordinator, now=START, reason="why")
    step = participant.statuses.last()
    assert (step.status, step.at, step.by, step.reason) == (to, START, by_coordinator.person, "why")
    assert [(type(event), event.status) for event in told] == [(events.ParticipantMoved, to)]
    participant.refresh_from_db()
    assert participant.status == to


def test_a_participant_somebody_else_moved_meanwhile_is_judged_as_it_is_now(
    participant: Participant, by_coordinator: Actor
) -> None:
    stale = Participant.objects.get(pk=participant.pk)
    move_participant(participant=participant, to=P.SCREEN_FAILURE, by=by_coordinator, now=START)
    with pytest.raises(Refused):
        move_participant(participant=stale, to=P.ELIGIBLE, by=by_coordinator, now=START)


@pytest.mark.parametrize("start", V)
@pytest.mark.parametrize("to", V)
def test_a_visit_moves_as_the_table_allows(
    participant: Participant, by_coordinator: Actor, start: V, to: V
) -> None:
    visit = screening(participant)
    Visit.objects.filter(pk=visit.pk).update(status=start)
    before = visit.statuses.count()
    if to != start and to not in VISIT_MOVES[start]:
        with pytest.raises(Refused, match=f"“{VISIT_WORDS[start].en}” cannot become “{VISIT_WORDS[to].en}”"):
            move_visit(visit=visit, to=to, by=by_coordinator, now=START)
    else:
        move_visit(visit=visit, to=to, by=by_coordinator, now=START, reason="why")
    moved = to in VISIT_MOVES[start]
    assert visit.statuses.count() == before + moved
    assert Visit.objects.get(pk=visit.pk).status == (to if moved else start)


def test_steps_are_added_and_never_changed(participant: Participant) -> None:
    for table in (
        "participants_participantstatus",
        "participants_visitstatus",
        "participants_scheduleversion",
    ):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)


@pytest.mark.parametrize("status", P)
def test_only_a_screen_failure_takes_no_further_forms(
    participant: Participant, by_coordinator: Actor, status: P
) -> None:
    participant.status = status
    record = Demographics(participant=participant)
    if status == P.SCREEN_FAILURE:
        with pytest.raises(Refused, match="failed screening"):
            refuse_after_the_end(record=record, by=by_coordinator, now=START)
    else:
        refuse_after_the_end(record=record, by=by_coordinator, now=START)
    record.state = "SUBMITTED"
    refuse_after_the_end(record=record, by=by_coordinator, now=START)


# -- anchor dates --------------------------------------------------------------------------------------


def test_an_anchor_is_fixed_moved_and_forgotten_and_each_is_told_once(
    told: list[Any], participant: Participant, by_coordinator: Actor
) -> None:
    def stands() -> date | None:
        return (
            AnchorDate.objects.filter(participant=participant, name="A0")
            .values_list("date", flat=True)
            .first()
        )

    for day, heard in ((None, 0), (TODAY, 1), (TODAY, 1), (TODAY + timedelta(1), 2), (None, 3), (None, 3)):
        set_anchor(participant=participant, anchor=Anchor.A0, day=day, by=by_coordinator, now=START)
        assert (stands(), len(told)) == (day, heard)
    assert {(type(event), event.anchor) for event in told} == {(events.AnchorMoved, "A0")}


def test_a_corrected_consent_moves_what_is_counted_from_it(
    participant: Participant, by_coordinator: Actor
) -> None:
    earlier = START - timedelta(days=3)
    fill(participant, "DM", {"icfdtc": earlier}, by=by_coordinator, now=START, submit=False)
    assert AnchorDate.objects.get(participant=participant, name="CONSENT").date == earlier.date()


# -- schedule versions ---------------------------------------------------------------------------------


def test_a_schedule_version_is_adopted_once_and_holds_from_its_day(participant: Participant) -> None:
    first = ScheduleVersion.objects.get()
    later = {
        "number": 2,
        "effective_from": date(2027, 1, 1),
        "source": first.source,
        "by": SYSTEM,
        "now": START,
    }
    assert adopt_schedule(**later) is True
    assert adopt_schedule(**{**later, "source": first.source + "\n"}) is False
    assert ScheduleVersion.objects.get(number=2).source == first.source
    assert [schedule_in_force(date(2026, 12, 31)), schedule_in_force(date(2027, 1, 1)).number] == [first, 2]
    with pytest.raises(ScheduleFileError):
        adopt_schedule(**{**later, "number": 3, "source": "version = 'x'"})
    with pytest.raises(ScheduleVersion.DoesNotExist):
        schedule_in_force(date(2000, 1, 1))


# -- demographics --------------------------------------------------------------------------------------


def refused(
    participant: Participant, by: Actor, code: str, answers: dict[str, Any], now: datetime = START
) -> list:
    with pytest.raises(Refused) as refusal:
        fill(participant, code, answers, by=by, now=now)
    assert not isinstance(refusal.value, Overtaken)
    return [(found.item, found.level.value, found.message.en) for found in refusal.value.findings]


@pytest.mark.parametrize(
    ("answers", "item", "words"),
    [
        ({"icfdtc": START + timedelta(minutes=1)}, "icfdtc", "lies in the future"),
        (
            {"icfver": "9.9"},
            "icfver",
            "Version 9.9 of the consent form was not approved at this site on 2026-09-01.",
        ),
        ({"icfdtc": datetime.fromisoformat("2026-06-30T23:59+08:00")}, "icfver", "on 2026-06-30."),
        ({"brthdtc": "1929"}, "brthdtc", "before 1930"),
        ({"brthdtc": "1929-12-31"}, "brthdtc", "before 1930"),
        ({"brthdtc": "2026-10"}, "brthdtc", "in the future"),
    ],
)
def test_demographics_that_cannot_be_are_refused(
    participant: Participant, by_coordinator: Actor, answers: dict[str, Any], item: str, words: str
) -> None:
    found = refused(participant, by_coordinator, "DM", {**DEMOGRAPHICS, **answers})
    assert {(where, level) for where, level, _sentence in found} == {(item, "HARD")}
    assert words in found[0][2]


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("2008-09-01", 18),
        ("2008-09-02", 17),
        ("1970-05-04", 56),
        ("1930-01-01", 96),
        ("1970-09", None),
        ("1970-08", 56),
        ("1970", None),
    ],
)
def test_the_age_is_of_the_day_of_consent_and_never_guessed(
    participant: Participant, by_coordinator: Actor, born: str, age: int | None
) -> None:
    record: Any = fill(participant, "DM", {**DEMOGRAPHICS, "brthdtc": born}, by=by_coordinator, now=START)
    assert record.age == age


def test_a_version_retired_on_the_day_no_longer_holds(
    participant: Participant, by_coordinator: Actor
) -> None:
    version = ConsentVersion.objects.get(site=participant.site)
    version.retired_on = TODAY
    version.save()
    assert [
        version.holds_on(day) for day in (date(2026, 6, 30), date(2026, 7, 1), TODAY - timedelta(1), TODAY)
    ] == [
        False,
        True,
        True,
        False,
    ]
    ((item, _level, _words),) = refused(participant, by_coordinator, "DM", DEMOGRAPHICS)
    assert item == "icfver"


def test_questions_to_women_are_cleared_for_men(participant: Participant, by_coordinator: Actor) -> None:
    woman = {**DEMOGRAPHICS, "sex": "F", "childpot": "N", "childpotn": "MENOPAUSE", "lactate": "N"}
    record: Any = fill(participant, "DM", woman, by=by_coordinator, now=START)
    assert (record.childpot, record.childpotn, record.contraok) == ("N", "MENOPAUSE", None)
    record = fill(participant, "DM", {"sex": "M"}, by=by_coordinator, now=START, reason="mistyped")
    assert (record.childpot, record.childpotn, record.lactate) == (None, None, None)


# -- the visit header ----------------------------------------------------------------------------------

HEADER = {"svdone": "Y", "svstdtc": TODAY, "svmode": "CLINIC"}


@pytest.mark.parametrize(("days", "asked"), [(-3, True), (-2, False), (0, False), (2, False), (3, True)])
def test_a_date_outside_the_window_needs_a_reason(
    participant: Participant, by_coordinator: Actor, days: int, asked: bool
) -> None:
    now = START + timedelta(days=5)
    day = TODAY + timedelta(days=3 + days)
    Visit.objects.filter(participant=participant).update(
        window_open=TODAY + timedelta(days=1), window_close=TODAY + timedelta(days=5)
    )
    answers = {**HEADER, "svstdtc": day}
    if asked and day <= now.date():
        ((item, level, words),) = refused(participant, by_coordinator, "SV", answers, now)
        assert (item, level) == ("svoowrsn", "HARD")
        assert words == "The visit date is outside the window 2026-09-02 to 2026-09-06. Write the reason."
        answers["svoowrsn"] = "public holiday"
    elif asked:
        assert refused(participant, by_coordinator, "SV", answers, now)[0][0] == "svstdtc"
        return
    assert fill(participant, "SV", answers, by=by_coordinator, now=now).submitted


def test_a_visit_before_consent_is_refused(participant: Participant, by_coordinator: Actor) -> None:
    answers = {**HEADER, "svstdtc": TODAY - timedelta(days=1)}
    Visit.objects.filter(participant=participant).update(window_open=None, window_close=None)
    ((item, level, words),) = refused(participant, by_coordinator, "SV", answers)
    assert (item, level) == ("svstdtc", "HARD")
    assert words.startswith("Visit date is before the informed consent was signed (2026-09-01).")


def test_a_visit_that_did_not_take_place_asks_why(participant: Participant, by_coordinator: Actor) -> None:
    assert refused(participant, by_coordinator, "SV", {"svdone": "N"}) == [
        ("svreasnd", "HARD", "Fill in Reason not done.")
    ]
    record: Any = fill(
        participant, "SV", {**HEADER, "svdone": "N", "svreasnd": "LOST"}, by=by_coordinator, now=START
    )
    assert (record.svstdtc, record.svmode, record.svreasnd) == (None, None, "LOST")
    assert screening(participant).status == "MISSED"
