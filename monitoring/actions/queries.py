"""The verbs of queries: ask, answer, close, ask again, assign."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from accounts.models import User
from monitoring.models import Query, QueryStep
from monitoring.places import Place, case_form, read_item
from monitoring.policies.queries import ask_assignee, ask_closer, ask_move, ask_role, refuse_where_locked
from monitoring.selectors.queries import place_of, stored_at
from monitoring.selectors.query_changes import change_since, last_entry
from monitoring.workflow import LEADS_TO, QueryState, StepKind
from participants.models import Participant
from records.findings import Refused

MOST_WORDS = 1000


@action
def raise_query(*, place: Place, words: str, by: Actor, now: datetime, to: User | None = None) -> Query:
    """Ask the site about a place; the same question twice at once is asked once.

    Raises Refused for a role that does not ask, without words, at a place the participant does not have, at one that
    is locked, and for a person who does not enter data there.
    """
    ask_role(StepKind.RAISED, by)
    said = _said(words, _("Write what is asked."))
    refuse_where_locked(place)
    # One after the other for each participant, so that a button pressed twice asks once.
    Participant.objects.select_for_update(no_key=True).get(pk=place.participant.pk)
    known = _same_question(place, said, by)
    if known is not None:
        return known
    query = Query(
        participant=place.participant,
        visit=place.visit,
        form=place.form,
        repeat=place.repeat,
        item=place.item,
        record_id=_key_at(place),
        trail_from=last_entry(place.participant),
        raised_at=now,
        raised_by=by.author,
    )
    if to is not None:
        ask_assignee(query, to, now)
        query.assigned_to = to
    query.save()
    _step(query, StepKind.RAISED, said, by=by, now=now, to=to)
    return query


@action
def answer_query(*, query: Query, words: str, by: Actor, now: datetime) -> Query:
    """Answer an open query in words; what was corrected since it was raised is linked.

    Raises Refused for a role that does not enter data, without words, and for a query that is not open.
    """
    return _move(query, StepKind.ANSWERED, _said(words, _("Write the answer.")), by=by, now=now)


@action
def reopen_query(*, query: Query, words: str, by: Actor, now: datetime) -> Query:
    """Ask again: an answer does not settle it, or it was closed too early. Raises Refused as the others do."""
    return _move(query, StepKind.REOPENED, _said(words, _("Write what is still asked.")), by=by, now=now)


@action
def close_query(*, query: Query, by: Actor, now: datetime, words: str = "") -> Query:
    """Close a query, answered or withdrawn; only who asked, or a data manager with a reason where they left."""
    return _move(query, StepKind.CLOSED, _said(words), by=by, now=now)


@action
def assign_query(*, query: Query, to: User | None, by: Actor, now: datetime) -> Query:
    """Give an unsettled query to a person of the site, or to nobody in particular."""
    locked = _ready(query, StepKind.ASSIGNED, by=by)
    if to is not None:
        ask_assignee(locked, to, now)
    if locked.assigned_to_id != (to.pk if to else None):
        locked.assigned_to = to
        locked.save(update_fields=["assigned_to"])
        _step(locked, StepKind.ASSIGNED, "", by=by, now=now, to=to)
    return locked


def _move(query: Query, kind: StepKind, words: str, *, by: Actor, now: datetime) -> Query:
    locked = _ready(query, kind, by=by)
    if kind == StepKind.CLOSED:
        ask_closer(locked, words, by, now)
    locked.state = LEADS_TO[kind]
    locked.save(update_fields=["state"])
    _step(locked, kind, words, by=by, now=now)
    return locked


def _ready(query: Query, kind: StepKind, *, by: Actor) -> Query:
    """The query as it stands now, kept from others until the transaction ends."""
    ask_role(kind, by)
    found = Query.objects.select_for_update(of=("self",)).select_related("participant", "visit")
    locked = found.get(pk=query.pk)
    ask_move(locked, kind)
    refuse_where_locked(place_of(locked))
    return locked


def _step(
    query: Query, kind: StepKind, words: str, *, by: Actor, now: datetime, to: User | None = None
) -> None:
    follows = kind in (StepKind.ANSWERED, StepKind.CLOSED)
    QueryStep.objects.create(
        participant_id=query.participant_id,
        query=query,
        kind=kind,
        at=now,
        by=by.author,
        role=by.role,
        words=words,
        assigned_to=to,
        change=change_since(query) if follows else None,
    )


def _said(words: str, otherwise: str = "") -> str:
    said = words.strip()
    if not said and otherwise:
        raise Refused(otherwise)
    if len(said) > MOST_WORDS:
        raise Refused(_("Write at most %(number)s characters.") % {"number": MOST_WORDS})
    return said


def _same_question(place: Place, words: str, by: Actor) -> Query | None:
    """An open query with the same words at the same place by the same person."""
    return Query.objects.filter(
        participant=place.participant,
        visit=place.visit,
        form=place.form,
        repeat=place.repeat,
        item=place.item,
        state=QueryState.OPEN,
        raised_by=by.author,
        steps__kind=StepKind.RAISED,
        steps__words=words,
    ).first()


def _key_at(place: Place) -> int | None:
    """The key of the record or row at a place; None for a form not begun. Refused where there is no such place."""
    if place.visit is not None and place.visit.participant_id != place.participant.pk:
        raise Refused(_("There is no such place to ask about."))
    if not place.form:
        if place.repeat or place.item:
            raise Refused(_("There is no such place to ask about."))
        return None
    model, asked = case_form(place.form), read_item(place.form, place.item)
    if model is None or asked is None or place.visit is None:
        raise Refused(_("There is no such place to ask about."))
    record, row = stored_at(place)
    if record is None and place.form not in place.visit.may_hold:
        raise Refused(_("There is no such place to ask about."))
    # Of a form a visit has one of, that it is missing can be asked; of several, the one meant has to be there.
    if record is None and (asked.rows is not None or model.form.several or place.repeat != 1):
        raise Refused(_("There is no such record. It may have been removed."))
    if asked.rows is None:
        return record.pk if record else None
    if row is None:
        raise Refused(_("There is no such row. It may have been removed."))
    return row.pk
