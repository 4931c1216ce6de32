"""Queries by people and by checks across forms in one list, and their counts.

Both are read as they stand, each in its own table; nothing is joined that could count a query twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, CharField, Count, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models import Q as Where

from accounts.access import Access, Permission
from accounts.models import Site, User
from monitoring.models import Query
from monitoring.places import Place, case_form
from monitoring.selectors.queries import ALONG, WITH_CONVERSATION, number_of, place_of, queries_for
from monitoring.workflow import QUERY_WORDS, UNSETTLED, QueryState
from participants.cross_checks import cross_checks
from participants.models import Discrepancy, DiscrepancyStep
from participants.selectors import WITH_STEPS
from participants.workflow import DISCREPANCY_WORDS, DiscrepancyState
from records.text import Text

ROWS = 50
AGES = (7, 14, 30, 90)
PERSON, CHECK = "PERSON", "CHECK"
FILTERS = ("state", "site", "participant", "form", "origin", "check", "age", "whose")
# What the list can be narrowed to a person by.
ASSIGNED, ASKED = "assigned", "asked"

# A confirmed finding waits for nobody: the site said why it stands.
AS_QUERY: dict[DiscrepancyState, QueryState] = {
    DiscrepancyState.OPEN: QueryState.OPEN,
    DiscrepancyState.CONFIRMED: QueryState.CLOSED,
    DiscrepancyState.CLOSED: QueryState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the list; codes and numbers alone. `state` "" is everything unsettled, "ALL" everything."""

    state: str = ""
    site: int = 0
    participant: str = ""
    form: str = ""
    origin: str = ""
    check: str = ""
    age: int = 0
    whose: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Chosen:
        """Read an address; what means nothing falls away."""
        asked = {name: given.get(name, "").strip() for name in FILTERS}
        return cls(
            state=asked["state"] if asked["state"] in (*map(str, QueryState), "ALL") else "",
            site=number_of(asked["site"]),
            participant=asked["participant"][:6],
            form=asked["form"] if case_form(asked["form"]) else "",
            origin=asked["origin"] if asked["origin"] in (PERSON, CHECK) else "",
            check=asked["check"] if asked["check"] in {check.id for check in cross_checks()} else "",
            age=number_of(asked["age"]) if number_of(asked["age"]) in AGES else 0,
            whose=asked["whose"] if asked["whose"] in (ASSIGNED, ASKED) else "",
        )

    def as_given(self) -> dict[str, Any]:
        """What an address carries of it."""
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    @property
    def states(self) -> tuple[QueryState, ...]:
        if self.state == "ALL":
            return tuple(QueryState)
        return (QueryState(self.state),) if self.state else UNSETTLED

    @property
    def wants_people(self) -> bool:
        return self.origin != CHECK and not self.check

    @property
    def wants_checks(self) -> bool:
        # Nobody asked them and nobody is given them.
        return self.origin != PERSON and not self.whose


@dataclass(slots=True)
class Listed:
    """One row of the list."""

    key: str  # "q12" of a person's, "d3" of a check's
    place: Place
    state: QueryState
    words: Text
    question: str | Text
    latest: str
    raised_at: datetime
    age: int
    check: str = ""
    raised_by: User | None = None
    assigned_to: User | None = None
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = f"{self.place.address()}#{self.key}"


RAISED_AT = Subquery(
    DiscrepancyStep.objects.filter(discrepancy=OuterRef("pk")).order_by("id").values("at")[:1]
)


def _of_people(access: Access, chosen: Chosen, site: Site | None, now: datetime) -> QuerySet[Query]:
    found = queries_for(access).filter(_common(chosen, site), state__in=chosen.states)
    if chosen.age:
        found = found.filter(raised_at__lte=now - timedelta(days=chosen.age))
    if chosen.whose == ASSIGNED:
        found = found.filter(assigned_to=access.user)
    if chosen.whose == ASKED:
        found = found.filter(raised_by=access.user)
    return found


def _of_checks(
    access: Access, chosen: Chosen, site: Site | None, now: datetime
) -> QuerySet[Discrepancy, Any]:
    if not access.may_somewhere(Permission.SEE_PARTICIPANTS):
        return Discrepancy.objects.none()
    wanted = [status for status, state in AS_QUERY.items() if state in chosen.states]
    mine = access.at_sites(Permission.SEE_PARTICIPANTS, "participant__site")
    found = Discrepancy.objects.filter(mine, _common(chosen, site), status__in=wanted)
    if chosen.check:
        found = found.filter(check_id=chosen.check)
    dated = found.annotate(since=RAISED_AT)
    return dated.filter(since__lte=now - timedelta(days=chosen.age)) if chosen.age else dated


def _common(chosen: Chosen, site: Site | None) -> Where:
    found = Where(participant__site=site) if site else Where()
    if chosen.site:
        found &= Where(participant__site=chosen.site)
    if chosen.participant:
        found &= Where(participant__number=chosen.participant)
    if chosen.form:
        found &= Where(form=chosen.form)
    return found


def _keys(found: QuerySet[Any, Any], letter: str, since: str) -> QuerySet[Any, Any]:
    kind = Value(letter, output_field=CharField())
    return found.order_by().annotate(kind=kind).values_list("kind", "pk", since)


