from followup.actions.ending import follow_end, record_screen_failure
from followup.actions.planner import (
    follow_anchor,
    follow_form,
    follow_status,
    replan_all_where_needed,
    replan_participant,
)
from followup.actions.reminders import (
    abandon,
    claim,
    conclude,
    create_due_reminders,
    drop_reminders,
    hand_over,
    settle_reminder,
)
from followup.actions.responses import keep_responses_in_step
from followup.actions.unscheduled import add_unscheduled_visit

__all__ = [
    "abandon",
    "add_unscheduled_visit",
    "claim",
    "conclude",
    "create_due_reminders",
    "drop_reminders",
    "follow_anchor",
    "follow_end",
    "follow_form",
    "follow_status",
    "hand_over",
    "keep_responses_in_step",
    "record_screen_failure",
    "replan_all_where_needed",
    "replan_participant",
    "settle_reminder",
]
