"""What monitor and data manager do with forms: verify, verify again, lock."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Permission
from casebook.worklist.distance import since
from casebook.worklist.sections import Desk, Found, Line, Section, found_in, line
from monitoring.extents import Extent
from monitoring.models import Hold, Query, Signature, VerificationStep
from monitoring.selectors.progress import fallen
from monitoring.selectors.work import Submitted, visits_to_verify
from monitoring.trust import HoldState, Level, SignatureState, VerificationState
from monitoring.workflow import QueryState
from participants.models import Discrepancy
from participants.workflow import DiscrepancyState
from records import clock


def _verify(desk: Desk, first: int, last: int) -> Found:
    """Visits with submitted forms that were never wholly verified against the source."""
    desk.count_work()
    number, rows = visits_to_verify(desk.sites(Permission.VERIFY_SOURCE), first, last)

    def drawn(one: Submitted) -> Line:
        said = ngettext("%(count)s form to verify", "%(count)s forms to verify", one.forms) % {
            "count": one.forms
        }
        return line(
            one.number,
            one.participant_id,
            f"{one.label} · {said}",
            since(clock.day(one.since), desk.today),
            reverse("monitoring:visit_extent", args=[one.visit_id]),
            _("Verify"),
            state="submitted",
            words=said,
        )

    return Found(number, [drawn(one) for one in rows])


def _fallen(desk: Desk, first: int, last: int) -> Found:
    """Forms that were verified against the source and changed since, the longest ago first."""
    steps = VerificationStep.objects.filter(verification=OuterRef("pk"), state=str(VerificationState.CHANGED))
    found = fallen(desk.access).filter(desk.here)
    changed = found.annotate(since=Subquery(steps.order_by("-id").values("at")[:1]))

    def drawn(one: Any) -> Line:
        one.visit.participant = one.participant
        place = Extent.of_form(one.visit, one.form, one.repeat)
        return line(
            one.participant.number,
            one.participant_id,
            str(place.words).partition(" · ")[2],
            since(clock.day(one.since), desk.today) if one.since else "",
            place.home,
            _("Verify again"),
            words=str(one.words),
        )

    return found_in(changed.order_by("since", "pk"), first, last, drawn)


def _lock(desk: Desk, first: int, last: int) -> Found:
    """Casebooks that are signed and not locked, and in which no question is open."""
    locked = Hold.objects.filter(state=str(HoldState.LOCKED)).filter(
        Q(level=str(Level.TRIAL))
        | Q(level=str(Level.SITE), site=OuterRef("participant__site"))
        | Q(level=str(Level.PARTICIPANT), participant=OuterRef("participant"))
    )
    asked = Query.objects.filter(participant=OuterRef("participant")).exclude(state=QueryState.CLOSED)
    found_by_checks = Discrepancy.objects.filter(
        participant=OuterRef("participant"), status=str(DiscrepancyState.OPEN)
    )
    signed = Signature.objects.filter(
        desk.here,
        desk.access.at_sites(Permission.LOCK, "participant__site"),
        ~Exists(locked),
        ~Exists(asked),
        ~Exists(found_by_checks),
        level=str(Level.PARTICIPANT),
        state=str(SignatureState.STANDING),
    )

    def drawn(one: Signature) -> Line:
        return line(
            one.participant.number,
            one.participant_id,
            f"{one.of} · {one.words}",
            since(clock.day(one.at), desk.today),
            reverse("monitoring:participant_extent", args=[one.participant_id]),
            _("Lock"),
            state="complete",
            words=str(one.words),
        )

    return found_in(
        signed.select_related("participant").defer("manifest").order_by("at", "pk"), first, last, drawn
    )


VERIFIERS = frozenset({Permission.VERIFY_SOURCE})

VERIFY = Section("verify", lambda: _("To verify"), VERIFIERS, _verify)
FALLEN = Section("changed", lambda: _("Changed since verified"), VERIFIERS, _fallen)
LOCK = Section("lock", lambda: _("Signed casebooks, to lock"), frozenset({Permission.LOCK}), _lock)
