"""Reads of historical entries: what is stored of a log, and the counts of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, Func, Q, QuerySet

from accounts.access import Access, Permission
from accounts.models import Site
from eligibility.history.reading import Log
from eligibility.models.history import HistoricalEntry


class State(StrEnum):
    """How a patient of a log stands to what is stored."""

    NEW = "NEW"
    STORED = "STORED"
    DIFFERENT = "DIFFERENT"  # the same file name and patient at this site, with other cells
    ELSEWHERE = "ELSEWHERE"  # this very file was imported for another site


def states_of(log: Log, site: Site) -> dict[str, State]:
    """Say by patient what is stored already; one query.

    A patient is recognised by the file's content at any site, and by the file's name at this one: a corrected
    copy of a file does not bring its patients in twice.
    """
    same_file = Q(origin_sha256=log.sha256)
    same_name = Q(site=site, origin_name=log.name)
    stored = HistoricalEntry.objects.filter(same_file | same_name).values_list(
        "source_patient", "origin_sha256", "site_id", "given"
    )
    states = {row.patient: State.NEW for row in log.rows}
    given = {row.patient: dict(row.cells) for row in log.rows}
    for patient, sha256, site_id, cells in stored:
        if patient not in states:
            continue
        if sha256 == log.sha256:
            states[patient] = State.STORED if site_id == site.pk else State.ELSEWHERE
        elif states[patient] is State.NEW:
            states[patient] = State.STORED if cells == given[patient] else State.DIFFERENT
    return states


def entries_for(access: Access) -> QuerySet[HistoricalEntry]:
    """The historical entries of the sites whose figures a person may see; none without a role."""
    if not access.may_somewhere(Permission.SEE_DASHBOARD):
        return HistoricalEntry.objects.none()
    return HistoricalEntry.objects.filter(access.at_sites(Permission.SEE_DASHBOARD))


@dataclass(slots=True)
class LogCounts:
    """The historical screening log of one site in numbers; none of them is a participant.

    `stages` by CNLC stage, UNKNOWN included; `failing` by criterion (an entry can fail several); `ineligible`
    entries fail at least one, `pending` ones none, though much is not known of them. The funnel: all entries,
    `staged` those with a stage, `stage_included` those of them that pass criterion I3, `none_failed` those of
    these that fail no other.
    """

    site_id: int
    entries: int = 0
    staged: int = 0
    stage_included: int = 0
    none_failed: int = 0
    ineligible: int = 0
    pending: int = 0
    stages: dict[str, int] = field(default_factory=dict)
    failing: dict[str, int] = field(default_factory=dict)


def log_counts(access: Access, site_id: int | None = None) -> dict[int, LogCounts]:
    """Count historical entries by site, for the sites a person may see (or one of them); two queries."""
    entries = entries_for(access)
    if site_id is not None:
        entries = entries.filter(site_id=site_id)
    counts: dict[int, LogCounts] = {}
    included = ~Q(failing__contains=["I3"]) & ~Q(not_settled__contains=["I3"])
    for row in (
        entries.order_by()
        .values("site_id", "cnlc", "conclusion")
        .annotate(entries=Count("pk"), included=Count("pk", filter=included))
    ):
        _add(counts.setdefault(row["site_id"], LogCounts(row["site_id"])), row)
    failing = (
        entries.order_by()
        .annotate(criterion=Func(F("failing"), function="unnest"))
        .values("site_id", "criterion")
        .annotate(entries=Count("pk"))
    )
    for site, criterion, number in failing.values_list("site_id", "criterion", "entries"):
        counts[site].failing[criterion] = number
    return counts


def _add(counts: LogCounts, row: Mapping[str, Any]) -> None:
    number, stage = row["entries"], row["cnlc"]
    counts.entries += number
    counts.stages[stage] = counts.stages.get(stage, 0) + number
    counts.staged += number if stage != "UNKNOWN" else 0
    counts.stage_included += row["included"]
    if row["conclusion"] == "INELIGIBLE":
        counts.ineligible += number
    else:
        counts.pending += number
        counts.none_failed += row["included"]
