"""Counts for the dashboard, made by the database; how many queries does not depend on how many participants."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, DateField, Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth

from accounts.access import Access, Permission
from accounts.models import Site
from arms.models import ArmAssignment
from eligibility.models import EligibilityDecision, Staging
from followup.selectors import waiting_visits
from participants.models import CaseReportForm, ParticipantStatus
from participants.selectors import visits_for
from participants.workflow import ENROLLED_AFTER, ParticipantState
from records import clock
from records.models import Record
from records.zone import TRIAL_ZONE

S = ParticipantState

# The series of the schedule that are follow-up, as against screening, treatment and surgery.
FOLLOW_UP_SERIES = ("Y", "NR", "PH", "CAL", "LT")


@dataclass(frozen=True, slots=True)
class View:
    """What of the trial one person looks at: the sites they may see, narrowed by the filters of the page."""

    access: Access
    own_sites: tuple[Site, ...]
    site: Site | None
    arm: str  # "" for both
    log: bool = False  # the historical screening log instead of participants
    since: date | None = None  # the first and the last day of registration
    until: date | None = None
    permission: Permission = Permission.SEE_DASHBOARD

    @property
    def sites(self) -> tuple[Site, ...]:
        return (self.site,) if self.site else self.own_sites

    @property
    def every_site(self) -> bool:
        return self.access.everywhere(self.permission) and not self.site

    @property
    def whole_trial(self) -> bool:
        return self.every_site and not self.arm and not self.dated

    @property
    def dated(self) -> bool:
        return bool(self.since or self.until)

    @property
    def registered(self) -> tuple[datetime | None, datetime | None]:
        """The moments from which and before which participants were registered."""
        return _begins(self.since), _begins(self.until + timedelta(days=1) if self.until else None)

    def within(self, to_participant: str, *, arm: bool = True) -> Q:
        """A condition on a model that reaches its participant by `to_participant` ("" on Participant itself)."""
        path = f"{to_participant}__" if to_participant else ""
        seen = Q(**{f"{path}site__in": [site.pk for site in self.sites]})
        since, before = self.registered
        if since:
            seen &= Q(**{f"{path}registered_at__gte": since})
        if before:
            seen &= Q(**{f"{path}registered_at__lt": before})
        return seen & Q(**{f"{path}arm": self.arm}) if arm and self.arm else seen

    def where(self) -> tuple[str, dict[str, Any]]:
        """The same, the arm included, as SQL on participants called `p`, and its parameters."""
        since, before = self.registered
        given = {"arm": self.arm or None, "since": since, "before": before}
        conditions = ["p.site_id = ANY (%(sites)s::bigint[])"]
        conditions += [words for name, words in _SQL.items() if given[name]]
        return " AND ".join(conditions), {"sites": [site.pk for site in self.sites], **given}


_SQL = {
    "arm": "p.arm = %(arm)s",
    "since": "p.registered_at >= %(since)s",
    "before": "p.registered_at < %(before)s",
}


def _begins(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), TRIAL_ZONE) if day else None


def sites_seen(access: Access, permission: Permission = Permission.SEE_DASHBOARD) -> tuple[Site, ...]:
    """The sites whose figures a person may see, in the order of their codes."""
    if not access.may_somewhere(permission):
        return ()
    return tuple(Site.objects.filter(access.sites(permission)))


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How many were assigned an arm: by the month (its first day) and by site and arm."""

    by_month: Counter[date]
    by_site_and_arm: Counter[tuple[int, str]]

    @property
    def total(self) -> int:
        return self.by_month.total()


def _enrolments(view: View) -> QuerySet[ParticipantStatus]:
    """The first assignment of each participant who had one: who returns to it after a correction is the same one."""
    assigned = ParticipantStatus.objects.order_by().filter(status=ENROLLED_AFTER)
    earlier = assigned.filter(participant=OuterRef("participant"), pk__lt=OuterRef("pk"))
    return assigned.filter(view.within("participant"), ~Exists(earlier))


def enrolled(view: View) -> Enrolled:
    """Count participants by the month an arm was first assigned in, where the sites are."""
    rows = (
        _enrolments(view)
        .annotate(month=TruncMonth("at", tzinfo=TRIAL_ZONE, output_field=DateField()))
        .values_list("month", "participant__site_id", "participant__arm")
        .annotate(number=Count("pk"))
    )
    found = Enrolled(Counter(), Counter())
    for month, site_id, arm, number in rows:
        found.by_month[month] += number
        found.by_site_and_arm[site_id, arm or ""] += number
    return found


def enrolled_since(view: View, day: date) -> int:
    """Count the participants to whom an arm was first assigned on a day or later."""
    return _enrolments(view).filter(at__gte=_begins(day)).count()


