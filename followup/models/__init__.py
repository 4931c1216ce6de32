from followup.models.forms import TumourResponse
from followup.models.reminders import Reminder, ReminderAttempt

__all__ = ["Reminder", "ReminderAttempt", "TumourResponse"]
