"""A participant's time drawn to scale: what happened, what is planned, and today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from participants.models import Participant, ParticipantStatus, Visit
from participants.schedule_file import Anchor
from participants.workflow import VisitState
from records import clock

ANCHOR_WORDS = {
    Anchor.CONSENT: lambda: _("Consent"),
    Anchor.A0: lambda: _("Arm assigned"),
    Anchor.A1: lambda: _("Index procedure"),
    Anchor.A2: lambda: _("Hepatectomy"),
}
SHORTEST = 30
# Long-term visits years ahead would press everything else together.
HORIZON = timedelta(days=270)


def timeline(
    participant: Participant, visits: Sequence[Visit], statuses: Sequence[ParticipantStatus], today: date
) -> dict[str, Any]:
    """Give templates/components/timeline.html its lanes, in percent of the span drawn; one query."""
    anchors = {Anchor(name): day for name, day in participant.anchors.values_list("name", "date")}
    first = min([clock.day(participant.registered_at), *anchors.values()])
    latest_known = max([today, *anchors.values()])
    planned = [v for v in visits if v.target_to and v.target_from and v.target_from <= latest_known + HORIZON]
    last = max(
        [today, first + timedelta(days=SHORTEST), *[v.window_close or v.target_to or first for v in planned]]
    )
    span = (last - first).days or 1

    def x(day: date) -> float:
        return round(min(max((day - first).days / span * 100, 0), 100), 2)

    path = [
        {
            "kind": "event",
            "state": "done",
            "x": x(day),
            "label": "",
            "title": f"{ANCHOR_WORDS[name]()} {day}",
            "url": "",
        }
        for name, day in anchors.items()
        if name in ANCHOR_WORDS
    ]
    lanes = [{"label": _("Path"), "items": path, "linked": False}]
    for series, label in (("SCREENING", _("Screening")), ("TREATMENT", _("Treatment")), ("", _("Follow-up"))):
        chosen = [
            v
            for v in planned
            if (v.series == series if series else v.series not in ("SCREENING", "TREATMENT"))
        ]
        items = [
            _window(v, x, today)
            for v in chosen
            if v.status not in (VisitState.SUPERSEDED, VisitState.CANCELLED)
        ]
        if items:
            lanes.append({"label": label, "items": items, "linked": True})
    return {
        "lanes": lanes,
        "ticks": _ticks(first, last, x),
        "today": x(today),
        "words": _("From %(first)s to %(last)s: %(count)s visits planned or done.")
        % {"first": first, "last": last, "count": len(planned)},
    }


def _window(visit: Visit, x: Any, today: date) -> dict[str, Any]:
    opens = visit.window_open or visit.target_from
    closes = visit.window_close or visit.target_to
    state = "done" if visit.status == VisitState.DONE else ""
    if visit.status == VisitState.PLANNED and visit.window_close and visit.window_close < today:
        state = "overdue"
    return {
        "kind": "window",
        "state": state,
        "x": x(opens),
        "width": max(x(closes) - x(opens), 0.6),
        "label": "",
        "title": f"{visit.label} {opens} – {closes}",
        "url": reverse("casebook:entry", args=[visit.pk, visit.forms[0]]) if visit.forms else "",
    }


def _ticks(first: date, last: date, x: Any) -> list[tuple[float, str]]:
    """The first of each month; every second or third where they would touch."""
    months: list[date] = []
    month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    step = len(months) // 10 + 1
    return [(x(day), f"{day:%Y-%m}") for day in months[::step]]
