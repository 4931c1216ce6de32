"""Worked cases of the visit calendar, planned by version 1 of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from followup.schedule import Facts, plan
from participants.schedule_file import SCHEDULES, Anchor, Schedule, load
from trial_edc.vector_families.family import Family
from trial_edc.vector_reading import Case


@cache
def schedule() -> Schedule:
    """Read the schedule of the specification, once."""
    return load(SCHEDULES / "v1.toml")


def calendar(case: Case) -> Mapping[str, object]:
    """Plan the visits named in `codes`: target from and to, window open and close; null is no limit, or no visit."""
    given = case.inner("anchors")
    for name in given.content:
        if name not in set(Anchor):
            raise given.complain(f"{name} is not an anchor; there are {', '.join(Anchor)}.")
    planned = plan(
        schedule(),
        Facts(
            {Anchor(name): given.whole_day(name) for name in given.content},
            arm=case.maybe_word("arm"),
            haic_cycles=case.whole("haic_cycles") if case.has("haic_cycles") else 2,
        ),
    )
    visits = {visit.code: visit for visit in planned.visits}
    codes = case.words("codes") or ()
    dates: dict[str, object] = {}
    for code in codes:
        visit = visits.get(code)
        spans = (
            ()
            if visit is None
            else (visit.target_from, visit.target_to, visit.window_open, visit.window_close)
        )
        dates[code] = None if visit is None else [None if day is None else day.isoformat() for day in spans]
    return {"dates": dates, "superseded": [code for code in codes if code in planned.superseded]}


FAMILIES: Final[Mapping[str, Family]] = {"calendar": Family(calendar, ("dates", "superseded"))}
