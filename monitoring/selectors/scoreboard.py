"""How each check does: how often it fired, led to a change, was dismissed with a word, and still stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.access import Access, Permission
from accounts.models import Site
from monitoring.models import CheckFiring
from monitoring.places import read_item
from monitoring.workflow import FiringState
from participants.cross_checks import cross_checks
from participants.models import Discrepancy
from participants.workflow import DiscrepancyState
from records.definition import forms
from records.findings import Level
from records.text import Text

# A check across forms closes what it finds no longer: one of the two forms was corrected.
CHANGED = {
    DiscrepancyState.CLOSED: "changed",
    DiscrepancyState.CONFIRMED: "dismissed",
    DiscrepancyState.OPEN: "open",
}
OUTCOMES = {FiringState.CHANGED: "changed", FiringState.CONFIRMED: "dismissed", FiringState.FIRED: "open"}


@dataclass(slots=True)
class Score:
    """One check's; what fired is the sum of the other three."""

    check: str
    words: Text
    changed: int = 0
    dismissed: int = 0
    open: int = 0
    refused: int = 0  # of those fired, how many refused the form

    @property
    def fired(self) -> int:
        return self.changed + self.dismissed + self.open

    @property
    def percent_changed(self) -> int | None:
        """The share of what is settled that led to a change; None where nothing is settled."""
        settled = self.changed + self.dismissed
        return round(100 * self.changed / settled) if settled else None

    def add(self, outcome: str, number: int) -> None:
        setattr(self, outcome, getattr(self, outcome) + number)


def scoreboard(access: Access, site: Site | None) -> list[Score]:
    """Every check that fired at the sites a person sees, the most frequent first; two queries."""
    if not access.may_somewhere(Permission.SEE_PARTICIPANTS):
        return []
    here: dict[str, Any] = {"participant__site": site} if site else {}
    mine = access.at_sites(Permission.SEE_PARTICIPANTS, "participant__site")
    scores: dict[str, Score] = {}

    def score(check: str) -> Score:
        return scores.setdefault(check, Score(check, check_words(check)))

    across = Discrepancy.objects.filter(mine, **here).order_by()
    for check, status, number in across.values_list("check_id", "status").annotate(number=Count("pk")):
        score(check).add(CHANGED[DiscrepancyState(status)], number)
    within = CheckFiring.objects.filter(mine, **here).order_by()
    for check, state, level, number in within.values_list("check_id", "state", "level").annotate(
        number=Count("pk")
    ):
        one = score(check)
        one.add(OUTCOMES[FiringState(state)], number)
        if level == Level.HARD:
            one.refused += number
    return sorted(scores.values(), key=lambda one: (-one.fired, one.check))


def check_words(check: str) -> Text:
    """What a check is about: in the words of the specification, or the form and item it stands at."""
    known = {one.id: one.words for one in cross_checks()}
    if check in known:
        return known[check]
    form, _dot, item = check.partition(".")
    if form not in forms():
        return Text(check, check)
    group, _dot, inside = item.partition(".")
    asked = read_item(form, f"{group}-0-{inside}" if inside else group) if item else None
    title = forms()[form].form.title
    if asked is None or asked.item is None:
        return title
    parts = [title, asked.rows.rows.title, asked.item.label] if asked.rows else [title, asked.item.label]
    return Text.join(parts, ": ", "：")
