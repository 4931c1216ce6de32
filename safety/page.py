"""What pages of other rooms show of safety: the clock of an event, and where a deviation came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Access, Permission
from eligibility.models import AdverseEvent
from participants.models import CaseReportForm
from records import clock, study
from safety.clocks import SaeClock
from safety.models import DeviationDraft
from safety.selectors.clocks import Watched, clock_of, report_limits, susar_of
from safety.selectors.coding import coding_of
from safety.selectors.deviations import draft_of
from safety.selectors.laboratory import Prompt


@dataclass(frozen=True, slots=True)
class Ticking:
    """A clock as templates/safety/_clock.html shows it; the page goes on counting (static/js/clock.js)."""

    clock: SaeClock
    now: datetime
    amber: int  # seconds before it is due from which on it is amber
    settings: Mapping[str, Any]

    @property
    def light(self) -> str:
        return str(self.clock.light).lower()


def ticking(read: SaeClock | None, now: datetime, settings: Mapping[str, Any]) -> Ticking | None:
    """Make a clock fit for the page; None where there is none."""
    if read is None:
        return None
    limits = report_limits(settings)
    return Ticking(read, now, int((limits.within - limits.amber_from).total_seconds()), settings)


def worklist_row(watched: Watched, now: datetime, settings: Mapping[str, Any]) -> dict[str, Any]:
    """One running clock as templates/components/worklist.html reads it."""
    event = watched.event
    return {
        "state": watched.mark,
        "words": light_words(watched),
        "who": event.participant.number,
        "who_url": reverse("casebook:participant", args=[event.participant_id]),
        "what": event.aeterm or _("Serious adverse event"),
        "when": "" if watched.clock else _("The moment of awareness is not entered"),
        "late": watched.light == "RED",
        "clock": ticking(watched.clock, now, settings),
        "url": reverse("safety:event", args=[event.participant_id, event.repeat]),
        "action": _("Report"),
    }


def light_words(watched: Watched) -> str:
    """The light in words, for whoever does not see it."""
    if watched.clock is None:
        return _("no clock")
    words = {"GREEN": _("in time"), "AMBER": _("due soon"), "RED": _("late")}
    return words[watched.light]


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands above a form of safety: the clock of an event with its way to the report, or a draft's source."""

    event: AdverseEvent | None = None
    clock: Ticking | None = None
    susar: Any = None
    coding: Any = None
    draft: DeviationDraft | None = None
    source_url: str = ""


def aside_of(record: CaseReportForm | None, now: datetime) -> Aside | None:
    """What to show above this form; None for one that has nothing of safety. Three queries at most."""
    if isinstance(record, AdverseEvent):
        codes = coding_of(record)
        if record.aeser != "Y":
            return Aside(coding=codes[-1]) if codes else None
        settings = study.in_force(clock.day(now))
        read = ticking(clock_of(record, now, settings), now, settings)
        return Aside(
            event=record,
            clock=read,
            susar=susar_of(record, settings),
            coding=codes[-1] if codes else None,
        )
    draft = draft_of(record)
    return Aside(draft=draft, source_url=source_url(draft)) if draft else None


def source_url(draft: DeviationDraft) -> str:
    """The form a draft rests on."""
    return reverse("casebook:entry", args=[draft.visit_id, draft.form_code, draft.repeat])


def prompt_row(access: Access, prompt: Prompt) -> dict[str, Any]:
    """A result without an adverse event as templates/safety/_prompts.html shows it."""
    result, participant = prompt.result, prompt.participant
    return {
        "participant": participant,
        "result": result,
        "label": prompt.label,
        "laboratory_url": reverse("casebook:entry", args=[result.visit, "LB", result.repeat]),
        "dismiss_url": reverse("safety:dismiss", args=[participant.pk]),
        "event_url": reverse("safety:new_event", args=[participant.pk]),
        "may_enter": access.may(Permission.ENTER_DATA, participant.site_id),
    }


def draft_row(draft: DeviationDraft) -> dict[str, Any]:
    """A draft of a deviation as templates/safety/_drafts.html shows it."""
    record = draft.deviation
    return {
        "draft": draft,
        "words": draft.words,
        "url": reverse("casebook:entry", args=[record.visit_id, "DV", record.repeat]) if record else "",
        "source_url": source_url(draft),
    }
