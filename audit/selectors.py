"""Reads of the trail: always through the sites a person may see, and through indexes however many entries there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from accounts.access import Access, Permission
from accounts.models import Site, User
from audit.filters import NOBODY, TrailFilter
from audit.kinds import OF_ACCESS, Kind, tables_of, tables_of_form
from participants.models import Participant
from records.models import TrailEntry

PAGE = 50
# Ids follow the clock closely and not exactly: where a day begins is looked for this much earlier.
SLACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which entries somebody may read at all.

    `site_ids`: those about participants of these sites alone; None: every entry, also about no participant.
    `kinds`: entries of these kinds alone; empty: of every kind.
    """

    site_ids: tuple[int, ...] | None
    kinds: tuple[Kind, ...] = ()


# Accounts, roles, sites, sign-in: what a system administrator sees, and nothing of the trial.
ACCESS_ONLY = Scope(None, OF_ACCESS)


def scope_of(access: Access, permission: Permission = Permission.SEE_TRAIL) -> Scope:
    """The entries this person may read by a permission; none without it."""
    found = access.site_ids(permission)
    return Scope(None if found is None else tuple(sorted(found)))


def entries_for(scope: Scope, asked: TrailFilter) -> QuerySet[TrailEntry]:
    """The entries of a scope under filters, in no order; at most five small queries of its own."""
    found = TrailEntry.objects.filter(_within_span(asked))
    names = _table_names(scope, asked)
    if names is not None:
        found = found.filter(relation__in=names)
    if asked.participant:
        found = found.filter(participant_id__in=_participants(scope, asked.participant))
    elif scope.site_ids is not None:
        found = found.filter(participant_id__in=_participants(scope))
    if asked.field:
        found = found.filter(changes__has_key=asked.field)
    if asked.person == NOBODY:
        found = found.filter(person_id=None, role="")
    elif asked.person:
        named = User.objects.filter(
            Q(username__icontains=asked.person) | Q(full_name__icontains=asked.person)
        )
        found = found.filter(person_id__in=list(named.values_list("pk", flat=True)))
    return found


def _participants(scope: Scope, number: str = "") -> list[int]:
    people = Participant.objects.all()
    if scope.site_ids is not None:
        people = people.filter(site_id__in=scope.site_ids)
    if number:
        people = people.filter(number=number)
    return list(people.values_list("pk", flat=True))


def _table_names(scope: Scope, asked: TrailFilter) -> list[str] | None:
    """The tables asked for, where any are."""
    chosen = [set(tables_of(*scope.kinds))] if scope.kinds else []
    if asked.kind:
        chosen.append(set(tables_of(Kind(asked.kind))))
    if asked.form:
        chosen.append(set(tables_of_form(asked.form)))
    return sorted(set.intersection(*chosen)) if chosen else None


def _within_span(asked: TrailFilter) -> Q:
    """The span of time, with the ids it lies between, so that the page's order by id needs no sorting."""
    span = Q()
    if asked.begins:
        first = (
            TrailEntry.objects.filter(at__gte=asked.begins - SLACK)
            .order_by("at")
            .values_list("id", flat=True)
        )
        span &= Q(at__gte=asked.begins, id__gte=first.first() or 0)
    if asked.ends:
        last = (
            TrailEntry.objects.filter(at__lt=asked.ends + SLACK).order_by("-at").values_list("id", flat=True)
        )
        span &= Q(at__lt=asked.ends, id__lte=last.first() or 0)
    return span


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of entries, newest first; `newer` and `older` are the ids the neighbouring pages begin behind."""

    entries: list[TrailEntry]
    newer: int | None
    older: int | None


def leaf_of(found: QuerySet[TrailEntry], *, before: int | None = None, after: int | None = None) -> Leaf:
    """The page below or above an id, or the newest; one query."""
    if after is not None:
        upwards = list(found.filter(id__gt=after).order_by("id")[: PAGE + 1])
        entries = upwards[:PAGE][::-1]
        return Leaf(
            entries,
            entries[0].pk if len(upwards) > PAGE else None,
            entries[-1].pk if entries else after + 1,
        )
    below = found if before is None else found.filter(id__lt=before)
    downwards = list(below.order_by("-id")[: PAGE + 1])
    entries = downwards[:PAGE]
    newer = None if before is None else (entries[0].pk if entries else before - 1)
    return Leaf(entries, newer, entries[-1].pk if len(downwards) > PAGE else None)


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what entries are about, in words."""

    people: Mapping[int, User]
    participants: Mapping[int, tuple[str, int]]  # number and site
    sites: Mapping[int, Site]

    @classmethod
    def of(cls, entries: Iterable[TrailEntry]) -> Names:
        """Read them for some entries; three queries."""
        known = list(entries)
        people = {entry.person_id for entry in known if entry.person_id}
        participants = {entry.participant_id for entry in known if entry.participant_id}
        return cls._read(sorted(people), sorted(participants))

    @classmethod
    def all(cls) -> Names:
        """Read all there are; three queries."""
        return cls._read(None, None)

    @classmethod
    def _read(cls, people: Sequence[int] | None, participants: Sequence[int] | None) -> Names:
        users, subjects = User.objects.all(), Participant.objects.all()
        if people is not None:
            users = users.filter(pk__in=people)
        if participants is not None:
            subjects = subjects.filter(pk__in=participants)
        return cls(
            {user.pk: user for user in users},
            {pk: (number, site) for pk, number, site in subjects.values_list("pk", "number", "site_id")},
            {site.pk: site for site in Site.objects.all()},
        )
