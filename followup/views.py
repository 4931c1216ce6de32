"""Pages of follow-up; the calendar and the reminders themselves stand on the participant's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from followup.actions import settle_reminder as settle
from followup.selectors import reminder_or_404
from followup.workflow import Settlement
from records.findings import Refused

SAID = {
    Settlement.DELIVERED: lambda: _("Recorded: the reminder was delivered."),
    Settlement.SEND_AGAIN: lambda: _("The reminder is sent again within a few minutes."),
}


@page(Permission.SETTLE_REMINDERS)
@require_POST
def settle_reminder(request: PageRequest, pk: int) -> HttpResponse:
    """Decide about one reminder that failed or may not have arrived."""
    reminder = reminder_or_404(request.access, pk)
    try:
        settlement = Settlement(request.POST.get("settlement", ""))
    except ValueError:
        messages.error(request, _("Choose what to do with the reminder."))
    else:
        by = request.access.actor(Permission.SETTLE_REMINDERS, reminder.participant.site_id)
        try:
            settle(reminder=reminder, settlement=settlement, by=by, now=request.now)
        except Refused as refused:
            messages.error(request, str(refused.sentence))
        else:
            messages.success(request, SAID[settlement]())
    return redirect(reverse("casebook:participant", args=[reminder.participant_id]) + "#reminders")
