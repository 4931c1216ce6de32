"""What is held, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from monitoring.extents import Extent, keys_around
from monitoring.models import Hold, HoldStep
from monitoring.trust import HoldState, Level, stricter

# What keys begin with (monitoring/extents.py), from the widest to the narrowest.
LEVELS = {"T": Level.TRIAL, "S": Level.SITE, "P": Level.PARTICIPANT, "V": Level.VISIT, "F": Level.FORM}


@dataclass(frozen=True, slots=True)
class Held:
    """The strictest hold over an extent, and the level it was set at; of several the widest."""

    state: HoldState
    level: Level


def strictest(found: Sequence[tuple[str, str]]) -> Held | None:
    """Choose among keys and states of holds; None where nothing is held."""
    chosen: Held | None = None
    for first, level in LEVELS.items():
        for extent, state in found:
            if extent.startswith(first) and (chosen is None or stricter(HoldState(state), chosen.state)):
                chosen = Held(HoldState(state), level)
    return chosen if chosen and chosen.state != HoldState.OPEN else None


def held_at(site_id: int, participant_id: int, visit_id: int, form: str, repeat: int) -> Held | None:
    """The strictest hold over a record at a visit, at any of the five levels; one query.

    Inside a transaction nobody can set or lift one until it ends (monitoring/still.py).
    """
    keys = keys_around(site_id, participant_id, visit_id, form, repeat)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, state FROM monitoring_holds(%s, %s, %s)", [site_id, participant_id, keys])
        return strictest(cursor.fetchall())


def held_over(extent: Extent) -> Held | None:
    """The strictest hold over an extent: its own, or one of what it lies in."""
    keys = ["TRIAL"]
    if extent.site:
        keys.append(f"S{extent.site.pk}")
    if extent.participant:
        keys.append(f"P{extent.participant.pk}")
    if extent.visit:
        keys.append(f"V{extent.visit.pk}")
    if extent.form:
        keys.append(extent.key)
    found = Hold.objects.filter(key__in=keys).exclude(state=HoldState.OPEN)
    return strictest(list(found.values_list("key", "state")))


def steps_of(extent: Extent) -> list[HoldStep]:
    """Every step of the hold of exactly this extent, newest first; one query."""
    return list(HoldStep.objects.filter(hold__key=extent.key).select_related("by").order_by("-id"))


def own_state(extent: Extent) -> HoldState:
    """How this extent itself is held, whatever holds lie around it."""
    found = Hold.objects.filter(key=extent.key).values_list("state", flat=True).first()
    return HoldState(found) if found else HoldState.OPEN
