"""Questions about the data: to answer, to close, to judge; and reminders that could not be delivered."""

from __future__ import annotations

from functools import partial

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission
from casebook.worklist.distance import since
from casebook.worklist.sections import Desk, Found, Line, Section, found_in, line
from followup.models import Reminder
from followup.selectors import troubled_reminders
from monitoring.models import Query, VerificationStep
from monitoring.page import query_row
from monitoring.selectors.queries import place_of, to_answer, to_close
from monitoring.trust import Kind, VerificationState
from participants.models import Discrepancy, DiscrepancyStep
from participants.selectors import open_discrepancies
from participants.workflow import DiscrepancyState
from records import clock

LAST_STEP = DiscrepancyStep.objects.filter(discrepancy=OuterRef("pk")).order_by("-id").values("at")[:1]


def _answer(desk: Desk, first: int, last: int) -> Found:
    """Questions to the site."""
    drawn = partial(_query_line, desk, _("Answer"))
    return found_in(to_answer(desk.access).filter(desk.here), first, last, drawn)


def _close(desk: Desk, first: int, last: int) -> Found:
    """Answers for whoever asked."""
    drawn = partial(_query_line, desk, _("Close or ask again"))
    return found_in(to_close(desk.access, desk.today).filter(desk.here), first, last, drawn)


def _query_line(desk: Desk, action: str, one: Query) -> Line:
    return query_row(one, desk.moment, action)


def _checks(desk: Desk, first: int, last: int) -> Found:
    """What checks across forms found and the site has to answer."""
    found = open_discrepancies(desk.access).filter(desk.here).annotate(since=Subquery(LAST_STEP))

    def drawn(one: Discrepancy) -> Line:
        return _check_line(
            one, desk, reverse("casebook:entry", args=[one.visit_id, one.form, one.repeat]), _("Answer")
        )

    return found_in(found.order_by("since", "pk"), first, last, drawn)


def _judge(desk: Desk, first: int, last: int) -> Found:
    """What the site says is right although a check found it; until somebody has reviewed the form since."""
    reviewed = VerificationStep.objects.filter(
        verification__kind=str(Kind.REVIEW),
        verification__state=str(VerificationState.COMPLETE),
        verification__form=OuterRef("form"),
        verification__record_id=OuterRef("record_id"),
        state=str(VerificationState.COMPLETE),
        at__gte=OuterRef("since"),
    )
    found = (
        Discrepancy.objects.filter(
            desk.here,
            desk.access.at_sites(Permission.REVIEW_DATA, "participant__site"),
            status=str(DiscrepancyState.CONFIRMED),
        )
        .annotate(since=Subquery(LAST_STEP))
        .filter(~Exists(reviewed))
        .select_related("participant", "visit")
    )

    def drawn(one: Discrepancy) -> Line:
        return _check_line(one, desk, f"{place_of(one).address()}#d{one.pk}", _("Judge"))

    return found_in(found.order_by("since", "pk"), first, last, drawn)


def _check_line(one: Discrepancy, desk: Desk, url: str, action: str) -> Line:
    moment = one.since  # type: ignore[attr-defined]
    return line(
        one.participant.number,
        one.participant_id,
        f"{one.check_id} · {one.message}",
        since(clock.day(moment), desk.today),
        url,
        action,
        words=str(one.status_words),
    )


def _reminders(desk: Desk, first: int, last: int) -> Found:
    """Reminders that could not be delivered, or may not have been, and wait for a person."""

    def drawn(one: Reminder) -> Line:
        return line(
            one.participant.number,
            one.participant_id,
            f"{one.subject} · {one.status_words}",
            since(clock.day(one.due_since), desk.today),
            reverse("casebook:participant", args=[one.participant_id]) + "#reminders",
            _("Settle"),
            state="overdue",
            words=str(one.status_words),
        )

    return found_in(troubled_reminders(desk.access).filter(desk.here), first, last, drawn)


def _one(permission: Permission) -> frozenset[Permission]:
    return frozenset({permission})


ANSWER = Section("answer", lambda: _("Queries to answer"), _one(Permission.ENTER_DATA), _answer)
CHECKS = Section("checks", lambda: _("Checks to answer"), _one(Permission.ENTER_DATA), _checks)
CLOSE = Section("close", lambda: _("Answered queries, to close"), _one(Permission.RAISE_QUERIES), _close)
JUDGE = Section("judge", lambda: _("Confirmed checks, to judge"), _one(Permission.LOCK), _judge)
REMINDERS = Section(
    "reminders", lambda: _("Reminders to settle"), _one(Permission.SETTLE_REMINDERS), _reminders
)
