"""A participant's own record as the site reads it: entries, remarks, and the tasks severe answers raised."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Permission
from accounts.pages import PageRequest, page, working_site
from diary.actions import move_task, remark
from diary.forms import HandOutForm
from diary.page import link_rows
from diary.selectors import (
    call_before,
    diaries,
    entries_of,
    entry_or_404,
    links_of,
    open_tasks,
    task_or_404,
)
from diary.workflow import DiaryTaskState, RemarkKind
from followup.selectors import CLOSED
from participants.actions import read_file
from participants.header import crumbs, strip
from participants.selectors import participant_or_404
from records import clock
from records.files import CONTENT_TYPES
from records.findings import Refused

ON_A_PAGE = 20


@page(Permission.SEE_PARTICIPANTS)
def overview(request: PageRequest) -> HttpResponse:
    """Severe answers that wait, and everybody who keeps a record."""
    site = working_site(request)
    return render(
        request,
        "diary/overview.html",
        {
            "breadcrumb": [(_("Participants' records"), "")],
            "tasks": open_tasks(request.access, Q(participant__site=site) if site else None),
            "participants": diaries(request.access).filter(Q(site=site) if site else Q()),
        },
    )


@page(Permission.SEE_PARTICIPANTS)
def participant(request: PageRequest, pk: int) -> HttpResponse:
    found = participant_or_404(request.access, pk)
    shown = Paginator(entries_of(found), ON_A_PAGE).get_page(request.GET.get("page"))
    may_act = request.access.may(Permission.ENTER_DATA, found.site_id)
    return render(
        request,
        "diary/participant.html",
        {
            "breadcrumb": [*crumbs(found), (_("Own record"), "")],
            "participant": found,
            "strip": strip(found, clock.day(request.now)),
            "entries": shown,
            "pages": shown,
            "links": link_rows(links_of(found), request.now),
            "may_act": may_act,
            "may_contact": request.access.may(Permission.SEE_CONTACTS, found.site_id),
            "hand_out": HandOutForm(initial={"call": call_before(found)})
            if may_act and found.status not in CLOSED
            else None,
        },
    )


def _back(participant_id: int, part: str) -> HttpResponse:
    return redirect(reverse("diary:participant", args=[participant_id]) + part)


@require_POST
@page(Permission.ENTER_DATA)
def remark_on(request: PageRequest, pk: int) -> HttpResponse:
    """Mark an entry as seen, or comment on it."""
    entry = entry_or_404(request.access, pk, Permission.ENTER_DATA)
    comment = request.POST.get("comment", "")[:1000]
    try:
        remark(
            entry=entry,
            kind=RemarkKind.SEEN if request.POST.get("kind") == RemarkKind.SEEN else RemarkKind.COMMENT,
            comment=comment,
            by=request.access.actor(Permission.ENTER_DATA, entry.participant.site_id),
            now=request.now,
        )
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return _back(entry.participant_id, f"#entry-{entry.pk}")


@require_safe
@page(Permission.SEE_PARTICIPANTS)
def photo(request: PageRequest, pk: int) -> HttpResponse:
    """The photo of an entry, to be kept or opened on the person's own machine, never run here."""
    entry = entry_or_404(request.access, pk, Permission.SEE_PARTICIPANTS)
    if entry.photo is None:
        raise Http404
    try:
        content = read_file(entry.photo)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return _back(entry.participant_id, f"#entry-{entry.pk}")
    kind = entry.photo.key.rpartition(".")[2]
    answer = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    answer["Content-Disposition"] = (
        f'attachment; filename="{entry.participant.number}-diary-{entry.pk}.{kind}"'
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@page(Permission.ENTER_DATA)
def task(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a severe answer was seen, or what was done about it."""
    found = task_or_404(request.access, pk)
    try:
        to = DiaryTaskState(request.POST.get("to", ""))
        move_task(
            task=found,
            to=to,
            done=request.POST.get("done", "")[:1000],
            by=request.access.actor(Permission.ENTER_DATA, found.participant.site_id),
            now=request.now,
        )
    except ValueError:
        messages.error(request, _("Choose what to do with it."))
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    return _back(found.participant_id, f"#entry-{found.entry_id}")
