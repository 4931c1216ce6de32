"""Figures that a worker works out and the page shows: which there are, when they are asked for anew, and their form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction

from dashboards.cards import Card
from dashboards.models import Figures

# Younger figures are shown as they are; older ones too, while a worker makes new ones.
FRESH = timedelta(minutes=10)
# A message to the worker that has had no answer for so long is taken as lost.
UNANSWERED = timedelta(minutes=2)
FORGOTTEN = timedelta(days=1)


def key_of(section: str, asked: Mapping[str, Any]) -> str:
    """The name of figures: everything they depend on, as a hash. Who asks does not matter, but what they may see."""
    words = json.dumps([section, {**asked, "user": None}], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


def figures_for(section: str, asked: Mapping[str, Any], task: Task[Any, Any], *, now: datetime) -> Figures:
    """What is kept under these filters; a worker is told where there is nothing, or nothing fresh.

    `asked` is what `task` is called with besides key and section.
    """
    key = key_of(section, asked)
    with transaction.atomic():
        found, made = Figures.objects.select_for_update().get_or_create(
            key=key, defaults={"section": section, "asked_at": now}
        )
        waiting = found.worked_out_at is None or found.asked_at > found.worked_out_at
        stale = found.worked_out_at is None or now - found.worked_out_at > FRESH
        lost = waiting and now - found.asked_at > UNANSWERED
        wanted = lost or (stale and not waiting)
        if made or wanted:
            found.asked_at = now
            found.save(update_fields=["asked_at"])
            transaction.on_commit(partial(task.delay, key=key, section=section, **asked), robust=True)
    return found


def figures_of_once(section: str, asked: Mapping[str, Any], *, now: datetime) -> Figures | None:
    """What is kept of figures that were asked for once and are never made anew; no worker is told.

    None where they were forgotten, or the worker has not answered.
    """
    found = Figures.objects.filter(key=key_of(section, asked)).first()
    if found is not None and found.worked_out_at is None and now - found.asked_at > UNANSWERED:
        return None
    return found


def keep(key: str, section: str, cards: Iterable[Card], *, now: datetime) -> None:
    """Keep what was worked out, and forget what nobody asked for in the last day."""
    content = [asdict(card) for card in cards]
    Figures.objects.update_or_create(
        key=key,
        defaults={"cards": content, "worked_out_at": now},
        create_defaults={"section": section, "cards": content, "worked_out_at": now, "asked_at": now},
    )
    Figures.objects.filter(asked_at__lt=now - FORGOTTEN).exclude(key=key).delete()


def cards_of(figures: Figures) -> list[Card]:
    """The cards as they were kept; none while they are worked out for the first time."""
    return [Card(**card) for card in figures.cards or []]
