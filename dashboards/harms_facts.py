"""Adverse events and laboratory grades of participants whose treatment began, counted by the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from dashboards.selectors import View
from dashboards.statements import TREATED, rows_of, table_of
from eligibility.models import AdverseEvent, Laboratory
from records.items import items_of
from records.text import Text

EVENTS = table_of(AdverseEvent)
SAMPLES = table_of(Laboratory)

# What can be said of a participant by their worst: as SQL on `e`, what they had summed up.
KINDS: dict[str, tuple[Text, str]] = {
    "any": (Text("Any adverse event", "任何不良事件"), "e.worst IS NOT NULL OR e.events > 0"),
    "severe": (Text("Grade 3 or more", "3级及以上"), "e.worst >= 3"),
    "related": (Text("Related to study treatment", "与研究治疗相关"), "e.related"),
    "severe-related": (Text("Grade 3 or more, related", "3级及以上且治疗相关"), "e.worst_related >= 3"),
    "serious": (Text("Serious", "严重不良事件"), "e.serious"),
    "fatal": (Text("Fatal (grade 5)", "死亡（5级）"), "e.worst = 5"),
}


@dataclass(frozen=True, slots=True)
class Harms:
    """By arm: whose treatment began, and of these how many had an event of each kind."""

    treated: dict[str, int]
    of_kind: dict[str, dict[str, int]]


def harms(view: View) -> Harms:
    """Count participants by the kinds of adverse event they had; one query."""
    kinds = ", ".join(f"count(*) FILTER (WHERE {condition})" for _words, condition in KINDS.values())
    statement = f"""
        SELECT p.arm, count(*), {kinds}
        FROM participants_participant p LEFT JOIN (
            SELECT r.participant_id, count(*) AS events, max(r.aetoxgr) AS worst,
                   bool_or(r.aeser = 'Y') AS serious, bool_or(r.aerelany = 'Y') AS related,
                   max(r.aetoxgr) FILTER (WHERE r.aerelany = 'Y') AS worst_related
            FROM {EVENTS} r WHERE r.state = 'SUBMITTED' GROUP BY 1
        ) e ON e.participant_id = p.id
        WHERE {{where}} AND {TREATED} GROUP BY 1
    """  # noqa: S608 – our own words
    found = Harms({}, {})
    for arm, treated, *numbers in rows_of(statement, view):
        found.treated[arm] = treated
        found.of_kind[arm] = dict(zip(KINDS, numbers, strict=True))
    return found


def worst_grades(view: View) -> dict[str, Counter[tuple[str, int]]]:
    """By term ("" where not coded): participants by arm and the worst grade they had of it (0: not known)."""
    statement = f"""
        SELECT term, arm, worst, count(*) FROM (
            SELECT coalesce(r.aedecod, '') AS term, p.arm, coalesce(max(r.aetoxgr), 0) AS worst
            FROM {EVENTS} r JOIN participants_participant p ON p.id = r.participant_id
            WHERE r.state = 'SUBMITTED' AND {{where}} AND {TREATED} GROUP BY 1, 2, p.id
        ) each GROUP BY 1, 2, 3
    """  # noqa: S608 – our own words
    found: dict[str, Counter[tuple[str, int]]] = {}
    for term, arm, worst, number in rows_of(statement, view):
        found.setdefault(term, Counter())[arm, worst] += number
    return found


def graded_tests() -> list[tuple[str, Text]]:
    """The tests that have a grade, by their item, in the order of the form."""
    names = {field.name for field in Laboratory._meta.concrete_fields}
    return [(item.name, item.label) for item in items_of(Laboratory) if f"{item.name}_gr" in names]


def shifts(view: View) -> Counter[tuple[str, str, int, int]]:
    """Participants by test, arm, grade at screening and worst grade after it (-1 where there is none).

    At screening the last submitted sample in which the test has a result counts, as some are of a few tests alone;
    after it every submitted sample. Who has no grade at either time is not counted. One query.
    """
    tests = [name for name, _label in graded_tests()]
    worst = ", ".join(f"max({name}_gr) AS {name}" for name in tests)
    first = ", ".join(
        f"(array_agg(r.{name}_gr ORDER BY r.repeat DESC) FILTER (WHERE r.{name} IS NOT NULL))[1] AS {name}"
        for name in tests
    )
    pairs = ", ".join(f"('{name}', b.{name}, w.{name})" for name in tests)
    statement = f"""
        WITH seen AS (
            SELECT p.id, p.arm FROM participants_participant p WHERE {{where}} AND {TREATED}
        ), samples AS (
            SELECT r.*, v.code FROM {SAMPLES} r JOIN participants_visit v ON v.id = r.visit_id
            WHERE r.state = 'SUBMITTED' AND r.participant_id IN (SELECT id FROM seen)
        ), b AS (
            SELECT r.participant_id, {first} FROM samples r WHERE r.code = 'SCR' GROUP BY 1
        ), w AS (
            SELECT participant_id, {worst} FROM samples WHERE code <> 'SCR' GROUP BY 1
        )
        SELECT t.test, seen.arm, coalesce(t.first, -1), coalesce(t.worst, -1), count(*)
        FROM seen LEFT JOIN b ON b.participant_id = seen.id LEFT JOIN w ON w.participant_id = seen.id
        CROSS JOIN LATERAL (VALUES {pairs}) t(test, first, worst)
        WHERE t.first IS NOT NULL OR t.worst IS NOT NULL GROUP BY 1, 2, 3, 4
    """  # noqa: S608 – our own words
    return Counter({tuple(key): number for *key, number in rows_of(statement, view)})
