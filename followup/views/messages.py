"""What a person decides about a message with reminders, and how the queue of messages does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, back_to, page
from followup.actions import settle_message as settle
from followup.queue import health, messages_to_settle
from followup.selectors import message_or_404
from followup.workflow import Settlement
from records.findings import Refused

SAID = {
    Settlement.DELIVERED: lambda: _("Recorded: the reminder was delivered."),
    Settlement.SEND_AGAIN: lambda: _("The reminder is sent again within a few minutes."),
}


@page(Permission.SETTLE_REMINDERS)
@require_POST
def settle_message(request: PageRequest, pk: int) -> HttpResponse:
    """Decide about one message that failed, came back or may not have arrived; goes back to where it was asked."""
    message = message_or_404(request.access, pk)
    try:
        settlement = Settlement(request.POST.get("settlement", ""))
    except ValueError:
        messages.error(request, _("Choose what to do with the reminder."))
    else:
        by = request.access.actor(Permission.SETTLE_REMINDERS, message.site_id)
        try:
            settle(message=message, settlement=settlement, by=by, now=request.now)
        except Refused as refused:
            messages.error(request, str(refused.sentence))
        else:
            messages.success(request, SAID[settlement]())
    return redirect(back_to(request, request.POST.get("next", "")))


@page(Permission.SEE_QUEUE)
def queue(request: PageRequest) -> HttpResponse:
    """Whether reminders get out: signs of life, lag, counts, failures. Nothing of any participant."""
    return render(
        request,
        "followup/queue.html",
        {
            "breadcrumb": [(_("Queue of reminders"), "")],
            "health": health(request.now),
            "to_settle": messages_to_settle(request.access),
            "may_settle": request.access.may_somewhere(Permission.SETTLE_REMINDERS),
            "may_see_rules": request.access.may_somewhere(Permission.SEE_PARTICIPANTS),
        },
    )
