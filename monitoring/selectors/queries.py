"""Reads of queries: at one place, at one visit, of some participants, and what followed on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.db.models import Q as Where
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import GRANTS, Access, Permission
from accounts.models import RoleHeld, Site, User
from monitoring.models import Query, QueryStep
from monitoring.places import Place, case_form, read_item
from monitoring.workflow import UNSETTLED, QueryState
from participants.models import Discrepancy, Participant, Visit
from participants.selectors import WITH_STEPS
from records import clock
from records.models import Record, Row

WITH_CONVERSATION = Prefetch("steps", QueryStep.objects.select_related("by", "assigned_to"))
ALONG = ("participant__site", "visit", "raised_by", "assigned_to")


def queries_for(access: Access, permission: Permission = Permission.SEE_PARTICIPANTS) -> QuerySet[Query]:
    """The queries at the sites where this person holds the permission; none without a role."""
    if not access.may_somewhere(permission):
        return Query.objects.none()
    return Query.objects.filter(access.at_sites(permission, "participant__site"))


def query_or_404(access: Access, pk: int) -> Query:
    """One query, with its place; 404 for those of other sites."""
    return get_object_or_404(queries_for(access).select_related(*ALONG), pk=pk)


def place_of(query: Query | Discrepancy) -> Place:
    """Where a query, or what a check across forms found, stands."""
    return Place(query.participant, query.visit, query.form, query.repeat, query.item)


def queries_at(place: Place) -> list[Query]:
    """Every query at a place, with its conversation, oldest first; two queries.

    At a form as a whole: all of the form, those at its items and at rows that are gone included.
    """
    found = Query.objects.filter(
        participant=place.participant, visit=place.visit, form=place.form, repeat=place.repeat
    )
    if place.item:
        found = found.filter(item=place.item)
    return list(found.select_related(*ALONG).prefetch_related(WITH_CONVERSATION))


def checks_at(place: Place) -> list[Discrepancy]:
    """What checks across forms found at a place, settled or not, with its steps; two queries, none without a form."""
    if not place.form:
        return []
    found = Discrepancy.objects.filter(visit=place.visit, form=place.form, repeat=place.repeat)
    if place.item:
        found = found.filter(item=place.item)
    return list(found.select_related("participant", "visit").prefetch_related(WITH_STEPS))


def queries_of(participant: Participant) -> list[Query]:
    """What of a participant waits for somebody, oldest first; two queries."""
    found = Query.objects.filter(participant=participant, state__in=UNSETTLED)
    return list(found.select_related(*ALONG).prefetch_related(WITH_CONVERSATION))


# A participant's own queries, at no visit, count at visit 0. Each table is counted by itself: nothing is joined.
OPEN_AT_VISITS = """
    SELECT participant_id, visit_id, sum(number)::int AS number FROM (
        SELECT participant_id, coalesce(visit_id, 0) AS visit_id, count(*) AS number FROM monitoring_query
        WHERE participant_id = ANY(%(people)s) AND state = 'OPEN' GROUP BY 1, 2
        UNION ALL
        SELECT participant_id, visit_id, count(*) FROM participants_discrepancy
        WHERE participant_id = ANY(%(people)s) AND status = 'OPEN' GROUP BY 1, 2
    ) both_kinds GROUP BY 1, 2
"""


def open_at_visits(participant_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """For each participant the number of open queries, by checks or by people, at each visit (0: at none); one query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    people = list(participant_ids)
    if people:
        with connection.cursor() as cursor:
            cursor.execute(OPEN_AT_VISITS, {"people": people})
            for participant_id, visit_id, number in cursor.fetchall():
                found[participant_id][visit_id] = number
    return found


def to_answer(access: Access) -> QuerySet[Query]:
    """Open queries at the sites where this person enters data, those assigned to them first, then by age.

    Those assigned to somebody else are theirs. With the conversations: two queries.
    """
    mine = Where(assigned_to=None) | Where(assigned_to=access.user)
    found = queries_for(access, Permission.ENTER_DATA).filter(mine, state=QueryState.OPEN)
    return (
        found.select_related(*ALONG)
        .prefetch_related(WITH_CONVERSATION)
        .order_by("assigned_to_id", "raised_at", "id")
    )


def to_close(access: Access, today: date) -> QuerySet[Query]:
    """Answered queries this person asked, and, for whom may close for others, of those who left; by age.

    With the conversations: two queries.
    """
    found = queries_for(access, Permission.RAISE_QUERIES).filter(state=QueryState.ANSWERED)
    theirs = Where(raised_by=access.user)
    if access.may_somewhere(Permission.LOCK):
        theirs |= ~Where(raised_by__in=_askers(today))
    return (
        found.filter(theirs)
        .select_related(*ALONG)
        .prefetch_related(WITH_CONVERSATION)
        .order_by("raised_at", "id")
    )


def _holders(permission: Permission, today: date) -> QuerySet[RoleHeld]:
    """Roles held today that let somebody do this, of people whose account is in use."""
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    held = Where(starts_on__lte=today) & (Where(ends_on=None) | Where(ends_on__gte=today))
    return RoleHeld.objects.filter(held, role__in=roles, user__is_active=True)


def _askers(today: date) -> QuerySet[RoleHeld, Any]:
    return _holders(Permission.RAISE_QUERIES, today).values("user")


def who_left(queries: Sequence[Query], now: datetime) -> set[int]:
    """Of the people who asked some queries of one site, those who may ask there no longer; one query."""
    if not queries:
        return set()
    at_site = Where(site=None) | Where(site=queries[0].participant.site_id)
    held = _holders(Permission.RAISE_QUERIES, clock.day(now)).filter(at_site)
    asked = {query.raised_by_id for query in queries}
    return asked - set(held.filter(user__in=asked).values_list("user", flat=True))


def people_of_site(site: Site | int, now: datetime) -> list[User]:
    """Who can be given a query at a site: whoever enters data there today."""
    at_site = Where(site=None) | Where(site=site)
    held = _holders(Permission.ENTER_DATA, clock.day(now)).filter(at_site)
    return list(User.objects.filter(pk__in=held.values("user")).order_by("full_name", "pk"))


def read_place(access: Access, participant: Participant, given: Any) -> Place:
    """The place an address names; 404 for one that the trial does not have, or of another participant."""
    visit_id, form, repeat = given.get("visit", ""), given.get("form", ""), given.get("repeat", "")
    visit = None
    if visit_id:
        visit = get_object_or_404(Visit, pk=number_of(visit_id), participant=participant)
        visit.participant = participant
    if not form:
        return Place(participant, visit)
    item = given.get("item", "")
    if visit is None or case_form(form) is None or read_item(form, item) is None:
        raise Http404
    return Place(participant, visit, form, number_of(repeat) or 1, item)


def number_of(typed: str) -> int:
    """A number of an address; 0, which nothing has, for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def stored_at(place: Place) -> tuple[Record | None, Row | None]:
    """The record at a place and, where it names one, the row; two queries at most."""
    model, asked = case_form(place.form), read_item(place.form, place.item)
    if model is None or asked is None or place.visit is None:
        return None, None
    record = model._default_manager.filter(visit=place.visit, repeat=place.repeat).first()
    if record is None or asked.rows is None:
        return record, None
    row: Row | None = getattr(record, asked.group).filter(number=asked.number).first()
    return record, row
