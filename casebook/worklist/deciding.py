"""What the investigator decides and signs."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission
from casebook.worklist.distance import since
from casebook.worklist.sections import Desk, Found, Line, Section, found_in, line
from monitoring.models import VisitWork
from monitoring.selectors.progress import ToSign, to_sign
from monitoring.views.signing import sign_line
from participants.models import Participant, ParticipantStatus
from participants.selectors import participants_for
from participants.workflow import ParticipantState
from records import clock


def _people(desk: Desk, permission: Permission, status: ParticipantState) -> Any:
    """Participants of a status, with the moment they came to it (`since`); who waits longest first."""
    found = participants_for(desk.access, permission).filter(status=status)
    if desk.site:
        found = found.filter(site=desk.site)
    steps = ParticipantStatus.objects.filter(participant=OuterRef("pk"), status=str(status))
    return found.annotate(since=Subquery(steps.order_by("-id").values("at")[:1])).order_by("since", "number")


def _decide(desk: Desk, first: int, last: int) -> Found:
    """Participants in screening; those whose forms of screening are all submitted first."""
    desk.count_work()
    screening = VisitWork.objects.filter(
        participant=OuterRef("pk"), visit__code="SCR", missing=[], drafts=[], submitted_at__isnull=False
    )
    found = _people(desk, Permission.DECIDE_ELIGIBILITY, ParticipantState.SCREENING)

    def drawn(one: Participant) -> Line:
        complete = one.complete  # type: ignore[attr-defined]
        words = _("all forms of screening submitted") if complete else _("forms of screening not complete")
        return line(
            one.number,
            one.pk,
            f"{one.status_words} · {words}",
            _since(one, desk),
            reverse("eligibility:decide", args=[one.pk]),
            _("Look at the criteria"),
            state="complete" if complete else "partial",
            words=words,
        )

    ready_first = found.annotate(complete=Exists(screening)).order_by("-complete", "since", "number")
    return found_in(ready_first, first, last, drawn)


def _assign(desk: Desk, first: int, last: int) -> Found:
    """Participants who are eligible and have no arm."""

    def drawn(one: Participant) -> Line:
        return line(
            one.number,
            one.pk,
            str(one.status_words),
            _since(one, desk),
            reverse("arms:workflow", args=[one.pk]),
            _("Assign the arm"),
        )

    return found_in(_people(desk, Permission.ASSIGN_ARM, ParticipantState.ELIGIBLE), first, last, drawn)


def _since(one: Participant, desk: Desk) -> str:
    began = one.since  # type: ignore[attr-defined]
    return since(clock.day(began), desk.today) if began else ""


def _sign(desk: Desk, first: int, last: int) -> Found:
    """Visits that are complete, and what a change has voided since it was signed."""
    desk.count_work()
    number, rows = to_sign(desk.access, desk.site, first, last)

    def drawn(one: ToSign) -> Line:
        shown, void = sign_line(one), one.voided is not None
        words = _("voided by a change of %(form)s") % shown["void"] if void else _("complete")
        return line(
            one.number,
            one.participant_id,
            f"{shown['what']} · {words}" if void else shown["what"],
            since(clock.day(one.since), desk.today),
            shown["url"],
            _("Read and sign"),
            state="open" if void else "complete",
            words=words,
        )

    return Found(number, [drawn(one) for one in rows])


DECIDE = Section(
    "decide", lambda: _("Eligibility to decide"), frozenset({Permission.DECIDE_ELIGIBILITY}), _decide
)
ASSIGN = Section("assign", lambda: _("Arm to assign"), frozenset({Permission.ASSIGN_ARM}), _assign)
SIGN = Section("sign", lambda: _("To sign"), frozenset({Permission.SIGN}), _sign)
