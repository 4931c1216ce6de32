"""What a version of the schedule changes in one participant's calendar, in sentences for the page and the shell."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from followup.amendment import Amended, Reformed
from followup.schedule import Drop, Move, PlannedVisit


def lines_of(calendar: Amended) -> list[str]:
    """One sentence for each visit added, moved, dropped or asked other forms, in this order."""
    return [
        *(_added(one) for one in calendar.add),
        *(_moved(one) for one in calendar.move),
        *(_dropped(one) for one in calendar.drop),
        *(_reformed(one) for one in calendar.reform),
    ]


def span(first: date | None, last: date | None) -> str:
    """Two days as people read them; one where both are the same, – for a side without limit."""
    if first == last:
        return first.isoformat() if first else "–"
    return f"{first.isoformat() if first else '…'} – {last.isoformat() if last else '…'}"


def _dates(planned: PlannedVisit) -> str:
    return _("%(target)s, window %(window)s") % {
        "target": span(planned.target_from, planned.target_to),
        "window": span(planned.window_open, planned.window_close),
    }


def _added(planned: PlannedVisit) -> str:
    return _("%(visit)s is added: %(dates)s.") % {"visit": planned.code, "dates": _dates(planned)}


def _moved(move: Move) -> str:
    given = {"visit": move.plan.code, "dates": _dates(move.plan)}
    if move.visit.plan is None or move.visit.plan == move.plan:
        return _("%(visit)s is planned again: %(dates)s.") % given
    return _("%(visit)s moves: %(before)s → %(dates)s.") % {**given, "before": _dates(move.visit.plan)}


def _dropped(drop: Drop) -> str:
    return _("%(visit)s is dropped. %(reason)s") % {"visit": drop.visit.code, "reason": drop.reason}


def _reformed(visit: Reformed) -> str:
    parts = [
        words % {"forms": ", ".join(codes)}
        for words, codes in (
            (_("due from now on %(forms)s"), visit.due_added),
            (_("no longer due %(forms)s"), visit.due_removed),
            (_("may be entered %(forms)s"), visit.optional_added),
            (_("may no longer be entered %(forms)s"), visit.optional_removed),
        )
        if codes
    ]
    if visit.renamed:
        parts.append(_("another name"))
    return _("%(visit)s: %(what)s.") % {"visit": visit.code, "what": "; ".join(parts)}
