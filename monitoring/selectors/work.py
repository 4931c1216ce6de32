"""Reads of what is to be done at visits: forms missing, drafts, visits to verify and to sign; each one statement.

Whoever reads has what happened since counted first, by `count_work` (monitoring/counting.py). `sites`: numbers of sites, None for all;
`first` and `last`: which rows, counted from 0, the last excluded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from participants.models import THROUGHOUT
from participants.workflow import ParticipantState, VisitState
from records.text import Text

AT_SITES = "(%(sites)s::bigint[] IS NULL OR {}.site_id = ANY (%(sites)s::bigint[]))"


def count_work() -> None:
    """Have the visits counted at which something happened; one statement, and nothing where nothing did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT monitoring_count_work()")


def by_section(
    inner: str, order: str, words: Mapping[str, Any], first: int, last: int
) -> dict[str, tuple[int, list[dict[str, Any]]]]:
    """Some rows of each section of a statement, which has a column `section`, and how many there are; one statement.

    `order` is in terms of the statement's columns. A section without rows is not there.
    """
    statement = (
        "SELECT * FROM (SELECT one.*, count(*) OVER (PARTITION BY section) AS of_all, "  # noqa: S608 – our own words
        f"row_number() OVER (PARTITION BY section ORDER BY {order}) AS place FROM ({inner}) one) placed "
        "WHERE place > %(first)s AND place <= %(last)s ORDER BY section, place"
    )
    found: dict[str, tuple[int, list[dict[str, Any]]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**words, "first": first, "last": last})
        names = [column.name for column in cursor.description or ()]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            found.setdefault(row["section"], (row["of_all"], []))[1].append(row)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A visit at which something is to be done, with its participant's number."""

    visit_id: int
    participant_id: int
    number: str
    label: Text


def _waiting(row: Mapping[str, Any]) -> tuple[int, int, str, Text]:
    return (
        row["visit_id"],
        row["participant_id"],
        row["number"],
        Text(row["label_en"], row["label_zh"]),
    )


# -- forms missing ---------------------------------------------------------------------------------------

# A participant who failed screening takes no more forms.
MISSING = f"""
SELECT v.status AS section, w.visit_id, w.participant_id, p.number, v.label_en, v.label_zh, cardinality(v.forms) AS planned,
       w.missing, coalesce(w.took_place, v.target_from) AS since
FROM monitoring_visitwork w
JOIN participants_visit v ON v.id = w.visit_id
JOIN participants_participant p ON p.id = w.participant_id
WHERE w.missing <> '{{}}' AND v.status IN ('{VisitState.STARTED}', '{VisitState.DONE}')
AND p.status <> '{ParticipantState.SCREEN_FAILURE}' AND {AT_SITES.format("w")}
"""  # noqa: S608 – our own words


@dataclass(frozen=True, slots=True)
class Missing(Waiting):
    """A visit that took place or was begun, and the forms due at it of which nothing is entered, in their order."""

    forms: Sequence[str]
    since: date | None  # the day it took place, or was planned for


def missing_forms(
    sites: list[int] | None, first: int, last: int
) -> dict[VisitState, tuple[int, list[Missing]]]:
    """The visits done and the visits begun at which forms are missing, the longest ago first."""
    found = by_section(MISSING, "since NULLS LAST, number, visit_id", {"sites": sites}, first, last)
    return {
        VisitState(state): (number, [Missing(*_waiting(row), row["missing"], row["since"]) for row in rows])
        for state, (number, rows) in found.items()
    }


# -- drafts ----------------------------------------------------------------------------------------------

# Deviations that a rule drafted are told of by themselves (safety/selectors/deviations.py).
DRAFTS = f"""
SELECT '' AS section, w.visit_id, w.participant_id, p.number, v.label_en, v.label_zh,
       draft ->> 0 AS form, (draft ->> 1)::int AS repeat, (draft ->> 2)::timestamptz AS begun
FROM monitoring_visitwork w
JOIN participants_visit v ON v.id = w.visit_id
JOIN participants_participant p ON p.id = w.participant_id
CROSS JOIN jsonb_array_elements(w.drafts) draft
WHERE w.drafts <> '[]' AND {AT_SITES.format("w")}
AND (p.status <> '{ParticipantState.SCREEN_FAILURE}' OR v.series = '{THROUGHOUT}')
AND NOT (draft ->> 0 = 'DV' AND EXISTS (
    SELECT 1 FROM safety_protocoldeviation dv JOIN safety_deviationdraft rule ON rule.deviation_id = dv.id
    WHERE dv.visit_id = w.visit_id AND dv.repeat = (draft ->> 1)::int))
"""  # noqa: S608 – our own words


@dataclass(frozen=True, slots=True)
class Draft(Waiting):
    """A form that was begun and not submitted."""

    form: str
    repeat: int
    begun: datetime


def drafts(sites: list[int] | None, first: int, last: int) -> tuple[int, list[Draft]]:
    """The forms left as drafts, the longest ago first."""
    found = by_section(DRAFTS, "begun, number, visit_id, form, repeat", {"sites": sites}, first, last)
    number, rows = found.get("", (0, []))
    return number, [Draft(*_waiting(row), row["form"], row["repeat"], row["begun"]) for row in rows]


# -- to verify, to sign ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submitted(Waiting):
    """A visit with submitted forms that wait for somebody: how many (to verify), and since when."""

    forms: int
    since: datetime


def _submitted(
    condition: str, since: str, sites: list[int] | None, first: int, last: int
) -> tuple[int, list[Submitted]]:
    there = f"monitoring_visitwork w WHERE {condition} AND {AT_SITES.format('w')}"
    statement = f"""
        SELECT counted.of_all, w.visit_id, w.participant_id, p.number, v.label_en, v.label_zh, w.to_verify, w.since
        FROM (SELECT count(*) AS of_all FROM {there}) counted
        LEFT JOIN (SELECT w.*, w.{since} AS since FROM {there} ORDER BY w.{since}, w.visit_id
                   LIMIT %(most)s OFFSET %(first)s) w ON true
        LEFT JOIN participants_visit v ON v.id = w.visit_id
        LEFT JOIN participants_participant p ON p.id = w.participant_id
        ORDER BY w.since, w.visit_id
    """  # noqa: S608 – our own words
    with connection.cursor() as cursor:
        cursor.execute(statement, {"sites": sites, "first": first, "most": last - first})
        rows = cursor.fetchall()
    return rows[0][0], [
        Submitted(visit, person, number, Text(en, zh), forms, when)
        for _of_all, visit, person, number, en, zh, forms, when in rows
        if visit is not None
    ]


def visits_to_verify(sites: list[int] | None, first: int, last: int) -> tuple[int, list[Submitted]]:
    """The visits with submitted forms that were never wholly verified, the longest submitted first."""
    return _submitted("w.to_verify > 0", "waits_since", sites, first, last)


def visits_to_sign(sites: list[int] | None, first: int, last: int) -> tuple[int, list[Submitted]]:
    """The visits that are complete and were never signed, the longest complete first."""
    return _submitted("w.to_sign", "submitted_at", sites, first, last)
