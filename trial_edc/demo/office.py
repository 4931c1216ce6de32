"""What is done at no participant's visit: checks that time brings, reminders, exports, imports."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from accounts.access import SYSTEM, Access, Permission
from accounts.models import Site
from eligibility.models import Laboratory
from exports.actions import begin, cancel, fail, request_export
from exports.asked import Asked
from exports.definition_actions import save_definition
from exports.schedules import Schedule
from exports.workflow import ExportFailure
from followup.actions import (
    claim,
    conclude,
    create_due_reminders,
    gather_messages,
    hand_over,
    note_bounce,
)
from followup.due_reminders import due_now
from followup.models import ReminderMessage
from followup.workflow import Outcome
from imports.actions import assign_columns, upload
from imports.mapping import Column, Mapping, VisitBy
from participants.actions import run_daily_checks
from records import clock
from safety.actions import keep_deviations, watch
from safety.selectors.deviations import participants_to_look_at
from trial_edc.demo.scene import OPENS_AT, actor_of

WEEKS_BEFORE = timedelta(weeks=3)


class Fate(Enum):
    """What befalls a message: its outcome and the server's answer."""

    SENT = (Outcome.SENT, 250)
    CAME_BACK = (Outcome.SENT, 251)
    REFUSED = (Outcome.REFUSED, 550)
    SILENCE = (Outcome.UNCERTAIN, None)
    WAITS = (Outcome.RETRY, 451)


# Of the messages still of use when the demo opens, counted from the first; the others are sent.
FATES = {1: Fate.REFUSED, 2: Fate.SILENCE, 3: Fate.CAME_BACK, 4: Fate.WAITS}


def work_in_the_office() -> None:
    """Let time bring what it brings until the morning, and send the reminders of the weeks before."""
    remind()
    run_daily_checks(by=SYSTEM, now=OPENS_AT - timedelta(hours=5))
    for participant in participants_to_look_at(clock.day(OPENS_AT)):
        keep_deviations(participant=participant, names=("LABS",), by=SYSTEM, now=OPENS_AT)
    watch(by=SYSTEM, now=OPENS_AT)
    export()
    bring_in()


# ---- reminders ------------------------------------------------------------------------------------


def remind() -> None:
    """Let three weeks of mornings bring their messages, and the last one what still waits."""
    needed, place = set(due_now(OPENS_AT)), 0
    for days in range(WEEKS_BEFORE.days, 0, -1):
        at = OPENS_AT - timedelta(days=days)
        create_due_reminders(by=SYSTEM, now=at)
        gather_messages(by=SYSTEM, now=at)
        for message in ReminderMessage.objects.filter(gathered_at=at).order_by("pk"):
            lasts = any(one.key in needed for one in message.reminders.all())
            fate = FATES.get(place, Fate.SENT) if lasts else Fate.WAITS
            place += lasts
            _let_befall(message, fate, at)
    # By the morning some windows have passed: what was not sent of them is not needed any more.
    create_due_reminders(by=SYSTEM, now=OPENS_AT)


def _let_befall(message: ReminderMessage, fate: Fate, at: datetime) -> None:
    attempt = claim(message_id=message.pk, by=SYSTEM, now=at)
    if attempt is None:
        return
    outcome, code = fate.value
    if outcome in (Outcome.SENT, Outcome.UNCERTAIN):
        hand_over(attempt=attempt, by=SYSTEM, now=at)
    conclude(attempt=attempt, outcome=outcome, answer=code, by=SYSTEM, now=at + timedelta(seconds=2))
    if fate is Fate.CAME_BACK:
        note_bounce(message_id=message.message_id, code="5.1.1", by=SYSTEM, now=at + timedelta(minutes=3))


# ---- exports --------------------------------------------------------------------------------------


def export() -> None:
    """One was cancelled, one failed for want of space; one waits for the worker, which writes it once the demo runs; one is saved."""
    manager = actor_of("datamanager", Permission.EXPORT)
    access = Access.of(manager.author, clock.day(OPENS_AT))
    asked = {"access": access, "sites": None, "by": manager}
    first = request_export(historical=True, now=OPENS_AT - timedelta(days=1), **asked)  # type: ignore[arg-type]
    cancel(job_id=first.pk, by=manager, now=OPENS_AT - timedelta(days=1) + timedelta(minutes=1))
    second = request_export(historical=True, now=OPENS_AT - timedelta(hours=20), **asked)  # type: ignore[arg-type]
    tried = OPENS_AT - timedelta(hours=19, minutes=59)
    begin(job_id=second.pk, by=SYSTEM, now=tried)
    fail(
        job_id=second.pk,
        failure=ExportFailure.STORAGE,
        detail="OSError: No space left on device",
        by=SYSTEM,
        now=tried + timedelta(seconds=9),
    )
    request_export(historical=False, now=OPENS_AT - timedelta(minutes=20), **asked)  # type: ignore[arg-type]
    save_definition(
        name="For the statistician",
        historical=False,
        asked=Asked(format="parquet", deidentified=True),
        kept_days=14,
        schedule=Schedule.WEEKLY,
        now=OPENS_AT - timedelta(hours=1),
        **asked,  # type: ignore[arg-type]
    )


# ---- imports --------------------------------------------------------------------------------------


def bring_in() -> None:
    """A file of a site's laboratory waits for its dry run: results as they are stored, one corrected, one of a stranger."""
    at = OPENS_AT - timedelta(minutes=30)
    manager = actor_of("datamanager", Permission.IMPORT)
    access = Access.of(manager.author, clock.day(OPENS_AT))
    site = Site.objects.get(code="01")
    known = Laboratory.objects.filter(participant__site=site, visit__code="SCR", afp_u="ng/mL")
    rows = [
        [one.participant.number, "SCR", str(one.afp)]
        for one in known.exclude(afp=None).select_related("participant").order_by("participant__number")[:4]
    ]
    rows[1][2] = str(Decimal(rows[1][2]) + 100)
    rows.append(["01-099", "SCR", "12"])
    lines = [["number", "visit", "AFP"], *rows]
    file = "".join(",".join(line) + "\r\n" for line in lines).encode()
    job = upload(access=access, site=site, form="LB", chunks=[file], now=at)
    assign_columns(
        job_id=job.pk,
        mapping=Mapping(
            form="LB",
            participant="number",
            visit_by=VisitBy.CODE,
            visit="visit",
            columns=(Column("AFP", "afp", unit="ng/mL"),),
            submit=True,
        ),
        save_as="AFP of the laboratory",
        by=manager,
        now=at + timedelta(minutes=2),
    )
