"""A small trial in which anything may wait for anybody: drawn, not walked, so that states meet that rarely do."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from accounts.models import Role, RoleHeld, Site, User
from casebook.models import UnsavedEntry
from eligibility.models import AdverseEvent, Laboratory
from followup.models import Reminder, ReminderMessage
from followup.workflow import MessageState, ReminderState
from monitoring.models import (
    Hold,
    Query,
    QueryStep,
    Signature,
    SignatureVoid,
    Verification,
    VerificationPlan,
    VerificationStep,
)
from monitoring.trust import VerificationState
from monitoring.workflow import QueryState
from participants.models import (
    CaseReportForm,
    Discrepancy,
    DiscrepancyStep,
    Participant,
    ParticipantStatus,
    ScheduleVersion,
    Visit,
)
from participants.workflow import DiscrepancyState, ParticipantState, VisitState
from records.definition import forms
from safety.models import DeviationDraft, ProtocolDeviation
from tests.cast import START, make_person, make_site

CODES = ("SCR", "H-C1", "Y-INF", "M1", "M3")
# One of a schedule to come, which this version does not know, among those it does.
KINDS = ("SV", "VS", "LB", "IE", "ARM", "STG", "SYM", "SURV", "LATER")
WINDOWS = (-40, -8, -3, -1, 0, 1, 3, 4, 7, 8, 30)


@dataclass
class Busy:
    """The people of the trial by a short name, and its sites."""

    people: dict[str, User]
    sites: list[Site]
    draw: Random


def busy_trial(seed: int) -> Busy:
    """Two sites, five people at each and two who see both, and a dozen participants in every state."""
    draw = Random(seed)
    sites = [make_site("01"), make_site("02")]
    people = {
        f"{role.lower()}{site.code}": make_person(f"{role.lower()}{site.code}", role, site)
        for site in sites
        for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR)
    }
    people["both"] = make_person("both", Role.COORDINATOR, sites[0])
    RoleHeld.objects.create(user=people["both"], role=Role.MONITOR, site=sites[1], starts_on="2026-01-01")
    for role in (Role.MONITOR, Role.DATA_MANAGER, Role.INSPECTOR):
        people[role.lower()] = make_person(role.lower(), role)
    people["left"] = make_person("left", Role.MONITOR)
    RoleHeld.objects.filter(user=people["left"]).update(ends_on=START.date() - timedelta(days=1))
    trial = Busy(people, sites, draw)
    more_of_everything(trial)
    return trial


def more_of_everything(trial: Busy) -> None:
    """Six participants more at each site, in every state, with all that can wait for somebody."""
    for site in trial.sites:
        begin = Participant.objects.filter(site=site).count() + 1
        for sequence in range(begin, begin + 6):
            _participant(trial, site, sequence)


def _participant(trial: Busy, site: Site, sequence: int) -> None:
    draw, by = trial.draw, trial.people[f"coordinator{site.code}"]
    person = Participant.objects.create(
        site=site,
        sequence=sequence,
        number=f"{site.code}-{sequence:03d}",
        initials="ZQ",
        status=draw.choice(list(ParticipantState)),
        arm=draw.choice([None, "HAIC", "Y90"]),
        registered_at=START,
        registered_by=by,
    )
    ParticipantStatus.objects.create(participant=person, status=person.status, at=START, by=by)
    for place, code in enumerate(("LOG", *CODES)):
        visit = _visit(trial, person, code, place)
        for record in _forms(trial, visit, by):
            _looked_at(trial, record)
        _asked(trial, visit)
        _signed(trial, visit, "VISIT")
    _signed(trial, visit, "PARTICIPANT")
    if draw.random() < 0.3:
        state = draw.choice(["OPEN", "FROZEN", "LOCKED"])
        Hold.objects.create(
            key=f"P{person.pk}", level="PARTICIPANT", site=site, participant=person, state=state
        )


def _visit(trial: Busy, person: Participant, code: str, place: int) -> Visit:
    draw, log = trial.draw, code == "LOG"
    opens, due, closes = sorted(draw.choices(WINDOWS, k=3))
    day = START.date()
    target = None if log else day + timedelta(days=due)
    return Visit.objects.create(
        participant=person,
        schedule=ScheduleVersion.objects.get(),
        code=code,
        position=place,
        series="LOG" if log else draw.choice(["BASE", "FU", "SURGERY"]),
        label_en=code,
        label_zh=code,
        forms=[] if log else draw.sample(KINDS, draw.randint(0, 4)),
        optional=["AE", "DV"] if log else [],
        anchor="CONSENT",
        anchor_date=day,
        target_from=target,
        target_to=target,
        window_open=draw.choice([None, day + timedelta(days=opens)]) if target else None,
        window_close=draw.choice([None, day + timedelta(days=closes)]) if target else None,
        status="PLANNED" if log else draw.choice([*VisitState, *[VisitState.PLANNED] * 3]),
    )


def _forms(trial: Busy, visit: Visit, by: User) -> Iterator[CaseReportForm]:
    draw = trial.draw
    if visit.throughout:
        chosen = [(AdverseEvent, number) for number in (1, 2)] + [(ProtocolDeviation, 1)]
    elif visit.status in ("PLANNED", "CANCELLED", "SUPERSEDED"):
        chosen = []
    else:
        due = visit.forms if draw.random() < 0.4 else draw.sample(visit.forms, len(visit.forms) // 2)
        chosen = [(forms()[code], 1) for code in due if code in forms() and code != "ARM"]
    all_done = draw.random() < 0.5
    for model, repeat in chosen:
        done = all_done or draw.random() < 0.6
        record: Any = model(
            participant=visit.participant, visit=visit, repeat=repeat, entered_at=_before(draw)
        )
        record.state = "SUBMITTED" if done else "DRAFT"
        if done:
            record.submitted_at, record.submitted_by = _before(draw), by
        if model is AdverseEvent:
            record.aeser, record.saeaware = draw.choice(["Y", "N", None]), draw.choice([None, _before(draw)])
            if record.saeaware and draw.random() < 0.4:
                record.saerep = record.saeaware + timedelta(hours=2)
        if model is Laboratory:
            record.tbil_gr, record.tbil_cs = draw.choice([None, 2, 3, 4]), draw.choice([None, "CS", "NCS"])
        if record.form.code == "SV" and draw.random() < 0.7:
            record.svstdtc = START.date() - timedelta(days=draw.randint(0, 30))
        record.save()
        yield record
    if visit.throughout and draw.random() < 0.7:
        DeviationDraft.objects.create(
            participant=visit.participant,
            rule="WINDOW",
            form_code="SV",
            visit=visit,
            repeat=1,
            deviation=draw.choice([None, record]),
            revision=draw.choice([0, 1]),
            suggested={"en": "late", "zh": "晚"},
            stands=draw.random() < 0.6,
            drafted_at=START,
            changed_at=START,
        )
    if draw.random() < 0.2:
        UnsavedEntry.objects.create(
            page=uuid.UUID(int=draw.getrandbits(128)),
            person=draw.choice(list(trial.people.values())),
            visit=visit,
            form="VS",
            repeat=1,
            posted=[],
            kept_at=START,
        )


def _looked_at(trial: Busy, record: CaseReportForm) -> None:
    draw = trial.draw
    for kind in ("SOURCE", "REVIEW"):
        if draw.random() < 0.4:
            continue
        state = draw.choice([state for state in VerificationState if state != "REMOVED"])
        found = Verification.objects.create(
            participant_id=record.participant_id,
            visit_id=record.visit_id,
            kind=kind,
            form=record.form.code,
            record_id=record.pk,
            repeat=record.repeat,
            state=state,
            fallen=["x"] if state == "CHANGED" else [],
        )
        VerificationStep.objects.create(
            participant_id=record.participant_id,
            verification=found,
            state=state,
            items={},
            at=_before(draw),
            by=trial.people["monitor"],
            role="MONITOR",
            reason="so" if state == "WITHDRAWN" else "",
        )
    if draw.random() < 0.4:
        status = draw.choice(list(DiscrepancyState))
        discrepancy = Discrepancy.objects.create(
            participant_id=record.participant_id,
            visit_id=record.visit_id,
            check_id="C01",
            form=record.form.code,
            record_id=record.pk,
            repeat=record.repeat,
            item="x",
            message_en="They differ.",
            message_zh="不一致。",
            status=status,
        )
        DiscrepancyStep.objects.create(
            participant_id=record.participant_id,
            discrepancy=discrepancy,
            status=status,
            at=_before(draw),
            by=trial.people["coordinator01"],
            comment="so",
        )


def _asked(trial: Busy, visit: Visit) -> None:
    draw = trial.draw
    for _number in range(draw.choice([0, 0, 0, 1, 2])):
        by = trial.people[draw.choice(["monitor", "monitor01", "data_manager", "left"])]
        query = Query.objects.create(
            participant_id=visit.participant_id,
            visit=visit,
            trail_from=0,
            state=draw.choice(list(QueryState)),
            assigned_to=draw.choice([None, None, trial.people["coordinator01"]]),
            raised_at=_before(draw),
            raised_by=by,
        )
        QueryStep.objects.create(
            participant_id=visit.participant_id,
            query=query,
            kind="RAISED",
            at=query.raised_at,
            by=by,
            role="MONITOR",
            words="Why?",
        )
    if draw.random() < 0.15:
        key = str(draw.random())
        message = ReminderMessage.objects.create(
            key=key,
            message_id=key,
            site_id=visit.participant.site_id,
            recipient=trial.people["coordinator01"],
            channel="MAIL",
            status=draw.choice(list(MessageState)),
            gathered_at=START,
            next_try_at=START,
        )
        Reminder.objects.create(
            key=key,
            participant_id=visit.participant_id,
            visit=visit,
            recipient=message.recipient,
            rule="opens",
            about="OPENS",
            after=timedelta(0),
            channel="MAIL",
            due_since=START,
            status=draw.choice(list(ReminderState)),
            message=message,
        )


def _signed(trial: Busy, visit: Visit, level: str) -> None:
    draw = trial.draw
    for _time in range(draw.choice([0, 0, 0, 0, 1, 2])):
        here = visit if level == "VISIT" else None
        key = f"V{visit.pk}" if here else f"P{visit.participant_id}"
        stands = draw.random() < 0.5 and not Signature.objects.filter(key=key, state="STANDING").exists()
        signature = Signature.objects.create(
            participant_id=visit.participant_id,
            level=level,
            key=key,
            visit=here,
            meaning="REVIEWED",
            name="Investigator",
            by=trial.people["investigator01"],
            role="INVESTIGATOR",
            at=_before(draw),
            sha256="0" * 64,
            manifest=[],
            state="STANDING" if stands else "VOIDED",
        )
        if not stands:
            SignatureVoid.objects.create(
                participant_id=visit.participant_id,
                signature=signature,
                visit=visit,
                form="VS",
                repeat=1,
                items=[],
                at=START,
                role="COORDINATOR",
            )


def _before(draw: Random) -> Any:
    return START - timedelta(minutes=draw.randint(1, 60_000))


# What may happen from one day to the next; each past the actions, as a migration or an import would do it.
def goes_on(trial: Busy) -> None:
    """Move some of everything on: visits, participants, forms, signatures, the plan of verification."""
    draw = trial.draw
    for visit in draw.sample(list(Visit.objects.exclude(series="LOG")), 10):
        Visit.objects.filter(pk=visit.pk).update(
            status=draw.choice(list(VisitState)), forms=draw.sample(KINDS, draw.randint(0, 4))
        )
    for person in draw.sample(list(Participant.objects.all()), 4):
        Participant.objects.filter(pk=person.pk).update(status=draw.choice(list(ParticipantState)))
    for code in ("VS", "LB", "SV"):
        model: Any = forms()[code]
        there = list(model.objects.all())
        for record in draw.sample(there, len(there) // 3):
            if draw.random() < 0.3:
                record.delete()
            else:
                record.state = "SUBMITTED"
                record.submitted_at, record.submitted_by = START, trial.people["coordinator01"]
                record.save()
    for signature in Signature.objects.filter(state="STANDING")[:3]:
        Signature.objects.filter(pk=signature.pk).update(state="VOIDED")
        SignatureVoid.objects.create(
            participant_id=signature.participant_id,
            signature=signature,
            visit=signature.visit or Visit.objects.filter(participant=signature.participant_id)[0],
            form="VS",
            repeat=1,
            items=[],
            at=START,
            role="COORDINATOR",
        )
    for found in Verification.objects.order_by("?")[:5]:
        Verification.objects.filter(pk=found.pk).update(state="COMPLETE", fallen=[])
    code = draw.choice(KINDS[:-1])
    VerificationPlan.objects.create(
        form=code,
        version=VerificationPlan.objects.filter(form=code).count() + 1,
        items=draw.choice([[], ["*"]]),
        reason="so",
        set_at=START,
        set_by=trial.people["monitor"],
    )
