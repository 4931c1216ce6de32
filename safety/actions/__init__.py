from safety.actions.deviations import (
    judge_noted,
    judge_what_is_noted,
    keep_deviations,
    note_rules_to_judge,
    watch,
)
from safety.actions.reports import (
    acknowledge,
    add_recipient,
    file_report,
    mark_clocks,
    name_first_recipients,
    retire_recipient,
)

__all__ = [
    "acknowledge",
    "add_recipient",
    "file_report",
    "judge_noted",
    "judge_what_is_noted",
    "keep_deviations",
    "mark_clocks",
    "name_first_recipients",
    "note_rules_to_judge",
    "retire_recipient",
    "watch",
]
