from safety.actions.deviations import draft_deviations, keep_deviations, watch
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
    "draft_deviations",
    "file_report",
    "keep_deviations",
    "mark_clocks",
    "name_first_recipients",
    "retire_recipient",
    "watch",
]
