"""How far participants and visits are verified, and what waits to be signed; a fixed number of queries for a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.access import Access, Permission
from eligibility.policies import due_forms
from monitoring.models import Signature, Verification
from monitoring.permissions import PERMISSION_OF
from monitoring.plan import DEFAULT
from monitoring.trust import Kind, Level, SignatureState, VerificationState
from participants.models import CaseReportForm, Visit
from participants.workflow import VisitState
from records.definition import forms
from records.models import Record

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


def fallen(access: Access, here: Q) -> QuerySet[Verification]:
    """What was verified and changed since, at the sites where this person verifies."""
    if not access.may_somewhere(Permission.VERIFY_SOURCE):
        return Verification.objects.none()
    mine = Verification.objects.filter(
        access.at_sites(Permission.VERIFY_SOURCE, "participant__site"),
        here,
        kind=Kind.SOURCE,
        state=VerificationState.CHANGED,
    )
    return mine.select_related("participant", "visit").order_by("participant__number", "visit__position")


# -- to sign --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToSign:
    """One place that waits for a signature; `voided` is the one it had, if it had one."""

    level: Level
    visit: Visit | None
    participant: Any
    form: str = ""
    repeat: int = 0
    voided: Signature | None = None


def to_sign(access: Access, here: Q, most: int) -> list[ToSign]:
    """What waits for this investigator: voided signatures first, then visits that are complete; three queries.

    A visit signed as a whole, or with its casebook, does not wait; nor does one whose forms are not all submitted.
    """
    if not access.may_somewhere(Permission.SIGN):
        return []
    voided = list(_voided(access, here)[:most])
    back = [ToSign(Level(one.level), one.visit, one.participant, one.form, one.repeat, one) for one in voided]
    known = {one.key for one in voided}
    waiting = [visit for visit in _visits(access, here)[: most * 3] if f"V{visit.pk}" not in known]
    return [*back, *(ToSign(Level.VISIT, visit, visit.participant) for visit in _complete(waiting))][:most]


def _voided(access: Access, here: Q) -> QuerySet[Signature]:
    """The last signature of each place that has none standing."""
    later = Signature.objects.filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
    mine = Signature.objects.filter(
        access.at_sites(Permission.SIGN, "participant__site"), here, state=SignatureState.VOIDED
    )
    found = mine.filter(~Exists(later)).select_related("participant", "visit", "void__by")
    return found.order_by("-void__at", "pk")


def _visits(access: Access, here: Q) -> QuerySet[Visit]:
    """Visits that took place and have no signature that stands, neither of their own nor of the casebook."""
    standing = Signature.objects.filter(state=SignatureState.STANDING)
    signed = standing.filter(visit=OuterRef("pk"), level=str(Level.VISIT))
    casebook = standing.filter(participant=OuterRef("participant"), level=str(Level.PARTICIPANT))
    mine = Visit.objects.filter(
        access.at_sites(Permission.SIGN, "participant__site"),
        here,
        status__in=[VisitState.STARTED, VisitState.DONE, VisitState.MISSED],
    )
    found = mine.filter(~Exists(signed), ~Exists(casebook)).select_related("participant")
    return found.order_by(F("target_from").asc(nulls_last=True), "participant__number", "pk")


def _complete(visits: Iterable[Visit]) -> list[Visit]:
    """Those at which everything due is submitted and nothing is a draft; one query."""
    there = {visit.pk: visit for visit in visits}
    if not there:
        return []
    states: dict[int, dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            _records_sql().format(where="visit_id = ANY(%(ids)s)"), {"kind": "", "ids": list(there)}
        )
        for form, _participant, visit_id, _repeat, state, _verified in cursor.fetchall():
            states[visit_id][form] = min(state, states[visit_id].get(form, state))
    return [
        visit
        for visit in there.values()
        if states[visit.pk]
        and set(states[visit.pk].values()) == {SUBMITTED}
        and (visit.status == VisitState.MISSED or set(due_forms(visit)) <= set(states[visit.pk]))
    ]
