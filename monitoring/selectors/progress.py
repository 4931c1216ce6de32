"""How far participants and visits are verified, and what waits to be signed; a fixed number of queries for a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import Access, Permission
from accounts.models import Site
from monitoring.models import Signature, Verification
from monitoring.permissions import PERMISSION_OF
from monitoring.plan import DEFAULT
from monitoring.selectors.work import visits_to_sign
from monitoring.trust import Kind, Level, SignatureState, VerificationState
from participants.models import CaseReportForm, Visit
from records.definition import forms
from records.models import Record
from records.text import Text

SUBMITTED = str(Record.State.SUBMITTED)


@dataclass(slots=True)
class Progress:
    """Submitted records of a place: how many there are to verify, how many are, and how many changed since."""

    total: int = 0
    done: int = 0
    changed: int = 0
    partial: int = 0
    drafts: int = 0

    def add(self, state: str, verified: str | None, count: int = 1) -> None:
        if state != SUBMITTED:
            self.drafts += count
            return
        self.total += count
        self.done += count * (verified == VerificationState.COMPLETE)
        self.changed += count * (verified == VerificationState.CHANGED)
        self.partial += count * (verified == VerificationState.PARTIAL)

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        """Of a hundred, rounded down: a hundred only when nothing is left."""
        return 100 * self.done // self.total if self.total else 100


@cache
def _records_sql() -> str:
    """One statement over the tables of all forms: form, participant, visit, number, state, how far it is verified."""
    quote = connection.ops.quote_name
    return " UNION ALL ".join(
        f"SELECT '{code}'::text AS form, r.participant_id, r.visit_id, r.repeat, r.state, v.state AS verified "  # noqa: S608 – names of our own tables
        f"FROM {quote(model._meta.db_table)} r LEFT JOIN monitoring_verification v "
        f"ON v.form = '{code}' AND v.record_id = r.id AND v.kind = %(kind)s WHERE r.{{where}}"
        for code, model in forms().items()
        if issubclass(model, CaseReportForm)
    )


def without_plan(known: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The forms of which the plan asks nothing, so that they are not owed."""
    return [code for code in forms() if not known.get(code, DEFAULT.get(code, ("*",)))]


@dataclass(slots=True)
class OfParticipant:
    """A participant's progress, and that of each visit at which something is entered."""

    whole: Progress = field(default_factory=Progress)
    visits: dict[int, Progress] = field(default_factory=lambda: defaultdict(Progress))


def progress_of(
    participant_ids: Collection[int], kind: Kind, known: Mapping[str, tuple[str, ...]]
) -> dict[int, OfParticipant]:
    """How far some participants are verified, by visit; one query. `known`: the plans (selectors/plans.py)."""
    found: dict[int, OfParticipant] = defaultdict(OfParticipant)
    unplanned = set(without_plan(known)) if kind is Kind.SOURCE else set()
    if not participant_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            _records_sql().format(where="participant_id = ANY(%(ids)s)"),
            {"kind": str(kind), "ids": list(participant_ids)},
        )
        for form, participant_id, visit_id, _repeat, state, verified in cursor.fetchall():
            if form not in unplanned:
                found[participant_id].whole.add(state, verified)
                found[participant_id].visits[visit_id].add(state, verified)
    return found


def progress_by_site(access: Access, kind: Kind, known: Mapping[str, tuple[str, ...]]) -> dict[int, Progress]:
    """How far each site is verified at which this person does so; one query."""
    sites = access.site_ids(PERMISSION_OF[kind])
    unplanned = without_plan(known) if kind is Kind.SOURCE else []
    statement = (
        "SELECT p.site_id, all_of.state, all_of.verified, count(*) "  # noqa: S608 – our own words
        f"FROM ({_records_sql().format(where='id IS NOT NULL')}) all_of "
        "JOIN participants_participant p ON p.id = all_of.participant_id "
        "WHERE all_of.form <> ALL (%(unplanned)s) AND (%(sites)s IS NULL OR p.site_id = ANY (%(sites)s::bigint[])) "
        "GROUP BY 1, 2, 3"
    )
    found: dict[int, Progress] = defaultdict(Progress)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "kind": str(kind),
                "unplanned": unplanned,
                "sites": None if sites is None else list(sites),
            },
        )
        for site_id, state, verified, count in cursor.fetchall():
            found[site_id].add(state, verified, count)
    return found


def records_of_visit(visit: Visit, kind: Kind) -> list[tuple[str, int, str, str | None]]:
    """The records of a visit: form, number, state, how far it is verified; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _records_sql().format(where="visit_id = %(visit)s"), {"kind": str(kind), "visit": visit.pk}
        )
        return [(form, repeat, state, done) for form, _p, _v, repeat, state, done in cursor.fetchall()]


def fallen(access: Access) -> QuerySet[Verification]:
    """What was verified and changed since, at the sites where this person verifies."""
    if not access.may_somewhere(Permission.VERIFY_SOURCE):
        return Verification.objects.none()
    mine = Verification.objects.filter(
        access.at_sites(Permission.VERIFY_SOURCE, "participant__site"),
        kind=Kind.SOURCE,
        state=VerificationState.CHANGED,
    )
    return mine.select_related("participant__site", "visit").order_by(
        "participant__number", "visit__position"
    )


# -- to sign --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToSign:
    """One place that waits for a signature; `voided` is the one it had, if it had one.

    `visit_id` is None for a casebook, `since` the moment it was complete or its signature was voided.
    """

    level: Level
    participant_id: int
    number: str
    since: datetime
    visit_id: int | None = None
    label: Text | None = None
    form: str = ""
    repeat: int = 0
    voided: Signature | None = None


def to_sign(access: Access, site: Site | None, first: int, last: int) -> tuple[int, list[ToSign]]:
    """What waits for this investigator: voided signatures first, then visits that are complete; and how much that is.

    A visit signed as a whole, or with its casebook, does not wait; nor does one whose forms are not all submitted.
    Rows from `first`, counted from 0, up to `last`; the work at visits has been counted (selectors/work.py). Two queries,
    three where signatures were voided.
    """
    if not access.may_somewhere(Permission.SIGN):
        return 0, []
    voided = _voided(access, site)
    void_there = voided.count()
    shown = [_signed_before(one) for one in voided[first:last]] if first < void_there else []
    begin, end = max(0, first - void_there), max(0, last - void_there)
    complete_there, complete = visits_to_sign(access.sites_at(Permission.SIGN, site), begin, end)
    shown += [
        ToSign(Level.VISIT, one.participant_id, one.number, one.since, one.visit_id, one.label)
        for one in complete
    ]
    return void_there + complete_there, shown


def _signed_before(one: Signature) -> ToSign:
    return ToSign(
        Level(one.level),
        one.participant_id,
        one.participant.number,
        one.void.at,
        one.visit_id,
        one.visit.label if one.visit else None,
        one.form,
        one.repeat,
        one,
    )


def _voided(access: Access, site: Site | None) -> QuerySet[Signature]:
    """The last signature of each place that has none standing."""
    later = Signature.objects.filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
    mine = Signature.objects.filter(
        access.at_sites(Permission.SIGN, "participant__site"), state=SignatureState.VOIDED
    )
    if site:
        mine = mine.filter(participant__site=site)
    found = mine.filter(~Exists(later)).select_related("participant", "visit", "void__by")
    return found.order_by("-void__at", "pk")
