"""Verify and review: a form, some of its fields, a visit or a whole casebook; withdraw it; see it fall."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.attribution import action
from monitoring import digest
from monitoring.content import entry_of, item_digests, wanted
from monitoring.extents import Extent
from monitoring.models import Verification, VerificationStep
from monitoring.policies.trust import ask_verify
from monitoring.selectors.contents import entered_at, seen, submitted
from monitoring.selectors.holds import held_over
from monitoring.selectors.plans import plan_for, plans
from monitoring.still import stand_still
from monitoring.trust import VERIFICATION_MOVES, Kind, VerificationState
from participants.models import CaseReportForm
from participants.reading import Entered
from records.checks import Entry
from records.definition import forms, row_groups
from records.findings import Overtaken, Refused


@action
def verify(
    *,
    extent: Extent,
    kind: Kind,
    saw: str,
    by: Actor,
    now: datetime,
    items: Collection[str] | None = None,
) -> int:
    """Say of submitted forms that they were read against the source, or reviewed; give how many.

    `items`: only these addresses of one form; None: everything in it, blank answers too. `saw` is what the person
    had before them (selectors.contents.seen). Raises Refused for a role that does not verify here, where it is
    locked, where nothing is submitted or chosen, and Overtaken where something was saved since.
    """
    assert extent.participant and extent.site_id
    stand_still(extent)
    ask_verify(kind, extent.site_id, by, held_over(extent), now)
    records = submitted(entered_at(extent))
    if not records:
        raise Refused(_("Only submitted forms are verified; here is none."))
    if seen(records) != saw:
        raise Overtaken(_("Something was saved after you opened this page. Look at it again, then verify."))
    known, act = plans(), secrets.token_hex(8) if not extent.form else ""
    there = _there(kind, records)
    for entered in records:
        entry = entry_of(entered)
        now_there = item_digests(type(entered.record), entry)
        chosen = set(now_there) if items is None else set(items) & set(now_there)
        if not chosen:
            raise Refused(_("Choose at least one field."))
        verification = there.get((entered.record.form.code, entered.record.pk)) or _new(kind, entered.record)
        # What fell with a row that is gone is settled by verifying the form as a whole.
        kept = verification.items if items is not None else {}
        new = {name: [now_there[name], now.isoformat(), by.author.full_name] for name in sorted(chosen)}
        verification.items = {**kept, **new}
        plan = plan_for(known, entered.record.form.code)
        _judge(verification, type(entered.record), entry, plan)
        _append(verification, {name: now_there[name] for name in sorted(chosen)}, act=act, by=by, now=now)
    return len(records)


@action
def withdraw(*, extent: Extent, kind: Kind, saw: str, by: Actor, now: datetime, reason: str) -> None:
    """Take back the verification of a form, with a reason; its history stays."""
    assert extent.site_id and extent.form
    stand_still(extent)
    ask_verify(kind, extent.site_id, by, held_over(extent), now)
    if not reason.strip():
        raise Refused(_("Write the reason for withdrawing it."))
    records = submitted(entered_at(extent))
    if seen(records) != saw:
        raise Overtaken(_("Something was saved after you opened this page. Look at it again."))
    for verification in _there(kind, records).values():
        if verification.state != VerificationState.WITHDRAWN:
            was, verification.items, verification.fallen = verification.items, {}, []
            verification.state = str(VerificationState.WITHDRAWN)
            _append(
                verification, {name: told[0] for name, told in was.items()}, by=by, now=now, reason=reason
            )


def _there(kind: Kind, records: Iterable[Entered]) -> dict[tuple[str, int], Verification]:
    """The verifications there are of some records, by form and record; one query."""
    ids = {(one.record.form.code, one.record.pk) for one in records}
    found = Verification.objects.select_for_update().filter(
        kind=kind, form__in={form for form, _pk in ids}, record_id__in={pk for _form, pk in ids}
    )
    return {(one.form, one.record_id): one for one in found if (one.form, one.record_id) in ids}


def _new(kind: Kind, record: CaseReportForm) -> Verification:
    return Verification(
        participant_id=record.participant_id,
        visit_id=record.visit_id,
        kind=kind,
        form=record.form.code,
        record_id=record.pk,
        repeat=record.repeat,
        state="",
    )


def _judge(
    verification: Verification, model: type[CaseReportForm], entry: Entry, plan: tuple[str, ...]
) -> dict[str, str]:
    """Work out where a verification stands; give the digests it was held against."""
    now_there = item_digests(model, entry)
    verified = {name: told[0] for name, told in verification.items.items()}
    before = verification.state
    verification.fallen = sorted(digest.fallen(verified, now_there))
    verification.state = str(digest.judge(verified, now_there, wanted(model, entry, plan)))
    if before:
        assert (
            verification.state in VERIFICATION_MOVES[VerificationState(before)]
            or before == verification.state
        )
    return now_there


def _append(
    verification: Verification,
    items: Mapping[str, str],
    *,
    by: Actor,
    now: datetime,
    act: str = "",
    reason: str = "",
) -> None:
    verification.save()
    VerificationStep.objects.create(
        participant_id=verification.participant_id,
        verification=verification,
        state=verification.state,
        items=items,
        act=act,
        at=now,
        by=by.person,
        role=by.role,
        reason=reason.strip(),
    )


# -- what falls -----------------------------------------------------------------------------------------


def let_fall(
    verification: Verification,
    record: CaseReportForm,
    plan: tuple[str, ...],
    *,
    by: Actor,
    now: datetime,
    reason: str,
) -> None:
    """A verified record was changed: what is not as it was seen has fallen, and says by whose change."""
    fallen, state = set(verification.fallen), verification.state
    now_there = _judge(verification, type(record), Entry.of(record), plan)
    if set(verification.fallen) != fallen:
        new = sorted(set(verification.fallen) - fallen)
        _append(verification, {name: now_there.get(name, "") for name in new}, by=by, now=now, reason=reason)
    elif verification.state != state:
        _append(verification, {}, by=by, now=now, reason=reason)


def let_go(verification: Verification, *, by: Actor, now: datetime, reason: str) -> None:
    """A verified record was removed."""
    verification.fallen = sorted(verification.items)
    verification.state = str(VerificationState.REMOVED)
    _append(verification, dict.fromkeys(verification.fallen, ""), by=by, now=now, reason=reason)


def judge_again(form: str, plan: tuple[str, ...], *, by: Actor, now: datetime, reason: str) -> None:
    """The plan of a form changed: what was complete may lack something now, or the other way round."""
    model: Any = forms()[form]
    found = (
        Verification.objects.select_for_update()
        .filter(form=form)
        .exclude(state__in=[VerificationState.REMOVED, VerificationState.WITHDRAWN])
    )
    standing = {(one.record_id, one.kind): one for one in found.order_by("pk")}
    records = model._default_manager.filter(pk__in={pk for pk, _kind in standing})
    for record in records.prefetch_related(*row_groups(model)):
        for kind in Kind:
            verification = standing.get((record.pk, str(kind)))
            if verification is not None:
                let_fall(verification, record, plan, by=by, now=now, reason=reason)
