"""What a worklist is made of: sections, each of one kind of thing to do, and the register of all of them.

A room adds a section by writing a `Section` and naming it in `WORKLIST` of settings.EVENT_TABLE (the module
trial_edc/wiring.py), at the place where it stands on the page. It is then on the home of everybody who holds one of its
permissions, counted, and has a page of its own that lists all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.access import Access, Permission
from accounts.models import Site
from casebook.paging import counted
from monitoring.selectors.work import count_work
from records import clock, study

# One row, as templates/components/worklist.html reads it.
Line = dict[str, Any]


@dataclass
class Desk:
    """Whose worklist it is, at which of their sites (None: all), and when."""

    access: Access
    moment: datetime
    site: Site | None
    kept: dict[Any, Any] = field(default_factory=dict)  # what one statement found for several sections

    @cached_property
    def today(self) -> date:
        return clock.day(self.moment)

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The study settings of today; one query."""
        return study.in_force(self.today)

    def count_work(self) -> None:
        """Have the work at visits counted, before it is read; one query for all sections together."""
        self.once("work", count_work)

    def sites(self, permission: Permission) -> list[int] | None:
        """The sites whose work this is, by number; None for all."""
        return self.access.sites_at(permission, self.site)

    @property
    def here(self) -> Q:
        """The condition that something is of a participant of the site chosen."""
        return Q(participant__site=self.site) if self.site else Q()

    def once(self, what: Any, find: Callable[[], Any]) -> Any:
        """What `find` finds, found once."""
        if what not in self.kept:
            self.kept[what] = find()
        return self.kept[what]


@dataclass(frozen=True, slots=True)
class Found:
    """How much there is, and some rows of it; 0 where none of the rows asked for is there."""

    number: int = 0
    lines: list[Line] = field(default_factory=list)


NOTHING = Found()
# Finds rows `first` to `last` (excluded), counted from 0, the most urgent first.
Find = Callable[[Desk, int, int], Found]


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing to do: `key` names it in addresses, `title` is a word looked up in the reader's language.

    It is found for whoever holds one of the permissions; `find` itself keeps to the sites where they hold it.
    `shown` rows stand on the home page, and the others on a page of the section's own.
    """

    key: str
    title: Callable[[], str]
    permissions: frozenset[Permission]
    find: Find
    shown: int = 5

    def is_for(self, access: Access) -> bool:
        return any(access.may_somewhere(permission) for permission in self.permissions)


@dataclass(frozen=True, slots=True)
class Group:
    """A section with what was found of it, as the page shows it."""

    section: Section
    found: Found

    @property
    def title(self) -> str:
        return f"{self.section.title()} ({self.found.number})"

    @property
    def name(self) -> str:
        return self.section.title()

    @property
    def pressing(self) -> bool:
        """Whether something of it is late already."""
        return any(row["late"] for row in self.found.lines)

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return self.found.number - len(self.found.lines)


@cache
def sections() -> tuple[Section, ...]:
    """Every section, in the order of the page."""
    found: tuple[Section, ...] = import_module(settings.EVENT_TABLE).WORKLIST
    return found


def worklist(desk: Desk) -> list[Group]:
    """What waits for this person: the sections of which there is something, each with its first rows.

    A fixed number of queries for a role, however many participants there are.
    """
    mine = [section for section in sections() if section.is_for(desk.access)]
    groups = [Group(section, section.find(desk, 0, section.shown)) for section in mine]
    return [group for group in groups if group.found.number]


def line(
    number: str,
    participant_id: int,
    what: str,
    when: str,
    url: str,
    action: str,
    *,
    state: str = "open",
    words: str = "",
    late: bool = False,
) -> Line:
    """One row: whose, what, since or until when, and the button that does the next thing.

    `state` is a mark (templates/components/mark.html), told in `words`.
    """
    return {
        "who": number,
        "who_url": reverse("casebook:participant", args=[participant_id]),
        "what": what,
        "when": when,
        "url": url,
        "action": action,
        "state": state,
        "words": words or what,
        "late": late,
    }


def found_in(rows: QuerySet[Any], first: int, last: int, drawn: Callable[[Any], Line]) -> Found:
    """Rows of a query, drawn."""
    number, shown = counted(rows, first, last)
    return Found(number, [drawn(one) for one in shown])
