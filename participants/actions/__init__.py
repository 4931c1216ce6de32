from participants.actions.discrepancies import (
    confirm_discrepancy,
    reopen_discrepancy,
    run_cross_checks,
    run_daily_checks,
)
from participants.actions.files import read_file, store_file
from participants.actions.path import (
    approve_consent,
    close_visit,
    follow_consent,
    move_participant,
    move_visit,
    note_visit_progress,
    refuse_after_the_end,
    register,
    register_once,
    set_anchor,
)
from participants.actions.schedules import adopt_next_schedule, adopt_schedule

__all__ = [
    "adopt_next_schedule",
    "adopt_schedule",
    "approve_consent",
    "close_visit",
    "confirm_discrepancy",
    "follow_consent",
    "move_participant",
    "move_visit",
    "note_visit_progress",
    "read_file",
    "refuse_after_the_end",
    "register",
    "register_once",
    "reopen_discrepancy",
    "run_cross_checks",
    "run_daily_checks",
    "set_anchor",
    "store_file",
]