def enrolled_on(view: View, number: int) -> date | None:
    """The day on which the first, second … of those enrolled was; None while there are fewer."""
    moments = _enrolments(view).order_by("at", "pk").values_list("at", flat=True)
    found = moments[number - 1 : number].first()
    return clock.day(found) if found else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far the registered came; each step is a part of the one before, whatever came after it."""

    registered: int
    decided: int
    eligible: int
    assigned: int
    treated: int
    failed: int
    left_before_decision: int

    @property
    def in_screening(self) -> int:
        return self.registered - self.decided - self.left_before_decision


def funnel(view: View) -> Funnel:
    """Count participants by the states they have been in; of both arms, as there is none before assignment.

    Who withdrew or died and came back by a correction has not left: that goes by the present status.
    """

    def was(*states: ParticipantState) -> BoolOr:
        return BoolOr(Q(status__in=[str(state) for state in states]))

    ever = (
        ParticipantStatus.objects.order_by()
        .filter(view.within("participant", arm=False))
        .values("participant_id")
        .annotate(
            decided=was(S.ELIGIBLE, S.SCREEN_FAILURE),
            eligible=was(S.ELIGIBLE),
            assigned=was(S.ASSIGNED),
            treated=was(S.ON_TREATMENT),
            failed=was(S.SCREEN_FAILURE),
            left=BoolOr(Q(participant__status__in=[str(S.WITHDRAWN), str(S.DIED)])),
        )
    )
    counts = ever.aggregate(
        registered=Count("participant_id"),
        left_before_decision=Count("participant_id", filter=Q(left=True, decided=False)),
        **{
            f"n_{step}": Count("participant_id", filter=Q(**{step: True}))
            for step in ("decided", "eligible", "assigned", "treated", "failed")
        },
    )
    return Funnel(**{name.removeprefix("n_"): number for name, number in counts.items()})


def failing_criteria(view: View) -> dict[str, int]:
    """By criterion, of how many screen failures it is a reason; one participant can have several."""
    rows = (
        EligibilityDecision.objects.order_by()
        .filter(view.within("participant", arm=False), outcome=S.SCREEN_FAILURE)
        .annotate(criterion=Func(F("failing"), function="unnest"))
        .values_list("criterion")
        .annotate(number=Count("pk"))
    )
    return dict(rows)


def stages(view: View) -> Counter[tuple[str, str]]:
    """Count participants by CNLC stage in the submitted staging of screening, and by arm ("" where none)."""
    rows = (
        Staging.objects.order_by()
        .filter(view.within("participant"), visit__code="SCR", repeat=1, state=Record.State.SUBMITTED)
        .values_list("cnlc", "participant__arm")
        .annotate(number=Count("pk"))
    )
    counts: Counter[tuple[str, str]] = Counter()
    for stage, arm, number in rows:
        counts[stage or "UNKNOWN", arm or ""] += number
    return counts


def at_screening(view: View, model: type[CaseReportForm], item: str) -> Counter[tuple[str, str]]:
    """Count participants by one coded answer of a submitted form of screening, and by arm ("" where none)."""
    rows = (
        model._default_manager.order_by()
        .filter(view.within("participant"), visit__code="SCR", repeat=1, state=Record.State.SUBMITTED)
        .values_list(item, "participant__arm")
        .annotate(number=Count("pk"))
    )
    return Counter({(code or "", arm or ""): number for code, arm, number in rows})


def arms_by_basis(view: View) -> Counter[tuple[str, str]]:
    """Count submitted assignments by what the choice rested on and by arm."""
    rows = ArmAssignment.objects.order_by().filter(view.within("participant"), state=Record.State.SUBMITTED)
    counted = rows.values_list("armbasis", "armcd").annotate(number=Count("pk"))
    return Counter({(basis or "", arm or ""): number for basis, arm, number in counted})


def arms_by_person(view: View) -> dict[str, Counter[str]]:
    """By the name of who submitted it, how many assignments to each arm."""
    rows = ArmAssignment.objects.order_by().filter(view.within("participant"), state=Record.State.SUBMITTED)
    found: dict[str, Counter[str]] = {}
    for name, arm, number in rows.values_list("submitted_by__full_name", "armcd").annotate(
        number=Count("pk")
    ):
        found.setdefault(name, Counter())[arm or ""] += number
    return found


@dataclass(frozen=True, slots=True)
class VisitsWaiting:
    """One visit of the schedule, and at how many participants it is due now or overdue."""

    code: str
    label_en: str
    label_zh: str
    due: int
    overdue: int


def follow_up_waiting(view: View, today: date) -> list[VisitsWaiting]:
    """Count follow-up visits that wait, in the order of the schedule, as reminders understand it.

    Due: the window is open; overdue: its last day has passed.
    """
    seen = visits_for(view.access, Permission.SEE_DASHBOARD).filter(view.within("participant"))
    overdue = Q(window_close__lt=today)
    rows = (
        waiting_visits(seen.filter(series__in=FOLLOW_UP_SERIES), today)
        .select_related(None)
        .order_by("position", "code", "label_en", "label_zh")
        .values_list("code", "label_en", "label_zh")
        .annotate(
            due=Count("pk", filter=Q(window_close=None) | ~overdue),
            overdue=Count("pk", filter=overdue),
        )
    )
    return [VisitsWaiting(*row) for row in rows.values_list("code", "label_en", "label_zh", "due", "overdue")]
