"""The register of who held which role where, and the periodic review of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Access, Actor, Permission
from accounts.actions import NotPossible
from accounts.attribution import action
from accounts.models import AccessReview, AccessReviewLine, RoleHeld, Site

Verdict = AccessReviewLine.Verdict


def reached(access: Access) -> Q:
    """What has a site whose register this person may read, and what has none because it reaches every site."""
    sites = access.site_ids(Permission.SEE_ACCESS)
    return Q() if sites is None else Q(site__in=sites) | Q(site=None)


def register(access: Access) -> QuerySet[RoleHeld]:
    """Every role held, past ones too, that reaches a site whose register this person may read."""
    return RoleHeld.objects.filter(reached(access)).select_related("user", "site")


def held_on(day: date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


def to_review(site: Site | None, day: date) -> list[RoleHeld]:
    """The roles of a site held on a day or later; for no site, those held at all sites."""
    return list(
        RoleHeld.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), site=site)
        .select_related("user", "site")
        .order_by("role", "user__full_name", "id")
    )


@dataclass(frozen=True, slots=True)
class Due:
    """Where roles are to be looked through: a site, or all-site roles (None); when last, and when again."""

    site: Site | None
    last: AccessReview | None
    due_on: date
    overdue: bool


def reviews_due(access: Access, today: date, zone: object) -> list[Due]:
    """Every place this person reviews, with the day the next review is due; never reviewed: today."""
    places: list[Site | None] = list(Site.objects.filter(access.sites(Permission.REVIEW_ACCESS)))
    if access.everywhere(Permission.REVIEW_ACCESS):
        places.append(None)
    latest = {
        review.site_id: review
        for review in AccessReview.objects.order_by("site_id", "-id")
        .distinct("site_id")
        .select_related("reviewed_by")
    }
    found = []
    for place in places:
        last = latest.get(place.pk if place else None)
        due = today
        if last:
            due = last.reviewed_at.astimezone(zone).date() + timedelta(days=settings.ACCESS_REVIEW_DAYS)  # type: ignore[arg-type]
        found.append(Due(place, last, due, due <= today))
    return found


def endings_asked() -> QuerySet[AccessReviewLine]:
    """Roles that the newest review speaking of them wants ended, and that go on."""
    newest = (
        AccessReviewLine.objects.filter(held__ends_on=None).order_by("held_id", "-id").distinct("held_id")
    )
    return (
        AccessReviewLine.objects.filter(pk__in=newest.values("pk"), verdict=Verdict.TO_END)
        .select_related("held__user", "held__site", "review__reviewed_by")
        .order_by("-id")
    )


@action
def review_access(
    *, site: Site | None, said: Mapping[int, tuple[str, str]], today: date, by: Actor, now: datetime
) -> AccessReview:
    """Record a review: of every role held there, by its id, whether it goes on or is to be ended, and why.

    NotPossible where a role held today is not spoken of, one is spoken of that is not held there, or the reason of
    an ending is missing. Nothing is ended by it: a system administrator does that.
    """
    held = {one.pk: one for one in to_review(site, today)}
    if set(said) != set(held):
        raise NotPossible(
            _("The roles have changed since the page was opened, or one was left out. Look at each again.")
        )
    review = AccessReview.objects.create(site=site, reviewed_at=now, reviewed_by=by.author)
    for pk, (verdict, reason) in said.items():
        if verdict not in Verdict.values:
            raise NotPossible(_("Say of each role whether it is to be kept or ended."))
        if verdict == Verdict.TO_END and not reason.strip():
            raise NotPossible(_("Write why a role is to be ended."))
        AccessReviewLine.objects.create(
            review=review, held=held[pk], verdict=verdict, reason=reason.strip()[:200]
        )
    return review
