"""Exports on the worklist of whoever asked for them."""

from __future__ import annotations

from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casebook.worklist.distance import since_moment
from casebook.worklist.sections import Desk, Found, Line, Section, found_in
from exports.models import ExportDownload, ExportJob
from exports.selectors import PERMISSIONS, within_reach
from exports.workflow import ExportState

# Where the file of each content is handed out.
FILES = {
    ExportJob.Content.DATA: "exports:download",
    ExportJob.Content.TRAIL: "exports:trail_download",
    ExportJob.Content.COPY: "exports:copy_download",
}
WORDS = {
    ExportJob.Content.DATA: lambda: _("Data of the trial"),
    ExportJob.Content.TRAIL: lambda: _("Audit trail"),
    ExportJob.Content.COPY: lambda: _("Certified copy of a site"),
}


def _ready(desk: Desk, first: int, last: int) -> Found:
    """What this person asked for, is written, and was not taken away by them."""
    theirs = Q()
    for content in PERMISSIONS:
        theirs |= within_reach(desk.access, content)
    taken = ExportDownload.objects.filter(job=OuterRef("pk"), by=desk.access.user)
    found = ExportJob.objects.filter(
        theirs, ~Exists(taken), requested_by=desk.access.user, status=str(ExportState.DONE)
    )
    return found_in(found.order_by("finished_at", "pk"), first, last, partial(_line, desk))


def _line(desk: Desk, job: ExportJob) -> Line:
    content = ExportJob.Content(job.content)
    rows = ngettext("%(count)s row", "%(count)s rows", job.rows or 0) % {"count": job.rows}
    return {
        "who": _("No. %(number)s") % {"number": job.pk},
        "what": f"{WORDS[content]()} · {rows}",
        "when": since_moment(job.finished_at, desk.moment) if job.finished_at else "",
        "url": reverse(FILES[content], args=[job.pk]),
        "action": _("Download"),
        "state": "complete",
        "words": str(job.status_words),
        "late": False,
    }


READY = Section("exports", lambda: _("Exports ready"), frozenset(PERMISSIONS.values()), _ready)
