"""The sections of the dashboard, each a page of its own, and every card by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards import balance, enrolment, harms, log_cards, treatment
from dashboards.cards import Ask
from records.text import Text


@dataclass(frozen=True, slots=True)
class Section:
    """One page: what it is called and its cards in their order."""

    title: Text
    cards: Mapping[str, Ask]


SECTIONS: dict[str, Section] = {
    "enrolment": Section(Text("Enrolment", "入组"), enrolment.CARDS),
    "balance": Section(Text("Balance", "组间均衡"), balance.CARDS),
    "treatment": Section(Text("Treatment", "治疗"), treatment.CARDS),
    "safety": Section(Text("Safety", "安全性"), harms.CARDS),
}
CARDS: dict[str, Ask] = {name: ask for section in SECTIONS.values() for name, ask in section.cards.items()}
# The historical log is a published data set of patients who were never participants.
LOG: dict[str, Ask] = log_cards.LOG
