"""Who may do what with a query, and when; each refusal is a sentence for the screen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import GRANTS, Access, Actor, Permission
from accounts.models import User
from monitoring.models import Query
from monitoring.places import Place
from monitoring.policies.trust import ask_answers
from monitoring.selectors.queries import people_of_site, who_left
from monitoring.workflow import LEADS_TO, QUERY_MOVES, QueryState, StepKind
from records.findings import Refused

# Any one of these lets a role take the step.
WHO: dict[StepKind, tuple[Permission, ...]] = {
    StepKind.RAISED: (Permission.RAISE_QUERIES,),
    StepKind.ANSWERED: (Permission.ENTER_DATA,),
    StepKind.REOPENED: (Permission.RAISE_QUERIES,),
    StepKind.CLOSED: (Permission.RAISE_QUERIES,),
    StepKind.ASSIGNED: (Permission.RAISE_QUERIES, Permission.ENTER_DATA),
}


def refuse_where_locked(place: Place) -> None:
    """Refuse any step at a place that is locked; one that is frozen only against entry stays open to queries.

    Asked inside the step's transaction: nobody locks the place until that ends.
    """
    visit = place.visit.pk if place.visit else 0
    ask_answers(
        site_id=place.participant.site_id,
        participant_id=place.participant.pk,
        visit_id=visit,
        form=place.form,
        repeat=place.repeat,
    )


def ask_role(kind: StepKind, by: Actor) -> None:
    """Refuse a role that does not take this step, and the system, which asks by its checks."""
    if by.person is None or not set(WHO[kind]) & GRANTS.get(by.role, frozenset()):
        raise Refused(_("Your role does not do this with a query."))


def is_possible(query: Query, kind: StepKind) -> bool:
    """Say whether a query can take this step as it stands; a closed one is given to nobody."""
    state, to = QueryState(query.state), LEADS_TO.get(kind)
    return state != QueryState.CLOSED if to is None else to in QUERY_MOVES[state]


def ask_move(query: Query, kind: StepKind) -> None:
    """Refuse a step that the table of moves does not have."""
    if not is_possible(query, kind):
        raise Refused(
            _("This was done already: the query is “%(now)s”. Look at what was written, then go on.")
            % {"now": query.state_words}
        )


def ask_closer(query: Query, words: str, by: Actor, now: datetime) -> None:
    """Refuse to close somebody else's query; a role that locks data may, with a reason, where they left."""
    if by.person_id == query.raised_by_id:
        return
    if Permission.LOCK not in GRANTS.get(by.role, frozenset()) or query.raised_by_id not in who_left(
        [query], now
    ):
        raise Refused(_("Only who asked closes a query. A data manager may where that person has left."))
    if not words.strip():
        raise Refused(_("Write the reason for closing the query of somebody who left."))


def ask_assignee(query: Query, person: User, now: datetime) -> None:
    """Refuse to give a query to somebody who does not enter data at its site today."""
    if person not in people_of_site(query.participant.site_id, now):
        raise Refused(_("This person does not enter data at this site."))


def steps_open_to(access: Access, query: Query, left: Collection[int]) -> dict[str, bool]:
    """Which steps the page offers this person for a query; the action asks again.

    `left` are the people who may ask no longer at its site.
    """
    site = query.participant.site_id

    def may(kind: StepKind) -> bool:
        return is_possible(query, kind) and any(access.may(permission, site) for permission in WHO[kind])

    own = access.user is not None and access.user.pk == query.raised_by_id
    closes = may(StepKind.CLOSED)
    for_others = closes and not own and access.may(Permission.LOCK, site) and query.raised_by_id in left
    return {
        "answer": may(StepKind.ANSWERED),
        "reopen": may(StepKind.REOPENED),
        "close": closes and (own or for_others),
        "close_for_others": for_others,
        "assign": may(StepKind.ASSIGNED),
    }
