"""Whom reports of serious adverse events go to; a data manager names and retires recipients here."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from records.findings import Refused
from safety.actions import add_recipient, retire_recipient
from safety.forms import RecipientForm
from safety.models import ReportRecipient


@page(Permission.CHANGE_STUDY_SETTINGS)
def recipients(request: PageRequest) -> HttpResponse:
    form = RecipientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_recipient(
                **form.cleaned_data,
                by=request.access.actor(Permission.CHANGE_STUDY_SETTINGS, None),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("The recipient is added."))
            return redirect("safety:recipients")
    return render(
        request,
        "safety/recipients.html",
        {
            "breadcrumb": [(_("Safety"), reverse("safety:overview")), (_("Recipients of reports"), "")],
            "recipients": ReportRecipient.objects.select_related("site", "added_by", "retired_by"),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@page(Permission.CHANGE_STUDY_SETTINGS)
def retire(request: PageRequest) -> HttpResponse:
    """Send no further reports there."""
    wanted = request.POST.get("recipient", "")
    pk = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
    try:
        retire_recipient(
            recipient=get_object_or_404(ReportRecipient, pk=pk),
            by=request.access.actor(Permission.CHANGE_STUDY_SETTINGS, None),
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return redirect("safety:recipients")
