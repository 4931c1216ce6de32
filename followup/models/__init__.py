from followup.models.calendar import CalendarBasis
from followup.models.disposition import Disposition
from followup.models.forms import TumourResponse
from followup.models.reminders import Reminder, ReminderAttempt, ReminderMessage
from followup.models.reminding import Heartbeat, ReminderPreference, ReminderRule
from followup.models.survival import SurvivalFollowUp
from followup.models.symptoms import SymptomRecord

__all__ = [
    "CalendarBasis",
    "Disposition",
    "Heartbeat",
    "Reminder",
    "ReminderAttempt",
    "ReminderMessage",
    "ReminderPreference",
    "ReminderRule",
    "SurvivalFollowUp",
    "SymptomRecord",
    "TumourResponse",
]
