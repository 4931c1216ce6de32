"""The calendar: planning it, bringing every one in step with another version, and finding what is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.access import SYSTEM
from bench import trial
from bench.report import Figure
from bench.run import Run
from followup.actions import create_due_reminders, replan_all_where_needed
from followup.amendment import Amended
from followup.calendars import PLANNING, amendments, facts_in
from followup.schedule import Facts, plan
from followup.selectors import CLOSED, series_in_use, waiting_visits
from participants.actions import adopt_schedule
from participants.models import Participant, Visit
from participants.schedule_file import Schedule, parse
from participants.selectors import case_forms_of_each, schedule_in_force, schedule_of
from records import clock
from trial_edc.demo.story import OPENS_AT

LATER = OPENS_AT + timedelta(days=1)
# Both windows of a participant's visits move, and one form more is due.
CHANGES = (
    ('version = "1"', 'version = "2"'),
    ("day_from = 183\nday_to = 183", "day_from = 181\nday_to = 181"),
    ("window_before = 21\nwindow_after = 21", "window_before = 20\nwindow_after = 20"),
)


class _Undone(Exception):
    """What was measured is taken back."""


def plan_calendars(run: Run) -> list[Figure]:
    """Measure each at N participants and at 2N: work that grows with them takes twice the time, and no more."""
    sizes = (run.options.few, 2 * run.options.few)
    measured = [_measure(run, f"bench_plan_{size}", size) for size in sizes]
    return [
        Figure(
            f"plan.{key}",
            f"{words}, {sizes[1]} participants over {sizes[0]}",
            " / ".join(f"{1000 * one[key]:.0f} ms" for one in measured),
            measured[1][key] / measured[0][key],
        )
        for key, words in WORDS.items()
    ]


WORDS = {
    "pure": "plan calendars from facts",
    "preview": "preview a schedule version",
    "replan": "bring calendars in step with it",
    "waiting": "find the visits that wait",
    "reminders": "write down the reminders due",
}


def _measure(run: Run, database: str, participants: int) -> dict[str, float]:
    run.say(f"Copying {participants} participants")
    trial.make_copy(database, participants)
    trial.use(database)
    schedule = schedule_of(schedule_in_force(clock.day(OPENS_AT)).pk)
    facts = _facts(schedule)
    rounds = run.options.rounds
    today = clock.day(OPENS_AT)
    replan_all_where_needed(by=SYSTEM, now=OPENS_AT)  # the copies are in step before anything is measured
    source = schedule_in_force(today).source
    for old, new in CHANGES:
        source = source.replace(old, new)
    amended = parse(source)
    times = {
        "pure": _best(rounds, lambda: [plan(schedule, one) for one in facts]),
        "preview": _best(rounds, lambda: _touched(amended, LATER)),
        "waiting": _best(rounds, lambda: list(waiting_visits(Visit.objects.all(), today))),
        "reminders": _best(
            rounds, lambda: _taken_back(lambda: create_due_reminders(by=SYSTEM, now=OPENS_AT))
        ),
    }
    adopt_schedule(number=2, effective_from=clock.day(LATER), source=source, by=SYSTEM, now=OPENS_AT)
    # Once: afterwards every calendar is in step.
    times["replan"] = _best(1, lambda: replan_all_where_needed(by=SYSTEM, now=LATER))
    if _touched(amended, LATER):
        raise SystemExit("Calendars are not in step after they were brought in step.")
    return times


def _facts(schedule: Schedule) -> list[Facts]:
    series = series_in_use(schedule, clock.day(OPENS_AT))
    people = list(Participant.objects.exclude(status__in=CLOSED))
    books = case_forms_of_each(people, PLANNING)
    return [facts_in(person, books[person.pk], series, None) for person in people]


def _touched(schedule: Schedule, at: datetime) -> int:
    return sum(isinstance(one, Amended) and one.changes for one in amendments(schedule, clock.day(at)))


def _taken_back(work: Callable[[], Any]) -> None:
    try:
        with transaction.atomic():
            work()
            raise _Undone
    except _Undone:
        pass


def _best(rounds: int, work: Callable[[], Any]) -> float:
    """The shortest of some runs, in seconds: what else the machine does only ever adds."""
    times = []
    for _round in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
