"""The visit calendar: worked examples, boundaries, and what must hold for any participant."""

import datetime as dt
import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.schedule import (
    BEGUN,
    Changes,
    CurrentVisit,
    Facts,
    PlannedVisit,
    ScheduleError,
    WindowStatus,
    days_outside,
    haic_index_date,
    plan,
    replan,
    unscheduled_number,
    window_status,
)
from participants.schedule_file import ARMS, SCHEDULES, Anchor, load
from participants.workflow import VISIT_MOVES, VisitState

SCHEDULE = load(SCHEDULES / "v1.toml")
DAY = dt.timedelta(days=1)
CONSENT, A0, MAPPED, INFUSED = (
    dt.date(2026, 9, 10),
    dt.date(2026, 9, 20),
    dt.date(2026, 9, 24),
    dt.date(2026, 10, 1),
)
Y90 = Facts(
    {Anchor.CONSENT: CONSENT, Anchor.A0: A0, Anchor.MAP: MAPPED, Anchor.A1: INFUSED},
    arm="Y90",
)
OPERATED = dt.date(2027, 1, 12)
C1, C1_END, C2, C2_END = (
    dt.date(2026, 9, 1),
    dt.date(2026, 9, 3),
    dt.date(2026, 9, 22),
    dt.date(2026, 9, 25),
)
HAIC = Facts(
    {
        Anchor.CONSENT: dt.date(2026, 8, 15),
        Anchor.A0: dt.date(2026, 8, 28),
        Anchor.C1_START: C1,
        Anchor.C1_END: C1_END,
        Anchor.C2_START: C2,
        Anchor.C2_END: C2_END,
        Anchor.A1: C2_END,
    },
    arm="HAIC",
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def known(facts: Facts, **anchors: dt.date | None) -> Facts:
    """The same participant with some anchors known, changed, or (None) not known."""
    merged = {**facts.anchors, **{Anchor(name): date for name, date in anchors.items()}}
    return replace(facts, anchors={name: date for name, date in merged.items() if date is not None})


def codes(facts: Facts) -> list[str]:
    return [visit.code for visit in plan(SCHEDULE, facts).visits]


def dates(facts: Facts, code: str) -> list[str | None]:
    """Target from, target to, window open, window close."""
    visit = {one.code: one for one in plan(SCHEDULE, facts).visits}[code]
    spans = (visit.target_from, visit.target_to, visit.window_open, visit.window_close)
    return [None if one is None else one.isoformat() for one in spans]


def carried_out(current: list[CurrentVisit], changes: Changes) -> list[CurrentVisit]:
    """What is stored after the changes."""
    after = {one.id: one for one in current}
    for move in changes.move:
        after[move.visit.id] = replace(move.visit, state=VisitState.PLANNED, plan=move.plan)
    for drops, state in ((changes.supersede, VisitState.SUPERSEDED), (changes.cancel, VisitState.CANCELLED)):
        for drop in drops:
            after[drop.visit.id] = replace(drop.visit, state=state)
    for visit in changes.add:
        number = len(after)
        after[number] = CurrentVisit(number, visit.code, VisitState.PLANNED, visit)
    return list(after.values())


def stored(facts: Facts, states: dict[str, VisitState] | None = None) -> list[CurrentVisit]:
    """The visits of a participant as planned, some of them already in another state."""
    fresh = carried_out([], replan([], plan(SCHEDULE, facts)))
    return [replace(one, state=(states or {}).get(one.code, one.state)) for one in fresh]


# Worked examples ----------------------------------------------------------------------------------


def test_y90_months_after_infusion():
    assert dates(Y90, "Y-D1") == ["2026-10-02", "2026-10-02", "2026-10-02", "2026-10-05"]
    assert dates(Y90, "Y-M1") == ["2026-10-31", "2026-10-31", "2026-10-24", "2026-11-07"]
    assert dates(Y90, "Y-M3") == ["2026-12-31", "2026-12-31", "2026-12-17", "2027-01-14"]
    assert dates(Y90, "Y-M5") == ["2027-03-02", "2027-03-02", "2027-02-16", "2027-03-16"]


def test_y90_hepatectomy_is_expected_90_to_120_days_after_infusion():
    assert dates(Y90, "SURG") == ["2026-12-30", "2027-01-29", None, None]


def test_y90_infusion_up_to_30_days_after_mapping():
    assert dates(Y90, "Y-INF") == ["2026-09-25", "2026-10-08", "2026-09-25", "2026-10-24"]


def test_hepatectomy_supersedes_and_starts_its_own_series():
    operated = known(Y90, A2=OPERATED)
    planned = plan(SCHEDULE, operated)
    assert dates(operated, "SURG") == ["2027-01-12", "2027-01-12", None, None]
    assert dates(operated, "PREOP") == ["2026-12-29", "2027-01-12", "2026-12-29", "2027-01-12"]
    assert dates(operated, "PH-M1") == ["2027-02-11", "2027-02-11", "2027-02-04", "2027-02-18"]
    assert dates(operated, "PH-M3")[0] == "2027-04-13"
    assert dates(operated, "PH-M6")[0] == "2027-07-14"
    assert planned.superseded["Y-M5"].en == "Hepatectomy on 2027-01-12."
    changes = replan(stored(Y90), planned)
    assert [one.visit.code for one in changes.supersede] == [
        "Y-M5",
        "Y-M7",
        "Y-M9",
        "Y-M11",
        "NR-M6",
    ]
    assert [one.code for one in changes.add] == ["PREOP", "PH-M1", "PH-M3", "PH-M6"]


def test_haic_cycles_and_reexamination():
    assert dates(HAIC, "H-C2") == ["2026-09-22", "2026-09-29", "2026-09-19", "2026-10-02"]
    assert dates(HAIC, "H-R2") == ["2026-10-16", "2026-10-23", "2026-10-09", "2026-10-30"]
    assert dates(HAIC, "SURG") == ["2026-10-16", "2026-10-23", None, None]


def test_cycle_3_may_follow_until_day_42():
    four = replace(HAIC, haic_cycles=4)
    assert dates(four, "H-C3") == ["2026-10-13", "2026-11-03", "2026-10-13", "2026-11-03"]
    third = known(four, C3_START=day("2026-10-20"), C3_END=day("2026-10-22"), A1=day("2026-10-22"))
    assert dates(third, "H-C4") == ["2026-11-10", "2026-11-17", "2026-11-07", "2026-11-20"]
    assert dates(third, "NR-M3")[0] == "2027-01-21"
    fourth = known(third, C4_START=day("2026-11-12"), C4_END=day("2026-11-14"), A1=day("2026-11-14"))
    assert dates(fourth, "H-R4") == ["2026-12-05", "2026-12-12", "2026-11-28", "2026-12-19"]


# Which visits -------------------------------------------------------------------------------------


def test_only_screening_before_the_arm_is_assigned():
    assert codes(Facts({Anchor.CONSENT: CONSENT})) == ["SCR"]
    assert plan(SCHEDULE, Facts({})).visits == ()


def test_y90_calendar_in_full():
    assert codes(Y90) == [
        "SCR",
        "Y-MAP",
        "Y-INF",
        "Y-D1",
        "Y-M1",
        "Y-M3",
        "Y-M5",
        "Y-M7",
        "Y-M9",
        "Y-M11",
        "NR-M6",
        "SURG",
        *(f"LT-{number}" for number in range(4, 14)),
    ]


def test_haic_calendar_of_two_cycles_in_full():
    assert codes(HAIC) == [
        "SCR",
        "H-C1",
        "H-C2",
        "H-R2",
        "NR-M3",
        "NR-M6",
        "SURG",
        *(f"LT-{number}" for number in range(3, 14)),
    ]


def test_cycles_3_and_4_only_when_planned():
    three = replace(HAIC, haic_cycles=3)
    assert [one for one in codes(three) if one.startswith("H-")] == ["H-C1", "H-C2", "H-R2", "H-C3"]


@pytest.mark.parametrize(
    ("facts", "code", "spans"),
    [
        (Y90, "SCR", ["2026-09-10", "2026-10-08", "2026-09-10", "2026-10-08"]),
        (Y90, "Y-MAP", ["2026-09-20", "2026-10-04", None, None]),
        (Y90, "Y-M7", ["2027-05-02", "2027-05-02", "2027-04-18", "2027-05-16"]),
        (Y90, "NR-M6", ["2027-04-02", "2027-04-02", "2027-03-19", "2027-04-16"]),
        (HAIC, "H-C1", ["2026-08-28", "2026-09-11", None, None]),
        (HAIC, "NR-M3", ["2026-12-25", "2026-12-25", "2026-12-11", "2027-01-08"]),
        (known(HAIC, EOT=C2_END), "EOT", ["2026-09-25", "2026-10-25", "2026-09-25", "2026-10-25"]),
        (known(HAIC, EOS=OPERATED), "EOS", ["2027-01-12", "2027-02-11", "2027-01-12", "2027-02-11"]),
    ],
)
def test_each_line_of_the_table_of_visits(facts, code, spans):
    """The lines no other example shows: target from and to, window from and to."""
    assert dates(facts, code) == spans


def test_both_readings_give_one_visit_at_months_1_and_3():
    planned = plan(SCHEDULE, Y90)
    assert (planned.superseded["NR-M1"].en, planned.superseded["NR-M3"].en) == (
        "Visit Y-M1 serves instead.",
        "Visit Y-M3 serves instead.",
    )
    procedure_only = replace(Y90, series_on=SCHEDULE.series_on() - {"Y"})
    assert [one for one in codes(procedure_only) if one[0] in "YN"] == [
        "Y-MAP",
        "Y-INF",
        "NR-M1",
        "NR-M3",
        "NR-M6",
    ]


def test_a_series_can_be_switched_off():
    operated = known(Y90, A2=OPERATED)
    assert "PH-M1" not in codes(replace(operated, series_on=SCHEDULE.series_on() - {"PH"}))
    common = replace(Y90, series_on=SCHEDULE.series_on() | {"CAL"})
    assert [one for one in codes(common) if one.startswith("CAL")] == [
        "CAL-M3",
        "CAL-M6",
        "CAL-M9",
        "CAL-M12",
    ]


@pytest.mark.parametrize(("days", "covered"), [(22, False), (23, True), (30, True), (37, True), (38, False)])
def test_haic_review_inside_the_window_is_month_1(days, covered):
    """NR-M1 is 30 ± 7 days after the last cycle; the review visit took place on this day."""
    seen = replace(HAIC, seen={"H-R2": C2_END + days * DAY})
    assert ("NR-M1" not in codes(seen)) is covered


@pytest.mark.parametrize(
    ("margin", "kept"), [(6, False), (7, True), (8, True)], ids=["6 days", "7 days", "8 days"]
)
def test_visits_aimed_up_to_7_days_before_hepatectomy_stay(margin, kept):
    """Y-M3 is aimed at 2026-12-31."""
    operated = known(Y90, A2=day("2026-12-31") + margin * DAY)
    assert ("Y-M3" in codes(operated)) is kept
    assert ("Y-M3" in plan(SCHEDULE, operated).superseded) is not kept


def test_the_end_of_treatment_ends_its_visits_and_no_follow_up():
    four = replace(HAIC, haic_cycles=4)
    before, after = codes(four), plan(SCHEDULE, known(four, EOT=day("2026-10-20")))
    treatment = ["H-C1", "H-C2", "H-C3", "H-C4"]
    assert [code for code in before if code in treatment] == ["H-C1", "H-C2", "H-C3"]
    left = [visit.code for visit in after.visits]
    assert [code for code in before if code not in left and code not in treatment] == []
    assert {"H-R2", "NR-M3", "EOT"} <= set(left)
    assert set(after.superseded) >= {"H-C1", "H-C2", "H-C3"}
    assert after.superseded["H-C3"].en == "Treatment ended on 2026-10-20."


def test_progression_ends_imaging_visits_aimed_later():
    progressed = replace(Y90, progression_on=day("2026-12-31"))
    assert [one for one in codes(progressed) if one.startswith(("Y-M", "NR", "LT"))] == [
        "Y-MAP",
        "Y-M1",
        "Y-M3",
        *(f"LT-{number}" for number in range(2, 14)),
    ]
    assert "Y-M3" not in codes(replace(Y90, progression_on=day("2026-12-30")))
    setting = replace(SCHEDULE, progression_ends_imaging=False)
    assert "Y-M11" in [one.code for one in plan(setting, progressed).visits]


def test_long_term_visits_follow_a0_until_the_end_of_the_study():
    never_treated = known(Y90, A1=None, MAP=None)
    long_term = [one for one in plan(SCHEDULE, never_treated).visits if one.series == "LT"]
    offsets = [(one.target_from - A0).days for one in long_term]
    assert offsets == [91, 182, 273, 364, 455, 546, 637, 728, 911, 1094, 1277, 1460, 1643]
    assert [(one.target_from - one.window_open).days for one in long_term] == [21] * 8 + [28] * 5
    assert all(one.target_from <= dt.date(2031, 8, 1) for one in long_term)


@pytest.mark.parametrize(("a0", "last"), [("2026-08-01", "LT-14"), ("2026-08-02", "LT-13")])
def test_the_last_day_of_the_study_counts(a0, last):
    assert codes(Facts({Anchor.A0: day(a0)}, arm="HAIC"))[-1] == last


def test_no_surgery_once_it_is_ruled_out():
    decided = replace(Y90, not_resectable_on=day("2027-01-05"))
    assert "SURG" not in codes(decided)
    assert "SURG" in codes(known(decided, A2=OPERATED))


def test_the_end_closes_everything_but_the_end_of_study_visit():
    closed = replace(Y90, closed_on=day("2026-11-20"))
    assert codes(closed) == []
    withdrawn = known(closed, EOS=day("2026-11-20"))
    assert codes(withdrawn) == ["EOS"]
    done = {"SCR": VisitState.DONE, "Y-M1": VisitState.DONE, "Y-M3": VisitState.STARTED}
    before = stored(Y90, done)
    changes = replan(before, plan(SCHEDULE, closed))
    assert sorted(one.code for one in changes.keep) == sorted(done)
    assert {one.visit.code for one in changes.cancel} == {one.code for one in before} - set(done)
    assert {one.reason.en for one in changes.cancel} == {"Participation ended on 2026-11-20."}


def test_impossible_facts():
    with pytest.raises(ScheduleError):
        plan(SCHEDULE, replace(Y90, arm="TACE"))
    with pytest.raises(ScheduleError):
        plan(SCHEDULE, known(Y90, A2=INFUSED - DAY))


@pytest.mark.parametrize(
    ("ends", "ended", "expected"),
    [
        ({}, True, None),
        ({1: C1_END}, False, None),
        ({1: C1_END}, True, C1_END),
        ({1: C1_END, 2: C2_END}, False, C2_END),
        ({2: C2_END, 3: day("2026-10-22")}, False, day("2026-10-22")),
    ],
)
def test_index_date_of_haic(ends, ended, expected):
    assert haic_index_date(ends, ended=ended) == expected


# Changes ------------------------------------------------------------------------------------------


def test_a_moved_anchor_moves_what_has_not_begun():
    states = {
        "SCR": VisitState.DONE,
        "Y-D1": VisitState.DONE,
        "Y-M1": VisitState.STARTED,
        "Y-M3": VisitState.MISSED,
    }
    before = stored(Y90, states)
    later = known(Y90, A1=INFUSED + 3 * DAY)
    changes = replan(before, plan(SCHEDULE, later))
    assert [one.visit.code for one in changes.move] == ["Y-M5", "Y-M7", "Y-M9", "Y-M11", "NR-M6", "SURG"]
    assert all(one.plan.target_from - one.visit.plan.target_from == 3 * DAY for one in changes.move)
    assert (changes.add, changes.supersede, changes.cancel) == ((), (), ())


def test_a_lost_anchor_cancels_and_a_found_one_brings_back():
    before = stored(Y90)
    lost = carried_out(before, replan(before, plan(SCHEDULE, known(Y90, A1=None))))
    cancelled = {one.code for one in lost if one.state is VisitState.CANCELLED}
    assert cancelled == {"Y-D1", "Y-M1", "Y-M3", "Y-M5", "Y-M7", "Y-M9", "Y-M11", "NR-M6", "SURG"}
    changes = replan(lost, plan(SCHEDULE, Y90))
    assert {one.visit.code for one in changes.move} == cancelled
    assert changes.add == ()


def test_a_hepatectomy_withdrawn_brings_superseded_visits_back():
    before = stored(Y90)
    operated = carried_out(before, replan(before, plan(SCHEDULE, known(Y90, A2=OPERATED))))
    changes = replan(operated, plan(SCHEDULE, Y90))
    assert [one.visit.code for one in changes.move] == ["SURG", "Y-M5", "Y-M7", "Y-M9", "Y-M11", "NR-M6"]
    assert [one.visit.code for one in changes.cancel] == ["PREOP", "PH-M1", "PH-M3", "PH-M6"]


def test_unscheduled_visits_are_left_alone():
    unscheduled = CurrentVisit("u", "UNS", VisitState.PLANNED, None)
    changes = replan([unscheduled], plan(SCHEDULE, replace(Y90, closed_on=OPERATED)))
    assert (changes.keep, changes.nothing) == ((unscheduled,), True)


def test_a_double_that_has_not_begun_is_cancelled():
    before = stored(Y90, {"Y-M1": VisitState.DONE})
    done = next(one for one in before if one.code == "Y-M1")
    double = replace(done, id="double", state=VisitState.PLANNED)
    changes = replan([double, *before], plan(SCHEDULE, Y90))
    assert [one.visit.id for one in changes.cancel] == ["double"]
    assert (changes.add, changes.move) == ((), ())


# What always holds --------------------------------------------------------------------------------

gaps = st.integers(0, 120)


@st.composite
def participants(draw: st.DrawFn) -> Facts:
    """A participant at any point of the trial, also with intervals that no protocol foresees."""
    arm = draw(st.sampled_from(ARMS))
    treatment = [Anchor.MAP, Anchor.A1]
    if arm == "HAIC":
        treatment = [Anchor(f"C{number}_{end}") for number in range(1, 5) for end in ("START", "END")]
    steps = [Anchor.CONSENT, Anchor.A0, *treatment, Anchor.A2, Anchor.EOS]
    on, anchors = draw(st.dates(dt.date(2026, 8, 1), dt.date(2031, 6, 1))), {}
    left_out = draw(st.sets(st.sampled_from([Anchor.A2, Anchor.C3_START, Anchor.C4_START])))
    for anchor in steps[: draw(st.integers(1, len(steps)))]:
        on += draw(gaps) * DAY
        if anchor not in left_out:
            anchors[anchor] = on
    ends = [anchors[one] for one in (Anchor.C2_END, Anchor.C3_END, Anchor.C4_END) if one in anchors]
    if arm == "HAIC" and ends:
        anchors[Anchor.A1] = max(ends)
    some_day = st.none() | st.dates(dt.date(2026, 8, 1), dt.date(2031, 8, 1))
    return Facts(
        anchors,
        arm=arm if Anchor.A0 in anchors else None,
        haic_cycles=draw(st.sampled_from([2, 3, 4])),
        series_on=draw(st.none() | st.frozensets(st.sampled_from([one.code for one in SCHEDULE.series]))),
        closed_on=draw(st.none() | some_day),
        progression_on=draw(some_day),
        not_resectable_on=draw(some_day),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[CurrentVisit]:
    """Visits stored for some earlier state of knowledge, in any state."""
    visits = stored(draw(participants()))
    return [replace(one, state=draw(st.sampled_from(VisitState))) for one in visits]


@given(participants())
def test_every_date_is_counted_from_its_anchor(facts):
    for visit in plan(SCHEDULE, facts).visits:
        definition = SCHEDULE.visit(visit.code)
        timing = next(
            one
            for one in definition.timings
            if one.anchor is visit.anchor and (facts.arm is None or facts.arm in one.arms)
        )
        assert visit.anchor_date == facts.anchors[visit.anchor]
        assert (visit.target_from - visit.anchor_date).days == timing.day_from
        assert (visit.target_to - visit.anchor_date).days == timing.day_to
        assert visit.window_open is None or visit.window_open <= visit.target_from
        assert visit.window_close is None or visit.target_to <= visit.window_close
        assert visit.target_from <= SCHEDULE.study_end
        assert facts.arm is None or facts.arm in definition.arms


@given(participants())
def test_no_visit_twice_and_none_both_planned_and_dropped(facts):
    planned = plan(SCHEDULE, facts)
    found = [one.code for one in planned.visits]
    assert len(found) == len(set(found))
    assert not set(found) & (set(planned.superseded) | set(planned.cancelled))


@given(participants())
def test_one_follow_up_per_target_day_and_anchor(facts):
    """The two readings of "after surgery" never bring somebody in twice on one day."""
    days = [
        (one.anchor, one.target_from) for one in plan(SCHEDULE, facts).visits if one.series in ("Y", "NR")
    ]
    assert len(days) == len(set(days))


@given(participants())
def test_after_hepatectomy_nothing_of_the_index_series_is_aimed_later(facts):
    surgery = facts.anchors.get(Anchor.A2)
    if surgery is not None:
        for visit in plan(SCHEDULE, facts).visits:
            assert visit.series not in ("Y", "NR") or visit.target_to <= surgery - 7 * DAY


@given(participants())
def test_no_window_of_follow_up_overlaps_another_counted_from_the_same_day(facts):
    """Each day belongs to one visit of the active follow-up, and to one of the long-term follow-up."""
    for series in (("Y", "NR"), ("PH",), ("CAL",), ("LT",)):
        visits = sorted(
            (one for one in plan(SCHEDULE, facts).visits if one.series in series),
            key=lambda one: one.target_from,
        )
        for earlier, later in itertools.pairwise(visits):
            assert earlier.window_close < later.window_open, (earlier.code, later.code)


@given(participants())
def test_long_term_follow_up_has_no_gap_until_the_end_of_the_study(facts):
    """From the last active visit on every one is planned: 91 days apart up to month 24, then 183."""
    visits = plan(SCHEDULE, facts).visits
    long_term = [one for one in visits if one.series == "LT"]
    if facts.closed_on is not None or Anchor.A0 not in facts.anchors or not long_term:
        return
    a0 = facts.anchors[Anchor.A0]
    numbers = [int(one.code.removeprefix("LT-")) for one in long_term]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    last = (long_term[-1].target_from - a0).days
    following = last + (91 if last < 728 else 183)
    assert numbers[-1] == 14 or a0 + following * DAY > SCHEDULE.study_end
    active = [one.target_to for one in visits if one.series in ("Y", "NR", "PH", "CAL")]
    before = (long_term[0].target_from - a0).days - (91 if numbers[0] <= 8 else 183)
    if active:
        assert long_term[0].target_from > max(active)
        assert numbers[0] == 1 or a0 + before * DAY <= max(active)
    else:
        assert numbers[0] == 1


@given(participants())
def test_the_calendar_is_the_same_whenever_it_is_planned_and_after_it_was_closed_once(facts):
    """What a calendar is depends on what is known, never on the way there."""
    there = stored(facts)
    closed = replace(facts, closed_on=dt.date(2027, 1, 1))
    away = carried_out(there, replan(there, plan(SCHEDULE, closed)))
    back = carried_out(away, replan(away, plan(SCHEDULE, facts)))
    assert {one.code: one.plan for one in back if one.state is VisitState.PLANNED} == {
        visit.code: visit for visit in plan(SCHEDULE, facts).visits
    }


@given(histories(), participants())
def test_nothing_begun_is_touched(current, facts):
    changes = replan(current, plan(SCHEDULE, facts))
    touched = [one.visit for one in (*changes.move, *changes.supersede, *changes.cancel)]
    assert all(one.state not in BEGUN for one in touched)
    begun = [one for one in current if one.state in BEGUN]
    assert [one for one in changes.keep if one.state in BEGUN] == begun
    assert not {one.code for one in begun} & {one.code for one in changes.add}


@given(histories(), participants())
def test_every_visit_is_accounted_for_once(current, facts):
    changes = replan(current, plan(SCHEDULE, facts))
    touched = [one.visit.id for one in (*changes.move, *changes.supersede, *changes.cancel)]
    assert sorted([*touched, *(one.id for one in changes.keep)]) == sorted(one.id for one in current)


@given(histories(), participants())
def test_replanning_again_changes_nothing(current, facts):
    planned = plan(SCHEDULE, facts)
    after = carried_out(current, replan(current, planned))
    assert replan(after, planned).nothing


@given(histories(), participants())
def test_what_is_planned_afterwards_is_the_plan(current, facts):
    planned = plan(SCHEDULE, facts)
    after = carried_out(current, replan(current, planned))
    begun = {one.code for one in after if one.state in BEGUN}
    open_now = {one.code: one.plan for one in after if one.state is VisitState.PLANNED}
    assert open_now == {one.code: one for one in planned.visits if one.code not in begun}
    assert len(after) == len({one.code for one in after})


@given(histories(), participants())
def test_only_moves_that_the_visit_table_allows(current, facts):
    changes = replan(current, plan(SCHEDULE, facts))
    for move in changes.move:
        state = move.visit.state
        assert state is VisitState.PLANNED or VisitState.PLANNED in VISIT_MOVES[state]
    for drops, state in ((changes.supersede, VisitState.SUPERSEDED), (changes.cancel, VisitState.CANCELLED)):
        assert all(state in VISIT_MOVES[one.visit.state] for one in drops)


# Windows ------------------------------------------------------------------------------------------

MONTH_1 = PlannedVisit(
    "Y-M1",
    Anchor.A1,
    INFUSED,
    day("2026-10-31"),
    day("2026-10-31"),
    day("2026-10-24"),
    day("2026-11-07"),
    "Y",
)


@pytest.mark.parametrize(
    ("on", "status", "outside"),
    [
        ("2026-10-23", "UPCOMING", -1),
        ("2026-10-24", "OPEN", 0),
        ("2026-11-03", "OPEN", 0),
        ("2026-11-04", "CLOSING", 0),
        ("2026-11-07", "CLOSING", 0),
        ("2026-11-08", "OVERDUE", 1),
    ],
)
def test_both_ends_belong_to_the_window(on, status, outside):
    assert window_status(MONTH_1, day(on)) == WindowStatus(status)
    assert days_outside(MONTH_1, day(on)) == outside


def test_days_before_closing_are_a_setting():
    assert window_status(MONTH_1, day("2026-11-06"), closing_days=0) is WindowStatus.OPEN
    assert window_status(MONTH_1, day("2026-11-07"), closing_days=0) is WindowStatus.CLOSING


def test_a_visit_without_window_opens_with_its_target_and_stays_open():
    free = replace(MONTH_1, window_open=None, window_close=None)
    assert window_status(free, day("2026-10-30")) is WindowStatus.UPCOMING
    assert window_status(free, day("2026-10-31")) is WindowStatus.OPEN
    assert window_status(free, day("2030-10-31")) is WindowStatus.OPEN
    assert (days_outside(free, day("2026-01-01")), days_outside(free, day("2030-01-01"))) == (0, 0)


@given(st.integers(-60, 60), st.integers(0, 30))
def test_a_window_never_goes_back(offset, closing_days):
    order = list(WindowStatus)
    on = MONTH_1.target_from + offset * DAY
    today, tomorrow = (window_status(MONTH_1, one, closing_days) for one in (on, on + DAY))
    assert order.index(today) <= order.index(tomorrow)
    assert (days_outside(MONTH_1, on) == 0) is (today in (WindowStatus.OPEN, WindowStatus.CLOSING))


def test_number_of_an_unscheduled_visit():
    assert unscheduled_number(Decimal(33), []) == Decimal("33.01")
    assert unscheduled_number(Decimal(33), [Decimal("33.01"), Decimal("33.02")]) == Decimal("33.03")
    assert unscheduled_number(Decimal("33.01"), [Decimal("33.01")]) == Decimal("33.02")
    with pytest.raises(ScheduleError):
        unscheduled_number(Decimal("33.99"), [])
