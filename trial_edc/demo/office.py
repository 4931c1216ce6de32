"""What is done at no participant's visit: checks that time brings, reminders, exports."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.access import SYSTEM, Access, Permission
from exports.actions import begin, cancel, fail, request_export
from exports.asked import Asked
from exports.definition_actions import save_definition
from exports.schedules import Schedule
from exports.workflow import ExportFailure
from followup.actions.reminders import claim, conclude, create_due_reminders, hand_over
from followup.models import Reminder
from followup.workflow import Outcome, ReminderState
from participants.actions import run_daily_checks
from records import clock
from safety.actions import keep_deviations, watch
from safety.selectors.deviations import participants_to_look_at
from trial_edc.demo.scene import OPENS_AT, actor_of

SIX_DAYS_BEFORE = OPENS_AT - timedelta(days=6)
ANSWERS = {Outcome.SENT: 250, Outcome.REFUSED: 550, Outcome.RETRY: 451}
A_FEW_DAYS = timedelta(days=3)


def work_in_the_office() -> None:
    """Let time bring what it brings until the morning, and send the reminders of the week before."""
    remind(SIX_DAYS_BEFORE)
    run_daily_checks(by=SYSTEM, now=OPENS_AT - timedelta(hours=5))
    for participant in participants_to_look_at(clock.day(OPENS_AT)):
        keep_deviations(participant=participant, names=("LABS",), by=SYSTEM, now=OPENS_AT)
    watch(by=SYSTEM, now=OPENS_AT)
    export()


# ---- reminders ------------------------------------------------------------------------------------


def remind(at: datetime) -> None:
    """Send what is due: most mails go out, one is refused for good, of one no answer comes, one has to wait."""
    create_due_reminders(by=SYSTEM, now=at)
    place = 0
    for reminder in Reminder.objects.filter(status=ReminderState.DUE).order_by("pk"):
        outcome = _outcome(place, reminder)
        place += outcome is not Outcome.RETRY
        attempt = claim(reminder_id=reminder.pk, by=SYSTEM, now=at) if outcome else None
        if outcome is None or attempt is None:
            continue
        if outcome in (Outcome.SENT, Outcome.UNCERTAIN):
            hand_over(attempt=attempt, by=SYSTEM, now=at)
        code = ANSWERS.get(outcome)
        conclude(attempt=attempt, outcome=outcome, answer=code, by=SYSTEM, now=at + timedelta(seconds=2))
    # By the morning some windows have passed: what was not sent of them is not needed any more.
    create_due_reminders(by=SYSTEM, now=OPENS_AT)


def _outcome(place: int, reminder: Reminder) -> Outcome | None:
    """How a mail of the week fared; None: it has to wait.

    The server is busy for those whose window soon closes: by the morning another reminder takes their place.
    """
    closes = reminder.window_close
    if closes is not None and closes - A_FEW_DAYS <= clock.day(OPENS_AT):
        return Outcome.RETRY
    first = {0: Outcome.REFUSED, 1: Outcome.UNCERTAIN}
    return first.get(place, None if place % 5 == 4 else Outcome.SENT)


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
