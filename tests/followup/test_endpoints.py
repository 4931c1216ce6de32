"""Times to an event: each rule at its boundary, impossible histories, and what must hold for any participant."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.endpoints import (
    Assessment,
    Endpoint,
    History,
    ImpossibleHistory,
    Intent,
    Operation,
    Rule,
    Slot,
    Treatment,
    duration_of_response,
    missed_slots,
    overall_survival,
    progression_free,
    recurrence_free,
    time_to_progression,
)
from followup.response import Margin, Overall

A0 = dt.date(2026, 9, 1)
LAST = 1200


def day(number: int) -> dt.date:
    """The day that many days after A0."""
    return A0 + dt.timedelta(days=number)


def seen(number: int, result: str = "SD", **more: Any) -> Assessment:
    return Assessment(day(number), Overall(result), **more)


def slot(opens: int, closes: int | None = None) -> Slot:
    return Slot(day(opens), day(opens if closes is None else closes))


def known(*assessments: Assessment, **more: Any) -> History:
    return History(A0, assessments=assessments, **more)


def told(found: Endpoint | None) -> tuple[int, bool, str]:
    """Days after A0, event, rule."""
    assert found is not None
    return (found.date - A0).days, found.event, found.rule.value


def therapy(number: int, intent: Intent = Intent.THERAPEUTIC) -> Treatment:
    return Treatment(day(number), intent)


R0, R1, R2 = (Operation(day(110), margin) for margin in Margin)
SLOTS = (slot(30, 40), slot(90, 100), slot(150, 160), slot(210, 220))


@pytest.mark.parametrize(
    ("history", "date", "event", "rule"),
    [
        (known(), 0, False, "NO_EVENT"),
        (known(seen(35), seen(95)), 95, False, "NO_EVENT"),
        (known(seen(35), seen(95, "NE")), 35, False, "NO_EVENT"),
        (known(seen(35), seen(95, adequate=False)), 35, False, "NO_EVENT"),
        (known(seen(35), seen(95, "PD")), 95, True, "PROGRESSION"),
        (known(seen(35), seen(95, "PD", adequate=False)), 95, True, "PROGRESSION"),
        (known(seen(35), seen(95, "PD", first_seen=day(80))), 80, True, "PROGRESSION"),
        (known(seen(35, "NONCRNONPD"), seen(95, "NONCRNONPD")), 95, False, "NO_EVENT"),
        (known(seen(0, "PD")), 0, True, "PROGRESSION"),
        (known(baseline=False, died_on=day(50)), 0, False, "NO_BASELINE"),
        (known(seen(35), died_on=day(60)), 60, True, "DEATH"),
        (known(died_on=day(0)), 0, True, "DEATH"),
        (known(seen(35), seen(95, "PD"), died_on=day(95)), 95, True, "PROGRESSION"),
        # Hepatectomy
        (known(seen(95, "PR"), operations=(R0,)), 95, False, "NO_EVENT"),
        (known(seen(95, "PR"), seen(200, "NED"), operations=(R0,)), 200, False, "NO_EVENT"),
        (known(seen(200, "RECURRENCE"), operations=(R0,)), 200, True, "RECURRENCE"),
        (known(seen(200, "PD"), operations=(R1,)), 200, True, "RECURRENCE"),
        (known(seen(200, "PD"), operations=(R2,)), 200, True, "REGROWTH"),
        (known(seen(110, "PD"), operations=(R0,)), 110, True, "PROGRESSION"),
        (known(seen(200, "PD"), operations=(Operation(day(110), resected=False),)), 200, True, "PROGRESSION"),
        (
            known(seen(95, "PR"), operations=(Operation(day(110), resected=False, metastasis=True),)),
            110,
            True,
            "METASTASIS",
        ),
        # Other treatment
        (known(seen(35), seen(95, "PD"), treatments=(therapy(94),)), 35, False, "OTHER_TREATMENT"),
        (known(seen(35), seen(95, "PD"), treatments=(therapy(95),)), 95, True, "PROGRESSION"),
        (known(seen(35), seen(95, "PD"), treatments=(therapy(35),)), 35, False, "OTHER_TREATMENT"),
        (known(seen(35), seen(95, "PD"), treatments=(therapy(34),)), 0, False, "OTHER_TREATMENT"),
        (known(seen(35), seen(95), treatments=(therapy(60),)), 35, False, "OTHER_TREATMENT"),
        (
            known(seen(35), seen(95, "PD", first_seen=day(60)), treatments=(therapy(70),)),
            60,
            True,
            "PROGRESSION",
        ),
        # Missed assessments
        (known(seen(35), seen(155, "PD"), slots=SLOTS), 155, True, "PROGRESSION"),
        (known(seen(35), seen(215, "PD"), slots=SLOTS), 35, False, "MISSED"),
        (known(seen(35), seen(95, "NE"), seen(215, "PD"), slots=SLOTS), 35, False, "MISSED"),
        (known(seen(35), seen(125), seen(215, "PD"), slots=SLOTS), 215, True, "PROGRESSION"),
        (known(seen(35), seen(161, "PD"), slots=SLOTS), 35, False, "MISSED"),
        (known(seen(35), died_on=day(160), slots=SLOTS), 160, True, "DEATH"),
        (known(seen(35), died_on=day(161), slots=SLOTS), 35, False, "MISSED"),
        (known(died_on=day(50), slots=SLOTS), 50, True, "DEATH"),
        (known(died_on=day(101), slots=SLOTS), 0, False, "MISSED"),
        (known(seen(35), seen(300), slots=SLOTS), 300, False, "NO_EVENT"),
        # Data cut-off
        (known(seen(35), seen(95, "PD"), cut_off=day(94)), 35, False, "NO_EVENT"),
        (known(seen(35), seen(95, "PD"), cut_off=day(95)), 95, True, "PROGRESSION"),
        (known(seen(35), died_on=day(60), cut_off=day(59)), 35, False, "NO_EVENT"),
        (known(seen(95, "PD", first_seen=day(40)), cut_off=day(60)), 0, False, "NO_EVENT"),
        (known(seen(35), seen(95), treatments=(therapy(60),), cut_off=day(59)), 35, False, "NO_EVENT"),
    ],
)
def test_progression_free_survival(history: History, date: int, event: bool, rule: str) -> None:
    found = progression_free(history)
    assert told(found) == (date, event, rule)
    assert found.days == date + 1
    assert found.reason.en and found.reason.zh


def test_days_count_from_one_and_months_are_not_rounded() -> None:
    found = progression_free(known(died_on=day(97)))
    assert (found.days, found.months) == (98, Decimal(98) / Decimal("30.4375"))


def test_reason_tells_the_days_in_both_languages() -> None:
    found = progression_free(known(seen(35), seen(215, "PD"), slots=SLOTS))
    assert found.reason.en.startswith("2 scheduled assessments in a row were missed before 2027-04-04")
    assert found.reason.zh == "2027-04-04前连续2次计划评价缺失：删失于末次有效评价日。"


def test_adjuvant_treatment_is_ignored_except_in_s2() -> None:
    history = known(
        *(seen(95, "PR"), seen(200, "NED"), seen(300, "RECURRENCE")),
        operations=(R0,),
        treatments=(therapy(130, Intent.ADJUVANT),),
    )
    assert told(progression_free(history)) == (300, True, "RECURRENCE")
    assert told(progression_free(history, censor_adjuvant=True)) == (95, False, "ADJUVANT_TREATMENT")


def test_windows_that_overlap_count_once() -> None:
    slots = (slot(30, 44), slot(40, 50), slot(90, 100))
    assert missed_slots(slots, day(0), day(51)) == 1
    assert missed_slots(slots, day(0), day(101)) == 2
    assert missed_slots(slots, day(30), day(101)) == 2
    assert missed_slots(slots, day(40), day(101)) == 1


# The other endpoints --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "date", "event"),
    [
        (known(), 0, False),
        (known(died_on=day(365)), 365, True),
        (known(last_alive_on=day(200)), 200, False),
        (known(seen(300), last_alive_on=day(200)), 300, False),
        (known(treatments=(therapy(250),)), 250, False),
        (known(operations=(R0,)), 110, False),
        (known(died_on=day(365), cut_off=day(364)), 364, False),
        (known(died_on=day(365), cut_off=day(365)), 365, True),
        (known(last_alive_on=day(400), cut_off=day(300)), 300, False),
        (known(last_alive_on=day(200), cut_off=day(300)), 200, False),
        (known(baseline=False, died_on=day(20)), 20, True),
    ],
)
def test_overall_survival(history: History, date: int, event: bool) -> None:
    assert told(overall_survival(history)) == (date, event, "DEATH" if event else "ALIVE")


def test_time_to_progression_censors_death() -> None:
    assert told(time_to_progression(known(seen(35), died_on=day(60)))) == (35, False, "DEATH_CENSORED")
    assert told(time_to_progression(known(seen(35), seen(95, "PD"), died_on=day(99)))) == (
        95,
        True,
        "PROGRESSION",
    )


@pytest.mark.parametrize(
    ("history", "wanted"),
    [
        (known(seen(200, "RECURRENCE"), operations=(R0,)), (200, True, "RECURRENCE")),
        (known(seen(200, "NED"), operations=(R0,)), (200, False, "NO_EVENT")),
        (known(seen(95, "PR"), operations=(R0,)), (110, False, "NO_EVENT")),
        (known(seen(95, "PR"), operations=(R0,), died_on=day(115)), (115, True, "DEATH")),
        (known(seen(95, "PD"), seen(200, "NED"), operations=(R0,)), (200, False, "NO_EVENT")),
        (known(seen(200, "PD", first_seen=day(95)), operations=(R0,)), (200, True, "RECURRENCE")),
        (known(seen(200, "PD"), operations=(R0,), treatments=(therapy(60),)), (200, True, "RECURRENCE")),
        (
            known(seen(200, "PD"), operations=(R0,), treatments=(therapy(150),)),
            (110, False, "OTHER_TREATMENT"),
        ),
    ],
)
def test_recurrence_free_survival(history: History, wanted: tuple[int, bool, str]) -> None:
    found = recurrence_free(history)
    assert told(found) == wanted
    assert found is not None and found.days == wanted[0] - 110 + 1


@pytest.mark.parametrize("operations", [(), (R1,), (R2,), (Operation(day(110), resected=False),)])
def test_recurrence_free_survival_needs_an_r0_resection(operations: tuple[Operation, ...]) -> None:
    assert recurrence_free(known(operations=operations)) is None


def test_duration_of_response() -> None:
    history = known(seen(35, "PR"), seen(95, "PR"), seen(155, "PD"))
    assert told(duration_of_response(history, day(35))) == (155, True, "PROGRESSION")
    assert duration_of_response(history, None) is None
    assert duration_of_response(history, day(156)) is None
    with pytest.raises(ImpossibleHistory, match="The response of 2026-08-31"):
        duration_of_response(history, day(-1))


# Impossible histories -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"died_on": day(-1)}, "The death of 2026-08-31 lies before the assignment of 2026-09-01."),
        ({"last_alive_on": day(-1)}, "The last contact of"),
        ({"cut_off": day(-1)}, "The data cut-off of"),
        ({"assessments": (seen(-1),)}, "The assessment of 2026-08-31 lies before the assignment"),
        ({"assessments": (seen(9, "PD", first_seen=day(-1)),)}, "The first sight of a new lesion of"),
        ({"operations": (Operation(day(-1)),)}, "The operation of"),
        ({"treatments": (therapy(-1),)}, "The other treatment of"),
        ({"assessments": (seen(61),), "died_on": day(60)}, "lies after the death of 2026-10-31."),
        ({"last_alive_on": day(61), "died_on": day(60)}, "lies after the death"),
        ({"operations": (Operation(day(61)),), "died_on": day(60)}, "lies after the death"),
        ({"treatments": (therapy(61),), "died_on": day(60)}, "lies after the death"),
        ({"assessments": (seen(60), seen(60, "PD"))}, "There are two assessments on 2026-10-31."),
        ({"assessments": (seen(60, "PD", first_seen=day(61)),)}, "does not fit the assessment"),
        ({"assessments": (seen(60, "SD", first_seen=day(50)),)}, "does not fit the assessment"),
        ({"assessments": (seen(60, "RECURRENCE"),)}, "needs a resection before it"),
        (
            {"assessments": (seen(60, "RECURRENCE"),), "operations": (Operation(day(61)),)},
            "needs a resection before it",
        ),
        ({"treatments": (therapy(60, Intent.ADJUVANT),)}, "Adjuvant treatment on"),
        ({"operations": (Operation(day(60), Margin.R0, resected=False),)}, "has a margin but no resection"),
        ({"slots": (slot(60, 59),)}, "A window cannot close"),
    ],
)
def test_impossible_history_is_named(facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImpossibleHistory) as caught:
        History(A0, **facts)
    assert sentence in caught.value.sentence.en
    assert caught.value.sentence.zh


def test_an_operation_on_the_day_of_the_cut_off_counts() -> None:
    explored = (Operation(day(110), resected=False, metastasis=True),)
    assert told(progression_free(known(operations=explored, cut_off=day(110)))) == (110, True, "METASTASIS")
    assert told(progression_free(known(operations=explored, cut_off=day(109)))) == (0, False, "NO_EVENT")


def test_a_cut_off_after_death_is_possible() -> None:
    assert told(overall_survival(known(died_on=day(60), cut_off=day(90)))) == (60, True, "DEATH")


# What must always hold ------------------------------------------------------------------------------

numbers = st.integers(0, LAST)


@st.composite
def histories(draw: st.DrawFn) -> History:
    end = draw(st.integers(0, LAST))
    within = st.integers(0, end)
    operated = draw(st.none() | within)
    margin = draw(st.sampled_from([None, *Margin]))
    resected = draw(st.booleans())
    operations = (
        ()
        if operated is None
        else (
            Operation(
                day(operated), margin if resected else None, resected=resected, metastasis=draw(st.booleans())
            ),
        )
    )
    assessments = []
    for number in draw(st.sets(within, max_size=6)):
        results = [one for one in Overall if one is not Overall.RECURRENCE]
        if operated is not None and resected and number >= operated:
            results.append(Overall.RECURRENCE)
        result = draw(st.sampled_from(results))
        progressive = result in (Overall.PD, Overall.RECURRENCE)
        first = draw(st.none() | st.integers(0, number)) if progressive else None
        assessments.append(
            Assessment(day(number), result, draw(st.booleans()), None if first is None else day(first))
        )
    treatments = []
    for number in draw(st.sets(within, max_size=2)):
        late = operated is not None and resected and number >= operated
        intent = draw(st.sampled_from(Intent)) if late else Intent.THERAPEUTIC
        treatments.append(Treatment(day(number), intent))
    return History(
        A0,
        baseline=draw(st.booleans()),
        assessments=tuple(assessments),
        slots=tuple(
            slot(start, start + draw(st.integers(0, 30))) for start in draw(st.sets(numbers, max_size=8))
        ),
        operations=operations,
        treatments=tuple(treatments),
        died_on=day(end) if draw(st.booleans()) else None,
        last_alive_on=draw(st.none() | within.map(day)),
        cut_off=draw(st.none() | numbers.map(day)),
    )


@given(histories())
def test_a_date_lies_between_start_and_cut_off(history: History) -> None:
    responded = next((one.on for one in history.assessments if one.result is Overall.PR), None)
    for found in (
        progression_free(history),
        progression_free(history, censor_adjuvant=True),
        time_to_progression(history),
        overall_survival(history),
        recurrence_free(history),
        duration_of_response(history, responded),
    ):
        if found is not None:
            assert A0 <= found.start <= found.date
            assert found.date <= (history.cut_off or dt.date.max)
            assert found.date <= (history.died_on or dt.date.max)
            assert found.days >= 1


@given(histories())
def test_an_event_is_one_that_happened_and_censoring_an_assessment(history: History) -> None:
    found = progression_free(history)
    progressed = {one.first_seen or one.on for one in history.assessments if one.progressive}
    found_at_operation = {one.on for one in history.operations if one.metastasis}
    if found.event:
        assert found.date in progressed | found_at_operation | {history.died_on}
    else:
        assert found.date in {A0, *(one.on for one in history.assessments if one.counts)}


@given(histories())
def test_progression_is_never_later_than_survival(history: History) -> None:
    free, survival = progression_free(history), overall_survival(history)
    assert free.days <= survival.days
    assert not (free.event and free.rule is Rule.DEATH) or survival.event


@given(histories())
def test_the_sensitivity_analysis_never_lasts_longer(history: History) -> None:
    primary, s2 = progression_free(history), progression_free(history, censor_adjuvant=True)
    assert s2.date <= primary.date
    assert not s2.event or s2 == primary


@given(histories(), st.randoms())
def test_the_order_of_entry_does_not_matter(history: History, random: Any) -> None:
    shuffled = replace(
        history,
        assessments=tuple(random.sample(history.assessments, len(history.assessments))),
        slots=tuple(random.sample(history.slots, len(history.slots))),
        treatments=tuple(random.sample(history.treatments, len(history.treatments))),
    )
    assert progression_free(shuffled) == progression_free(history)
    assert overall_survival(shuffled) == overall_survival(history)
    assert recurrence_free(shuffled) == recurrence_free(history)


@given(histories())
def test_fewer_scheduled_assessments_only_turn_censoring_into_events(history: History) -> None:
    found, free = progression_free(history), progression_free(replace(history, slots=()))
    assert free.date >= found.date
    assert free == found or found.rule is Rule.MISSED


@given(histories(), numbers)
def test_what_happens_after_the_cut_off_changes_nothing(history: History, number: int) -> None:
    cut = replace(history, cut_off=day(number), died_on=None)
    later = replace(cut, assessments=tuple(one for one in cut.assessments if one.on <= day(number)))
    assert progression_free(cut) == progression_free(later)


@given(histories())
def test_without_treatment_and_missed_visits_every_event_counts(history: History) -> None:
    plain = replace(history, baseline=True, slots=(), treatments=(), cut_off=None)
    happened = {
        *(one.first_seen or one.on for one in plain.assessments if one.progressive),
        *(one.on for one in plain.operations if one.metastasis),
        *([plain.died_on] if plain.died_on else []),
    }
    found = progression_free(plain)
    assert found.event == bool(happened)
    assert not happened or found.date == min(happened)
