"""A participant's time drawn to scale: what happened, the treatment, visits with their windows, and today."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from participants.models import Participant, ParticipantStatus, Visit
from participants.schedule_file import Anchor
from participants.workflow import ParticipantState, VisitState
from records import clock

ANCHOR_WORDS: dict[Anchor, Callable[[], str]] = {
    Anchor.CONSENT: lambda: _("Consent"),
    Anchor.A0: lambda: _("Arm assigned"),
    Anchor.MAP: lambda: _("Angiography and 99mTc-MAA"),
    Anchor.A1: lambda: _("Y-90 infusion"),
    Anchor.A2: lambda: _("Hepatectomy"),
    Anchor.EOT: lambda: _("End of treatment"),
    Anchor.EOS: lambda: _("End of study"),
}
TREATMENT = (Anchor.MAP, Anchor.A1, Anchor.A2)
CYCLES = {number: (Anchor(f"C{number}_START"), Anchor(f"C{number}_END")) for number in range(1, 5)}
# Steps of the path that are no anchor: the day they were taken.
DECISIONS = {
    ParticipantState.ELIGIBLE: lambda: _("Found eligible"),
    ParticipantState.SCREEN_FAILURE: lambda: _("Screen failure"),
}
DROPPED = (VisitState.SUPERSEDED, VisitState.CANCELLED)
OWN_LANES = ("SCREENING", "TREATMENT", "SURGERY")
SHORTEST = 30
# Long-term visits years ahead would press everything else together.
HORIZON = timedelta(days=270)
# What is drawn is at least so wide, in percent.
NARROWEST = 0.6
WIDTH_OF_A_WORD = 5


def course(
    participant: Participant, anchors: Mapping[Anchor, date], statuses: Sequence[ParticipantStatus]
) -> list[tuple[date, date | None, str, bool]]:
    """What happened, by day: first day, last day (None for a single one), words, and whether it is treatment.

    A HAIC cycle runs from its first infusion to the removal of its catheter; its A1 is the end of the last one and
    not told again.
    """
    found: list[tuple[date, date | None, str, bool]] = [
        (day, None, ANCHOR_WORDS[name](), name in TREATMENT)
        for name, day in anchors.items()
        if name in ANCHOR_WORDS and (name is not Anchor.A1 or participant.arm == "Y90")
    ]
    for number, (start, end) in CYCLES.items():
        if start in anchors:
            words = _("HAIC cycle %(number)s") % {"number": number}
            found.append((anchors[start], anchors.get(end), words, True))
    for status in statuses:
        words_of = DECISIONS.get(ParticipantState(status.status))
        if words_of is not None:
            found.append((clock.day(status.at), None, words_of(), False))
    return sorted(found, key=lambda one: (one[0], one[2]))


def timeline(
    participant: Participant,
    visits: Sequence[Visit],
    statuses: Sequence[ParticipantStatus],
    today: date,
    *,
    anchors: Mapping[Anchor, date] | None = None,
    seen: Mapping[int, date] | None = None,
) -> dict[str, Any]:
    """Give templates/components/timeline.html its lanes, in percent of the span drawn; one query without `anchors`.

    `seen`: the day a visit took place, by its id; it is drawn as a dot on the visit's window.
    """
    if anchors is None:
        anchors = {Anchor(name): day for name, day in participant.anchors.values_list("name", "date")}
    first = min([clock.day(participant.registered_at), *anchors.values()])
    latest_known = max([today, *anchors.values()])
    planned = [
        v
        for v in visits
        if v.target_to
        and v.target_from
        and v.target_from <= latest_known + HORIZON
        and v.status not in DROPPED
    ]
    last = max(
        [today, first + timedelta(days=SHORTEST), *[v.window_close or v.target_to or first for v in planned]]
    )
    span = (last - first).days or 1

    def x(day: date) -> float:
        return round(min(max((day - first).days / span * 100, 0), 100), 2)

    happened = course(participant, anchors, statuses)
    lanes = [
        {
            "label": label,
            "items": [_happened(one, x, today) for one in happened if one[3] is treatment],
            "linked": False,
        }
        for label, treatment in ((_("Path"), False), (_("Treatment"), True))
    ]
    for series, label in (
        ("SCREENING", _("Screening")),
        ("TREATMENT", _("Treatment visits")),
        ("SURGERY", _("Hepatectomy")),
        ("", _("Follow-up")),
    ):
        chosen = [v for v in planned if (v.series == series if series else v.series not in OWN_LANES)]
        items = [item for v in chosen for item in _visit(v, x, today, (seen or {}).get(v.pk))]
        lanes.append({"label": label, "items": items, "linked": True})
    return {
        "lanes": [lane for lane in lanes if lane["items"]],
        # The word "today" has the place of a month that would stand under it.
        "ticks": [tick for tick in _ticks(first, last, x) if abs(tick[0] - x(today)) > WIDTH_OF_A_WORD],
        "today": x(today),
        "words": _("From %(first)s to %(last)s: %(count)s visits planned or done.")
        % {"first": first, "last": last, "count": len(planned)},
    }


def _happened(
    one: tuple[date, date | None, str, bool], x: Callable[[date], float], today: date
) -> dict[str, Any]:
    first, last, words, treatment = one
    if not treatment or last is None:
        return _item("event", "done", x(first), title=f"{words} {first}")
    width = max(x(last) - x(first), NARROWEST)
    return _item("period", "done", x(first), title=f"{words} {first} – {last}", width=width)


def _visit(visit: Visit, x: Callable[[date], float], today: date, seen: date | None) -> list[dict[str, Any]]:
    """The window of a visit as a bar, and the day it took place as a dot."""
    opens = visit.window_open or visit.target_from
    closes = visit.window_close or visit.target_to
    assert opens is not None and closes is not None  # only dated visits are drawn
    state = "done" if visit.status == VisitState.DONE else ""
    if visit.status == VisitState.PLANNED and visit.window_close and visit.window_close < today:
        state = "overdue"
    bar = _item(
        "window",
        state,
        x(opens),
        title=f"{visit.label} {opens} – {closes}",
        width=max(x(closes) - x(opens), NARROWEST),
        url=reverse("casebook:entry", args=[visit.pk, visit.forms[0]]) if visit.forms else "",
    )
    if seen is None:
        return [bar]
    return [bar, _item("event", state, x(seen), title=f"{visit.label} {seen}")]


def _item(
    kind: str, state: str, x: float, *, title: str, width: float = 0.0, url: str = ""
) -> dict[str, Any]:
    return {"kind": kind, "state": state, "x": x, "width": width, "label": "", "title": title, "url": url}


def _ticks(first: date, last: date, x: Callable[[date], float]) -> list[tuple[float, str]]:
    """The first of each month; every second or third where they would touch."""
    months: list[date] = []
    month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    step = len(months) // 10 + 1
    return [(x(day), f"{day:%Y-%m}") for day in months[::step]]
