"""Files added on a form's page: taken before the form is read, so that none is lost when the form is refused."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.pages import PageRequest
from participants.actions import store_file
from participants.models import CaseReportForm, Participant, StoredFile
from records.entry import EntryForm
from records.files import is_key
from records.findings import Refused
from records.items import FileItem, items_of


@cache
def file_items(model: type[CaseReportForm]) -> tuple[FileItem, ...]:
    return tuple(item for item in items_of(model) if isinstance(item, FileItem))


def take_files(
    request: PageRequest, model: type[CaseReportForm], participant: Participant
) -> tuple[QueryDict, dict[str, str]]:
    """What was posted with the key of each file added in its place, and what was refused, by item.

    Nothing is stored for somebody who may not enter data here. A key must be one of this participant's files.
    """
    refused: dict[str, str] = {}
    items = file_items(model)
    if not items or not request.access.may(Permission.ENTER_DATA, participant.site_id):
        return request.POST, refused
    posted = request.POST.copy()
    by = request.access.actor(Permission.ENTER_DATA, participant.site_id)
    for item in items:
        upload = request.FILES.get(f"{item.name}__file")
        try:
            if upload is not None:
                posted[item.name] = _take(upload, participant, by, request)
            elif posted.get(f"{item.name}__drop"):
                posted[item.name] = ""
            elif posted.get(item.name):
                _ask_own(str(posted[item.name]), participant)
        except Refused as refusal:
            refused[item.name] = str(refusal.sentence)
    return posted, refused


def _take(upload: Any, participant: Participant, by: Actor, request: PageRequest) -> str:
    stored = store_file(participant=participant, content=upload, size=upload.size, by=by, now=request.now)
    return stored.key


def _ask_own(key: str, participant: Participant) -> None:
    """Refuse a key of somebody else's file; one that is no key at all is refused where the form is read."""
    if is_key(key) and not StoredFile.objects.filter(key=key, participant=participant).exists():
        raise Refused(_("Add the file again."))


def to_add_again(request: PageRequest, model: type[CaseReportForm]) -> dict[str, str]:
    """The files of a post from which none is taken, by item, as refused."""
    return {
        item.name: _("Add the file again.")
        for item in file_items(model)
        if f"{item.name}__file" in request.FILES
    }


def show_refused(form: EntryForm, refused: dict[str, str]) -> None:
    """Put what was refused of files at their items."""
    if refused:
        form.is_valid()
        for name, sentence in refused.items():
            form.add_error(name, sentence)
