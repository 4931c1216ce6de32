"""Run a saved export now, or take it out of use."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Permission
from accounts.pages import PageRequest, page
from exports import definition_actions
from exports.selectors import definition_or_404
from exports.views import queued
from records.findings import Refused


@require_POST
@page(Permission.EXPORT)
def run(request: PageRequest, pk: int) -> HttpResponse:
    """Queue an export of a saved definition; where it is refused, the list says why."""
    definition = definition_or_404(request.access, pk)
    try:
        job = definition_actions.run_definition(
            access=request.access,
            definition=definition,
            by=request.access.actor(Permission.EXPORT, None),
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return redirect("exports:list")
    return queued(job)


@require_POST
@page(Permission.EXPORT)
def retire(request: PageRequest, pk: int) -> HttpResponse:
    """Take a saved export out of use."""
    definition = definition_or_404(request.access, pk)
    definition_actions.retire_definition(
        definition_id=definition.pk, by=request.access.actor(Permission.EXPORT, None), now=request.now
    )
    messages.success(
        request,
        _("“%(name)s” is retired. Its files stay as long as they were to be kept.")
        % {"name": definition.name},
    )
    return redirect("exports:list")
