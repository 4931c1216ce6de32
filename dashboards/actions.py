"""Looking at efficacy: every look is a row."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from dashboards.cards import Question
from dashboards.models import EfficacyLook
from dashboards.policies import efficacy_is_shown
from records.findings import Refused


@action
def look_at_efficacy(*, question: Question, by: Actor, now: datetime) -> EfficacyLook:
    """Record that a person looks at efficacy, and of whom; Refused while the study setting shows it to nobody."""
    if not efficacy_is_shown(question.settings):
        raise Refused(_("Efficacy is closed. A data manager opens it in the study settings, with a reason."))
    view = question.view
    return EfficacyLook.objects.create(
        at=now,
        by=by.author,
        role=by.role,
        site=view.site,
        arm=view.arm,
        since=view.since,
        until=view.until,
    )
