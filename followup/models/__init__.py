from followup.models.calendar import CalendarBasis
from followup.models.forms import TumourResponse
from followup.models.reminders import Reminder, ReminderAttempt

__all__ = ["CalendarBasis", "Reminder", "ReminderAttempt", "TumourResponse"]
