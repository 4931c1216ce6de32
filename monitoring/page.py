"""What pages of other rooms show of queries: marks at the fields of a form, and rows of a worklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Access, Permission
from monitoring.models import Query
from monitoring.places import Place
from monitoring.selectors.asked import AskedAtVisit
from monitoring.selectors.queries import place_of
from monitoring.workflow import QueryState
from records import clock
from records.drawing import draw


def open_queries(number: int) -> str:
    """So many open queries, in words."""
    return ngettext("%(n)s open query", "%(n)s open queries", number) % {"n": number}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many queries there are at one place, by state; what checks found counts with those of people."""

    open: int = 0
    answered: int = 0
    closed: int = 0

    @property
    def kind(self) -> str:
        """The most pressing state, as the mark shows it."""
        return next((name for name in ("open", "answered", "closed") if getattr(self, name)), "none")

    @property
    def words(self) -> str:
        said = []
        if self.open:
            said.append(ngettext("%(n)s open", "%(n)s open", self.open) % {"n": self.open})
        if self.answered:
            said.append(ngettext("%(n)s answered", "%(n)s answered", self.answered) % {"n": self.answered})
        if self.closed and not said:
            said.append(ngettext("%(n)s closed", "%(n)s closed", self.closed) % {"n": self.closed})
        return ", ".join(said) or _("none")


class QueryMarks:
    """The marks of queries on the page of one form: one at each item, one for the form as a whole.

    An item has one where there is or was a query, and everywhere for a person who may ask.
    """

    def __init__(self, access: Access, place: Place, asked: AskedAtVisit) -> None:
        self.place = place
        self.may_ask = access.may(Permission.RAISE_QUERIES, place.participant.site_id)
        self._states: dict[str, dict[str, int]] = {}
        for (form, repeat, item), states in asked.marked.items():
            if (form, repeat) == (place.form, place.repeat):
                self._states[item] = states
        self._begins = place.at_form().address()

    def tally(self, item: str) -> Tally:
        return _tally(self._states.get(item, {}))

    def whole(self) -> Tally:
        """All queries of the form, at any of its items, also at rows that are gone."""
        together: dict[str, int] = {}
        for states in self._states.values():
            for state, number in states.items():
                together[state] = together.get(state, 0) + number
        return _tally(together)

    def at_item(self, name: str, label: Any) -> SafeString:
        """Draw the mark of an item; nothing where there is none."""
        if not self.may_ask and name not in self._states:
            return SafeString("")
        return _drawn(name, label, self.tally(name), f"{self._begins}&item={name}")

    def at_form(self, title: Any) -> SafeString:
        """Draw the mark of the form as a whole."""
        return _drawn("", title, self.whole(), self._begins)


def _tally(states: dict[str, int]) -> Tally:
    return Tally(
        *(states.get(state, 0) for state in (QueryState.OPEN, QueryState.ANSWERED, QueryState.CLOSED))
    )


def _drawn(name: str, label: Any, tally: Tally, url: str) -> SafeString:
    mark = {
        "name": name,
        "label": label,
        "kind": tally.kind,
        "number": tally.open or tally.answered or "",
        "words": tally.words,
        "url": url,
    }
    return draw("monitoring/_mark.html", "mark", mark, ["url"])


def query_row(query: Query, now: datetime, action: str) -> dict[str, Any]:
    """One query as templates/components/worklist.html reads it: what was said last, and where it stands."""
    said = [step.words for step in query.steps.all() if step.words]
    place, days = place_of(query), query.days(now)
    waits = ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days} if days else _("today")
    return {
        "state": "open" if query.is_open else "partial",
        "words": query.state_words,
        "who": query.participant.number,
        "who_url": reverse("casebook:participant", args=[query.participant_id]),
        "what": f"{' · '.join(str(part) for part in place.words[-2:])}: {said[-1]}",
        "when": f"{clock.day(query.raised_at)} · {waits}",
        "late": False,
        "url": place.address(query.pk),
        "action": action,
    }
