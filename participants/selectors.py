"""Reads of participants, always through the sites a person may see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Max, Model, Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import Access, Permission
from accounts.reading import from_json, rows_where
from participants.models import (
    AnchorDate,
    CaseReportForm,
    Discrepancy,
    DiscrepancyStep,
    Participant,
    ScheduleVersion,
    Visit,
)
from participants.schedule_file import Schedule, parse
from participants.workflow import DiscrepancyState
from records.definition import forms, row_groups
from records.models import TrailEntry

Form = TypeVar("Form", bound=CaseReportForm)


def participants_for(
    access: Access, permission: Permission = Permission.SEE_PARTICIPANTS
) -> QuerySet[Participant]:
    """The participants at the sites where this person holds the permission; none without a role."""
    if not access.may_somewhere(permission):
        return Participant.objects.none()
    return Participant.objects.filter(access.at_sites(permission))


def visits_for(access: Access, permission: Permission = Permission.SEE_PARTICIPANTS) -> QuerySet[Visit]:
    """The visits of those participants."""
    if not access.may_somewhere(permission):
        return Visit.objects.none()
    return Visit.objects.filter(access.at_sites(permission, "participant__site"))


def participant_or_404(
    access: Access, pk: int, permission: Permission = Permission.SEE_PARTICIPANTS
) -> Participant:
    """One participant, with the site; 404 for those of other sites, so that their existence does not show."""
    return get_object_or_404(participants_for(access, permission).select_related("site"), pk=pk)


def visit_or_404(access: Access, pk: int, permission: Permission = Permission.SEE_PARTICIPANTS) -> Visit:
    """One visit, with participant and site."""
    found = rows_where(Visit, {"id": pk}, along=("participant", "participant__site"))
    if not found or not access.may(permission, found[0].participant.site_id):
        raise Http404
    return found[0]


def schedules_in_force(on: Any) -> QuerySet[ScheduleVersion]:
    """The schedule versions whose day has come, the newest, which is in force, first."""
    return ScheduleVersion.objects.filter(effective_from__lte=on).order_by("-number")


def schedule_in_force(on: Any) -> ScheduleVersion:
    """The newest schedule version whose day has come."""
    version = schedules_in_force(on).first()
    if version is None:
        raise ScheduleVersion.DoesNotExist("No schedule version is in force on this day.")
    return version


def next_schedule_number() -> int:
    """The number the next version of the schedule gets; one query."""
    return (ScheduleVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1


@cache
def schedule_of(version_id: int) -> Schedule:
    """Read a schedule version's definition; versions never change, so once in the life of a process."""
    return parse(ScheduleVersion.objects.get(pk=version_id).source)


WITH_STEPS = Prefetch("steps", DiscrepancyStep.objects.select_related("by"))


def discrepancies_of(participant: Participant) -> list[Discrepancy]:
    """What checks across forms found about a participant and is not settled, with its steps; two queries."""
    found = Discrepancy.objects.filter(participant=participant).exclude(status=DiscrepancyState.CLOSED)
    return list(found.select_related("visit").prefetch_related(WITH_STEPS).order_by("visit__position", "id"))


def open_discrepancies(access: Access) -> QuerySet[Discrepancy]:
    """What checks found and somebody at the sites where this person enters data has to answer."""
    if not access.may_somewhere(Permission.ENTER_DATA):
        return Discrepancy.objects.none()
    mine = Discrepancy.objects.filter(access.at_sites(Permission.ENTER_DATA, "participant__site"))
    return mine.filter(status=DiscrepancyState.OPEN).select_related("participant", "visit")


def discrepancy_or_404(
    access: Access, pk: int, permission: Permission = Permission.ENTER_DATA
) -> Discrepancy:
    """One of them, answered or not; 404 for those of other sites."""
    if not access.may_somewhere(permission):
        raise Http404
    mine = Discrepancy.objects.filter(access.at_sites(permission, "participant__site"))
    return get_object_or_404(mine.select_related("participant", "visit"), pk=pk)


def anchor_dates(participant: Participant) -> dict[str, Any]:
    """The dates visits are counted from, by anchor name."""
    return dict(participant.anchors.values_list("name", "date"))


