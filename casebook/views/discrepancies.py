"""Answering what a check across forms found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from participants.actions import confirm_discrepancy
from participants.selectors import discrepancy_or_404
from records.findings import Refused


@require_POST
@page(Permission.ENTER_DATA)
def confirm(request: PageRequest, pk: int) -> HttpResponse:
    """Say why two forms are right as they stand, and go back to the one the check stands at."""
    discrepancy = discrepancy_or_404(request.access, pk)
    by = request.access.actor(Permission.ENTER_DATA, discrepancy.participant.site_id)
    try:
        confirm_discrepancy(
            discrepancy=discrepancy, comment=request.POST.get("comment", ""), by=by, now=request.now
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    else:
        messages.success(request, _("The check is confirmed."))
    return redirect(
        reverse("casebook:entry", args=[discrepancy.visit_id, discrepancy.form, discrepancy.repeat])
    )
