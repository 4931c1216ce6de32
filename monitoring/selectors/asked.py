"""What is asked at one visit, by people and by checks across forms, as a form page needs it: in one statement."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.prepared import ask
from participants.workflow import DISCREPANCY_WORDS, DiscrepancyState
from records.text import Text

# How many queries in each state there are, by form, which of several records, and item.
Marked = dict[tuple[str, int, str], dict[str, int]]

SQL = """
    SELECT form, repeat, item, state, count(*)::int, NULL::jsonb FROM monitoring_query
    WHERE visit_id = %(visit)s GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT d.form, d.repeat, d.item, d.status, 1, jsonb_build_object(
        'pk', d.id, 'check', d.check_id, 'en', d.message_en, 'zh', d.message_zh, 'said', (
            SELECT jsonb_agg(jsonb_build_array(s.status, s.comment, p.full_name, s.at) ORDER BY s.id)
            FROM participants_discrepancystep s LEFT JOIN accounts_user p ON p.id = s.by_id
            WHERE s.discrepancy_id = d.id AND s.comment <> ''))
    FROM participants_discrepancy d WHERE d.visit_id = %(visit)s AND d.status <> 'CLOSED'
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote about what a check found."""

    words: Text
    comment: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FoundByCheck:
    """What a check across forms found at a form and is not settled."""

    pk: int
    check_id: str
    item: str
    message: Text
    status: DiscrepancyState
    said: tuple[Said, ...]

    @property
    def is_open(self) -> bool:
        return self.status == DiscrepancyState.OPEN

    @property
    def status_words(self) -> Text:
        return DISCREPANCY_WORDS[self.status]


@dataclass(frozen=True, slots=True)
class AskedAtVisit:
    """Queries by place, and what checks found by form and which of several records; confirmed ones are not counted."""

    marked: Marked
    found: dict[tuple[str, int], list[FoundByCheck]]

    def checks(self, form: str, repeat: int) -> list[FoundByCheck]:
        return self.found.get((form, repeat), [])


def asked_at(visit_id: int) -> AskedAtVisit:
    """Everything asked at a visit; one query for all its forms."""
    marked: Marked = defaultdict(dict)
    found: dict[tuple[str, int], list[FoundByCheck]] = defaultdict(list)
    for form, repeat, item, state, number, check in ask(SQL, {"visit": visit_id}):
        if check is None:
            states = marked[form, repeat, item]
            states[state] = states.get(state, 0) + number
        else:
            one = _found(item, state, json.loads(check) if isinstance(check, str) else check)
            found[form, repeat].append(one)
            if one.is_open:
                states = marked[form, repeat, item]
                states[state] = states.get(state, 0) + 1
    for checks in found.values():
        checks.sort(key=lambda one: one.pk)
    return AskedAtVisit(marked, found)


def _found(item: str, status: str, check: dict[str, Any]) -> FoundByCheck:
    said = tuple(
        Said(DISCREPANCY_WORDS[DiscrepancyState(state)], comment, by or "", datetime.fromisoformat(at))
        for state, comment, by, at in check["said"] or ()
    )
    words = Text(check["en"], check["zh"])
    return FoundByCheck(check["pk"], check["check"], item, words, DiscrepancyState(status), said)
