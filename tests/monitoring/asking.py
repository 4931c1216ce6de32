"""Asking and answering as the people of a trial do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.access import Access, Actor
from accounts.models import Role, Site, User
from monitoring.actions.queries import answer_query, assign_query, close_query, raise_query, reopen_query
from monitoring.models import Query
from monitoring.places import Place
from monitoring.workflow import QueryState
from participants.models import Participant, Visit
from tests.cast import START, make_person

LATER = START + timedelta(days=3)
WORDS = "The weight differs from the ward chart."


def as_role(user: User, site: Site) -> Actor:
    """The person in the first role they hold today, whatever it grants."""
    (role,) = {holding.role for holding in Access.of(user, START.date()).holdings}
    return Actor(user, role, site.pk)


def at(
    participant: Participant, item: str = "", form: str = "VS", visit: str = "SCR", repeat: int = 1
) -> Place:
    found = Visit.objects.select_related("participant__site").get(participant=participant, code=visit)
    return Place(found.participant, found, form, repeat, item)


def ask(place: Place, by: Actor, words: str = WORDS, **more: Any) -> Query:
    query: Query = raise_query(place=place, words=words, by=by, now=more.pop("now", LATER), **more)
    return query


VERBS = {
    "answer": lambda query, by: answer_query(query=query, words="Checked.", by=by, now=LATER),
    "close": lambda query, by: close_query(query=query, words="Fine.", by=by, now=LATER),
    "reopen": lambda query, by: reopen_query(query=query, words="Still.", by=by, now=LATER),
    "assign": lambda query, by: assign_query(query=query, to=None, by=by, now=LATER),
}
LEADS_TO = {
    "answer": QueryState.ANSWERED,
    "close": QueryState.CLOSED,
    "reopen": QueryState.OPEN,
}
PERSONS = {
    Role.COORDINATOR: "coordinator",
    Role.INVESTIGATOR: "investigator",
    Role.MONITOR: "monitor",
    Role.INSPECTOR: "inspector",
    Role.DATA_MANAGER: "datamanager",
    Role.SYSTEM_ADMINISTRATOR: "sysadmin",
}


def person_as(role: Role, site: Site) -> User:
    """The person of the cast in a role, made where a test has not asked for them."""
    known = User.objects.filter(username=PERSONS[role]).first()
    everywhere = role in (Role.DATA_MANAGER, Role.SYSTEM_ADMINISTRATOR, Role.INSPECTOR)
    return known or make_person(PERSONS[role], role, None if everywhere else site)
