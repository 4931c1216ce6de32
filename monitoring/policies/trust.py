"""May this be entered, verified, held, signed now? Each refusal is a sentence that also explains a greyed-out button."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from monitoring.extents import Extent
from monitoring.models import SIGNED_LEVELS
from monitoring.permissions import PERMISSION_OF
from monitoring.selectors.holds import Held, held_at
from monitoring.selectors.standing import meet
from monitoring.trust import HOLD_MOVES, HOLD_WORDS, LEVEL_WORDS, HoldState, Kind, stricter
from participants.models import CaseReportForm
from records import clock
from records.events import Act
from records.findings import Refused


class OnHold(Refused):
    """What was to be changed is frozen or locked."""


class NotTheirs(Refused):
    """The person's role does not do this at this site."""


# -- holds ----------------------------------------------------------------------------------------------


def refuse_held(*, record: Any, by: Actor, now: datetime) -> None:
    """Guard: nothing is entered, changed or removed where a form, or what it lies in, is frozen or locked.

    Records to come are refused as well. One query, at all five levels.
    """
    if isinstance(record, CaseReportForm):
        held = meet(record).held
        if held:
            raise OnHold(no_entry(held))


def no_entry(held: Held) -> str:
    """The sentence beside a form that is closed by a hold."""
    words = {"what": LEVEL_WORDS[held.level]}
    if held.state == HoldState.LOCKED:
        return _("The %(what)s is locked: nothing is changed any more. A data manager can unlock it.") % words
    return (
        _(
            "The %(what)s is frozen: no data are entered. A monitor or a data manager can lift it; "
            "queries can be answered."
        )
        % words
    )


def ask_not_locked(held: Held | None) -> None:
    """Refuse what a lock stops and a freeze does not: queries, verification, signing."""
    if held and held.state == HoldState.LOCKED:
        raise OnHold(
            _("The %(what)s is locked. A data manager can unlock it.") % {"what": LEVEL_WORDS[held.level]}
        )


def ask_answers(*, site_id: int, participant_id: int, visit_id: int, form: str, repeat: int) -> None:
    """Ask whether a question about a record may be asked or answered now: it may while frozen, not while locked.

    One query. Inside a transaction nobody locks it until that ends.
    """
    ask_not_locked(held_at(site_id, participant_id, visit_id, form, repeat))


def refuse_act(act: Act) -> None:
    """Guard: what is no form is not done where it is locked either; a freeze lets it through, as it does questions."""
    ask_answers(
        site_id=act.participant.site_id,
        participant_id=act.participant.pk,
        visit_id=act.visit_id,
        form=act.form,
        repeat=act.repeat,
    )


def ask_hold(extent: Extent, state: HoldState, to: HoldState, by: Actor, reason: str, now: datetime) -> None:
    """Ask whether an extent may go from one state of holding to another by this person, for this reason."""
    if not by.may(_permission(state, to), extent.site_id, clock.day(now)):
        raise NotTheirs(_why_not_hold(state, to))
    if to not in HOLD_MOVES[state]:
        raise Refused(_("It is “%(state)s” already.") % {"state": HOLD_WORDS[state]})
    if stricter(state, to) and not reason.strip():
        raise Refused(_("Write the reason for lifting it."))


def _permission(state: HoldState, to: HoldState) -> Permission:
    """A lock is set and lifted by those who lock; a freeze by those who freeze."""
    return Permission.LOCK if HoldState.LOCKED in (state, to) else Permission.FREEZE


def _why_not_hold(state: HoldState, to: HoldState) -> str:
    if HoldState.LOCKED in (state, to):
        return _("Data managers lock and unlock.")
    return _("Monitors and data managers freeze and lift it.")


def hold_choices(state: HoldState, may_freeze: bool, may_lock: bool) -> list[HoldState]:
    """The states a person can choose from here, as a page offers them."""
    allowed = {Permission.FREEZE: may_freeze, Permission.LOCK: may_lock}
    return [to for to in HOLD_MOVES[state] if allowed[_permission(state, to)]]


# -- verification ---------------------------------------------------------------------------------------


def ask_verify(kind: Kind, site_id: int, by: Actor, held: Held | None, now: datetime) -> None:
    """Monitors verify against the source; monitors and data managers review; nobody where it is locked."""
    if not by.may(PERMISSION_OF[kind], site_id, clock.day(now)):
        if kind is Kind.SOURCE:
            raise NotTheirs(_("Monitors verify against the source."))
        raise NotTheirs(_("Monitors and data managers review data."))
    ask_not_locked(held)


# -- signatures -----------------------------------------------------------------------------------------


def ask_signer(extent: Extent, by: Actor, now: datetime) -> None:
    """An investigator of the participant's own site signs, and nobody else."""
    if extent.level not in SIGNED_LEVELS:
        raise Refused(_("Forms, visits and casebooks are signed."))
    if extent.site_id is None or not by.may(Permission.SIGN, extent.site_id, clock.day(now)):
        raise NotTheirs(_("An investigator of this site signs."))


def why_not_ready(
    *, held: Held | None, records: int, drafts: int, blank: int, faulty: int, queries: int
) -> str:
    """The sentence that says why an extent cannot be signed as it stands; "" where it can.

    `blank` counts forms that are due and not entered, `faulty` submitted ones in which something required is
    missing by now, `queries` questions nobody has answered.
    """
    if held and held.state == HoldState.LOCKED:
        return _("The %(what)s is locked. A data manager can unlock it.") % {"what": LEVEL_WORDS[held.level]}
    if not records:
        return _("Nothing is entered yet.")
    if drafts:
        return _("Forms that are drafts are not signed: %(count)s to submit.") % {"count": drafts}
    if blank:
        return _("Forms that are due are not entered yet: %(count)s.") % {"count": blank}
    if faulty:
        return _("Something required is missing or not possible in %(count)s forms. Correct them first.") % {
            "count": faulty
        }
    if queries:
        return _("Queries are open: %(count)s to answer before signing.") % {"count": queries}
    return ""
