"""The verb of a laboratory result that is no adverse event."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import GRANTS, Actor, Permission
from accounts.attribution import action
from eligibility.models import Laboratory
from records import events
from records.findings import Refused
from safety.models import LaboratoryDismissal
from safety.selectors.laboratory import graded_tests


@action
def dismiss_result(
    *, laboratory: Laboratory, test: str, reason: str, by: Actor, now: datetime
) -> LaboratoryDismissal:
    """Say that a graded result is no adverse event, and why; a higher grade of it asks again.

    Raises Refused without a reason, for a role that does not enter data, for a test without a grade, where it
    was said already, and where the form is locked.
    """
    if by.person is None or Permission.ENTER_DATA not in GRANTS.get(by.role, ()):
        raise Refused(_("Your role does not judge laboratory results."))
    if not reason.strip():
        raise Refused(_("Write why it is no adverse event."))
    events.ask_act_guards(events.Act.on(laboratory))
    grade = getattr(laboratory, f"{test}_gr", None) if test in graded_tests() else None
    if grade is None:
        raise Refused(_("This result has no grade."))
    try:
        with transaction.atomic():
            return LaboratoryDismissal.objects.create(
                participant_id=laboratory.participant_id,
                visit_id=laboratory.visit_id,
                repeat=laboratory.repeat,
                test=test,
                grade=grade,
                reason=reason.strip(),
                dismissed_at=now,
                dismissed_by=by.person,
            )
    except IntegrityError as refused:
        if "laboratory_dismissed_once" not in str(refused):
            raise
        raise Refused(_("This was said already.")) from refused
