from followup.actions.ending import follow_end, record_screen_failure
from followup.actions.messages import abandon, claim, conclude, hand_over, note_bounce, settle_message
from followup.actions.planner import (
    follow_anchor,
    follow_form,
    follow_status,
    replan_all_where_needed,
    replan_participant,
)
from followup.actions.reminders import create_due_reminders, drop_reminders, gather_messages
from followup.actions.reminding import beat, set_rule, set_wishes
from followup.actions.responses import keep_responses_in_step
from followup.actions.unscheduled import add_unscheduled_visit

__all__ = [
    "abandon",
    "add_unscheduled_visit",
    "beat",
    "claim",
    "conclude",
    "create_due_reminders",
    "drop_reminders",
    "follow_anchor",
    "follow_end",
    "follow_form",
    "follow_status",
    "gather_messages",
    "hand_over",
    "keep_responses_in_step",
    "note_bounce",
    "record_screen_failure",
    "replan_all_where_needed",
    "replan_participant",
    "set_rule",
    "set_wishes",
    "settle_message",
]
