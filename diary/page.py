"""Rows about participants' records as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from diary.models import DiaryLink, DiaryTask
from diary.workflow import LinkStanding
from records.text import Text
from records.zone import TRIAL_ZONE

BADGES = {LinkStanding.WAITING: "info", LinkStanding.IN_USE: "good"}


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link with what it is worth now, in words and as the kind of a badge."""

    link: DiaryLink
    words: Text
    badge: str
    revocable: bool


def link_rows(links: Iterable[DiaryLink], now: datetime) -> list[LinkRow]:
    return [
        LinkRow(one, one.standing_words(now), BADGES.get(one.standing(now), "warn"), one.revoked_at is None)
        for one in links
    ]


def worklist_row(task: DiaryTask) -> dict[str, Any]:
    """A severe answer as templates/components/worklist.html shows it."""
    return {
        "state": "overdue",
        "words": str(task.words),
        "who": task.participant.number,
        "what": str(task.reason_words),
        "when": f"{task.raised.astimezone(TRIAL_ZONE):%Y-%m-%d %H:%M}",
        "late": True,
        "url": reverse("diary:participant", args=[task.participant_id]) + f"#entry-{task.entry_id}",
        "action": _("Open the record"),
    }
