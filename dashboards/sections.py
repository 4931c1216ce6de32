"""The sections of the dashboard, each a page of its own, and every card by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards import balance, conduct, enrolment, harms, log_cards, treatment
from dashboards.cards import Ask
from records.text import Text


@dataclass(frozen=True, slots=True)
class Section:
    """One page: what it is called and its cards in their order."""

    title: Text
    cards: Mapping[str, Ask]
    by_worker: bool = True  # worked out by a worker and kept for minutes, instead of with each page


SECTIONS: dict[str, Section] = {
    "enrolment": Section(Text("Enrolment", "入组"), enrolment.CARDS, by_worker=False),
    "balance": Section(Text("Balance", "组间均衡"), balance.CARDS),
    "conduct": Section(Text("Conduct", "研究执行"), conduct.CARDS),
    "treatment": Section(Text("Treatment", "治疗"), treatment.CARDS),
    "safety": Section(Text("Safety", "安全性"), harms.CARDS),
}
CARDS: dict[str, Ask] = {name: ask for section in SECTIONS.values() for name, ask in section.cards.items()}
# The historical log is a published data set of patients who were never participants.
LOG: dict[str, Ask] = log_cards.LOG
# Drawn from one look at a time, never with a page (dashboards/efficacy.py).
EFFICACY = "efficacy"
EFFICACY_TITLE = Text("Efficacy", "疗效")


def section_of(card: str) -> str:
    """The section a card stands in; "" for one of the historical log, or none."""
    return next((name for name, section in SECTIONS.items() if card in section.cards), "")
