"""Write down what came out of a screening log: one entry's results as JSON, and the report over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from eligibility.cnlc import Stage
from eligibility.criteria_wording import WORDING
from eligibility.facts import Conclusion, Outcome
from eligibility.history.columns import COLUMNS
from eligibility.history.judging import EDITION, RULES, Judged
from eligibility.history.reading import Log
from eligibility.history.values import Doubt, DoubtfulValue, ReadValue, plain
from eligibility.models.history import POINTS
from records.text import Text

SHAPE: Final = 1  # raised when a key of the report changes its meaning
NO_CLASS: Final = "UNKNOWN"


def both(words: Text) -> dict[str, str]:
    """Give a phrase in both languages."""
    return {"en": words.en, "zh": words.zh}


def read_as_json(read: ReadValue) -> dict[str, str]:
    """Give one value as given and as read; numbers as text, so that they stay exact."""
    value = plain(read.value) if isinstance(read.value, Decimal) else read.value
    return {"heading": read.heading, "given": read.given, "value": value, "unit": read.unit}


def doubtful_as_json(one: DoubtfulValue) -> dict[str, Any]:
    """Give a refused or implausible value with its sentence, and what it would be in another unit."""
    likely = one.likely and {
        "read_in": one.likely.read_in,
        "value": plain(one.likely.value),
        "unit": one.likely.unit,
    }
    return {
        "heading": one.heading,
        "item": one.item,
        "given": one.given,
        "doubt": str(one.doubt),
        "sentence": both(one.sentence),
        "likely": likely,
    }


def results_as_json(judged: Judged) -> dict[str, Any]:
    """Give what came out for one patient: stage, each Child-Pugh point, ALBI, each criterion with its reason."""
    score, grade, stage = judged.child_pugh, judged.albi, judged.stage
    return {
        "stage": {
            "cnlc": str(stage.stage),
            "edition": stage.edition,
            "reason": both(stage.reason),
            "record_i3": str(stage.record_i3),
            "missing": list(stage.missing),
        },
        "child_pugh": {
            "points": dict(zip(POINTS, score.points, strict=True)),
            "score": score.score,
            "class": score.child_class,
            "reason": both(score.reason),
            "missing": list(score.missing),
        },
        "albi": {
            "value": None if grade.value is None else plain(albi_stored(grade.value)),
            "grade": grade.modified,
            "reason": both(grade.reason),
        },
        "criteria": [
            {
                "id": result.id,
                "outcome": str(result.outcome),
                "value": both(result.value),
                "reason": both(result.reason),
                "warnings": [both(words) for words in result.warnings],
            }
            for result in judged.criteria
        ],
        "conclusion": str(judged.conclusion),
        "values": {
            read.item or read.heading: read_as_json(read) for read in judged.values.by_heading.values()
        },
        "doubtful": [doubtful_as_json(one) for one in judged.values.doubtful],
    }


def albi_stored(value: Decimal) -> Decimal:
    """Round an ALBI score to the 4 decimals that are stored; it was graded before."""
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def report(
    *,
    log: Log,
    judged: Sequence[Judged],
    states: Mapping[str, str],
    site: str,
    committed: bool,
    now: datetime,
) -> dict[str, Any]:
    """Put together the report of one run.

    `states` says by patient whether an entry is new, stored before, or in conflict with a stored one.
    """
    return {
        "shape": SHAPE,
        "file": {
            "name": log.name,
            "sha256": log.sha256,
            "patients": len(log.rows),
            "unreadable_lines": len(log.broken),
        },
        "site": site,
        "mode": "commit" if committed else "dry run",
        "at": now.isoformat(),
        "cnlc_edition": EDITION,
        "rules": dict(RULES),
        "headings": _headings(log),
        "criteria": {name: both(words) for name, words in WORDING.items()},
        "summary": summary(judged, states),
        "rows": [
            {
                "line": one.row.number,
                "patient": one.row.patient,
                "age": one.row.cells["Age at diagnosis"],
                "state": states[one.row.patient],
                **results_as_json(one),
            }
            for one in judged
        ],
        "unreadable": [{"line": one.number, "sentence": both(one.sentence)} for one in log.broken],
    }


def summary(judged: Sequence[Judged], states: Mapping[str, str]) -> dict[str, Any]:
    """Count stages, Child-Pugh classes, conclusions, outcomes of each criterion, and doubtful values."""
    stages = Counter(str(one.stage.stage) for one in judged)
    classes = Counter(one.child_pugh.child_class or NO_CLASS for one in judged)
    conclusions = Counter(str(one.conclusion) for one in judged)
    outcomes = Counter((result.id, str(result.outcome)) for one in judged for result in one.criteria)
    return {
        "states": dict(Counter(states.values())),
        "stages": {str(stage): stages[str(stage)] for stage in Stage},
        "child_pugh": {name: classes[name] for name in ("A", "B", "C", NO_CLASS)},
        "conclusions": {str(name): conclusions[str(name)] for name in Conclusion},
        "criteria": {
            name: {str(outcome): outcomes[name, str(outcome)] for outcome in Outcome} for name in WORDING
        },
        "refused": _by_heading(judged, Doubt.REFUSED),
        "implausible": _by_heading(judged, Doubt.IMPLAUSIBLE),
    }


def _by_heading(judged: Iterable[Judged], doubt: Doubt) -> dict[str, int]:
    """Count the patients with such a value by heading, in the order of the columns."""
    found = Counter(
        heading
        for one in judged
        for heading in {value.heading for value in one.values.doubtful if value.doubt is doubt}
    )
    return {column.heading: found[column.heading] for column in COLUMNS if found[column.heading]}


def _headings(log: Log) -> list[dict[str, Any]]:
    known = [
        {
            "heading": column.heading,
            "item": column.item,
            "unit": column.unit,
            "codes": dict(column.codes),
            "note": column.note and both(column.note),
        }
        for column in COLUMNS
    ]
    unread = Text("Nobody reads this column; its cells are kept as given.", "该列不采用，原样保存。")
    return known + [
        {"heading": name, "item": "", "unit": "", "codes": {}, "note": both(unread)} for name in log.unread
    ]
