"""Deviations drafted automatically when a rule of the protocol is broken, and brought in step with their sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.access import Actor
from accounts.attribution import action
from participants.models import Participant, Visit
from participants.selectors import next_repeat
from participants.still import save_among_others
from records import clock, events
from records.actions import remove_record, save_record
from records.checks import Entry
from records.findings import Overtaken, Refused
from safety.actions.reports import mark_clocks
from safety.deviation_rules import Breach, rules_reading
from safety.models import DeviationDraft, ProtocolDeviation, RuleToJudge
from safety.selectors.deviations import breaches_of

LOG = "LOG"
LONGEST = 245  # characters of each language in the words of a draft
CORRECTED = "来源已更正，偏离不再成立 / the source was corrected: no deviation"
TRIES = 3
# Rules that can be broken before an arm is assigned.
BEFORE_ASSIGNMENT = ("CONSENT", "WINDOW", "LABS", "SAELATE")
# Forms that a rule reads at screening alone.
AT_SCREENING = ("VS", "LB", "STG")


# Whoever finds the row there raises it all the same, so that a worker leaves it alone until what was saved can be read.
NOTE = (
    "INSERT INTO safety_ruletojudge (participant_id, rule, since) SELECT %s, unnest(%s), %s "
    "ON CONFLICT (participant_id, rule) DO UPDATE SET since = excluded.since"
)
TAKE = (
    "DELETE FROM safety_ruletojudge WHERE id IN "
    "(SELECT id FROM safety_ruletojudge WHERE participant_id = %s FOR UPDATE SKIP LOCKED) RETURNING rule, since"
)


def note_rules_to_judge(event: events.Saved | events.Submitted | events.Deleted) -> None:
    """Note the rules that read what changed, for the worker to judge; nothing here keeps a form from being saved.

    Rules read submitted forms: what is submitted at this moment is read as a whole, by the event that says so.
    """
    record = event.record
    changed = None
    if isinstance(event, events.Saved):
        if event.submits:
            return
        changed = event.changed
    names = rules_reading(record.form.code, changed)
    if record.participant.arm is None:
        names = tuple(name for name in names if name in BEFORE_ASSIGNMENT)
    if record.form.code in AT_SCREENING and record.visit.code != "SCR":
        names = tuple(name for name in names if name != "ELIGIBILITY")
    if names:
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [record.participant_id, sorted(names), event.now])


def judge_what_is_noted(*, by: Actor, now: datetime) -> None:
    """Judge every rule noted since the last time, a participant and a transaction at a time."""
    waiting = (
        RuleToJudge.objects.values_list("participant_id", flat=True).distinct().order_by("participant_id")
    )
    for participant in Participant.objects.filter(pk__in=list(waiting)).select_related("site"):
        judge_noted(participant=participant, by=by, now=now)


@action
def judge_noted(*, participant: Participant, by: Actor, now: datetime) -> None:
    """Judge the rules noted for one participant; waits for no save: where a form is being saved, the next time."""
    save_among_others(participant)
    free = Visit.objects.select_for_update(no_key=True, skip_locked=True, of=("self", "participant"))
    log = free.select_related("participant").filter(participant=participant, code=LOG).first()
    if log is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [participant.pk])
        noted = dict(cursor.fetchall())
    if noted:
        participant.refresh_from_db()
        # Never earlier than the form that asks for it.
        moment = max(now, *noted.values())
        keep_deviations(participant=participant, names=sorted(noted), by=by, now=moment)


@action
def keep_deviations(*, participant: Participant, names: Iterable[str], by: Actor, now: datetime) -> None:
    """Draft what these rules find broken, once for each source, and withdraw what was corrected.

    A draft nobody has touched follows its source: it is rewritten, or removed. What a person completed, or
    removed, stays as it is; the draft's row says when its source was corrected afterwards.
    """
    save_among_others(participant)
    log = (
        Visit.objects.select_for_update(no_key=True, of=("self",))
        .select_related("participant__site")
        .filter(participant=participant, code=LOG)
        .first()
    )
    if log is None:
        return
    names = tuple(names)
    found = {_key(breach): breach for breach in breaches_of(participant, names, now)}
    known = {
        (draft.rule, draft.form_code, draft.visit_id, draft.repeat, draft.part): draft
        for draft in DeviationDraft.objects.filter(participant=participant, rule__in=names).select_related(
            "deviation"
        )
    }
    for key, breach in found.items():
        draft = known.get(key)
        if draft is None:
            _draft(log, breach, by, now)
        elif not draft.stands or draft.suggested != _suggestion(breach) or draft.revision == 0:
            _follow(log, draft, breach, by, now)
    for key, draft in known.items():
        if key not in found and draft.stands:
            _withdraw(draft, by, now)


@action
def watch(*, by: Actor, now: datetime) -> None:
    """Mark the clocks of serious adverse events, and draft the deviation of each report that is late by now."""
    for event in mark_clocks(by=by, now=now):
        keep_deviations(participant=event.participant, names=("SAELATE",), by=by, now=now)


def _key(breach: Breach) -> tuple[str, str, int, int, str]:
    source = breach.source
    return breach.rule, source.form, source.visit, source.repeat, source.part


def _suggestion(breach: Breach) -> dict[str, Any]:
    return {
        "category": breach.category,
        "severity": breach.severity,
        "on": breach.on.isoformat(),
        "en": breach.words.en,
        "zh": breach.words.zh,
    }


def _draft(log: Visit, breach: Breach, by: Actor, now: datetime) -> None:
    record = _write(log, None, breach, by, now)
    source = breach.source
    DeviationDraft.objects.create(
        participant_id=log.participant_id,
        rule=breach.rule,
        form_code=source.form,
        visit_id=source.visit,
        repeat=source.repeat,
        part=source.part,
        deviation=record,
        revision=record.revision if record else 0,
        suggested=_suggestion(breach),
        drafted_at=now,
        drafted_by=by.person,
        changed_at=now,
        changed_by=by.person,
    )


def _follow(log: Visit, draft: DeviationDraft, breach: Breach, by: Actor, now: datetime) -> None:
    """Say of a draft what its source says now, and write it (again) where no person has."""
    withdrawn = draft.deviation is None and not draft.stands
    if draft.untouched or withdrawn or draft.revision == 0:
        record = _write(log, draft.deviation, breach, by, now)
        draft.deviation, draft.revision = record, record.revision if record else 0
    draft.stands, draft.suggested = True, _suggestion(breach)
    draft.changed_at, draft.changed_by = now, by.person
    draft.save()


def _withdraw(draft: DeviationDraft, by: Actor, now: datetime) -> None:
    """The rule is not broken any more: remove a draft that nobody touched or types into, and say so of any other."""
    record = draft.deviation
    if record and draft.untouched and not record.submitted and not events.is_typed_into(record):
        try:
            with transaction.atomic():
                remove_record(record=record, revision=record.revision, by=by, now=now, reason=CORRECTED)
        except Refused:
            pass  # locked meanwhile: it stays, and the row says that it does not stand
        else:
            draft.deviation = None
    draft.stands = False
    draft.changed_at, draft.changed_by = now, by.person
    draft.save()


def _write(
    log: Visit, record: ProtocolDeviation | None, breach: Breach, by: Actor, now: datetime
) -> ProtocolDeviation | None:
    """Save a draft in words of both languages; None where a guard refuses it: a person enters it by hand."""
    words = breach.words
    answers = {
        "dvterm": f"{words.zh[:LONGEST]} / {words.en[:LONGEST]}",
        "dvdecod": breach.category,
        "dvsev": breach.severity,
        "dvdtc": breach.on,
    }
    for _attempt in range(TRIES):
        entry = Entry.of(record) if record else Entry({})
        entry.answers |= answers
        repeat = record.repeat if record else next_repeat(ProtocolDeviation, log)
        try:
            with transaction.atomic():
                return save_record(
                    model=ProtocolDeviation,
                    place={"participant": log.participant, "visit": log, "repeat": repeat},
                    entry=entry,
                    context=ProtocolDeviation.context(
                        visit=log, repeat=repeat, today=clock.day(now), now=now
                    ),
                    submit=False,
                    by=by,
                    now=now,
                    revision=record.revision if record else None,
                )
        except Overtaken:
            continue  # a person took the number at this moment
        except Refused:
            return record
    return record
