"""Whom reports of serious adverse events go to; a data manager names and retires recipients here."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Access
from accounts.pages import PageRequest, page
from records.findings import Refused
from safety.actions import add_recipient, retire_recipient
from safety.forms import NAMES_RECIPIENTS, RecipientForm
from safety.models import ReportRecipient


def _known_to(access: Access) -> QuerySet[ReportRecipient]:
    return ReportRecipient.objects.filter(Q(site=None) | access.at_sites(NAMES_RECIPIENTS))


@page(NAMES_RECIPIENTS)
def recipients(request: PageRequest) -> HttpResponse:
    """Those of every site and of the sites where one names them; what is of another site is not shown."""
    form = RecipientForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        try:
            add_recipient(
                **form.cleaned_data,
                by=request.access.actor_at(NAMES_RECIPIENTS, form.cleaned_data["site"]),
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
            "recipients": _known_to(request.access).select_related("site", "added_by", "retired_by"),
            "everywhere": request.access.everywhere(NAMES_RECIPIENTS),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@page(NAMES_RECIPIENTS)
def retire(request: PageRequest) -> HttpResponse:
    """Send no further reports there."""
    wanted = request.POST.get("recipient", "")
    pk = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
    recipient = get_object_or_404(_known_to(request.access), pk=pk)
    try:
        retire_recipient(
            recipient=recipient,
            by=request.access.actor_at(NAMES_RECIPIENTS, recipient.site),
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return redirect("safety:recipients")
