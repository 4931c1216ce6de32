"""Times to an event: progression-free and overall survival, recurrence-free survival, duration of response.

A history goes in; a date, event or censoring, the rule that decided and its reason come out. Nothing is read or
stored. Source: protocol specification sections 6.4 and 6.5.
"""

from followup.endpoints.deriving import (
    Endpoint,
    Rule,
    duration_of_response,
    missed_slots,
    overall_survival,
    progression_free,
    recurrence_free,
    time_to_progression,
)
from followup.endpoints.history import (
    Assessment,
    History,
    ImpossibleHistory,
    Intent,
    Operation,
    Slot,
    Treatment,
)

__all__ = [
    "Assessment",
    "Endpoint",
    "History",
    "ImpossibleHistory",
    "Intent",
    "Operation",
    "Rule",
    "Slot",
    "Treatment",
    "duration_of_response",
    "missed_slots",
    "overall_survival",
    "progression_free",
    "recurrence_free",
    "time_to_progression",
]
