"""A participant's imaging without a database, as the response form reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from eligibility.imaging_sets import Examination, course_of
from followup.tumour_course import Answer, TumourCourse
from records.text import Text

BASELINE_ON = date(2026, 9, 10)
A0 = date(2026, 9, 20)
NOW = datetime(2027, 12, 1, 2, tzinfo=UTC)
SIGNED = datetime(2026, 9, 1, 1, tzinfo=UTC)
SCREENING = 1


def examination(
    visit: int, on: date, *rows: dict[str, Any], new_lesion: str = "N", **given: Any
) -> Examination:
    known: dict[str, Any] = {
        "key": visit,
        "visit": visit,
        "repeat": 1,
        "code": "SCR" if visit == SCREENING else f"V{visit}",
        "label": Text(f"Visit {visit}", f"访视{visit}"),
        "position": Decimal(visit),
        "on": on,
        "modality": "CEMRI",
        "evaluator": "INVESTIGATOR",
        "adequate": True,
        "new_lesion": new_lesion,
        "submitted": True,
        "rows": rows,
    }
    return Examination(**{**known, **given})


def target(size: str | None, viable: str | None = None, name: str = "T01", **given: Any) -> dict[str, Any]:
    """A target of the liver; without a viable diameter all of it enhances."""
    longest = None if size is None else Decimal(size)
    state = "ABSENT" if longest == 0 else "PRESENT"
    sizes: dict[str, Any] = {"ldiam": longest, "viadiam": longest if viable is None else Decimal(viable)}
    if state == "ABSENT":
        sizes = {}
    return {"lnkid": name, "lescat": "TARGET", "lesloc": "S6", "lesst": state, **sizes, **given}


def other(state: str = "PRESENT", name: str = "NT01", location: str = "PV") -> dict[str, Any]:
    return {"lnkid": name, "lescat": "NONTARGET", "lesloc": location, "lesst": state}


def course(*examinations: Examination, **given: Any) -> TumourCourse:
    known: dict[str, Any] = {"answers": {}, "a0": A0}
    return TumourCourse(course_of(examinations), **{**known, **given})


def context(known: TumourCourse, visit: int, **given: Any) -> dict[str, Any]:
    base = {
        "today": NOW.date(),
        "now": NOW,
        "icfdtc": SIGNED,
        "arm": "Y90",
        "visit_code": "Y-M1",
        "repeat": 1,
        "course": known,
        "visit_id": visit,
        "resected": "N",
        "died_on": None,
    }
    return {**base, **given}


def answered(non_target: str = "NA", **given: Any) -> Answer:
    return Answer(non_target=non_target, submitted=True, **given)
