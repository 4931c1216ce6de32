"""Handing out a link to a participant's record, on a sheet that is shown once; taking it back."""

from __future__ import annotations

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from diary.actions import hand_out_link, revoke_link
from diary.forms import HandOutForm
from diary.selectors import link_or_404
from participants.header import crumbs
from participants.selectors import participant_or_404
from records.findings import Refused


@never_cache
@require_POST
@page(Permission.ENTER_DATA)
def hand_out(request: PageRequest, pk: int) -> HttpResponse:
    """Make a link and show its sheet: the only time the token is seen."""
    participant = participant_or_404(request.access, pk, Permission.ENTER_DATA)
    form = HandOutForm(request.POST)
    there = redirect("diary:participant", pk)
    if not form.is_valid():
        messages.error(request, _("Write the number the participant calls."))
        return there
    try:
        link, token = hand_out_link(
            participant=participant,
            call=form.cleaned_data["call"],
            by=request.access.actor(Permission.ENTER_DATA, participant.site_id),
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return there
    address = f"{settings.SITE_ADDRESS}{reverse('diary:phone')}#{token}"
    return render(
        request,
        "diary/sheet.html",
        {
            "breadcrumb": [*crumbs(participant), (_("Own record"), there.url), (_("Link"), "")],
            "participant": participant,
            "link": link,
            "address": address,
            "picture": segno.make(address, error="m").svg_data_uri(scale=6, border=4),
        },
    )


@require_POST
@page(Permission.ENTER_DATA)
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    link = link_or_404(request.access, pk)
    try:
        revoke_link(
            link=link,
            why=request.POST.get("why", "")[:200],
            by=request.access.actor(Permission.ENTER_DATA, link.participant.site_id),
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    else:
        messages.success(request, _("The link is revoked: nothing more is taken by it."))
    return redirect(reverse("diary:participant", args=[link.participant_id]) + "#links")
