"""The plan of verification in force: what of each form is held against the source."""

from __future__ import annotations

from collections import defaultdict

from monitoring.models import VerificationPlan
from monitoring.plan import ALL, DEFAULT


def plan_of(form: str, stored: list[str] | None) -> tuple[str, ...]:
    """What is verified of a form: its newest version, or the plan the trial starts with."""
    return tuple(stored) if stored is not None else DEFAULT.get(form, ALL)


def plans() -> dict[str, tuple[str, ...]]:
    """The newest version of every form that has one; one query."""
    newest = VerificationPlan.objects.order_by("form", "-version").distinct("form")
    return {form: tuple(items) for form, items in newest.values_list("form", "items")}


def plan_for(known: dict[str, tuple[str, ...]], form: str) -> tuple[str, ...]:
    """The plan of a form, out of those that `plans` gave."""
    return known[form] if form in known else DEFAULT.get(form, ALL)


def versions() -> dict[str, list[VerificationPlan]]:
    """Every version by form, newest first; one query."""
    found: dict[str, list[VerificationPlan]] = defaultdict(list)
    for one in VerificationPlan.objects.select_related("set_by").order_by("form", "-version"):
        found[one.form].append(one)
    return found