def records_at(model: type[CaseReportForm], visit: Visit) -> list[CaseReportForm]:
    """Every record of a form at a visit, in their order; one query, and one for each table of rows inside it."""
    found = rows_where(model, {"visit": visit}, order="repeat")
    prefetch_related_objects(found, *row_groups(model))
    return found


@dataclass(frozen=True, slots=True)
class CaseForms:
    """Visits, anchors and forms of one participant as they were read together; the rows inside a form are not."""

    visits: tuple[Visit, ...]
    anchors: Mapping[str, date]  # the dates visits are counted from, by anchor name
    records: Mapping[str, list[Any]]

    def of(self, model: type[Form]) -> list[Form]:
        """Every record of a form, in the order of visits; KeyError for a form that was not read."""
        return self.records[model.form.code]

    def last(self, model: type[Form]) -> Form | None:
        """The record of the latest visit."""
        return next(iter(self.of(model)[::-1]), None)

    def visit(self, code: str) -> Visit | None:
        """The latest visit of a code."""
        return next((visit for visit in self.visits[::-1] if visit.code == code), None)


def case_forms_of(participant: Participant, models: Sequence[type[CaseReportForm]]) -> CaseForms:
    """Read the visits, the anchors and all records of these forms of a participant; one query, however many forms."""
    return case_forms_of_each([participant], models)[participant.pk]


def case_forms_of_each(
    participants: Iterable[Participant], models: Sequence[type[CaseReportForm]]
) -> dict[int, CaseForms]:
    """The same of several participants, by their ids; one query, however many there are."""
    people = {participant.pk: participant for participant in participants}
    quote = connection.ops.quote_name
    tables: list[tuple[str, type[Model]]] = [
        ("", Visit),
        ("anchors", AnchorDate),
        *((model.form.code, model) for model in models),
    ]
    parts = [
        f"SELECT participant_id, '{code}', to_jsonb(one)::text FROM {quote(model._meta.db_table)} one "  # noqa: S608 – our own tables
        "WHERE one.participant_id = ANY(%(people)s)"
        for code, model in tables
    ]
    by_code = dict(tables)
    found: dict[int, dict[str, list[Any]]] = {pk: {code: [] for code in by_code} for pk in people}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"people": list(people)})
        for pk, code, row in cursor.fetchall():
            found[pk][code].append(from_json(by_code[code], json.loads(row, parse_float=Decimal)))
    return {pk: _case_forms(people[pk], rows) for pk, rows in found.items()}


def _case_forms(participant: Participant, found: dict[str, list[Any]]) -> CaseForms:
    visits = {visit.pk: visit for visit in found.pop("")}
    anchors = {one.name: one.date for one in found.pop("anchors")}
    for visit in visits.values():
        visit.participant = participant
    for records in found.values():
        for record in records:
            record.visit, record.participant = visits[record.visit_id], participant
        records.sort(key=lambda one: (one.visit.position, one.visit.occurrence, one.repeat))
    in_order = sorted(visits.values(), key=lambda one: (one.position, one.occurrence))
    return CaseForms(tuple(in_order), anchors, found)


def next_repeat(model: type[CaseReportForm], visit: Visit) -> int:
    """The number of the next record of a form at a visit; the number of a removed one is not given again.

    A form that stands beside another takes the number of the first record of that form without one.
    """
    if model.form.beside:
        taken = set(model._default_manager.filter(visit=visit).values_list("repeat", flat=True))
        other: Any = forms()[model.form.beside]
        numbers = (
            other._default_manager.filter(visit=visit).order_by("repeat").values_list("repeat", flat=True)
        )
        return next((number for number in numbers if number not in taken), max([0, *taken, *numbers]) + 1)
    there = model._default_manager.filter(visit=visit).aggregate(last=Max("repeat"))["last"] or 0
    removed = TrailEntry.objects.filter(
        relation=model._meta.db_table,
        operation="DELETE",
        participant_id=visit.participant_id,
        changes__visit_id__0=visit.pk,
    ).values_list("changes__repeat__0", flat=True)
    return max([there, *removed]) + 1
