"""Checks across the forms that are measured from screening on (specification section 8.26)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from participants.cross_checks import Casebook, CrossCheck, Mismatch
from records.text import Text

WEIGHT_CHANGE = Decimal("0.10")
WEIGHT_WITHIN_DAYS = 45
HEIGHT_CHANGE_CM = 3

WEIGHT_CHANGED = Text(
    "The weight changed from {before} kg on {first} to {after} kg on {second}, more than 10 %. "
    "Correct one of them, or confirm.",
    "体重由{first}的{before} kg变为{second}的{after} kg，变化超过10%。请更正，或填写说明予以确认。",
)
HEIGHT_CHANGED = Text(
    "The height was {before} cm at {visit} and is {after} cm here. Correct one of them, or confirm.",
    "{visit}身高为{before} cm，本次为{after} cm。请更正，或填写说明予以确认。",
)


def visit_days(casebook: Casebook) -> dict[int, date]:
    """The day of each visit that took place, by visit."""
    return {header.visit_id: header.svstdtc for header in casebook.all("SV") if header.svstdtc}


def weight_changed(casebook: Casebook) -> Iterable[Mismatch]:
    """X17: a weight more than 10 % away from the one before it, not more than 45 days earlier."""
    days = visit_days(casebook)
    weighed: list[tuple[date, Any]] = sorted(
        ((days[one.visit_id], one) for one in casebook.all("VS") if one.weight and one.visit_id in days),
        key=lambda pair: (pair[0], pair[1].pk),
    )
    for (first, before), (second, after) in pairwise(weighed):
        if (second - first).days > WEIGHT_WITHIN_DAYS or after.confirmed.get("weight"):
            continue
        if abs(after.weight - before.weight) > WEIGHT_CHANGE * before.weight:
            words = WEIGHT_CHANGED.format(
                before=before.weight, first=first, after=after.weight, second=second
            )
            yield Mismatch(after, "weight", words)


def height_changed(casebook: Casebook) -> Iterable[Mismatch]:
    """X23: a height more than 3 cm away from the first one."""
    measured = [one for one in casebook.all("VS") if one.height]
    for one in measured[1:]:
        first = measured[0]
        if abs(one.height - first.height) > HEIGHT_CHANGE_CM and not one.confirmed.get("height"):
            words = HEIGHT_CHANGED.format(before=first.height, visit=first.visit.label, after=one.height)
            yield Mismatch(one, "height", words)


CHECKS = (
    CrossCheck(
        "X17",
        Text("Weight changes by more than 10 % within 45 days", "45天内体重变化超过10%"),
        {"VS": ("weight",), "SV": ("svstdtc",)},
        weight_changed,
    ),
    CrossCheck(
        "X23",
        Text("Height changes by more than 3 cm", "身高变化超过3 cm"),
        {"VS": ("height",)},
        height_changed,
    ),
)
