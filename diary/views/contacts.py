"""Contact details of a participant, for whoever has the right to see them at the site and for nobody else."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from diary.actions import consented, keep_contact, withdraw_contact
from diary.contact_cipher import decrypted
from diary.forms import ContactForm, WithdrawForm
from diary.selectors import contact_of
from participants.header import crumbs
from participants.models import Participant
from participants.selectors import participant_or_404
from records.findings import Refused


@never_cache
@page(Permission.SEE_CONTACTS)
def contact(request: PageRequest, pk: int) -> HttpResponse:
    participant = participant_or_404(request.access, pk, Permission.SEE_CONTACTS)
    details, holds = contact_of(participant), consented(participant)
    kept = asdict(decrypted(details.ciphertext)) if details else None
    form = ContactForm(request.POST or None, initial=kept, consented=holds)
    if request.method == "POST" and form.is_valid():
        try:
            keep_contact(
                participant=participant,
                contact=form.contact,
                signed_on=form.cleaned_data.get("signed_on"),
                by=request.access.actor(Permission.SEE_CONTACTS, participant.site_id),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("The contact details are kept."))
            return redirect("diary:contact", pk)
    return _shown(request, participant, form, WithdrawForm() if holds else None)


@never_cache
@require_POST
@page(Permission.SEE_CONTACTS)
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Note that the consent was withdrawn, and remove the details."""
    participant = participant_or_404(request.access, pk, Permission.SEE_CONTACTS)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            withdraw_contact(
                participant=participant,
                signed_on=form.cleaned_data["signed_on"],
                by=request.access.actor(Permission.SEE_CONTACTS, participant.site_id),
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("The consent is withdrawn and the contact details are removed."))
            return redirect("diary:contact", pk)
    holds, details = consented(participant), contact_of(participant)
    kept = asdict(decrypted(details.ciphertext)) if details else None
    return _shown(request, participant, ContactForm(initial=kept, consented=holds), form if holds else None)


def _shown(
    request: PageRequest, participant: Participant, form: ContactForm, withdrawing: WithdrawForm | None
) -> HttpResponse:
    own_record = (_("Own record"), reverse("diary:participant", args=[participant.pk]))
    refused = form.errors or (withdrawing is not None and withdrawing.errors)
    return render(
        request,
        "diary/contact.html",
        {
            "breadcrumb": [*crumbs(participant), own_record, (_("Contact details"), "")],
            "participant": participant,
            "form": form,
            "withdrawing": withdrawing,
            "consents": participant.contact_consents.select_related("by").order_by("-id"),
        },
        status=422 if refused else 200,
    )
