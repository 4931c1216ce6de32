"""What may be done with an import now; each refusal is a sentence for the screen."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.access import GRANTS, Access, Permission
from imports.models import ImportJob
from imports.workflow import IMPORT_MOVES, IMPORT_WORDS, ImportState
from records import clock
from records.findings import Refused


def ask_move(job: ImportJob, to: ImportState) -> None:
    """Refuse a step that the table of moves does not have."""
    if to not in IMPORT_MOVES[job.state]:
        raise Refused(
            _("An import that is “%(now)s” cannot become “%(to)s”.")
            % {"now": job.status_words, "to": IMPORT_WORDS[to]}
        )


def file_of(key: str) -> Path:
    """Where an uploaded file stands."""
    return Path(settings.FILES_ROOT) / "imports" / key


def sound_file(job: ImportJob) -> Path:
    """Give the uploaded file where it is still the one that was uploaded; Refused otherwise."""
    if job.file_removed:
        raise Refused(_("The file is no longer kept. Upload it again."))
    path = file_of(job.key)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as missing:
        raise Refused(_("The file is not in its folder. Upload it again.")) from missing
    if digest != job.sha256:
        raise Refused(_("The file is not the one that was uploaded. Upload it again."))
    return path


def ordered_by_somebody_entitled(job: ImportJob, now: datetime) -> bool:
    """Whether who ordered the import may still import at its site, in the role it was ordered in."""
    person = job.ordered_by
    if person is None or not person.is_active or Permission.IMPORT not in GRANTS.get(job.ordered_as, ()):
        return False
    holdings = Access.of(person, clock.day(now)).holdings
    return any(one.role == job.ordered_as and one.site_id in (None, job.site_id) for one in holdings)
