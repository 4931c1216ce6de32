"""Laboratory results that call for an adverse event and have none, as the forms stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from accounts.access import Access, Permission
from eligibility.models import AdverseEvent, Laboratory
from participants.dates import PartialDate
from participants.models import Participant
from records import clock
from records.items import items_of
from records.text import Text
from safety.laboratory_prompts import SERIOUS, TERMS, WORSE_BY, Event, Result, uncovered
from safety.models import LaboratoryDismissal

# What is read of a form besides its grades: a laboratory form has some hundred columns.
READ = (
    *(f"participant__{field.name}" for field in Participant._meta.concrete_fields),
    "visit_id",
    "repeat",
    "lbdtc",
    "entered_at",
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A result that calls for an adverse event, with its participant and the words of its test."""

    participant: Participant
    result: Result
    label: Text


@cache
def _calling() -> str:
    """The condition that one of the results of a form may call for an adverse event; written once, as there are many."""
    table = connection.ops.quote_name(Laboratory._meta.db_table)
    return " OR ".join(
        f"({table}.{name}_gr >= {SERIOUS} AND coalesce({table}.{name}_cs, 'CS') = 'CS')"
        f" OR ({table}.{name}_gr >= {WORSE_BY} AND {table}.{name}_cs = 'CS')"
        for name in graded_tests()
    )


@cache
def graded_tests() -> dict[str, Text]:
    """The tests of the laboratory form that are graded and judged, with their labels."""
    items = {item.name: item for item in items_of(Laboratory)}
    return {name: items[name].label for name in TERMS if f"{name}_gr" in items and f"{name}_cs" in items}


def prompts(access: Access, where: Q | None = None) -> list[Prompt]:
    """The results without an adverse event that this person sees, the latest first.

    One query where none calls for one, four otherwise.
    """
    tests = graded_tests()
    if not tests or not access.may_somewhere(Permission.SEE_PARTICIPANTS):
        return []
    at_sites = access.at_sites(Permission.SEE_PARTICIPANTS, "participant__site")
    forms = list(
        Laboratory.objects.filter(at_sites)
        .filter(where or Q())
        .filter(RawSQL(_calling(), (), output_field=BooleanField()))  # noqa: S611 – our own names
        .select_related("participant")
        .only(*READ, *(f"{name}_{part}" for name in tests for part in ("gr", "cs")))
        .order_by("-lbdtc", "pk")
    )
    if not forms:
        return []
    people = {form.participant_id for form in forms}
    baselines = _baselines(people, tests)
    events = _events(people)
    dismissed = _dismissed(people)
    found = []
    for form in forms:
        results = _results(form, tests, baselines[form.participant_id])
        open_ones = uncovered(results, events[form.participant_id], dismissed)
        found += [Prompt(form.participant, one, tests[one.test]) for one in open_ones]
    return found


def _results(form: Laboratory, tests: Mapping[str, Text], baseline: Mapping[str, int]) -> list[Result]:
    on = clock.day(form.lbdtc or form.entered_at)
    graded = {name: getattr(form, f"{name}_gr") for name in tests}
    return [
        Result(
            form.visit_id,
            form.repeat,
            name,
            on,
            grade,
            baseline.get(name),
            getattr(form, f"{name}_cs"),
        )
        for name, grade in graded.items()
        if grade is not None
    ]


def _baselines(people: set[int], tests: Mapping[str, Text]) -> dict[int, dict[str, int]]:
    """The grades of screening by participant and test; of several samples the last one."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    grades = [f"{name}_gr" for name in tests]
    rows = Laboratory.objects.filter(participant__in=people, visit__code="SCR").order_by("repeat")
    for row in rows.values("participant_id", *grades):
        for name in tests:
            if row[f"{name}_gr"] is not None:
                found[row["participant_id"]][name] = row[f"{name}_gr"]
    return found


def _events(people: set[int]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    rows = AdverseEvent.objects.filter(participant__in=people)
    for person, began, ended, term in rows.values_list("participant_id", "aestdtc", "aeendtc", "aedecod"):
        found[person].append(Event(_partial(began), _partial(ended), term))
    return found


def _partial(day: Any) -> PartialDate | None:
    return PartialDate.parse(day) if day else None


def _dismissed(people: set[int]) -> dict[tuple[int, int, str], int]:
    found: dict[tuple[int, int, str], int] = {}
    rows = LaboratoryDismissal.objects.filter(participant__in=people)
    for visit, repeat, test, grade in rows.values_list("visit_id", "repeat", "test", "grade"):
        found[visit, repeat, test] = max(grade, found.get((visit, repeat, test), 0))
    return found