def listed(
    access: Access, chosen: Chosen, site: Site | None, now: datetime, number: str | None
) -> tuple[Page[Any], list[Listed]]:
    """One page of the list, longest waiting first; six queries at most, whatever there is."""
    parts = []
    if chosen.wants_people:
        parts.append(_keys(_of_people(access, chosen, site, now), "q", "raised_at"))
    if chosen.wants_checks:
        parts.append(_keys(_of_checks(access, chosen, site, now), "d", "since"))
    if not parts:
        parts = [_keys(Query.objects.none(), "q", "raised_at")]
    keys = (
        parts[0]
        .union(*parts[1:], all=True)
        .order_by("raised_at" if chosen.wants_people else "since", "kind", "pk")
    )
    page: Page[Any] = Paginator(keys, ROWS).get_page(number)
    shown = list(page)
    queries = {
        one.pk: _query_row(one, now)
        for one in Query.objects.filter(pk__in=[pk for kind, pk, _at in shown if kind == "q"])
        .select_related(*ALONG)
        .prefetch_related(WITH_CONVERSATION)
    }
    checks = {
        one.pk: _check_row(one, now)
        for one in Discrepancy.objects.filter(pk__in=[pk for kind, pk, _at in shown if kind == "d"])
        .select_related("participant__site", "visit")
        .prefetch_related(WITH_STEPS)
    }
    return page, [(queries if kind == "q" else checks)[pk] for kind, pk, _at in shown]


def _query_row(one: Query, now: datetime) -> Listed:
    steps = [step for step in one.steps.all() if step.words]
    return Listed(
        key=f"q{one.pk}",
        place=place_of(one),
        state=QueryState(one.state),
        words=QUERY_WORDS[QueryState(one.state)],
        question=steps[0].words,
        latest=steps[-1].words if len(steps) > 1 else "",
        raised_at=one.raised_at,
        age=one.days(now),
        raised_by=one.raised_by,
        assigned_to=one.assigned_to,
    )


def _check_row(one: Discrepancy, now: datetime) -> Listed:
    status, steps = DiscrepancyState(one.status), list(one.steps.all())
    since = steps[0].at
    return Listed(
        key=f"d{one.pk}",
        place=place_of(one),
        state=AS_QUERY[status],
        words=DISCREPANCY_WORDS[status],
        question=one.message,
        latest=next((step.comment for step in reversed(steps) if step.comment), ""),
        raised_at=since,
        age=(now - since).days,
        check=one.check_id,
    )


@dataclass(slots=True)
class Counted:
    """How many queries of each state there are somewhere, and since when the oldest unsettled one waits."""

    open: int = 0
    answered: int = 0
    closed: int = 0
    oldest: datetime | None = None

    def add(self, state: str, number: int, oldest: datetime | None) -> None:
        match QueryState(state):
            case QueryState.OPEN:
                self.open += number
            case QueryState.ANSWERED:
                self.answered += number
            case _:
                self.closed += number
                return
        known = [one for one in (self.oldest, oldest) if one is not None]
        self.oldest = min(known, default=None)

    def days(self, now: datetime) -> int | None:
        return (now - self.oldest).days if self.oldest else None


STATE_OF_CHECK = Case(
    *(When(status=str(status), then=Value(str(state))) for status, state in AS_QUERY.items()),
    output_field=CharField(),
)


def counts_by_site(access: Access, site: Site | None) -> dict[int, Counted]:
    """The counts of each site, of people's queries and checks' together; two queries."""
    everything = Chosen(state="ALL")
    found: dict[int, Counted] = {}
    people = (
        queries_for(access)
        .filter(_common(everything, site))
        .order_by()
        .values_list("participant__site", "state")
        .annotate(number=Count("pk"), oldest=Min("raised_at"))
    )
    mine = access.at_sites(Permission.SEE_PARTICIPANTS, "participant__site")
    checks: Any = ()
    if access.may_somewhere(Permission.SEE_PARTICIPANTS):
        checks = (
            Discrepancy.objects.filter(mine, _common(everything, site))
            .order_by()
            .annotate(since=RAISED_AT, state=STATE_OF_CHECK)
            .values_list("participant__site", "state")
            .annotate(number=Count("pk"), oldest=Min("since"))
        )
    for rows in (people, checks):
        for site_id, state, number, oldest in rows:
            found.setdefault(site_id, Counted()).add(state, number, oldest)
    return found


def counts_by_person(access: Access, site: Site | None, path: str) -> list[tuple[User | None, Counted]]:
    """The counts of each person whom queries are assigned to, or who asked them (`path`); two queries."""
    found: dict[int | None, Counted] = {}
    rows = (
        queries_for(access)
        .filter(_common(Chosen(state="ALL"), site))
        .order_by()
        .values_list(path, "state")
        .annotate(number=Count("pk"), oldest=Min("raised_at"))
    )
    for person_id, state, number, oldest in rows:
        found.setdefault(person_id, Counted()).add(state, number, oldest)
    names = {user.pk: user for user in User.objects.filter(pk__in=[pk for pk in found if pk])}
    people = [(names[pk] if pk else None, counted) for pk, counted in found.items()]
    return sorted(people, key=lambda one: (one[0] is None, one[0].full_name if one[0] else ""))
