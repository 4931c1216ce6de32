"""Freeze, lock and lift it, at any level."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from monitoring.extents import Extent
from monitoring.models import Hold, HoldStep
from monitoring.policies.trust import ask_hold
from monitoring.selectors.signatures import standing_within
from monitoring.still import stand_still
from monitoring.trust import HoldState, stricter
from records.findings import Refused


class OthersSigned(Refused):
    """A hold was to be lifted over signatures the person had not been told of."""


@action
def hold(
    *,
    extent: Extent,
    to: HoldState,
    by: Actor,
    now: datetime,
    reason: str = "",
    told: Collection[int] = (),
) -> Hold:
    """Freeze or lock an extent, or lift it; whoever saves within it at that moment is waited for.

    Lifting needs a reason, and does not void a signature by itself; but a change does from then on. So `told` are
    the signatures within the extent that the person was shown: raises OthersSigned where more stand than these.
    """
    stand_still(extent)
    kept = Hold.objects.select_for_update().filter(key=extent.key).first()
    state = HoldState(kept.state) if kept else HoldState.OPEN
    ask_hold(extent, state, to, by, reason, now)
    lifts = stricter(state, to)
    at_stake = [one.pk for one in standing_within(extent)] if lifts else []
    if set(at_stake) - set(told):
        raise OthersSigned(
            _("Signatures stand here that you were not shown. Read whose they are, then lift it.")
        )
    one = kept or Hold(key=extent.key, **extent.columns)
    one.state = str(to)
    one.save()
    HoldStep.objects.create(
        participant=extent.participant,
        hold=one,
        state=one.state,
        lifts=lifts,
        at=now,
        by=by.author,
        role=by.role,
        reason=reason.strip(),
        signatures=at_stake,
    )
    return one
