"""What stands above every page of a participant: the breadcrumb and the strip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from participants import codelists
from participants.models import Demographics, Participant
from participants.workflow import ParticipantState

STATUS_KINDS = {
    ParticipantState.SCREENING: "info",
    ParticipantState.ELIGIBLE: "accent",
    ParticipantState.SCREEN_FAILURE: "bad",
    ParticipantState.ASSIGNED: "accent",
    ParticipantState.ON_TREATMENT: "accent",
    ParticipantState.FOLLOW_UP: "good",
    ParticipantState.COMPLETED: "good",
    ParticipantState.WITHDRAWN: "warn",
    ParticipantState.DIED: "bad",
}


def crumbs(participant: Participant) -> list[tuple[Any, str]]:
    return [
        (participant.site, reverse("casebook:matrix")),
        (participant.number, reverse("casebook:participant", args=[participant.pk])),
    ]


def strip(
    participant: Participant,
    today: date,
    next_step: tuple[str, str] | None = None,
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The header strip; one query for age and sex, none where `known` holds them (a form's context)."""
    if known is None or "age" not in known:
        known = Demographics.objects.filter(participant=participant).values("sex", "age").first() or {}
    facts: list[tuple[str, Any]] = [
        (_("Site"), participant.site.code),
        (_("Age"), known.get("age") if known.get("age") is not None else "–"),
        (_("Sex"), codelists.SEX.label(known["sex"]) if known.get("sex") else "–"),
        (_("Arm"), participant.arm_words),
    ]
    words: dict[str, Any] = {
        "number": participant.number,
        "initials": participant.initials,
        "facts": facts,
        "status": participant.status_words,
        "status_kind": STATUS_KINDS[ParticipantState(participant.status)],
    }
    if next_step:
        words["next_label"], words["next_url"] = next_step
    return words
