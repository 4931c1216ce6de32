"""What may be done with an export now; each refusal is a sentence for the screen."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from exports.asked import Asked
from exports.formats.registry import WHOLE, keys, label_of
from exports.models import MOST_DAYS_KEPT, ExportDefinition, ExportJob
from exports.workflow import EXPORT_MOVES, ExportState
from records.definition import forms
from records.findings import Refused


def ask_move(job: ExportJob, to: ExportState) -> None:
    """Refuse a step that the table of moves does not have."""
    if to not in EXPORT_MOVES[ExportState(job.status)]:
        raise Refused(
            _("An export that is “%(now)s” cannot become “%(to)s”.")
            % {"now": job.status_words, "to": ExportJob(status=to).status_words}
        )


def ask_wishes(asked: Asked, *, historical: bool, kept_days: int) -> None:
    """Refuse wishes that exclude each other, or that nobody knows."""
    if asked.format not in keys() or asked.labels not in ("", "en", "zh"):
        raise Refused(_("This format is not known."))
    if not set(asked.forms) <= set(forms()):
        raise Refused(_("This form is not known."))
    if asked.since and asked.until and asked.until < asked.since:
        raise Refused(_("The period ends before it begins."))
    if not 1 <= kept_days <= MOST_DAYS_KEPT:
        raise Refused(_("A file is kept for 1 to %(days)s days.") % {"days": MOST_DAYS_KEPT})
    if asked.deidentified and (asked.trail or historical):
        raise Refused(
            _("The audit trail and historical screening entries cannot be de-identified: leave them out.")
        )
    if asked.deidentified and (asked.since or asked.until):
        raise Refused(
            _(
                "Days of entry cannot narrow a de-identified export, because they would tell how far its dates were "
                "moved: leave out the first and the last day."
            )
        )
    if asked.format in WHOLE and (
        historical or asked != Asked(format=asked.format, leave_out=asked.leave_out)
    ):
        raise Refused(
            _("%(format)s holds everything of its sites as it is: ask for it without other choices.")
            % {"format": label_of(asked.format)}
        )
    if asked.masked and not asked.deidentified:
        raise Refused(_("Sites are masked only in a de-identified export."))


def ask_saved(definition: ExportDefinition) -> None:
    """Refuse a saved export whose wishes are no longer fulfilled, though they were when it was saved."""
    ask_wishes(Asked.of(definition.asked), historical=definition.historical, kept_days=definition.kept_days)


def file_of(job: ExportJob) -> Path:
    """Where an export's file stands or will stand."""
    return Path(settings.EXPORT_ROOT) / f"export-{job.pk:06d}.zip"


def sound_file(job: ExportJob) -> Path:
    """Give an export's file where it is still the one that was written; Refused otherwise."""
    if not job.done:
        raise Refused(_("This export has no file."))
    if job.removed_at is not None:
        raise Refused(_("The file was deleted when its time was over. Request the export again."))
    path = file_of(job)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as missing:
        raise Refused(_("The file is no longer kept. Request the export again.")) from missing
    if digest != job.sha256:
        raise Refused(
            _("The file was changed after it was written, so it is not handed out. Request the export again.")
        )
    return path
