"""What is still open at an extent and keeps it from being signed."""

from __future__ import annotations

from django.db.models import Q

from monitoring.extents import Extent
from monitoring.models import Query
from monitoring.workflow import QueryState
from participants.models import Discrepancy
from participants.workflow import DiscrepancyState


def open_queries_at(extent: Extent) -> int:
    """How many questions about the data of a form, a visit or a participant are not settled; two queries.

    Those people asked, until they are closed, and those of checks across forms, until they are answered. Counted
    once each, those at forms outside the plan of a visit included.
    """
    where = Q(participant=extent.participant)
    if extent.visit:
        where &= Q(visit=extent.visit)
    if extent.form:
        where &= Q(form=extent.form, repeat=extent.repeat)
    asked = Query.objects.filter(where).exclude(state=QueryState.CLOSED).count()
    return asked + Discrepancy.objects.filter(where, status=DiscrepancyState.OPEN).count()
