"""Change what of a form is verified."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.attribution import action
from monitoring.actions.verification import judge_again
from monitoring.content import verifiable
from monitoring.models import VerificationPlan
from monitoring.plan import ALL
from monitoring.selectors.plans import plan_for, plans
from records import clock
from records.definition import forms, row_groups
from records.findings import Refused


def choosable(form: str) -> list[str]:
    """What a plan can name of a form: its items, and its tables of rows as a whole."""
    model = forms()[form]
    return [*(item.name for item in verifiable(model)), *row_groups(model)]


@action
def set_plan(*, form: str, items: Sequence[str], reason: str, by: Actor, now: datetime) -> VerificationPlan:
    """Add a version of what is verified of a form, in force at once; how far its records are verified is judged again.

    `items` as in monitoring/plan.py. Raises Refused for a role that does not change study settings at all sites, without
    a reason, for a name the form does not have, and where it is so already.
    """
    if not by.may(Permission.CHANGE_STUDY_SETTINGS, None, clock.day(now)):
        raise Refused(_("Only data managers of all sites change the plan of verification."))
    if not reason.strip():
        raise Refused(_("Write the reason for the change."))
    known = choosable(form)
    chosen = ALL if tuple(items) == ALL or set(items) == set(known) else tuple(n for n in known if n in items)
    if chosen != ALL and set(items) - set(known):
        raise Refused(_("The form has no such item."))
    with connection.cursor() as cursor:
        # Two who change the plan of a form at once number their versions one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(7310, hashtext(%s))", [form])
    if plan_for(plans(), form) == chosen:
        raise Refused(_("The plan says so already."))
    last = VerificationPlan.objects.filter(form=form).order_by("-version").first()
    version = VerificationPlan.objects.create(
        form=form,
        version=last.version + 1 if last else 1,
        items=list(chosen),
        reason=reason.strip(),
        set_at=now,
        set_by=by.author,
    )
    judge_again(form, chosen, by=by, now=now, reason=reason)
    return version
