"""Visits by what their windows say today: overdue, closing, due, open, opening soon; all found by one statement."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission
from casebook.selectors import Marks
from casebook.worklist.distance import begins, since, until
from casebook.worklist.sections import NOTHING, Desk, Found, Line, Section, line
from eligibility.policies import UNDECIDED, due_at
from monitoring.selectors.work import AT_SITES, by_section
from participants.workflow import VisitState
from records.text import Text

AHEAD = timedelta(days=7)


class Due(StrEnum):
    """Where a visit that was not begun stands on a day."""

    OVERDUE = "OVERDUE"
    CLOSING = "CLOSING"
    TODAY = "TODAY"
    OPEN = "OPEN"
    SOON = "SOON"


# As followup.schedule.window_status says it, and besides: a visit without a window is overdue once its target has passed,
# and due within its target. A hepatectomy is expected, not owed: once its time has passed it waits on the treatment page.
DUE = f"""
SELECT CASE
           WHEN coalesce(v.window_close, CASE WHEN v.window_open IS NULL THEN v.target_to END) < %(today)s THEN '{Due.OVERDUE}'
           WHEN coalesce(v.window_open, v.target_from) > %(today)s THEN '{Due.SOON}'
           WHEN v.window_close - %(today)s <= %(closing)s THEN '{Due.CLOSING}'
           WHEN %(today)s BETWEEN v.target_from AND v.target_to THEN '{Due.TODAY}'
           ELSE '{Due.OPEN}' END AS section,
       v.id, v.participant_id, p.number, p.status AS path, v.code, v.label_en, v.label_zh, v.forms, v.status,
       v.target_from, v.target_to, v.window_open, v.window_close
FROM participants_visit v JOIN participants_participant p ON p.id = v.participant_id
WHERE v.status = '{VisitState.PLANNED}' AND coalesce(v.window_open, v.target_from) <= %(soon)s AND {AT_SITES.format("p")}
AND NOT (v.series = 'SURGERY' AND v.window_close IS NULL AND v.target_to < %(today)s)
"""  # noqa: S608 – our own words
ORDER = "coalesce(window_close, target_to), coalesce(window_open, target_from), number, id"


class Planned:
    """A row of the statement, as marks of visits read it."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.id: int = row["id"]
        self.participant_id: int = row["participant_id"]
        self.number: str = row["number"]
        self.undecided: bool = row["path"] in UNDECIDED
        self.code: str = row["code"]
        self.label = Text(row["label_en"], row["label_zh"])
        self.forms: list[str] = row["forms"]
        self.status: str = row["status"]
        self.target_from: date | None = row["target_from"]
        self.target_to: date | None = row["target_to"]
        self.window_open: date | None = row["window_open"]
        self.window_close: date | None = row["window_close"]


def _find(due: Due, desk: Desk, first: int, last: int) -> Found:
    found = desk.once(("visits", first, last), lambda: _all(desk, first, last))
    if due not in found:
        return NOTHING
    number, rows = found[due]
    marks = desk.once("marks", lambda: Marks(desk.today))
    return Found(number, [_line(Planned(row), due, marks) for row in rows])


def _all(desk: Desk, first: int, last: int) -> dict[str, tuple[int, list[dict[str, Any]]]]:
    words = {
        "sites": desk.sites(Permission.ENTER_DATA),
        "today": desk.today,
        "soon": desk.today + AHEAD,
        "closing": desk.settings["reminder_closing_days"],
    }
    return by_section(DUE, ORDER, words, first, last)


def _line(visit: Planned, due: Due, marks: Marks) -> Line:
    state, words, _count = marks.of_row(visit, {}, undecided=visit.undecided)
    forms = due_at(tuple(visit.forms), visit.code, visit.undecided)
    form = next(iter(forms), visit.forms[0] if visit.forms else "SV")
    opens, closes = visit.window_open or visit.target_from, visit.window_close or visit.target_to
    if due is Due.SOON and opens:
        when = begins(opens, marks.today)
    elif closes and (due is Due.OVERDUE or closes >= marks.today):
        when = until(closes, marks.today)
    else:
        # Without a last day.
        when = since(closes, marks.today) if closes else ""
    return line(
        visit.number,
        visit.participant_id,
        str(visit.label),
        when,
        reverse("casebook:entry", args=[visit.id, form]),
        _("Begin"),
        state="overdue" if due is Due.OVERDUE else state,
        words=words,
        late=due is Due.OVERDUE,
    )


SITE_STAFF = frozenset({Permission.ENTER_DATA})

OVERDUE = Section("overdue", lambda: _("Overdue"), SITE_STAFF, partial(_find, Due.OVERDUE))
CLOSING = Section("closing", lambda: _("Window closing"), SITE_STAFF, partial(_find, Due.CLOSING))
TODAY = Section("today", lambda: _("Due today"), SITE_STAFF, partial(_find, Due.TODAY))
OPEN = Section("open", lambda: _("Window open"), SITE_STAFF, partial(_find, Due.OPEN))
SOON = Section("soon", lambda: _("In the next seven days"), SITE_STAFF, partial(_find, Due.SOON))
