"""The verb of this room: complete a review of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from audit.models import TrailReview
from records.findings import Refused


@action
def complete_review(
    *,
    from_day: date,
    to_day: date,
    site_ids: tuple[int, ...] | None,
    figures: Mapping[str, int],
    findings: str,
    by: Actor,
    now: datetime,
) -> TrailReview:
    """Record that the trail of a period was reviewed, with the figures as they stood.

    `site_ids`: None for every site. Raises Refused for a role that does not review, without findings in words,
    and for a period that ends before it begins.
    """
    if Permission.REVIEW_TRAIL not in GRANTS.get(by.role, ()):
        raise Refused(_("Only data managers review the trail."))
    if not findings.strip():
        raise Refused(_("Write what you found, or that there was nothing to find."))
    if to_day < from_day:
        raise Refused(_("The period ends before it begins."))
    return TrailReview.objects.create(
        reviewed_at=now,
        reviewed_by=by.author,
        reviewed_as=by.role,
        from_day=from_day,
        to_day=to_day,
        site_ids=list(site_ids or ()),
        figures=dict(figures),
        findings=findings.strip(),
    )
